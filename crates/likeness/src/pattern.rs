//! `Pattern`: a text as numbers of words in a vocabulary, ready to be compared.

use crate::slot::Slot;
use crate::text::{Kind, Text};

/// Tokens of a pattern or text that are aligned; what follows is left out.
pub(crate) const TOKENS_MAX: usize = 512;

/// The number of a word in a vocabulary, or of a kind of slot.
pub(crate) type Word = u32;

/// A word that no vocabulary has.
pub(crate) const UNKNOWN: Word = u32::MAX;

/// The kind of slot that calls to a page.
pub(crate) const LINK: Word = 0;

/// Numbers below this are kinds of slots.
pub(crate) const SLOTS: Word = 5;

/// What a kind of slot weighs: that both texts have a link says a little.
pub(crate) const SLOT_WEIGHTS: [f32; 5] = [0.3, 0.15, 0.3, 0.1, 0.2];

pub(crate) fn slot_word(slot: Slot) -> Word {
    match slot {
        Slot::Link => LINK,
        Slot::Number => 1,
        Slot::Amount => 2,
        Slot::Name => 3,
        Slot::Code => 4,
    }
}

/// The tokens of a text by number, `number` giving those of words.
pub(crate) fn words(text: &Text, mut number: impl FnMut(u64) -> Word) -> Vec<Word> {
    let tokens = text.tokens().iter().take(TOKENS_MAX);
    tokens
        .map(|token| match token.kind {
            Kind::Word => number(token.hash),
            Kind::Slot(slot) => slot_word(slot),
        })
        .collect()
}
