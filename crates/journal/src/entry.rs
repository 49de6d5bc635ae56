//! `Entry`: one numbered line of the journal, in bytes that never change.
//!
//! Canonical form, version 1, all integers big-endian:
//! `version(1) serial(8) kind(2) salt(32) length(4) body(length)`.
//! A sealed entry, for those it is not for, is `2(1) serial(8) kind(2) commitment(32)`.
//! Its Merkle leaf is `version(1) serial(8) kind(2) commitment(32)` with
//! `commitment = HMAC-SHA256(key = salt, body)`: the body can be withdrawn from
//! the public record with its salt, and the tree still stands (DESIGN 11).

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::codec::{Reader, Writer};
use crate::hex;
use crate::merkle::{self, Hash};
use crate::{DecodeError, Order, TemplateEntry, UnixMillis};

/// The version of the canonical form that this code writes.
const VERSION: u8 = 1;
/// The form of a sealed entry.
const SEALED: u8 = 2;

/// The number of an entry, from 1 without gaps; 0 is "before the first".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Serial(pub u64);

impl Serial {
    /// The one after; the last one of all (never reached) stays itself.
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
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
    /// The hub was restored from a backup.
    Restored,
    /// The audit log stood so far.
    Audit,
    /// A text that one operator may look for, or no longer. Kinds 16 to 31 are for SMS.
    Template,
    /// A view of the journal is made otherwise from here on.
    View,
    /// The public record no longer says what an order was about.
    Withdrawn,
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
    /// In place of salt and body, for those it is not for: the commitment to them.
    pub sealed: Option<[u8; 32]>,
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
    /// A restore, declared.
    Restored(Restored),
    /// The audit log's end.
    Audit(AuditAnchor),
    /// About a template of an SMS text.
    Template(TemplateEntry),
    /// A view's change.
    View(ViewChange),
    /// A withdrawal from the public record.
    Withdrawn(Withdrawn),
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

/// The journal's past was cut at `kept` by a restore from backup and filled up with
/// voids, declared in the open. Who holds entries after `kept` that are not those voids
/// takes a snapshot; everyone else reads on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restored {
    /// When.
    pub at: UnixMillis,
    /// The last entry that the backup had.
    pub kept: Serial,
    /// Entries committed to: this entry's serial - 1.
    pub tree_size: u64,
    /// The root over them.
    pub root: Hash,
}

/// How far the audit log was, so that it can't be rewritten unseen once the
/// journal has been followed past this entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditAnchor {
    /// When.
    pub at: UnixMillis,
    /// Its last line.
    pub line: u64,
    /// The hash of that line, which holds that of the line before.
    pub hash: [u8; 32],
}

/// A view of the journal, such as the zones that resolvers load, is made otherwise from
/// here on: a new warning address, an operator's selection. Its serial makes a version of the view
/// that differs from every one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ViewChange {
    /// When.
    pub at: UnixMillis,
    /// What the view is made by now, as a hash.
    pub digest: [u8; 32],
}

/// What an order was about is no longer in the public record: a name that should not be
/// found there for ever. The order itself is what it was, and so is the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withdrawn {
    /// When.
    pub at: UnixMillis,
    /// The order.
    pub of: Serial,
}

impl Kind {
    /// The number on the wire; 0 stays free.
    pub fn number(self) -> u16 {
        match self {
            Kind::Void => 1,
            Kind::Order => 2,
            Kind::Heartbeat => 3,
            Kind::Restored => 4,
            Kind::Audit => 5,
            Kind::Template => 16,
            Kind::View => 6,
            Kind::Withdrawn => 7,
            Kind::Unknown(number) => number,
        }
    }

    /// The kind with this number.
    pub fn from_number(number: u16) -> Self {
        match number {
            1 => Kind::Void,
            2 => Kind::Order,
            3 => Kind::Heartbeat,
            4 => Kind::Restored,
            5 => Kind::Audit,
            16 => Kind::Template,
            6 => Kind::View,
            7 => Kind::Withdrawn,
            other => Kind::Unknown(other),
        }
    }

    /// The stable name in APIs; every kind not known here is `unknown`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Void => "void",
            Kind::Order => "order",
            Kind::Heartbeat => "heartbeat",
            Kind::Restored => "restored",
            Kind::Audit => "audit",
            Kind::Template => "template",
            Kind::View => "view",
            Kind::Withdrawn => "withdrawn",
            Kind::Unknown(_) => "unknown",
        }
    }
}

impl Body {
    /// The kind that says how to read it.
    pub fn kind(&self) -> Kind {
        match self {
            Body::Void => Kind::Void,
            Body::Order(_) => Kind::Order,
            Body::Heartbeat(_) => Kind::Heartbeat,
            Body::Restored(_) => Kind::Restored,
            Body::Audit(_) => Kind::Audit,
            Body::Template(_) => Kind::Template,
            Body::View(_) => Kind::View,
            Body::Withdrawn(_) => Kind::Withdrawn,
            Body::Unknown => Kind::Unknown(0),
        }
    }

    /// When it says it was written, where it says so.
    pub fn at(&self) -> Option<UnixMillis> {
        match self {
            Body::Order(order) => Some(order.issued_at),
            Body::Heartbeat(heartbeat) => Some(heartbeat.at),
            Body::Restored(restored) => Some(restored.at),
            Body::Audit(anchor) => Some(anchor.at),
            Body::Template(entry) => Some(entry.at()),
            Body::View(change) => Some(change.at),
            Body::Withdrawn(withdrawn) => Some(withdrawn.at),
            Body::Void | Body::Unknown => None,
        }
    }
}

impl Heartbeat {
    /// `at(8) tree_size(8) root(32)`.
    fn to_bytes(self) -> Vec<u8> {
        let mut out = Writer::default();
        out.u64(self.at.0).u64(self.tree_size).raw(&self.root.0);
        out.finish()
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut input = Reader::new(bytes);
        let heartbeat = Self {
            at: UnixMillis(input.u64("at")?),
            tree_size: input.u64("tree_size")?,
            root: Hash(input.array("root")?),
        };
        input.end()?;
        Ok(heartbeat)
    }
}

impl Restored {
    /// `at(8) kept(8) tree_size(8) root(32)`.
    fn to_bytes(self) -> Vec<u8> {
        let mut out = Writer::default();
        out.u64(self.at.0).u64(self.kept.0).u64(self.tree_size).raw(&self.root.0);
        out.finish()
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut input = Reader::new(bytes);
        let restored = Self {
            at: UnixMillis(input.u64("at")?),
            kept: Serial(input.u64("kept")?),
            tree_size: input.u64("tree_size")?,
            root: Hash(input.array("root")?),
        };
        input.end()?;
        Ok(restored)
    }
}

impl AuditAnchor {
    /// `at(8) line(8) hash(32)`.
    fn to_bytes(self) -> Vec<u8> {
        let mut out = Writer::default();
        out.u64(self.at.0).u64(self.line).raw(&self.hash);
        out.finish()
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut input = Reader::new(bytes);
        let anchor = Self {
            at: UnixMillis(input.u64("at")?),
            line: input.u64("line")?,
            hash: input.array("hash")?,
        };
        input.end()?;
        Ok(anchor)
    }
}

impl ViewChange {
    /// `at(8) digest(32)`.
    fn to_bytes(self) -> Vec<u8> {
        let mut out = Writer::default();
        out.u64(self.at.0).raw(&self.digest);
        out.finish()
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut input = Reader::new(bytes);
        let change = Self { at: UnixMillis(input.u64("at")?), digest: input.array("digest")? };
        input.end()?;
        Ok(change)
    }
}

impl Withdrawn {
    /// `at(8) of(8)`.
    fn to_bytes(self) -> Vec<u8> {
        let mut out = Writer::default();
        out.u64(self.at.0).u64(self.of.0);
        out.finish()
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut input = Reader::new(bytes);
        let withdrawn = Self {
            at: UnixMillis(input.u64("at")?),
            of: Serial(input.number("the order withdrawn")?),
        };
        input.end()?;
        Ok(withdrawn)
    }
}

impl Entry {
    /// An entry for `body` at `serial`, with fresh random `salt`.
    ///
    /// [`Body::Unknown`] has no bytes to write: it becomes an empty body of
    /// kind 0, which every follower skips.
    pub fn new(serial: Serial, salt: [u8; 32], body: &Body) -> Self {
        let bytes = match body {
            Body::Void | Body::Unknown => Vec::new(),
            Body::Order(order) => order.to_bytes(),
            Body::Heartbeat(heartbeat) => heartbeat.to_bytes(),
            Body::Restored(restored) => restored.to_bytes(),
            Body::Audit(anchor) => anchor.to_bytes(),
            Body::Template(entry) => entry.to_bytes(),
            Body::View(change) => change.to_bytes(),
            Body::Withdrawn(withdrawn) => withdrawn.to_bytes(),
        };
        Self { serial, kind: body.kind(), salt, body: bytes, sealed: None }
    }

    /// It without what it says: the same leaf, nothing to read.
    #[must_use]
    pub fn sealed(&self) -> Self {
        let sealed = Some(self.commitment());
        Self { salt: [0; 32], body: Vec::new(), sealed, ..self.clone() }
    }

    /// The canonical bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::default();
        if let Some(commitment) = &self.sealed {
            out.u8(SEALED).u64(self.serial.0).u16(self.kind.number()).raw(commitment);
            return out.finish();
        }
        out.u8(VERSION).u64(self.serial.0).u16(self.kind.number());
        out.raw(&self.salt).length(self.body.len()).raw(&self.body);
        out.finish()
    }

    /// Reads canonical bytes, all of them. The body is only delimited here;
    /// [`Entry::decode`] reads it.
    ///
    /// # Errors
    /// [`DecodeError`] for an unknown version, a wrong length or trailing bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut input = Reader::new(bytes);
        let version = input.u8("version")?;
        if version != VERSION && version != SEALED {
            return Err(DecodeError::Version(version));
        }
        let serial = Serial(input.number("serial")?);
        if serial == Serial(0) {
            return Err(DecodeError::field("serial", 0));
        }
        let kind = Kind::from_number(input.u16("kind")?);
        if version == SEALED {
            let sealed = Some(input.array("commitment")?);
            input.end()?;
            return Ok(Self { serial, kind, salt: [0; 32], body: Vec::new(), sealed });
        }
        let salt = input.array("salt")?;
        let length = input.length("length")?;
        let body = input.raw(length, "body")?.to_vec();
        input.end()?;
        Ok(Self { serial, kind, salt, body, sealed: None })
    }

    /// The body, decoded; unknown kinds and what is sealed are [`Body::Unknown`].
    ///
    /// # Errors
    /// [`DecodeError`] for a body that is not the canonical form of its kind.
    pub fn decode(&self) -> Result<Body, DecodeError> {
        if self.sealed.is_some() {
            return Ok(Body::Unknown);
        }
        match self.kind {
            Kind::Void if self.body.is_empty() => Ok(Body::Void),
            Kind::Void => Err(DecodeError::Trailing(self.body.len())),
            Kind::Order => Order::from_bytes(&self.body).map(Body::Order),
            Kind::Heartbeat => Heartbeat::from_bytes(&self.body).map(Body::Heartbeat),
            Kind::Restored => Restored::from_bytes(&self.body).map(Body::Restored),
            Kind::Audit => AuditAnchor::from_bytes(&self.body).map(Body::Audit),
            Kind::Template => TemplateEntry::from_bytes(&self.body).map(Body::Template),
            Kind::View => ViewChange::from_bytes(&self.body).map(Body::View),
            Kind::Withdrawn => Withdrawn::from_bytes(&self.body).map(Body::Withdrawn),
            Kind::Unknown(_) => Ok(Body::Unknown),
        }
    }

    /// What stands for the body in the tree: HMAC-SHA256 under the salt.
    pub fn commitment(&self) -> [u8; 32] {
        if let Some(commitment) = self.sealed {
            return commitment;
        }
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.salt).expect("HMAC takes a key of any length");
        mac.update(&self.body);
        mac.finalize().into_bytes().into()
    }

    /// The Merkle leaf hash (RFC 6962 section 2.1 over the leaf bytes above).
    pub fn leaf_hash(&self) -> Hash {
        merkle::leaf_hash(&leaf_bytes(self.serial, self.kind, &self.commitment()))
    }
}

/// The bytes of a leaf, as a reader makes them who knows the commitment alone.
pub fn leaf_bytes(serial: Serial, kind: Kind, commitment: &[u8; 32]) -> Vec<u8> {
    let mut leaf = Writer::default();
    leaf.u8(VERSION).u64(serial.0).u16(kind.number()).raw(commitment);
    leaf.finish()
}

impl std::fmt::Debug for JournalId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl std::fmt::Display for JournalId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        hex::write(&self.0, f)
    }
}

impl std::str::FromStr for JournalId {
    type Err = hex::HexError;
    fn from_str(text: &str) -> Result<Self, hex::HexError> {
        hex::read(text).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::generate::{any_journal, block};

    fn entry() -> Entry {
        Entry::new(Serial(7), [0x5a; 32], &Body::Order(block("a.example")))
    }

    #[test]
    fn the_header_and_the_leaf_never_change() {
        let bytes = entry().to_bytes();
        let header: String = bytes[..47].iter().map(|byte| format!("{byte:02x}")).collect();
        insta::assert_snapshot!(header, @"01000000000000000700025a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a0000002a");
        assert_eq!(bytes[47..], block("a.example").to_bytes());
        insta::assert_snapshot!(entry().leaf_hash(), @"97c6ca3e328d80f20e88434325e49a0f76b031f5f15cc246fde6ac7f559485d0");
    }

    /// The body's bytes, which are never to change.
    fn check_body(body: Body, expect: &str) {
        let entry = Entry::new(Serial(9), [1; 32], &body);
        let bytes: String = entry.body.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(bytes, expect);
        assert_eq!(entry.decode(), Ok(body));
        for cut in 0..entry.body.len() {
            let short = Entry { body: entry.body[..cut].to_vec(), ..entry.clone() };
            assert!(short.decode().is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn a_restore_an_anchor_and_a_view_never_change() {
        let (at, root) = (UnixMillis(0x0102), Hash([0xab; 32]));
        let restored = Restored { at, kept: Serial(5), tree_size: 8, root };
        let numbers = "000000000000010200000000000000050000000000000008";
        check_body(Body::Restored(restored), &format!("{numbers}{}", "ab".repeat(32)));
        let anchor = AuditAnchor { at, line: 5, hash: [0xcd; 32] };
        let numbers = "00000000000001020000000000000005";
        check_body(Body::Audit(anchor), &format!("{numbers}{}", "cd".repeat(32)));
        let change = ViewChange { at, digest: [0xef; 32] };
        check_body(Body::View(change), &format!("{}{}", &numbers[..16], "ef".repeat(32)));
        check_body(Body::Withdrawn(Withdrawn { at, of: Serial(5) }), numbers);
    }

    #[test]
    fn what_no_encoder_writes_is_refused() {
        let good = entry().to_bytes();
        let with = |at: usize, value: u8| {
            let mut bytes = good.clone();
            bytes[at] = value;
            Entry::from_bytes(&bytes).unwrap_err()
        };
        assert_eq!(with(0, 3), DecodeError::Version(3));
        assert_eq!(with(8, 0), DecodeError::field("serial", 0));
        assert!(matches!(with(1, 0x80), DecodeError::Field { field: "serial", .. }));
        assert!(matches!(with(43, 0xff), DecodeError::Short { wanted: "body", .. }));
        assert!(matches!(with(46, good[46] - 1), DecodeError::Trailing(1)));
    }

    #[test]
    fn a_body_must_be_the_canonical_one_of_its_kind() {
        let void = Entry { body: vec![0], ..Entry::new(Serial(1), [0; 32], &Body::Void) };
        assert_eq!(void.decode(), Err(DecodeError::Trailing(1)));
        let beat = Entry { kind: Kind::Heartbeat, body: vec![0; 47], ..void.clone() };
        assert_eq!(beat.decode(), Err(DecodeError::Short { at: 47, wanted: "root" }));
        let later = Entry { kind: Kind::Unknown(77), ..void };
        assert_eq!(later.decode(), Ok(Body::Unknown));
        assert_eq!(Entry::from_bytes(&later.to_bytes()), Ok(later));
    }

    #[test]
    fn kinds_have_one_number_each() {
        for number in 0..=u16::MAX {
            assert_eq!(Kind::from_number(number).number(), number);
        }
        assert_eq!(Kind::from_number(2), Kind::Order);
        assert_eq!(Kind::from_number(9).name(), "unknown");
    }

    #[test]
    fn without_its_salt_a_body_cannot_be_guessed_from_its_leaf() {
        let other = Entry { salt: [0; 32], ..entry() };
        assert_ne!(entry().commitment(), other.commitment());
        assert_ne!(entry().leaf_hash(), other.leaf_hash());
        assert_eq!(entry().leaf_hash(), entry().leaf_hash());
    }

    #[test]
    fn a_sealed_entry_has_the_same_leaf_and_says_nothing() {
        let sealed = entry().sealed();
        assert_eq!(sealed.leaf_hash(), entry().leaf_hash());
        assert_eq!(sealed.decode(), Ok(Body::Unknown));
        let bytes = sealed.to_bytes();
        assert_eq!((bytes[0], bytes.len()), (2, 43));
        assert_eq!(Entry::from_bytes(&bytes), Ok(sealed.clone()));
        assert_eq!(sealed.sealed(), sealed);
        for cut in 0..bytes.len() {
            assert!(Entry::from_bytes(&bytes[..cut]).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn the_last_serial_has_no_next() {
        assert_eq!(Serial(0).next(), Serial(1));
        assert_eq!(Serial(u64::MAX).next(), Serial(u64::MAX));
    }

    #[test]
    fn journal_ids_read_back() {
        let id = JournalId([0xab; 16]);
        assert_eq!(id.to_string(), "ab".repeat(16));
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    proptest! {
        #[test]
        fn entries_read_back(journal in any_journal(6)) {
            for entry in journal {
                prop_assert_eq!(Entry::from_bytes(&entry.to_bytes()), Ok(entry.clone()));
                let body = entry.decode().unwrap();
                if body != Body::Unknown {
                    prop_assert_eq!(Entry::new(entry.serial, entry.salt, &body), entry);
                }
            }
        }

        #[test]
        fn no_bytes_panic_and_what_is_read_is_canonical(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            if let Ok(entry) = Entry::from_bytes(&bytes) {
                prop_assert_eq!(entry.to_bytes(), bytes);
            }
        }
    }
}
