//! The one clock of the hub's HTTP handlers.

use belfry_journal::UnixMillis;

/// Tells the time; `belfry` sets the system's, tests their own.
#[derive(Clone, Copy, Debug)]
pub struct Clock(pub fn() -> UnixMillis);

impl Clock {
    /// Now.
    pub fn now(self) -> UnixMillis {
        (self.0)()
    }
}
