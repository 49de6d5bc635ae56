//! The bytes of a spool segment: a head, then records, each with its length and a
//! checksum. Knows no file.
//!
//! | part | octets | |
//! |---|---|---|
//! | head | 16 | `BFSPOOL`, version 1, the segment's number |
//! | mark | 4 | begins each record |
//! | length | 4 | of the sealed bytes |
//! | name | 32 | the object's |
//! | check | 16 | of SHA-256 over number, length, name and sealed bytes |
//! | sealed bytes | length | encrypted under the report's own key |
//!
//! Numbers are little-endian. What a crash leaves at the end does not check, and is
//! no record; what does not check in the middle is passed over to the next record
//! that does.

use sha2::{Digest, Sha256};

use super::ObjectName;

/// Octets before a record's sealed bytes.
pub(super) const RECORD_HEAD: usize = 4 + 4 + 32 + CHECK;
const HEAD: usize = 16;
const CHECK: usize = 16;
const MAGIC: &[u8; 8] = b"BFSPOOL\x01";
const MARK: [u8; 4] = [0xb5, b'r', b'e', b'c'];

/// The first bytes of segment `number`.
pub(super) fn head(number: u64) -> [u8; HEAD] {
    let mut head = [0; HEAD];
    head[..8].copy_from_slice(MAGIC);
    head[8..].copy_from_slice(&number.to_le_bytes());
    head
}

/// What comes before the sealed bytes of a record; `None` where they are too many for one.
pub(super) fn record_head(
    number: u64,
    name: &ObjectName,
    sealed: &[u8],
) -> Option<[u8; RECORD_HEAD]> {
    let length = u32::try_from(sealed.len()).ok()?;
    let name = name.bytes();
    let mut head = [0; RECORD_HEAD];
    head[..4].copy_from_slice(&MARK);
    head[4..8].copy_from_slice(&length.to_le_bytes());
    head[8..40].copy_from_slice(&name);
    head[40..].copy_from_slice(&check(number, length, &name, sealed));
    Some(head)
}

fn check(number: u64, length: u32, name: &[u8; 32], sealed: &[u8]) -> [u8; CHECK] {
    let mut digest = Sha256::new();
    digest.update(number.to_le_bytes());
    digest.update(length.to_le_bytes());
    digest.update(name);
    digest.update(sealed);
    let digest: [u8; 32] = digest.finalize().into();
    let mut check = [0; CHECK];
    check.copy_from_slice(&digest[..CHECK]);
    check
}

/// The sealed bytes of a record as it was written, where it still checks.
pub(super) fn sealed_of<'r>(number: u64, name: &ObjectName, record: &'r [u8]) -> Option<&'r [u8]> {
    let found = record_at(number, record, 0).filter(|found| found.name == *name)?;
    let sealed = record.get(RECORD_HEAD..)?;
    (u32::try_from(sealed.len()) == Ok(found.length)).then_some(sealed)
}

/// A record that checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) name: ObjectName,
    /// Where its sealed bytes begin.
    pub(super) at: u64,
    /// How many they are.
    pub(super) length: u32,
}

/// What a segment holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Scan {
    /// Every record that checks, in order.
    pub(super) records: Vec<Found>,
    /// Octets before a record, or in place of the head, that are part of none: damage.
    pub(super) damaged: usize,
    /// Octets behind the last record that are none: a write that a crash cut.
    pub(super) torn: usize,
}

/// Reads segment `number` as far as it is sound.
pub(super) fn scan(number: u64, bytes: &[u8]) -> Scan {
    let mut scan = Scan::default();
    let mut at = HEAD;
    // Octets since the last record that belong to none.
    let mut stray = 0;
    if bytes.get(..HEAD) != Some(&head(number)) {
        at = 0;
    }
    while at < bytes.len() {
        match record_at(number, bytes, at) {
            Some(found) => {
                scan.damaged += std::mem::take(&mut stray);
                at += RECORD_HEAD + usize::try_from(found.length).unwrap_or(usize::MAX);
                scan.records.push(found);
            }
            None => {
                let next = next_mark(bytes, at + 1);
                stray += next - at;
                at = next;
            }
        }
    }
    scan.torn = stray;
    scan
}

fn record_at(number: u64, bytes: &[u8], at: usize) -> Option<Found> {
    let (head, rest) = bytes.get(at..)?.split_at_checked(RECORD_HEAD)?;
    if head[..4] != MARK {
        return None;
    }
    let length = u32::from_le_bytes(head[4..8].try_into().ok()?);
    let name: [u8; 32] = head[8..40].try_into().ok()?;
    let sealed = rest.get(..usize::try_from(length).ok()?)?;
    if head[40..] != check(number, length, &name, sealed) {
        return None;
    }
    let at = u64::try_from(at + RECORD_HEAD).ok()?;
    Some(Found { name: ObjectName::of_bytes(&name), at, length })
}

/// Where the next record could begin, from `at` on; the end where none could.
fn next_mark(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    rest.windows(MARK.len())
        .position(|window| window == MARK)
        .map_or(bytes.len(), |found| at + found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(byte: u8) -> ObjectName {
        ObjectName::of_bytes(&[byte; 32])
    }

    /// A segment of `lengths`, and where each record ends.
    fn segment(number: u64, lengths: &[usize]) -> (Vec<u8>, Vec<usize>) {
        let mut bytes = head(number).to_vec();
        let mut ends = Vec::new();
        for (at, length) in lengths.iter().enumerate() {
            let at = u8::try_from(at).unwrap();
            let sealed = vec![at.wrapping_mul(31); *length];
            bytes.extend(record_head(number, &name(at), &sealed).unwrap());
            bytes.extend(sealed);
            ends.push(bytes.len());
        }
        (bytes, ends)
    }

    #[test]
    fn a_segment_cut_at_any_byte_gives_the_records_that_are_whole() {
        let (bytes, ends) = segment(7, &[0, 1, 60, 200]);
        for cut in 0..=bytes.len() {
            let scan = scan(7, &bytes[..cut]);
            let whole = ends.iter().filter(|end| **end <= cut).count();
            assert_eq!(scan.records.len(), whole, "cut at {cut}");
            assert_eq!(scan.damaged, 0, "cut at {cut}");
            let sound = ends[..whole].last().copied().unwrap_or(HEAD);
            assert_eq!(scan.torn, if cut < HEAD { cut } else { cut - sound }, "cut at {cut}");
        }
    }

    #[test]
    fn a_changed_byte_costs_one_record_at_most() {
        let (bytes, ends) = segment(7, &[10, 20, 30]);
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x40;
            let scan = scan(7, &changed);
            let hit = ends.iter().position(|end| at < *end).filter(|_| at >= HEAD);
            let names: Vec<_> = scan.records.iter().map(|found| found.name.clone()).collect();
            let expected: Vec<_> =
                (0..3).filter(|record| Some(usize::from(*record)) != hit).map(name).collect();
            assert_eq!(names, expected, "changed at {at}");
            assert!(scan.damaged + scan.torn > 0, "changed at {at}");
        }
    }

    #[test]
    fn a_record_of_another_segment_is_none() {
        let (bytes, _) = segment(7, &[10]);
        let (mut mixed, _) = segment(8, &[5]);
        mixed.extend(&bytes[HEAD..]);
        let scan = scan(8, &mixed);
        assert_eq!(scan.records.len(), 1);
        assert_eq!(scan.torn, RECORD_HEAD + 10);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_are_too_strange(
            mut bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300),
            at in 0_usize..300,
            length in proptest::num::u32::ANY,
        ) {
            if let Some(place) = bytes.get_mut(at..at + 8) {
                place[..4].copy_from_slice(&MARK);
                place[4..].copy_from_slice(&length.to_le_bytes());
            }
            proptest::prop_assert!(scan(1, &bytes).records.is_empty());
        }
    }
}
