//! Connections: each peer's gets one of its own to the SMSC, and both end together.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

use crate::Filter;
use crate::session::{Session, Side};
use crate::smsc::{BEGIN, Duplex, Smsc};

/// Octets read at once.
const READ: usize = 64 << 10;
/// Octets that may wait for one side; the other is not read meanwhile.
const WAITING_MAX: usize = 256 << 10;

/// Where the proxy stands.
#[derive(Clone, Debug)]
pub struct ProxySettings {
    /// The SMSC.
    pub smsc: Smsc,
    /// Messages that a peer may have under way.
    pub window_max: usize,
    /// Connections at once.
    pub connections_max: usize,
    /// Silence after which a connection ends.
    pub idle: Duration,
}

/// The proxy, bound.
pub struct Proxy {
    listener: TcpListener,
    settings: ProxySettings,
    filter: Filter,
    tls: Option<TlsAcceptor>,
    figures: Figures,
}

/// Connections that came to nothing, in numbers.
#[derive(Debug, Default)]
struct Figures {
    unreachable: Counter,
    strange: Counter,
}

impl Proxy {
    /// Takes the port; peers speak TLS where `tls` is given.
    ///
    /// # Errors
    /// The port can't be taken.
    pub async fn bind(
        listen: SocketAddr,
        settings: ProxySettings,
        filter: Filter,
        tls: Option<TlsAcceptor>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        Ok(Self { listener, settings, filter, tls, figures: Figures::default() })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Registers its figures: connections, never whose.
    pub fn register(&self, registry: &mut Registry) {
        let connections = registry.sub_registry_with_prefix("sms_connections");
        let help = "Connections of peers that ended since the SMSC could not be reached";
        connections.register("unreachable", help, self.figures.unreachable.clone());
        let help = "Connections of peers that ended in their TLS handshake";
        connections.register("strange", help, self.figures.strange.clone());
    }

    /// Serves until `stop`; connections end with it, and peers send again elsewhere what
    /// was not answered.
    pub async fn run(self, stop: CancellationToken) {
        let this = Arc::new(self);
        let free = Arc::new(Semaphore::new(this.settings.connections_max));
        loop {
            let Ok(permit) = Arc::clone(&free).acquire_owned().await else { return };
            let accepted = tokio::select! {
                accepted = this.listener.accept() => accepted,
                () = stop.cancelled() => return,
            };
            let Ok((peer, _)) = accepted else {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            let (this, stop) = (Arc::clone(&this), stop.clone());
            tokio::spawn(async move {
                let _permit = permit;
                if let Err(error) = this.serve(peer, &stop).await {
                    tracing::info!(kind = ?error.kind(), "an SMPP connection ended");
                }
            });
        }
    }

    async fn serve(&self, peer: TcpStream, stop: &CancellationToken) -> io::Result<()> {
        peer.set_nodelay(true)?;
        // A peer proves itself before the SMSC hears of it.
        let peer: Box<dyn Duplex> = match &self.tls {
            Some(tls) => Box::new(self.shaken(tls, peer).await?),
            None => Box::new(peer),
        };
        match self.settings.smsc.connect().await {
            Ok(smsc) => self.relay(peer, smsc, stop).await,
            Err(error) => {
                self.figures.unreachable.inc();
                tracing::warn!(%error, "a peer was let go");
                Ok(())
            }
        }
    }

    async fn shaken(&self, tls: &TlsAcceptor, peer: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let shaking = tokio::time::timeout(BEGIN, tls.accept(peer)).await;
        let shaken = shaking.map_err(io::Error::from).and_then(|shaken| shaken);
        shaken.inspect_err(|error| {
            self.figures.strange.inc();
            tracing::warn!(%error, "a peer's TLS handshake failed");
        })
    }

    /// Carries octets both ways until one side ends.
    async fn relay<P, S>(&self, peer: P, smsc: S, stop: &CancellationToken) -> io::Result<()>
    where
        P: AsyncRead + AsyncWrite,
        S: AsyncRead + AsyncWrite,
    {
        let (mut peer_reads, mut peer_writes) = tokio::io::split(peer);
        let (mut smsc_reads, mut smsc_writes) = tokio::io::split(smsc);
        let mut session = Session::new(self.filter.clone(), self.settings.window_max);
        let (mut from_peer, mut from_smsc) = (vec![0; READ], vec![0; READ]);
        loop {
            let may_read =
                session.to_peer.len() < WAITING_MAX && session.to_smsc.len() < WAITING_MAX;
            let (to_peer, to_smsc) = (!session.to_peer.is_empty(), !session.to_smsc.is_empty());
            let came = tokio::select! {
                wrote = peer_writes.write(&session.to_peer), if to_peer => {
                    session.to_peer.drain(..wrote?);
                    continue;
                }
                wrote = smsc_writes.write(&session.to_smsc), if to_smsc => {
                    session.to_smsc.drain(..wrote?);
                    continue;
                }
                read = peer_reads.read(&mut from_peer), if may_read => (Side::Peer, read?),
                read = smsc_reads.read(&mut from_smsc), if may_read => (Side::Smsc, read?),
                () = tokio::time::sleep(self.settings.idle) => return Err(io::ErrorKind::TimedOut.into()),
                () = stop.cancelled() => return Ok(()),
            };
            let (side, length) = came;
            if length == 0 {
                // What was on its way to the other side still goes there.
                let _ = peer_writes.write_all(&session.to_peer).await;
                let _ = smsc_writes.write_all(&session.to_smsc).await;
                return Ok(());
            }
            let octets = match side {
                Side::Peer => &from_peer[..length],
                Side::Smsc => &from_smsc[..length],
            };
            session
                .receive(side, octets, Instant::now())
                .map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
        }
    }
}
