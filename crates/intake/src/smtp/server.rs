//! The listener: who may connect, how many at once, and stopping with grace.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use belfry_casebook::Casebook;
use belfry_web::Clock;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connection::{self, Shared};
use super::reply;
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
    peers: Arc<Peers>,
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
        let peers = Arc::new(Peers::new(&settings));
        let shared = Shared::new(settings, casebook, clock, tls, metrics, checks_senders);
        Self { shared: Arc::new(shared), peers }
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
            let Some(place) = self.peers.enter(address) else {
                refuse(stream, implicit, &self.shared.metrics).await;
                continue;
            };
            let (shared, stop) = (Arc::clone(&self.shared), stop.clone());
            tracker.spawn(async move {
                shared.metrics.opened();
                connection::run(stream, address.ip(), implicit, &shared, &stop).await;
                shared.metrics.closed();
                drop(place);
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

/// Counts connections, in all and by address.
struct Peers {
    all: Arc<Semaphore>,
    each: Arc<Mutex<HashMap<IpAddr, usize>>>,
    each_max: usize,
}

/// One connection's place; given back when dropped.
struct Place {
    _permit: tokio::sync::OwnedSemaphorePermit,
    each: Arc<Mutex<HashMap<IpAddr, usize>>>,
    network: IpAddr,
}

impl Peers {
    fn new(settings: &SmtpSettings) -> Self {
        let all = settings.connections_max.min(Semaphore::MAX_PERMITS);
        Self {
            all: Arc::new(Semaphore::new(all)),
            each: Arc::default(),
            each_max: settings.connections_per_address_max,
        }
    }

    fn enter(&self, address: SocketAddr) -> Option<Place> {
        let permit = Arc::clone(&self.all).try_acquire_owned().ok()?;
        let network = network(address.ip());
        let mut each = self.each.lock().unwrap_or_else(PoisonError::into_inner);
        let count = each.entry(network).or_default();
        if *count >= self.each_max {
            return None;
        }
        *count += 1;
        Some(Place { _permit: permit, each: Arc::clone(&self.each), network })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut each = self.each.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = each.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                each.remove(&self.network);
            }
        }
    }
}

/// The address that counts as one peer: an IPv6 host has a whole /64 to itself.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => (address & std::net::Ipv6Addr::from_bits(!0 << 64)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peers(all: usize, each: usize) -> Peers {
        Peers::new(&SmtpSettings {
            connections_max: all,
            connections_per_address_max: each,
            ..SmtpSettings::default()
        })
    }

    fn address(text: &str) -> SocketAddr {
        SocketAddr::new(text.parse().unwrap(), 25)
    }

    #[test]
    fn one_address_can_not_take_all_places() {
        let peers = peers(3, 2);
        let first = peers.enter(address("192.0.2.1"));
        let second = peers.enter(address("::ffff:192.0.2.1"));
        assert!(first.is_some() && second.is_some());
        assert!(peers.enter(address("192.0.2.1")).is_none());
        let third = peers.enter(address("192.0.2.2"));
        assert!(third.is_some());
        assert!(peers.enter(address("192.0.2.3")).is_none());
        drop(first);
        assert!(peers.enter(address("192.0.2.1")).is_some());
    }

    #[test]
    fn nothing_is_kept_of_those_who_left() {
        let peers = peers(3, 2);
        drop(peers.enter(address("2001:db8::1")));
        assert!(peers.each.lock().unwrap().is_empty());
    }

    #[test]
    fn a_64_is_one_peer() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:1"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }
}
