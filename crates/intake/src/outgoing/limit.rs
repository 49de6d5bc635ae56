//! How many letters an address has had this hour, by its pseudonym; bounded.

use std::collections::HashMap;

use belfry_journal::UnixMillis;

/// Addresses remembered for an hour; past it nobody new is written to.
const ADDRESSES_MAX: usize = 100_000;
const HOUR_MS: u64 = 3_600_000;

/// The letters of the present hour.
#[derive(Debug, Default)]
pub(super) struct Limit {
    hour: u64,
    sent: HashMap<Vec<u8>, u32>,
}

impl Limit {
    /// Whether one more letter may go to `pseudonym` now; counts it if so.
    pub(super) fn admits(&mut self, pseudonym: &[u8], most: u32, now: UnixMillis) -> bool {
        let hour = now.0 / HOUR_MS;
        if hour != self.hour {
            *self = Self { hour, sent: HashMap::new() };
        }
        if self.sent.len() >= ADDRESSES_MAX && !self.sent.contains_key(pseudonym) {
            return false;
        }
        let sent = self.sent.entry(pseudonym.to_vec()).or_default();
        let admitted = *sent < most;
        *sent += u32::from(admitted);
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_gets_so_many_an_hour_and_no_more() {
        let mut limit = Limit::default();
        let now = UnixMillis(7 * HOUR_MS);
        assert!(limit.admits(b"a", 2, now) && limit.admits(b"a", 2, now));
        assert!(!limit.admits(b"a", 2, now));
        assert!(limit.admits(b"b", 2, now));
        assert!(limit.admits(b"a", 2, UnixMillis(8 * HOUR_MS)));
    }

    #[test]
    fn the_table_has_an_end() {
        let mut limit = Limit::default();
        for n in 0..ADDRESSES_MAX {
            assert!(limit.admits(&n.to_be_bytes(), 2, UnixMillis(1)));
        }
        assert!(!limit.admits(b"one more", 2, UnixMillis(1)));
        assert!(limit.admits(&1_usize.to_be_bytes(), 2, UnixMillis(1)), "who is known still is");
    }
}
