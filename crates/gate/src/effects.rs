//! What the gate did, counted per order since it started. Counts only: no name,
//! no client, no time of a query beyond the first. Bounded: orders past the
//! limit are counted together.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use belfry_follow::{Effect, EffectsReport};
use belfry_journal::{Serial, UnixMillis};

/// Counting must not make answers wait for one another.
const SHARDS: usize = 64;
/// Orders in one report; the rest goes with the next.
const REPORT_ORDERS_MAX: usize = 5_000;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    blocked_answers: u64,
    warning_views: u64,
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
    instance: [u8; 16],
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
            instance,
            orders_max,
            orders: AtomicUsize::new(0),
            uncounted: AtomicU64::new(0),
            acknowledged: AtomicU64::new(0),
            shards: std::array::from_fn(|_| Mutex::default()),
        }
    }

    /// One answer with the warning.
    pub(crate) fn blocked(&self, order: Serial, now: impl FnOnce() -> UnixMillis) {
        self.blocked_many(order, 1, now);
    }

    /// Answers with the warning.
    pub(crate) fn blocked_many(
        &self,
        order: Serial,
        answers: u64,
        now: impl FnOnce() -> UnixMillis,
    ) {
        self.count(order, |counts| {
            counts.blocked_answers += answers;
            if counts.first_blocked_at.is_none() {
                counts.first_blocked_at = Some(now());
            }
        });
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
        let instance = self.instance;
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
    fn of(self, order: Serial) -> Effect {
        Effect {
            order,
            blocked_answers: self.blocked_answers,
            warning_views: self.warning_views,
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
}
