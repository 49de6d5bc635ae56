//! The gate put together: settings in, sockets bound, queries answered until
//! told to stop. Everything it does is in the modules that it wires.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use belfry_indicator::Domain;
use belfry_journal::{Serial, UnixMillis};
use prometheus_client::registry::Registry;
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::answer::Engine;
use crate::explain::{BlockedBy, Explanation};
use crate::follow::Followed;
use crate::forward::Forwarder;
use crate::lastline::LastLine;
use crate::readiness::Stance;
use crate::settings::{GateSettings, SettingError};
use crate::transport::{tcp, udp};

/// Receiving tasks of one UDP socket.
const UDP_TASKS: usize = 2;
/// How often another port is tried where 0 asks for one free under UDP and TCP.
const PORT_TRIES: usize = 20;

/// Why a gate does not start.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// A setting is out of its bounds.
    #[error("the gate's setting {0}")]
    Setting(#[from] SettingError),
    /// An address can't be bound.
    #[error("the gate can't listen on {address} over {transport}: {source}")]
    Bind {
        /// Which address.
        address: SocketAddr,
        /// UDP or TCP.
        transport: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The system has no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}

/// A DNS gate, not yet listening.
#[derive(Clone, Debug)]
pub struct Gate {
    settings: Arc<GateSettings>,
    forwarder: Forwarder,
    apply: Arc<Followed>,
}

/// A gate whose addresses are its own, not yet answering.
#[derive(Debug)]
pub struct BoundGate {
    gate: Gate,
    sockets: Vec<(Arc<UdpSocket>, TcpListener)>,
    addresses: Vec<SocketAddr>,
}

impl Gate {
    /// A gate with an empty block set; `now` is the clock for effects.
    ///
    /// # Errors
    /// [`GateError`]: a setting is out of its bounds, or there is no randomness.
    pub fn new(settings: GateSettings, now: fn() -> UnixMillis) -> Result<Self, GateError> {
        settings.check()?;
        let mut instance = [0; 16];
        getrandom::fill(&mut instance)?;
        let engine = Arc::new(Engine::new(&settings, instance, now));
        let lastline = LastLine::new(settings.warning.name.clone(), settings.never_block.clone());
        let operator = settings.operator.clone();
        let apply = Arc::new(Followed::new(Arc::clone(&engine), lastline, operator));
        let forwarder = Forwarder::new(engine, &settings);
        Ok(Self { settings: Arc::new(settings), forwarder, apply })
    }

    /// What a follower hands the effective set to.
    pub fn apply(&self) -> Arc<Followed> {
        Arc::clone(&self.apply)
    }

    /// How the gate stands towards queries now.
    pub fn readiness(&self) -> Stance {
        self.engine().readiness.stance(Instant::now())
    }

    /// What would happen to a query for `name`, and why.
    pub fn explain(&self, name: &Domain) -> Explanation {
        Explanation::of(name, self.engine().blockset.find(&name.to_wire()))
    }

    /// The order that `name` is blocked by, if it is.
    pub fn lookup(&self, name: &Domain) -> Option<BlockedBy> {
        self.explain(name).block
    }

    /// Counts a view of the warning page for this order.
    pub fn count_warning_view(&self, order: Serial) {
        self.engine().effects.viewed(order);
    }

    /// Puts the gate's figures into `registry`.
    pub fn register(&self, registry: &mut Registry) {
        self.engine().metrics.register(registry);
    }

    /// Takes the addresses of the settings, over UDP and TCP.
    ///
    /// # Errors
    /// [`GateError::Bind`] for the first that can't be had.
    pub async fn bind(&self) -> Result<BoundGate, GateError> {
        let mut sockets = Vec::new();
        let mut addresses = Vec::new();
        for listen in &self.settings.listen {
            let (udp, tcp, address) = bind(*listen).await?;
            sockets.push((Arc::new(udp), tcp));
            addresses.push(address);
        }
        Ok(BoundGate { gate: self.clone(), sockets, addresses })
    }

    fn engine(&self) -> &Engine {
        &self.forwarder.engine
    }
}

impl BoundGate {
    /// The addresses, with the ports that were taken.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Answers until `stop`, then finishes what is in flight.
    pub async fn run(self, stop: CancellationToken) {
        let settings = &self.gate.settings;
        let limits = tcp::Limits {
            idle: Duration::from_secs(settings.tcp_idle_seconds),
            connections: Arc::new(Semaphore::new(settings.tcp_connections_max)),
        };
        let forwarder = &self.gate.forwarder;
        let mut tasks = JoinSet::new();
        for (socket, listener) in self.sockets {
            for _ in 0..UDP_TASKS {
                tasks.spawn(udp::serve(Arc::clone(&socket), forwarder.clone(), stop.clone()));
            }
            tasks.spawn(tcp::serve(listener, forwarder.clone(), limits.clone(), stop.clone()));
        }
        tasks.join_all().await;
        // No question takes longer than all upstreams in turn, twice for TCP.
        let tries = u32::try_from(2 * settings.upstreams.len()).unwrap_or(u32::MAX);
        let longest = settings.upstream_timeout().saturating_mul(tries);
        let _ = tokio::time::timeout(longest, forwarder.drain()).await;
    }
}

/// Both sockets on one port; for port 0 another is tried where TCP's is taken.
async fn bind(listen: SocketAddr) -> Result<(UdpSocket, TcpListener, SocketAddr), GateError> {
    let fail = |transport| move |source| GateError::Bind { address: listen, transport, source };
    let mut tries = if listen.port() == 0 { PORT_TRIES } else { 1 };
    loop {
        let udp = UdpSocket::bind(listen).await.map_err(fail("UDP"))?;
        let address = udp.local_addr().map_err(fail("UDP"))?;
        tries -= 1;
        match TcpListener::bind(address).await {
            Ok(tcp) => return Ok((udp, tcp, address)),
            Err(problem) if tries == 0 => return Err(fail("TCP")(problem)),
            Err(_) => {}
        }
    }
}
