//! Connections to the world: resolved once, checked, counted, and noted.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::OnceCell;

use super::counted::{Counted, Traffic};
use super::resolve::Resolve;
use crate::{Address, InspectSettings, public};

/// How long a server has to answer a connection.
const CONNECT: Duration = Duration::from_secs(8);
/// How long a name has to be resolved.
const RESOLVE: Duration = Duration::from_secs(8);
/// Addresses of one name that are tried.
const ADDRESSES_MAX: usize = 3;
/// Ports below 1024 that web sites use; the others belong to mail, file sharing and the like.
const PORTS: [u16; 2] = [80, 443];

/// Hosts that Chromium itself calls home to, whatever its switches say; no page needs them.
const BROWSERS_OWN: [&str; 6] = [
    "clients2.google.com",
    "content-autofill.googleapis.com",
    "optimizationguide-pa.googleapis.com",
    "redirector.gvt1.com",
    "safebrowsing.googleapis.com",
    "update.googleapis.com",
];

/// The addresses of a name, or why it has none, for the whole capture.
type Resolved = Arc<OnceCell<Result<Vec<IpAddr>, String>>>;

pub(super) struct Outbound {
    resolver: Arc<dyn Resolve>,
    reachable: Vec<IpAddr>,
    names: Mutex<HashMap<String, Resolved>>,
    log: Mutex<Vec<Address>>,
    connections_max: usize,
    too_many: AtomicBool,
    /// Nothing goes out before the page is asked for: what comes earlier is the browser's.
    open: AtomicBool,
    pub(super) traffic: Arc<Traffic>,
}

impl Outbound {
    pub(super) fn new(settings: &InspectSettings) -> Self {
        Self {
            resolver: Arc::clone(&settings.resolver),
            reachable: settings.reachable.clone(),
            names: Mutex::default(),
            log: Mutex::default(),
            connections_max: settings.connections_max,
            too_many: AtomicBool::new(false),
            open: AtomicBool::new(false),
            traffic: Arc::new(Traffic::new(settings.traffic_bytes_max)),
        }
    }

    pub(super) fn addresses(&self) -> Vec<Address> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn exceeded(&self) -> Option<&'static str> {
        if self.traffic.is_exceeded() {
            return Some("it brings in more octets than a capture may");
        }
        let too_many = self.too_many.load(Ordering::Relaxed);
        too_many.then_some("it opens more connections than a capture may")
    }

    pub(super) fn open(&self) {
        self.open.store(true, Ordering::Relaxed);
    }

    /// Whether one more connection may be served beside `open` others.
    pub(super) fn takes_another(&self, open: usize) -> bool {
        let takes = open < self.connections_max;
        self.too_many.fetch_or(!takes, Ordering::Relaxed);
        takes
    }

    /// Connects to `host`, a name or an address without brackets.
    ///
    /// # Errors
    /// Why not, in words; it is in the list too.
    pub(super) async fn connect(&self, host: &str, port: u16) -> Result<Counted, String> {
        if !self.open.load(Ordering::Relaxed) || BROWSERS_OWN.contains(&host) {
            return Err("the browser asks for itself".to_owned());
        }
        let found = self.reach(host, port).await;
        self.note(host, port, &found);
        let stream = found?;
        Ok(Counted { stream, traffic: Arc::clone(&self.traffic) })
    }

    async fn reach(&self, host: &str, port: u16) -> Result<TcpStream, String> {
        if port < 1_024 && !PORTS.contains(&port) {
            return Err(format!("port {port} belongs to another service than the web"));
        }
        let addresses = self.checked(host).await?;
        let mut why = "it has no address".to_owned();
        for address in addresses.into_iter().take(ADDRESSES_MAX) {
            match tokio::time::timeout(CONNECT, TcpStream::connect((address, port))).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => why = format!("{address} did not answer: {error}"),
                Err(_) => why = format!("{address} did not answer in time"),
            }
        }
        Err(why)
    }

    /// The addresses of `host` that may be reached.
    async fn checked(&self, host: &str) -> Result<Vec<IpAddr>, String> {
        let all = match host.parse() {
            Ok(literal) => vec![literal],
            Err(_) => self.resolved(host).await?,
        };
        let mut why = "the name has no address".to_owned();
        let mut allowed = Vec::new();
        for address in all {
            match public(address) {
                Ok(()) => allowed.push(address),
                Err(_) if self.reachable.contains(&address) => allowed.push(address),
                Err(not) => why = format!("{address} is not public: {not}"),
            }
        }
        if allowed.is_empty() { Err(why) } else { Ok(allowed) }
    }

    /// The first answer for a name is the only one of a capture.
    async fn resolved(&self, host: &str) -> Result<Vec<IpAddr>, String> {
        let cell = {
            let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
            if names.len() >= self.connections_max && !names.contains_key(host) {
                return Err("the page asks for more names than a capture may".to_owned());
            }
            Arc::clone(names.entry(host.to_ascii_lowercase()).or_default())
        };
        let look_up =
            async || match tokio::time::timeout(RESOLVE, self.resolver.resolve(host)).await {
                Ok(found) => found.map_err(|error| format!("the name can't be resolved: {error}")),
                Err(_) => Err("the name can't be resolved in time".to_owned()),
            };
        cell.get_or_init(look_up).await.clone()
    }

    fn note(&self, host: &str, port: u16, found: &Result<TcpStream, String>) {
        let address = found.as_ref().ok().and_then(|stream| stream.peer_addr().ok());
        let note = Address {
            host: format!("{host}:{port}"),
            address: address.map(|address| address.ip()),
            refused: found.as_ref().err().cloned(),
        };
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        if log.len() < self.connections_max && !log.contains(&note) {
            log.push(note);
        }
    }
}
