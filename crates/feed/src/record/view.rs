//! The public record as the API writes it.

use belfry_casebook::record::RecordEntry;
use belfry_journal::Body;
use belfry_journal::merkle::Hash;
use belfry_web::Timestamp;
use data_encoding::{BASE64, HEXLOWER};
use serde::Serialize;
use utoipa::ToSchema;

/// The record as a whole.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordView {
    /// Which journal, hex.
    pub(super) journal: String,
    /// The key that checkpoints are signed by, as C2SP notes write keys.
    pub(super) key: String,
    /// Entries.
    pub(super) size: u64,
    /// The Merkle root over them, hex.
    pub(super) root: String,
    /// The signed checkpoint.
    pub(super) checkpoint: String,
}

/// An entry as far as the public may read it. Its leaf is `0x00`, then version 1, serial (8
/// octets), kind (2) and commitment (32), hashed by SHA-256; the commitment is HMAC-SHA256 of the
/// body with the salt as key.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordEntryView {
    /// Its number.
    serial: u64,
    /// `order`, `heartbeat`, `void`, `restored`, `audit`, `view`, `withdrawn`, `template`, `unknown`.
    kind: &'static str,
    /// The kind as the leaf has it.
    kind_number: u16,
    /// The commitment to the body, hex.
    commitment: String,
    /// The leaf hash, hex.
    leaf: String,
    /// Why the public may not read more: `kind`, `shadow`, `operators`, `mistake`, `compromised` or
    /// `withdrawn`.
    #[serde(skip_serializing_if = "Option::is_none")]
    withheld: Option<&'static str>,
    /// When it was written, where it says so and may be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
    /// The salt, hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    salt: Option<String>,
    /// The body, base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    /// The order, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<crate::view::OrderView>,
}

/// A page of the record.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordPage {
    /// Which journal, hex.
    pub(super) journal: String,
    /// Its last serial.
    pub(super) head: u64,
    /// Entries in order.
    pub(super) items: Vec<RecordEntryView>,
}

/// One entry, proven.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProofView {
    /// Which journal, hex.
    pub(super) journal: String,
    /// The entry.
    pub(super) entry: RecordEntryView,
    /// Entries in the tree.
    pub(super) tree_size: u64,
    /// Its root, hex.
    pub(super) root: String,
    /// RFC 6962's audit path, nearest first, hex.
    pub(super) path: Vec<String>,
    /// The signed checkpoint of this tree.
    pub(super) checkpoint: String,
}

/// That one tree begins another.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsistencyView {
    /// Which journal, hex.
    pub(super) journal: String,
    /// Entries in the earlier tree.
    pub(super) from: u64,
    /// Its root, hex.
    pub(super) from_root: String,
    /// Entries in the later tree.
    pub(super) tree_size: u64,
    /// Its root, hex.
    pub(super) root: String,
    /// RFC 6962's consistency proof, hex.
    pub(super) path: Vec<String>,
}

impl RecordEntryView {
    pub(super) fn new(record: &RecordEntry) -> Self {
        let entry = &record.entry;
        let said = record.said.as_ref().ok();
        Self {
            serial: entry.serial.0,
            kind: entry.kind.name(),
            kind_number: entry.kind.number(),
            commitment: HEXLOWER.encode(&entry.commitment()),
            leaf: entry.leaf_hash().to_string(),
            withheld: record.said.as_ref().err().map(|why| why.name()),
            at: said.and_then(Body::at).map(Timestamp::from),
            salt: said.map(|_| HEXLOWER.encode(&entry.salt)),
            body: said.map(|_| BASE64.encode(&entry.body)),
            order: said.and_then(|body| match body {
                Body::Order(order) => Some(crate::view::OrderView::new(order)),
                _ => None,
            }),
        }
    }
}

pub(super) fn hexes(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(ToString::to_string).collect()
}
