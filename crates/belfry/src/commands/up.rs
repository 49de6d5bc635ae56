//! `belfry up` and `belfry hub`.

use std::io::Write;
use std::sync::Arc;

use belfry_desk::Desk;
use belfry_feed::transfer::Transfers;
use tokio_util::sync::CancellationToken;

use crate::cli::{HubArgs, UpArgs};
use crate::clock::now;
use crate::commands::Failure;
use crate::commands::run::{Signals, open_many_files, print_ready, serve_metrics, within_bounds};
use crate::config::{Config, load};
use crate::gate::{GateProbe, LocalSource, RunningGate};
use crate::hub::Hub;
use crate::telemetry::{Readiness, registry};

/// Everything in one process, until a signal.
pub(crate) async fn up(args: &UpArgs) -> Result<(), Failure> {
    open_many_files();
    let config = load(&args.data, &args.upstreams)?.config;
    let stop = CancellationToken::new();
    let running = Running::start(&config, true, &stop).await?;
    running.until_stopped(&stop).await
}

/// The hub alone, until a signal.
pub(crate) async fn hub(args: &HubArgs) -> Result<(), Failure> {
    open_many_files();
    let config = load(&args.data, &[])?.config;
    let stop = CancellationToken::new();
    let running = Running::start(&config, false, &stop).await?;
    running.until_stopped(&stop).await
}

/// Tells, on a console where nobody can sign in yet, how the first person does. To standard
/// error: standard output is for programs.
async fn invite_first(hub: &Hub) -> Result<(), Failure> {
    let (Some(site), casebook) = (&hub.site, hub.desk.casebook()) else { return Ok(()) };
    let Some(invitation) = casebook.first_invitation(now()).await? else { return Ok(()) };
    let link = site.set_up_link(&invitation.secret);
    let words = format!(
        "\nNobody can sign in to the console yet. Open this link in a browser, within 24 hours, \
         to become its first administrator:\n\n  {link}\n\n"
    );
    // A standard error that is closed loses the link; `belfry person invite` makes another.
    let _ = std::io::stderr().lock().write_all(words.as_bytes());
    Ok(())
}

/// A hub that is up, with or without its gate; the demo runs one too.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) hub: Hub,
    pub(crate) gate: Option<RunningGate>,
    metrics: (std::net::SocketAddr, tokio::task::JoinHandle<()>),
}

impl Running {
    /// Takes all ports; they answer when this returns.
    pub(crate) async fn start(
        config: &Config,
        with_gate: bool,
        stop: &CancellationToken,
    ) -> Result<Self, Failure> {
        let mut registry = registry();
        let hub = Hub::start(config, &mut registry, stop).await?;
        let gate = if with_gate {
            let source = LocalSource(hub.desk.casebook().clone());
            Some(RunningGate::start(config, source, &mut registry, stop).await?)
        } else {
            None
        };
        if let Some(gate) = &gate {
            gate.filtering().await;
        }
        let readiness = Arc::new(Probe {
            desk: hub.desk.clone(),
            gate: gate.as_ref().map(RunningGate::probe),
            transfers: hub.transfers.clone(),
        });
        let metrics = serve_metrics(config.listen.metrics, registry, readiness, stop).await?;
        Ok(Self { hub, gate, metrics })
    }

    async fn until_stopped(self, stop: &CancellationToken) -> Result<(), Failure> {
        let mut addresses = self.hub.addresses.clone();
        addresses.extend(self.gate.iter().flat_map(|gate| gate.addresses.clone()));
        addresses.push(("metrics", self.metrics.0));
        let signals = Signals::catch()?;
        print_ready(&addresses)?;
        invite_first(&self.hub).await?;
        signals
            .stopped(|| {
                let gate = self.gate.as_ref().map_or(Ok(()), RunningGate::reload);
                gate.and(self.hub.reload())
            })
            .await;
        stop.cancel();
        self.drain().await
    }

    /// Waits for all tasks after the stop; the gate first, since it reports to the hub.
    pub(crate) async fn drain(self) -> Result<(), Failure> {
        within_bounds(async {
            if let Some(gate) = self.gate {
                gate.drain().await;
            }
            self.hub.drain().await;
            let _ = self.metrics.1.await;
        })
        .await
    }
}

/// What `/readyz` asks of a hub and its gate.
struct Probe {
    desk: Desk,
    gate: Option<GateProbe>,
    transfers: Option<Transfers>,
}

impl Readiness for Probe {
    async fn waiting_for(&self) -> Vec<String> {
        let casebook =
            self.desk.casebook().ready().await.err().map(|error| format!("casebook: {error}"));
        let gate = self.gate.as_ref().and_then(GateProbe::waiting_for);
        casebook.into_iter().chain(gate).collect()
    }

    fn alarms(&self) -> Vec<String> {
        let casebook = self.desk.casebook();
        let ahead = casebook.ahead().map(|serial| {
            let head = casebook.head().serial;
            format!(
                "a follower is at entry {serial}, the journal ends at {head}: belfry journal void"
            )
        });
        let audit = casebook.audit_alarm().map(|why| format!("{why}: belfry audit verify"));
        let stopped = self.desk.stopped();
        let stopped = stopped.map(|why| format!("nothing expires: {why}: belfry upkeep show"));
        let gate = self.gate.as_ref().and_then(GateProbe::alarm);
        let zones = self.transfers.as_ref().and_then(Transfers::alarm);
        let told = self.desk.alarms().all().into_iter();
        let told =
            told.map(|alarm| format!("{}: {}: {}", alarm.kind.name(), alarm.about, alarm.text));
        [ahead, audit, stopped, gate, zones].into_iter().flatten().chain(told).collect()
    }
}
