//! A follower beside a primary of our own on a real connection, which can be told to break off,
//! to grow, to start anew.

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, RwLock};

use belfry_indicator::{Domain, Target};
use belfry_journal::{
    Action, Audience, Body, Category, Cause, Entry, Mode, Order, PublicReason, Serial,
};
use belfry_rpz::session::{Answer, Asker as From, Directory, Transport, answer};
use belfry_rpz::tsig::{Algorithm, Key};
use belfry_rpz::{BlockAnswer, RecordSettings, Zone, Zones};

use super::*;
use crate::primary::Primaries;
use crate::settings::ZoneSettings;

const NOW: UnixMillis = UnixMillis(1_790_000_000_000);
const ZONE: &str = "phishing.rpz.test";

fn key(secret: u8) -> Key {
    Key::new(b"\x04gate\0".to_vec(), Algorithm::Sha256, vec![secret; 32])
}

/// A primary; the last number of its entries is the serial of its zone.
struct Hub {
    zones: Mutex<Zones>,
    key: Option<Key>,
    breaks_off: AtomicBool,
}

struct Lent<'a>(&'a Hub);

impl Directory for Lent<'_> {
    fn key(&self, name: &[u8]) -> Option<Key> {
        self.0.key.clone().filter(|key| key.name() == name)
    }

    fn zone(&self, from: From<'_>, apex: &Domain) -> Option<Arc<RwLock<Zone>>> {
        let allowed = self.0.key.is_none() || from.key.is_some();
        let zones = self.0.zones.lock().unwrap();
        zones.find(apex).filter(|_| allowed).map(Arc::clone)
    }
}

fn zones() -> Zones {
    Zones::new(RecordSettings {
        origin: Domain::parse("rpz.test").unwrap(),
        block: BlockAnswer::NxDomain,
        ttl_seconds: 30,
        refresh_seconds: 60,
    })
    .unwrap()
}

impl Hub {
    fn start(key: Option<Key>) -> (Arc<Self>, SocketAddr) {
        let (zones, breaks_off) = (Mutex::new(zones()), AtomicBool::new(false));
        let hub = Arc::new(Self { zones, key, breaks_off });
        let listener = TcpListener::bind((belfry_testbed::loopback(), 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let of_thread = Arc::clone(&hub);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let _ = of_thread.talk(&mut stream.unwrap());
            }
        });
        (hub, address)
    }

    fn talk(&self, stream: &mut TcpStream) -> std::io::Result<()> {
        loop {
            let mut length = [0; 2];
            stream.read_exact(&mut length)?;
            let mut question = vec![0; u16::from_be_bytes(length).into()];
            stream.read_exact(&mut question)?;
            let here = IpAddr::from([127, 0, 0, 1]);
            let seconds = NOW.0 / 1_000;
            let (said, _) = answer(&question, Transport::Stream, here, &Lent(self), seconds);
            match said {
                Answer::Silence => return Ok(()),
                Answer::Message(message) => send(stream, &message)?,
                Answer::Transfer(mut transfer) => {
                    while let Some(message) = transfer.next_message(seconds) {
                        if self.breaks_off.load(Ordering::Relaxed) {
                            stream
                                .write_all(&u16::try_from(message.len()).unwrap().to_be_bytes())?;
                            return stream.write_all(&message[..message.len() / 2]);
                        }
                        send(stream, &message)?;
                    }
                }
            }
        }
    }

    /// Blocks so many names more, from this number on.
    fn block(&self, from: u64, count: u64) {
        let mut zones = self.zones.lock().unwrap();
        for serial in from..from + count {
            let target = Domain::parse(&format!("n{serial}.example")).unwrap();
            self.apply(&mut zones, serial, Action::Block, target);
        }
    }

    fn release(&self, serial: u64, of: u64) {
        let mut zones = self.zones.lock().unwrap();
        let target = Domain::parse(&format!("n{of}.example")).unwrap();
        self.apply(&mut zones, serial, Action::Release { of: Serial(of) }, target);
    }

    fn apply(&self, zones: &mut Zones, serial: u64, action: Action, target: Domain) {
        let order = Order {
            action,
            target: Target::Host(target),
            category: Category::Phishing,
            mode: Mode::Live,
            issued_at: UnixMillis(1),
            valid_until: UnixMillis(2),
            audience: Audience::Everyone,
            cause: Cause::Verdict { case: 1 },
            reason: PublicReason::Impersonation,
            keeps_mail: false,
        };
        zones.apply(&Entry::new(Serial(serial), [1; 32], &Body::Order(order))).unwrap();
    }
}

fn send(stream: &mut TcpStream, message: &[u8]) -> std::io::Result<()> {
    stream.write_all(&u16::try_from(message.len()).unwrap().to_be_bytes())?;
    stream.write_all(message)
}

fn follower(folder: &Path, address: SocketAddr, key: Option<Key>, most: usize) -> Follower {
    let mut zone = ZoneSettings::of_primary(address, &Domain::parse(ZONE).unwrap());
    zone.key_file = key.is_some().then(|| "gate.key".into());
    let primary = Primaries::new(&[zone]).iter().next().map(Arc::clone).unwrap();
    let parts: (Metrics, fn() -> UnixMillis) = (Metrics::default(), || NOW);
    Follower::new(primary, key.map(ZoneKey), folder, most, parts, CancellationToken::new())
}

/// The names that are kept.
fn names(follower: &Follower) -> Vec<String> {
    let text = std::fs::read_to_string(follower.kept.path()).unwrap_or_default();
    let owners = text.lines().filter_map(|line| line.split_once('\t')).map(|(owner, _)| owner);
    let mut names: Vec<String> =
        owners.filter(|name| name.ends_with("example")).map(ToOwned::to_owned).collect();
    names.sort_unstable();
    names
}

#[test]
fn a_zone_comes_whole_and_then_by_what_has_changed() {
    let folder = tempfile::tempdir().unwrap();
    for key in [None, Some(key(7))] {
        let (hub, address) = Hub::start(key.clone());
        hub.block(1, 40);
        let follower = follower(folder.path(), address, key, 1_000);
        let (looked, soa) = follower.look().unwrap();
        assert_eq!((looked, soa.serial, soa.refresh), (Looked::Whole, 40, 60));
        assert_eq!(names(&follower).len(), 40);
        assert_eq!(follower.look().unwrap().0, Looked::Same);
        hub.block(41, 2);
        hub.release(43, 7);
        let (looked, soa) = follower.look().unwrap();
        assert_eq!((looked, soa.serial), (Looked::Difference, 43));
        let held = names(&follower);
        assert_eq!(held.len(), 41);
        assert!(held.contains(&"n42.example".into()) && !held.contains(&"n7.example".into()));
        // As it would have come whole: the canary of the version too.
        let merged = std::fs::read_to_string(follower.kept.path()).unwrap();
        std::fs::remove_file(follower.kept.path()).unwrap();
        assert_eq!(follower.look().unwrap().0, Looked::Whole);
        let whole = std::fs::read_to_string(follower.kept.path()).unwrap();
        let sorted = |text: &str| {
            let mut lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
            lines.sort_unstable();
            lines
        };
        assert_eq!(sorted(&merged), sorted(&whole));
        std::fs::remove_file(follower.kept.path()).unwrap();
    }
}

#[test]
fn a_transfer_that_breaks_off_leaves_what_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, address) = Hub::start(Some(key(7)));
    hub.block(1, 3);
    let follower = follower(folder.path(), address, Some(key(7)), 10_000);
    follower.look().unwrap();
    // Several messages: the first of them come whole.
    hub.block(4, 1_500);
    hub.breaks_off.store(true, Ordering::Relaxed);
    let problem = follower.look().unwrap_err().to_string();
    assert!(problem.contains("in the middle of an answer"), "{problem}");
    assert_eq!(names(&follower).len(), 3);
    assert_eq!(std::fs::read_dir(follower.kept.path().parent().unwrap()).unwrap().count(), 1);
    hub.breaks_off.store(false, Ordering::Relaxed);
    assert_eq!(follower.look().unwrap().1.serial, 1_503);
    assert_eq!(names(&follower).len(), 1_503);
}

#[test]
fn a_zone_that_is_too_large_is_refused_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, address) = Hub::start(None);
    hub.block(1, 20);
    let follower = follower(folder.path(), address, None, 30);
    follower.look().unwrap();
    for (from, count) in [(21, 20), (41, 400)] {
        hub.block(from, count);
        let problem = follower.look().unwrap_err();
        assert!(matches!(problem, Problem::TooLarge), "{problem}");
        assert_eq!(names(&follower).len(), 20);
    }
}

#[test]
fn a_key_that_does_not_fit_is_told_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, address) = Hub::start(Some(key(7)));
    hub.block(1, 3);
    let check = |key: Option<Key>, expect: &str| {
        let follower = follower(folder.path(), address, key, 1_000);
        let problem = follower.look().unwrap_err().to_string();
        assert!(problem.contains(expect), "{problem}");
        assert_eq!(names(&follower).len(), 0);
    };
    check(None, "set the key that it asks for");
    check(Some(key(8)), "the key's secret is another there");
    let other = Key::new(b"\x05other\0".to_vec(), Algorithm::Sha256, vec![7; 32]);
    check(Some(other), "does not know the key");
    let (plain, address) = Hub::start(None);
    plain.block(1, 3);
    let strict = follower(folder.path(), address, Some(key(7)), 1_000);
    assert!(strict.look().unwrap_err().to_string().contains("does not know the key"));
    let mut unread = ZoneSettings::of_primary(address, &Domain::parse(ZONE).unwrap());
    unread.key_file = Some("gate.key".into());
    let primary = Primaries::new(&[unread]).iter().next().map(Arc::clone).unwrap();
    assert!(primary.keys().is_none(), "a key that is not there is not no key");
}

#[test]
fn a_primary_that_starts_anew_is_told_and_what_is_kept_holds() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, address) = Hub::start(None);
    hub.block(1, 20);
    let follower = follower(folder.path(), address, None, 1_000);
    follower.look().unwrap();
    *hub.zones.lock().unwrap() = zones();
    hub.block(1, 5);
    let problem = follower.look().unwrap_err();
    assert!(problem.to_string().contains("serial 5, which is before serial 20"), "{problem}");
    assert_eq!(names(&follower).len(), 20);
    // Another history that went past ours: the whole zone, since the difference does not fit.
    *hub.zones.lock().unwrap() = zones();
    hub.block(1, 19);
    let stranger = Domain::parse("stranger.example").unwrap();
    for (serial, action) in [(20, Action::Block), (21, Action::Release { of: Serial(20) })] {
        hub.apply(&mut hub.zones.lock().unwrap(), serial, action, stranger.clone());
    }
    hub.block(22, 3);
    let (looked, soa) = follower.look().unwrap();
    assert_eq!((looked, soa.serial), (Looked::Whole, 24));
    assert_eq!(names(&follower).len(), 22);
    assert!(!names(&follower).contains(&"n20.example".into()));
}

#[tokio::test]
async fn looks_are_noted_and_their_next_time_is_the_zones() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, address) = Hub::start(None);
    hub.block(1, 3);
    let follower = follower(folder.path(), address, None, 1_000);
    let (changed, mut said) = (Notify::new(), String::new());
    let mut look = |wait| follower.note(follower.look(), wait, &mut said, &changed);
    assert_eq!(look(Duration::ZERO), Duration::from_secs(60));
    tokio::time::timeout(Duration::from_secs(1), changed.notified()).await.unwrap();
    let status = follower.primary.status(NOW);
    assert_eq!((status.serial, status.age_seconds, status.problem), (Some(3), Some(0), None));
    *hub.zones.lock().unwrap() = zones();
    hub.block(1, 1);
    assert_eq!(look(Duration::from_secs(60)), Duration::from_secs(15), "its retry");
    let status = follower.primary.status(UnixMillis(NOW.0 + 90_000));
    assert_eq!((status.serial, status.age_seconds), (Some(3), Some(90)));
    assert!(status.problem.unwrap().contains("is before serial 3"));
    std::fs::remove_file(follower.kept.path()).unwrap();
    let none = super::tests::follower(folder.path(), belfry_testbed::free_addr(), None, 10);
    let waits: Vec<Duration> = (0..3).fold(vec![Duration::ZERO], |mut waits, _| {
        let last = *waits.last().unwrap();
        waits.push(none.note(none.look(), last, &mut said, &changed));
        waits
    });
    assert_eq!(waits[1..], [1, 2, 4].map(Duration::from_secs));
}
