//! What one thread counts for itself and hands over now and then: counting must
//! not make threads wait for one another, nor cost a look-up for each answer.

use belfry_journal::Serial;

use crate::answer::Engine;
use crate::blockset::State;
use crate::metrics::Outcome;
use crate::rpz::{ZONES_MAX, ZoneHit};

/// Orders counted at a time; a power of two. Two in one place hand over the first.
const ORDERS: usize = 64;

/// Counts not handed over yet.
#[derive(Debug)]
pub(super) struct Tally {
    outcomes: [u64; Outcome::ALL.len()],
    orders: [Counted; ORDERS],
    zones: [u64; ZONES_MAX],
}

/// Of one order.
#[derive(Clone, Copy, Debug, Default)]
struct Counted {
    order: Serial,
    answers: u64,
    visits: u64,
}

impl Tally {
    /// All at zero.
    pub(super) fn new() -> Self {
        Self {
            outcomes: [0; Outcome::ALL.len()],
            orders: [Counted::default(); ORDERS],
            zones: [0; ZONES_MAX],
        }
    }

    /// One query.
    #[inline]
    pub(super) fn count(&mut self, outcome: Outcome) {
        self.outcomes[outcome as usize] += 1;
    }

    /// One answer by this order; whether it has prevented a visit that is not counted yet.
    #[inline]
    pub(super) fn order(&mut self, serial: Serial, new_visit: bool, engine: &Engine) {
        self.count(Outcome::Blocked);
        let [low, ..] = serial.0.to_le_bytes();
        let place = &mut self.orders[usize::from(low) % ORDERS];
        if place.order != serial {
            hand_over(*place, engine);
            *place = Counted { order: serial, ..Counted::default() };
        }
        place.answers += 1;
        place.visits += u64::from(new_visit);
    }

    /// One answer by this zone.
    #[inline]
    pub(super) fn zone(&mut self, hit: ZoneHit) {
        self.count(Outcome::Blocked);
        self.zones[usize::from(hit.zone)] += 1;
    }

    /// Hands everything over; `state` is the one that the zones were counted in.
    pub(super) fn flush(&mut self, engine: &Engine, state: &State) {
        for (outcome, count) in self.outcomes.iter_mut().enumerate() {
            if *count > 0 {
                engine.metrics.count_many(outcome, std::mem::take(count));
            }
        }
        for place in self.orders.iter_mut().filter(|place| place.answers > 0) {
            hand_over(std::mem::take(place), engine);
        }
        for (zone, count) in state.zones().zones().iter().zip(&mut self.zones) {
            if *count > 0 {
                engine.metrics.count_zone(&zone.name, zone.live, std::mem::take(count));
            }
        }
    }
}

fn hand_over(counted: Counted, engine: &Engine) {
    let Counted { order, answers, visits } = counted;
    if answers > 0 {
        engine.effects.blocked_many(order, (answers, visits), engine.now);
        engine.metrics.prevented_visits.inc_by(visits);
    }
}
