//! What a fuzzer holds zone transfer to: a request of any octets is answered within bounds or
//! not at all, and a secondary takes no answer that breaks what it holds. Never part of a
//! build that we ship.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, RwLock};

use belfry_indicator::{Domain, Target};
use belfry_journal::{
    Action, Audience, Body, Category, Cause, Entry, Mode, Order, PublicReason, Serial, UnixMillis,
};

use crate::secondary::{Ask, Receiver};
use crate::session::{Answer, Asker, Directory, Transport, answer};
use crate::tsig::{Algorithm, Key};
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

/// A hub with a few names, of which every zone is for everyone.
struct Hub(Zones);

impl Hub {
    fn new() -> Self {
        let settings = RecordSettings {
            origin: Domain::parse("rpz.test").expect("a lawful name"),
            block: BlockAnswer::Redirect { ipv4: Some(Ipv4Addr::LOCALHOST), ipv6: None },
            ttl_seconds: 30,
            refresh_seconds: 60,
        };
        let mut zones = Zones::new(settings).expect("the origin is short");
        for (serial, name) in (1..).zip(["a.example", "b.example", "c.b.example"]) {
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
    let hub = Hub::new();
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

/// What a secondary hears: messages of any octets, one after the other.
pub fn heard(data: &[u8]) {
    let apex = Domain::parse("phishing.rpz.test").expect("a lawful name");
    for asked in [Ask::Serial, Ask::Whole, Ask::Since(1)] {
        let mut receiver = Receiver::new(7, &apex, asked, 1_000);
        for message in data.chunks(400) {
            match receiver.take(message) {
                Ok(false) => {}
                Ok(true) | Err(_) => break,
            }
        }
        let _ = receiver.finish();
    }
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
    fn the_seeds_reach_what_they_are_for() {
        let hub = super::Hub::new();
        let answer = |seed: &[u8]| {
            let over = super::Transport::Stream;
            super::answer(seed, over, [127, 0, 0, 1].into(), &hub, super::NOW).0
        };
        let axfr = include_bytes!("../../../fuzz/seeds/transfer/axfr");
        let ixfr = include_bytes!("../../../fuzz/seeds/transfer/ixfr");
        let signed = include_bytes!("../../../fuzz/seeds/transfer/signed");
        for seed in [&axfr[..], ixfr, signed] {
            assert!(matches!(answer(seed), super::Answer::Transfer(_)), "{seed:?}");
        }
        let soa = include_bytes!("../../../fuzz/seeds/transfer/soa");
        assert!(matches!(answer(soa), super::Answer::Message(_)));
    }
}
