//! A decision: verdict, state, order and audit in one transaction.

use belfry_guard::{Cleared, Finding};
use belfry_indicator::Target;
use belfry_journal::{Action, Cause, Mode, Order, Serial, UnixMillis};

use super::{Consequence, Decided, Decision, check_reason};
use crate::audit::Act;
use crate::case::{Case, CaseState, Ruling, Subject, case_of};
use crate::column::{Columns, Word, big, millis};
use crate::sql::{cases, orders};
use crate::store::Write;
use crate::{Casebook, StoreError};

impl Casebook {
    /// Records a verdict and what follows from it: verdict, state, entry, projection
    /// and audit in one transaction, the serial drawn in it from the locked head row.
    ///
    /// # Errors
    /// [`StoreError::Stale`], [`StoreError::Move`], [`StoreError::ListsChanged`],
    /// [`StoreError::Missing`] or the database's; nothing was written then.
    pub async fn decide(&self, decision: Decision<'_>) -> Result<Decided, StoreError> {
        check_reason(decision.reason)?;
        let mut write = self.db().write().await?;
        let case = write.case_at(decision.case, decision.version).await?;
        if let CaseState::Blocked(_) = case.state {
            return Err(refused(&case, "release its block before deciding it again"));
        }
        let (ruling, serial) = write.rule(&case, &decision).await?;
        let state = case
            .state
            .clone()
            .decided(ruling)
            .map_err(|_| refused(&case, "release its block before deciding it again"))?;
        write.move_case(&case, &state, decision.at).await?;
        write.keep_proposal(&state, &decision).await?;
        write.record_verdict(&decision).await?;
        let rule = decision.consequence.finding().map(said).unwrap_or_default();
        let (verdict, reason) = (decision.verdict.name(), decision.reason);
        let detail = format!("{verdict} ({}{rule}): {reason}", state.name());
        let by = &decision.by.principal().name;
        let act = Act { who: by, action: "decide", object: &object(&case), detail: &detail };
        write.audit(&act, decision.at).await?;
        let case = write.case(case.id).await?;
        write.commit().await?;
        Ok(Decided { case, serial })
    }
}

impl Write {
    /// The case, if it is at the version that the caller saw.
    pub(crate) async fn case_at(
        &mut self,
        id: u64,
        version: Option<u64>,
    ) -> Result<Case, StoreError> {
        let case = self.case(id).await?;
        match version {
            Some(expected) if expected != case.version => {
                Err(StoreError::Stale { case: id, expected, now: case.version })
            }
            _ => Ok(case),
        }
    }

    /// What the decision's consequence comes to, its order written.
    async fn rule(
        &mut self,
        case: &Case,
        decision: &Decision<'_>,
    ) -> Result<(Ruling, Option<Serial>), StoreError> {
        Ok(match &decision.consequence {
            Consequence::Block(cleared) => {
                let serial = self.block(case, cleared, decision.at).await?;
                (Ruling::Block(serial), Some(serial))
            }
            Consequence::AwaitSecond(finding) => {
                let hint = "only a verdict that blocks can wait for a second person";
                let category = decision.verdict.category().ok_or_else(|| refused(case, hint))?;
                let first = decision.by.principal().name.clone();
                (Ruling::AwaitSecond { first, category, rule: finding.rule }, None)
            }
            Consequence::Refuse(finding) => (Ruling::Refuse(finding.rule), None),
            Consequence::Clear { until } => (Ruling::Clear(*until), None),
            Consequence::Close => (Ruling::Close, None),
        })
    }

    async fn block(
        &mut self,
        case: &Case,
        cleared: &Cleared,
        at: UnixMillis,
    ) -> Result<Serial, StoreError> {
        let order = cleared.order();
        check_fit(case, order)?;
        let serial = self.append_order(cleared, at).await?;
        self.project(serial, case.id, order).await?;
        self.replace_held(serial, order, at).await?;
        Ok(serial)
    }

    /// An order takes the place of the one that held for the same target,
    /// category and mode, and blocks the cases that the other blocked.
    pub(super) async fn replace_held(
        &mut self,
        serial: Serial,
        order: &Order,
        at: UnixMillis,
    ) -> Result<(), StoreError> {
        let held = sqlx::query(orders::HELD_FOR_KEY)
            .bind(big(serial.0)?)
            .bind(order.target.level())
            .bind(order.target.name().as_str())
            .bind(order.category.word())
            .bind(order.mode.word())
            .fetch_all(self.connection())
            .await?;
        for row in &held {
            let old = Columns::new("orders", row).serial("serial")?;
            self.mark_released(old, serial).await?;
            for case in self.cases_blocked_by(old).await? {
                if let CaseState::Blocked(blocked) = &case.state {
                    let state = CaseState::Blocked(blocked.clone().replace(serial));
                    self.move_case(&case, &state, at).await?;
                }
            }
        }
        Ok(())
    }

    /// Notes in an order's row that it no longer holds.
    pub(super) async fn mark_released(
        &mut self,
        order: Serial,
        by: Serial,
    ) -> Result<(), StoreError> {
        sqlx::query(orders::RELEASE)
            .bind(big(order.0)?)
            .bind(big(by.0)?)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// The cases that an order blocks.
    pub(super) async fn cases_blocked_by(
        &mut self,
        order: Serial,
    ) -> Result<Vec<Case>, StoreError> {
        let rows =
            sqlx::query(cases::BLOCKED_BY).bind(big(order.0)?).fetch_all(self.connection()).await?;
        rows.iter().map(case_of).collect()
    }

    async fn record_verdict(&mut self, decision: &Decision<'_>) -> Result<(), StoreError> {
        let id = self.draw("verdicts").await?;
        sqlx::query(cases::INSERT_VERDICT)
            .bind(id)
            .bind(big(decision.case)?)
            .bind(decision.verdict.word())
            .bind(decision.reason)
            .bind(&decision.by.principal().name)
            .bind(millis(decision.at)?)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

/// A rule of the guard as the audit log names it, with the list that says so.
fn said(finding: &Finding) -> String {
    match &finding.list {
        Some(list) => format!(" by the guard's rule {}, list {list}", finding.rule),
        None => format!(" by the guard's rule {}", finding.rule),
    }
}

/// Whether `order` is a live block of what `case` is about, caused by its verdict.
pub(super) fn check_fit(case: &Case, order: &Order) -> Result<(), StoreError> {
    let names_it = match (&case.subject, &order.target) {
        (Subject::Host { host, .. }, Target::Host(name)) => name == host,
        (Subject::Host { registrable, .. }, Target::Domain(name)) => name == registrable,
        (Subject::Url { .. } | Subject::Message { .. }, _) => false,
    };
    if order.action != Action::Block || order.mode != Mode::Live {
        return Err(refused(case, "a decision blocks by a live block order"));
    }
    if !names_it {
        return Err(refused(case, "its order must name its exact host or registrable domain"));
    }
    if order.cause != (Cause::Verdict { case: case.id }) {
        return Err(refused(case, "its order must be caused by a verdict on this case"));
    }
    Ok(())
}

/// The error for a move that the case does not allow.
pub(super) fn refused(case: &Case, hint: &'static str) -> StoreError {
    StoreError::Move { case: case.id, state: case.state.name(), hint }
}

/// A case as the audit log names it.
pub(super) fn object(case: &Case) -> String {
    format!("case {}", case.id)
}
