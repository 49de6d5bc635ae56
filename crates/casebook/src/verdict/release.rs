//! Taking orders back: by a person, because their validity ended, or because
//! their name came onto a never-block list.
//!
//! An order that goes, goes for every case that it blocks.

use belfry_guard::Cleared;
use belfry_journal::{Action, Cause, Serial, UnixMillis};

use super::decide::{object, refused};
use super::{Decided, Withdrawal, check_reason};
use crate::audit::{Act, HUB};
use crate::case::{CaseState, case_of, order_of};
use crate::column::{big, millis};
use crate::sql::{cases, orders};
use crate::store::Write;
use crate::{Casebook, StoreError};

/// Orders that one call of [`Casebook::expire`] takes.
const RELEASES_MAX: usize = 10_000;
/// Benign cases reopened in one transaction.
const REOPENED_MAX: i64 = 1_000;

impl Casebook {
    /// Takes a case's block back, and that of every other case that its order blocks.
    ///
    /// # Errors
    /// As [`Casebook::decide`].
    pub async fn release(&self, withdrawal: Withdrawal<'_>) -> Result<Decided, StoreError> {
        check_reason(withdrawal.reason)?;
        let at = withdrawal.at;
        let mut write = self.db().write().await?;
        let case = write.case_at(withdrawal.case, withdrawal.version).await?;
        let CaseState::Blocked(blocked) = &case.state else {
            return Err(refused(&case, "only a blocked case can be released"));
        };
        let order = withdrawal.order.order();
        if order.action != (Action::Release { of: blocked.order }) {
            return Err(refused(&case, "the release must take back the order that blocks it"));
        }
        if order.cause != (Cause::Withdrawal { case: case.id }) {
            return Err(refused(&case, "its release must be caused by a withdrawal of this case"));
        }
        let serial = write.append_order(&withdrawal.order, at).await?;
        write.end_order(blocked.order, serial, withdrawal.mistake, at).await?;
        let action = if withdrawal.mistake { "reverse" } else { "release" };
        let by = &withdrawal.by.principal().name;
        let act = Act { who: by, action, object: &object(&case), detail: withdrawal.reason };
        write.audit(&act, at).await?;
        let case = write.case(case.id).await?;
        write.commit().await?;
        Ok(Decided { case, serial: Some(serial) })
    }

    /// Writes releases of orders whose validity ended, or whose name came onto a
    /// never-block list; one transaction for all, cases become released. An order that
    /// was released meanwhile is skipped.
    ///
    /// # Errors
    /// [`StoreError`]; nothing was written then.
    pub async fn expire(
        &self,
        releases: Vec<Cleared>,
        now: UnixMillis,
    ) -> Result<Vec<Serial>, StoreError> {
        if releases.len() > RELEASES_MAX {
            return Err(StoreError::Invalid { what: "releases", why: "at most 10,000 at once" });
        }
        let mut write = self.db().write().await?;
        let mut written = Vec::with_capacity(releases.len());
        for release in &releases {
            written.extend(write.expire_one(release, now).await?);
        }
        write.commit().await?;
        Ok(written)
    }

    /// Benign cases whose term ended become open again; answers how many. Call it
    /// again until it answers 0: one call takes at most 1,000.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reopen_benign(&self, now: UnixMillis) -> Result<u64, StoreError> {
        let mut write = self.db().write().await?;
        let rows = sqlx::query(cases::BENIGN_ENDED)
            .bind(millis(now)?)
            .bind(REOPENED_MAX)
            .fetch_all(write.connection())
            .await?;
        let mut reopened = 0;
        for row in &rows {
            let case = case_of(row)?;
            let CaseState::Benign(benign) = case.state.clone() else { continue };
            write.move_case(&case, &CaseState::Open(benign.expire()), now).await?;
            let detail = "its benign verdict ended";
            let act = Act { who: HUB, action: "reopen", object: &object(&case), detail };
            write.audit(&act, now).await?;
            reopened += 1;
        }
        write.commit().await?;
        Ok(reopened)
    }
}

impl Write {
    async fn expire_one(
        &mut self,
        release: &Cleared,
        now: UnixMillis,
    ) -> Result<Option<Serial>, StoreError> {
        let order = release.order();
        let why = "a release of an order, for its expiry or a never-block list, is needed";
        let refused = StoreError::Invalid { what: "release", why };
        let (Action::Release { of }, Cause::Expiry | Cause::NeverBlock) =
            (order.action, order.cause)
        else {
            return Err(refused);
        };
        let row = sqlx::query(orders::ORDER)
            .bind(big(of.0)?)
            .fetch_optional(self.connection())
            .await?
            .ok_or_else(|| StoreError::Missing { what: "order", id: of.to_string() })?;
        if order_of(self.connection(), &row).await?.released_by.is_some() {
            return Ok(None);
        }
        let serial = self.append_order(release, now).await?;
        self.end_order(of, serial, false, now).await?;
        let detail = format!("released by entry {serial}: {}", order.cause.name());
        let act =
            Act { who: HUB, action: "expire", object: &format!("order {of}"), detail: &detail };
        self.audit(&act, now).await?;
        Ok(Some(serial))
    }

    /// The order no longer holds: its row says so, and its cases move.
    async fn end_order(
        &mut self,
        order: Serial,
        by: Serial,
        mistake: bool,
        at: UnixMillis,
    ) -> Result<(), StoreError> {
        self.mark_released(order, by).await?;
        if mistake {
            let mark = sqlx::query(orders::MISTAKEN).bind(big(order.0)?);
            mark.execute(self.connection()).await?;
        }
        for case in self.cases_blocked_by(order).await? {
            let CaseState::Blocked(blocked) = case.state.clone() else { continue };
            let state = if mistake {
                CaseState::Reversed(blocked.reverse(by))
            } else {
                CaseState::Released(blocked.release(by))
            };
            self.move_case(&case, &state, at).await?;
        }
        Ok(())
    }
}
