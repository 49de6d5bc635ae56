//! The audit log: who did what to what, written in the transaction that did it, each
//! line chained to the one before. Never evidence, secrets or reporters.

mod chain;
mod verify;

use belfry_journal::{AuditAnchor, Serial, UnixMillis};
use sqlx::sqlite::SqliteRow;

use crate::access::{Admin, Reader};
use crate::column::{Columns, big, millis};
use crate::keys::random;
use crate::sql::access as sql;
use crate::store::Write;
use crate::{Casebook, StoreError};

use self::chain::{GENESIS, Line, commitment};
pub use self::verify::AuditVerified;
pub(crate) use self::verify::check_latest;

/// How the log names what no person did.
pub(crate) const HUB: &str = "belfry";
const RECORDS_MAX: u32 = 1_000;

/// One act, to be written down.
pub(crate) struct Act<'a> {
    pub(crate) who: &'a str,
    pub(crate) action: &'static str,
    pub(crate) object: &'a str,
    pub(crate) detail: &'a str,
}

/// One line of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// Number, from 1 without gaps.
    pub id: u64,
    /// When.
    pub at: UnixMillis,
    /// Who, as [`crate::access::Principal::name`]; `belfry` for what no person did.
    pub who: String,
    /// What: `decide`, `release`, `reverse`, `expire`, `reopen`, `reveal`, `erase`, `hold`,
    /// `unhold`, `create-token`, `revoke-token`, `void-journal`, `forget-follower`, `backup`,
    /// `restore`, `accept-expiry`, `guard-lists`, `invite-person`, `enrol-passkey`,
    /// `sign-in`, `sign-out`, `end-sessions`, `remove-person`,
    /// `decide-objection`, `park`, `decline`, `take-up`, `wake`, `merge`, `unmerge`, `split`,
    /// `raise`, `renew`, `put-rule`, `set-rule`, `pull-brake`, `release-brake`,
    /// `add-operator`, `set-operator`, `suspend-operator`, `resume-operator`, `rotate-key`,
    /// `draft-warning`, `edit-warning`, `publish-warning`, `withdraw-warning`, `add-hook`,
    /// `drop-hook`.
    pub action: String,
    /// To what: `case 7`, `order 3`, `token ci`.
    pub object: String,
    /// More, in words; empty once it was erased.
    pub detail: String,
}

impl Casebook {
    /// The latest lines before number `before`, newest first, at most `limit` (1 to 1,000).
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn audit(
        &self,
        _by: &Admin,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        let rows = sqlx::query(sql::AUDIT)
            .bind(before.map_or(Ok(i64::MAX), big)?)
            .bind(i64::from(limit.clamp(1, RECORDS_MAX)))
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(record).collect()
    }

    /// What was done to a case, the latest first, at most `limit` (1 to 1,000). What is in
    /// it is no more than who may judge the case may know.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn acts_on_case(
        &self,
        _by: &Reader,
        case: u64,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        let rows = sqlx::query(sql::AUDIT_OF)
            .bind(format!("case {case}"))
            .bind(i64::from(limit.clamp(1, RECORDS_MAX)))
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(record).collect()
    }
}

fn record(row: &SqliteRow) -> Result<AuditRecord, StoreError> {
    let columns = Columns::new("audit", row);
    Ok(AuditRecord {
        id: columns.number("id")?,
        at: columns.time("at_ms")?,
        who: columns.text("who")?,
        action: columns.text("action")?,
        object: columns.text("object")?,
        detail: columns.text("detail")?,
    })
}

impl Casebook {
    /// Notes that a person accepted what had stopped expiry.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note_accepted(
        &self,
        by: &Admin,
        what: &str,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let who = &by.principal().name;
        let act = Act { who, action: "accept-expiry", object: "expiry", detail: what };
        let mut write = self.db().write().await?;
        write.audit(&act, now).await?;
        write.commit().await
    }

    /// Writes into the journal how far the audit log is, if it grew since the last time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn anchor_audit(&self, now: UnixMillis) -> Result<Option<Serial>, StoreError> {
        let mut write = self.db().write().await?;
        let Some((line, hash)) = verify::last(write.connection()).await? else {
            write.roll_back().await?;
            return Ok(None);
        };
        if write.last_anchor().await? == Some(line) {
            write.roll_back().await?;
            return Ok(None);
        }
        let serial = write.append_anchor(AuditAnchor { at: now, line, hash }).await?;
        write.commit().await?;
        Ok(Some(serial))
    }
}

impl Write {
    /// Writes an act down.
    pub(crate) async fn audit(&mut self, act: &Act<'_>, at: UnixMillis) -> Result<(), StoreError> {
        let previous = verify::last(self.connection()).await?.map_or(GENESIS, |(_, hash)| hash);
        let id = self.draw("audit").await?;
        let salt: [u8; 32] = random();
        let commitment = commitment(&salt, act.detail);
        let (who, action, object) = (act.who, act.action, act.object);
        let number = u64::try_from(id).unwrap_or_default();
        let hash = Line { id: number, at, who, action, object, commitment }.hash(previous);
        sqlx::query(sql::INSERT_AUDIT)
            .bind(id)
            .bind(millis(at)?)
            .bind(act.who)
            .bind(act.action)
            .bind(act.object)
            .bind(act.detail)
            .bind(salt.to_vec())
            .bind(commitment.to_vec())
            .bind(hash.to_vec())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}
