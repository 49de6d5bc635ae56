//! What a fuzzer holds this crate to: what is read is canonical, and a snapshot
//! with one octet changed is refused. Never part of a build that we ship.

use sha2::{Digest, Sha256};

use crate::{Body, Entry, snapshot};

/// One journal entry out of `data`.
pub fn entry(data: &[u8]) {
    let Ok(entry) = Entry::from_bytes(data) else { return };
    assert_eq!(entry.to_bytes(), data);
    assert_ne!(entry.serial.0, 0);
    assert_eq!(entry.leaf_hash(), entry.leaf_hash());
    match entry.decode() {
        Err(_) | Ok(Body::Unknown) => {}
        Ok(body) => assert_eq!(Entry::new(entry.serial, entry.salt, &body), entry),
    }
}

/// A snapshot out of `data`: as it is, and under the checksum that fits it, so
/// that what lies behind the checksum is reached.
pub fn snapshot(data: &[u8]) {
    whole_snapshot(data);
    let content = data.get(..data.len().saturating_sub(32)).unwrap_or_default();
    let mut sealed = content.to_vec();
    sealed.extend_from_slice(&Sha256::digest(content));
    whole_snapshot(&sealed);
}

fn whole_snapshot(bytes: &[u8]) {
    let Ok((journal, set)) = snapshot::decode(bytes) else { return };
    assert_eq!(snapshot::encode(journal, &set), bytes);
    assert!(set.unknown_kinds() <= set.serial().0);
    let mut damaged = bytes.to_vec();
    let at = usize::from(bytes[bytes.len() - 1]) % bytes.len();
    damaged[at] ^= 1;
    assert!(snapshot::decode(&damaged).is_err(), "octet {at} does not count");
}

#[cfg(test)]
mod tests {
    #[test]
    fn entries_hold_under_changes() {
        belfry_testbed::fuzz::smoke("journal", 20_000, super::entry);
    }

    #[test]
    fn snapshots_hold_under_changes() {
        belfry_testbed::fuzz::smoke("snapshot", 20_000, super::snapshot);
    }
}
