//! The gate put together: settings in, sockets bound, queries answered until
//! told to stop. Everything it does is in the modules that it wires.

use std::collections::BTreeMap;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use belfry_indicator::Domain;
use belfry_journal::{Serial, UnixMillis};
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{ClientConfig, ServerConfig};
use tokio_util::sync::CancellationToken;

use crate::answer::Engine;
use crate::explain::{BlockedBy, Explanation};
use crate::fast::{self, Worker};
use crate::follow::Followed;
use crate::forward::Forwarder;
use crate::lastline::LastLine;
use crate::primary::{Follower, PrimaryStatus, ZoneKey};
use crate::readiness::Stance;
use crate::settings::{GateSettings, SettingError};
use crate::transport::{Limits, doh, dot, tcp};
use crate::zones::{Zones, ZonesChange, ZonesError, give_way};

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
        /// UDP, TCP, TLS or HTTPS.
        transport: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The system has no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}

/// What DNS over TLS and over HTTPS are served by.
#[derive(Clone)]
pub struct GateTls {
    /// For TLS.
    pub dot: Arc<ServerConfig>,
    /// For HTTPS.
    pub doh: Arc<ServerConfig>,
}

/// A DNS gate, not yet listening.
#[derive(Clone, Debug)]
pub struct Gate {
    settings: Arc<GateSettings>,
    forwarder: Forwarder,
    apply: Arc<Followed>,
    zones: Arc<Zones>,
}

/// A gate whose addresses are its own, not yet answering.
#[derive(Debug)]
pub struct BoundGate {
    gate: Gate,
    sockets: Vec<(Vec<UdpSocket>, TcpListener)>,
    addresses: Vec<SocketAddr>,
    tls: Option<GateTls>,
    dot: Vec<TcpListener>,
    doh: Vec<TcpListener>,
}

impl std::fmt::Debug for GateTls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GateTls")
    }
}

impl Gate {
    /// A gate with an empty block set; `now` is the clock for effects.
    ///
    /// # Errors
    /// [`GateError`]: a setting is out of its bounds, or there is no randomness.
    pub fn new(settings: GateSettings, now: fn() -> UnixMillis) -> Result<Self, GateError> {
        Self::with_tls(settings, None, now)
    }

    /// The same, whose upstreams inside TLS are vouched for as `tls` says.
    ///
    /// # Errors
    /// As [`Gate::new`].
    pub fn with_tls(
        settings: GateSettings,
        tls: Option<&Arc<ClientConfig>>,
        now: fn() -> UnixMillis,
    ) -> Result<Self, GateError> {
        settings.check()?;
        let mut instance = [0; 16];
        getrandom::fill(&mut instance)?;
        let mut secret = [0; 16];
        getrandom::fill(&mut secret)?;
        let engine = Arc::new(Engine::new(&settings, instance, secret, now));
        let lastline = LastLine::new(settings.warning.name.clone(), settings.never_block.clone());
        let operator = settings.operator.clone();
        let zones = Zones::new(Arc::clone(&engine), lastline.clone(), &settings, secret);
        let percent = settings.orders_change_percent_max;
        let apply = Arc::new(Followed::new(Arc::clone(&engine), lastline, operator, percent));
        let forwarder = Forwarder::new(engine, &settings, tls)?;
        Ok(Self { settings: Arc::new(settings), forwarder, apply, zones: Arc::new(zones) })
    }

    /// What a follower hands the effective set to.
    pub fn apply(&self) -> Arc<Followed> {
        Arc::clone(&self.apply)
    }

    /// Takes the foreign zones of the settings as their files are now, from a snapshot in
    /// `folder` where that was made from them. `confirmed` takes a change of any size.
    /// Blocks; queries go on being answered by the zones that hold.
    ///
    /// # Errors
    /// [`ZonesError`]: the zones that hold stay.
    pub fn load_zones(
        &self,
        folder: Option<&Path>,
        confirmed: bool,
    ) -> Result<ZonesChange, ZonesError> {
        self.zones.load(folder, confirmed)
    }

    /// From now on the gate answers by its foreign zones alone: it follows no journal. It
    /// filters once all of them are there; past `first_sync_seconds`, by those that are.
    pub fn serve_zones(&self) {
        self.zones.serve();
    }

    /// Keeps the zones that have a primary in step with it, by files in `folder`, until
    /// `stop`. `keys` are those that the settings' `key_file` name.
    pub async fn follow_primaries(
        self,
        folder: PathBuf,
        keys: BTreeMap<PathBuf, ZoneKey>,
        stop: CancellationToken,
    ) {
        let mut tasks = JoinSet::new();
        let engine = self.engine();
        for primary in engine.primaries.iter() {
            let key = primary.key_file.as_ref().and_then(|file| keys.get(file)).cloned();
            let (primary, parts) = (Arc::clone(primary), (engine.metrics.clone(), engine.now));
            let (most, stop) = (self.settings.zone_records_max, stop.clone());
            let follower = Follower::new(primary, key, &folder, most, parts, stop);
            tasks.spawn(follower.run(Arc::clone(&self.zones.changed)));
        }
        tasks.join_all().await;
    }

    /// How the zones that have a primary stand.
    pub fn primaries(&self) -> Vec<PrimaryStatus> {
        let engine = self.engine();
        engine.primaries.status((engine.now)())
    }

    /// Looks at the zone files for changes now and then, and when `reload` is rung,
    /// which also confirms a change that is held; until `stop`.
    pub async fn watch_zones(self, folder: PathBuf, reload: Arc<Notify>, stop: CancellationToken) {
        let often = match self.settings.zones_check_seconds {
            0 => Duration::MAX,
            seconds => Duration::from_secs(seconds),
        };
        let (mut said, mut rest) = (String::new(), Duration::ZERO);
        loop {
            let whole = self.zones.serve_if_there();
            let pause = if whole { often } else { often.min(Duration::from_secs(1)) };
            let due = async {
                tokio::time::sleep(rest).await;
                tokio::select! {
                    () = self.zones.changed.notified() => {}
                    () = tokio::time::sleep(pause) => {}
                }
            };
            let confirmed = tokio::select! {
                () = stop.cancelled() => return,
                () = reload.notified() => true,
                () = due => false,
            };
            if confirmed {
                self.engine().primaries.look_now();
            }
            let began = Instant::now();
            let (zones, folder) = (Arc::clone(&self.zones), folder.clone());
            let work = move || {
                give_way();
                zones.load(Some(&folder), confirmed)
            };
            // A thread of its own: its low priority must not pass to other work.
            let (tell, told) = tokio::sync::oneshot::channel();
            let thread = std::thread::Builder::new().name("gate-zones".to_owned());
            if thread.spawn(move || drop(tell.send(work()))).is_err() {
                continue;
            }
            let looked = told.await;
            // Zones that change all the time, or are held, take a tenth of a core at most.
            let is_idle = matches!(looked, Ok(Ok(ZonesChange::None)) | Err(_));
            rest = if is_idle { Duration::ZERO } else { began.elapsed() * 9 };
            match looked {
                Ok(Ok(ZonesChange::None)) | Err(_) => {}
                Ok(Ok(ZonesChange::Taken { names, .. })) => {
                    tracing::info!(names, "the zones have changed and hold");
                    said.clear();
                }
                Ok(Err(problem)) => {
                    // Once for each problem, not once a second.
                    let text = problem.to_string();
                    if text != said {
                        tracing::error!(problem = text, "the zones are not taken");
                        said = text;
                    }
                }
            }
        }
    }

    /// How the gate stands towards queries now.
    pub fn readiness(&self) -> Stance {
        self.engine().readiness.stance(Instant::now())
    }

    /// What would happen to a query for `name`, and why.
    pub fn explain(&self, name: &Domain) -> Explanation {
        Explanation::of(self.engine(), name, self.readiness())
    }

    /// The order that `name` is blocked by, if it is.
    pub fn lookup(&self, name: &Domain) -> Option<BlockedBy> {
        self.explain(name).block
    }

    /// Blocks nothing from now on, or everything that it holds again.
    pub fn pause(&self, paused: bool) {
        self.engine().blockset.pause(paused);
        self.engine().metrics.paused.set(i64::from(paused));
        tracing::warn!(paused, "the gate is paused or goes on");
    }

    /// Whether nothing is blocked, since somebody paused it.
    pub fn is_paused(&self) -> bool {
        self.engine().blockset.is_paused()
    }

    /// Takes a change of the orders that is held; false where none is.
    pub fn confirm(&self) -> bool {
        self.apply.confirm()
    }

    /// What of the orders is held, for whoever must confirm it.
    pub fn held(&self) -> Option<String> {
        self.apply.held()
    }

    /// What was counted, for a file that outlives the process.
    pub fn save_effects(&self) -> Vec<u8> {
        self.engine().effects.to_octets()
    }

    /// Goes on counting from what a run before has saved; false where it can't be used.
    /// Only for a gate that has counted nothing yet.
    pub fn restore_effects(&self, octets: &[u8]) -> bool {
        self.engine().effects.restore(octets)
    }

    /// Counts a view of the warning page for this order.
    pub fn count_warning_view(&self, order: Serial) {
        self.engine().effects.viewed(order);
    }

    /// Puts the gate's figures into `registry`.
    pub fn register(&self, registry: &mut Registry) {
        self.engine().metrics.register(registry);
    }

    /// Takes the addresses of the settings: over UDP and TCP, and with `tls` those for
    /// DNS over TLS and HTTPS too.
    ///
    /// # Errors
    /// [`GateError::Bind`] for the first that can't be had.
    pub async fn bind(&self, tls: Option<GateTls>) -> Result<BoundGate, GateError> {
        let mut sockets = Vec::new();
        let mut addresses = Vec::new();
        for listen in &self.settings.listen {
            let threads = fast::threads(self.settings.threads);
            let (udp, tcp, address) = bind(*listen, threads).await?;
            sockets.push((udp, tcp));
            addresses.push(address);
        }
        let (mut dot, mut doh) = (Vec::new(), Vec::new());
        if tls.is_some() {
            for (addresses, into, transport) in [
                (&self.settings.dot_listen, &mut dot, "TLS"),
                (&self.settings.doh_listen, &mut doh, "HTTPS"),
            ] {
                for address in addresses {
                    let fail = |source| GateError::Bind { address: *address, transport, source };
                    into.push(TcpListener::bind(address).await.map_err(fail)?);
                }
            }
        }
        Ok(BoundGate { gate: self.clone(), sockets, addresses, tls, dot, doh })
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

    /// The addresses for DNS over TLS, then those over HTTPS.
    pub fn tls_addresses(&self) -> [Vec<SocketAddr>; 2] {
        [&self.dot, &self.doh].map(|listeners| {
            listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect()
        })
    }

    /// Answers until `stop`, then finishes what is in flight.
    pub async fn run(self, stop: CancellationToken) {
        let settings = &self.gate.settings;
        let limits = Limits {
            idle: Duration::from_secs(settings.tcp_idle_seconds),
            connections: Arc::new(Semaphore::new(settings.tcp_connections_max)),
        };
        let forwarder = &self.gate.forwarder;
        let mut tasks = JoinSet::new();
        let mut threads = Threads::default();
        for (sockets, listener) in self.sockets {
            threads.start(sockets, forwarder, settings.limit_per_second);
            tasks.spawn(tcp::serve(listener, forwarder.clone(), limits.clone(), stop.clone()));
        }
        if let Some(tls) = self.tls {
            for listener in self.dot {
                let (tls, forwarder) = (TlsAcceptor::from(Arc::clone(&tls.dot)), forwarder.clone());
                tasks.spawn(dot::serve(listener, tls, forwarder, limits.clone(), stop.clone()));
            }
            for listener in self.doh {
                let (tls, forwarder) = (TlsAcceptor::from(Arc::clone(&tls.doh)), forwarder.clone());
                tasks.spawn(doh::serve(listener, tls, forwarder, limits.clone(), stop.clone()));
            }
        }
        tasks.join_all().await;
        threads.stop().await;
        // No question takes longer than all upstreams in turn, twice for TCP.
        let tries = u32::try_from(2 * settings.upstreams.len()).unwrap_or(u32::MAX);
        let longest = settings.upstream_timeout().saturating_mul(tries);
        let _ = tokio::time::timeout(longest, forwarder.drain()).await;
    }
}

/// The threads that answer over UDP.
#[derive(Debug, Default)]
struct Threads {
    stop: Arc<AtomicBool>,
    running: Vec<std::thread::JoinHandle<()>>,
}

impl Threads {
    /// One thread for each socket of one address, each on a core of its own where
    /// there are several.
    fn start(&mut self, sockets: Vec<UdpSocket>, forwarder: &Forwarder, per_second: u32) {
        // The kernel spreads a prefix's clients over the threads: each allows its share.
        let count = u32::try_from(sockets.len()).unwrap_or(u32::MAX);
        let share = per_second.div_ceil(count.max(1));
        let cores = if sockets.len() > 1 { cores() } else { Vec::new() };
        for (number, socket) in sockets.into_iter().enumerate() {
            let stop = Arc::clone(&self.stop);
            let worker = match Worker::new(socket, forwarder.clone(), share, stop) {
                Ok(worker) => worker,
                Err(error) => {
                    tracing::error!(%error, "a thread that answers over UDP does not start");
                    continue;
                }
            };
            let core = cores.get(number).copied();
            let runtime = tokio::runtime::Handle::current();
            let thread = std::thread::Builder::new().name(format!("gate-udp-{number}"));
            let run = move || {
                let _runtime = runtime.enter();
                if let Some(core) = core {
                    pin(core);
                }
                worker.run();
            };
            match thread.spawn(run) {
                Ok(thread) => self.running.push(thread),
                Err(error) => {
                    tracing::error!(%error, "a thread that answers over UDP does not start");
                }
            }
        }
    }

    /// Tells all to stop, and waits for them.
    async fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        let join = move || self.running.into_iter().for_each(|thread| drop(thread.join()));
        let _ = tokio::task::spawn_blocking(join).await;
    }
}

/// The cores that this process may run on.
fn cores() -> Vec<usize> {
    let Ok(set) = rustix::thread::sched_getaffinity(None) else { return Vec::new() };
    (0..rustix::thread::CpuSet::MAX_CPU).filter(|core| set.is_set(*core)).collect()
}

/// Keeps the calling thread on one core: its caches stay warm.
fn pin(core: usize) {
    let mut set = rustix::thread::CpuSet::new();
    set.set(core);
    if let Err(error) = rustix::thread::sched_setaffinity(None, &set) {
        tracing::debug!(%error, core, "a thread is not kept on its core");
    }
}

/// Sockets for UDP, as many as threads, and one for TCP, all on one port; for port 0
/// another is tried where TCP's is taken.
async fn bind(
    listen: SocketAddr,
    threads: usize,
) -> Result<(Vec<UdpSocket>, TcpListener, SocketAddr), GateError> {
    let fail = |transport| move |source| GateError::Bind { address: listen, transport, source };
    let mut tries = if listen.port() == 0 { PORT_TRIES } else { 1 };
    loop {
        // Sockets that share a port would share it with another process too: see first
        // that nobody has it.
        let probe = UdpSocket::bind(listen).map_err(fail("UDP"))?;
        let address = probe.local_addr().map_err(fail("UDP"))?;
        tries -= 1;
        match TcpListener::bind(address).await {
            Ok(tcp) => {
                drop(probe);
                let sockets = (0..threads).map(|_| belfry_sys::listen(address));
                let sockets = sockets.collect::<io::Result<_>>().map_err(fail("UDP"))?;
                return Ok((sockets, tcp, address));
            }
            Err(problem) if tries == 0 => return Err(fail("TCP")(problem)),
            Err(_) => {}
        }
    }
}
