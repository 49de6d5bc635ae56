//! A block renewed before it ends: a person looked again, and a new order takes the old
//! one's place without a moment between them.

use belfry_guard::Cleared;
use belfry_journal::UnixMillis;

use super::decide::{check_fit, object, refused};
use super::{Decided, check_reason};
use crate::access::Analyst;
use crate::audit::Act;
use crate::case::{CaseState, order_of};
use crate::column::big;
use crate::sql::orders;
use crate::{Casebook, StoreError};

/// A block to be renewed.
#[derive(Debug)]
pub struct Renewal<'a> {
    /// Of which case.
    pub case: u64,
    /// The version the analyst saw; `None` takes the present one.
    pub version: Option<u64>,
    /// Why, 1 to 2,000 characters.
    pub reason: &'a str,
    /// By whom.
    pub by: &'a Analyst,
    /// When.
    pub at: UnixMillis,
    /// The new order, cleared by the guard: of the same target and category.
    pub order: Cleared,
}

impl Casebook {
    /// Puts a new order in the place of the one that blocks a case.
    ///
    /// # Errors
    /// As [`Casebook::decide`].
    pub async fn renew(&self, renewal: Renewal<'_>) -> Result<Decided, StoreError> {
        check_reason(renewal.reason)?;
        let mut write = self.db().write().await?;
        let case = write.case_at(renewal.case, renewal.version).await?;
        let CaseState::Blocked(blocked) = &case.state else {
            return Err(refused(&case, "only a blocked case can be renewed"));
        };
        let order = renewal.order.order();
        check_fit(&case, order)?;
        let row = sqlx::query(orders::ORDER)
            .bind(big(blocked.order.0)?)
            .fetch_one(write.connection())
            .await?;
        let held = order_of(write.connection(), &row).await?;
        if held.target != order.target || held.category != order.category {
            return Err(refused(&case, "a renewal keeps target and category"));
        }
        let serial = write.append_order(&renewal.order, renewal.at).await?;
        write.project(serial, case.id, order).await?;
        write.replace_held(serial, order, renewal.at).await?;
        let who = &renewal.by.principal().name;
        let act = Act { who, action: "renew", object: &object(&case), detail: renewal.reason };
        write.audit(&act, renewal.at).await?;
        let case = write.case(case.id).await?;
        write.commit().await?;
        Ok(Decided { case, serial: Some(serial) })
    }
}
