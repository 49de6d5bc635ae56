//! The gate's figures. Counts only: no name and no client is ever a label.

use belfry_journal::UnixMillis;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use crate::lastline::Skipped;

type Labels = [(&'static str, &'static str); 1];
type ZoneLabels = [(&'static str, String); 2];
type ZoneLabel = [(&'static str, String); 1];

/// What became of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Answered with the warning.
    Blocked,
    /// Answered from the cache.
    Cached,
    /// Answered from the cache beyond the lifetime, since upstreams fail.
    Stale,
    /// Answered by an upstream.
    Forwarded,
    /// Answered by the gate itself: special names.
    Local,
    /// Refused: not a client, or not asked as a client asks.
    Refused,
    /// No upstream answered, or too many wait.
    Failed,
    /// Not a query that can be read.
    Malformed,
    /// Asked too often: told to come over TCP.
    Limited,
    /// Not answered at all.
    Dropped,
}

impl Outcome {
    pub(crate) const ALL: [(Self, &'static str); 10] = [
        (Self::Blocked, "blocked"),
        (Self::Cached, "cached"),
        (Self::Stale, "stale"),
        (Self::Forwarded, "forwarded"),
        (Self::Local, "local"),
        (Self::Refused, "refused"),
        (Self::Failed, "failed"),
        (Self::Malformed, "malformed"),
        (Self::Limited, "limited"),
        (Self::Dropped, "dropped"),
    ];
}

/// Counters; clones share their values.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    queries: Family<Labels, Counter>,
    /// By outcome, so that counting needs no look-up.
    outcomes: [Counter; Outcome::ALL.len()],
    skipped: Family<Labels, Counter>,
    zone_answers: Family<ZoneLabels, Counter>,
    zone_unhonoured: Family<ZoneLabels, Gauge>,
    zone_serial: Family<ZoneLabel, Gauge>,
    zone_heard: Family<ZoneLabel, Gauge>,
    zone_looks: Family<ZoneLabels, Counter>,
    /// Names with a policy in foreign zones.
    pub(crate) zone_names: Gauge,
    /// Answers that a shadow order would have blocked.
    pub(crate) would_block: Counter,
    /// Tries of an upstream that brought nothing.
    pub(crate) upstream_failures: Counter,
    /// Visits of blocked targets: one target, one client, one minute.
    pub(crate) prevented_visits: Counter,
    /// Whether somebody has paused the gate.
    pub(crate) paused: Gauge,
    /// Whether a change of the orders is held.
    pub(crate) held: Gauge,
    /// How long clients wait for an upstream.
    pub(crate) forward_seconds: Histogram,
    /// How long a batch of datagrams takes from its receipt until it is answered.
    pub(crate) batch_seconds: Histogram,
    /// Rules in the block set.
    pub(crate) rules: Gauge,
    /// The last entry that holds.
    pub(crate) serial: Gauge,
    /// Answers in the cache.
    pub(crate) cached: Gauge,
    /// Answers and views of orders past the limit on counted orders.
    pub(crate) uncounted: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let queries = Family::<Labels, Counter>::default();
        let outcomes =
            Outcome::ALL.map(|(_, name)| queries.get_or_create_owned(&[("outcome", name)]));
        let skipped = Family::<Labels, Counter>::default();
        for why in Skipped::ALL {
            let _ = skipped.get_or_create_owned(&[("why", why.as_str())]);
        }
        Self {
            queries,
            outcomes,
            skipped,
            zone_answers: Family::default(),
            zone_unhonoured: Family::default(),
            zone_serial: Family::default(),
            zone_heard: Family::default(),
            zone_looks: Family::default(),
            zone_names: Gauge::default(),
            would_block: Counter::default(),
            upstream_failures: Counter::default(),
            prevented_visits: Counter::default(),
            paused: Gauge::default(),
            held: Gauge::default(),
            forward_seconds: Histogram::new(exponential_buckets(0.000_25, 2.0, 16)),
            batch_seconds: Histogram::new(exponential_buckets(0.000_001, 2.0, 18)),
            rules: Gauge::default(),
            serial: Gauge::default(),
            cached: Gauge::default(),
            uncounted: Gauge::default(),
        }
    }
}

impl Metrics {
    /// Counts a query by what became of it.
    pub(crate) fn count(&self, outcome: Outcome) {
        self.outcomes[outcome as usize].inc();
    }

    /// Counts queries of the same outcome.
    pub(crate) fn count_many(&self, outcome: usize, count: u64) {
        self.outcomes[outcome].inc_by(count);
    }

    /// Counts answers that a zone has changed, or would have.
    pub(crate) fn count_zone(&self, zone: &str, live: bool, count: u64) {
        let mode = if live { "live" } else { "shadow" };
        let labels = [("zone", zone.to_owned()), ("mode", mode.to_owned())];
        self.zone_answers.get_or_create(&labels).inc_by(count);
    }

    /// Sets how much of a zone is not held, by why.
    pub(crate) fn set_unhonoured(&self, zone: &str, why: &str, count: u64) {
        let labels = [("zone", zone.to_owned()), ("why", why.to_owned())];
        self.zone_unhonoured.get_or_create(&labels).set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Sets the version of a zone that holds.
    pub(crate) fn zone_serial(&self, zone: &str, serial: u32) {
        self.zone_serial.get_or_create(&[("zone", zone.to_owned())]).set(serial.into());
    }

    /// Sets when a zone's primary was last heard.
    pub(crate) fn zone_heard(&self, zone: &str, now: UnixMillis) {
        let seconds = i64::try_from(now.0 / 1_000).unwrap_or(i64::MAX);
        self.zone_heard.get_or_create(&[("zone", zone.to_owned())]).set(seconds);
    }

    /// Counts a look at a zone's primary, by what came of it.
    pub(crate) fn zone_looked(&self, zone: &str, outcome: &str) {
        let labels = [("zone", zone.to_owned()), ("outcome", outcome.to_owned())];
        self.zone_looks.get_or_create(&labels).inc();
    }

    /// Counts a block that is not held.
    pub(crate) fn skip(&self, why: Skipped) {
        self.skipped.get_or_create(&[("why", why.as_str())]).inc();
    }

    /// Puts all of them into a registry.
    pub(crate) fn register(&self, registry: &mut Registry) {
        let gate = registry.sub_registry_with_prefix("gate");
        gate.register("queries", "Queries by what became of them", self.queries.clone());
        gate.register(
            "orders_skipped",
            "Blocks that the gate refuses to hold",
            self.skipped.clone(),
        );
        gate.register(
            "would_block",
            "Answers a shadow order would block",
            self.would_block.clone(),
        );
        gate.register(
            "upstream_failures",
            "Tries of an upstream that brought no answer",
            self.upstream_failures.clone(),
        );
        self.register_zones(gate);
        gate.register(
            "prevented_visits",
            "Visits prevented by orders: one target, one client, one minute",
            self.prevented_visits.clone(),
        );
        gate.register("paused", "1 while somebody has paused the gate", self.paused.clone());
        gate.register(
            "orders_held",
            "1 while a change of the orders waits for a person",
            self.held.clone(),
        );
        gate.register(
            "forward_seconds",
            "How long clients wait for an upstream",
            self.forward_seconds.clone(),
        );
        gate.register(
            "batch_seconds",
            "How long a batch of datagrams takes until it is answered",
            self.batch_seconds.clone(),
        );
        gate.register("rules", "Orders in the block set", self.rules.clone());
        gate.register("serial", "The last journal entry that holds", self.serial.clone());
        gate.register("cached_answers", "Answers in the cache", self.cached.clone());
        gate.register(
            "effects_uncounted",
            "Blocked answers and views of orders past effects_orders_max",
            self.uncounted.clone(),
        );
    }

    fn register_zones(&self, gate: &mut Registry) {
        let answers = self.zone_answers.clone();
        gate.register("zone_answers", "Answers by a foreign zone's policy", answers);
        let unhonoured = self.zone_unhonoured.clone();
        let help = "Policies of a foreign zone that are not held";
        gate.register("zone_unhonoured", help, unhonoured);
        let names = self.zone_names.clone();
        gate.register("zone_names", "Names with a policy in foreign zones", names);
        let serial = self.zone_serial.clone();
        gate.register("zone_serial", "Version of a foreign zone that holds", serial);
        let heard = self.zone_heard.clone();
        let help = "When a zone's primary last said that our version is its own";
        gate.register("zone_heard_timestamp_seconds", help, heard);
        let looks = self.zone_looks.clone();
        gate.register("zone_looks", "Looks at a zone's primary by what came of them", looks);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outcome_has_its_own_counter() {
        for (number, (outcome, _)) in Outcome::ALL.into_iter().enumerate() {
            assert_eq!(outcome as usize, number);
        }
        let metrics = Metrics::default();
        metrics.count(Outcome::Cached);
        let mut registry = Registry::default();
        metrics.register(&mut registry);
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        assert!(text.contains("gate_queries_total{outcome=\"cached\"} 1"), "{text}");
        assert!(text.contains("gate_queries_total{outcome=\"blocked\"} 0"), "{text}");
        assert!(text.contains("gate_orders_skipped_total{why=\"never-block\"} 0"), "{text}");
    }
}
