//! DNS over TCP (RFC 7766).

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::answer::Transport;
use crate::forward::Forwarder;
use crate::transport::accept::{Limits, accept};
use crate::transport::stream;

/// Accepts and answers until `stop`.
pub(crate) async fn serve(
    listener: TcpListener,
    forwarder: Forwarder,
    limits: Limits,
    stop: CancellationToken,
) {
    let (asker, talk) = (forwarder.clone(), (limits.idle, stop.clone()));
    let converse = move |stream, client| {
        let (forwarder, (idle, stop)) = (asker.clone(), talk.clone());
        async move { stream::converse(stream, (client, Transport::Tcp), &forwarder, idle, stop).await }
    };
    accept(listener, &forwarder, &limits, &stop, converse).await;
}
