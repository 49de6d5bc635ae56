//! Entries and orders as the API writes them: the canonical bytes for programs
//! that verify, the decoded fields for people and scripts.

use belfry_casebook::StoreError;
use belfry_casebook::journal::Head;
use belfry_journal::{Action, Body, Entry, Order, Serial};
use belfry_web::{Problem, Timestamp};
use data_encoding::BASE64;
use serde::Serialize;
use utoipa::ToSchema;

/// One entry.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EntryView {
    /// Its number.
    serial: u64,
    /// The number of the entry that came before it here: `after` for the first. A reader that
    /// read another one last has missed some, and asks again from where it is.
    previous: u64,
    /// `order`, `heartbeat`, `void`, `restored`, `audit`, `view`, `withdrawn`, `template` or `unknown`.
    kind: &'static str,
    /// When it was written, where it says so.
    at: Option<Timestamp>,
    /// Its canonical bytes, base64; without what it says, and without `order`, where it is for
    /// others.
    entry: String,
    /// Its Merkle leaf hash, hex.
    leaf: String,
    /// The order, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<OrderView>,
}

/// An order, as the journal has it. A case's page of the API has another of this name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EntryOrderView)]
pub(crate) struct OrderView {
    /// `block`, `allow` or `release`.
    action: &'static str,
    /// The order taken back, for a release.
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<u64>,
    /// The name.
    target: String,
    /// `host` or `domain`.
    level: &'static str,
    /// `phishing`, `malware`, `fake-shop` or `other-fraud`.
    category: &'static str,
    /// `live` or `shadow`.
    mode: &'static str,
    /// When it was ordered.
    issued_at: Timestamp,
    /// Until when.
    valid_until: Timestamp,
    /// `verdict`, `expiry`, `withdrawal` or `never-block`.
    cause: &'static str,
    /// What the public may read about it.
    reason: &'static str,
    /// MX and TXT go on being answered.
    keeps_mail: bool,
}

/// A page of the journal.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EntryPage {
    /// Which journal, hex.
    journal: String,
    /// Its last serial.
    head: u64,
    /// Entries in order.
    items: Vec<EntryView>,
}

/// What a stream says first, and whenever it has nothing else to say.
#[derive(Debug, Serialize)]
pub(crate) struct HelloView {
    journal: String,
    head: u64,
}

impl HelloView {
    pub(crate) fn new(head: Head) -> Self {
        Self { journal: head.journal.to_string(), head: head.serial.0 }
    }
}

impl EntryPage {
    /// Entries after `after`.
    pub(crate) fn new(head: Head, after: Serial, entries: &[Entry]) -> Result<Self, Problem> {
        let before = std::iter::once(after).chain(entries.iter().map(|entry| entry.serial));
        let items = entries.iter().zip(before);
        let items = items.map(|(entry, before)| EntryView::new(entry, before));
        let items = items.collect::<Result<_, _>>()?;
        Ok(Self { journal: head.journal.to_string(), head: head.serial.0, items })
    }
}

impl EntryView {
    /// An entry as written; one that does not decode was damaged after its commit.
    pub(crate) fn new(entry: &Entry, previous: Serial) -> Result<Self, StoreError> {
        let damaged = |why: belfry_journal::DecodeError| StoreError::Damaged {
            serial: entry.serial,
            why: why.to_string(),
        };
        let body = entry.decode().map_err(damaged)?;
        let order = match &body {
            Body::Order(order) => Some(OrderView::new(order)),
            _ => None,
        };
        Ok(Self {
            serial: entry.serial.0,
            previous: previous.0,
            kind: if entry.sealed.is_some() { entry.kind.name() } else { body.kind().name() },
            at: body.at().map(Timestamp::from),
            entry: BASE64.encode(&entry.to_bytes()),
            leaf: entry.leaf_hash().to_string(),
            order,
        })
    }
}

impl OrderView {
    pub(crate) fn new(order: &Order) -> Self {
        let of = match order.action {
            Action::Release { of } => Some(of.0),
            Action::Block | Action::Allow => None,
        };
        Self {
            action: order.action.name(),
            of,
            target: order.target.name().to_string(),
            level: order.target.level(),
            category: order.category.name(),
            mode: order.mode.name(),
            issued_at: order.issued_at.into(),
            valid_until: order.valid_until.into(),
            cause: order.cause.name(),
            reason: order.reason.name(),
            keeps_mail: order.keeps_mail,
        }
    }
}
