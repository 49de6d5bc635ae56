//! Operators as the API shows them; never a key.

use std::sync::PoisonError;

use belfry_casebook::operators::OperatorRecord;
use belfry_web::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::probed::ProbeView;
use crate::state::FeedState;
use crate::transfer::zone_kinds;

/// A zone that is served.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ZoneView {
    /// Its name.
    zone: String,
    /// The entry that changed it last; its low 32 bits are the SOA serial.
    serial: u64,
    /// Names in it.
    names: usize,
    /// Records in it.
    records: u64,
    /// Names that hold and are too long with the zone's own.
    defects: usize,
}

/// How far one zone is at one server.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StandingView {
    /// From where it asks.
    address: String,
    /// The zone.
    zone: String,
    /// The version that it took last.
    transferred: Option<u64>,
    /// When.
    transferred_at: Option<Timestamp>,
    /// The version that it said it has.
    acknowledged: Option<u64>,
    /// The version of the last NOTIFY that it heard.
    notified: Option<u64>,
    /// An SOA serial past ours that it says it has: an alarm.
    ahead: Option<u32>,
    /// When it asked last.
    asked_at: Option<Timestamp>,
    /// `in-step`, `behind` or `ahead`.
    state: &'static str,
}

/// An operator.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OperatorView {
    /// Its name.
    name: String,
    /// When it was added.
    created_at: Timestamp,
    /// Since when it gets nothing.
    suspended_at: Option<Timestamp>,
    /// Address prefixes that may take zones without a signature.
    addresses: Vec<String>,
    /// Servers that are told of a change.
    notify: Vec<String>,
    /// Resolvers that are probed.
    probes: Vec<String>,
    /// Categories in its own zone.
    categories: Option<Vec<&'static str>>,
    /// The zones that it may take, in order of precedence.
    zones: Vec<String>,
    /// How far its servers are.
    standings: Vec<StandingView>,
    /// What its resolvers are seen to do.
    probed: Vec<ProbeView>,
}

/// All operators.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OperatorList {
    /// The zones that are served.
    pub(crate) zones: Vec<ZoneView>,
    /// By name.
    pub(crate) items: Vec<OperatorView>,
}

/// Every zone; none where this process serves none.
pub(crate) fn zones(state: &FeedState) -> Vec<ZoneView> {
    let Some(transfers) = &state.transfers else { return Vec::new() };
    transfers.with_zones(|zones| {
        let view = |zone: &std::sync::RwLock<belfry_rpz::Zone>| {
            let zone = zone.read().unwrap_or_else(PoisonError::into_inner);
            let figures = zone.figures();
            ZoneView {
                zone: zone.apex().to_string(),
                serial: figures.serial.0,
                names: figures.names,
                records: figures.records,
                defects: figures.defects,
            }
        };
        zones.iter().map(|zone| view(zone)).collect()
    })
}

impl OperatorView {
    pub(crate) fn new(record: &OperatorRecord, state: &FeedState) -> Self {
        let settings = &record.settings;
        let origin = state.transfers.as_ref().and_then(|transfers| {
            transfers.settings().records().ok().map(|records| records.origin)
        });
        let apexes = origin.iter().flat_map(|origin| {
            zone_kinds(record).into_iter().map(move |kind| kind.apex(origin).to_string())
        });
        let names = |set: &std::collections::BTreeSet<belfry_journal::Category>| {
            set.iter().map(|category| category.name()).collect()
        };
        Self {
            name: record.name.to_string(),
            created_at: record.created_at.into(),
            suspended_at: record.suspended_at.map(Timestamp::from),
            addresses: settings.addresses.clone(),
            notify: settings.notify.clone(),
            probes: settings.probes.clone(),
            categories: settings.categories.as_ref().map(names),
            zones: apexes.collect(),
            standings: standings(record, state),
            probed: super::probed::probed(record, state),
        }
    }
}

fn standings(record: &OperatorRecord, state: &FeedState) -> Vec<StandingView> {
    let Some(transfers) = &state.transfers else { return Vec::new() };
    let serial_of = |zone: &belfry_indicator::Domain| {
        transfers.with_zones(|zones| {
            let zone = zones.find(zone)?;
            Some(zone.read().unwrap_or_else(PoisonError::into_inner).serial())
        })
    };
    let view = |standing: crate::transfer::Standing| {
        let has = standing.transferred.max(standing.acknowledged);
        let state = match (standing.ahead, serial_of(&standing.zone)) {
            (Some(_), _) => "ahead",
            (None, Some(serial)) if has.is_some_and(|has| has >= serial) => "in-step",
            _ => "behind",
        };
        StandingView {
            address: standing.address.to_string(),
            zone: standing.zone.to_string(),
            transferred: standing.transferred.map(|serial| serial.0),
            transferred_at: standing.transferred_at.map(Timestamp::from),
            acknowledged: standing.acknowledged.map(|serial| serial.0),
            notified: standing.notified.map(|serial| serial.0),
            ahead: standing.ahead,
            asked_at: standing.asked_at.map(Timestamp::from),
            state,
        }
    };
    transfers.standings(&record.name).into_iter().map(view).collect()
}
