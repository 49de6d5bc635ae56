//! Other ways to find near copies, measured in the same run: equality of normalised
//! texts, Jaccard of character 5-grams as MinHash estimates it, SimHash and TLSH.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use tlsh2::TlshDefaultBuilder;

const GRAM: usize = 5;
const HASHES: u64 = 128;

/// One way, with the patterns that it knows.
pub(crate) enum Baseline {
    Exact(HashSet<String>),
    MinHash(&'static str, f64, Vec<Vec<u64>>),
    SimHash(&'static str, u32, Vec<u64>),
    Tlsh(&'static str, i32, Vec<tlsh2::TlshDefault>),
}

impl Baseline {
    pub(crate) fn all(patterns: &[String]) -> Vec<Self> {
        let minhashes: Vec<_> = patterns.iter().map(|text| minhash(text)).collect();
        let simhashes: Vec<_> = patterns.iter().map(|text| simhash(text)).collect();
        let digests = || patterns.iter().filter_map(|text| tlsh(text)).collect();
        vec![
            Self::Exact(patterns.iter().map(|text| normalised(text)).collect()),
            Self::MinHash("MinHash of 5-grams, Jaccard 0.4", 0.4, minhashes.clone()),
            Self::MinHash("MinHash of 5-grams, Jaccard 0.3", 0.3, minhashes),
            Self::SimHash("SimHash of 5-grams, 8 of 64 bits", 8, simhashes.clone()),
            Self::SimHash("SimHash of 5-grams, 14 of 64 bits", 14, simhashes),
            Self::Tlsh("TLSH, distance 60", 60, digests()),
            Self::Tlsh("TLSH, distance 100", 100, digests()),
        ]
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Exact(_) => "the same once normalised",
            Self::MinHash(name, ..) | Self::SimHash(name, ..) | Self::Tlsh(name, ..) => name,
        }
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Exact(known) => {
                let text = normalised(text);
                !text.is_empty() && known.contains(&text)
            }
            Self::MinHash(_, least, known) => {
                let own = minhash(text);
                if own == minhash("") {
                    return false;
                }
                known.iter().any(|other| {
                    let same = own.iter().zip(other).filter(|(a, b)| a == b).count();
                    same as f64 >= least * HASHES as f64
                })
            }
            Self::SimHash(_, most, known) => {
                let own = simhash(text);
                own != 0 && known.iter().any(|other| (own ^ other).count_ones() <= *most)
            }
            Self::Tlsh(_, most, known) => tlsh(text)
                .is_some_and(|own| known.iter().any(|other| own.diff(other, true) <= *most)),
        }
    }
}

/// Lower case, digits and links left out, single spaces.
fn normalised(text: &str) -> String {
    let words = text.split_whitespace().filter(|word| !word.contains('/') && !word.contains('.'));
    let plain = |word: &str| -> String {
        word.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect()
    };
    words.map(plain).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn grams(text: &str) -> Vec<u64> {
    let chars: Vec<char> = normalised(text).chars().collect();
    let hash = |gram: &[char]| {
        let mut hasher = DefaultHasher::new();
        gram.hash(&mut hasher);
        hasher.finish()
    };
    chars.windows(GRAM).map(hash).collect()
}

fn minhash(text: &str) -> Vec<u64> {
    let grams = grams(text);
    let least = |nth: u64| {
        let salted = |gram: &u64| {
            (gram ^ nth.wrapping_mul(0x9e37_79b9_7f4a_7c15))
                .wrapping_mul(0xd6e8_feb8_6659_fd93)
                .rotate_left(29)
                .wrapping_mul(0x517c_c1b7_2722_0a95)
        };
        grams.iter().map(salted).min().unwrap_or_default()
    };
    (1..=HASHES).map(least).collect()
}

fn simhash(text: &str) -> u64 {
    let mut sums = [0i32; 64];
    for gram in grams(text) {
        for (bit, sum) in sums.iter_mut().enumerate() {
            *sum += if gram >> bit & 1 == 1 { 1 } else { -1 };
        }
    }
    sums.iter().enumerate().fold(0, |hash, (bit, sum)| hash | u64::from(*sum > 0) << bit)
}

fn tlsh(text: &str) -> Option<tlsh2::TlshDefault> {
    TlshDefaultBuilder::build_from(normalised(text).as_bytes())
}
