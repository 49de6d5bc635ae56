//! Connections as they come, up to their bound; each gets a task of its own and
//! frees its place when that ends.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::forward::Forwarder;

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
    converse: impl Fn(TcpStream, IpAddr) -> Talk,
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
                let talk = converse(stream, client.ip());
                forwarder.spawn(async move {
                    talk.await;
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
