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
    orders: [(Serial, u64); ORDERS],
    zones: [u64; ZONES_MAX],
    visits: u64,
}

impl Tally {
    /// All at zero.
    pub(super) fn new() -> Self {
        Self {
            outcomes: [0; Outcome::ALL.len()],
            orders: [(Serial(0), 0); ORDERS],
            zones: [0; ZONES_MAX],
            visits: 0,
        }
    }

    /// One query.
    #[inline]
    pub(super) fn count(&mut self, outcome: Outcome) {
        self.outcomes[outcome as usize] += 1;
    }

    /// One answer by this order.
    #[inline]
    pub(super) fn order(&mut self, serial: Serial, engine: &Engine) {
        self.count(Outcome::Blocked);
        let [low, ..] = serial.0.to_le_bytes();
        let place = &mut self.orders[usize::from(low) % ORDERS];
        if place.0 != serial {
            hand_over(*place, engine);
            *place = (serial, 0);
        }
        place.1 += 1;
    }

    /// One visit that was prevented, if it is a new one.
    #[inline]
    pub(super) fn visit(&mut self, is_new: bool) {
        self.visits += u64::from(is_new);
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
        if self.visits > 0 {
            engine.metrics.prevented_visits.inc_by(std::mem::take(&mut self.visits));
        }
        for place in self.orders.iter_mut().filter(|place| place.1 > 0) {
            hand_over(*place, engine);
            place.1 = 0;
        }
        for (zone, count) in state.zones().zones().iter().zip(&mut self.zones) {
            if *count > 0 {
                engine.metrics.count_zone(&zone.name, zone.live, std::mem::take(count));
            }
        }
    }
}

fn hand_over((serial, count): (Serial, u64), engine: &Engine) {
    if count > 0 {
        engine.effects.blocked_many(serial, count, engine.now);
    }
}
