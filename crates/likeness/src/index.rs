//! `Index`: finds which of many patterns a text is a mutation of.
//!
//! Each pattern leaves a sketch: hashes of its uncommon words, of pairs of neighbouring
//! ones and of runs of three words of any kind. A text looks its own up; patterns
//! found several times are candidates, and a candidate counts only once aligned.

use std::collections::HashSet;
use std::sync::OnceLock;

use crate::align::{Likeness, Shared, likeness, pairs, weight_in_order};
use crate::hashed::{HashedMap, Sieve};
use crate::pattern::{LINK, SLOTS, TOKENS_MAX, UNKNOWN, Word};
use crate::text::{Text, mix};
use crate::vocabulary::{Known, Vocabulary};
use crate::why::Why;

/// Patterns that one entry of the sketch leads to. Of more, those whose own hash is
/// lowest stay, the same for every entry: near copies of one another stand in for all.
const LED_TO_MAX: usize = 32;
/// Candidates whose words are counted exactly.
const COUNTED_MAX: usize = 16;
/// Candidates that are aligned.
const ALIGNED_MAX: usize = 4;
/// What the shared entries of a candidate must weigh: more than one word alone.
const SHARED_MIN: f32 = 1.2;
/// Patterns that a single word may lead to; a word in more says too little.
const WORD_LEADS_MAX: usize = 24;
/// What candidates must have in common with the text to be aligned.
const ALIGNED_MIN: f32 = 0.15;
/// What a word must weigh to count as uncommon.
const UNCOMMON: f32 = 0.4;

/// Many patterns, ready to be asked. It is built once and never changed.
#[derive(Debug)]
pub struct Index {
    vocabulary: Vocabulary,
    patterns: Vec<Pattern>,
    /// The sketch: from a hash to `led[from..to]`.
    sketch: HashedMap<(u32, u32)>,
    sieve: Sieve,
    led: Vec<u32>,
}

#[derive(Debug)]
struct Pattern {
    words: Box<[Word]>,
    distinct: Box<[Word]>,
    weight: f32,
    original: Box<str>,
}

/// Room for one question after the other, so that asking allocates nothing. It holds
/// numbers of words, never a text.
#[derive(Debug, Default)]
pub struct Scratch {
    known: Vec<Known>,
    distinct: Vec<(Word, u64, f32)>,
    touched: Vec<u32>,
    counts: Vec<f32>,
    candidates: Vec<(f32, u32)>,
    rows: Vec<f32>,
}

/// The pattern that a text is a mutation of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// Its place among those the index was built from.
    pub pattern: usize,
    /// How like the text is to it.
    pub likeness: Likeness,
}

impl Index {
    /// An index of these patterns, each a message as it was handed over.
    pub fn new<'a>(originals: impl IntoIterator<Item = &'a str>) -> Self {
        let mut vocabulary = Vocabulary::new();
        let mut patterns = Vec::new();
        for original in originals {
            let words = vocabulary.learn(&Text::new(original));
            let mut distinct = words.clone();
            distinct.sort_unstable();
            distinct.dedup();
            let weight = distinct.iter().map(|word| vocabulary.weight(*word)).sum();
            patterns.push(Pattern {
                words: words.into(),
                distinct: distinct.into(),
                weight,
                original: original.into(),
            });
        }
        vocabulary.seal();
        let (sketch, led) = sketch(&vocabulary, &patterns);
        let sieve = Sieve::of(sketch.len(), sketch.keys());
        Self { vocabulary, patterns, sketch, sieve, led }
    }

    /// How many patterns there are.
    pub fn len(&self) -> usize {
        self.patterns.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Octets that the index takes, roughly.
    pub fn octets(&self) -> usize {
        let pattern = |p: &Pattern| {
            size_of::<Pattern>() + (p.words.len() + p.distinct.len()) * 4 + p.original.len()
        };
        let sketch = self.sketch.capacity() * (size_of::<(u64, (u32, u32))>() + 1) * 8 / 7;
        self.patterns.iter().map(pattern).sum::<usize>()
            + self.vocabulary.octets()
            + sketch
            + self.sieve.octets()
            + self.led.len() * 4
    }

    /// The pattern that `text` is a mutation of, the likest if there are several; none if
    /// an honest text of ours ([`crate::benign`]) is liker.
    pub fn find(&self, text: &str, scratch: &mut Scratch) -> Option<Found> {
        let found = self.nearest(text, scratch).filter(|found| found.likeness.is_mutation())?;
        let honest = honest().nearest(text, scratch);
        let liker = honest.is_some_and(|honest| honest.likeness.score > found.likeness.score);
        (!liker).then_some(found)
    }

    /// Whether `text` is a mutation of one pattern, whatever else it is like.
    pub(crate) fn is_mutation(&self, pattern: usize, text: &str, scratch: &mut Scratch) -> bool {
        self.take_in(&Text::new(text), scratch);
        self.likeness_to(pattern, scratch).is_mutation()
    }

    /// The likest pattern among the candidates, however little like `text` it is.
    pub fn nearest(&self, text: &str, scratch: &mut Scratch) -> Option<Found> {
        self.take_in(&Text::new(text), scratch);
        self.gather(scratch);
        self.count(scratch);
        let mut best: Option<Found> = None;
        for at in 0..scratch.candidates.len().min(ALIGNED_MAX) {
            let (in_common, pattern) = scratch.candidates[at];
            if in_common < ALIGNED_MIN {
                break;
            }
            let pattern = pattern as usize;
            let likeness = self.likeness_to(pattern, scratch);
            if best.is_none_or(|best| likeness.margin() > best.likeness.margin()) {
                best = Some(Found { pattern, likeness });
            }
        }
        best
    }

    /// How many different words a pattern has beside its slots, and what they weigh.
    pub(crate) fn substance(&self, pattern: usize) -> (usize, f32) {
        let words = self.patterns[pattern].distinct.iter().filter(|word| **word >= SLOTS);
        let weight = words.clone().map(|word| self.vocabulary.weight(*word)).sum();
        (words.count(), weight)
    }

    /// How like `text` is to one pattern, and why.
    ///
    /// # Panics
    /// If there is no pattern with this number.
    pub fn compare(&self, pattern: usize, text: &str, scratch: &mut Scratch) -> (Likeness, Why) {
        let taken = Text::new(text);
        self.take_in(&taken, scratch);
        let likeness = self.likeness_to(pattern, scratch);
        let model = &self.patterns[pattern];
        let pairs = pairs(&model.words, &scratch.known);
        let why = Why::new(&model.original, text, &taken, &pairs, &scratch.known);
        (likeness, why)
    }

    fn take_in(&self, text: &Text, scratch: &mut Scratch) {
        self.vocabulary.recognise(text, &mut scratch.known);
        let distinct = &mut scratch.distinct;
        distinct.clear();
        distinct.extend(scratch.known.iter().map(|known| (known.word, known.hash, known.weight)));
        distinct.sort_unstable_by_key(|(word, hash, _)| (*word, *hash));
        distinct.dedup_by_key(|(word, hash, _)| (*word, *hash));
    }

    /// Candidates, by what they share of the sketch.
    fn gather(&self, scratch: &mut Scratch) {
        let Scratch { known, touched, counts, candidates, .. } = scratch;
        counts.resize(self.patterns.len(), 0.0);
        let words = known.iter().map(|known| (known.word, known.weight));
        each_feature(words, |key, weight| {
            let held = self.sieve.may_hold(key).then(|| self.sketch.get(&key)).flatten();
            let Some((from, to)) = held else { return };
            for pattern in &self.led[*from as usize..*to as usize] {
                let count = &mut counts[*pattern as usize];
                if *count == 0.0 {
                    touched.push(*pattern);
                }
                *count += weight;
            }
        });
        candidates.clear();
        for pattern in touched.drain(..) {
            let count = std::mem::take(&mut counts[pattern as usize]);
            if count >= SHARED_MIN {
                candidates.push((count, pattern));
            }
        }
        keep_greatest(candidates, COUNTED_MAX);
    }

    /// Sorts candidates by the exact weight of the words that both have.
    fn count(&self, scratch: &mut Scratch) {
        let mut candidates = std::mem::take(&mut scratch.candidates);
        for (score, pattern) in &mut candidates {
            let shared = self.shared(*pattern as usize, &scratch.distinct);
            // One that lies whole within a longer text must not be overlooked.
            *score = shared.jaccard().max(shared.both / shared.pattern.max(1.0) / 2.0);
        }
        candidates.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        scratch.candidates = candidates;
    }

    fn shared(&self, pattern: usize, distinct: &[(Word, u64, f32)]) -> Shared {
        let model = &self.patterns[pattern];
        let mut words = model.distinct.iter().peekable();
        let (mut both, mut text) = (0.0, 0.0);
        for (word, _, weight) in distinct {
            text += weight;
            while words.next_if(|have| *have < word).is_some() {}
            if words.peek() == Some(&word) && *word != UNKNOWN {
                both += weight;
            }
        }
        let first = |words: Option<Word>| words == Some(LINK);
        let links = u8::from(first(model.distinct.first().copied()))
            + u8::from(first(distinct.first().map(|(word, ..)| *word)));
        Shared { both, pattern: model.weight, text, links }
    }

    fn likeness_to(&self, pattern: usize, scratch: &mut Scratch) -> Likeness {
        let shared = self.shared(pattern, &scratch.distinct);
        let words = &self.patterns[pattern].words;
        likeness(shared, weight_in_order(words, &scratch.known, &mut scratch.rows))
    }
}

/// Honest texts, to be held against.
fn honest() -> &'static Index {
    static HONEST: OnceLock<Index> = OnceLock::new();
    HONEST.get_or_init(|| Index::new(crate::benign()))
}

fn keep_greatest(candidates: &mut Vec<(f32, u32)>, most: usize) {
    if candidates.len() > most {
        candidates.select_nth_unstable_by(most - 1, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        candidates.truncate(most);
    }
}

/// The sketch of all patterns, one list after the other.
fn sketch(vocabulary: &Vocabulary, patterns: &[Pattern]) -> (HashedMap<(u32, u32)>, Vec<u32>) {
    let mut lists: HashedMap<Vec<u32>> = HashedMap::default();
    let mut crowded = HashSet::new();
    let mut order: Vec<u32> = (0..u32::try_from(patterns.len()).unwrap_or(u32::MAX)).collect();
    order.sort_by_key(|pattern| (mix(u64::from(*pattern)), *pattern));
    for pattern in order {
        let words = patterns[pattern as usize].words.iter();
        let mut seen = HashSet::new();
        each_feature(words.map(|word| (*word, vocabulary.weight(*word))), |key, weight| {
            if seen.insert(key) {
                let list = lists.entry(key).or_default();
                if weight <= 1.0 && list.len() == WORD_LEADS_MAX {
                    crowded.insert(key);
                } else if list.len() < LED_TO_MAX {
                    list.push(pattern);
                }
            }
        });
    }
    for key in crowded {
        lists.remove(&key);
    }
    let mut led = Vec::new();
    let mut sketch = HashedMap::default();
    sketch.reserve(lists.len());
    for (key, list) in lists {
        let from = u32::try_from(led.len()).unwrap_or(u32::MAX);
        led.extend(list);
        sketch.insert(key, (from, u32::try_from(led.len()).unwrap_or(u32::MAX)));
    }
    (sketch, led)
}

/// Calls `each` with every entry that words leave in the sketch, and what it says.
pub(crate) fn each_feature(
    words: impl Iterator<Item = (Word, f32)>,
    mut each: impl FnMut(u64, f32),
) {
    let key = |kind: u64, parts: [Word; 3]| {
        let [a, b, c] = parts.map(u64::from);
        mix(mix(mix(a ^ (kind << 40)).wrapping_add(b)).wrapping_add(c))
    };
    // The last two words, and the last two uncommon ones.
    let (mut run, mut uncommon) = ([(UNKNOWN, 0f32); 2], [(UNKNOWN, 0f32); 2]);
    for (word, weight) in words.take(TOKENS_MAX) {
        let all_known = word != UNKNOWN && run.iter().all(|(word, _)| *word != UNKNOWN);
        if all_known && (word >= SLOTS || run[1].0 >= SLOTS) {
            let parts = [run[0].0, run[1].0, word];
            each(key(3, parts), run[0].1 + run[1].1 + weight);
        }
        run = [run[1], (word, weight)];
        if weight < UNCOMMON || word < SLOTS {
            continue;
        }
        if word != UNKNOWN {
            each(key(1, [word, 0, 0]), weight);
            for (before, its) in uncommon.iter().filter(|(before, _)| *before != UNKNOWN) {
                each(key(2, [*before, word, 0]), its + weight);
            }
        }
        uncommon = [uncommon[1], (word, weight)];
    }
}

#[cfg(test)]
mod tests;
