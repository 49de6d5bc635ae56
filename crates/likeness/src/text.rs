//! `Text`: a message as words and slots, each with its place in the original.
//!
//! What two disguises of one text have in common is the hash of each word: folded
//! letters without leetspeak and doubled letters. Nothing here grows with more than
//! the first [`CHARS_MAX`] characters.

use std::ops::Range;

use crate::fold::{fold, letter};
use crate::slot::{Slot, is_currency, link_start, mixed_slot, number_slot};

/// Characters of a text that are looked at; what follows can't be compared.
pub const CHARS_MAX: usize = 8_192;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Part of the fixed text.
    Word,
    /// A part that changes.
    Slot(Slot),
}

/// One word or slot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    /// The hash of a word; 0 for slots.
    pub(crate) hash: u64,
    /// Its octets in the original.
    from: u32,
    to: u32,
    /// Its letters.
    first: u32,
    past: u32,
}

/// A text taken apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Text {
    tokens: Vec<Token>,
    letters: Vec<char>,
}

impl Token {
    /// Its octets in the original text.
    pub(crate) fn span(&self) -> Range<usize> {
        self.from as usize..self.to as usize
    }
}

impl Text {
    /// The text as it is; names of whom it is written to are slots too.
    pub(crate) fn new(original: &str) -> Self {
        let mut text = Self::plain(original);
        text.find_names(original);
        text
    }

    /// The same without looking for names, for which the table of words is needed.
    pub(crate) fn plain(original: &str) -> Self {
        let mut text = Self::default();
        Runs::of(original).take_apart(&mut text);
        text.merge();
        text
    }

    /// Words and slots in order.
    pub(crate) fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The folded letters of a word.
    pub(crate) fn letters(&self, token: &Token) -> &[char] {
        &self.letters[token.first as usize..token.past as usize]
    }

    fn push(&mut self, kind: Kind, place: Range<u32>, letters: impl Iterator<Item = char>) {
        let first = small(self.letters.len());
        if kind == Kind::Word {
            self.letters.extend(letters);
        }
        let past = small(self.letters.len());
        let hash = hash_letters(&self.letters[first as usize..]);
        let hash = if kind == Kind::Word { hash } else { 0 };
        self.tokens.push(Token { kind, hash, from: place.start, to: place.end, first, past });
    }

    /// Joins neighbours: letters that were spaced out, slots of one kind, sums and
    /// their currency.
    fn merge(&mut self) {
        let mut merged: Vec<Token> = Vec::with_capacity(self.tokens.len());
        let mut at = 0;
        while at < self.tokens.len() {
            let spaced = self.spaced_out(at);
            if spaced >= 3 {
                let last = self.tokens[at + spaced - 1];
                let joined = Token { to: last.to, past: last.past, ..self.tokens[at] };
                merged.push(Token { hash: hash_letters(self.letters(&joined)), ..joined });
                at += spaced;
                continue;
            }
            self.add(&mut merged, self.tokens[at]);
            at += 1;
        }
        self.tokens = merged;
    }

    /// How many single Latin letters follow one another from `at`.
    fn spaced_out(&self, at: usize) -> usize {
        let single = |token: &&Token| {
            token.kind == Kind::Word
                && matches!(self.letters(token), [one] if one.is_ascii_alphabetic())
        };
        self.tokens[at..].iter().take_while(single).count()
    }

    fn add(&self, merged: &mut Vec<Token>, token: Token) {
        let Some(last) = merged.last_mut() else { return merged.push(token) };
        let currency = |token: &Token| token.kind == Kind::Word && is_currency(self.letters(token));
        let number = |token: &Token| matches!(token.kind, Kind::Slot(Slot::Number | Slot::Amount));
        if (currency(last) && number(&token)) || (number(last) && currency(&token)) {
            last.kind = Kind::Slot(Slot::Amount);
            (last.hash, last.to) = (0, token.to);
        } else if token.kind != Kind::Word && token.kind == last.kind {
            last.to = token.to;
        } else {
            merged.push(token);
        }
    }

    /// A capitalised, unusual word after a greeting is whom the text is written to.
    fn find_names(&mut self, original: &str) {
        for at in 1..self.tokens.len() {
            let (greeting, token) = (self.tokens[at - 1], self.tokens[at]);
            let greets = greeting.kind == Kind::Word && is_greeting(self.letters(&greeting));
            let capital = original[token.span()].starts_with(char::is_uppercase);
            if greets
                && capital
                && token.kind == Kind::Word
                && !crate::background::is_known(token.hash)
            {
                self.tokens[at].kind = Kind::Slot(Slot::Name);
                self.tokens[at].hash = 0;
            }
        }
    }
}

fn is_greeting(letters: &[char]) -> bool {
    // As folded: `l` reads as `i`.
    const WORDS: [&str; 20] = [
        "dear", "hi", "heiio", "hey", "beste", "geachte", "dag", "haiio", "hoi", "cher", "chere",
        "bonjour", "saiut", "iiebe", "iieber", "hoia", "estimado", "estimada", "caro", "ciao",
    ];
    WORDS.iter().any(|known| letters.iter().copied().eq(known.chars()))
}

/// What of a link follows after a space, as in `http // a.example`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rest {
    None,
    Slashes,
    Host,
}

/// The original, folded, with the place of each character.
struct Runs {
    chars: Vec<char>,
    places: Vec<u32>,
    end: u32,
}

impl Runs {
    fn of(original: &str) -> Self {
        let mut runs = Self {
            chars: Vec::with_capacity(original.len().min(CHARS_MAX)),
            places: Vec::with_capacity(original.len().min(CHARS_MAX)),
            end: small(original.len()),
        };
        for (at, c) in original.char_indices().take(CHARS_MAX) {
            if c.is_whitespace() {
                runs.chars.push(' ');
                runs.places.push(small(at));
            } else {
                let (chars, places) = (&mut runs.chars, &mut runs.places);
                fold(c, |plain| {
                    chars.push(plain);
                    places.push(small(at));
                });
            }
        }
        if let Some((at, _)) = original.char_indices().nth(CHARS_MAX) {
            runs.end = small(at);
        }
        runs
    }

    /// The octets of these characters in the original.
    fn place(&self, range: &Range<usize>) -> Range<u32> {
        self.places[range.start]..self.places.get(range.end).copied().unwrap_or(self.end)
    }

    fn take_apart(&self, text: &mut Text) {
        let mut at = 0;
        let mut rest = Rest::None;
        while let Some(run) = self.next_run(at) {
            at = run.end;
            let chars = &self.chars[run.clone()];
            let slashes = chars.starts_with(&['/', '/']);
            if rest == Rest::Host || (rest == Rest::Slashes && slashes) {
                text.push(Kind::Slot(Slot::Link), self.place(&run), std::iter::empty());
                rest = if slashes && chars.len() == 2 { Rest::Host } else { Rest::None };
                continue;
            }
            rest = if self.run(run, text) { Rest::Slashes } else { Rest::None };
        }
    }

    fn next_run(&self, from: usize) -> Option<Range<usize>> {
        let start = from + self.chars[from..].iter().position(|c| *c != ' ')?;
        let length = self.chars[start..].iter().position(|c| *c == ' ');
        Some(start..length.map_or(self.chars.len(), |length| start + length))
    }

    /// One run without spaces; whether it is a link's beginning that goes on after a space.
    fn run(&self, run: Range<usize>, text: &mut Text) -> bool {
        let chars = &self.chars[run.clone()];
        if let Some(link) = link_start(chars) {
            self.pieces(run.start..run.start + link, text);
            let place = self.place(&(run.start + link..run.end));
            text.push(Kind::Slot(Slot::Link), place, std::iter::empty());
            return chars.len() - link <= "https:".len();
        }
        match number_slot(chars) {
            Some(slot) => text.push(Kind::Slot(slot), self.place(&run), std::iter::empty()),
            None => self.pieces(run, text),
        }
        false
    }

    /// The words of a run: cut at marks, but for those that stand for letters.
    fn pieces(&self, run: Range<usize>, text: &mut Text) {
        let mut start = run.start;
        for at in run.clone() {
            if !self.is_inner(at, &run) {
                self.piece(start..at, text);
                start = at + 1;
            }
        }
        self.piece(start..run.end, text);
    }

    /// Whether the character belongs to a word.
    fn is_inner(&self, at: usize, run: &Range<usize>) -> bool {
        let c = self.chars[at];
        let letter = |at: usize| run.contains(&at) && self.chars[at].is_alphanumeric();
        let stands_for_letter = matches!(c, '@' | '$' | '!' | '|' | '€')
            && letter(at + 1)
            && (at == run.start || letter(at.wrapping_sub(1)));
        c.is_alphanumeric() || stands_for_letter
    }

    fn piece(&self, piece: Range<usize>, text: &mut Text) {
        if piece.is_empty() {
            return;
        }
        let chars = &self.chars[piece.clone()];
        let slot = number_slot(chars).or_else(|| mixed_slot(chars));
        if let Some(slot) = slot {
            return text.push(Kind::Slot(slot), self.place(&piece), std::iter::empty());
        }
        if chars.iter().any(|c| is_wordless(*c)) {
            for at in piece {
                let one = std::iter::once(self.chars[at]);
                text.push(Kind::Word, self.place(&(at..at + 1)), one);
            }
            return;
        }
        text.push(Kind::Word, self.place(&piece), chars.iter().copied().map(letter));
    }
}

/// Scripts that put no spaces between words: each character counts as one.
fn is_wordless(c: char) -> bool {
    matches!(u32::from(c), 0x0e00..=0x0eff | 0x1000..=0x109f | 0x1780..=0x17ff | 0x3040..=0x30ff
        | 0x3400..=0x9fff | 0x2_0000..=0x3_ffff)
}

fn small(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// A hash that grows by one letter at a time; doubled letters count once.
#[derive(Clone, Copy)]
pub(crate) struct WordHash {
    state: u64,
    last: char,
}

impl WordHash {
    pub(crate) fn new() -> Self {
        Self { state: 0x9e37_79b9_7f4a_7c15, last: '\0' }
    }

    pub(crate) fn add(&mut self, letter: char) {
        if letter != self.last {
            self.state =
                (self.state.rotate_left(5) ^ u64::from(letter)).wrapping_mul(0x517c_c1b7_2722_0a95);
            self.last = letter;
        }
    }

    pub(crate) fn finish(self) -> u64 {
        mix(self.state)
    }
}

pub(crate) fn mix(mut hash: u64) -> u64 {
    hash ^= hash >> 32;
    hash = hash.wrapping_mul(0xd6e8_feb8_6659_fd93);
    hash ^ (hash >> 29)
}

pub(crate) fn hash_letters(letters: &[char]) -> u64 {
    let mut hash = WordHash::new();
    letters.iter().for_each(|c| hash.add(*c));
    hash.finish()
}

/// The hash of a word as a person writes it.
pub(crate) fn hash_word(word: &str) -> u64 {
    let mut hash = WordHash::new();
    word.chars().for_each(|c| fold(c, |plain| hash.add(letter(plain))));
    hash.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(original: &str) -> String {
        let text = Text::new(original);
        let word = |token: &Token| match token.kind {
            Kind::Word => text.letters(token).iter().collect::<String>(),
            Kind::Slot(slot) => format!("<{}>", slot.name()),
        };
        text.tokens().iter().map(word).collect::<Vec<_>>().join(" ")
    }

    fn check(original: &str, expect: &str) {
        assert_eq!(shown(original), expect, "{original:?}");
    }

    #[test]
    fn texts_become_words_and_slots() {
        check(
            "Uw pakket: betaal €2,99 via https://a.example/x",
            "uw pakket betaai <amount> via <link>",
        );
        check("Bel 0470 12 34 56 voor 24/11", "bei <number> voor <number>");
        check("click http // a.example now", "ciick <link> now");
        check("pay http //a.example/b", "pay <link>");
        check("Rs 500 or 50 EUR or XXX", "<amount> or <amount> or <number>");
        check("Dear Customer", "dear customer");
        check("Dear Xaveria, hello", "dear <name> heiio");
        check("code 7H3KD92!", "code <code>");
    }

    #[test]
    fn disguises_fall_away() {
        for text in ["P@kk3t", "раkkеt", "PAKKET", "p a k k e t", "p.a.k.k.e.t", "pa\u{200b}kket"]
        {
            assert_eq!(Text::new(text).tokens()[0].hash, hash_word("pakket"), "{text}");
        }
    }

    #[test]
    fn places_are_in_the_original() {
        let original = "Bétaal nú: €5 op https://x.example.";
        let text = Text::new(original);
        let parts: Vec<&str> = text.tokens().iter().map(|t| &original[t.span()]).collect();
        assert_eq!(parts, ["Bétaal", "nú", "€5", "op", "https://x.example."]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_lawful_places(original in "\\PC{0,80}") {
            let text = Text::new(&original);
            let mut end = 0;
            for token in text.tokens() {
                proptest::prop_assert!(original.get(token.span()).is_some());
                proptest::prop_assert!(token.span().start >= end || end == 0);
                end = token.span().start;
            }
        }
    }
}
