//! Tells secondaries that zones have changed: changes of a few milliseconds in one
//! NOTIFY, again and again until it is heard, and never more than one in flight for a
//! zone at a server.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::PoisonError;
use std::time::Duration;

use belfry_indicator::Domain;
use belfry_journal::{OperatorName, Serial};
use belfry_rpz::notify::{heard, notify};
use tokio::net::UdpSocket;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Transfers;
use super::directory::may_have;

/// Until the second try; doubled from there.
const RETRY: Duration = Duration::from_secs(1);
const RETRY_MAX: Duration = Duration::from_secs(60);
/// Tries for one change.
const TRIES_MAX: u32 = 12;
/// Servers and zones that are told.
const TARGETS_MAX: usize = 100_000;

type Target = (SocketAddr, Domain);

/// What a server is to hear about a zone.
#[derive(Debug)]
struct Told {
    operator: OperatorName,
    serial: Serial,
    id: u16,
    tries: u32,
    /// When it is told again; never where it has heard or given up.
    again: Option<Instant>,
}

struct Notifier {
    transfers: Transfers,
    ipv4: Option<UdpSocket>,
    ipv6: Option<UdpSocket>,
    told: HashMap<Target, Told>,
    next_id: u16,
}

/// Tells until `stop`.
pub(super) async fn run(transfers: Transfers, stop: CancellationToken) {
    let mut changed = transfers.inner.changed.subscribe();
    let delay = Duration::from_millis(transfers.inner.settings.notify_delay_ms);
    let mut notifier = Notifier::new(transfers).await;
    notifier.look();
    loop {
        notifier.send_due().await;
        let again = notifier.told.values().filter_map(|told| told.again).min();
        tokio::select! {
            () = stop.cancelled() => return,
            news = changed.changed() => {
                if news.is_err() { return }
                tokio::time::sleep(delay).await;
                changed.borrow_and_update();
                notifier.look();
            }
            (octets, from) = notifier.hear() => notifier.take(&octets, from),
            () = sleep_until(again) => {}
        }
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

impl Notifier {
    /// From the addresses that zones are served on: secondaries know no other.
    async fn new(transfers: Transfers) -> Self {
        let listen = transfers.address().map(|address| address.ip());
        let own = |family: fn(&IpAddr) -> bool, any: IpAddr| listen.filter(family).unwrap_or(any);
        let ipv4 = own(IpAddr::is_ipv4, Ipv4Addr::UNSPECIFIED.into());
        let ipv6 = own(IpAddr::is_ipv6, Ipv6Addr::UNSPECIFIED.into());
        let ipv4 = UdpSocket::bind(SocketAddr::new(ipv4, 0)).await.ok();
        let ipv6 = UdpSocket::bind(SocketAddr::new(ipv6, 0)).await.ok();
        Self { transfers, ipv4, ipv6, told: HashMap::new(), next_id: 1 }
    }

    /// Finds what no server has been told of yet.
    fn look(&mut self) {
        let zones: Vec<_> = self.transfers.with_zones(|zones| {
            let facts = |zone: &std::sync::RwLock<belfry_rpz::Zone>| {
                let zone = zone.read().unwrap_or_else(PoisonError::into_inner);
                (zone.kind().clone(), zone.apex().clone(), zone.serial())
            };
            zones.iter().map(|zone| facts(zone)).collect()
        });
        let operators = self.transfers.operators();
        self.told.retain(|_, told| operators.is_active(&told.operator));
        for record in operators.active() {
            let servers = record.settings.notify.iter().filter_map(|text| text.parse().ok());
            for server in servers.collect::<Vec<SocketAddr>>() {
                for (kind, apex, serial) in &zones {
                    if may_have(record, kind) {
                        self.is_at(server, apex, &record.name, *serial);
                    }
                }
            }
        }
    }

    fn is_at(&mut self, server: SocketAddr, apex: &Domain, name: &OperatorName, serial: Serial) {
        let target = (server, apex.clone());
        let news = self.told.get(&target).is_none_or(|told| told.serial != serial);
        if !news || (self.told.len() >= TARGETS_MAX && !self.told.contains_key(&target)) {
            return;
        }
        self.next_id = self.next_id.wrapping_add(1);
        let (operator, id, again) = (name.clone(), self.next_id, Some(Instant::now()));
        self.told.insert(target, Told { operator, serial, id, tries: 0, again });
    }

    async fn send_due(&mut self) {
        let now = Instant::now();
        let settings = self.transfers.with_zones(|zones| zones.settings().clone());
        let operators = self.transfers.operators();
        for ((server, apex), told) in &mut self.told {
            if told.again.is_none_or(|at| at > now) {
                continue;
            }
            let signed = {
                let standings = self.transfers.inner.standings.lock();
                let standings = standings.unwrap_or_else(PoisonError::into_inner);
                standings.find(&told.operator, server.ip(), apex).is_some_and(|one| one.signed)
            };
            let key = operators.key_of(&told.operator).filter(|_| signed);
            let soa = u32::try_from(told.serial.0 & u64::from(u32::MAX)).unwrap_or_default();
            let seconds = self.transfers.inner.now_seconds();
            let message = notify(told.id, apex, &settings, soa, key, seconds);
            let socket = if server.is_ipv4() { &self.ipv4 } else { &self.ipv6 };
            if let Some(socket) = socket {
                let _ = socket.send_to(&message, server).await;
            }
            told.tries += 1;
            let wait = RETRY_MAX.min(RETRY * 2_u32.saturating_pow(told.tries - 1));
            told.again = (told.tries < TRIES_MAX).then(|| now + wait);
        }
    }

    /// The next datagram that comes back.
    async fn hear(&self) -> (Vec<u8>, SocketAddr) {
        tokio::select! {
            heard = receive(self.ipv4.as_ref()) => heard,
            heard = receive(self.ipv6.as_ref()) => heard,
        }
    }

    fn take(&mut self, octets: &[u8], from: SocketAddr) {
        let ours = self.told.iter_mut().find(|((server, _), told)| {
            *server == from && told.again.is_some() && heard(octets, told.id).is_some()
        });
        let Some(((server, apex), told)) = ours else { return };
        // Also a refusal: it does not have this zone, and asking again changes nothing.
        told.again = None;
        if heard(octets, told.id) == Some(true) {
            let standings = self.transfers.inner.standings.lock();
            let mut standings = standings.unwrap_or_else(PoisonError::into_inner);
            let serial = told.serial;
            standings.note(&told.operator, server.ip(), apex, |one| one.notified = Some(serial));
        }
    }
}

async fn receive(socket: Option<&UdpSocket>) -> (Vec<u8>, SocketAddr) {
    let Some(socket) = socket else { return std::future::pending().await };
    let mut buffer = [0; 1_500];
    loop {
        if let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            return (buffer[..length].to_vec(), from);
        }
    }
}
