//! What happens to a case beside its verdict: parked and woken, taken up again, judged
//! together with another, split, raised by a person.

use belfry_journal::UnixMillis;
use sqlx::{Row, SqliteConnection};

use super::{CASES_MAX, Case, CaseState, Subject, case_of};
use crate::access::Analyst;
use crate::audit::{Act, HUB};
use crate::column::{Columns, Word, big, millis};
use crate::report::{Receipt, ReportId};
use crate::sql::{cases, life as sql, reports};
use crate::store::Write;
use crate::verdict::{Verdict, check_reason};
use crate::{Casebook, StoreError};

/// Cases that are judged together with one.
pub const MEMBERS_MAX: u32 = 500;
/// Parked cases woken in one transaction.
const WOKEN_MAX: i64 = 1_000;
/// Reports that one split moves.
const SPLIT_MAX: usize = 1_000;

/// A change of a case by a person.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// Which case.
    pub case: u64,
    /// The version that was seen; `None` takes the present one.
    pub version: Option<u64>,
    /// Why, 1 to 2,000 characters.
    pub reason: &'a str,
    /// By whom.
    pub by: &'a Analyst,
    /// When.
    pub at: UnixMillis,
}

/// Reports that belong to another case.
#[derive(Clone, Copy, Debug)]
pub struct Split<'a> {
    /// Out of which case, and why.
    pub change: Change<'a>,
    /// What they are about.
    pub subject: &'a Subject,
    /// Which.
    pub receipts: &'a [Receipt],
}

/// A case opened of late, for a rule's report.
#[derive(Clone, Debug)]
pub struct OpenedCase {
    /// The case as it is now.
    pub case: Case,
    /// How many of its reporters are proven.
    pub proven: u64,
    /// What a person last found.
    pub found: Option<Verdict>,
}

impl Casebook {
    /// Lets an open case wait until then.
    ///
    /// # Errors
    /// [`StoreError::Move`] where it is not open, or as [`Casebook::decide`].
    pub async fn park(&self, change: Change<'_>, until: UnixMillis) -> Result<Case, StoreError> {
        if until <= change.at {
            return Err(StoreError::Invalid { what: "time", why: "it must be in the future" });
        }
        self.change(change, "park", |state| match state {
            CaseState::Open(open) => Ok(CaseState::Parked(open.park(until))),
            _ => Err("only an open case can be parked"),
        })
        .await
    }

    /// Takes a case up again that was parked, closed, refused, released, reversed or benign.
    ///
    /// # Errors
    /// [`StoreError::Move`] for another state, or as [`Casebook::decide`].
    pub async fn take_up(&self, change: Change<'_>) -> Result<Case, StoreError> {
        self.change(change, "take-up", |state| {
            let hint = "it is open already, waits for a second person, is blocked or merged";
            state.taken_up().map(CaseState::Open).map_err(|_| hint)
        })
        .await
    }

    /// Opens a case again whose proposal the second person does not agree to.
    ///
    /// # Errors
    /// [`StoreError::Move`] where nothing waits, or as [`Casebook::decide`].
    pub async fn decline(&self, change: Change<'_>) -> Result<Case, StoreError> {
        check_reason(change.reason)?;
        let mut write = self.db().write().await?;
        let case = write.case_at(change.case, change.version).await?;
        let hint = "nothing on it waits for a second person";
        let refused = |_| StoreError::Move { case: case.id, state: case.state.name(), hint };
        let state = case.state.clone().declined().map_err(refused)?;
        write.move_case(&case, &CaseState::Open(state), change.at).await?;
        let number = big(case.id)?;
        sqlx::query(sql::DROP_PROPOSAL).bind(number).execute(write.connection()).await?;
        write.note(&change, "decline", change.reason).await?;
        let case = write.case(case.id).await?;
        write.commit().await?;
        Ok(case)
    }

    /// Has a case judged together with `into` from now on, with all that are judged with it.
    ///
    /// # Errors
    /// [`StoreError::Move`], [`StoreError::Invalid`] for itself, or as [`Casebook::decide`].
    pub async fn merge(&self, change: Change<'_>, into: u64) -> Result<Case, StoreError> {
        check_reason(change.reason)?;
        if into == change.case {
            return Err(StoreError::Invalid { what: "case", why: "it can't merge into itself" });
        }
        let mut write = self.db().write().await?;
        let leader = write.case(into).await?;
        if let CaseState::Merged(_) = leader.state {
            let hint = "it is merged itself: merge into the case that it follows";
            return Err(StoreError::Move { case: into, state: leader.state.name(), hint });
        }
        let case = write.case_at(change.case, change.version).await?;
        let hint = "only an open, parked, released or closed case can be merged";
        let refused = || StoreError::Move { case: case.id, state: case.state.name(), hint };
        let state = case.state.clone().merged(into).map_err(|_| refused())?;
        write.move_case(&case, &CaseState::Merged(state), change.at).await?;
        write.join_leader(case.id, into, change.at).await?;
        write.note(&change, "merge", &format!("into case {into}: {}", change.reason)).await?;
        let case = write.case(case.id).await?;
        write.commit().await?;
        Ok(case)
    }

    /// Has a case judged alone again.
    ///
    /// # Errors
    /// [`StoreError::Move`] where it is judged with none, or as [`Casebook::decide`].
    pub async fn unmerge(&self, change: Change<'_>) -> Result<Case, StoreError> {
        check_reason(change.reason)?;
        let mut write = self.db().write().await?;
        let case = write.case_at(change.case, change.version).await?;
        let left = sqlx::query(sql::LEAVE).bind(big(case.id)?).execute(write.connection()).await?;
        if left.rows_affected() == 0 {
            let hint = "it is judged together with no other";
            return Err(StoreError::Move { case: case.id, state: case.state.name(), hint });
        }
        if let CaseState::Merged(merged) = case.state.clone() {
            write.move_case(&case, &CaseState::Open(merged.unmerge()), change.at).await?;
        }
        write.note(&change, "unmerge", change.reason).await?;
        let case = write.case(case.id).await?;
        write.commit().await?;
        Ok(case)
    }

    /// Has a decided case judged together with `into` from now on: what changes at the
    /// leader, changes there. Its own state stays.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn follow(&self, change: Change<'_>, into: u64) -> Result<(), StoreError> {
        let mut write = self.db().write().await?;
        write.case(into).await?;
        write.join_leader(change.case, into, change.at).await?;
        write.note(&change, "merge", &format!("into case {into}: {}", change.reason)).await?;
        write.commit().await
    }

    /// Opens the case about `subject`, or answers the one that is there and whether it is new.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn raise(
        &self,
        by: &Analyst,
        subject: &Subject,
        reason: &str,
        at: UnixMillis,
    ) -> Result<(Case, bool), StoreError> {
        check_reason(reason)?;
        let mut write = self.db().write().await?;
        if let Some(case) = write.case_of(subject).await? {
            write.roll_back().await?;
            return Ok((case, false));
        }
        let case = write.open_case(subject, at).await?;
        let change = Change { case: case.id, version: None, reason, by, at };
        write.note(&change, "raise", reason).await?;
        write.commit().await?;
        Ok((case, true))
    }

    /// Moves reports from a case to the case of another subject, which is opened or reopened.
    ///
    /// # Errors
    /// [`StoreError::Missing`] for a report that is not of the case, [`StoreError::Invalid`]
    /// for none or the same subject, or as [`Casebook::decide`].
    pub async fn split(&self, split: Split<'_>) -> Result<Case, StoreError> {
        let Split { change, subject, receipts } = split;
        check_reason(change.reason)?;
        if receipts.is_empty() || receipts.len() > SPLIT_MAX {
            return Err(StoreError::Invalid { what: "reports", why: "1 to 1,000 are needed" });
        }
        let mut write = self.db().write().await?;
        let case = write.case_at(change.case, change.version).await?;
        if case.subject.key() == subject.key() {
            let why = "the new case must be about something else";
            return Err(StoreError::Invalid { what: "target", why });
        }
        let mut other = None;
        for receipt in receipts {
            let report = write.report_of(receipt, case.id).await?;
            other = Some(write.move_report(report, case.id, subject, change.at).await?);
        }
        let other = other.ok_or(StoreError::Invalid { what: "reports", why: "none was given" })?;
        let detail = format!("{} reports to case {other}: {}", receipts.len(), change.reason);
        write.note(&change, "split", &detail).await?;
        let case = write.case(other).await?;
        write.commit().await?;
        Ok(case)
    }

    /// Opens parked cases whose time has come; answers how many. Call it again until it
    /// answers 0.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn wake_parked(&self, now: UnixMillis) -> Result<u64, StoreError> {
        let mut write = self.db().write().await?;
        let rows = sqlx::query(cases::PARKED_ENDED)
            .bind(millis(now)?)
            .bind(WOKEN_MAX)
            .fetch_all(write.connection())
            .await?;
        let mut woken = 0;
        for row in &rows {
            let case = case_of(row)?;
            let CaseState::Parked(parked) = case.state.clone() else { continue };
            write.move_case(&case, &CaseState::Open(parked.wake()), now).await?;
            let object = format!("case {}", case.id);
            let detail = "its time has come";
            write.audit(&Act { who: HUB, action: "wake", object: &object, detail }, now).await?;
            woken += 1;
        }
        write.commit().await?;
        Ok(woken)
    }

    /// Blocked cases whose order ends by `until`: to be looked at again before it does.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn cases_to_recheck(
        &self,
        until: UnixMillis,
        limit: u32,
    ) -> Result<Vec<Case>, StoreError> {
        let rows = sqlx::query(cases::RECHECK)
            .bind(millis(until)?)
            .bind(i64::from(limit.clamp(1, CASES_MAX)))
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(case_of).collect()
    }

    /// Cases opened since then, after the case `after`, oldest first, a page of 500.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn cases_opened_since(
        &self,
        since: UnixMillis,
        after: u64,
    ) -> Result<Vec<OpenedCase>, StoreError> {
        let rows = sqlx::query(cases::OPENED_SINCE)
            .bind(millis(since)?)
            .bind(big(after)?)
            .bind(i64::from(CASES_MAX))
            .fetch_all(self.readers())
            .await?;
        rows.iter()
            .map(|row| {
                let columns = Columns::new("cases", row);
                let found = columns.text_maybe("found")?;
                Ok(OpenedCase {
                    case: case_of(row)?,
                    proven: columns.number("proven")?,
                    found: found.as_deref().and_then(Verdict::of),
                })
            })
            .collect()
    }

    /// A blocked case of the same registrable domain that a person decided.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn decided_kin(&self, case: &Case) -> Result<Option<u64>, StoreError> {
        let Subject::Host { registrable, .. } = &case.subject else { return Ok(None) };
        let kin: Option<i64> = sqlx::query_scalar(cases::DECIDED_KIN)
            .bind(registrable.as_str())
            .bind(big(case.id)?)
            .fetch_optional(self.readers())
            .await?;
        Ok(kin.map(i64::unsigned_abs))
    }

    async fn change(
        &self,
        change: Change<'_>,
        action: &'static str,
        to: impl FnOnce(CaseState) -> Result<CaseState, &'static str>,
    ) -> Result<Case, StoreError> {
        check_reason(change.reason)?;
        let mut write = self.db().write().await?;
        let case = write.case_at(change.case, change.version).await?;
        let refused = |hint| StoreError::Move { case: case.id, state: case.state.name(), hint };
        let state = to(case.state.clone()).map_err(refused)?;
        write.move_case(&case, &state, change.at).await?;
        write.note(&change, action, change.reason).await?;
        let case = write.case(case.id).await?;
        write.commit().await?;
        Ok(case)
    }
}

impl Write {
    async fn note(
        &mut self,
        change: &Change<'_>,
        action: &'static str,
        detail: &str,
    ) -> Result<(), StoreError> {
        let (who, object) = (&change.by.principal().name, format!("case {}", change.case));
        self.audit(&Act { who, action, object: &object, detail }, change.at).await
    }

    /// The case and whoever follows it follow `leader`, or that one's own leader.
    async fn join_leader(
        &mut self,
        case: u64,
        leader: u64,
        at: UnixMillis,
    ) -> Result<(), StoreError> {
        let (case, leader) = (big(case)?, big(leader)?);
        let above: Option<i64> =
            sqlx::query_scalar(sql::LEADER).bind(leader).fetch_optional(self.connection()).await?;
        let leader = above.filter(|above| *above != case).unwrap_or(leader);
        sqlx::query(sql::JOIN_ALL).bind(case).bind(leader).execute(self.connection()).await?;
        sqlx::query(sql::LEAVE).bind(leader).execute(self.connection()).await?;
        sqlx::query(sql::JOIN)
            .bind(case)
            .bind(leader)
            .bind(millis(at)?)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// The report of a receipt, if it is one of the case's.
    async fn report_of(&mut self, receipt: &Receipt, case: u64) -> Result<ReportId, StoreError> {
        let missing =
            || StoreError::Missing { what: "report", id: format!("{receipt} in case {case}") };
        let row = sqlx::query(reports::OF_CASE_BY_RECEIPT)
            .bind(receipt.to_string())
            .bind(big(case)?)
            .fetch_optional(self.connection())
            .await?
            .ok_or_else(missing)?;
        let id: i64 = row.try_get("id")?;
        Ok(ReportId(id.unsigned_abs()))
    }
}

/// The members of a case, by number.
pub(super) async fn members_of(
    connection: &mut SqliteConnection,
    case: i64,
) -> Result<Vec<u64>, StoreError> {
    let rows = sqlx::query(sql::MEMBERS)
        .bind(case)
        .bind(i64::from(MEMBERS_MAX))
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| Columns::new("case_members", row).number("case_id")).collect()
}

/// The leader of a case.
pub(super) async fn leader_of(
    connection: &mut SqliteConnection,
    case: i64,
) -> Result<Option<u64>, StoreError> {
    let leader: Option<i64> =
        sqlx::query_scalar(sql::LEADER).bind(case).fetch_optional(connection).await?;
    Ok(leader.map(i64::unsigned_abs))
}
