//! The one place that asks the system what time it is.

use std::time::{SystemTime, UNIX_EPOCH};

use belfry_journal::UnixMillis;

/// The system's time; 1970 where the clock stands before it.
pub(crate) fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
