//! Connections as they come, up to their bound; each gets a task of its own and
//! frees its place when that ends.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::access::Prefix;
use crate::forward::Forwarder;
use crate::proxy;

/// A pause after accepting failed (no more descriptors), so that it does not spin.
const PAUSE: Duration = Duration::from_millis(50);

/// Bounds of all connections.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// How long a connection may say nothing, or leave an answer unread.
    pub(crate) idle: Duration,
    /// Places for connections.
    pub(crate) connections: Arc<Semaphore>,
}

/// Accepts until `stop`, and has `converse` speak with each client.
pub(super) async fn accept<Talk: Future<Output = ()> + Send + 'static>(
    listener: TcpListener,
    forwarder: &Forwarder,
    limits: &Limits,
    stop: &CancellationToken,
    converse: impl Fn(TcpStream, IpAddr) -> Talk + Clone + Send + 'static,
) {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, client)) => {
                // Past the bound the stream is closed here: the client goes on over UDP.
                let Ok(place) = Arc::clone(&limits.connections).try_acquire_owned() else {
                    continue;
                };
                // Answers are short, and whoever waits for one waits for nothing else.
                let _ = stream.set_nodelay(true);
                let (engine, idle) = (Arc::clone(&forwarder.engine), limits.idle);
                let converse = converse.clone();
                forwarder.spawn(async move {
                    let mut stream = stream;
                    let who = proxied(&mut stream, client.ip(), &engine.balancers);
                    if let Ok(Ok(client)) = timeout(idle, who).await {
                        converse(stream, client).await;
                    }
                    drop(place);
                });
            }
            Err(problem) => {
                tracing::debug!(%problem, "accepting over TCP failed");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Who asks: a load balancer says so before anything else.
async fn proxied(
    stream: &mut TcpStream,
    client: IpAddr,
    balancers: &[Prefix],
) -> io::Result<IpAddr> {
    if !balancers.iter().any(|prefix| prefix.contains(client)) {
        return Ok(client);
    }
    let malformed = || io::Error::from(io::ErrorKind::InvalidData);
    let mut fixed = [0; proxy::FIXED_OCTETS];
    stream.read_exact(&mut fixed).await?;
    let mut header = vec![0; proxy::header_octets(&fixed).ok_or_else(malformed)?];
    header[..proxy::FIXED_OCTETS].copy_from_slice(&fixed);
    stream.read_exact(&mut header[proxy::FIXED_OCTETS..]).await?;
    Ok(proxy::read(&header).ok_or_else(malformed)?.client.unwrap_or(client))
}
