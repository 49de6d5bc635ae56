//! Verdicts and the orders they cause, one transaction each.

use belfry_guard::{Cleared, Finding, ListsVersion};
use belfry_journal::{Serial, UnixMillis};

use crate::access::Analyst;
use crate::case::Case;
use crate::{Casebook, StoreError};

/// What a person found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Steals credentials or payments.
    Phishing,
    /// Malicious software.
    Malware,
    /// A shop that does not deliver.
    FakeShop,
    /// Another fraud.
    OtherFraud,
    /// Unwanted, not fraudulent.
    Spam,
    /// Harmless.
    Benign,
    /// Can't be told.
    Undecidable,
}

/// A verdict as recorded.
#[derive(Clone, Debug)]
pub struct VerdictRecord {
    /// What was found.
    pub verdict: Verdict,
    /// The analyst's words; never published.
    pub reason: String,
    /// Who, as [`crate::access::Principal::name`].
    pub by: String,
    /// When.
    pub at: UnixMillis,
}

/// What follows from a verdict, as the desk worked it out with the guard.
#[derive(Clone, Debug)]
pub enum Consequence {
    /// A block.
    Block(Cleared),
    /// A second person must agree.
    AwaitSecond(Finding),
    /// The guard refused the block.
    Refuse(Finding),
    /// Benign until then.
    Clear {
        /// Until when.
        until: UnixMillis,
    },
    /// No order: spam, undecidable, or not blockable by DNS.
    Close,
}

/// A verdict to be recorded.
#[derive(Debug)]
pub struct Decision<'a> {
    /// On which case.
    pub case: u64,
    /// The version the analyst saw; `None` takes the present one.
    pub version: Option<u64>,
    /// What was found.
    pub verdict: Verdict,
    /// Why, 1 to 2,000 characters.
    pub reason: &'a str,
    /// By whom.
    pub by: &'a Analyst,
    /// When.
    pub at: UnixMillis,
    /// What follows.
    pub consequence: Consequence,
}

/// A release of a case's block.
#[derive(Debug)]
pub struct Withdrawal<'a> {
    /// Which case.
    pub case: u64,
    /// The version the analyst saw; `None` takes the present one.
    pub version: Option<u64>,
    /// Whether the block was a mistake (the case is then reversed, not released).
    pub mistake: bool,
    /// Why, 1 to 2,000 characters.
    pub reason: &'a str,
    /// By whom.
    pub by: &'a Analyst,
    /// When.
    pub at: UnixMillis,
    /// The release, cleared by the guard.
    pub order: Cleared,
}

/// What a decision did.
#[derive(Clone, Debug)]
pub struct Decided {
    /// The case after it.
    pub case: Case,
    /// The journal entry it caused, if any.
    pub serial: Option<Serial>,
}

impl Casebook {
    /// Records a verdict and what follows from it: verdict, state, entry, projection
    /// and audit in one transaction, the serial drawn in it from the locked head row.
    ///
    /// # Errors
    /// [`StoreError::Stale`], [`StoreError::Move`], [`StoreError::ListsChanged`],
    /// [`StoreError::Missing`] or the database's; nothing was written then.
    pub async fn decide(&self, decision: Decision<'_>) -> Result<Decided, StoreError> {
        let _ = decision;
        todo!()
    }

    /// Takes a case's block back.
    ///
    /// # Errors
    /// As [`Casebook::decide`].
    pub async fn release(&self, withdrawal: Withdrawal<'_>) -> Result<Decided, StoreError> {
        let _ = withdrawal;
        todo!()
    }

    /// Writes releases of orders whose validity ended, or whose name came onto a
    /// never-block list; one transaction for all, cases become released.
    ///
    /// # Errors
    /// [`StoreError`]; nothing was written then.
    pub async fn expire(
        &self,
        releases: Vec<Cleared>,
        now: UnixMillis,
    ) -> Result<Vec<Serial>, StoreError> {
        let _ = (releases, now);
        todo!()
    }

    /// Benign cases whose term ended become open again; answers how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reopen_benign(&self, now: UnixMillis) -> Result<u64, StoreError> {
        let _ = now;
        todo!()
    }

    /// Sets the version of the guard's lists in force; orders cleared under another are refused.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_lists_version(&self, version: ListsVersion) -> Result<(), StoreError> {
        let _ = version;
        todo!()
    }
}
