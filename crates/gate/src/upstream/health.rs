//! Whether an upstream answered lately. A silent one is passed over for a few
//! seconds, then tried again by an ordinary query.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Failures in a row that make an upstream down.
const FAILURES_MAX: u32 = 3;
/// How long it is passed over.
const REST: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    down_until: Option<Instant>,
}

/// The health of one upstream.
#[derive(Debug)]
pub(crate) struct Health(Mutex<State>);

impl Health {
    /// Taken to be up.
    pub(crate) fn new() -> Self {
        Self(Mutex::default())
    }

    /// It answered.
    pub(crate) fn answered(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = State::default();
    }

    /// It failed; true when this makes it down for the first time.
    pub(crate) fn failed(&self, now: Instant) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.failures = state.failures.saturating_add(1);
        if state.failures >= FAILURES_MAX {
            state.down_until = Some(now + REST);
        }
        state.failures == FAILURES_MAX
    }

    /// Whether it is worth asking first.
    pub(crate) fn is_up(&self, now: Instant) -> bool {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.down_until.is_none_or(|until| now >= until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_failures_in_a_row_make_it_rest_and_one_answer_heals_it() {
        let (health, now) = (Health::new(), Instant::now());
        assert!(!health.failed(now) && !health.failed(now) && health.is_up(now));
        assert!(health.failed(now), "the third is news");
        assert!(!health.failed(now), "the fourth is none");
        assert!(!health.is_up(now) && health.is_up(now + REST));
        health.answered();
        assert!(health.is_up(now));
        assert!(!health.failed(now));
    }
}
