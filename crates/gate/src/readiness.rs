//! Whether the gate answers, and how (DESIGN 9): any verified block set serves,
//! however old; without one the gate is silent for a while, then does what the
//! operator chose. Never looks at how old the state is: that is the follower's.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::settings::WithoutState;

/// How the gate stands towards queries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stance {
    /// A verified block set holds.
    Filtering,
    /// No block set yet, still waiting for one: no answer at all.
    Silent,
    /// No block set, and none came in time: answers as if nothing were blocked.
    Unfiltered,
    /// No block set, and none came in time: answers that it can't.
    Closed,
}

/// The stance over time.
#[derive(Debug)]
pub(crate) struct Readiness {
    has_state: AtomicBool,
    alarmed: AtomicBool,
    until: Instant,
    without_state: WithoutState,
}

impl Readiness {
    /// Silent for `seconds` from now, then as chosen.
    pub(crate) fn new(seconds: u64, without_state: WithoutState) -> Self {
        Self {
            has_state: AtomicBool::new(false),
            alarmed: AtomicBool::new(false),
            until: Instant::now() + Duration::from_secs(seconds),
            without_state,
        }
    }

    /// A verified block set holds from now on.
    pub(crate) fn serve(&self) {
        if !self.has_state.swap(true, Ordering::Release) && self.alarmed.load(Ordering::Relaxed) {
            tracing::info!("a verified block set has come: the gate filters from now on");
        }
    }

    /// The stance at `now`.
    pub(crate) fn stance(&self, now: Instant) -> Stance {
        if self.has_state.load(Ordering::Acquire) {
            return Stance::Filtering;
        }
        if now < self.until {
            return Stance::Silent;
        }
        let alarm = !self.alarmed.swap(true, Ordering::Relaxed);
        match self.without_state {
            WithoutState::Unfiltered => {
                if alarm {
                    tracing::error!("no verified block set came in time: answering UNFILTERED");
                }
                Stance::Unfiltered
            }
            WithoutState::Closed => {
                if alarm {
                    tracing::error!("no verified block set came in time: answering SERVFAIL");
                }
                Stance::Closed
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(seconds: u64, without: WithoutState, expect: Stance) {
        let readiness = Readiness::new(seconds, without);
        assert_eq!(readiness.stance(Instant::now()), expect);
        readiness.serve();
        assert_eq!(readiness.stance(Instant::now()), Stance::Filtering);
    }

    #[test]
    fn silent_first_then_as_chosen_and_filtering_with_any_state() {
        check(3_600, WithoutState::Unfiltered, Stance::Silent);
        check(3_600, WithoutState::Closed, Stance::Silent);
        check(0, WithoutState::Unfiltered, Stance::Unfiltered);
        check(0, WithoutState::Closed, Stance::Closed);
    }
}
