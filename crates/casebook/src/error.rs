//! The one error of this crate.

use belfry_journal::Serial;

/// Why the casebook did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database failed.
    #[error("the database failed: {0}")]
    Sql(#[from] sqlx::Error),
    /// A migration failed.
    #[error("the database could not be brought up to date: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which file.
        path: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Evidence that can't be decrypted: damaged, or its key is gone.
    #[error("the evidence of report {receipt} can't be opened: {why}")]
    Evidence {
        /// Which report.
        receipt: String,
        /// Why.
        why: String,
    },
    /// No such thing.
    #[error("there is no {what} {id}")]
    Missing {
        /// `case`, `report`, `token`…
        what: &'static str,
        /// As asked for.
        id: String,
    },
    /// The case has changed since the caller read it.
    #[error("case {case} is at version {now}, not {expected}: read it again")]
    Stale {
        /// The case.
        case: u64,
        /// The caller's version.
        expected: u64,
        /// The version now.
        now: u64,
    },
    /// The case's state does not allow this move.
    #[error("case {case} is {state}: {hint}")]
    Move {
        /// The case.
        case: u64,
        /// Its state.
        state: &'static str,
        /// What to do instead.
        hint: &'static str,
    },
    /// A follower holds entries past the journal's head.
    #[error("serial {serial} is ahead of the journal's head {head}")]
    Ahead {
        /// What the follower holds.
        serial: Serial,
        /// The head.
        head: Serial,
    },
    /// The guard's lists changed between check and transaction: check again.
    #[error("the guard's lists changed meanwhile: check again")]
    ListsChanged,
    /// An order for other operators holds for the same name, category and mode: it must be
    /// released first.
    #[error("order {serial} holds for another audience: release it first")]
    OtherAudience {
        /// That order.
        serial: Serial,
    },
    /// What is stored does not decode: the file was damaged or changed by hand.
    #[error("the journal is damaged at entry {serial}: {why}")]
    Damaged {
        /// Where.
        serial: Serial,
        /// Why.
        why: String,
    },
    /// A line of the audit log is not as it was written.
    #[error("the audit log is damaged at line {line}: {why}")]
    Audit {
        /// Where.
        line: u64,
        /// Why.
        why: String,
    },
    /// A report under legal hold is not erased.
    #[error("report {receipt} is held by {who}: {why}")]
    Held {
        /// Its receipt.
        receipt: String,
        /// Who holds it.
        who: String,
        /// Since when.
        since: belfry_journal::UnixMillis,
        /// Why.
        why: String,
    },
    /// What is stored in a row is not what this version writes.
    #[error("{table}.{column} holds {value:?}, which this version does not know")]
    Column {
        /// Table.
        table: &'static str,
        /// Column.
        column: &'static str,
        /// Value.
        value: String,
    },
    /// Another process has this data folder open.
    #[error(
        "{} is in use by a running hub: use `belfry case`, `belfry token` and the like, which \
         talk to it over its socket, or stop it first",
        .0.display()
    )]
    InUse(std::path::PathBuf),
    /// A key file can't be used, or is gone while what it opens is still there.
    #[error("the key {}: {why}", path.display())]
    Key {
        /// Which file.
        path: std::path::PathBuf,
        /// Why, and what to do.
        why: &'static str,
    },
    /// A backup can't be made or used.
    #[error("the backup {}: {why}", path.display())]
    Backup {
        /// The folder or file.
        path: std::path::PathBuf,
        /// Why, and what to do.
        why: &'static str,
    },
    /// An argument is out of its bounds.
    #[error("the {what} was refused: {why}")]
    Invalid {
        /// Which argument.
        what: &'static str,
        /// Its bounds.
        why: &'static str,
    },
    /// The name is taken.
    #[error("there is a {what} named {id} already")]
    Taken {
        /// `token`…
        what: &'static str,
        /// The name.
        id: String,
    },
    /// It is not as the caller thinks it is.
    #[error("{what} {id} {why}")]
    Changed {
        /// `warning`…
        what: &'static str,
        /// Its number.
        id: String,
        /// How it is, and what to do.
        why: &'static str,
    },
    /// The transaction that several reports shared failed; none of them was taken in.
    #[error("the report was not taken in: {0}")]
    Intake(std::sync::Arc<StoreError>),
    /// The transaction that several writes shared failed; none of them was done.
    #[error("the database failed: {0}")]
    Together(std::sync::Arc<StoreError>),
    /// No report is taken in just now; it can be sent again later.
    #[error("no report is taken in just now: {}", .0.explain())]
    Busy(crate::report::Pressure),
    /// The casebook is closing.
    #[error("the casebook is closed")]
    Closed,
}
