//! One thread's loop: receive a batch, answer what is usual in place, let the
//! engine answer the rest, send. Only what an upstream must answer leaves the
//! thread, with its way back.

use std::io;
use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use belfry_sys::{Batch, ReturnPath};

use crate::answer::{Engine, Forward, Step, Transport};
use crate::blockset::State;
use crate::cache;
use crate::fast::ahead::{self, Ahead};
use crate::fast::ask::Ask;
use crate::fast::kept::{Found, Kept};
use crate::fast::tally::Tally;
use crate::fast::write;
use crate::forward::Forwarder;
use crate::limit::Limiter;
use crate::metrics::Outcome;
use crate::proxy;
use crate::query::QUERY_OCTETS_MAX;
use crate::readiness::Stance;
use crate::rpz::Action;

/// How long a thread waits before it looks whether it should stop.
const WAIT: Duration = Duration::from_millis(100);
/// Counts are handed over at the latest after so long.
const FLUSH: Duration = Duration::from_millis(50);
/// A pause after the socket failed, so that a lasting failure does not spin.
const PAUSE: Duration = Duration::from_millis(10);
/// Threads unless the operator says how many.
const THREADS_MAX: usize = 8;

/// How many threads `asked` stands for: 0 is one a core.
pub(crate) fn threads(asked: usize) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
    if asked == 0 { cores() } else { asked }
}

/// What became of a datagram on the fast path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fast {
    /// Answered, in so many octets.
    Answer(usize),
    /// Not for this path; the datagram is as it came.
    Slow,
}

/// One thread.
#[derive(Debug)]
pub(crate) struct Worker {
    socket: Arc<UdpSocket>,
    forwarder: Forwarder,
    stop: Arc<AtomicBool>,
    path: Path,
    limiter: Option<Limiter>,
}

/// What the fast path keeps between datagrams.
#[derive(Debug)]
pub(super) struct Path {
    engine: Arc<Engine>,
    state: arc_swap::Cache<Arc<ArcSwap<State>>, Arc<State>>,
    kept: Kept,
    tally: Tally,
    flushed: Instant,
    /// The client served last: most batches come from few.
    served: Option<IpAddr>,
    key: Vec<u8>,
    /// Room for the query at hand; there but while one is answered.
    ask: Option<Box<Ask>>,
    ahead: Box<Ahead>,
}

impl Worker {
    /// A worker on `socket`, until `stop`; each prefix may ask it so often.
    pub(crate) fn new(
        socket: UdpSocket,
        forwarder: Forwarder,
        per_second: u32,
        stop: Arc<AtomicBool>,
    ) -> io::Result<Self> {
        socket.set_read_timeout(Some(WAIT))?;
        let path = Path::new(Arc::clone(&forwarder.engine));
        let mut key = [0; 8];
        getrandom::fill(&mut key).map_err(io::Error::other)?;
        let limiter = Limiter::new(per_second, u64::from_le_bytes(key));
        Ok(Self { socket: Arc::new(socket), forwarder, stop, path, limiter })
    }

    /// Answers until told to stop.
    pub(crate) fn run(mut self) {
        let any = self.socket.local_addr().is_ok_and(|address| address.ip().is_unspecified());
        let mut batch = Batch::new(any);
        while !self.stop.load(Ordering::Relaxed) {
            match batch.receive(&self.socket) {
                Ok(count) => self.answer(&mut batch, count),
                Err(error) => match error.kind() {
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {}
                    io::ErrorKind::Interrupted => continue,
                    _ => {
                        tracing::debug!(%error, "receiving over UDP failed");
                        std::thread::sleep(PAUSE);
                    }
                },
            }
            self.path.flush(Instant::now());
        }
        self.path.flush(Instant::now() + FLUSH);
    }

    fn answer(&mut self, batch: &mut Batch, count: usize) {
        let now = Instant::now();
        let stance = self.path.engine.readiness.stance(now);
        if count >= ahead::LEAST_QUERIES && self.path.engine.balancers.is_empty() {
            self.look_ahead(batch, count);
        }
        for slot in 0..count {
            let Some(client) = batch.client(slot).map(|client| client.ip()) else { continue };
            let (octets, length) = batch.datagram(slot);
            let Some((client, length)) = self.path.proxied(octets, length, client) else {
                continue;
            };
            if let Some(limiter) = &mut self.limiter
                && !limiter.allows(client, now)
                && let Some(reply) = self.path.engine.too_often(&octets[..length], client)
            {
                send(batch, slot, &reply);
                continue;
            }
            match self.path.answer(octets, length, client, stance, now) {
                Fast::Answer(octets) => batch.answer(slot, octets),
                Fast::Slow => self.answer_slowly(batch, slot, length, (client, now)),
            }
        }
        let lost = batch.send(&self.socket);
        self.path.engine.metrics.batch_seconds.observe(now.elapsed().as_secs_f64());
        if lost > 0 {
            tracing::debug!(lost, "sending over UDP failed");
        }
    }

    fn look_ahead(&mut self, batch: &mut Batch, count: usize) {
        let Path { state, kept, ahead, .. } = &mut self.path;
        let state = state.load();
        for slot in 0..count {
            let (octets, length) = batch.datagram(slot);
            ahead.look(slot, &octets[..length], state, kept);
        }
        ahead.fetch(count, state, kept);
    }

    fn answer_slowly(
        &self,
        batch: &mut Batch,
        slot: usize,
        length: usize,
        (client, now): (IpAddr, Instant),
    ) {
        let (octets, _) = batch.datagram(slot);
        let query = &octets[..length.min(QUERY_OCTETS_MAX)];
        match self.forwarder.engine.answer(query, client, Transport::Udp, now) {
            Step::Drop => {}
            Step::Reply(reply) => send(batch, slot, &reply),
            Step::Forward(forward) => match self.forwarder.admit(&forward) {
                Err(reply) => drop(reply.map(|reply| send(batch, slot, &reply))),
                Ok(place) => {
                    let back = batch.return_path(slot);
                    let (socket, asker) = (Arc::clone(&self.socket), self.forwarder.clone());
                    self.forwarder.spawn(async move {
                        ask(&asker, &forward, &socket, back).await;
                        drop(place);
                    });
                }
            },
        }
    }
}

fn send(batch: &mut Batch, slot: usize, reply: &[u8]) {
    batch.datagram(slot).0[..reply.len()].copy_from_slice(reply);
    batch.answer(slot, reply.len());
}

async fn ask(asker: &Forwarder, forward: &Forward, socket: &UdpSocket, back: ReturnPath) {
    let Some(reply) = asker.ask(forward).await else { return };
    // A client that can't be reached is no concern of others: it asks again.
    if let Err(error) = back.send(socket, &reply) {
        tracing::debug!(%error, "sending over UDP failed");
    }
}

impl Path {
    /// A path without anything kept.
    pub(super) fn new(engine: Arc<Engine>) -> Self {
        let state = engine.blockset.watch();
        Self {
            engine,
            state,
            kept: Kept::new(),
            tally: Tally::new(),
            flushed: Instant::now(),
            served: None,
            key: Vec::with_capacity(300),
            ask: Some(Ask::room()),
            ahead: Ahead::room(),
        }
    }

    /// Who asks, and how long the query is that now begins the datagram: a load
    /// balancer's header is taken off. `None` where it lacks one.
    #[inline]
    pub(super) fn proxied(
        &self,
        octets: &mut [u8],
        length: usize,
        client: IpAddr,
    ) -> Option<(IpAddr, usize)> {
        let balancers = &self.engine.balancers;
        if balancers.is_empty() || !balancers.iter().any(|prefix| prefix.contains(client)) {
            return Some((client, length));
        }
        let header = proxy::read(octets.get(..length)?)?;
        octets.copy_within(header.octets..length, 0);
        Some((header.client.unwrap_or(client), length - header.octets))
    }

    /// Answers the datagram that the first `length` octets of `octets` are, in place.
    #[inline]
    pub(super) fn answer(
        &mut self,
        octets: &mut [u8],
        length: usize,
        client: IpAddr,
        stance: Stance,
        now: Instant,
    ) -> Fast {
        let may = matches!(stance, Stance::Filtering | Stance::Unfiltered) && self.serves(client);
        let Some(mut ask) = self.ask.take() else { return Fast::Slow };
        let usual = may && octets.get(..length).is_some_and(|packet| ask.read(packet));
        let fast = if usual { self.answer_usual(octets, &ask, now) } else { Fast::Slow };
        self.ask = Some(ask);
        fast
    }

    #[inline]
    fn answer_usual(&mut self, octets: &mut [u8], ask: &Ask, now: Instant) -> Fast {
        let state = self.state.load();
        let finding = state.find_labels(ask.name(), &ask.labels);
        if (finding.shadow, finding.zones.shadow) != (None, None) {
            return Fast::Slow;
        }
        if let Some(hit) = &finding.block {
            if hit.rule.keeps_mail {
                return Fast::Slow;
            }
            return match write::warning(octets, ask, &self.engine, hit) {
                Some(octets) => {
                    let client = self.served.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
                    let (serial, visits) = (hit.rule.serial, &self.engine.visits);
                    let is_new = visits.is_new(serial, ask.qtype, client, now);
                    self.tally.order(serial, is_new, &self.engine);
                    Fast::Answer(octets)
                }
                None => Fast::Slow,
            };
        }
        let zones = state.zones();
        if zones.looks_at_clients() {
            return Fast::Slow;
        }
        if let Some(hit) = finding.zones.live {
            if zones.waits_for_addresses(hit) || *zones.action(hit) == Action::Passthru {
                return Fast::Slow;
            }
            return match write::zoned(octets, ask, &self.engine, zones, hit) {
                Some(octets) => {
                    self.tally.zone(hit);
                    Fast::Answer(octets)
                }
                None => Fast::Slow,
            };
        }
        if !ask.rd {
            return Fast::Slow;
        }
        let allowed = finding.allow.is_some();
        self.cached(octets, ask, finding.hash, allowed, now)
    }

    #[inline]
    fn cached(
        &mut self,
        octets: &mut [u8],
        ask: &Ask,
        hash: u64,
        allowed: bool,
        now: Instant,
    ) -> Fast {
        let state = self.state.load();
        if let Found::Answer(octets) = self.kept.find(octets, ask, hash, state, now) {
            self.tally.count(Outcome::Cached);
            return Fast::Answer(octets);
        }
        self.shared(octets, ask, hash, allowed, now)
    }

    /// Takes an answer that another thread has brought.
    #[cold]
    fn shared(
        &mut self,
        octets: &mut [u8],
        ask: &Ask,
        hash: u64,
        allowed: bool,
        now: Instant,
    ) -> Fast {
        cache::write_key(&mut self.key, ask.name(), ask.qtype, ask.dnssec_ok(), ask.cd);
        let Some((answer, since)) = self.engine.cache.get_since(&self.key, now) else {
            return Fast::Slow;
        };
        let state = self.state.load();
        if !allowed && !self.engine.is_clean(state, &answer) {
            return Fast::Slow;
        }
        self.kept.put(ask, hash, state.version, (&answer, since));
        match self.kept.find(octets, ask, hash, state, now) {
            Found::Answer(octets) => {
                self.tally.count(Outcome::Cached);
                Fast::Answer(octets)
            }
            Found::Nothing => Fast::Slow,
        }
    }

    fn serves(&mut self, client: IpAddr) -> bool {
        if self.served == Some(client) {
            return true;
        }
        // Probes are not counted, which only the engine knows how to do.
        let serves = self.engine.serves(client) && !self.engine.is_probe(client);
        if serves {
            self.served = Some(client);
        }
        serves
    }

    /// Hands counts over, if it is time.
    pub(super) fn flush(&mut self, now: Instant) {
        if now.saturating_duration_since(self.flushed) >= FLUSH {
            self.flushed = now;
            let state = self.state.load();
            self.tally.flush(&self.engine, state);
        }
    }
}
