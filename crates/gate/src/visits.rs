//! Prevented visits: one target, one client, one minute, however often it is asked
//! for. Keeps marks made with a key that never leaves the process, for a minute; from a
//! mark nobody can tell who asked for what. Bounded: where two marks fall on one
//! place, a visit may count twice.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use belfry_journal::Serial;
use domain::base::iana::Rtype;

use crate::names::Seed;

/// Marks kept; a power of two.
const PLACES: usize = 1 << 16;
const SECONDS: u64 = 60;

/// The marks of this minute and the one before.
pub(crate) struct Visits {
    seed: Seed,
    marks: Box<[AtomicU32]>,
    began: Instant,
}

impl Visits {
    /// No marks; `secret` makes them.
    pub(crate) fn new(secret: [u8; 16]) -> Self {
        let marks = (0..PLACES).map(|_| AtomicU32::new(0)).collect();
        Self { seed: Seed::new(secret), marks, began: Instant::now() }
    }

    /// Whether a blocked answer of this type has prevented a visit that is not counted yet.
    #[inline]
    pub(crate) fn is_new(&self, order: Serial, qtype: Rtype, client: IpAddr, now: Instant) -> bool {
        if !matches!(qtype, Rtype::A | Rtype::AAAA | Rtype::HTTPS) {
            return false;
        }
        let minute = now.saturating_duration_since(self.began).as_secs() / SECONDS;
        let address = match client {
            IpAddr::V4(v4) => v4.to_ipv6_mapped(),
            IpAddr::V6(v6) => v6,
        };
        let what = self.seed.label(self.seed.root(), &order.0.to_le_bytes());
        let when = self.seed.label(what, &minute.to_le_bytes());
        let hash = self.seed.label(when, &address.octets());
        let [a, b, c, d, e, f, ..] = hash.to_le_bytes();
        let place = usize::from(u16::from_le_bytes([a, b])) % PLACES;
        let mark = u32::from_le_bytes([c, d, e, f]) | 1;
        self.marks[place].swap(mark, Ordering::Relaxed) != mark
    }
}

impl std::fmt::Debug for Visits {
    /// Without the marks: they must not reach a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Visits")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn one_target_one_client_one_minute_is_one_visit() {
        let (visits, now) = (Visits::new([7; 16]), Instant::now());
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let (one, other) = (ip("192.0.2.1"), ip("2001:db8::1"));
        let is_new = |order, qtype, client, seconds| {
            visits.is_new(Serial(order), qtype, client, now + Duration::from_secs(seconds))
        };
        assert!(is_new(1, Rtype::A, one, 0));
        assert!(!is_new(1, Rtype::A, one, 1) && !is_new(1, Rtype::HTTPS, one, 30));
        assert!(is_new(1, Rtype::AAAA, other, 1), "another client");
        assert!(is_new(2, Rtype::A, one, 1), "another target");
        assert!(is_new(1, Rtype::A, one, 61), "another minute");
        assert!(!is_new(3, Rtype::MX, one, 0), "nobody visits by MX");
    }

    #[test]
    fn few_of_many_visits_count_twice() {
        let (visits, now) = (Visits::new([7; 16]), Instant::now());
        let ask = |client: u32| {
            let client = IpAddr::from(client.to_be_bytes());
            visits.is_new(Serial(1), Rtype::A, client, now)
        };
        let first = (0..1_000).filter(|client| ask(*client)).count();
        let again = (0..1_000).filter(|client| ask(*client)).count();
        assert_eq!(first, 1_000);
        assert!(again < 40, "{again}");
    }
}
