//! Holds a change of the orders that is suspiciously large, until a person confirms it:
//! a hub that was taken over, or has gone mad, must not empty or fill a gate within
//! a minute. Counts changes only; what they are is others' affair.

use std::time::{Duration, Instant};

/// Changes are counted over so long.
const WINDOW: Duration = Duration::from_secs(60);
/// A set this small may change as it likes, and so many changes always pass.
const FREE: usize = 1_000;

/// The brake.
#[derive(Debug)]
pub(crate) struct Brake {
    percent_max: u32,
    window: Option<Window>,
    held: Option<String>,
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
        Self { percent_max, window: None, held: None }
    }

    /// Whether `changes` are few enough where so many orders hold. What is held stays so,
    /// and what comes after it, until [`Brake::release`].
    pub(crate) fn lets_pass(&mut self, orders: usize, changes: usize, now: Instant) -> bool {
        if self.held.is_some() {
            return false;
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

    /// What is held, in words.
    pub(crate) fn held(&self) -> Option<&str> {
        self.held.as_deref()
    }

    /// Holds nothing from now on, and counts anew.
    pub(crate) fn release(&mut self) {
        self.held = None;
        self.window = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_changes_within_a_minute_are_held_until_released() {
        let (mut brake, now) = (Brake::new(50), Instant::now());
        for _ in 0..50 {
            assert!(brake.lets_pass(10_000, 100, now));
        }
        assert!(!brake.lets_pass(10_000, 1, now));
        assert!(brake.held().unwrap().contains("5001 changes"), "{:?}", brake.held());
        assert!(!brake.lets_pass(10_000, 1, now + 2 * WINDOW), "until released");
        brake.release();
        assert!(brake.lets_pass(10_000, 1, now + 2 * WINDOW));
        assert_eq!(brake.held(), None);
    }

    #[test]
    fn slow_changes_small_sets_and_those_told_so_pass() {
        let now = Instant::now();
        let mut brake = Brake::new(50);
        for minute in 0..100 {
            assert!(brake.lets_pass(10_000, 5_000, now + minute * WINDOW));
        }
        assert!(Brake::new(50).lets_pass(999, 10_000, now));
        assert!(Brake::new(100).lets_pass(10_000, 1_000_000, now));
        assert!(Brake::new(0).lets_pass(10_000, FREE, now));
    }
}
