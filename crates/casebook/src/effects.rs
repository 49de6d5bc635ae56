//! Effects: what followers counted, cumulative and idempotent.

use belfry_journal::{Serial, UnixMillis};

use crate::access::Follower;
use crate::{Casebook, StoreError};

/// What one follower has counted for one order since it took hold; each upload
/// repeats the total, so that a repeated or lost upload changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The order.
    pub order: Serial,
    /// Answers with the warning.
    pub blocked_answers: u64,
    /// Views of the warning page.
    pub warning_views: u64,
    /// When the order took hold at this follower.
    pub applied_at: Option<UnixMillis>,
    /// When the first answer was blocked.
    pub first_blocked_at: Option<UnixMillis>,
}

/// Sums over followers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Answers with the warning.
    pub blocked_answers: u64,
    /// Views of the warning page.
    pub warning_views: u64,
    /// The earliest time at which it held anywhere.
    pub applied_at: Option<UnixMillis>,
    /// The earliest blocked answer.
    pub first_blocked_at: Option<UnixMillis>,
}

/// Figures for `/api/v1/statistics`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Reports taken in.
    pub reports: u64,
    /// Reports not read yet.
    pub unread: u64,
    /// Cases.
    pub cases: u64,
    /// Open cases.
    pub open_cases: u64,
    /// Orders that hold.
    pub effective_orders: u64,
    /// Blocked answers at all followers.
    pub blocked_answers: u64,
    /// Views of warning pages.
    pub warning_views: u64,
}

impl Casebook {
    /// Records one follower's totals. `instance` names one run of counters: 16 random
    /// bytes drawn when they began at zero; totals of several instances add up, within
    /// one only growth counts. Unknown orders are skipped and counted in the answer.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record_effects(
        &self,
        by: &Follower,
        instance: [u8; 16],
        effects: &[Effect],
        now: UnixMillis,
    ) -> Result<u64, StoreError> {
        let _ = (by, instance, effects, now);
        todo!()
    }

    /// The figures now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn statistics(&self) -> Result<Statistics, StoreError> {
        todo!()
    }
}
