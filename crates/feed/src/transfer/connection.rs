//! Zones over TCP and TLS: one task a connection, one message of a transfer at a time.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::PoisonError;
use std::time::Duration;

use belfry_indicator::Domain;
use belfry_journal::OperatorName;
use belfry_rpz::Transfer;
use belfry_rpz::session::{Answer, Asked, Outcome, Transport, answer};
use belfry_rpz::transfer::Shape;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::{Inner, Transfers};

/// The longest request that is read.
const REQUEST_MAX: usize = 4_096;
/// How long nothing can be accepted before the next try, where files run out.
const BREATH: Duration = Duration::from_millis(100);

/// Takes connections until `stop`.
pub(super) async fn serve(
    transfers: Transfers,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    stop: CancellationToken,
) {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let (transfers, tls, stop) = (transfers.clone(), tls.clone(), stop.clone());
                tokio::spawn(async move {
                    let served = admitted(&transfers, stream, peer, tls);
                    tokio::select! {
                        () = stop.cancelled() => {}
                        ended = served => if let Err(error) = ended {
                            tracing::debug!(%error, "a connection of zone transfer ended");
                        }
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "no connection of zone transfer can be taken");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
}

/// A place among the connections of one address.
struct Place<'a> {
    inner: &'a Inner,
    address: IpAddr,
}

impl<'a> Place<'a> {
    fn take(inner: &'a Inner, address: IpAddr) -> Option<Self> {
        let mut by_address = inner.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        let count = by_address.entry(address).or_insert(0);
        if *count >= inner.settings.connections_per_address_max {
            return None;
        }
        *count += 1;
        Some(Self { inner, address })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut by_address = self.inner.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                by_address.remove(&self.address);
            }
        }
    }
}

async fn admitted(
    transfers: &Transfers,
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
) -> io::Result<()> {
    let address = peer.ip().to_canonical();
    let full = || io::Error::other("too many connections");
    let _any = transfers.inner.places.clone().try_acquire_owned().map_err(|_| full())?;
    let _its = Place::take(&transfers.inner, address).ok_or_else(full)?;
    stream.set_nodelay(true)?;
    match tls {
        None => converse(transfers, stream, address).await,
        Some(acceptor) => {
            let idle = Duration::from_secs(transfers.inner.settings.idle_seconds);
            let stream = timeout(idle, acceptor.accept(stream)).await??;
            converse(transfers, stream, address).await
        }
    }
}

/// Answers request after request until the other end closes or says nothing for too long.
async fn converse(
    transfers: &Transfers,
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    address: IpAddr,
) -> io::Result<()> {
    let idle = Duration::from_secs(transfers.inner.settings.idle_seconds);
    let mut request = Vec::new();
    loop {
        let length = match timeout(idle, stream.read_u16()).await? {
            Ok(length) => usize::from(length),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        };
        if length > REQUEST_MAX {
            return Err(io::Error::other("a request too long"));
        }
        request.resize(length, 0);
        timeout(idle, stream.read_exact(&mut request)).await??;
        let now = transfers.inner.now_seconds();
        let (answer, asked) = answer(&request, Transport::Stream, address, transfers, now);
        let operator = transfers.note(&asked, address);
        match answer {
            Answer::Silence => return Ok(()),
            Answer::Message(message) => send(transfers, &mut stream, &message).await?,
            Answer::Transfer(transfer) => {
                let Some(operator) = operator else { return Ok(()) };
                send_all(transfers, &mut stream, *transfer, &operator, address, &asked).await?;
            }
        }
    }
}

/// Sends a transfer; ends it where its operator is suspended meanwhile.
async fn send_all(
    transfers: &Transfers,
    stream: &mut (impl AsyncWrite + Unpin),
    mut transfer: Transfer,
    operator: &OperatorName,
    address: IpAddr,
    asked: &Asked,
) -> io::Result<()> {
    let (serial, shape) = (transfer.serial(), transfer.shape());
    while let Some(message) = transfer.next_message(transfers.inner.now_seconds()) {
        if !transfers.operators().is_active(operator) {
            return Err(io::Error::other("the operator was suspended"));
        }
        send(transfers, stream, &message).await?;
        // A million names must not keep the others of this thread waiting.
        tokio::task::yield_now().await;
    }
    let Some(zone) = &asked.zone else { return Ok(()) };
    let now = transfers.inner.clock.now();
    let mut standings = transfers.inner.standings.lock().unwrap_or_else(PoisonError::into_inner);
    standings.note(operator, address, zone, |standing| {
        standing.transferred = Some(serial);
        standing.transferred_at = Some(now);
    });
    drop(standings);
    let whole = shape == Shape::Whole;
    let octets = transfer.octets();
    tracing::info!(%operator, %zone, %serial, whole, octets, "a zone was transferred");
    Ok(())
}

async fn send(
    transfers: &Transfers,
    stream: &mut (impl AsyncWrite + Unpin),
    message: &[u8],
) -> io::Result<()> {
    let length = u16::try_from(message.len()).map_err(io::Error::other)?;
    let mut framed = Vec::with_capacity(message.len() + 2);
    framed.extend_from_slice(&length.to_be_bytes());
    framed.extend_from_slice(message);
    let patience = Duration::from_secs(transfers.inner.settings.message_seconds);
    timeout(patience, async {
        stream.write_all(&framed).await?;
        stream.flush().await
    })
    .await?
}

impl Transfers {
    /// Notes what a request says of a secondary; whose it is.
    pub(super) fn note(&self, asked: &Asked, address: IpAddr) -> Option<OperatorName> {
        let operators = self.operators();
        let record = operators.of(asked.key.as_deref(), address);
        if let Outcome::Refused(why) = asked.outcome {
            let operator = record.map(|record| record.name.as_str()).unwrap_or("-");
            let zone = asked.zone.as_ref().map(Domain::as_str).unwrap_or("-");
            tracing::warn!(operator, zone, why, "a request for a zone was refused");
        }
        let (record, zone) = (record?, asked.zone.as_ref()?);
        if let Outcome::Ahead(soa) = asked.outcome {
            let operator = record.name.as_str();
            tracing::error!(operator, %zone, soa, "a secondary is ahead of the journal");
        }
        let now = self.inner.clock.now();
        let mut standings = self.inner.standings.lock().unwrap_or_else(PoisonError::into_inner);
        standings.note(&record.name, address, zone, |standing| {
            standing.asked_at = Some(now);
            standing.signed = asked.key.is_some();
            match asked.outcome {
                Outcome::InStep(serial) => {
                    standing.acknowledged = Some(serial);
                    standing.ahead = None;
                }
                Outcome::Ahead(soa) => standing.ahead = Some(soa),
                Outcome::Takes(..) => standing.ahead = None,
                Outcome::Told(_) | Outcome::ByTcp | Outcome::Refused(_) => {}
            }
        });
        Some(record.name.clone())
    }
}
