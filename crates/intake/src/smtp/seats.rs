//! Who may connect: so many in all, so many from one address, and where all seats are
//! taken, whoever has brought no mail for the longest makes room.
//!
//! So a crowd of idle connections, from however many addresses, keeps nobody out for
//! longer than [`IDLE_MS`]. Nobody who is sent off loses a mail that was acknowledged.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio_util::sync::CancellationToken;

use super::settings::SmtpSettings;

/// Without a mail for so long, an idle connection may have to make room.
const IDLE_MS: u64 = 5_000;
/// One in the middle of a mail only after so long.
const BUSY_MS: u64 = 60_000;
/// Connections told to make room that are not gone yet; they hold no seat.
const LEAVING_MAX: usize = 64;

/// All seats; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Seats {
    begun: Instant,
    all_max: usize,
    each_max: usize,
    table: Arc<Mutex<Table>>,
}

#[derive(Debug, Default)]
struct Table {
    next: u64,
    taken: HashMap<u64, Arc<Occupant>>,
    each: HashMap<IpAddr, usize>,
    leaving: usize,
}

/// What is known of a connection.
#[derive(Debug)]
struct Occupant {
    /// When it came, or its last mail did.
    since_ms: AtomicU64,
    busy: AtomicBool,
    leave: CancellationToken,
}

/// One connection's seat; given back when dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    number: u64,
    network: IpAddr,
    occupant: Arc<Occupant>,
    seats: Seats,
}

impl Seats {
    pub(crate) fn new(settings: &SmtpSettings) -> Self {
        Self {
            begun: Instant::now(),
            all_max: settings.connections_max,
            each_max: settings.connections_per_address_max,
            table: Arc::default(),
        }
    }

    /// A seat for a client at `address`, if it may have one.
    pub(crate) fn enter(&self, address: IpAddr) -> Option<Seat> {
        self.enter_at(address, self.now_ms())
    }

    fn enter_at(&self, address: IpAddr, now_ms: u64) -> Option<Seat> {
        let network = network(address);
        let mut table = self.table();
        if table.each.get(&network).copied().unwrap_or_default() >= self.each_max {
            return None;
        }
        if table.taken.len() >= self.all_max && !table.make_room(now_ms) {
            return None;
        }
        let number = table.next;
        table.next += 1;
        let occupant = Arc::new(Occupant {
            since_ms: AtomicU64::new(now_ms),
            busy: AtomicBool::new(false),
            leave: CancellationToken::new(),
        });
        table.taken.insert(number, Arc::clone(&occupant));
        *table.each.entry(network).or_default() += 1;
        Some(Seat { number, network, occupant, seats: self.clone() })
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Tells one to leave, if there is one who may be; its seat is free at once.
    fn make_room(&mut self, now_ms: u64) -> bool {
        if self.leaving >= LEAVING_MAX {
            return false;
        }
        let longest = self
            .taken
            .iter()
            .map(|(number, occupant)| {
                (occupant.since_ms.load(Ordering::Relaxed), *number, occupant)
            })
            .filter(|(since_ms, _, occupant)| {
                let busy = occupant.busy.load(Ordering::Relaxed);
                now_ms.saturating_sub(*since_ms) >= if busy { BUSY_MS } else { IDLE_MS }
            })
            .map(|(since_ms, number, _)| (since_ms, number))
            .min();
        let Some(occupant) = longest.and_then(|(_, number)| self.taken.remove(&number)) else {
            return false;
        };
        self.leaving += 1;
        occupant.leave.cancel();
        true
    }
}

impl Seat {
    /// A mail came to its end.
    pub(crate) fn brought_mail(&self) {
        self.occupant.since_ms.store(self.seats.now_ms(), Ordering::Relaxed);
    }

    /// Whether a mail is under way.
    pub(crate) fn is_busy(&self, busy: bool) {
        self.occupant.busy.store(busy, Ordering::Relaxed);
    }

    /// Waits until room has to be made.
    pub(crate) async fn told_to_leave(&self) {
        self.occupant.leave.cancelled().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut table = self.seats.table();
        if table.taken.remove(&self.number).is_none() {
            table.leaving -= 1;
        }
        if let Some(count) = table.each.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                table.each.remove(&self.network);
            }
        }
    }
}

/// The address that counts as one peer: an IPv6 host has a whole /64 to itself.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => (address & std::net::Ipv6Addr::from_bits(!0 << 64)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seats(all: usize, each: usize) -> Seats {
        Seats::new(&SmtpSettings {
            connections_max: all,
            connections_per_address_max: each,
            ..SmtpSettings::default()
        })
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_address_can_not_take_all_places() {
        let seats = seats(3, 2);
        let first = seats.enter(address("192.0.2.1"));
        let second = seats.enter(address("::ffff:192.0.2.1"));
        assert!(first.is_some() && second.is_some());
        assert!(seats.enter(address("192.0.2.1")).is_none());
        let third = seats.enter(address("192.0.2.2"));
        assert!(third.is_some());
        assert!(seats.enter(address("192.0.2.3")).is_none());
        drop(first);
        assert!(seats.enter(address("192.0.2.1")).is_some());
    }

    #[test]
    fn nothing_is_kept_of_those_who_left() {
        let seats = seats(1, 2);
        let old = seats.enter_at(address("2001:db8::1"), 0);
        let new = seats.enter_at(address("2001:db8::2"), IDLE_MS);
        assert!(old.is_some() && new.is_some());
        drop((old, new));
        let table = seats.table();
        assert!(table.each.is_empty() && table.taken.is_empty() && table.leaving == 0);
    }

    #[test]
    fn who_brought_no_mail_for_the_longest_makes_room() {
        let seats = seats(3, 9);
        let enter = |text: &str, now_ms| seats.enter_at(address(text), now_ms);
        let busy = enter("192.0.2.1", 0).unwrap();
        busy.is_busy(true);
        let idle = enter("192.0.2.2", 10).unwrap();
        let newer = enter("192.0.2.3", 20).unwrap();
        assert!(enter("192.0.2.4", IDLE_MS + 9).is_none(), "nobody is idle for long enough");
        let fourth = enter("192.0.2.4", IDLE_MS + 10);
        assert!(fourth.is_some());
        assert!(idle.occupant.leave.is_cancelled() && !newer.occupant.leave.is_cancelled());
        let fifth = enter("192.0.2.5", BUSY_MS).unwrap();
        assert!(busy.occupant.leave.is_cancelled() && !fifth.occupant.leave.is_cancelled());
    }

    #[test]
    fn few_are_on_their_way_out_at_once() {
        let seats = seats(1, usize::MAX);
        let mut all = Vec::new();
        while let Some(seat) = seats.enter_at(address("192.0.2.1"), all.len() as u64 * IDLE_MS) {
            all.push(seat);
        }
        assert_eq!(all.len(), LEAVING_MAX + 1);
    }

    #[test]
    fn a_64_is_one_peer() {
        let network = |text: &str| network(address(text));
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:1"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }
}
