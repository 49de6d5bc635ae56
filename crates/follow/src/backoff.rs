//! Pauses between attempts: doubling from 100 ms to 30 s, with jitter, so that
//! a thousand followers do not come back to a restarted hub at once.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

const FIRST: Duration = Duration::from_millis(100);

/// The longest pause, and the only one after a refusal.
const LONGEST: Duration = Duration::from_secs(30);

/// The pause that comes next.
#[derive(Debug)]
pub(crate) struct Backoff {
    base: Duration,
}

impl Backoff {
    /// Starts short.
    pub(crate) fn new() -> Self {
        Self { base: FIRST }
    }

    /// After a success, the next failure is tried again soon.
    pub(crate) fn reset(&mut self) {
        self.base = FIRST;
    }

    /// Makes the next pause the longest at once.
    pub(crate) fn slow(&mut self) {
        self.base = LONGEST;
    }

    /// The next pause: between half of the base and all of it. Doubles the base.
    pub(crate) fn pause(&mut self) -> Duration {
        let base = self.base;
        self.base = (base * 2).min(LONGEST);
        base / 2 + jitter(base / 2)
    }
}

/// Something from zero up to `span`. The standard library's randomly keyed
/// hasher is entropy enough for spreading load.
fn jitter(span: Duration) -> Duration {
    let draw = RandomState::new().build_hasher().finish() % 1000;
    span * u32::try_from(draw).unwrap_or(0) / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let mut backoff = Backoff::new();
        let mut base = FIRST;
        for _ in 0..20 {
            let pause = backoff.pause();
            assert!(pause >= base / 2 && pause <= base, "{pause:?} is not within {base:?}");
            base = (base * 2).min(LONGEST);
        }
        assert_eq!(base, LONGEST);
    }

    #[test]
    fn a_success_starts_short_again_and_a_refusal_long() {
        let mut backoff = Backoff::new();
        backoff.slow();
        assert!(backoff.pause() >= LONGEST / 2);
        backoff.reset();
        assert!(backoff.pause() <= FIRST);
    }

    #[test]
    fn jitter_spreads() {
        let draws: std::collections::BTreeSet<_> =
            (0..64).map(|_| jitter(Duration::from_secs(1))).collect();
        assert!(draws.len() > 16, "only {} different pauses", draws.len());
    }
}
