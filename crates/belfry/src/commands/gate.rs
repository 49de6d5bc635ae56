//! `belfry gate`: the gate at an operator, following a hub.

use std::sync::Arc;

use belfry_follow::HttpSource;
use tokio_util::sync::CancellationToken;

use crate::cli::GateArgs;
use crate::commands::Failure;
use crate::commands::run::{Signals, print_ready, serve_metrics, within_bounds};
use crate::config::load;
use crate::gate::{GateProbe, RunningGate};
use crate::telemetry::{Readiness, registry};

/// Runs until a signal; with the hub gone, it goes on by its last snapshot.
pub(crate) async fn gate(args: &GateArgs) -> Result<(), Failure> {
    let mut config = load(&args.data, &args.upstreams)?.config;
    if !args.listen.is_empty() {
        config.gate.listen.clone_from(&args.listen);
    }
    let token = std::fs::read_to_string(&args.token_file)
        .map_err(|error| Failure::new(format!("{}: {error}", args.token_file.display())))?;
    let token = token.trim().to_owned();
    let source = match &args.ca_file {
        None => HttpSource::new(&args.hub, token)?,
        Some(file) => {
            let roots = std::fs::read(file)
                .map_err(|error| Failure::new(format!("{}: {error}", file.display())))?;
            HttpSource::trusting(&args.hub, token, &roots)?
        }
    };
    let stop = CancellationToken::new();
    let mut registry = registry();
    let gate = RunningGate::start(&config, source, &mut registry, &stop).await?;
    let readiness = Arc::new(Probe(gate.probe()));
    let metrics = serve_metrics(config.listen.metrics, registry, readiness, &stop).await?;
    let mut addresses = gate.addresses.clone();
    addresses.push(("metrics", metrics.0));
    let signals = Signals::catch()?;
    print_ready(&addresses)?;
    signals.stopped(|| Ok(())).await;
    stop.cancel();
    within_bounds(async {
        gate.drain().await;
        let _ = metrics.1.await;
    })
    .await
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
