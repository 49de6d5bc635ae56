//! What a fuzzer holds zone transfer to: a request of any octets is answered within bounds or
//! not at all, and a secondary takes no answer that breaks what it holds. Never part of a
//! build that we ship.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, RwLock};

use belfry_indicator::{Domain, Target};
use belfry_journal::{
    Action, Audience, Body, Category, Cause, Entry, Mode, Order, PublicReason, Serial, UnixMillis,
};

use crate::notify;
use crate::secondary::{self, Ask, Receiver, Replica, Update};
use crate::session::{Answer, Asker, Directory, Transport, answer};
use crate::tsig::{Algorithm, Key, complaint};
use crate::wire::Header;
use crate::zone::Zone;
use crate::{BlockAnswer, RecordSettings, Zones};

/// Octets of one message over a stream.
const MESSAGE_MAX: usize = 65_535;
/// Octets of one datagram that we send.
const DATAGRAM_MAX: usize = 1_232;
/// Messages of a transfer of these few names.
const MESSAGES_MAX: usize = 16;
const NOW: u64 = 1_790_000_000;
/// Records that a secondary takes here.
const RECORDS_MAX: usize = 1_000;
/// A signature with its record.
const SIGNATURE_MAX: usize = 1_024;
/// The id that a secondary asks by.
const ID: u16 = 7;

/// A hub with a few names, of which every zone is for everyone.
struct Hub(Zones);

impl Hub {
    fn new(head: u64) -> Self {
        let settings = RecordSettings {
            origin: Domain::parse("rpz.test").expect("a lawful name"),
            block: BlockAnswer::Redirect { ipv4: Some(Ipv4Addr::LOCALHOST), ipv6: None },
            ttl_seconds: 30,
            refresh_seconds: 60,
        };
        let mut zones = Zones::new(settings).expect("the origin is short");
        for (serial, name) in (1..=head).zip(["a.example", "b.example", "c.b.example"]) {
            let order = Body::Order(order(name));
            let entry = Entry::new(Serial(serial), [1; 32], &order);
            zones.apply(&entry).expect("entries come in order");
        }
        Self(zones)
    }
}

fn order(name: &str) -> Order {
    Order {
        action: Action::Block,
        target: Target::Host(Domain::parse(name).expect("a lawful name")),
        category: Category::Phishing,
        mode: Mode::Live,
        issued_at: UnixMillis(1),
        valid_until: UnixMillis(2),
        audience: Audience::Everyone,
        cause: Cause::Verdict { case: 1 },
        reason: PublicReason::Impersonation,
        keeps_mail: false,
    }
}

impl Directory for Hub {
    fn key(&self, name: &[u8]) -> Option<Key> {
        let known = name.eq_ignore_ascii_case(b"\x03isp\x06belfry\0");
        known.then(|| Key::new(name.to_vec(), Algorithm::Sha256, vec![7; 32]))
    }

    fn zone(&self, _: Asker<'_>, apex: &Domain) -> Option<Arc<RwLock<Zone>>> {
        self.0.find(apex).map(Arc::clone)
    }
}

/// A request of any octets, over UDP and over a stream.
pub fn request(data: &[u8]) {
    let hub = Hub::new(3);
    let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
    for (over, most) in [(Transport::Udp, DATAGRAM_MAX), (Transport::Stream, MESSAGE_MAX)] {
        let (answer, _) = answer(data, over, here, &hub, NOW);
        let messages: Vec<Vec<u8>> = match answer {
            Answer::Silence => Vec::new(),
            Answer::Message(message) => vec![message],
            Answer::Transfer(mut transfer) => {
                assert_eq!(over, Transport::Stream, "a transfer in a datagram");
                std::iter::from_fn(|| transfer.next_message(NOW)).take(MESSAGES_MAX).collect()
            }
        };
        assert!(messages.len() < MESSAGES_MAX, "an answer without end");
        for message in messages {
            let header = Header::read(&message).expect("an answer has a header");
            assert!(message.len() <= most && header.response, "{} octets", message.len());
            assert_eq!(header.id.to_be_bytes(), data[..2], "another's answer");
        }
    }
}

/// What a secondary hears: messages of any octets, one after the other, each behind its length
/// as on a stream. What comes of them is held against what the zone had before, signed or not.
pub fn heard(data: &[u8]) {
    let apex = Domain::parse("phishing.rpz.test").expect("a lawful name");
    let key = Key::new(b"\x03isp\x06belfry\0".to_vec(), Algorithm::Sha256, vec![7; 32]);
    let before = held(&apex);
    for asked in [Ask::Serial, Ask::Whole, Ask::Since(2)] {
        let mut verifier = key.sign_request(&mut secondary::request(ID, &apex, asked), NOW);
        let mut receiver = Receiver::new(ID, &apex, asked, RECORDS_MAX);
        let (mut rest, mut records, mut whole) = (data, Vec::new(), false);
        while let Some((length, after)) = rest.split_first_chunk() {
            let length = usize::from(u16::from_be_bytes(*length)).min(after.len());
            let (message, next) = after.split_at(length);
            let _ = (verifier.verify(message, NOW), complaint(message));
            match receiver.take(message) {
                Ok(done) => whole = done,
                Err(_) => break,
            }
            records.extend(receiver.drain());
            assert!(records.len() <= RECORDS_MAX, "more records than are taken");
            if whole {
                break;
            }
            rest = next;
        }
        let update = receiver.finish();
        assert_eq!(update.is_some(), whole, "an update that is not whole");
        let Some(update) = update else { continue };
        let mut replica = before.clone();
        let serial = match &update {
            Update::UpToDate => before.serial(),
            Update::Whole { serial, .. } | Update::Changes { serial, .. } => Some(*serial),
        };
        if replica.apply(update).is_ok() {
            assert_eq!(replica.serial(), serial, "another version than was told");
        }
    }
}

/// What a secondary is told: a NOTIFY of any octets.
pub fn told(data: &[u8]) {
    let key = Key::new(b"\x03isp\x06belfry\0".to_vec(), Algorithm::Sha256, vec![7; 32]);
    if !notify::is_notify(data) {
        return;
    }
    for known in [None, Some(None), Some(Some(&key))] {
        let heeded = notify::heed(data, |_| known, NOW);
        assert!(heeded.taken.is_err() || known.is_some(), "a stranger is heeded");
        let header = Header::read(&heeded.reply).expect("an answer has a header");
        assert!(header.response && header.id.to_be_bytes() == data[..2], "another's answer");
        assert!(heeded.reply.len() <= data.len() + SIGNATURE_MAX, "more than was asked");
    }
}

/// The zone that [`Hub`] had an entry ago, as a secondary holds it.
fn held(apex: &Domain) -> Replica {
    let request = secondary::request(ID, apex, Ask::Whole);
    let mut replica = Replica::default();
    let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let (said, _) = answer(&request, Transport::Stream, here, &Hub::new(2), NOW);
    if let Answer::Transfer(mut transfer) = said {
        let mut receiver = Receiver::new(ID, apex, Ask::Whole, RECORDS_MAX);
        while let Some(message) = transfer.next_message(NOW) {
            let _ = receiver.take(&message);
        }
        if let Some(update) = receiver.finish() {
            let _ = replica.apply(update);
        }
    }
    replica
}

#[cfg(test)]
mod tests {
    #[test]
    fn requests_hold_under_changes() {
        belfry_testbed::fuzz::smoke("transfer", 5_000, super::request);
    }

    #[test]
    fn what_is_heard_holds_under_changes() {
        belfry_testbed::fuzz::smoke("transfer", 5_000, super::heard);
    }

    #[test]
    fn what_is_told_holds_under_changes() {
        belfry_testbed::fuzz::smoke("transfer", 5_000, super::told);
    }

    /// Each is messages behind their lengths: a whole zone, a difference, one serial; and a
    /// NOTIFY as it comes.
    #[test]
    fn the_seeds_of_a_primary_are_answers_and_are_taken() {
        let apex = super::Domain::parse("phishing.rpz.test").unwrap();
        let check = |seed: &[u8], asked, serial| {
            let mut receiver = super::Receiver::new(super::ID, &apex, asked, 1_000);
            let length = usize::from(u16::from_be_bytes([seed[0], seed[1]]));
            assert_eq!((receiver.take(&seed[2..]), seed.len()), (Ok(true), length + 2));
            let update = receiver.finish().unwrap();
            let is_difference = matches!(update, super::Update::Changes { .. });
            assert_eq!(is_difference, asked == super::Ask::Since(2));
            let mut replica = super::held(&apex);
            assert_eq!((replica.serial(), replica.apply(update)), (Some(2), Ok(())));
            assert_eq!(replica.serial(), Some(serial));
        };
        use super::Ask;
        check(include_bytes!("../../../fuzz/seeds/transfer/answer-whole"), Ask::Whole, 3);
        check(include_bytes!("../../../fuzz/seeds/transfer/answer-since"), Ask::Since(2), 3);
        check(include_bytes!("../../../fuzz/seeds/transfer/answer-serial"), Ask::Serial, 3);
        let told = include_bytes!("../../../fuzz/seeds/transfer/notify");
        assert!(crate::notify::is_notify(told));
        assert_eq!(crate::notify::heed(told, |_| Some(None), super::NOW).taken, Ok(()));
    }
}
