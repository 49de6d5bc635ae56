//! Holds a change of the orders that is suspiciously large, until a person confirms it:
//! a hub that was taken over, or has gone mad, must not empty or fill a gate within
//! a minute. Counts changes only; what they are is others' affair.

use std::time::{Duration, Instant};

/// Changes are counted over so long.
const WINDOW: Duration = Duration::from_secs(60);
/// A set this small may change as it likes, and so many changes always pass.
const FREE: usize = 1_000;

/// What becomes of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is made.
    Pass,
    /// The set as it is now is taken whole.
    All,
    /// It is not made.
    Held,
}

/// The brake.
#[derive(Debug)]
pub(crate) struct Brake {
    percent_max: u32,
    window: Option<Window>,
    held: Option<String>,
    confirmed: bool,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    began: Instant,
    /// Orders that held then.
    orders: usize,
    changes: usize,
}

impl Brake {
    /// Holds more than this share; 100 and more hold nothing.
    pub(crate) fn new(percent_max: u32) -> Self {
        Self { percent_max, window: None, held: None, confirmed: false }
    }

    /// What becomes of `changes` where so many orders hold.
    pub(crate) fn verdict(&mut self, orders: usize, changes: usize, now: Instant) -> Verdict {
        if self.held.is_some() {
            return match std::mem::take(&mut self.confirmed) {
                true => {
                    self.release();
                    Verdict::All
                }
                false => Verdict::Held,
            };
        }
        if self.lets_pass(orders, changes, now) { Verdict::Pass } else { Verdict::Held }
    }

    /// Whether `changes` are few enough where so many orders hold; else they are held.
    pub(crate) fn lets_pass(&mut self, orders: usize, changes: usize, now: Instant) -> bool {
        if std::mem::take(&mut self.confirmed) {
            self.release();
            return true;
        }
        let fresh = Window { began: now, orders, changes: 0 };
        let mut window = self.window.filter(|window| now < window.began + WINDOW).unwrap_or(fresh);
        window.changes += changes;
        self.window = Some(window);
        let share = u128::from(self.percent_max) * window.orders as u128;
        let few = window.orders < FREE || window.changes <= FREE;
        if few || self.percent_max >= 100 || window.changes as u128 * 100 <= share {
            return true;
        }
        let Window { orders, changes, .. } = window;
        self.held = Some(format!(
            "{changes} changes within a minute where {orders} orders held, more than \
             orders_change_percent_max: held; `belfry gate confirm` takes them"
        ));
        false
    }

    /// Lets pass what is held; false where nothing is.
    pub(crate) fn confirm(&mut self) -> bool {
        self.confirmed = self.held.is_some();
        self.confirmed
    }

    /// What is held, in words.
    pub(crate) fn held(&self) -> Option<&str> {
        self.held.as_deref()
    }

    fn release(&mut self) {
        self.held = None;
        self.window = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_changes_within_a_minute_are_held_until_confirmed() {
        let (mut brake, now) = (Brake::new(50), Instant::now());
        assert!(!brake.confirm(), "nothing is held");
        for _ in 0..50 {
            assert_eq!(brake.verdict(10_000, 100, now), Verdict::Pass);
        }
        assert_eq!(brake.verdict(10_000, 1, now), Verdict::Held);
        assert!(brake.held().unwrap().contains("5001 changes"), "{:?}", brake.held());
        assert_eq!(brake.verdict(10_000, 1, now + 2 * WINDOW), Verdict::Held, "until confirmed");
        assert!(brake.confirm());
        assert_eq!(brake.verdict(10_000, 1, now + 2 * WINDOW), Verdict::All);
        assert_eq!(brake.verdict(10_000, 1, now + 2 * WINDOW), Verdict::Pass);
        assert_eq!(brake.held(), None);
    }

    #[test]
    fn slow_changes_small_sets_and_those_told_so_pass() {
        let now = Instant::now();
        let mut brake = Brake::new(50);
        for minute in 0..100 {
            assert_eq!(brake.verdict(10_000, 5_000, now + minute * WINDOW), Verdict::Pass);
        }
        assert_eq!(Brake::new(50).verdict(999, 10_000, now), Verdict::Pass);
        assert_eq!(Brake::new(100).verdict(10_000, 1_000_000, now), Verdict::Pass);
        assert_eq!(Brake::new(0).verdict(10_000, FREE, now), Verdict::Pass);
    }

    #[test]
    fn a_whole_set_is_held_and_taken_once_confirmed() {
        let (mut brake, now) = (Brake::new(50), Instant::now());
        assert!(!brake.lets_pass(10_000, 9_000, now));
        assert!(brake.confirm());
        assert!(brake.lets_pass(10_000, 9_000, now));
        assert_eq!(brake.held(), None);
    }
}
