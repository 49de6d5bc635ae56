//! `Print`: what is kept of a text in place of its words, so that it can be found and
//! compared again later: the hash and weight of each word, in order.
//!
//! No word can be read from it, though who knows a word can look for it: it is kept and
//! erased like the text. Misspelt words, which an [`Index`](crate::Index) recognises, are
//! other words here.

use std::collections::HashSet;
use std::sync::OnceLock;

use crate::align::{Likeness, Shared, likeness, weight_in_order};
use crate::background;
use crate::index::each_feature;
use crate::pattern::{LINK, SLOT_WEIGHTS, SLOTS, Word, slot_word};
use crate::text::{Kind, Text, mix};
use crate::vocabulary::Known;

/// Words that are kept; what follows can't be compared.
const WORDS_MAX: usize = 256;
/// Words in a row that say that one text was made of the other.
const RUN: usize = 6;
/// Of these, those that are no slots and mean something: at least so many.
const RUN_TELLING: usize = 3;
const TELLING: f32 = 0.4;
/// Octets of one word, and the first octet of all: how they are written.
const WORD_LEN: usize = 5;
const VERSION: u8 = 1;

/// A text as hashes of its words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Print {
    words: Vec<Known>,
}

impl Print {
    /// The print of a text.
    pub fn of(text: &str) -> Self {
        let text = Text::new(text);
        let tokens = text.tokens().iter().take(WORDS_MAX);
        let words = tokens.map(|token| match token.kind {
            Kind::Slot(slot) => slot_of(slot_word(slot)),
            Kind::Word => word_of(short(token.hash), background::weight(token.hash)),
        });
        Self { words: words.collect() }
    }

    /// Words and slots that are kept.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Where to look for texts like it: hashes of what it has of uncommon pairs and of three
    /// words in a row, the lowest first, so that two texts' first ones are often the same.
    pub fn keys(&self) -> Vec<u64> {
        let mut keys = Vec::new();
        each_feature(self.words.iter().map(|known| (known.word, known.weight)), |key, weight| {
            if weight > 1.0 {
                keys.push(key);
            }
        });
        sorted(keys)
    }

    /// Hashes of each six words in a row that mean something and that no honest text of
    /// ours has, the lowest first.
    pub fn runs(&self) -> Vec<u64> {
        let honest = honest_runs();
        sorted(self.all_runs().filter(|run| !honest.contains(run)).collect())
    }

    fn all_runs(&self) -> impl Iterator<Item = u64> {
        let telling = |known: &&Known| known.word >= SLOTS && known.weight >= TELLING;
        let runs = self.words.windows(RUN);
        runs.filter(move |run| run.iter().filter(telling).count() >= RUN_TELLING)
            .map(|run| run.iter().fold(0, |hash, known| mix(hash ^ u64::from(known.word))))
    }

    /// How like two texts are, by what their words weigh.
    pub fn likeness(&self, other: &Self) -> Likeness {
        let (one, two) = (distinct(&self.words), distinct(&other.words));
        let weigh = |words: &[(Word, f32)]| words.iter().map(|(_, weight)| weight).sum();
        let both = one
            .iter()
            .filter(|(word, _)| two.binary_search_by_key(word, |(word, _)| *word).is_ok());
        let links = [&one, &two].map(|words| u8::from(words.iter().any(|(word, _)| *word == LINK)));
        let shared = Shared {
            both: both.map(|(_, weight)| weight).sum(),
            pattern: weigh(&one),
            text: weigh(&two),
            links: links[0] + links[1],
        };
        let words: Vec<Word> = self.words.iter().map(|known| known.word).collect();
        likeness(shared, weight_in_order(&words, &other.words, &mut Vec::new()))
    }

    /// It as octets: a version, then five for each word.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(1 + self.words.len() * WORD_LEN);
        bytes.push(VERSION);
        for known in &self.words {
            bytes.extend(known.word.to_be_bytes());
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
            bytes.push((known.weight.clamp(0.0, 2.5) * 100.0).round() as u8);
        }
        bytes
    }

    /// Reads what [`Print::to_bytes`] wrote; `None` for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (&version, rest) = bytes.split_first()?;
        if version != VERSION || rest.len() % WORD_LEN != 0 || rest.len() > WORDS_MAX * WORD_LEN {
            return None;
        }
        let words = rest.as_chunks::<WORD_LEN>().0.iter().map(|[a, b, c, d, weight]| {
            let word = Word::from_be_bytes([*a, *b, *c, *d]);
            word_of(word, f32::from(*weight) / 100.0)
        });
        Some(Self { words: words.collect() })
    }
}

fn slot_of(word: Word) -> Known {
    word_of(word, SLOT_WEIGHTS.get(word as usize).copied().unwrap_or_default())
}

fn word_of(word: Word, weight: f32) -> Known {
    Known { word, weight, hash: 0, from: 0, to: 0 }
}

/// A word's hash in four octets, none of them a slot's or the unknown word's.
fn short(hash: u64) -> Word {
    let [_, _, _, _, a, b, c, d] = mix(hash).to_be_bytes();
    Word::from_be_bytes([a, b, c, d]).clamp(SLOTS, Word::MAX - 1)
}

fn distinct(words: &[Known]) -> Vec<(Word, f32)> {
    let mut all: Vec<_> = words.iter().map(|known| (known.word, known.weight)).collect();
    all.sort_unstable_by_key(|(word, _)| *word);
    all.dedup_by_key(|(word, _)| *word);
    all
}

fn sorted(mut hashes: Vec<u64>) -> Vec<u64> {
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

fn honest_runs() -> &'static HashSet<u64> {
    static RUNS: OnceLock<HashSet<u64>> = OnceLock::new();
    RUNS.get_or_init(|| {
        crate::benign().flat_map(|text| Print::of(text).all_runs().collect::<Vec<_>>()).collect()
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ONE: &str = "Bpost: uw pakket 3423 ligt vast bij de douane. Betaal 1,99 euro invoerkosten via https://a.example/x";
    const SAME: &str = "BP0ST uw pakket 77 ligt vast bij de douane! Betaal 2,99 euro invoerkosten https://b.example/y";
    const OTHER: &str = "Hoi, ik ben wat later vanavond, zet jij het eten al op? Groetjes";

    fn common(one: &[u64], two: &[u64]) -> usize {
        one.iter().filter(|hash| two.contains(hash)).count()
    }

    #[test]
    fn a_disguise_has_the_same_keys_and_runs_and_another_text_none() {
        let [one, same, other] = [ONE, SAME, OTHER].map(Print::of);
        assert!(common(&one.keys(), &same.keys()) > 3);
        assert!(common(&one.runs(), &same.runs()) > 0);
        assert_eq!(common(&one.keys(), &other.keys()) + common(&one.runs(), &other.runs()), 0);
        assert!(one.likeness(&same).is_mutation() && !one.likeness(&other).is_mutation());
        let nothing = Print::of("");
        assert!(nothing.is_empty() && nothing.keys().is_empty());
        assert!(!nothing.likeness(&one).is_mutation());
    }

    #[test]
    fn an_honest_text_of_ours_has_no_run() {
        assert!(crate::benign().all(|text| Print::of(text).runs().is_empty()));
    }

    #[test]
    fn a_print_tells_no_word_and_comes_back_whole() {
        let bytes = Print::of(ONE).to_bytes();
        assert!(!String::from_utf8_lossy(&bytes).contains("pakket"));
        let again = Print::from_bytes(&bytes).unwrap();
        assert_eq!((again.keys(), again.runs()), (Print::of(ONE).keys(), Print::of(ONE).runs()));
        assert!(again.likeness(&Print::of(ONE)).score > 0.99);
        let long = Print::of(&"woord ".repeat(9_000));
        assert!(long.len() <= WORDS_MAX && Print::from_bytes(&long.to_bytes()).is_some());
        for bad in [&[][..], &[2], &bytes[..bytes.len() - 1]] {
            assert_eq!(Print::from_bytes(bad), None);
        }
    }

    proptest! {
        #[test]
        fn any_octets_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            if let Some(print) = Print::from_bytes(&bytes) {
                let likeness = print.likeness(&print);
                prop_assert!(likeness.score.is_finite() && print.runs().len() <= print.len());
            }
        }
    }
}
