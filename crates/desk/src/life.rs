//! What becomes of a block before it ends: a person looks again, and renews it or lets it go.

use belfry_casebook::StoreError;
use belfry_casebook::access::Analyst;
use belfry_casebook::case::{Case, CaseState};
use belfry_casebook::verdict::{Decided, Renewal};
use belfry_guard::{Approvals, Finding, Outcome, check};
use belfry_indicator::EmbeddedSuffixes;
use belfry_journal::{Cause, Order};

use crate::desk::days;
use crate::judge::{BLOCK_DAYS_MAX, check_reason};
use crate::{Desk, JudgeError};

/// A block to be renewed.
#[derive(Clone, Copy, Debug)]
pub struct Renew<'a> {
    /// Of which case.
    pub case: u64,
    /// The version that was seen, if the decision is bound to it.
    pub version: Option<u64>,
    /// Why: never published.
    pub reason: &'a str,
    /// For how many days from now, instead of the desk's default.
    pub block_days: Option<u32>,
}

/// What a renewal did.
#[derive(Clone, Debug)]
pub enum Renewed {
    /// A new order is in the old one's place.
    Done(Decided),
    /// The guard does not let one person block this any more; the old order goes on to its end.
    NotCleared(Finding),
}

impl Desk {
    /// Cases whose block ends within the days of the configuration; those of rules, which
    /// are short, are among them from the first. The same number is in [`Desk::time`]'s future.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn to_recheck(&self, limit: u32) -> Result<Vec<Case>, StoreError> {
        let until = self.time().plus(days(self.settings.recheck_days));
        self.casebook.cases_to_recheck(until, limit).await
    }

    /// Renews a case's block: target and category stay, the term begins anew.
    ///
    /// # Errors
    /// [`JudgeError`]; the old order stays as it was then.
    pub async fn renew(&self, by: &Analyst, renew: Renew<'_>) -> Result<Renewed, JudgeError> {
        check_reason(renew.reason)?;
        let now = self.clock.now();
        let file = self.file(renew.case).await?;
        let CaseState::Blocked(blocked) = &file.case.state else {
            let (state, hint) = (file.case.state.name(), "only a blocked case can be renewed");
            return Err(StoreError::Move { case: renew.case, state, hint }.into());
        };
        let term = renew.block_days.unwrap_or(self.settings.block_days);
        if !(1..=BLOCK_DAYS_MAX).contains(&term) {
            return Err(JudgeError::Validity);
        }
        let effective = self.casebook.effective();
        let missing =
            || StoreError::Missing { what: "effective order", id: blocked.order.to_string() };
        let held = effective.by_serial(blocked.order).ok_or_else(missing)?;
        let draft = Order {
            issued_at: now,
            valid_until: now.plus(days(term)),
            cause: Cause::Verdict { case: renew.case },
            ..held.order
        };
        let lists = self.lists.load_full();
        let order = match check(draft, &lists, &EmbeddedSuffixes, &Approvals::none(), now) {
            Outcome::Cleared(order) => order,
            Outcome::NeedsSecond(finding) | Outcome::Refused(finding) => {
                return Ok(Renewed::NotCleared(finding));
            }
        };
        let version = renew.version.or(Some(file.case.version));
        let (case, reason) = (renew.case, renew.reason);
        let renewal = Renewal { case, version, reason, by, at: now, order };
        Ok(Renewed::Done(self.casebook.renew(renewal).await?))
    }
}
