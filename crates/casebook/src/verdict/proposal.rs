//! What a first person proposed, kept word for word until a second one agrees: a second
//! person approves exactly this, nothing else.

use belfry_journal::UnixMillis;
use sqlx::SqliteConnection;

use super::{Asked, Decision, Verdict};
use crate::StoreError;
use crate::case::CaseState;
use crate::column::{Columns, Word, big, millis};
use crate::sql::life as sql;
use crate::store::Write;

/// A verdict that waits for a second person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// What was found.
    pub verdict: Verdict,
    /// How the block was asked for.
    pub asked: Asked,
    /// Why; never published.
    pub reason: String,
    /// By whom, as [`crate::access::Principal::name`].
    pub by: String,
    /// When.
    pub at: UnixMillis,
}

/// The proposal on a case.
pub(crate) async fn proposal_of(
    connection: &mut SqliteConnection,
    case: i64,
) -> Result<Option<Proposal>, StoreError> {
    let row = sqlx::query(sql::PROPOSAL).bind(case).fetch_optional(connection).await?;
    let Some(row) = row else { return Ok(None) };
    let columns = Columns::new("proposals", &row);
    let level = columns.text("level")?;
    let days = columns.number_maybe("block_days")?;
    let block_days = days.map(u32::try_from).transpose();
    Ok(Some(Proposal {
        verdict: columns.word("verdict")?,
        asked: Asked {
            widen: level == "domain",
            compromised: columns.number("compromised")? == 1,
            block_days: block_days.map_err(|_| columns.unknown("block_days", "too many"))?,
        },
        reason: columns.text("reason")?,
        by: columns.text("person")?,
        at: columns.time("at_ms")?,
    }))
}

impl Write {
    /// Keeps the proposal of whoever is first now, and drops it once nothing waits for it.
    pub(super) async fn keep_proposal(
        &mut self,
        state: &CaseState,
        decision: &Decision<'_>,
    ) -> Result<(), StoreError> {
        let case = big(decision.case)?;
        let CaseState::AwaitingSecond(waiting) = state else {
            sqlx::query(sql::DROP_PROPOSAL).bind(case).execute(self.connection()).await?;
            return Ok(());
        };
        let by = &decision.by.principal().name;
        if waiting.first != *by {
            return Ok(());
        }
        let Asked { widen, compromised, block_days } = decision.asked;
        sqlx::query(sql::PROPOSE)
            .bind(case)
            .bind(decision.verdict.word())
            .bind(if widen { "domain" } else { "host" })
            .bind(i64::from(compromised))
            .bind(block_days.map(i64::from))
            .bind(decision.reason)
            .bind(by)
            .bind(millis(decision.at)?)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}
