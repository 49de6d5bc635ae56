//! The listener: who may connect, how many at once, and stopping with grace.

use std::sync::Arc;
use std::time::Duration;

use belfry_casebook::Casebook;
use belfry_web::Clock;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connection::{self, Shared};
use super::reply;
use super::seats::Seats;
use super::settings::SmtpSettings;
use crate::IntakeMetrics;

/// Accepting failed (no file descriptors left, say): wait before the next try.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);
/// How long the last words to a refused connection may take.
const REFUSE_TIMEOUT: Duration = Duration::from_millis(100);

/// The SMTP server, cheap to clone: all its listeners share one set of limits.
#[derive(Clone)]
pub struct SmtpServer {
    shared: Arc<Shared>,
    seats: Seats,
}

impl SmtpServer {
    /// Mails go to `casebook`; without `tls`, STARTTLS is not offered.
    pub fn new(
        settings: SmtpSettings,
        casebook: Casebook,
        clock: Clock,
        tls: Option<Arc<rustls::ServerConfig>>,
        metrics: IntakeMetrics,
    ) -> Self {
        Self::with_envelopes(settings, casebook, clock, tls, metrics, false)
    }

    /// As [`SmtpServer::new`]; with `checks_senders`, each mail's envelope is kept, sealed,
    /// until the desk has had its sender checked.
    pub fn with_envelopes(
        settings: SmtpSettings,
        casebook: Casebook,
        clock: Clock,
        tls: Option<Arc<rustls::ServerConfig>>,
        metrics: IntakeMetrics,
        checks_senders: bool,
    ) -> Self {
        let seats = Seats::new(&settings);
        let shared = Shared::new(settings, casebook, clock, tls, metrics, checks_senders);
        Self { shared: Arc::new(shared), seats }
    }

    /// Serves until `stop`, then says goodbye to idle clients, lets mails under way
    /// end (for 10 seconds), and returns once every connection is closed.
    pub async fn serve(self, listener: TcpListener, stop: CancellationToken) {
        self.serve_all(listener, false, stop).await;
    }

    /// As [`SmtpServer::serve`], over TLS from the first octet (RFC 8314); without TLS to
    /// serve by, every connection is closed at once.
    pub async fn serve_implicit(self, listener: TcpListener, stop: CancellationToken) {
        self.serve_all(listener, true, stop).await;
    }

    async fn serve_all(self, listener: TcpListener, implicit: bool, stop: CancellationToken) {
        let tracker = TaskTracker::new();
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                accepted = listener.accept() => accepted,
            };
            let (stream, address) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "can't accept an SMTP connection");
                    tokio::time::sleep(ACCEPT_RETRY).await;
                    continue;
                }
            };
            let Some(seat) = self.seats.enter(address.ip()) else {
                refuse(stream, implicit, &self.shared.metrics).await;
                continue;
            };
            let (shared, stop) = (Arc::clone(&self.shared), stop.clone());
            tracker.spawn(async move {
                shared.metrics.opened();
                let peer = connection::Peer { address: address.ip(), seat };
                connection::run(stream, peer, implicit, &shared, &stop).await;
                shared.metrics.closed();
            });
        }
        drop(listener);
        tracker.close();
        tracker.wait().await;
    }
}

async fn refuse(mut stream: TcpStream, implicit: bool, metrics: &IntakeMetrics) {
    metrics.refused(crate::Refusal::Connections);
    if implicit {
        return;
    }
    let words = reply::MANY_CONNECTIONS.to_bytes();
    // A peer that does not take one line is not waited for.
    let _ = tokio::time::timeout(REFUSE_TIMEOUT, stream.write_all(&words)).await;
}
