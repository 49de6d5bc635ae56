//! Cases: one thing to be judged each, their states and the moves between them.
//!
//! A state is a type; a move is a method that consumes it. What no method
//! offers can't happen.

use belfry_guard::Rule;
use belfry_indicator::{Domain, Target};
use belfry_journal::{Category, Serial, UnixMillis};

use crate::report::Report;
use crate::verdict::VerdictRecord;
use crate::{Casebook, StoreError};

/// What a case is about. Two reports with the same subject share a case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A host that DNS can block, and the domain it could be widened to.
    Host {
        /// The exact host.
        host: Domain,
        /// Its registrable domain.
        registrable: Domain,
    },
    /// A URL whose host DNS can't block.
    Url {
        /// The URL, canonical, redacted.
        url: String,
        /// Why not, in words: "not blockable by DNS, because …".
        why_not_blockable: String,
    },
    /// A message without any link that matters, by the digest of its text.
    Message {
        /// Hex of SHA-256 over the normalised text.
        digest: String,
        /// A line to know it by (its subject or first words).
        title: String,
    },
}

/// An open case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open;
/// A case that waits for a second person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwaitingSecond {
    /// Who was first.
    pub first: String,
    /// For which category.
    pub category: Category,
    /// The guard's rule that asks for two.
    pub rule: Rule,
}
/// A blocked case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// The order that blocks.
    pub order: Serial,
}
/// A case found benign, until it expires or new evidence comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Benign {
    /// Until when.
    pub until: UnixMillis,
}
/// A block that ended or was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Released {
    /// The releasing entry.
    pub by: Serial,
}
/// A block that was wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reversed {
    /// The releasing entry.
    pub by: Serial,
}
/// A block that the guard refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// By which rule.
    pub rule: Rule,
}
/// Judged without an order: spam, undecidable, or fraud that DNS can't block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed;

/// The state of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseState {
    /// See [`Open`].
    Open(Open),
    /// See [`AwaitingSecond`].
    AwaitingSecond(AwaitingSecond),
    /// See [`Blocked`].
    Blocked(Blocked),
    /// See [`Benign`].
    Benign(Benign),
    /// See [`Released`].
    Released(Released),
    /// See [`Reversed`].
    Reversed(Reversed),
    /// See [`Refused`].
    Refused(Refused),
    /// See [`Closed`].
    Closed(Closed),
}

impl CaseState {
    /// The name of the API: `open`, `awaiting-second`, `blocked`, `benign`,
    /// `released`, `reversed`, `refused`, `closed`.
    pub fn name(&self) -> &'static str {
        match self {
            CaseState::Open(_) => "open",
            CaseState::AwaitingSecond(_) => "awaiting-second",
            CaseState::Blocked(_) => "blocked",
            CaseState::Benign(_) => "benign",
            CaseState::Released(_) => "released",
            CaseState::Reversed(_) => "reversed",
            CaseState::Refused(_) => "refused",
            CaseState::Closed(_) => "closed",
        }
    }
}

/// A case as lists show it.
#[derive(Clone, Debug)]
pub struct Case {
    /// Number, from 1.
    pub id: u64,
    /// Grows by one at each change; decisions are bound to it.
    pub version: u64,
    /// What it is about.
    pub subject: Subject,
    /// Its state.
    pub state: CaseState,
    /// When it was opened.
    pub opened_at: UnixMillis,
    /// When it last changed.
    pub changed_at: UnixMillis,
    /// How many reports it has.
    pub reports: u64,
    /// How many different reporters (by pseudonym).
    pub reporters: u64,
}

/// A case with all that belongs to it.
#[derive(Clone, Debug)]
pub struct CaseFile {
    /// The case.
    pub case: Case,
    /// Its latest 100 reports, newest first; `case.reports` has their number.
    pub reports: Vec<Report>,
    /// Its verdicts, oldest first.
    pub verdicts: Vec<VerdictRecord>,
    /// Its orders, oldest first.
    pub orders: Vec<OrderRecord>,
}

/// An order as the casebook knows it.
#[derive(Clone, Debug)]
pub struct OrderRecord {
    /// Its entry.
    pub serial: Serial,
    /// The case it came from.
    pub case: u64,
    /// What it says.
    pub target: Target,
    /// In which category.
    pub category: Category,
    /// When it was written.
    pub issued_at: UnixMillis,
    /// Until when.
    pub valid_until: UnixMillis,
    /// The entry that released it, once one has.
    pub released_by: Option<Serial>,
    /// What followers counted for it, summed.
    pub effects: crate::effects::Totals,
}

/// Which cases to list.
#[derive(Clone, Debug, Default)]
pub struct CaseFilter {
    /// Only in this state, by its API name.
    pub status: Option<String>,
    /// Only with this exact host or registrable domain.
    pub name: Option<Domain>,
    /// After this case number, newest first: the previous page's last.
    pub before: Option<u64>,
    /// At most this many, 1 to 500.
    pub limit: u32,
}

impl Casebook {
    /// Cases, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn cases(&self, filter: &CaseFilter) -> Result<Vec<Case>, StoreError> {
        let _ = filter;
        todo!()
    }

    /// One case with all that belongs to it.
    ///
    /// # Errors
    /// [`StoreError`] of the database only.
    pub async fn case(&self, id: u64) -> Result<Option<CaseFile>, StoreError> {
        let _ = id;
        todo!()
    }
}
