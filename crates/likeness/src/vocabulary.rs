//! `Vocabulary`: the words of all patterns, found again although they were misspelt,
//! run together or torn apart.

use crate::background;
use crate::hashed::{HashedMap, Sieve};
use crate::pattern::{SLOT_WEIGHTS, SLOTS, UNKNOWN, Word, slot_word};
use crate::text::{Kind, Text, Token, WordHash};

/// Letters of the shortest word that may be misspelt.
const TYPO_MIN: usize = 5;
/// Letters of the longest word that is looked for by its misspellings.
const TYPO_MAX: usize = 20;
/// Letters of the shortest run that may hide several words.
const GLUED_MIN: usize = 8;
/// Letters of the longest run that is taken apart.
const GLUED_MAX: usize = 400;
/// Letters of the longest word looked for in such a run.
const PART_MAX: usize = 18;

/// All words of all patterns.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    words: HashedMap<Word>,
    /// Hashes of words that lack one letter.
    typos: HashedMap<Word>,
    /// Says quickly that a hash is no word, with or without a letter missing.
    sieve: Sieve,
    weights: Vec<f32>,
}

/// A token of a text that was asked about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Known {
    /// Its number, or [`UNKNOWN`].
    pub(crate) word: Word,
    /// What it weighs.
    pub(crate) weight: f32,
    /// The hash of an unknown word, 0 for others: unknown words differ by it.
    pub(crate) hash: u64,
    /// The first and last token of the text that it is made of.
    pub(crate) from: u16,
    pub(crate) to: u16,
}

impl Vocabulary {
    pub(crate) fn new() -> Self {
        Self { weights: SLOT_WEIGHTS.to_vec(), ..Self::default() }
    }

    /// Prepares to recognise, once all patterns are learnt.
    pub(crate) fn seal(&mut self) {
        self.sieve = Sieve::of(self.words.len() + self.typos.len(), self.words.keys());
        self.typos.keys().for_each(|key| self.sieve.add(*key));
    }

    fn word(&self, hash: u64) -> Option<Word> {
        if self.sieve.may_hold(hash) { self.words.get(&hash).copied() } else { None }
    }

    fn typo(&self, hash: u64) -> Option<Word> {
        if self.sieve.may_hold(hash) { self.typos.get(&hash).copied() } else { None }
    }

    /// Takes up the words of a pattern.
    pub(crate) fn learn(&mut self, text: &Text) -> Vec<Word> {
        let words = crate::pattern::words(text, |hash| {
            *self.words.entry(hash).or_insert_with(|| {
                self.weights.push(background::weight(hash));
                Word::try_from(self.weights.len() - 1).expect("fewer than four billion words")
            })
        });
        for (token, word) in text.tokens().iter().zip(&words) {
            let letters = text.letters(token);
            let worth = self.weights[*word as usize] >= 0.3;
            if *word >= SLOTS && worth && (TYPO_MIN..=TYPO_MAX).contains(&letters.len()) {
                let typos = &mut self.typos;
                each_shorter(letters, |hash| {
                    typos.entry(hash).or_insert(*word);
                });
            }
        }
        words
    }

    pub(crate) fn weight(&self, word: Word) -> f32 {
        self.weights.get(word as usize).copied().unwrap_or(1.0)
    }

    /// Octets that this takes, roughly.
    pub(crate) fn octets(&self) -> usize {
        let entry = size_of::<(u64, Word)>() + 1;
        (self.words.capacity() + self.typos.capacity()) * entry * 8 / 7
            + self.sieve.octets()
            + self.weights.len() * 4
    }

    /// The tokens of a text, each as the word of a pattern that it is, if it is one.
    pub(crate) fn recognise(&self, text: &Text, out: &mut Vec<Known>) {
        out.clear();
        let tokens = text.tokens();
        let mut at = 0;
        while at < tokens.len() && out.len() < crate::pattern::TOKENS_MAX {
            at += self.recognise_at(text, at, out);
        }
    }

    /// Recognises the token at `at`, or a word made of it and those after; how many.
    fn recognise_at(&self, text: &Text, at: usize, out: &mut Vec<Known>) -> usize {
        let token = &text.tokens()[at];
        if let Kind::Slot(slot) = token.kind {
            let word = slot_word(slot);
            out.push(known(word, self.weight(word), at, 1));
            return 1;
        }
        if let Some(word) = self.word(token.hash) {
            out.push(known(word, self.weight(word), at, 1));
            return 1;
        }
        if let Some((word, count)) = self.torn(text, at) {
            out.push(known(word, self.weight(word), at, count));
            return count;
        }
        let letters = text.letters(token);
        if let Some(weight) = background::known_weight(token.hash) {
            out.push(Known { hash: token.hash, ..known(UNKNOWN, weight, at, 1) });
        } else if let Some(word) = self.misspelt(token, letters) {
            out.push(known(word, self.weight(word), at, 1));
        } else if !self.glued(letters, at, out) {
            out.push(Known { hash: token.hash, ..known(UNKNOWN, background::RARE, at, 1) });
        }
        1
    }

    /// A word torn into two or three tokens.
    fn torn(&self, text: &Text, at: usize) -> Option<(Word, usize)> {
        let mut hash = WordHash::new();
        let mut length = 0;
        let tokens = text.tokens()[at..].iter().take(3).enumerate();
        for (nth, token) in tokens.take_while(|(_, token)| token.kind == Kind::Word) {
            let letters = text.letters(token);
            letters.iter().for_each(|c| hash.add(*c));
            length += letters.len();
            if nth > 0
                && length >= 4
                && let Some(word) = self.word(hash.finish())
            {
                return Some((word, nth + 1));
            }
        }
        None
    }

    /// A word with one letter wrong, missing, too many or two swapped.
    fn misspelt(&self, token: &Token, letters: &[char]) -> Option<Word> {
        if !(TYPO_MIN..=TYPO_MAX + 1).contains(&letters.len()) {
            return None;
        }
        let mut found = self.typo(token.hash);
        each_shorter(letters, |hash| {
            if found.is_none() {
                found = self.word(hash).or_else(|| self.typo(hash));
            }
        });
        found.filter(|word| *word >= SLOTS)
    }

    /// Several words without spaces between them, if nearly all of the run is words.
    fn glued(&self, letters: &[char], at: usize, out: &mut Vec<Known>) -> bool {
        if !(GLUED_MIN..=GLUED_MAX).contains(&letters.len()) {
            return false;
        }
        let start = out.len();
        let (mut from, mut covered, mut longest) = (0, 0, 0);
        while from < letters.len() {
            match self.longest_at(&letters[from..]) {
                Some((part, length)) => {
                    out.push(Known { from: small(at), to: small(at), ..part });
                    covered += length;
                    longest = longest.max(length);
                    from += length;
                }
                None => from += 1,
            }
        }
        let several = out.len() - start >= 2;
        let fits = several && longest >= 4 && covered * 10 >= letters.len() * 8;
        if !fits {
            out.truncate(start);
        }
        fits
    }

    /// The longest word that the letters begin with; those of the table count too.
    fn longest_at(&self, letters: &[char]) -> Option<(Known, usize)> {
        let mut hash = WordHash::new();
        let mut found = None;
        for (nth, letter) in letters.iter().take(PART_MAX).enumerate() {
            hash.add(*letter);
            let key = hash.finish();
            if let Some(word) = self.word(key) {
                found = Some((known(word, self.weight(word), 0, 1), nth + 1));
            } else if nth > 0 && background::is_known(key) {
                found = Some((unknown(key, 0), nth + 1));
            }
        }
        found.filter(|(_, length)| *length > 1)
    }
}

fn known(word: Word, weight: f32, at: usize, count: usize) -> Known {
    Known { word, weight, hash: 0, from: small(at), to: small(at + count - 1) }
}

fn unknown(hash: u64, at: usize) -> Known {
    Known { hash, ..known(UNKNOWN, background::weight(hash), at, 1) }
}

fn small(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}

/// The hashes of a word without each of its letters in turn.
fn each_shorter(letters: &[char], mut each: impl FnMut(u64)) {
    let mut before = WordHash::new();
    for left_out in 0..letters.len() {
        if left_out == 0 || letters[left_out] != letters[left_out - 1] {
            let mut hash = before;
            letters[left_out + 1..].iter().for_each(|letter| hash.add(*letter));
            each(hash.finish());
        }
        before.add(letters[left_out]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of `pattern` that are recognised in `text`, by their place in it.
    fn check(pattern: &str, text: &str, expect: &[usize]) {
        let mut vocabulary = Vocabulary::new();
        let words = vocabulary.learn(&Text::new(pattern));
        vocabulary.seal();
        let mut found = Vec::new();
        vocabulary.recognise(&Text::new(text), &mut found);
        let places: Vec<usize> = found
            .iter()
            .filter_map(|known| words.iter().position(|word| *word == known.word))
            .collect();
        assert_eq!(places, expect, "{text}");
    }

    #[test]
    fn words_are_recognised_in_disguise() {
        let pattern = "douane pakket wacht zendkosten";
        check(pattern, "Douane P4KKET wacht zendkosten", &[0, 1, 2, 3]);
        check(pattern, "duoane pakkt wachtt zendkozten", &[0, 1, 2, 3]);
        check(pattern, "dou ane pak-ket wa.cht zend kos ten", &[0, 1, 2, 3]);
        check(pattern, "douanepakketwachtzendkosten", &[0, 1, 2, 3]);
        check(pattern, "d o u a n e p a k k e t wacht", &[0, 1, 2]);
        check(pattern, "een heel ander verhaal", &[]);
    }

    #[test]
    fn long_runs_without_words_stay_unknown() {
        check("douane pakket", "onverstaanbaarheidsgezeur", &[]);
    }
}
