//! SOA and IXFR over UDP: one datagram in, one out, which is no longer.

use belfry_rpz::session::{Answer, Transport, answer};
use tokio::net::UdpSocket;
use tokio_util::sync::CancellationToken;

use super::Transfers;

const DATAGRAM_MAX: usize = 4_096;

/// Answers until `stop`.
pub(super) async fn serve(transfers: Transfers, socket: UdpSocket, stop: CancellationToken) {
    let mut buffer = [0; DATAGRAM_MAX];
    loop {
        let received = tokio::select! {
            () = stop.cancelled() => return,
            received = socket.recv_from(&mut buffer) => received,
        };
        let (length, peer) = match received {
            Ok(received) => received,
            Err(error) => {
                // Often another's "port unreachable"; the next one may be well.
                tracing::debug!(%error, "a datagram of zone transfer was lost");
                continue;
            }
        };
        let address = peer.ip().to_canonical();
        let now = transfers.inner.now_seconds();
        let (answer, asked) = answer(&buffer[..length], Transport::Udp, address, &transfers, now);
        transfers.note(&asked, address);
        if let Answer::Message(message) = answer
            && let Err(error) = socket.send_to(&message, peer).await
        {
            tracing::debug!(%error, "an answer of zone transfer was lost");
        }
    }
}
