//! By what right operators look for texts of SMS: legal bases, hand-overs, and the
//! templates that follow from them.
//!
//! A template is written only if, in the same transaction, its hand-over is found with the
//! digest of exactly its text, a case with the handed-over report was found to be fraud, and
//! its legal basis holds: whoever made the order. It ends with its time or its basis.

mod handovers;
mod matches;
mod templates;

pub use self::handovers::HandedOver;
pub use self::matches::Matches;

use belfry_indicator::{LegalBasis, OperatorName, Scope};
use belfry_journal::{Serial, UnixMillis};
use sqlx::sqlite::SqliteRow;

use crate::access::Admin;
use crate::audit::Act;
use crate::column::{Columns, big, millis};
use crate::sql::sms as sql;
use crate::store::Write;
use crate::{Casebook, StoreError};

const AUTHORITY_CHARS_MAX: usize = 500;
const SIMILAR_TEXTS: &str = "similar-texts";

/// A legal basis to be recorded.
#[derive(Clone, Debug)]
pub struct BasisDraft {
    /// Whose right it is.
    pub operator: OperatorName,
    /// The law, decree or decision.
    pub authority: String,
    /// Its first moment.
    pub from: UnixMillis,
    /// The first moment at which it no longer holds.
    pub until: UnixMillis,
}

impl Casebook {
    /// Records by what right an operator looks for texts.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for an authority or dates that say nothing, or the database's.
    pub async fn add_legal_basis(
        &self,
        by: &Admin,
        draft: BasisDraft,
        now: UnixMillis,
    ) -> Result<LegalBasis, StoreError> {
        let chars = draft.authority.chars().count();
        if draft.authority.trim().is_empty() || chars > AUTHORITY_CHARS_MAX {
            let why = "it must have 1 to 500 characters";
            return Err(StoreError::Invalid { what: "authority", why });
        }
        if draft.from >= draft.until {
            return Err(StoreError::Invalid {
                what: "legal basis",
                why: "it ends before it begins",
            });
        }
        let mut write = self.db().write().await?;
        let id = write.draw("legal_bases").await?;
        sqlx::query(sql::INSERT_BASIS)
            .bind(id)
            .bind(draft.operator.as_str())
            .bind(&draft.authority)
            .bind(SIMILAR_TEXTS)
            .bind(millis(draft.from)?)
            .bind(millis(draft.until)?)
            .execute(write.connection())
            .await?;
        let (who, object) = (&by.principal().name, format!("legal basis {id}"));
        let detail = format!("{}: {}", draft.operator, draft.authority);
        write
            .audit(&Act { who, action: "add-basis", object: &object, detail: &detail }, now)
            .await?;
        write.commit().await?;
        self.legal_basis(u64::try_from(id).unwrap_or_default()).await
    }

    /// The legal basis with this number.
    ///
    /// # Errors
    /// [`StoreError::Missing`], or the database's.
    pub async fn legal_basis(&self, number: u64) -> Result<LegalBasis, StoreError> {
        let row = sqlx::query(sql::BASIS).bind(big(number)?).fetch_optional(self.readers()).await?;
        basis_of(row.as_ref(), number)
    }

    /// The legal bases, the latest first, at most 1,000.
    ///
    /// # Errors
    /// The database's.
    pub async fn legal_bases(&self) -> Result<Vec<LegalBasis>, StoreError> {
        let rows = sqlx::query(sql::BASES).fetch_all(self.readers()).await?;
        rows.iter().map(|row| basis_of(Some(row), 0)).collect()
    }

    /// Ends a legal basis now, and with it every template that rests on it.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where none holds with this number, or the database's.
    pub async fn end_legal_basis(
        &self,
        by: &Admin,
        number: u64,
        now: UnixMillis,
    ) -> Result<Vec<Serial>, StoreError> {
        let mut write = self.db().write().await?;
        let ended = sqlx::query(sql::END_BASIS)
            .bind(big(number)?)
            .bind(millis(now)?)
            .execute(write.connection())
            .await?;
        if ended.rows_affected() == 0 {
            return Err(StoreError::Missing { what: "legal basis", id: number.to_string() });
        }
        let (who, object) = (&by.principal().name, format!("legal basis {number}"));
        write.audit(&Act { who, action: "end-basis", object: &object, detail: "" }, now).await?;
        let released = write.release_templates_of(number, now).await?;
        write.commit().await?;
        Ok(released)
    }
}

impl Write {
    async fn basis(&mut self, number: u64) -> Result<LegalBasis, StoreError> {
        let asked = sqlx::query(sql::BASIS).bind(big(number)?);
        let row = asked.fetch_optional(self.connection()).await?;
        basis_of(row.as_ref(), number)
    }
}

fn operator_of(columns: &Columns<'_>) -> Result<OperatorName, StoreError> {
    let name = columns.text("operator")?;
    OperatorName::parse(&name).map_err(|_| columns.unknown("operator", name))
}

fn basis_of(row: Option<&SqliteRow>, number: u64) -> Result<LegalBasis, StoreError> {
    let row =
        row.ok_or_else(|| StoreError::Missing { what: "legal basis", id: number.to_string() })?;
    let columns = Columns::new("legal_bases", row);
    let scope = columns.text("scope")?;
    if scope != SIMILAR_TEXTS {
        return Err(columns.unknown("scope", scope));
    }
    Ok(LegalBasis {
        operator: operator_of(&columns)?,
        number: columns.number("id")?,
        authority: columns.text("authority")?,
        scope: Scope::SimilarTexts,
        from: columns.time("from_ms")?,
        until: columns.time("until_ms")?,
    })
}
