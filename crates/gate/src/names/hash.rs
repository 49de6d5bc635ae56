//! The seeded hash of a name, label by label from the root down, so that the
//! hashes of all ancestors fall out on the way. Its seed never leaves the
//! machine: who chooses names can't choose where they collide.

use crate::name::NAME_OCTETS_MAX;

/// More labels than this fit in no name.
const LABELS_MAX: usize = NAME_OCTETS_MAX.div_ceil(2);

/// A secret that differs from process to process, or from snapshot to snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seed([u64; 2]);

/// Where the labels of a name start.
#[derive(Debug)]
pub(crate) struct Labels {
    starts: [u8; LABELS_MAX],
    count: usize,
    /// The name with its root label, in lower case.
    octets: usize,
}

impl Seed {
    /// A seed from random octets.
    pub(crate) fn new(octets: [u8; 16]) -> Self {
        let [low, high] = [&octets[..8], &octets[8..]]
            .map(|half| half.first_chunk().map_or(0, |eight| u64::from_le_bytes(*eight)));
        Self([low, high | 1])
    }

    /// The octets it can be made from again.
    pub(crate) fn to_octets(self) -> [u8; 16] {
        let mut octets = [0; 16];
        octets[..8].copy_from_slice(&self.0[0].to_le_bytes());
        octets[8..].copy_from_slice(&self.0[1].to_le_bytes());
        octets
    }

    /// The hash of the root.
    pub(crate) fn root(self) -> u64 {
        self.0[0]
    }

    /// The hash of the name that `label` (with its length octet) makes below `above`.
    #[inline]
    pub(crate) fn label(self, above: u64, label: &[u8]) -> u64 {
        let mut hash = above;
        let mut rest = label;
        while let Some((block, more)) = rest.split_first_chunk::<16>() {
            hash = mix(hash ^ word(&block[..8]), self.0[1] ^ word(&block[8..]));
            rest = more;
        }
        let (low, high) = match rest.len() {
            0 => return hash,
            1..4 => {
                let [first, middle, last] = [rest[0], rest[rest.len() / 2], rest[rest.len() - 1]];
                (u64::from_le_bytes([first, middle, last, 0, 0, 0, 0, 0]), 0)
            }
            4..8 => (half(rest), half(&rest[rest.len() - 4..])),
            _ => (word(rest), word(&rest[rest.len() - 8..])),
        };
        mix(hash ^ low, self.0[1] ^ high)
    }

    /// The hash of a whole name in wire form and lower case.
    pub(crate) fn name(self, wire: &[u8]) -> Option<u64> {
        Some(Labels::of(wire)?.hash(self, wire))
    }
}

impl Labels {
    /// The labels of the uncompressed name that `octets` begin with; `None` where
    /// there is none.
    #[inline]
    pub(crate) fn of(octets: &[u8]) -> Option<Self> {
        let mut labels = Self::none();
        labels.read(octets).then_some(labels)
    }

    /// No labels yet.
    pub(crate) fn none() -> Self {
        Self { starts: [0; LABELS_MAX], count: 0, octets: 0 }
    }

    /// Takes the labels of the uncompressed name that `octets` begin with in the place
    /// of its own; false where there is none.
    #[inline]
    pub(crate) fn read(&mut self, octets: &[u8]) -> bool {
        (self.count, self.octets) = (0, 0);
        let mut at = 0;
        loop {
            let Some(length) = octets.get(at).map(|length| usize::from(*length)) else {
                return false;
            };
            if length > 63 || at + 1 + length > NAME_OCTETS_MAX {
                return false;
            }
            if length == 0 {
                self.octets = at + 1;
                return true;
            }
            let Some(start) = self.starts.get_mut(self.count) else { return false };
            *start = u8::try_from(at).unwrap_or(u8::MAX);
            self.count += 1;
            at += 1 + length;
        }
    }

    /// How many octets the name has, with its root label.
    #[inline]
    pub(crate) fn octets(&self) -> usize {
        self.octets
    }

    /// How many labels the name has, the root not counted.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// The hash of the name in wire form and lower case that these are the labels of.
    #[inline]
    pub(crate) fn hash(&self, seed: Seed, wire: &[u8]) -> u64 {
        self.root_first().fold(seed.root(), |above, (at, next)| seed.label(above, &wire[at..next]))
    }

    /// Start and end of each label, that next to the root first.
    #[inline]
    pub(crate) fn root_first(&self) -> impl Iterator<Item = (usize, usize)> {
        let mut next = self.octets - 1;
        self.starts[..self.count].iter().rev().map(move |start| {
            let at = usize::from(*start);
            (at, std::mem::replace(&mut next, at))
        })
    }
}

/// The product of both, folded: each bit depends on all.
#[inline]
fn mix(a: u64, b: u64) -> u64 {
    let (low, high) = a.carrying_mul(b, 0);
    low ^ high
}

#[inline]
fn word(octets: &[u8]) -> u64 {
    octets.first_chunk().map_or(0, |eight| u64::from_le_bytes(*eight))
}

#[inline]
fn half(octets: &[u8]) -> u64 {
    octets.first_chunk().map_or(0, |four| u32::from_le_bytes(*four)).into()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const SEED: [u8; 16] = *b"0123456789abcdef";

    #[test]
    fn labels_come_from_the_root_down() {
        let wire = b"\x03www\x04evil\x07example\0\0\x01";
        let labels = Labels::of(wire).unwrap();
        assert_eq!((labels.octets(), labels.len()), (18, 3));
        let found: Vec<_> = labels.root_first().map(|(at, next)| &wire[at..next]).collect();
        assert_eq!(found, [&b"\x07example"[..], b"\x04evil", b"\x03www"]);
        assert_eq!(Labels::of(b"\0").unwrap().len(), 0);
    }

    #[test]
    fn what_is_no_name_has_no_labels() {
        for octets in [&b""[..], b"\x03ww", b"\xc0\x0c", b"\x01a", &b"\x01a".repeat(128)] {
            assert!(Labels::of(octets).is_none(), "{octets:?}");
        }
        let long: Vec<u8> = b"\x01a".repeat(127).into_iter().chain([0]).collect();
        assert_eq!(Labels::of(&long).unwrap().len(), 127);
        let wide = [&b"\x3f"[..], &[b'a'; 63]].concat().repeat(4);
        assert!(Labels::of(&[&wide[..], b"\0"].concat()).is_none());
    }

    #[test]
    fn a_hash_depends_on_every_octet_and_on_the_seed() {
        let seed = Seed::new(SEED);
        assert_eq!(Seed::new(seed.to_octets()), seed);
        let mut seen = HashSet::new();
        for length in 0..63_u8 {
            let mut label = vec![b'a'; usize::from(length) + 1];
            label[0] = length;
            assert!(seen.insert(seed.label(seed.root(), &label)), "length {length}");
            for at in 1..label.len() {
                label[at] = b'b';
                assert!(seen.insert(seed.label(seed.root(), &label)), "{length}, octet {at}");
                label[at] = b'a';
            }
        }
        let name = b"\x03www\x07example\0";
        assert_ne!(seed.name(name), Seed::new(*b"fedcba9876543210").name(name));
        assert_ne!(seed.name(name), seed.name(b"\x07example\x03www\0"));
        assert_ne!(seed.name(b"\x01a\x02bc\0"), seed.name(b"\x02ab\x01c\0"));
    }
}
