//! What people do around cases: notes, who has one in hand, objections, and the figures
//! that pages show. Nothing here moves a case or writes an order.

mod objection;
mod sender;

pub(crate) use self::objection::seal_what_is_clear;
pub use self::objection::{NewObjection, Objection, ObjectionState};
pub use self::sender::{NewSenderObjection, RefusedSms};

use belfry_indicator::Domain;
use belfry_journal::{Serial, UnixMillis};
use sqlx::Row;

use crate::access::Analyst;
use crate::case::{OrderRecord, order_of};
use crate::column::{Columns, big, millis};
use crate::sql::work as sql;
use crate::{Casebook, StoreError};

const NOTE_CHARS_MAX: usize = 4_000;
const NOTES_MAX: i64 = 500;
const DAY_MILLIS: i64 = 86_400_000;

/// A note on a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// By whom.
    pub by: String,
    /// When.
    pub at: UnixMillis,
    /// The words.
    pub text: String,
}

/// What one follower counted for an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowerEffect {
    /// Its name.
    pub follower: String,
    /// Blocked answers.
    pub blocked_answers: u64,
    /// Views of the warning page.
    pub warning_views: u64,
    /// When the order took hold there.
    pub applied_at: Option<UnixMillis>,
    /// When it first blocked an answer there.
    pub first_blocked_at: Option<UnixMillis>,
}

/// A count of one day, since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayCount {
    /// Days since 1970.
    pub day: u64,
    /// Of what; empty for reports.
    pub what: String,
    /// How many.
    pub count: u64,
}

impl Casebook {
    /// Writes a note beside a case.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for its length, or the database's.
    pub async fn add_note(
        &self,
        by: &Analyst,
        case: u64,
        text: &str,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        check_text("note", text, NOTE_CHARS_MAX)?;
        let mut write = self.db().write().await?;
        write.case(case).await?;
        let id = write.draw("case-notes").await?;
        sqlx::query(sql::INSERT_NOTE)
            .bind(id)
            .bind(big(case)?)
            .bind(&by.principal().name)
            .bind(millis(now)?)
            .bind(text.trim())
            .execute(write.connection())
            .await?;
        write.commit().await
    }

    /// The notes of a case, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn notes(&self, case: u64) -> Result<Vec<Note>, StoreError> {
        let rows =
            sqlx::query(sql::NOTES).bind(big(case)?).bind(NOTES_MAX).fetch_all(self.readers());
        rows.await?
            .iter()
            .map(|row| {
                let columns = Columns::new("case_notes", row);
                let (by, at) = (columns.text("person")?, columns.time("at_ms")?);
                Ok(Note { by, at, text: columns.text("text")? })
            })
            .collect()
    }

    /// Takes a case in hand, or lets it go. It hinders nobody: it only says who looks.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn hold_case(
        &self,
        by: &Analyst,
        case: u64,
        held: bool,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let mut write = self.db().write().await?;
        write.case(case).await?;
        let case = big(case)?;
        let query = if held {
            let person = &by.principal().name;
            sqlx::query(sql::HOLD_CASE).bind(case).bind(person).bind(millis(now)?)
        } else {
            sqlx::query(sql::LET_GO).bind(case)
        };
        query.execute(write.connection()).await?;
        write.commit().await
    }

    /// Who has a case in hand.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn holder(&self, case: u64) -> Result<Option<String>, StoreError> {
        let held = sqlx::query_scalar(sql::HOLDER).bind(big(case)?);
        Ok(held.fetch_optional(self.readers()).await?)
    }

    /// What each follower counted for an order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn effects_of(&self, order: Serial) -> Result<Vec<FollowerEffect>, StoreError> {
        let rows = sqlx::query(sql::EFFECTS_OF).bind(big(order.0)?).fetch_all(self.readers());
        rows.await?
            .iter()
            .map(|row| {
                let columns = Columns::new("effects", row);
                Ok(FollowerEffect {
                    follower: columns.text("follower")?,
                    blocked_answers: columns.number("blocked_answers")?,
                    warning_views: columns.number("warning_views")?,
                    applied_at: columns.time_maybe("applied_at")?,
                    first_blocked_at: columns.time_maybe("first_blocked_at")?,
                })
            })
            .collect()
    }

    /// The live order that blocks `name` now: its own, or one of a domain that it is within.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn block_of(&self, name: &Domain) -> Result<Option<OrderRecord>, StoreError> {
        let mut reading = self.readers().begin().await?;
        for (up, ancestor) in name.ancestors().enumerate() {
            let row = sqlx::query(sql::EFFECTIVE_FOR).bind(ancestor.as_str());
            let Some(row) = row.fetch_optional(&mut *reading).await? else { continue };
            let order = order_of(&mut reading, &row).await?;
            // A block of a host alone says nothing of the names below it.
            if up == 0 || order.target.level() == "domain" {
                return Ok(Some(order));
            }
        }
        Ok(None)
    }

    /// Reports a day since `since`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reports_by_day(&self, since: UnixMillis) -> Result<Vec<DayCount>, StoreError> {
        self.by_day(sql::REPORTS_BY_DAY, None, since).await
    }

    /// Live blocks a day and category since `since`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn blocks_by_day(&self, since: UnixMillis) -> Result<Vec<DayCount>, StoreError> {
        self.by_day(sql::ORDERS_BY_DAY, Some("category"), since).await
    }

    async fn by_day(
        &self,
        text: &'static str,
        what: Option<&'static str>,
        since: UnixMillis,
    ) -> Result<Vec<DayCount>, StoreError> {
        let rows = sqlx::query(text).bind(millis(since)?).bind(DAY_MILLIS);
        rows.fetch_all(self.readers())
            .await?
            .iter()
            .map(|row| {
                let columns = Columns::new("days", row);
                let what = what.map(|what| columns.text(what)).transpose()?.unwrap_or_default();
                Ok(DayCount { day: columns.number("day")?, what, count: columns.number("count")? })
            })
            .collect()
    }

    /// How many cases there are in each state.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn cases_by_status(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let rows = sqlx::query(sql::CASES_BY_STATUS).fetch_all(self.readers()).await?;
        rows.iter()
            .map(|row| Ok((row.try_get("status")?, Columns::new("cases", row).number("count")?)))
            .collect()
    }
}

fn check_text(what: &'static str, text: &str, chars_max: usize) -> Result<(), StoreError> {
    if (1..=chars_max).contains(&text.trim().chars().count()) {
        return Ok(());
    }
    Err(StoreError::Invalid { what, why: "it must have words, and not too many" })
}
