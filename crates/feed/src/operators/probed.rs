//! What an operator's resolvers are seen to do, as the API shows it.

use belfry_casebook::operators::OperatorRecord;
use belfry_web::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::probe::Probed;
use crate::state::FeedState;

/// A resolver that is probed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProbeView {
    /// Where it answers.
    resolver: String,
    /// `in-step`, `unknown`, or the word of the first finding.
    state: &'static str,
    /// What is wrong.
    findings: Vec<FindingView>,
    /// The zones, as it enforces them.
    zones: Vec<EnforcedView>,
    /// From a change to its being seen enforced; null while none was timed.
    latency: Option<LatencyView>,
    /// When it was asked last.
    asked_at: Option<Timestamp>,
    /// When it answered last.
    heard_at: Option<Timestamp>,
}

/// Something wrong.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FindingView {
    /// `behind`, `claims`, `keeps-version`, `nothing`, `misses`, `keeps` or `silent`.
    word: &'static str,
    /// In words.
    text: String,
    /// Since when.
    since: Timestamp,
}

/// A zone as a resolver enforces it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EnforcedView {
    /// The zone.
    zone: String,
    /// The version that it is seen to enforce.
    enforces: Option<u64>,
    /// The newest version.
    newest: Option<u64>,
}

/// How fast changes took hold, as far as probes saw it: they look once a second.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LatencyView {
    /// How many were timed.
    changes: usize,
    /// Half took no longer.
    median_ms: u64,
    /// None took longer.
    longest_ms: u64,
}

pub(super) fn probed(record: &OperatorRecord, state: &FeedState) -> Vec<ProbeView> {
    let Some(transfers) = &state.transfers else { return Vec::new() };
    let probed = transfers.probed(&record.name, state.clock.now());
    probed.into_iter().map(ProbeView::from).collect()
}

impl From<Probed> for ProbeView {
    fn from(probed: Probed) -> Self {
        let state = probed.state();
        let findings = probed.findings.iter().map(|finding| FindingView {
            word: finding.word(),
            text: finding.to_string(),
            since: finding.since().into(),
        });
        let zones = probed.zones.into_iter().map(|(zone, enforces, newest)| EnforcedView {
            zone: zone.to_string(),
            enforces: enforces.map(|serial| serial.0),
            newest: newest.map(|serial| serial.0),
        });
        let latency = probed.latency.map(|(changes, median_ms, longest_ms)| LatencyView {
            changes,
            median_ms,
            longest_ms,
        });
        Self {
            resolver: probed.resolver.to_string(),
            state,
            findings: findings.collect(),
            zones: zones.collect(),
            latency,
            asked_at: probed.asked_at.map(Timestamp::from),
            heard_at: probed.heard_at.map(Timestamp::from),
        }
    }
}
