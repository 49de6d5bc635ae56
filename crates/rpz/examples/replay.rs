//! Replays the history of a real feed of phishing URLs, removals too, through journal and
//! zone transfer: what each update takes as a difference, beside the whole zone. Whoever
//! takes the whole zone must have what the one has who followed all the way.
//! `cargo xtask bench feed` runs it in release.

#![expect(clippy::print_stdout, reason = "figures are for the person who asked")]

use std::collections::BTreeMap;
use std::error::Error;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use belfry_indicator::{Domain, Target};
use belfry_journal::merkle::Frontier;
use belfry_journal::{
    Action, Audience, Body, Category, Cause, Entry, Mode, Order, PublicReason, Serial, UnixMillis,
};
use belfry_rpz::secondary::{Ask, Receiver, Replica, Update, request};
use belfry_rpz::session::{Answer, Asker, Directory, Transport, answer};
use belfry_rpz::tsig::Key;
use belfry_rpz::{BlockAnswer, RecordSettings, Zone, Zones};

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

const FEED: &str = "urls/openphish_history_dev.tsv.xz";
const NOW: u64 = 1_790_000_000;
/// The whole zone is taken at every so many updates: at each would take an hour.
const WHOLE_EVERY: usize = 50;
const RECORDS_MAX: usize = 10_000_000;

fn main() -> Result {
    let Some(feed) = belfry_testbed::corpus(FEED) else { return Ok(()) };
    let feed = String::from_utf8(belfry_testbed::read_xz(&feed)?)?;
    let (updates, entries) = updates(&feed);
    println!(
        "replay: {entries} URLs of a real feed, {} moments at which it changed",
        updates.len()
    );
    let mut run = Run::new()?;
    for (number, changes) in updates.values().enumerate() {
        run.update(changes)?;
        if number % WHOLE_EVERY == 0 || number + 1 == updates.len() {
            run.whole()?;
        }
    }
    run.told();
    Ok(())
}

/// What came and what went at one moment.
#[derive(Debug, Default)]
struct Changes<'a> {
    come: Vec<&'a str>,
    gone: Vec<&'a str>,
}

/// The feed by moments, as texts that sort by time; what is there at its end stays.
fn updates(feed: &str) -> (BTreeMap<&str, Changes<'_>>, usize) {
    let mut updates: BTreeMap<&str, Changes<'_>> = BTreeMap::new();
    let mut entries = 0;
    let last = feed.lines().filter_map(|line| line.split('\t').nth(1)).max();
    for line in feed.lines() {
        let mut fields = line.split('\t');
        let (Some(first), Some(until), Some(url)) = (fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        let Some(host) = host(url) else { continue };
        entries += 1;
        updates.entry(first).or_default().come.push(host);
        if Some(until) != last && until > first {
            updates.entry(until).or_default().gone.push(host);
        }
    }
    (updates, entries)
}

#[expect(clippy::disallowed_methods, reason = "what takes how long is what this is for")]
fn now() -> Instant {
    Instant::now()
}

fn host(url: &str) -> Option<&str> {
    let rest = url.split_once("://")?.1;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    host.split(':').next().filter(|host| !host.is_empty())
}

/// Sums of one way to take updates.
#[derive(Debug, Default)]
struct Sums {
    octets: Vec<u64>,
    served: Vec<Duration>,
    applied: Duration,
}

impl Sums {
    fn told(&mut self, what: &str) {
        self.octets.sort_unstable();
        self.served.sort_unstable();
        let count = self.octets.len().max(1);
        let at = |percent: usize| (count * percent).div_ceil(100).saturating_sub(1);
        let micros = |percent| self.served.get(at(percent)).map_or(0, Duration::as_micros);
        let octets = |percent| self.octets.get(at(percent)).copied().unwrap_or_default();
        let applied = self.applied.as_micros() / u128::from(count as u64);
        println!(
            "{what}: {count} taken, octets median {} p99 {} all {}; served in median {} us p99 {} \
             us; taken in by the secondary in {applied} us on average",
            octets(50),
            octets(99),
            self.octets.iter().sum::<u64>(),
            micros(50),
            micros(99),
        );
    }
}

/// A hub's journal and zones, and one secondary that follows.
struct Run {
    serial: Serial,
    /// URLs of each host that is blocked, and its order.
    held: BTreeMap<String, (usize, Serial)>,
    frontier: Frontier,
    zones: Zones,
    apex: Domain,
    follower: Replica,
    bytes: u64,
    journal: Duration,
    folding: Duration,
    refused: usize,
    empty: usize,
    differences: Sums,
    wholes: Sums,
}

impl Run {
    fn new() -> Result<Self> {
        let settings = RecordSettings {
            origin: Domain::parse("rpz.belfry.internal")?,
            block: BlockAnswer::Redirect { ipv4: Some(Ipv4Addr::LOCALHOST), ipv6: None },
            ttl_seconds: 30,
            refresh_seconds: 60,
        };
        Ok(Self {
            serial: Serial(0),
            held: BTreeMap::new(),
            frontier: Frontier::default(),
            zones: Zones::new(settings)?,
            apex: Domain::parse("phishing.rpz.belfry.internal")?,
            follower: Replica::default(),
            bytes: 0,
            journal: Duration::ZERO,
            folding: Duration::ZERO,
            refused: 0,
            empty: 0,
            differences: Sums::default(),
            wholes: Sums::default(),
        })
    }

    /// Orders what changed at one moment, and lets the secondary take it.
    fn update(&mut self, changes: &Changes<'_>) -> Result {
        let before = self.serial;
        for name in &changes.come {
            match self.held.get_mut(*name) {
                Some((urls, _)) => *urls += 1,
                None => self.block(name)?,
            }
        }
        for name in &changes.gone {
            let Some((urls, serial)) = self.held.get_mut(*name) else { continue };
            *urls -= 1;
            if *urls == 0 {
                let of = *serial;
                self.held.remove(*name);
                self.order(Action::Release { of }, Domain::parse(name)?)?;
            }
        }
        if self.serial == before {
            self.empty += 1;
            return Ok(());
        }
        let asked = self.follower.serial().map_or(Ask::Whole, Ask::Since);
        let (update, octets, served) = self.fetch(asked)?;
        let begun = now();
        let first = matches!(asked, Ask::Whole);
        self.follower.apply(update)?;
        if !first {
            self.differences.applied += begun.elapsed();
            self.differences.octets.push(octets);
            self.differences.served.push(served);
        }
        Ok(())
    }

    fn block(&mut self, name: &str) -> Result {
        // An address, or a label that DNS can't hold: no zone could either.
        let Ok(domain) = Domain::parse(name) else {
            self.refused += 1;
            return Ok(());
        };
        self.order(Action::Block, domain)?;
        self.held.insert(name.to_owned(), (1, self.serial));
        Ok(())
    }

    /// One entry: written, hashed, read back as a follower reads it, and folded.
    fn order(&mut self, action: Action, name: Domain) -> Result {
        self.serial = self.serial.next();
        let order = Order {
            action,
            target: Target::Host(name),
            category: Category::Phishing,
            mode: Mode::Live,
            issued_at: UnixMillis(NOW * 1_000),
            valid_until: UnixMillis(NOW * 1_000 + 2_592_000_000),
            audience: Audience::Everyone,
            cause: Cause::Verdict { case: self.serial.0 },
            reason: PublicReason::Impersonation,
            keeps_mail: false,
        };
        let begun = now();
        let written = Entry::new(self.serial, [7; 32], &Body::Order(order)).to_bytes();
        let entry = Entry::from_bytes(&written)?;
        self.frontier.push(entry.leaf_hash());
        self.journal += begun.elapsed();
        self.bytes += written.len() as u64;
        let begun = now();
        self.zones.apply(&entry)?;
        self.folding += begun.elapsed();
        Ok(())
    }

    /// The answer to a question: what it brings, its octets, and how long it took to make.
    fn fetch(&self, asked: Ask) -> Result<(Update, u64, Duration)> {
        let question = request(7, &self.apex, asked);
        let (begun, here) = (now(), IpAddr::V4(Ipv4Addr::LOCALHOST));
        let messages = match answer(&question, Transport::Stream, here, self, NOW).0 {
            Answer::Silence => Vec::new(),
            Answer::Message(message) => vec![message],
            Answer::Transfer(mut transfer) => {
                std::iter::from_fn(|| transfer.next_message(NOW)).collect()
            }
        };
        let served = begun.elapsed();
        let octets = messages.iter().map(|message| message.len() as u64 + 2).sum();
        let mut receiver = Receiver::new(7, &self.apex, asked, RECORDS_MAX);
        for message in &messages {
            receiver.take(message)?;
        }
        let update = receiver.finish().ok_or("an answer that is not whole")?;
        Ok((update, octets, served))
    }

    /// Takes the whole zone, beside the difference: it is what the follower has.
    fn whole(&mut self) -> Result {
        let (update, octets, served) = self.fetch(Ask::Whole)?;
        let (begun, mut late) = (now(), Replica::default());
        late.apply(update)?;
        self.wholes.applied += begun.elapsed();
        self.wholes.octets.push(octets);
        self.wholes.served.push(served);
        let (early, late) = (sorted(&self.follower), sorted(&late));
        if early != late {
            let counts = (early.len(), late.len());
            return Err(format!("who joins late has other records: {counts:?}").into());
        }
        Ok(())
    }

    fn told(&mut self) {
        let entries = self.serial.0.max(1);
        println!(
            "journal: {} entries, {} octets each, written, hashed and read in {:.1} us each, \
             folded into zones in {:.1} us each; {} names at the end; {} hosts that are no names, \
             {} moments without a change of hosts",
            self.serial,
            self.bytes / entries,
            self.journal.as_secs_f64() * 1e6 / f64::from(u32::try_from(entries).unwrap_or(1)),
            self.folding.as_secs_f64() * 1e6 / f64::from(u32::try_from(entries).unwrap_or(1)),
            self.held.len(),
            self.refused,
            self.empty
        );
        self.differences.told("IXFR, at each moment");
        self.wholes.told(&format!("AXFR, at every {WHOLE_EVERY}th moment, the same records"));
    }
}

/// A replica's records in one order.
fn sorted(replica: &Replica) -> Vec<(&[u8], u16, &[u8])> {
    let mut all: Vec<_> = replica.records().collect();
    all.sort_unstable();
    all
}

impl Directory for Run {
    fn key(&self, _name: &[u8]) -> Option<Key> {
        None
    }

    fn zone(&self, _asker: Asker<'_>, apex: &Domain) -> Option<Arc<RwLock<Zone>>> {
        self.zones.find(apex).map(Arc::clone)
    }
}
