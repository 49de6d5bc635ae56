//! What every long-running command shares: the metrics port, the ready line,
//! the signals, and a bounded end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use belfry_gate::http::{HttpLimits, HttpMetrics, serve};
use prometheus_client::registry::Registry;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::commands::{Failure, print};
use crate::config::ConfigError;
use crate::hub::listen;
use crate::telemetry::{Readiness, routes};

/// How long the end may take.
const DRAIN: Duration = Duration::from_secs(20);
const METRICS_LIMITS: HttpLimits =
    HttpLimits { connections_max: 64, connections_per_address_max: 48, header_seconds: 10 };

/// Serves metrics and health until `stop`.
pub(crate) async fn serve_metrics<R: Readiness>(
    at: SocketAddr,
    mut registry: Registry,
    readiness: Arc<R>,
    stop: &CancellationToken,
) -> Result<(SocketAddr, JoinHandle<()>), Failure> {
    let listener = listen("metrics", at).await?;
    let address = listener.local_addr()?;
    let held = HttpMetrics::default();
    held.register(&mut registry, "metrics");
    let router = routes(registry, readiness);
    Ok((address, tokio::spawn(serve(listener, router, METRICS_LIMITS, held, stop.clone()))))
}

/// Prints each port, one `NAME ADDRESS` a line, then `ready`.
pub(crate) fn print_ready(addresses: &[(&'static str, SocketAddr)]) -> Result<(), Failure> {
    let mut lines = String::new();
    for (name, address) in addresses {
        lines.push_str(&format!("{name} {address}\n"));
    }
    print(format!("{lines}ready\n"))
}

/// SIGTERM, SIGINT and SIGHUP, caught from the moment this exists: taken before `ready`
/// is printed, since whoever reads that may stop us at once.
#[derive(Debug)]
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    /// Catches them from now on.
    pub(crate) fn catch() -> Result<Self, Failure> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for one that stops; SIGHUP has `reload` read again what can be.
    pub(crate) async fn stopped(mut self, reload: impl Fn() -> Result<(), ConfigError>) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => break,
                _ = self.interrupt.recv() => break,
                _ = self.hangup.recv() => match reload() {
                    Ok(()) => tracing::info!("certificates were read again"),
                    Err(error) => tracing::error!(%error, "the old certificates stay"),
                },
            }
        }
        tracing::info!("stopping: what is under way is finished first");
    }
}

/// Waits for `drain`, but not for ever.
pub(crate) async fn within_bounds(drain: impl Future<Output = ()>) -> Result<(), Failure> {
    tokio::time::timeout(DRAIN, drain)
        .await
        .map_err(|_| Failure::new(format!("not everything ended within {} s", DRAIN.as_secs())))
}

/// Lets this process open as many files as its user may at most: a connection is one.
pub(crate) fn open_many_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let most = Rlimit { current: limit.maximum, maximum: limit.maximum };
    if let Err(error) = setrlimit(Resource::Nofile, most) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}
