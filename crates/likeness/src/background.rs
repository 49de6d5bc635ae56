//! How much a word says: nothing for the words that every text is made of, a little
//! for those that honest notices use too, all for the rest.
//!
//! The table is our own: words that we chose, and the texts of [`crate::benign`].

use std::sync::OnceLock;

use crate::hashed::HashedMap;
use crate::text::{Kind, Text, hash_word};

/// The weight of a word that no table knows.
pub(crate) const RARE: f32 = 1.0;

type Weights = HashedMap<f32>;

fn weights() -> &'static Weights {
    static WEIGHTS: OnceLock<Weights> = OnceLock::new();
    WEIGHTS.get_or_init(|| {
        let mut weights = from_benign();
        weights.extend(from_table(include_str!("../data/common.txt")));
        weights
    })
}

/// The table's words: lines `weight: words`; `#` begins a comment.
fn from_table(table: &str) -> Weights {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    let rows = lines.filter_map(|line| {
        let (weight, words) = line.split_once(':')?;
        Some((weight.trim().parse::<f32>().ok()?, words))
    });
    rows.flat_map(|(weight, words)| {
        words.split_whitespace().map(move |word| (hash_word(word), weight))
    })
    .collect()
}

/// Words of honest notices: the more of them use it, the less it says.
fn from_benign() -> Weights {
    let mut seen: HashedMap<u16> = HashedMap::default();
    for line in crate::benign() {
        let text = Text::plain(line);
        let mut hashes: Vec<u64> =
            text.tokens().iter().filter(|t| t.kind == Kind::Word).map(|t| t.hash).collect();
        hashes.sort_unstable();
        hashes.dedup();
        for hash in hashes {
            *seen.entry(hash).or_default() += 1;
        }
    }
    seen.into_iter()
        .map(|(hash, texts)| (hash, (0.95 - 0.1 * f32::from(texts).log2()).max(0.4)))
        .collect()
}

/// What the word with this hash weighs, from 0 to 1.
pub(crate) fn weight(hash: u64) -> f32 {
    weights().get(&hash).copied().unwrap_or(RARE)
}

/// What a word weighs if a table knows it.
pub(crate) fn known_weight(hash: u64) -> Option<f32> {
    weights().get(&hash).copied()
}

/// Whether a table knows the word.
pub(crate) fn is_known(hash: u64) -> bool {
    weights().contains_key(&hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        let table = include_str!("../data/common.txt");
        let lines = table.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        let rows = lines.clone().filter(|line| !from_table(line).is_empty()).count();
        assert_eq!(rows, lines.count());
        assert!(from_table(table).len() > 600);
    }

    #[test]
    fn rare_words_say_more() {
        let of = |word: &str| weight(hash_word(word));
        assert!(of("the") < of("account"));
        assert!(of("pakket") < of("zwendelaar"));
        assert!(is_known(hash_word("und")) && !is_known(hash_word("zwendelaar")));
    }
}
