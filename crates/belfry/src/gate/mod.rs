//! The gate put together with its follower and its warning page, in the hub's
//! process or at an operator.

mod control;
mod counts;
mod keys;
mod local;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use belfry_follow::{Follower, Health, SnapshotStore, Source, Status};
use belfry_gate::http::HttpMetrics;
use belfry_gate::warning::{self, Blocks, WarningFacts};
use belfry_gate::{
    Gate, GateError, GateTls, PrimaryStatus, Stance, UpstreamSettings, UpstreamTransport,
    ZonesError,
};
use belfry_indicator::Domain;
use belfry_journal::{Serial, UnixMillis};
use prometheus_client::registry::Registry;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::clock::now;
use crate::config::{Config, ConfigError};
use crate::hub::{FollowFigures, HubError, listen};
use crate::tls::{self, Tls};

pub(crate) use crate::gate::control::ask;
pub(crate) use crate::gate::local::LocalSource;

/// How long a start waits for the first block set.
const FIRST_SET: Duration = Duration::from_secs(10);

/// Why the gate does not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    #[error(transparent)]
    Gate(#[from] GateError),
    #[error(transparent)]
    Port(#[from] HubError),
    #[error(transparent)]
    Zones(#[from] ZonesError),
    #[error(transparent)]
    Tls(#[from] ConfigError),
}

/// A gate that is up.
#[derive(Debug)]
pub(crate) struct RunningGate {
    /// The gate.
    pub(crate) gate: Gate,
    /// How its follower is doing; without one, zones alone decide.
    pub(crate) status: Option<watch::Receiver<Status>>,
    /// Each port by name.
    pub(crate) addresses: Vec<(&'static str, SocketAddr)>,
    reload: Arc<Notify>,
    tls: Option<Tls>,
    tasks: JoinSet<()>,
}

impl RunningGate {
    /// Restores the last block set, takes the ports, and follows `source`.
    pub(crate) async fn start<S: Source>(
        config: &Config,
        source: S,
        registry: &mut Registry,
        stop: &CancellationToken,
    ) -> Result<Self, StartError> {
        let gate = gate(config)?;
        gate.register(registry);
        // The orders hold without the zones; the files are looked at again.
        if let Err(problem) = gate.load_zones(Some(&config.data.join("gate")), true) {
            tracing::error!(%problem, "the zones are not taken");
        }
        counts::restore(&gate, &config.data);
        let follower = Follower::new(
            source,
            gate.apply(),
            SnapshotStore::new(config.data.join("gate")),
            now,
            Duration::from_secs(config.follow.report_seconds),
            Duration::from_secs(config.follow.save_seconds),
        );
        let (told, status) = watch::channel(follower.restore());
        registry.register_collector(Box::new(FollowFigures(status.clone())));
        let mut running = Self::bound(config, gate, Some(status), stop).await?;
        let page = listen("warning", config.warning.listen).await?;
        let page_address = page.local_addr().unwrap_or(config.warning.listen);
        running.addresses.push(("warning", page_address));
        running.tasks.spawn(follower.run(told, stop.clone()));
        let blocks: Arc<dyn Blocks> = Arc::new(GateBlocks(running.gate.clone()));
        let metrics = HttpMetrics::default();
        metrics.register(registry, "warning");
        let settings = config.warning.clone();
        running.tasks.spawn(warning::serve(page, settings, blocks, metrics, stop.clone()));
        Ok(running)
    }

    /// Takes the zones and the ports: a gate that follows no hub. Nothing is answered
    /// before the zones hold.
    pub(crate) async fn start_zones(
        config: &Config,
        registry: &mut Registry,
        stop: &CancellationToken,
    ) -> Result<Self, StartError> {
        let gate = gate(config)?;
        gate.register(registry);
        gate.load_zones(Some(&config.data.join("gate")), true)?;
        gate.serve_zones();
        Self::bound(config, gate, None, stop).await
    }

    async fn bound(
        config: &Config,
        gate: Gate,
        status: Option<watch::Receiver<Status>>,
        stop: &CancellationToken,
    ) -> Result<Self, StartError> {
        let made = config.data.join("gate.pem");
        let tls = Tls::of(&config.gate_tls, &config.smtp.hostname, &made, None)?;
        let keys = keys::read(&config.gate.zones)?;
        let of_ports =
            tls.as_ref().map(|tls| GateTls { dot: tls.speaking("dot"), doh: tls.speaking("h2") });
        let bound = gate.bind(of_ports).await?;
        let [dot, doh] = bound.tls_addresses();
        let addresses = [("dns", bound.addresses()), ("dot", &dot), ("doh", &doh)]
            .into_iter()
            .flat_map(|(name, all)| all.iter().map(move |at| (name, *at)))
            .collect();
        let reload = Arc::new(Notify::new());
        let mut tasks = JoinSet::new();
        tasks.spawn(bound.run(stop.clone()));
        control::pause_again(&gate, &config.data);
        tasks.spawn(control::serve(gate.clone(), config.data.clone(), stop.clone()));
        if status.is_some() {
            tasks.spawn(counts::keep(gate.clone(), config.data.clone(), stop.clone()));
        }
        if !config.gate.zones.is_empty() {
            let folder = config.data.join("gate");
            let primaries = gate.clone().follow_primaries(folder.clone(), keys, stop.clone());
            tasks.spawn(primaries);
            tasks.spawn(gate.clone().watch_zones(folder, Arc::clone(&reload), stop.clone()));
        }
        Ok(Self { gate, status, addresses, reload, tls, tasks })
    }

    /// Has the zone files and certificates read again, and a change that is held confirmed.
    pub(crate) fn reload(&self) -> Result<(), ConfigError> {
        self.reload.notify_one();
        self.tls.as_ref().map_or(Ok(()), Tls::reload)
    }

    /// What `/readyz` asks.
    pub(crate) fn probe(&self) -> GateProbe {
        GateProbe { gate: self.gate.clone(), status: self.status.clone() }
    }

    /// Waits until a verified block set holds, or it is clear that none is to be had.
    pub(crate) async fn filtering(&self) {
        let Some(mut status) = self.status.clone() else { return };
        let held =
            status.wait_for(|status| status.health != Health::Empty || status.problem.is_some());
        let _ = tokio::time::timeout(FIRST_SET, held).await;
    }

    /// Waits until every task has ended after the stop.
    pub(crate) async fn drain(mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

/// The gate of the configuration.
fn gate(config: &Config) -> Result<Gate, StartError> {
    let is_inside_tls = |one: &UpstreamSettings| one.transport == UpstreamTransport::Tls;
    let tls = if config.gate.upstreams.iter().any(is_inside_tls) {
        Some(tls::client(config.upstream_tls.ca_file.as_deref())?)
    } else {
        None
    };
    Ok(Gate::with_tls(config.gate.clone(), tls.as_ref(), now)?)
}

/// A hub that is not heard for so long is an alarm: it says something every 15 seconds.
const UNHEARD_MILLIS: u64 = 60_000;

/// A look at a gate from outside.
#[derive(Clone, Debug)]
pub(crate) struct GateProbe {
    gate: Gate,
    status: Option<watch::Receiver<Status>>,
}

impl GateProbe {
    /// What is wrong although the gate filters: somebody paused it, a change is held, it is ahead
    /// of its hub, or has not heard it for a while; a zone is not there, or past its EXPIRE.
    pub(crate) fn alarm(&self) -> Option<String> {
        if self.gate.is_paused() {
            return Some("gate: paused, nothing is blocked: belfry gate resume".to_owned());
        }
        if let Some(held) = self.gate.held() {
            return Some(format!("gate: {held}"));
        }
        let status = self.status.as_ref().map(|status| status.borrow().clone());
        let following = status.and_then(|status| following(&status, now()));
        following.or_else(|| {
            let alarm = self.gate.primaries().iter().find_map(PrimaryStatus::alarm)?;
            Some(format!("gate: {alarm}"))
        })
    }

    /// What keeps the gate from being ready: nothing, once it filters by a verified block set.
    pub(crate) fn waiting_for(&self) -> Option<String> {
        let status = self.status.as_ref().map(|status| status.borrow().clone());
        let of_zones = || self.gate.primaries().iter().find_map(PrimaryStatus::alarm);
        let problem = match status {
            Some(status) => status.problem,
            None => of_zones(),
        };
        let problem = problem.unwrap_or_else(|| "the hub has not been heard yet".to_owned());
        match self.gate.readiness() {
            Stance::Filtering => None,
            Stance::Silent => Some(format!("gate: no block set yet: {problem}")),
            Stance::Unfiltered => Some(format!("gate: answering UNFILTERED: {problem}")),
            Stance::Closed => Some(format!("gate: answering SERVFAIL: {problem}")),
        }
    }
}

/// What is wrong with how a gate follows its hub. The clock may have been put back.
fn following(status: &Status, now: UnixMillis) -> Option<String> {
    let unheard = |at: UnixMillis| now.0.abs_diff(at.0) >= UNHEARD_MILLIS;
    match (status.health, status.problem.as_deref()) {
        (Health::Ahead, problem) => {
            Some(format!("gate: {}", problem.unwrap_or("ahead of the hub")))
        }
        (Health::Stale, Some(problem)) if status.heard_at.is_none_or(unheard) => {
            Some(format!("gate: what holds is of entry {}, and {problem}", status.serial))
        }
        _ => None,
    }
}

/// The gate, as the warning page asks it.
#[derive(Debug)]
struct GateBlocks(Gate);

impl Blocks for GateBlocks {
    fn blocked(&self, name: &Domain) -> Option<WarningFacts> {
        self.0.lookup(name).map(|block| WarningFacts {
            serial: block.serial,
            category: block.category,
            reason: block.reason,
            issued_at: block.issued_at,
            valid_until: block.valid_until,
        })
    }

    fn count_view(&self, serial: Serial) {
        self.0.count_warning_view(serial);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hub_that_is_not_heard_is_an_alarm_after_a_minute() {
        let check = |health, problem: Option<&str>, heard: Option<u64>, expect: Option<&str>| {
            let status = Status {
                health,
                serial: Serial(7),
                head: Serial(7),
                heard_at: heard.map(UnixMillis),
                problem: problem.map(ToOwned::to_owned),
            };
            assert_eq!(following(&status, UnixMillis(100_000)).as_deref(), expect);
        };
        let alarm = Some("gate: what holds is of entry 7, and it is gone");
        check(Health::Fresh, None, Some(0), None);
        check(Health::Stale, Some("it is gone"), Some(40_001), None);
        check(Health::Stale, Some("it is gone"), Some(40_000), alarm);
        check(Health::Stale, Some("it is gone"), Some(160_000), alarm);
        check(Health::Stale, Some("it is gone"), None, alarm);
        check(Health::Stale, None, None, None);
        check(Health::Ahead, Some("far ahead"), Some(100_000), Some("gate: far ahead"));
    }
}
