//! Maps whose keys are hashes already, and a sieve before them: most words of most
//! texts are in no pattern, and that must cost next to nothing.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::text::mix;

/// Hashes a hash: not at all.
#[derive(Default)]
pub(crate) struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = mix(self.0 ^ u64::from(*byte)));
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

pub(crate) type HashedMap<V> = HashMap<u64, V, BuildHasherDefault<Hashed>>;

/// A set of hashes that may say yes by mistake (about 1 in 60), never no.
#[derive(Debug, Default)]
pub(crate) struct Sieve {
    bits: Box<[u64]>,
}

impl Sieve {
    /// A sieve for `count` keys that holds these.
    pub(crate) fn of<'a>(count: usize, keys: impl Iterator<Item = &'a u64>) -> Self {
        let words = (count.max(4) / 4).next_power_of_two();
        let mut sieve = Self { bits: vec![0; words].into() };
        keys.for_each(|key| sieve.add(*key));
        sieve
    }

    pub(crate) fn add(&mut self, key: u64) {
        let (word, mask) = self.place(key);
        self.bits[word] |= mask;
    }

    /// False if the key was never added.
    pub(crate) fn may_hold(&self, key: u64) -> bool {
        if self.bits.is_empty() {
            return false;
        }
        let (word, mask) = self.place(key);
        self.bits[word] & mask == mask
    }

    pub(crate) fn octets(&self) -> usize {
        self.bits.len() * 8
    }

    fn place(&self, key: u64) -> (usize, u64) {
        let mask = self.bits.len() as u64 - 1;
        let word = usize::try_from(key >> 12 & mask).expect("below the length of the sieve");
        (word, 1 << (key & 63) | 1 << (key >> 6 & 63))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sieve_holds_what_was_added_and_little_else() {
        let keys: Vec<u64> = (0..1_000).map(|n| mix(n + 1)).collect();
        let sieve = Sieve::of(keys.len(), keys.iter());
        assert!(keys.iter().all(|key| sieve.may_hold(*key)));
        let wrong = (5_000..15_000).filter(|n| sieve.may_hold(mix(*n))).count();
        assert!(wrong < 400, "{wrong} of 10,000");
        assert!(!Sieve::default().may_hold(7));
    }
}
