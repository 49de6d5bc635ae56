//! How many connections each client holds, by its address (IPv6: its network of 64 bits).
//! It forgets who holds none.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Those who are there; clones share it.
#[derive(Clone, Debug)]
pub(super) struct Crowd {
    each_max: usize,
    here: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// One connection of a client's; counted until it is dropped.
#[derive(Debug)]
pub(super) struct Ticket {
    network: IpAddr,
    crowd: Crowd,
}

impl Crowd {
    pub(super) fn new(each_max: usize) -> Self {
        Self { each_max: each_max.max(1), here: Arc::default() }
    }

    /// A ticket for one more connection of `address`, if it may have one.
    pub(super) fn enter(&self, address: IpAddr) -> Option<Ticket> {
        let network = network(address);
        let mut here = self.here();
        let count = here.entry(network).or_default();
        if *count >= self.each_max {
            return None;
        }
        *count += 1;
        Some(Ticket { network, crowd: self.clone() })
    }

    fn here(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.here.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut here = self.crowd.here();
        if let Some(count) = here.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                here.remove(&self.network);
            }
        }
    }
}

/// What counts as one client.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(crowd: &Crowd, address: &str) -> Option<Ticket> {
        crowd.enter(address.parse().unwrap())
    }

    #[test]
    fn each_client_has_so_many_and_an_ipv6_network_counts_as_one() {
        let crowd = Crowd::new(2);
        let first = check(&crowd, "192.0.2.1");
        let second = check(&crowd, "::ffff:192.0.2.1");
        assert!(first.is_some() && second.is_some());
        assert!(check(&crowd, "192.0.2.1").is_none());
        assert!(check(&crowd, "192.0.2.2").is_some());
        let six = [check(&crowd, "2001:db8::1"), check(&crowd, "2001:db8::2:1")];
        assert!(six.iter().all(Option::is_some));
        assert!(check(&crowd, "2001:db8::ffff").is_none());
        assert!(check(&crowd, "2001:db8:0:1::1").is_some());
        drop(first);
        assert!(check(&crowd, "192.0.2.1").is_some());
    }

    #[test]
    fn who_has_gone_is_forgotten() {
        let crowd = Crowd::new(2);
        drop((check(&crowd, "192.0.2.1"), check(&crowd, "192.0.2.9")));
        assert!(crowd.here().is_empty());
    }
}
