//! How often one client prefix may ask over UDP. Past it answers are cut to their
//! header, so that real clients come again over TCP and forged ones gain nothing:
//! one address of a carrier is thousands of people. One thread's own, bounded,
//! and gone with the process.

use std::net::IpAddr;
use std::time::Instant;

/// Prefixes remembered at a time; a power of two.
const PLACES: usize = 1 << 12;
/// So many seconds' worth may come at once.
const BURST_SECONDS: f32 = 2.0;

#[derive(Clone, Copy, Debug)]
struct Place {
    prefix: u64,
    left: f32,
    at: Instant,
}

/// The limits of all prefixes.
#[derive(Debug)]
pub(crate) struct Limiter {
    per_second: f32,
    places: Box<[Option<Place>]>,
    key: u64,
}

impl Limiter {
    /// So many a second; 0 limits nobody. `key` decides who shares a place.
    pub(crate) fn new(per_second: u32, key: u64) -> Option<Self> {
        #[expect(clippy::cast_precision_loss, reason = "a limit need not be exact")]
        let rate = per_second as f32;
        let places = || vec![None; PLACES].into();
        (per_second > 0).then(|| Self { per_second: rate, places: places(), key })
    }

    /// Whether this client may ask now, and counts it.
    pub(crate) fn allows(&mut self, client: IpAddr, now: Instant) -> bool {
        let prefix = prefix(client);
        let most = self.per_second * BURST_SECONDS;
        let hash = (prefix ^ self.key).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 52;
        let place = &mut self.places[usize::try_from(hash).unwrap_or_default() % PLACES];
        let known = place.filter(|known| known.prefix == prefix);
        let mut known = known.unwrap_or(Place { prefix, left: most, at: now });
        let since = now.saturating_duration_since(known.at).as_secs_f32();
        known.left = (known.left + since * self.per_second).min(most);
        known.at = now;
        let allowed = known.left >= 1.0;
        if allowed {
            known.left -= 1.0;
        }
        *place = Some(known);
        allowed
    }
}

/// What one household or carrier shares: 24 bits of IPv4, 56 of IPv6.
fn prefix(client: IpAddr) -> u64 {
    match client.to_canonical() {
        IpAddr::V4(v4) => u64::from(v4.to_bits() >> 8) | 1 << 63,
        IpAddr::V6(v6) => {
            let [high @ .., _, _, _, _, _, _, _, _] = v6.octets();
            u64::from_be_bytes(high) >> 8
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_prefix_has_a_burst_then_its_rate_and_others_theirs() {
        let (mut limiter, now) = (Limiter::new(10, 7).unwrap(), Instant::now());
        let asks = |limiter: &mut Limiter, client, count, now| {
            (0..count).filter(|_| limiter.allows(ip(client), now)).count()
        };
        assert_eq!(asks(&mut limiter, "192.0.2.1", 100, now), 20);
        assert_eq!(asks(&mut limiter, "192.0.2.200", 100, now), 0, "the same prefix");
        assert_eq!(asks(&mut limiter, "198.51.100.1", 5, now), 5);
        let later = now + Duration::from_secs(1);
        assert_eq!(asks(&mut limiter, "192.0.2.1", 100, later), 10);
        assert!(Limiter::new(0, 7).is_none());
    }

    #[test]
    fn prefixes_are_households_of_both_kinds() {
        assert_eq!(prefix(ip("192.0.2.1")), prefix(ip("::ffff:192.0.2.9")));
        assert_ne!(prefix(ip("192.0.2.1")), prefix(ip("192.0.3.1")));
        assert_eq!(prefix(ip("2001:db8:1:200::1")), prefix(ip("2001:db8:1:2ff::1")));
        assert_ne!(prefix(ip("2001:db8:1:200::1")), prefix(ip("2001:db8:1:300::1")));
    }
}
