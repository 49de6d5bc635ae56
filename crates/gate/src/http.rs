//! Serves a router over HTTP/1.1 with a bound on everything a client can hold:
//! connections, a header's size, the time it takes, and the stop. When every place
//! is taken, whoever holds one without asking anything gives way: a flood of silent
//! connections keeps nobody out. It never reads a body by itself and writes no
//! address of a client anywhere.

mod linger;

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

use self::linger::Linger;
use crate::silent::{Guest, Silent};

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
    /// Connections at the same time; a further one waits, or takes the place of one
    /// that has asked nothing.
    pub connections_max: usize,
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
    stop: CancellationToken,
) {
    let places = limits.connections_max.clamp(1, Semaphore::MAX_PERMITS);
    let slots = Arc::new(Semaphore::new(places));
    let mut silent = Silent::new(places);
    let mut connections = JoinSet::new();
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        while connections.try_join_next().is_some() {}
        let Ok((stream, peer)) = accepted else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let place = place(&slots, &mut silent);
        let Some(slot) = stop.run_until_cancelled(place).await else { break };
        let guest = Arc::new(Guest::new(Instant::now()));
        silent.came(&guest);
        let (open, stop) = (open.clone(), stop.clone());
        connections.spawn(async move {
            tokio::select! {
                // What has arrived already counts as asked.
                biased;
                () = converse(stream, peer, open, limits, &guest, stop) => {}
                () = guest.gives_way() => {}
            }
            drop(slot);
        });
    }
    drop(listener);
    // What outlives the drain is dropped with the set.
    let _ = tokio::time::timeout(DRAIN, async { while connections.join_next().await.is_some() {} })
        .await;
}

/// Waits for a place; whoever holds one and says nothing gives way.
async fn place(slots: &Arc<Semaphore>, silent: &mut Silent) -> OwnedSemaphorePermit {
    loop {
        let slot = Arc::clone(slots).acquire_owned();
        if let Ok(slot) = tokio::time::timeout(LOOK_AGAIN, slot).await {
            return slot.expect("nobody closes the semaphore");
        }
        silent.give_way(Instant::now());
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
mod tests {
    use std::net::SocketAddr;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    async fn start(limits: HttpLimits) -> (SocketAddr, CancellationToken, JoinSet<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let router = Router::new().fallback(|| async { "hello" });
        tasks.spawn(serve(listener, router, limits, stop.clone()));
        (address, stop, tasks)
    }

    async fn talk(address: SocketAddr, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut answer = Vec::new();
        // A reset after the answer ends it as well as a close does.
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    }

    #[tokio::test]
    async fn a_request_is_answered_and_a_vast_header_refused() {
        let (address, stop, mut tasks) =
            start(HttpLimits { connections_max: 1, header_seconds: 30 }).await;
        let answer = talk(address, b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n");
        assert!(answer.await.ends_with("hello"));
        let vast = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(HEADER_OCTETS_MAX));
        assert!(talk(address, vast.as_bytes()).await.starts_with("HTTP/1.1 431"));
        stop.cancel();
        tasks.join_next().await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_header_that_never_ends_frees_its_place() {
        let (address, _stop, _tasks) =
            start(HttpLimits { connections_max: 1, header_seconds: 1 }).await;
        let mut slow = TcpStream::connect(address).await.unwrap();
        slow.write_all(b"GET / HTTP/1.1\r\nHost:").await.unwrap();
        // It ends, and nobody else had to come for that.
        let _ = slow.read_to_end(&mut Vec::new()).await;
        let answer = talk(address, b"GET / HTTP/1.0\r\n\r\n").await;
        assert!(answer.ends_with("hello"), "{answer}");
    }

    #[tokio::test]
    async fn silent_connections_give_way_to_whoever_asks() {
        let (address, _stop, _tasks) =
            start(HttpLimits { connections_max: 2, header_seconds: 3_600 }).await;
        let mut asked = TcpStream::connect(address).await.unwrap();
        asked.write_all(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n").await.unwrap();
        assert_ne!(asked.read(&mut [0; 512]).await.unwrap(), 0);
        let mut silent = Vec::new();
        for _ in 0..10 {
            silent.push(TcpStream::connect(address).await.unwrap());
        }
        let answer = talk(address, b"GET / HTTP/1.0\r\n\r\n").await;
        assert!(answer.ends_with("hello"), "{answer}");
        // Whoever has asked keeps its place.
        asked.write_all(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n").await.unwrap();
        assert_ne!(asked.read(&mut [0; 512]).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn idle_connections_do_not_hold_up_the_stop() {
        let (address, stop, mut tasks) =
            start(HttpLimits { connections_max: 4, header_seconds: 3_600 }).await;
        let mut idle = TcpStream::connect(address).await.unwrap();
        idle.write_all(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n").await.unwrap();
        assert_ne!(idle.read(&mut [0; 512]).await.unwrap(), 0);
        stop.cancel();
        tasks.join_next().await.unwrap().unwrap();
        assert!(TcpStream::connect(address).await.is_err());
    }
}
