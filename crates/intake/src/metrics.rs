//! What the intake counts. Labels come from fixed lists, never from a peer.

use std::time::Duration;

use belfry_casebook::correspondence::Waiting;
use belfry_casebook::report::SenderCheck;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use crate::auth::Unanswerable;

/// Why something was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// Too many connections, in all or from one address.
    Connections,
    /// A command that is wrong, unknown or out of sequence.
    Protocol,
    /// A recipient that is not ours.
    Recipient,
    /// More octets than allowed.
    Size,
    /// A dot alone between line breaks that are not CRLF.
    Smuggling,
    /// Too many octets in flight at once.
    Memory,
    /// Too many errors, commands, mails or recipients.
    Limit,
    /// The peer was too slow.
    Timeout,
    /// The casebook could not store it.
    Store,
    /// No room for it: the disk, or too many wait to be read.
    Busy,
    /// Too many from one address.
    Rate,
}

impl Refusal {
    const fn label(self) -> &'static str {
        match self {
            Refusal::Connections => "connections",
            Refusal::Protocol => "protocol",
            Refusal::Recipient => "recipient",
            Refusal::Size => "size",
            Refusal::Smuggling => "smuggling",
            Refusal::Memory => "memory",
            Refusal::Limit => "limit",
            Refusal::Timeout => "timeout",
            Refusal::Store => "store",
            Refusal::Busy => "busy",
            Refusal::Rate => "rate",
        }
    }
}

/// What became of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Letter {
    /// A receipt was acknowledged.
    Receipt,
    /// An outcome was told.
    Outcome,
    /// One more would have been too many for that address this hour.
    Limited,
    /// It was not taken this time.
    Failed,
    /// The address was deleted without the outcome.
    GivenUp,
}

impl Letter {
    const fn label(self) -> &'static str {
        match self {
            Letter::Receipt => "receipt",
            Letter::Outcome => "outcome",
            Letter::Limited => "limited",
            Letter::Failed => "failed",
            Letter::GivenUp => "given-up",
        }
    }
}

/// The intake's metrics, cheap to clone.
#[derive(Clone, Debug)]
pub struct IntakeMetrics {
    connections: Counter,
    open: Gauge,
    reports: Family<[(&'static str, &'static str); 1], Counter>,
    refused: Family<[(&'static str, &'static str); 1], Counter>,
    bytes: Counter,
    durable: Histogram,
    senders: Family<[(&'static str, &'static str); 2], Counter>,
    unanswered: Family<[(&'static str, &'static str); 1], Counter>,
    letters: Family<[(&'static str, &'static str); 1], Counter>,
    correspondence: Family<[(&'static str, &'static str); 1], Gauge>,
}

impl Default for IntakeMetrics {
    fn default() -> Self {
        Self {
            connections: Counter::default(),
            open: Gauge::default(),
            reports: Family::default(),
            refused: Family::default(),
            bytes: Counter::default(),
            // 0.5 ms to 16 s: a sync of the disk lies between.
            durable: Histogram::new(exponential_buckets(0.0005, 2.0, 16)),
            senders: Family::default(),
            unanswered: Family::default(),
            letters: Family::default(),
            correspondence: Family::default(),
        }
    }
}

impl IntakeMetrics {
    /// Adds them to the one registry.
    pub fn register(&self, registry: &mut Registry) {
        let intake = registry.sub_registry_with_prefix("belfry_intake");
        intake.register("connections", "SMTP connections taken", self.connections.clone());
        intake.register("open_connections", "SMTP connections open now", self.open.clone());
        intake.register("reports", "Reports taken in, by channel", self.reports.clone());
        intake.register("refused", "What was refused, by reason", self.refused.clone());
        intake.register("sender_checks", "Results, by mechanism", self.senders.clone());
        intake.register("unanswered", "Reporters not answered, by reason", self.unanswered.clone());
        intake.register(
            "letters",
            "Letters to reporters, by what became of them",
            self.letters.clone(),
        );
        let waiting = "Reporters whose address is kept, by what they wait for";
        intake.register("correspondence", waiting, self.correspondence.clone());
        intake.register("bytes", "Octets of reports taken in", self.bytes.clone());
        intake.register(
            "durable_seconds",
            "From a report's last byte until it was durable",
            self.durable.clone(),
        );
    }

    pub(crate) fn opened(&self) {
        self.connections.inc();
        self.open.inc();
    }

    pub(crate) fn closed(&self) {
        self.open.dec();
    }

    pub(crate) fn refused(&self, why: Refusal) {
        self.refused.get_or_create(&[("reason", why.label())]).inc();
    }

    pub(crate) fn sender(&self, check: &SenderCheck) {
        let authentic = if check.authentic { "pass" } else { "fail" };
        for (mechanism, result) in [
            ("spf", check.spf.name()),
            ("dkim", check.dkim.name()),
            ("dmarc", check.dmarc.name()),
            ("authentic", authentic),
        ] {
            self.senders.get_or_create(&[("mechanism", mechanism), ("result", result)]).inc();
        }
    }

    pub(crate) fn unanswered(&self, why: Unanswerable) {
        self.unanswered.get_or_create(&[("reason", why.label())]).inc();
    }

    pub(crate) fn letters(&self, what: Letter, count: u64) {
        self.letters.get_or_create(&[("result", what.label())]).inc_by(count);
    }

    pub(crate) fn correspondence(&self, waiting: Waiting) {
        for (stage, count) in [
            ("receipt", waiting.acknowledge),
            ("decision", waiting.awaiting),
            ("outcome", waiting.inform),
        ] {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            self.correspondence.get_or_create(&[("stage", stage)]).set(count);
        }
    }

    pub(crate) fn received(&self, channel: &'static str, bytes: usize, took: Duration) {
        self.reports.get_or_create(&[("channel", channel)]).inc();
        self.bytes.inc_by(bytes.try_into().unwrap_or(u64::MAX));
        self.durable.observe(took.as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text::encode;

    use super::*;

    #[test]
    fn what_is_counted_is_exposed() {
        let metrics = IntakeMetrics::default();
        let mut registry = Registry::default();
        metrics.register(&mut registry);
        metrics.opened();
        metrics.closed();
        metrics.refused(Refusal::Smuggling);
        metrics.received("smtp", 7, Duration::from_millis(3));
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        for line in [
            "belfry_intake_connections_total 1",
            "belfry_intake_open_connections 0",
            "belfry_intake_reports_total{channel=\"smtp\"} 1",
            "belfry_intake_refused_total{reason=\"smuggling\"} 1",
            "belfry_intake_bytes_total 7",
            "belfry_intake_durable_seconds_count 1",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }
}
