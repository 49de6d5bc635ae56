//! Legal hold: a report that must not be erased, by whom and why.

use belfry_journal::UnixMillis;
use sqlx::SqliteConnection;

use super::{Receipt, ReportId};
use crate::access::Admin;
use crate::audit::Act;
use crate::column::{Columns, big, millis};
use crate::sql::erasure as sql;
use crate::{Casebook, StoreError};

/// Longest reason, in characters.
const WHY_MAX: usize = 500;

/// A hold on a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Who put it on.
    pub who: String,
    /// Why.
    pub why: String,
    /// When.
    pub at: UnixMillis,
}

impl Casebook {
    /// Puts a report under hold: it is not erased until the hold is lifted.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Taken`] where it is held already,
    /// [`StoreError::Invalid`] for the reason, or the database's.
    pub async fn hold(
        &self,
        by: &Admin,
        receipt: &Receipt,
        why: &str,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let why = why.trim();
        if why.is_empty() || why.chars().count() > WHY_MAX {
            let why = "it must have 1 to 500 characters";
            return Err(StoreError::Invalid { what: "reason", why });
        }
        let id = self.id_of(receipt).await?;
        let mut write = self.db().write().await?;
        let held = sqlx::query(sql::HOLD)
            .bind(big(id.0)?)
            .bind(&by.principal().name)
            .bind(why)
            .bind(millis(now)?)
            .execute(write.connection())
            .await?;
        if held.rows_affected() == 0 {
            return Err(StoreError::Taken { what: "hold on report", id: receipt.to_string() });
        }
        let (who, object) = (&by.principal().name, format!("report {}", id.0));
        write.audit(&Act { who, action: "hold", object: &object, detail: why }, now).await?;
        write.commit().await
    }

    /// Lifts the hold on a report.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where there is none, or the database's.
    pub async fn unhold(
        &self,
        by: &Admin,
        receipt: &Receipt,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let id = self.id_of(receipt).await?;
        let mut write = self.db().write().await?;
        let lifted = sqlx::query(sql::UNHOLD).bind(big(id.0)?).execute(write.connection()).await?;
        if lifted.rows_affected() == 0 {
            return Err(StoreError::Missing { what: "hold on report", id: receipt.to_string() });
        }
        let (who, object) = (&by.principal().name, format!("report {}", id.0));
        write.audit(&Act { who, action: "unhold", object: &object, detail: "" }, now).await?;
        write.commit().await
    }

    /// The hold on a report, if there is one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn hold_on(&self, id: ReportId) -> Result<Option<Hold>, StoreError> {
        of(&mut *self.readers().acquire().await?, id).await
    }

    async fn id_of(&self, receipt: &Receipt) -> Result<ReportId, StoreError> {
        let missing = || StoreError::Missing { what: "report", id: receipt.to_string() };
        Ok(self.report(receipt).await?.ok_or_else(missing)?.id)
    }
}

/// The hold on a report, if there is one.
pub(super) async fn of(
    connection: &mut SqliteConnection,
    id: ReportId,
) -> Result<Option<Hold>, StoreError> {
    let row = sqlx::query(sql::HELD).bind(big(id.0)?).fetch_optional(connection).await?;
    row.map(|row| {
        let columns = Columns::new("holds", &row);
        let (who, why) = (columns.text("who")?, columns.text("why")?);
        Ok(Hold { who, why, at: columns.time("at_ms")? })
    })
    .transpose()
}
