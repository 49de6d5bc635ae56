//! DNS over TLS (RFC 7858): the same conversation as over TCP, inside TLS.

use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::answer::Transport;
use crate::forward::Forwarder;
use crate::transport::accept::{Limits, accept};
use crate::transport::stream;

/// Accepts and answers until `stop`.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: TlsAcceptor,
    forwarder: Forwarder,
    limits: Limits,
    stop: CancellationToken,
) {
    let (asker, talk) = (forwarder.clone(), (limits.idle, stop.clone()));
    let converse = move |stream, client| {
        let (forwarder, (idle, stop)) = (asker.clone(), talk.clone());
        let tls = tls.clone();
        async move {
            // Why a handshake fails is the client's affair.
            let Ok(Ok(stream)) = timeout(idle, tls.accept(stream)).await else { return };
            stream::converse(stream, (client, Transport::Tls), &forwarder, idle, stop).await;
        }
    };
    accept(listener, &forwarder, &limits, &stop, converse).await;
}
