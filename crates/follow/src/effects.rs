//! What a follower counts, as it goes back to the hub: totals, so that a
//! repeated or lost upload changes nothing. Never holds a client's address or
//! what was asked.

use belfry_journal::{Serial, UnixMillis};

/// Totals of one order since this run of counters began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The order.
    pub order: Serial,
    /// Answers with the warning.
    pub blocked_answers: u64,
    /// Views of the warning page.
    pub warning_views: u64,
    /// Visits that blocked answers prevented: one client, one minute, at most once.
    pub prevented_visits: u64,
    /// When it took hold here.
    pub applied_at: Option<UnixMillis>,
    /// When the first answer was blocked here.
    pub first_blocked_at: Option<UnixMillis>,
}

/// One upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectsReport {
    /// Names this run of counters: 16 random bytes drawn when they began at zero.
    pub instance: [u8; 16],
    /// The last entry that holds here.
    pub serial: Serial,
    /// Totals of the orders that changed since the last upload that succeeded.
    pub effects: Vec<Effect>,
}
