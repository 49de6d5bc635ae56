//! The audit log: who did what to what, written in the transaction that did it.
//! Never evidence, secrets or reporters.

use belfry_journal::UnixMillis;

use crate::access::Admin;
use crate::column::{Columns, big, millis};
use crate::sql::access as sql;
use crate::store::Write;
use crate::{Casebook, StoreError};

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
    /// What: `decide`, `release`, `reverse`, `expire`, `reopen`, `create-token`, `revoke-token`.
    pub action: String,
    /// To what: `case 7`, `order 3`, `token ci`.
    pub object: String,
    /// More, in words.
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
        rows.iter()
            .map(|row| {
                let columns = Columns::new("audit", row);
                Ok(AuditRecord {
                    id: columns.number("id")?,
                    at: columns.time("at_ms")?,
                    who: columns.text("who")?,
                    action: columns.text("action")?,
                    object: columns.text("object")?,
                    detail: columns.text("detail")?,
                })
            })
            .collect()
    }
}

impl Write {
    /// Writes an act down.
    pub(crate) async fn audit(&mut self, act: &Act<'_>, at: UnixMillis) -> Result<(), StoreError> {
        let id = self.draw("audit").await?;
        sqlx::query(sql::INSERT_AUDIT)
            .bind(id)
            .bind(millis(at)?)
            .bind(act.who)
            .bind(act.action)
            .bind(act.object)
            .bind(act.detail)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}
