//! Allowances that refill with time (GCRA): one number a client, a bounded table.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{Mutex, PoisonError};

const SECOND_NS: u64 = 1_000_000_000;

/// So many at once, and so many more a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many may come at once.
    pub burst: u32,
    /// How many more each minute.
    pub per_minute: u32,
}

impl Rate {
    /// Nanoseconds until one more may come.
    fn interval(self) -> u64 {
        60 * SECOND_NS / u64::from(self.per_minute.max(1))
    }
}

/// The allowances of many clients.
#[derive(Debug)]
pub struct Buckets {
    interval: u64,
    /// How far ahead of time a client may be.
    slack: u64,
    entries_max: usize,
    /// Clients are known by a hash under a key of this process.
    hasher: RandomState,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    /// When each client's allowance is whole again.
    whole_at: HashMap<u64, u64>,
    /// The same, of all that found no place.
    others: u64,
    /// Before then it is no use to look for idle entries again.
    swept_until: u64,
}

impl Buckets {
    /// Allowances that nobody has used up yet, of `entries_max` clients at most.
    pub fn new(rate: Rate, entries_max: usize) -> Self {
        let interval = rate.interval();
        Self {
            interval,
            slack: interval.saturating_mul(u64::from(rate.burst.max(1))),
            entries_max,
            hasher: RandomState::new(),
            table: Mutex::default(),
        }
    }

    /// Takes one of `client`'s allowance at `now`, in nanoseconds; else answers the seconds to wait.
    ///
    /// # Errors
    /// How many seconds to wait; nothing was taken.
    pub fn take(&self, client: &[u8], now: u64) -> Result<(), u64> {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let key = self.hasher.hash_one(client);
        if !table.whole_at.contains_key(&key) {
            self.make_room(&mut table, now);
        }
        let full = table.whole_at.len() >= self.entries_max && !table.whole_at.contains_key(&key);
        let whole_at =
            if full { &mut table.others } else { table.whole_at.entry(key).or_insert(now) };
        let next = now.max(*whole_at).saturating_add(self.interval);
        self.allows(next, now)?;
        *whole_at = next;
        Ok(())
    }

    /// Whether [`Buckets::take`] would allow one, without taking it.
    ///
    /// # Errors
    /// How many seconds to wait.
    pub fn peek(&self, client: &[u8], now: u64) -> Result<(), u64> {
        let table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let known = table.whole_at.get(&self.hasher.hash_one(client));
        let full = table.whole_at.len() >= self.entries_max;
        let whole_at = known.copied().unwrap_or(if full { table.others } else { now });
        self.allows(now.max(whole_at).saturating_add(self.interval), now)
    }

    fn allows(&self, next: u64, now: u64) -> Result<(), u64> {
        match next.saturating_sub(now).saturating_sub(self.slack) {
            0 => Ok(()),
            early => Err(early.div_ceil(SECOND_NS)),
        }
    }

    /// Forgets idle clients where the table is full, at most once an interval.
    fn make_room(&self, table: &mut Table, now: u64) {
        if table.whole_at.len() < self.entries_max || now < table.swept_until {
            return;
        }
        table.whole_at.retain(|_, whole_at| *whole_at > now);
        table.swept_until = now.saturating_add(self.interval.max(SECOND_NS));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { burst: 3, per_minute: 60 };

    #[test]
    fn a_burst_is_allowed_and_refills() {
        let buckets = Buckets::new(RATE, 10);
        for _ in 0..3 {
            assert_eq!(buckets.take(b"a", 0), Ok(()));
        }
        assert_eq!(buckets.peek(b"a", 0), Err(1));
        assert_eq!(buckets.take(b"a", 0), Err(1));
        assert_eq!(buckets.take(b"b", 0), Ok(()), "another client is another");
        assert_eq!(buckets.take(b"a", SECOND_NS), Ok(()));
        assert_eq!(buckets.take(b"a", SECOND_NS), Err(1));
        assert_eq!(buckets.take(b"a", u64::MAX), Ok(()));
    }

    #[test]
    fn what_is_refused_costs_nothing() {
        let buckets = Buckets::new(Rate { burst: 1, per_minute: 1 }, 10);
        assert_eq!(buckets.take(b"a", 0), Ok(()));
        for _ in 0..100 {
            assert_eq!(buckets.take(b"a", 0), Err(60));
        }
        assert_eq!(buckets.take(b"a", 60 * SECOND_NS), Ok(()));
    }

    #[test]
    fn the_table_is_bounded_and_the_rest_share() {
        let buckets = Buckets::new(RATE, 2);
        assert!(buckets.take(b"a", 0).is_ok() && buckets.take(b"b", 0).is_ok());
        for client in [b"c", b"d", b"e"] {
            assert_eq!(buckets.take(client, 0), Ok(()));
        }
        assert_eq!(buckets.take(b"f", 0), Err(1), "those without a place share one allowance");
        assert_eq!(buckets.peek(b"g", 0), Err(1));
        assert_eq!(buckets.table.lock().unwrap().whole_at.len(), 2);
        // Once those in it are idle, others take their places.
        assert_eq!(buckets.take(b"f", 10 * SECOND_NS), Ok(()));
        assert_eq!(buckets.table.lock().unwrap().whole_at.len(), 1);
    }
}
