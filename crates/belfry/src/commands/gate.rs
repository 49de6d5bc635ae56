//! `belfry gate`: the gate at an operator, following a hub, foreign zones, or both.

use std::path::Path;
use std::sync::Arc;

use belfry_follow::HttpSource;
use tokio_util::sync::CancellationToken;

use crate::cli::{GateArgs, GateVerb};
use crate::commands::run::{Signals, print_ready, serve_metrics, within_bounds};
use crate::commands::{Failure, print};
use crate::config::{Config, load};
use crate::gate::{GateProbe, RunningGate, ask};
use crate::telemetry::{Readiness, registry};

/// Runs until a signal; with the hub gone, it goes on by its last snapshot.
pub(crate) async fn gate(args: &GateArgs) -> Result<(), Failure> {
    let config = configuration(args)?;
    if let Some(verb) = &args.verb {
        return print(ask(&config.data, &line(verb)).map_err(Failure::new)?);
    }
    let stop = CancellationToken::new();
    let mut registry = registry();
    let gate = match source(args)? {
        Some(source) => RunningGate::start(&config, source, &mut registry, &stop).await?,
        None => RunningGate::start_zones(&config, &mut registry, &stop).await?,
    };
    let mut addresses = gate.addresses.clone();
    let readiness = Arc::new(Probe(gate.probe()));
    let metrics = serve_metrics(config.listen.metrics, registry, readiness, &stop).await;
    let metrics = match metrics {
        Ok((address, serving)) => {
            addresses.push(("metrics", address));
            Some(serving)
        }
        // Several gates on one machine, or one beside a hub: figures are not worth a refusal.
        Err(problem) if args.hub.is_none() => {
            tracing::warn!(?problem, "no metrics are served");
            None
        }
        Err(problem) => return Err(problem),
    };
    let signals = Signals::catch()?;
    print_ready(&addresses)?;
    signals.stopped(|| gate.reload()).await;
    stop.cancel();
    within_bounds(async {
        gate.drain().await;
        if let Some(metrics) = metrics {
            let _ = metrics.await;
        }
    })
    .await
}

/// What the gate's socket is asked.
fn line(verb: &GateVerb) -> String {
    match verb {
        GateVerb::Explain { name } => format!("explain {}", name.trim()),
        GateVerb::Pause => "pause".to_owned(),
        GateVerb::Resume => "resume".to_owned(),
        GateVerb::Confirm => "confirm".to_owned(),
        GateVerb::Status => "status".to_owned(),
    }
}

/// The file's configuration, and the flags over it.
fn configuration(args: &GateArgs) -> Result<Config, Failure> {
    let mut config = load(&args.data, &args.upstreams)?.config;
    if !args.listen.is_empty() {
        config.gate.listen.clone_from(&args.listen);
    }
    if let Some(threads) = args.threads {
        config.gate.threads = threads;
    }
    if !args.rpz.is_empty() {
        config.gate.zones.clone_from(&args.rpz);
        for zone in config.gate.zones.iter_mut().filter(|zone| zone.primary.is_some()) {
            zone.key_file.clone_from(&args.rpz_key);
        }
    }
    Ok(config)
}

/// The hub to follow, if there is one.
fn source(args: &GateArgs) -> Result<Option<HttpSource>, Failure> {
    let (Some(hub), Some(token_file)) = (&args.hub, &args.token_file) else { return Ok(None) };
    hub_source(hub, token_file, args.ca_file.as_deref()).map(Some)
}

/// A hub, with the token in a file, and the certificates in another where it is given.
pub(crate) fn hub_source(
    hub: &str,
    token_file: &Path,
    ca_file: Option<&Path>,
) -> Result<HttpSource, Failure> {
    let named =
        |file: &Path, error: std::io::Error| Failure::new(format!("{}: {error}", file.display()));
    let token = std::fs::read_to_string(token_file).map_err(|error| named(token_file, error))?;
    let token = token.trim().to_owned();
    let Some(file) = ca_file else { return Ok(HttpSource::new(hub, token)?) };
    let roots = std::fs::read(file).map_err(|error| named(file, error))?;
    Ok(HttpSource::trusting(hub, token, &roots)?)
}

struct Probe(GateProbe);

impl Readiness for Probe {
    async fn waiting_for(&self) -> Vec<String> {
        self.0.waiting_for().into_iter().collect()
    }

    fn alarms(&self) -> Vec<String> {
        self.0.alarm().into_iter().collect()
    }
}
