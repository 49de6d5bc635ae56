//! Alignment: which words of two texts stand for one another, in order.

use crate::pattern::{TOKENS_MAX, UNKNOWN, Word};
use crate::vocabulary::Known;

/// How like a text is to a pattern, by what their words weigh.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Likeness {
    /// From 0 (nothing in common) to 1 (the same but for slots).
    pub score: f32,
    /// How much of the pattern stands in the text, in order.
    pub of_pattern: f32,
    /// How much of the text is the pattern's.
    pub of_text: f32,
    /// What the shared words weigh; one that is not in everyday use weighs 1.
    pub evidence: f32,
    /// The score from which on it is a mutation: more where there is less to go by.
    pub needed: f32,
}

impl Likeness {
    /// Whether this is a mutation of the pattern: like enough for what there is to go
    /// by, or one of the two lies nearly whole in the other.
    pub fn is_mutation(&self) -> bool {
        self.margin() >= 0.0
    }

    /// How far beyond what is needed this is.
    pub(crate) fn margin(&self) -> f32 {
        let whole = if self.evidence >= WHOLE_EVIDENCE {
            self.of_pattern.max(self.of_text) - WHOLE
        } else {
            -1.0
        };
        (self.score - self.needed).max(whole)
    }
}

/// How much of one text must lie in the other for that alone to be enough, and what
/// the shared words must weigh then.
const WHOLE: f32 = 0.7;
const WHOLE_EVIDENCE: f32 = 3.5;

/// The least score where neither, one or both texts have a link: fraud without a link
/// has only its words to be known by.
const NEEDED: [f32; 3] = [0.4, 0.2, 0.15];
/// What is asked on top of that where evidence is scarce.
const SCARCE: f32 = 0.2;

/// What is known without order: the weight of the words that both have, and of each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shared {
    pub(crate) both: f32,
    pub(crate) pattern: f32,
    pub(crate) text: f32,
    /// How many of the two have a link.
    pub(crate) links: u8,
}

impl Shared {
    pub(crate) fn jaccard(&self) -> f32 {
        self.both / (self.pattern + self.text - self.both).max(0.01)
    }
}

/// The likeness, from the words that both have and how many of them are in order.
pub(crate) fn likeness(shared: Shared, in_order: f32) -> Likeness {
    let both = (shared.both + in_order.min(shared.both)) / 2.0;
    let score = both / (shared.pattern + shared.text - both).max(0.01);
    Likeness {
        score,
        of_pattern: in_order / shared.pattern.max(0.01),
        of_text: in_order / shared.text.max(0.01),
        evidence: shared.both,
        needed: NEEDED[usize::from(shared.links.min(2))] + SCARCE / shared.both.max(0.1),
    }
}

/// The greatest weight of words that both have in the same order.
pub(crate) fn weight_in_order(pattern: &[Word], text: &[Known], rows: &mut Vec<f32>) -> f32 {
    let width = text.len() + 1;
    rows.clear();
    rows.resize(width * 2, 0.0);
    let (mut above, mut row) = (0, width);
    for word in pattern {
        for (at, known) in text.iter().enumerate() {
            rows[row + at + 1] = if known.word == *word {
                rows[above + at] + known.weight
            } else {
                rows[above + at + 1].max(rows[row + at])
            };
        }
        std::mem::swap(&mut above, &mut row);
    }
    rows[above + width - 1]
}

/// The pairs of places (pattern, text) of the heaviest common words in order.
pub(crate) fn pairs(pattern: &[Word], text: &[Known]) -> Vec<(usize, usize)> {
    let (pattern, text) = (&pattern[..pattern.len().min(TOKENS_MAX)], text);
    let width = text.len() + 1;
    let mut table = vec![0f32; width * (pattern.len() + 1)];
    for (i, word) in pattern.iter().enumerate() {
        for (j, known) in text.iter().enumerate() {
            table[(i + 1) * width + j + 1] = if known.word == *word && *word != UNKNOWN {
                table[i * width + j] + known.weight
            } else {
                table[i * width + j + 1].max(table[(i + 1) * width + j])
            };
        }
    }
    let (mut i, mut j) = (pattern.len(), text.len());
    let mut pairs = Vec::new();
    while i > 0 && j > 0 {
        if pattern[i - 1] == text[j - 1].word && pattern[i - 1] != UNKNOWN {
            (i, j) = (i - 1, j - 1);
            pairs.push((i, j));
        } else if table[(i - 1) * width + j] >= table[i * width + j - 1] {
            i -= 1;
        } else {
            j -= 1;
        }
    }
    pairs.reverse();
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(words: &[Word]) -> Vec<Known> {
        let known = |word: &Word| Known { word: *word, weight: 1.0, hash: 0, from: 0, to: 0 };
        words.iter().map(known).collect()
    }

    #[test]
    fn what_is_in_order_counts() {
        let check = |pattern: &[Word], words: &[Word], expect: f32| {
            assert_eq!(weight_in_order(pattern, &text(words), &mut Vec::new()), expect);
            assert_eq!(pairs(pattern, &text(words)).len() as f32, expect);
        };
        check(&[7, 8, 9], &[7, 8, 9], 3.0);
        check(&[7, 8, 9], &[9, 8, 7], 1.0);
        check(&[7, 8, 9], &[1, 7, 2, 9], 2.0);
        check(&[7, 8, 9], &[], 0.0);
        check(&[], &[7], 0.0);
    }

    #[test]
    fn pairs_name_their_places() {
        assert_eq!(pairs(&[7, 8, 9], &text(&[1, 7, 9])), [(0, 1), (2, 2)]);
    }

    #[test]
    fn scarce_evidence_and_missing_links_ask_for_more() {
        let is = |both: f32, links| {
            let shared = Shared { both, pattern: both * 2.0, text: both * 2.5, links };
            likeness(shared, both).is_mutation()
        };
        assert!(is(5.0, 2) && is(5.0, 1) && !is(5.0, 0));
        assert!(is(1.5, 2) && !is(0.4, 1));
    }

    #[test]
    fn one_that_lies_whole_in_the_other_is_enough() {
        let is = |both: f32, text| {
            let shared = Shared { both, pattern: both * 1.1, text, links: 0 };
            likeness(shared, both).is_mutation()
        };
        assert!(is(4.0, 60.0));
        assert!(!is(3.0, 60.0));
    }
}
