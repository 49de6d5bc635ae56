//! `Entry`: one numbered line of the journal, in bytes that never change.
//!
//! Canonical form, version 1, all integers big-endian:
//! `version(1) serial(8) kind(2) salt(32) length(4) body(length)`.
//! Its Merkle leaf is `version(1) serial(8) kind(2) commitment(32)` with
//! `commitment = HMAC-SHA256(key = salt, body)`: the body can be withdrawn from
//! the public record with its salt, and the tree still stands (DESIGN 11).

use crate::merkle::Hash;
use crate::{DecodeError, Order, UnixMillis};

/// The number of an entry, from 1 without gaps; 0 is "before the first".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Serial(pub u64);

impl Serial {
    /// The one after.
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl std::fmt::Display for Serial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Which journal: 16 random bytes drawn when it was begun.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct JournalId(pub [u8; 16]);

/// What an entry is about, as its number on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Nothing: fills serials after a restore from backup.
    Void,
    /// An order.
    Order,
    /// The hub is alive.
    Heartbeat,
    /// A kind this version does not know: skipped and counted by followers.
    Unknown(u16),
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number.
    pub serial: Serial,
    /// What its body is.
    pub kind: Kind,
    /// 32 random bytes that keep the commitment from being guessed.
    pub salt: [u8; 32],
    /// The canonical body of that kind.
    pub body: Vec<u8>,
}

/// A decoded body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Nothing.
    Void,
    /// An order.
    Order(Order),
    /// A heartbeat.
    Heartbeat(Heartbeat),
    /// Bytes of a kind not known here.
    Unknown,
}

/// The hub's sign of life, with the tree as it stood before this entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    /// When.
    pub at: UnixMillis,
    /// Entries committed to: this entry's serial - 1.
    pub tree_size: u64,
    /// The root over them.
    pub root: Hash,
}

impl Entry {
    /// An entry for `body` at `serial`, with fresh random `salt`.
    pub fn new(serial: Serial, salt: [u8; 32], body: &Body) -> Self {
        let _ = (serial, salt, body);
        todo!()
    }

    /// The canonical bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        todo!()
    }

    /// Reads canonical bytes, all of them.
    ///
    /// # Errors
    /// [`DecodeError`] for an unknown version, a wrong length or trailing bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let _ = bytes;
        todo!()
    }

    /// The body, decoded; unknown kinds are [`Body::Unknown`].
    ///
    /// # Errors
    /// [`DecodeError`] for a body that is not the canonical form of its kind.
    pub fn decode(&self) -> Result<Body, DecodeError> {
        todo!()
    }

    /// The Merkle leaf hash (RFC 6962 section 2.1 over the leaf bytes above).
    pub fn leaf_hash(&self) -> Hash {
        todo!()
    }
}

impl std::fmt::Debug for JournalId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let _ = f;
        todo!()
    }
}

impl std::fmt::Display for JournalId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let _ = f;
        todo!()
    }
}
