//! Verdicts and the orders they cause, one transaction each.
//!
//! Whether something may be blocked is the guard's to say, what follows from a
//! verdict the desk's; here it is only written, whole or not at all.

mod decide;
mod proposal;
mod release;
mod renew;

use belfry_guard::{Cleared, Finding, ListsVersion};
use belfry_journal::{Category, Serial, UnixMillis};
use sqlx::SqliteConnection;

pub use self::proposal::Proposal;
pub(crate) use self::proposal::proposal_of;
pub use self::renew::Renewal;
use crate::access::Analyst;
use crate::audit::Act;
use crate::case::Case;
use crate::column::{Columns, Word, big};
use crate::sql::{cases as sql, journal};
use crate::{Casebook, StoreError};

/// Longest reason, in characters.
pub const REASON_MAX: usize = 2_000;

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

impl Verdict {
    /// All of them.
    pub const ALL: [Verdict; 7] = [
        Verdict::Phishing,
        Verdict::Malware,
        Verdict::FakeShop,
        Verdict::OtherFraud,
        Verdict::Spam,
        Verdict::Benign,
        Verdict::Undecidable,
    ];

    /// The name of the API: `fake-shop`.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Phishing => "phishing",
            Verdict::Malware => "malware",
            Verdict::FakeShop => "fake-shop",
            Verdict::OtherFraud => "other-fraud",
            Verdict::Spam => "spam",
            Verdict::Benign => "benign",
            Verdict::Undecidable => "undecidable",
        }
    }

    /// The verdict of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.name() == name)
    }

    /// The category in which it blocks; `None` for a verdict that blocks nothing.
    pub fn category(self) -> Option<Category> {
        match self {
            Verdict::Phishing => Some(Category::Phishing),
            Verdict::Malware => Some(Category::Malware),
            Verdict::FakeShop => Some(Category::FakeShop),
            Verdict::OtherFraud => Some(Category::OtherFraud),
            Verdict::Spam | Verdict::Benign | Verdict::Undecidable => None,
        }
    }
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
    /// A second person must agree; what the first proposes is kept for them.
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

impl Consequence {
    /// What the guard found against the block, if that is what follows.
    pub fn finding(&self) -> Option<&Finding> {
        match self {
            Consequence::AwaitSecond(finding) | Consequence::Refuse(finding) => Some(finding),
            Consequence::Block(_) | Consequence::Clear { .. } | Consequence::Close => None,
        }
    }
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
    /// What exactly was asked for, kept where a second person must agree to it.
    pub asked: Asked,
}

/// How a block was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The whole registrable domain, not only the host.
    pub widen: bool,
    /// A compromised site.
    pub compromised: bool,
    /// For how many days.
    pub block_days: Option<u32>,
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
    /// Sets the version of the guard's lists in force; orders cleared under another are
    /// refused. A change is in the audit log, with `lists` in words.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_lists_version(
        &self,
        version: ListsVersion,
        lists: &str,
        at: UnixMillis,
    ) -> Result<(), StoreError> {
        let mut write = self.db().write().await?;
        let before = sqlx::query(journal::LISTS).fetch_optional(write.connection()).await?;
        let before: Option<[u8; 32]> =
            before.map(|row| Columns::new("guard_lists", &row).array("version")).transpose()?;
        if before == Some(version.0) {
            return write.roll_back().await;
        }
        if before.is_some() {
            let act = Act {
                who: crate::audit::HUB,
                action: "guard-lists",
                object: "guard",
                detail: lists,
            };
            write.audit(&act, at).await?;
        }
        sqlx::query(journal::SET_LISTS)
            .bind(version.0.to_vec())
            .execute(write.connection())
            .await?;
        write.commit().await
    }
}

/// The verdicts on a case, oldest first.
pub(crate) async fn verdicts_of(
    connection: &mut SqliteConnection,
    case: u64,
    limit: i64,
) -> Result<Vec<VerdictRecord>, StoreError> {
    let rows =
        sqlx::query(sql::VERDICTS).bind(big(case)?).bind(limit).fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            let columns = Columns::new("verdicts", row);
            Ok(VerdictRecord {
                verdict: columns.word("verdict")?,
                reason: columns.text("reason")?,
                by: columns.text("person")?,
                at: columns.time("at_ms")?,
            })
        })
        .collect()
}

pub(crate) fn check_reason(reason: &str) -> Result<(), StoreError> {
    let characters = reason.chars().take(REASON_MAX + 1).count();
    if reason.trim().is_empty() || characters > REASON_MAX {
        let why = "it must have 1 to 2,000 characters";
        return Err(StoreError::Invalid { what: "reason", why });
    }
    Ok(())
}

impl Word for Verdict {
    const ALL: &'static [Self] = &Verdict::ALL;
    fn word(self) -> &'static str {
        self.name()
    }
}
