//! The hash of a line of the audit log, in bytes that never change.
//!
//! `SHA-256("belfry audit 1" previous(32) line(8) at(8) who action object commitment(32))`,
//! integers big-endian, each text with its length in four octets before it;
//! `commitment = HMAC-SHA256(salt, detail)`: a detail can be erased with its salt,
//! and the line still verifies. The first line's previous hash is 32 zeros.

use belfry_journal::UnixMillis;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// What stands before the first line.
pub(super) const GENESIS: [u8; 32] = [0; 32];

/// A line but for its detail, which stands in it by its commitment.
pub(super) struct Line<'a> {
    pub(super) id: u64,
    pub(super) at: UnixMillis,
    pub(super) who: &'a str,
    pub(super) action: &'a str,
    pub(super) object: &'a str,
    pub(super) commitment: [u8; 32],
}

impl Line<'_> {
    /// Its hash, after a line with hash `previous`.
    pub(super) fn hash(&self, previous: [u8; 32]) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"belfry audit 1");
        hash.update(previous);
        hash.update(self.id.to_be_bytes());
        hash.update(self.at.0.to_be_bytes());
        for text in [self.who, self.action, self.object] {
            let length = u32::try_from(text.len()).expect("no text of a line reaches 4 GiB");
            hash.update(length.to_be_bytes());
            hash.update(text.as_bytes());
        }
        hash.update(self.commitment);
        hash.finalize().into()
    }
}

/// What stands for `detail` in its line.
pub(super) fn commitment(salt: &[u8], detail: &str) -> [u8; 32] {
    let mut mac =
        <Hmac<Sha256> as KeyInit>::new_from_slice(salt).expect("HMAC takes keys of every length");
    mac.update(detail.as_bytes());
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    fn line<'a>(who: &'a str, action: &'a str) -> Line<'a> {
        let commitment = commitment(&[7; 32], "asks for card data");
        Line { id: 3, at: UnixMillis(1_795_510_800_000), who, action, object: "case 1", commitment }
    }

    #[test]
    fn the_hash_never_changes() {
        let hash = HEXLOWER.encode(&line("local:an", "decide").hash([9; 32]));
        assert_eq!(hash, "e690762f9c2289f1414d48e4cf61dbfc7a95fb2abf7ae912953f966af9347e2e");
    }

    #[test]
    fn every_part_counts_and_no_part_runs_into_the_next() {
        let base = line("local:an", "decide").hash(GENESIS);
        assert_ne!(line("local:bo", "decide").hash(GENESIS), base);
        assert_ne!(line("local:and", "ecide").hash(GENESIS), base);
        assert_ne!(line("local:an", "decide").hash([1; 32]), base);
        assert_ne!(Line { id: 4, ..line("local:an", "decide") }.hash(GENESIS), base);
        assert_ne!(commitment(&[7; 32], "a"), commitment(&[8; 32], "a"));
    }
}
