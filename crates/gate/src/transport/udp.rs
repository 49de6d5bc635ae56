//! DNS over UDP. A fixed number of tasks receive; what the engine knows is
//! answered in the same task, and only what an upstream must answer waits beside.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::UdpSocket;
use tokio_util::sync::CancellationToken;

use crate::answer::{Step, Transport};
use crate::forward::Forwarder;
use crate::query::QUERY_OCTETS_MAX;

/// A pause after the socket failed, so that a lasting failure does not spin.
const PAUSE: Duration = Duration::from_millis(10);

/// Receives and answers until `stop`.
pub(crate) async fn serve(socket: Arc<UdpSocket>, forwarder: Forwarder, stop: CancellationToken) {
    let mut buffer = vec![0; QUERY_OCTETS_MAX];
    loop {
        let received = tokio::select! {
            () = stop.cancelled() => return,
            received = socket.recv_from(&mut buffer) => received,
        };
        match received {
            Ok((length, client)) => answer(&socket, &forwarder, &buffer[..length], client).await,
            Err(problem) => {
                tracing::debug!(%problem, "receiving over UDP failed");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn answer(socket: &Arc<UdpSocket>, forwarder: &Forwarder, query: &[u8], client: SocketAddr) {
    match forwarder.engine.answer(query, client.ip(), Transport::Udp, Instant::now()) {
        Step::Drop => {}
        Step::Reply(reply) => sent(socket.send_to(&reply, client).await),
        Step::Forward(forward) => match forwarder.admit(&forward) {
            Err(reply) => sent(socket.send_to(&reply, client).await),
            Ok(place) => {
                let (socket, asker) = (Arc::clone(socket), forwarder.clone());
                forwarder.spawn(async move {
                    let reply = asker.ask(&forward).await;
                    sent(socket.send_to(&reply, client).await);
                    drop(place);
                });
            }
        },
    }
}

/// A client that can't be reached is no concern of others: it asks again.
fn sent(result: io::Result<usize>) {
    if let Err(problem) = result {
        tracing::debug!(%problem, "sending over UDP failed");
    }
}
