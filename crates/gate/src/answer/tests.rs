//! The engine without sockets: hostile octets, and what depends on time.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use belfry_journal::{PublicReason, Serial};
use domain::base::Message;
use proptest::prelude::*;

use super::*;
use crate::blockset::{Effect, Rule, Slot};
use crate::query::Question;
use crate::relayed::{Caps, Unfit};

const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const CAPS: Caps = Caps { ttl: 86_400, negative_ttl: 900, trusts_ad: false };
/// `www.evil.example` A with OPT (DO, 1232).
const BLOCKED: &[u8] = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\x01\x03www\x04evil\x07example\0\0\x01\0\x01\0\0\x29\x04\xd0\0\0\x80\0\0\0";
/// `www.good.example` A.
const FREE: &[u8] = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x03www\x04good\x07example\0\0\x01\0\x01";

/// An engine that blocks `evil.example` and all below, and has no upstream.
fn engine() -> Engine {
    let engine = Engine::new(&GateSettings::default(), [0; 16], [7; 16], || UnixMillis(5));
    let rule = Rule {
        slot: Slot { subtree: true, category: Category::Phishing, shadow: false },
        effect: Effect::Block,
        keeps_mail: false,
        serial: Serial(1),
        reason: PublicReason::Impersonation,
        issued_at: UnixMillis(1),
        valid_until: UnixMillis(2),
    };
    engine.blockset.set(b"\x04evil\x07example\0", rule);
    engine.readiness.serve();
    engine
}

/// The upstream's answer: a CNAME and an A record of `good.example`, TTLs 60 and
/// 300, then an OPT and one more record.
fn upstream_answer() -> Vec<u8> {
    let mut answer = FREE.to_vec();
    answer[2..12].copy_from_slice(b"\x81\xa0\0\x01\0\x02\0\0\0\x02");
    answer.extend(b"\xc0\x0c\0\x05\0\x01\0\0\0\x3c\0\x06\x03cdn\xc0\x10");
    answer.extend(b"\xc0\x32\0\x01\0\x01\0\0\x01\x2c\0\x04\xc0\0\x02\x01");
    answer.extend(b"\0\0\x29\x04\xd0\0\0\0\0\0\0");
    answer.extend(b"\xc0\x0c\0\x01\0\x01\0\0\x01\x2c\0\x04\xc0\0\x02\x02");
    answer
}

fn question() -> Question {
    Question::read(FREE).unwrap()
}

fn relayed() -> Arc<Relayed> {
    Arc::new(Relayed::read(0x1234, &question(), &upstream_answer(), CAPS).unwrap())
}

fn answer(engine: &Engine, packet: &[u8], now: Instant) -> Step {
    engine.answer(packet, CLIENT, Transport::Udp, now)
}

fn forwarded(step: Step) -> Forward {
    match step {
        Step::Forward(forward) => *forward,
        other => panic!("not forwarded: {other:?}"),
    }
}

/// TTLs of the answer section.
fn ttls(step: Step) -> Vec<u32> {
    let Step::Reply(reply) = step else { panic!("no reply: {step:?}") };
    let message = Message::from_octets(reply).unwrap();
    let records = message.answer().unwrap().map(|record| record.unwrap().ttl().as_secs());
    records.collect()
}

#[test]
fn ttls_run_down_and_the_shortest_ends_the_answer() {
    let (engine, start) = (engine(), Instant::now());
    let forward = forwarded(answer(&engine, FREE, start));
    engine.keep(forward.key.clone(), &relayed(), start);
    assert_eq!(ttls(answer(&engine, FREE, start)), [60, 300]);
    assert_eq!(ttls(answer(&engine, FREE, start + Duration::from_secs(59))), [1, 241]);
    forwarded(answer(&engine, FREE, start + Duration::from_secs(60)));
}

#[test]
fn an_answer_is_taken_without_opt_and_what_follows_it() {
    let forward = forwarded(answer(&engine(), FREE, Instant::now()));
    let reply = engine().finish(&forward, Ok(&relayed())).reply().unwrap();
    let message = Message::from_octets(reply).unwrap();
    assert_eq!(message.header_counts().arcount(), 0);
    assert!(!message.header().ad() && message.header().ra());
    assert_eq!(message.answer().unwrap().count(), 2);
    assert_eq!(relayed().targets.len(), 1);
    assert_eq!(&*relayed().targets[0], b"\x03cdn\x04good\x07example\0");
}

#[test]
fn strays_are_told_from_malformed_answers() {
    let read = |id: u16, bytes: &[u8]| Relayed::read(id, &question(), bytes, CAPS).unwrap_err();
    let whole = upstream_answer();
    assert_eq!(read(0x1235, &whole), Unfit::Stray);
    assert_eq!(read(0x1234, FREE), Unfit::Stray, "a query is no answer");
    assert_eq!(read(0x1234, &whole[..whole.len() - 1]), Unfit::Malformed);
    let mut cut = whole.clone();
    cut[2] |= 0x02;
    assert_eq!(read(0x1234, &cut), Unfit::Truncated);
    let mut other = whole;
    other[14] = b'x';
    assert_eq!(read(0x1234, &other), Unfit::Stray);
}

#[test]
fn blocked_answers_are_counted_with_the_time_of_the_first() {
    let engine = engine();
    for _ in 0..3 {
        assert_eq!(ttls(answer(&engine, BLOCKED, Instant::now())), [] as [u32; 0]);
    }
    let effect = engine.effects.report(Serial(1)).unwrap().effects[0];
    assert_eq!((effect.blocked_answers, effect.first_blocked_at), (3, Some(UnixMillis(5))));
}

#[test]
fn silent_before_the_first_state() {
    let engine = Engine::new(&GateSettings::default(), [0; 16], [7; 16], || UnixMillis(5));
    assert!(matches!(answer(&engine, BLOCKED, Instant::now()), Step::Drop));
    let late = Instant::now() + Duration::from_secs(3_600);
    forwarded(answer(&engine, BLOCKED, late));
}

/// A whole packet with some octets changed, or cut.
fn mutated(packet: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let edits = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6);
    (edits, any::<prop::sample::Index>(), any::<bool>()).prop_map(move |(edits, cut, cuts)| {
        let mut packet = packet.clone();
        for (at, octet) in edits {
            let at = at.index(packet.len());
            packet[at] = octet;
        }
        if cuts {
            packet.truncate(cut.index(packet.len()));
        }
        packet
    })
}

fn packets() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..600),
        mutated(BLOCKED.to_vec()),
        mutated(FREE.to_vec()),
    ]
}

fn check_reply(packet: &[u8], reply: Vec<u8>, limit: usize) {
    assert!(reply.len() <= limit, "{} octets", reply.len());
    assert_eq!(reply[..2], packet[..2], "the client's id");
    let message = Message::from_octets(reply).unwrap();
    assert!(message.header().qr() && !message.header().aa() && !message.header().ad());
    let (question, answer, authority, additional) = message.sections().unwrap();
    assert!(question.into_iter().all(|question| question.is_ok()));
    let sections = [answer, authority, additional];
    assert!(sections.into_iter().flatten().all(|record| record.is_ok()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_query_panics_and_no_answer_is_too_long(packet in packets()) {
        thread_local!(static ENGINE: Engine = engine());
        ENGINE.with(|engine| {
            for (transport, limit) in [(Transport::Udp, 1_232), (Transport::Tcp, TCP_OCTETS_MAX)] {
                match engine.answer(&packet, CLIENT, transport, Instant::now()) {
                    Step::Drop => {}
                    Step::Reply(reply) => check_reply(&packet, reply, limit),
                    Step::Forward(forward) => {
                        let failed = engine.finish(&forward, Err(NoAnswer::Unreachable));
                        check_reply(&packet, failed.reply().unwrap(), limit);
                    }
                }
            }
        });
    }

    #[test]
    fn no_upstream_answer_panics_and_what_is_taken_can_be_sent_on(bytes in mutated(upstream_answer())) {
        thread_local!(static ENGINE: Engine = engine());
        if let Ok(answer) = Relayed::read(0x1234, &question(), &bytes, CAPS) {
            ENGINE.with(|engine| {
                let forward = forwarded(engine.answer(FREE, CLIENT, Transport::Udp, Instant::now()));
                check_reply(FREE, engine.finish(&forward, Ok(&answer)).reply().unwrap(), 512);
                prop_assert!(answer.lifetime_seconds <= CAPS.ttl);
                Ok(())
            })?;
        }
    }
}
