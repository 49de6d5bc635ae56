//! What the gate did, counted per order since it first started.
//! A run goes on where the one before left off, by a file that others write.
//! Counts only: no name,
//! no client, no time of a query beyond the first. Bounded: orders past the
//! limit are counted together.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use belfry_follow::{Effect, EffectsReport};
use belfry_journal::{Serial, UnixMillis};
use sha2::{Digest, Sha256};

/// Counting must not make answers wait for one another.
const SHARDS: usize = 64;
/// Orders in one report; the rest goes with the next.
const REPORT_ORDERS_MAX: usize = 5_000;
const MAGIC: &[u8; 18] = b"belfry effects 2\r\n";
/// As it was before visits were counted for each order.
const MAGIC_BEFORE: &[u8; 18] = b"belfry effects 1\r\n";
/// An order with its totals in a file: so many numbers, and as many before.
const NUMBERS: usize = 6;
const NUMBERS_BEFORE: usize = 5;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    blocked_answers: u64,
    warning_views: u64,
    prevented_visits: u64,
    applied_at: Option<UnixMillis>,
    first_blocked_at: Option<UnixMillis>,
}

#[derive(Debug, Default)]
struct Order {
    counts: Counts,
    /// As the hub has them.
    reported: Option<Counts>,
    /// No longer in force: forgotten once the hub has its last counts.
    gone: bool,
}

/// Totals per order.
#[derive(Debug)]
pub(crate) struct Effects {
    instance: Mutex<[u8; 16]>,
    orders_max: usize,
    orders: AtomicUsize,
    uncounted: AtomicU64,
    /// The last entry that the hub knows to hold here.
    acknowledged: AtomicU64,
    shards: [Mutex<HashMap<Serial, Order>>; SHARDS],
}

impl Effects {
    /// Counters at zero, of at most `orders_max` orders.
    pub(crate) fn new(instance: [u8; 16], orders_max: usize) -> Self {
        Self {
            instance: Mutex::new(instance),
            orders_max,
            orders: AtomicUsize::new(0),
            uncounted: AtomicU64::new(0),
            acknowledged: AtomicU64::new(0),
            shards: std::array::from_fn(|_| Mutex::default()),
        }
    }

    /// One answer with the warning.
    pub(crate) fn blocked(&self, order: Serial, now: impl FnOnce() -> UnixMillis) {
        self.blocked_many(order, (1, 0), now);
    }

    /// Answers with the warning, and visits that they prevented.
    pub(crate) fn blocked_many(
        &self,
        order: Serial,
        (answers, visits): (u64, u64),
        now: impl FnOnce() -> UnixMillis,
    ) {
        self.count(order, |counts| {
            counts.blocked_answers += answers;
            counts.prevented_visits += visits;
            if counts.first_blocked_at.is_none() {
                counts.first_blocked_at = Some(now());
            }
        });
    }

    /// One visit that a blocked answer prevented.
    pub(crate) fn prevented(&self, order: Serial) {
        self.count(order, |counts| counts.prevented_visits += 1);
    }

    /// One view of the warning page.
    pub(crate) fn viewed(&self, order: Serial) {
        self.count(order, |counts| counts.warning_views += 1);
    }

    /// The order took hold here.
    pub(crate) fn applied(&self, order: Serial, now: UnixMillis) {
        self.count(order, |counts| counts.applied_at = counts.applied_at.or(Some(now)));
    }

    /// The order no longer holds.
    pub(crate) fn ended(&self, order: Serial) {
        if let Some(entry) = self.shard(order).get_mut(&order) {
            entry.gone = true;
        }
    }

    /// What was counted for orders past the limit, all together.
    pub(crate) fn uncounted(&self) -> u64 {
        self.uncounted.load(Ordering::Relaxed)
    }

    /// Totals that the hub does not have yet, or only how far this gate is now, if that is
    /// news.
    pub(crate) fn report(&self, serial: Serial) -> Option<EffectsReport> {
        let mut effects = Vec::new();
        for shard in &self.shards {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            let room = REPORT_ORDERS_MAX - effects.len();
            let news = shard.iter().filter(|(_, order)| order.reported != Some(order.counts));
            effects.extend(news.take(room).map(|(serial, order)| order.counts.of(*serial)));
        }
        effects.sort_by_key(|effect| effect.order);
        let instance = *self.instance.lock().unwrap_or_else(PoisonError::into_inner);
        let moved = self.acknowledged.load(Ordering::Relaxed) != serial.0;
        (moved || !effects.is_empty()).then_some(EffectsReport { instance, serial, effects })
    }

    /// The hub has these totals now.
    pub(crate) fn reported(&self, report: &EffectsReport) {
        self.acknowledged.store(report.serial.0, Ordering::Relaxed);
        for effect in &report.effects {
            let mut shard = self.shard(effect.order);
            let Some(order) = shard.get_mut(&effect.order) else { continue };
            order.reported = Some(Counts::from(effect));
            if order.gone && order.reported == Some(order.counts) {
                shard.remove(&effect.order);
                self.orders.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }

    /// Forgets, once the hub has them, the orders that no longer hold.
    pub(crate) fn keep_only(&self, holds: impl Fn(Serial) -> bool) {
        for shard in &self.shards {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            for (serial, order) in shard.iter_mut() {
                order.gone |= !holds(*serial);
            }
        }
    }

    /// All totals, to be kept.
    pub(crate) fn to_octets(&self) -> Vec<u8> {
        let mut octets = MAGIC.to_vec();
        octets.extend(*self.instance.lock().unwrap_or_else(PoisonError::into_inner));
        for shard in &self.shards {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            for (serial, order) in shard.iter() {
                octets.extend(order.counts.numbers(*serial).iter().flat_map(|n| n.to_le_bytes()));
            }
        }
        let checksum = Sha256::digest(&octets);
        octets.extend(checksum);
        octets
    }

    /// Goes on from totals that were kept; false where they can't be used.
    pub(crate) fn restore(&self, octets: &[u8]) -> bool {
        let Some((kept, checksum)) = octets.split_last_chunk::<32>() else { return false };
        if Sha256::digest(kept)[..] != checksum[..] {
            return false;
        }
        let (rest, numbers) = match (kept.strip_prefix(MAGIC), kept.strip_prefix(MAGIC_BEFORE)) {
            (Some(rest), _) => (rest, NUMBERS),
            (None, Some(rest)) => (rest, NUMBERS_BEFORE),
            (None, None) => return false,
        };
        let Some((instance, records)) = rest.split_first_chunk::<16>() else { return false };
        *self.instance.lock().unwrap_or_else(PoisonError::into_inner) = *instance;
        for record in records.chunks_exact(numbers * 8).take(self.orders_max) {
            let (serial, counts) = Counts::read(record);
            let order = Order { counts, ..Order::default() };
            if self.shard(serial).insert(serial, order).is_none() {
                self.orders.fetch_add(1, Ordering::Relaxed);
            }
        }
        true
    }

    fn count(&self, order: Serial, change: impl FnOnce(&mut Counts)) {
        let mut shard = self.shard(order);
        if let Some(known) = shard.get_mut(&order) {
            return change(&mut known.counts);
        }
        if self.orders.load(Ordering::Relaxed) >= self.orders_max {
            self.uncounted.fetch_add(1, Ordering::Relaxed);
            return;
        }
        self.orders.fetch_add(1, Ordering::Relaxed);
        change(&mut shard.entry(order).or_default().counts);
    }

    fn shard(&self, order: Serial) -> MutexGuard<'_, HashMap<Serial, Order>> {
        let [low, ..] = order.0.to_le_bytes();
        self.shards[usize::from(low) % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    /// An order and its totals, as a record has them.
    fn numbers(self, order: Serial) -> [u64; NUMBERS] {
        let time = |time: Option<UnixMillis>| time.map_or(u64::MAX, |time| time.0);
        let (applied, first) = (time(self.applied_at), time(self.first_blocked_at));
        let counts = [self.blocked_answers, self.warning_views];
        [order.0, counts[0], counts[1], applied, first, self.prevented_visits]
    }

    /// An order and its totals, of one record; what it lacks is none.
    fn read(record: &[u8]) -> (Serial, Self) {
        let number = |at: usize| {
            let eight = record.get(at * 8..).and_then(|rest| rest.first_chunk::<8>());
            u64::from_le_bytes(eight.copied().unwrap_or_default())
        };
        let time = |at: usize| Some(number(at)).filter(|time| *time != u64::MAX).map(UnixMillis);
        let counts = Self {
            blocked_answers: number(1),
            warning_views: number(2),
            prevented_visits: number(5),
            applied_at: time(3),
            first_blocked_at: time(4),
        };
        (Serial(number(0)), counts)
    }

    fn of(self, order: Serial) -> Effect {
        Effect {
            order,
            blocked_answers: self.blocked_answers,
            warning_views: self.warning_views,
            prevented_visits: self.prevented_visits,
            applied_at: self.applied_at,
            first_blocked_at: self.first_blocked_at,
        }
    }
}

impl From<&Effect> for Counts {
    fn from(effect: &Effect) -> Self {
        Self {
            blocked_answers: effect.blocked_answers,
            warning_views: effect.warning_views,
            prevented_visits: effect.prevented_visits,
            applied_at: effect.applied_at,
            first_blocked_at: effect.first_blocked_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: Serial = Serial(7);

    fn effects(orders_max: usize) -> Effects {
        Effects::new([1; 16], orders_max)
    }

    #[test]
    fn totals_grow_and_are_reported_until_the_hub_has_them() {
        let effects = effects(10);
        assert_eq!(effects.report(Serial(0)), None);
        let only_how_far = effects.report(Serial(9)).unwrap();
        assert_eq!((only_how_far.serial, only_how_far.effects.len()), (Serial(9), 0));
        effects.reported(&only_how_far);
        assert_eq!(effects.report(Serial(9)), None);
        effects.applied(ORDER, UnixMillis(5));
        effects.blocked(ORDER, || UnixMillis(6));
        effects.blocked(ORDER, || unreachable!("only the first answer asks for the time"));
        let first = effects.report(Serial(9)).unwrap();
        assert_eq!(
            first.effects,
            [Effect {
                order: ORDER,
                blocked_answers: 2,
                warning_views: 0,
                prevented_visits: 0,
                applied_at: Some(UnixMillis(5)),
                first_blocked_at: Some(UnixMillis(6)),
            }]
        );
        assert_eq!(effects.report(Serial(9)), Some(first.clone()), "an upload that failed");
        effects.viewed(ORDER);
        effects.reported(&first);
        let second = effects.report(Serial(9)).unwrap();
        assert_eq!((second.effects[0].blocked_answers, second.effects[0].warning_views), (2, 1));
        effects.reported(&second);
        assert_eq!(effects.report(Serial(9)), None);
    }

    #[test]
    fn past_the_limit_orders_are_counted_together() {
        let effects = effects(1);
        effects.viewed(Serial(1));
        effects.viewed(Serial(2));
        effects.viewed(Serial(2));
        effects.viewed(Serial(1));
        assert_eq!(effects.uncounted(), 2);
        assert_eq!(effects.report(Serial(2)).unwrap().effects[0].warning_views, 2);
    }

    #[test]
    fn an_ended_order_is_forgotten_once_the_hub_has_its_last_counts() {
        let effects = effects(1);
        effects.viewed(ORDER);
        effects.ended(ORDER);
        let report = effects.report(ORDER).unwrap();
        effects.viewed(ORDER);
        effects.reported(&report);
        let last = effects.report(ORDER).unwrap();
        assert_eq!(last.effects[0].warning_views, 2);
        effects.reported(&last);
        assert_eq!(effects.report(ORDER), None);
        effects.viewed(Serial(8));
        assert_eq!(effects.uncounted(), 0, "its place is free");
    }

    #[test]
    fn totals_outlive_the_process_and_damage_is_not_overlooked() {
        let effects = effects(10);
        effects.applied(ORDER, UnixMillis(5));
        effects.blocked(ORDER, || UnixMillis(6));
        effects.viewed(Serial(8));
        effects.blocked_many(Serial(9), (3, 2), || UnixMillis(6));
        effects.prevented(Serial(9));
        let octets = effects.to_octets();
        let next = Effects::new([2; 16], 10);
        assert!(next.restore(&octets));
        assert_eq!(next.report(Serial(9)), effects.report(Serial(9)), "the same run, it counts on");
        next.blocked(ORDER, || UnixMillis(7));
        let report = next.report(Serial(9)).unwrap();
        assert_eq!((report.instance, report.effects[0].blocked_answers), ([1; 16], 2));
        assert_eq!((report.effects[2].blocked_answers, report.effects[2].prevented_visits), (3, 3));
        assert_eq!(report.effects[0].first_blocked_at, Some(UnixMillis(6)));
        for at in 0..octets.len() {
            let mut damaged = octets.clone();
            damaged[at] ^= 1;
            assert!(!Effects::new([2; 16], 10).restore(&damaged), "octet {at}");
            assert!(!Effects::new([2; 16], 10).restore(&octets[..at]), "cut at {at}");
        }
    }

    #[test]
    fn totals_of_a_version_before_are_taken() {
        let mut octets = [&MAGIC_BEFORE[..], &[1; 16]].concat();
        octets.extend([7_u64, 5, 2, u64::MAX, 9].iter().flat_map(|number| number.to_le_bytes()));
        octets.extend([8_u64, 1, 0, 4, u64::MAX].iter().flat_map(|number| number.to_le_bytes()));
        let checksum = Sha256::digest(&octets);
        octets.extend(checksum);
        let effects = effects(10);
        assert!(effects.restore(&octets));
        let report = effects.report(Serial(9)).unwrap().effects;
        let counts = |at: usize| (report[at].blocked_answers, report[at].prevented_visits);
        assert_eq!((report.len(), counts(0), counts(1)), (2, (5, 0), (1, 0)));
        assert_eq!(report[0].first_blocked_at, Some(UnixMillis(9)));
    }

    #[test]
    fn orders_that_hold_no_more_are_forgotten_after_their_last_report() {
        let effects = effects(2);
        effects.viewed(Serial(1));
        effects.viewed(Serial(2));
        effects.keep_only(|serial| serial == Serial(2));
        effects.reported(&effects.report(Serial(9)).unwrap());
        effects.viewed(Serial(3));
        assert_eq!(effects.uncounted(), 0, "the place of the first is free");
    }
}
