//! Serves a router over HTTP/1.1 with a bound on everything a client can hold:
//! connections (in all and of one address), a header's size, the time it takes, and the
//! stop. When every place is taken, whoever holds one without asking anything gives way: a flood of silent
//! connections keeps nobody out. It never reads a body by itself and writes no
//! address of a client anywhere.

mod crowd;
mod linger;
mod refusal;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::crowd::{Crowd, Ticket};
use self::linger::Linger;
pub use self::refusal::HttpMetrics;
use self::refusal::{Refusal, Refuser};
use crate::silent::{Guest, Silent};

/// How long one waits for a place; where none came free, the next ones wait less.
const PLACE_PATIENCE: Duration = Duration::from_secs(2);
const PLACE_IMPATIENCE: Duration = Duration::from_millis(50);
/// While no place is free, how often to look for one that is held in silence.
const LOOK_AGAIN: Duration = Duration::from_millis(10);
/// A request's line and headers together.
const HEADER_OCTETS_MAX: usize = 16 * 1024;
const HEADERS_MAX: usize = 64;
/// What is still being answered at the stop has this long.
const DRAIN: Duration = Duration::from_secs(5);
/// After a refused accept (no file descriptor left), before the next try.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What clients may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HttpLimits {
    /// Connections at the same time; a further one waits a little, or takes the place of
    /// one that has asked nothing.
    pub connections_max: usize,
    /// Connections of one address (IPv6: of one /64) at the same time.
    pub connections_per_address_max: usize,
    /// How long a header may take, and how long a connection may idle before one.
    pub header_seconds: u64,
}

/// What a connection becomes before HTTP is spoken on it: as it is, or inside TLS.
pub trait Open: Clone + Send + 'static {
    /// What HTTP is spoken on.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;
    /// What answers.
    type Service: Service<Request<Incoming>, Response = Response<Body>, Error = Infallible, Future: Send>
        + Send
        + 'static;

    /// Whether HTTP is spoken on the bare connection, so that a refusal can be told there.
    fn is_clear(&self) -> bool {
        true
    }

    /// Opens the connection from `peer`; `None` closes it. It has as long as a header.
    fn open(
        self,
        stream: TcpStream,
        peer: SocketAddr,
    ) -> impl Future<Output = Option<(Self::Stream, Self::Service)>> + Send;
}

/// A router in clear, which is not told who asks.
impl Open for Router {
    type Stream = TcpStream;
    type Service = TowerToHyperService<Router>;

    async fn open(
        self,
        stream: TcpStream,
        _peer: SocketAddr,
    ) -> Option<(Self::Stream, Self::Service)> {
        Some((stream, TowerToHyperService::new(self)))
    }
}

/// Serves `open` (a router, mostly) on `listener` until `stop`, then lets open requests
/// end for 5 s.
pub async fn serve<O: Open>(
    listener: TcpListener,
    open: O,
    limits: HttpLimits,
    metrics: HttpMetrics,
    stop: CancellationToken,
) {
    let mut port = Port::new(open, limits, metrics, stop.clone());
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        while port.connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, peer)) => {
                // Told to stop meanwhile: it is not begun.
                let _ = stop.run_until_cancelled(port.admit(stream, peer)).await;
            }
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
    drop(listener);
    // What outlives the drain is dropped with the set.
    let drained = async { while port.connections.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(DRAIN, drained).await;
}

/// A port and who is on it.
struct Port<O> {
    open: O,
    limits: HttpLimits,
    slots: Arc<Semaphore>,
    silent: Silent,
    crowd: Crowd,
    refuser: Refuser,
    /// Whether the last one who came found no place.
    full: bool,
    metrics: HttpMetrics,
    connections: JoinSet<()>,
    stop: CancellationToken,
}

impl<O: Open> Port<O> {
    fn new(open: O, limits: HttpLimits, metrics: HttpMetrics, stop: CancellationToken) -> Self {
        let places = limits.connections_max.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            slots: Arc::new(Semaphore::new(places)),
            silent: Silent::new(places),
            crowd: Crowd::new(limits.connections_per_address_max),
            refuser: Refuser::new(open.is_clear(), metrics.clone()),
            full: false,
            metrics,
            connections: JoinSet::new(),
            open,
            limits,
            stop,
        }
    }

    /// Begins a connection, or refuses it.
    async fn admit(&mut self, stream: TcpStream, peer: SocketAddr) {
        let Some(ticket) = self.crowd.enter(peer.ip()) else {
            return self.refuse(stream, Refusal::Address);
        };
        match self.place().await {
            Some(slot) => self.begin(stream, peer, (slot, ticket)),
            None => self.refuse(stream, Refusal::All),
        }
    }

    /// A place, after a while; whoever holds one and says nothing gives way.
    async fn place(&mut self) -> Option<OwnedSemaphorePermit> {
        let patience = if self.full { PLACE_IMPATIENCE } else { PLACE_PATIENCE };
        let until = Instant::now() + patience;
        let slot = loop {
            let slot = Arc::clone(&self.slots).acquire_owned();
            if let Ok(slot) = tokio::time::timeout(LOOK_AGAIN, slot).await {
                break Some(slot.expect("nobody closes the semaphore"));
            }
            let now = Instant::now();
            if now >= until {
                break None;
            }
            self.silent.give_way(now);
        };
        self.full = slot.is_none();
        slot
    }

    fn begin(&mut self, stream: TcpStream, peer: SocketAddr, held: (OwnedSemaphorePermit, Ticket)) {
        let guest = Arc::new(Guest::new(Instant::now()));
        self.silent.came(&guest);
        let (open, limits, stop) = (self.open.clone(), self.limits, self.stop.clone());
        let open_now = Held::new(&self.metrics);
        self.connections.spawn(async move {
            tokio::select! {
                // What has arrived already counts as asked.
                biased;
                () = converse(stream, peer, open, limits, &guest, stop) => {}
                () = guest.gives_way() => {}
            }
            drop((held, open_now));
        });
    }

    fn refuse(&mut self, stream: TcpStream, why: Refusal) {
        if let Some(told) = self.refuser.refuse(stream, why) {
            self.connections.spawn(told);
        }
    }
}

/// Counts a connection while it is open.
struct Held(HttpMetrics);

impl Held {
    fn new(metrics: &HttpMetrics) -> Self {
        metrics.held.inc();
        Self(metrics.clone())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.held.dec();
    }
}

/// One connection, to its end. How it ends is the client's affair: no error is kept.
async fn converse<O: Open>(
    stream: TcpStream,
    peer: SocketAddr,
    open: O,
    limits: HttpLimits,
    guest: &Guest,
    stop: CancellationToken,
) {
    // Streams of events must not wait for more to say; a failure only costs delay.
    let _ = stream.set_nodelay(true);
    let patience = Duration::from_secs(limits.header_seconds.max(1));
    let opened = tokio::time::timeout(patience, open.open(stream, peer));
    let Some(Ok(Some((stream, service)))) = stop.run_until_cancelled(opened).await else { return };
    let service = service_fn(move |request| {
        guest.asks();
        service.call(request)
    });
    let connection = Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .max_header_size(HEADER_OCTETS_MAX)
        .max_headers(HEADERS_MAX)
        .serve_connection(TokioIo::new(Linger::new(stream)), service);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

#[cfg(test)]
mod tests;
