//! Zones for resolvers: SOA, AXFR and IXFR over UDP, TCP and TLS, and NOTIFY.
//!
//! One task folds the journal into zones (`publisher`), one tells secondaries (`notifier`),
//! and each connection is a task of its own that holds one message at a time. Nothing here
//! decides what is in a zone: that is `belfry_rpz`. Nothing here waits for a
//! secondary while it holds a zone.

mod connection;
mod datagrams;
mod directory;
mod notifier;
mod prefix;
mod publisher;
mod settings;
mod standing;

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use belfry_casebook::operators::OperatorRecord;
use belfry_casebook::{Casebook, StoreError};
use belfry_journal::{OperatorName, Serial, UnixMillis};
use belfry_rpz::{Zones, ZonesError};
use belfry_web::Clock;
use rustls::ServerConfig;
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use self::directory::Operators;
pub(crate) use self::directory::zone_kinds;
pub use self::prefix::Prefix;
pub use self::settings::{Answers, TransferSettings};
pub use self::standing::{Standing, Standings};
use crate::probe::{self, Probes};

/// Why zones are not served.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// They can't be made as they are set.
    #[error(transparent)]
    Zones(#[from] ZonesError),
    /// The journal can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A setting that can't be used.
    #[error("{0}")]
    Setting(String),
    /// An address that can't be taken.
    #[error("zone transfers can't listen on {address}: {source}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
}

/// What is served, to whom, and how far each is; cheap to clone.
#[derive(Clone, Debug)]
pub struct Transfers {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    casebook: Casebook,
    clock: Clock,
    settings: TransferSettings,
    zones: RwLock<Zones>,
    operators: RwLock<Arc<Operators>>,
    standings: Mutex<Standings>,
    /// The entry that changed any zone last.
    changed: watch::Sender<Serial>,
    /// Whether the publisher goes on: else zones stand still, which is an alarm.
    stopped: Mutex<Option<String>>,
    places: Arc<Semaphore>,
    by_address: Mutex<HashMap<IpAddr, usize>>,
    /// The first address that is listened on, for configurations.
    address: Mutex<Option<SocketAddr>>,
    probes: Probes,
}

impl Transfers {
    /// Folds the whole journal into zones; `settings` with another effect than at the last run
    /// are an entry first.
    ///
    /// # Errors
    /// [`TransferError`].
    pub async fn open(
        casebook: Casebook,
        clock: Clock,
        settings: TransferSettings,
    ) -> Result<Self, TransferError> {
        let records = settings.records().map_err(TransferError::Setting)?;
        casebook.note_zone_view(records.digest(), clock.now()).await?;
        let zones = Zones::new(records)?;
        let inner = Inner {
            places: Arc::new(Semaphore::new(settings.connections_max)),
            casebook,
            clock,
            settings,
            zones: RwLock::new(zones),
            operators: RwLock::default(),
            standings: Mutex::default(),
            changed: watch::Sender::new(Serial(0)),
            stopped: Mutex::default(),
            by_address: Mutex::default(),
            address: Mutex::default(),
            probes: Probes::default(),
        };
        let transfers = Self { inner: Arc::new(inner) };
        transfers.reload().await?;
        while transfers.catch_up().await? {}
        Ok(transfers)
    }

    /// Takes the addresses of the settings, and serves until `stop`; the addresses taken.
    ///
    /// # Errors
    /// [`TransferError::Listen`].
    pub async fn start(
        &self,
        tls: Option<Arc<ServerConfig>>,
        tasks: &mut JoinSet<()>,
        stop: &CancellationToken,
    ) -> Result<Vec<(&'static str, SocketAddr)>, TransferError> {
        let mut taken = Vec::new();
        for address in &self.inner.settings.listen {
            let (listener, socket) = both(*address).await?;
            let local = listener.local_addr().unwrap_or(*address);
            self.inner.note_address(local);
            taken.push(("transfers", local));
            tasks.spawn(connection::serve(self.clone(), listener, None, stop.clone()));
            tasks.spawn(datagrams::serve(self.clone(), socket, stop.clone()));
        }
        for address in &self.inner.settings.tls_listen {
            let Some(tls) = &tls else { break };
            let listener = listen(*address).await?;
            taken.push(("transfers-tls", listener.local_addr().unwrap_or(*address)));
            let tls = Some(tls.clone().into());
            tasks.spawn(connection::serve(self.clone(), listener, tls, stop.clone()));
        }
        tasks.spawn(publisher::run(self.clone(), stop.clone()));
        tasks.spawn(notifier::run(self.clone(), stop.clone()));
        if self.inner.settings.probe_seconds > 0 {
            tasks.spawn(probe::run(self.clone(), stop.clone()));
        }
        Ok(taken)
    }

    /// What is set.
    pub fn settings(&self) -> &TransferSettings {
        &self.inner.settings
    }

    /// The first address of zone transfer, once it is taken.
    pub fn address(&self) -> Option<SocketAddr> {
        *self.inner.address.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why zones stand still, if they do: an alarm.
    pub fn alarm(&self) -> Option<String> {
        self.inner.stopped.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn casebook(&self) -> &Casebook {
        &self.inner.casebook
    }

    pub(crate) fn probes(&self) -> &Probes {
        &self.inner.probes
    }

    pub(crate) fn now(&self) -> UnixMillis {
        self.inner.clock.now()
    }

    /// The entry that changed any zone last, and whoever waits for the next.
    pub(crate) fn subscribe(&self) -> watch::Receiver<Serial> {
        self.inner.changed.subscribe()
    }

    /// Every operator that gets anything.
    pub(crate) fn active_operators(&self) -> Vec<OperatorRecord> {
        self.operators().active().cloned().collect()
    }

    /// As if a server of an operator had said that it has this version.
    #[cfg(test)]
    pub(crate) fn acknowledge_for_test(&self, name: &OperatorName, zone: &str, serial: Serial) {
        let zone = belfry_indicator::Domain::parse(zone).expect("a test names a zone");
        let address = IpAddr::from([127, 0, 0, 1]);
        let mut standings = self.inner.standings.lock().expect("no test panics with it held");
        standings.note(name, address, &zone, |one| one.acknowledged = Some(serial));
    }

    /// The zones, to read; hold them briefly.
    pub fn with_zones<T>(&self, look: impl FnOnce(&Zones) -> T) -> T {
        look(&self.inner.zones.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The last entry that zones are made of, and how many names no zone could hold.
    pub fn figures(&self) -> (Serial, usize) {
        self.with_zones(|zones| {
            let defects = zones
                .iter()
                .map(|zone| zone.read().unwrap_or_else(PoisonError::into_inner).figures().defects);
            (zones.serial(), defects.sum())
        })
    }

    /// How far each secondary of an operator is.
    pub fn standings(&self, operator: &OperatorName) -> Vec<Standing> {
        self.inner.standings.lock().unwrap_or_else(PoisonError::into_inner).of(operator)
    }
}

impl Inner {
    fn note_address(&self, address: SocketAddr) {
        let mut first = self.address.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert(address);
    }

    fn now_seconds(&self) -> u64 {
        self.clock.now().0 / 1_000
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, TransferError> {
    TcpListener::bind(address).await.map_err(|source| TransferError::Listen { address, source })
}

/// The same port over TCP and UDP.
async fn both(address: SocketAddr) -> Result<(TcpListener, UdpSocket), TransferError> {
    const TRIES: u32 = 20;
    let mut tries = 0;
    loop {
        let listener = listen(address).await?;
        let local = listener.local_addr().unwrap_or(address);
        match UdpSocket::bind(local).await {
            Ok(socket) => return Ok((listener, socket)),
            // Any port will do, and this one is free over TCP only.
            Err(_) if address.port() == 0 && tries < TRIES => tries += 1,
            Err(source) => return Err(TransferError::Listen { address, source }),
        }
    }
}

#[cfg(test)]
mod tests;
