//! The desk's figures: how long each stage of the spine takes, and what it met.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use belfry_journal::UnixMillis;

/// Counters and stage latencies of the desk; clones share their values.
#[derive(Clone, Debug)]
pub struct DeskMetrics {
    stages: Family<[(&'static str, &'static str); 1], Histogram>,
    pub(crate) defects: Family<[(&'static str, &'static str); 1], Counter>,
    pub(crate) verdicts: Family<[(&'static str, &'static str); 1], Counter>,
    pub(crate) refusals: Family<[(&'static str, &'static str); 1], Counter>,
    pub(crate) seconds: Family<[(&'static str, &'static str); 1], Counter>,
    pub(crate) reader_deaths: Counter,
    pub(crate) expiry_stopped: Gauge,
    pub(crate) erased: Family<[(&'static str, &'static str); 1], Counter>,
}

impl Default for DeskMetrics {
    fn default() -> Self {
        Self {
            stages: Family::new_with_constructor(|| {
                Histogram::new(exponential_buckets(0.000_5, 4.0, 14))
            }),
            defects: Family::default(),
            verdicts: Family::default(),
            refusals: Family::default(),
            seconds: Family::default(),
            reader_deaths: Counter::default(),
            expiry_stopped: Gauge::default(),
            erased: Family::default(),
        }
    }
}

impl DeskMetrics {
    /// Puts all of them into the hub's registry.
    pub fn register(&self, registry: &mut Registry) {
        registry.register_with_unit(
            "stage",
            "Time from one step of the spine to the next",
            Unit::Seconds,
            self.stages.clone(),
        );
        registry.register("reading_defects", "Defects found by kind", self.defects.clone());
        registry.register("verdicts", "Verdicts given", self.verdicts.clone());
        registry.register("guard_refusals", "Blocks refused, by rule", self.refusals.clone());
        let help = "Blocks that wait for a second person, by rule";
        registry.register("guard_seconds_needed", help, self.seconds.clone());
        registry.register(
            "reader_deaths",
            "Reader children that died or ran out of time",
            self.reader_deaths.clone(),
        );
        registry.register(
            "expiry_stopped",
            "1 while expiry is stopped: too much would expire at once, or the clock stepped",
            self.expiry_stopped.clone(),
        );
        registry.register("reports_erased", "Reports erased, by why", self.erased.clone());
    }

    /// Observes one stage from its two timestamps.
    pub(crate) fn stage(&self, name: &'static str, from: UnixMillis, to: UnixMillis) {
        self.stages.get_or_create(&[("stage", name)]).observe(to.since(from).as_secs_f64());
    }
}
