//! The fast path against the slow one: whatever it answers, the engine must answer
//! too, octet for octet.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Instant;

use belfry_indicator::Domain;
use belfry_journal::{Category, PublicReason, Serial, UnixMillis};
use belfry_testbed::Random;
use proptest::prelude::*;

use super::worker::{Fast, Path};
use crate::answer::{Engine, Step, Transport};
use crate::blockset::{Effect, Rule, Slot};
use crate::lastline::LastLine;
use crate::names::Seed;
use crate::query::Query;
use crate::readiness::Stance;
use crate::relayed::{Caps, Relayed};
use crate::rpz::Loader;
use crate::settings::{AnswerMode, GateSettings};

const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

const ZONE: &str = "$TTL 60\n@ SOA a.test. b.test. 1 2 3 4 5\n\
    local.test A 127.0.0.2\nlocal.test AAAA ::2\n*.local.test A 127.0.0.3\nlocal.test A 127.0.0.4\n\
    nx.test CNAME .\nnodata.test CNAME *.\npass.test CNAME rpz-passthru.\ndrop.test CNAME rpz-drop.\n\
    tcp.test CNAME rpz-tcp-only.\nalias.test CNAME warn.test.\n*.local.test TXT \"words\"\n";

fn rule(serial: u64, category: Category, effect: Effect, keeps_mail: bool) -> Rule {
    Rule {
        slot: Slot { subtree: true, category, shadow: effect == Effect::Shadow },
        effect,
        keeps_mail,
        serial: Serial(serial),
        reason: PublicReason::Impersonation,
        issued_at: UnixMillis(1),
        valid_until: UnixMillis(2),
    }
}

fn wire(name: &str) -> Vec<u8> {
    Domain::parse(name).unwrap().to_wire()
}

fn engine() -> Arc<Engine> {
    let mut settings = GateSettings::default();
    settings.warning.ipv4 = Some(Ipv4Addr::new(192, 0, 2, 80));
    settings.answers.malware = AnswerMode::NxDomain;
    let engine = Engine::new(&settings, [0; 16], [7; 16], || UnixMillis(5));
    for (name, rule) in [
        ("evil.example", rule(1, Category::Phishing, Effect::Block, false)),
        ("bad.example", rule(12_345_678_901, Category::Malware, Effect::Block, false)),
        ("mail.example", rule(3, Category::OtherFraud, Effect::Block, true)),
        ("shadow.example", rule(4, Category::FakeShop, Effect::Shadow, false)),
        ("good.evil.example", rule(5, Category::Phishing, Effect::Allow, false)),
    ] {
        engine.blockset.set(&wire(name), rule);
    }
    let line = LastLine::new(None, Vec::new());
    let mut loader = Loader::new(Seed::new([7; 16]), &line, 0);
    loader.zone("rpz.test", true, ZONE.as_bytes()).unwrap();
    loader.zone("quiet.test", false, &b"hush.test CNAME .\n"[..]).unwrap();
    engine.blockset.replace_zones(Arc::new(loader.finish().unwrap()));
    engine.readiness.serve();
    Arc::new(engine)
}

const NAMES: [&str; 16] = [
    "evil.example",
    "a.b.evil.example",
    "bad.example",
    "mail.example",
    "shadow.example",
    "good.evil.example",
    "local.test",
    "x.local.test",
    "nx.test",
    "nodata.test",
    "pass.test",
    "drop.test",
    "tcp.test",
    "alias.test",
    "hush.test",
    "free.example",
];

fn query(name: &str, qtype: u16, flags: u8, opt: &[u8]) -> Vec<u8> {
    let mut packet =
        vec![0x12, 0x34, flags & 1, flags & 0x10, 0, 1, 0, 0, 0, 0, 0, u8::from(!opt.is_empty())];
    packet.extend(wire(name));
    packet.extend(qtype.to_be_bytes());
    packet.extend([0, 1]);
    packet.extend(opt);
    packet
}

/// What the fast path does with a packet, and what the engine says about it.
fn both(path: &mut Path, engine: &Engine, packet: &[u8], now: Instant) -> (Option<Vec<u8>>, Step) {
    let mut buffer = [0; 4_096];
    buffer[..packet.len()].copy_from_slice(packet);
    let fast = path.answer(&mut buffer, packet.len(), CLIENT, Stance::Filtering, now);
    let fast = match fast {
        Fast::Answer(octets) => Some(buffer[..octets].to_vec()),
        Fast::Slow => {
            assert_eq!(&buffer[..packet.len()], packet, "left as it came");
            None
        }
    };
    (fast, engine.answer(packet, CLIENT, Transport::Udp, now))
}

fn check(path: &mut Path, engine: &Engine, packet: &[u8], now: Instant) -> bool {
    let (fast, slow) = both(path, engine, packet, now);
    let Some(fast) = fast else { return false };
    match slow {
        Step::Reply(slow) => assert_eq!(fast, slow, "{packet:02x?}"),
        other => panic!("answered fast, but not slowly: {other:?} {packet:02x?}"),
    }
    true
}

const OPTS: [&[u8]; 4] = [
    b"",
    b"\0\0\x29\x04\xd0\0\0\0\0\0\0",
    b"\0\0\x29\x10\0\0\0\x80\0\0\x04\0\x03\0\0",
    b"\0\0\x29\x02\0\0\0\x80\0\0\0",
];

#[test]
fn both_paths_say_the_same_about_every_policy_and_type() {
    let (engine, now) = (engine(), Instant::now());
    let mut path = Path::new(Arc::clone(&engine));
    let mut answered = 0;
    for name in NAMES {
        for qtype in [1, 2, 6, 15, 16, 28, 64, 65, 255, 257] {
            for opt in OPTS {
                for flags in [0x01, 0x11, 0x00] {
                    let packet = query(name, qtype, flags, opt);
                    answered += usize::from(check(&mut path, &engine, &packet, now));
                }
            }
        }
    }
    assert!(answered > 700, "the fast path answers the usual: {answered}");
}

/// An answer with a CNAME and an address.
fn upstream_answer(packet: &[u8], target: &str) -> Vec<u8> {
    let mut answer = packet.to_vec();
    answer[2..12].copy_from_slice(b"\x81\xa0\0\x01\0\x02\0\0\0\0");
    let target = wire(target);
    answer.extend(b"\xc0\x0c\0\x05\0\x01\0\0\0\x3c\0");
    answer.push(u8::try_from(target.len()).unwrap());
    answer.extend(&target);
    answer.extend(target);
    answer.extend(b"\0\x01\0\x01\0\0\x01\x2c\0\x04\xc0\0\x02\x01");
    answer
}

/// Keeps an answer to `www.free.example` for clients whose OPT is like `opt`.
fn keep(engine: &Engine, opt: &[u8], target: &str, now: Instant) {
    let plain = query("www.free.example", 1, 1, b"");
    let asked = Query::read(&query("www.free.example", 1, 1, opt)).unwrap();
    let caps = Caps { ttl: 86_400, negative_ttl: 900, trusts_ad: true };
    let answer = upstream_answer(&plain, target);
    let answer = Relayed::read(0x1234, &asked.question, &answer, caps).unwrap();
    engine.keep(crate::cache::key(&asked), &Arc::new(answer), now);
}

#[test]
fn cached_answers_are_the_same_and_run_down_the_same() {
    let (engine, now) = (engine(), Instant::now());
    let mut path = Path::new(Arc::clone(&engine));
    keep(&engine, b"", "cdn.free.example", now);
    keep(&engine, OPTS[2], "cdn.free.example", now);
    for opt in OPTS {
        let packet = query("www.free.example", 1, 1, opt);
        for seconds in [0, 1, 59] {
            let later = now + std::time::Duration::from_secs(seconds);
            for _ in 0..2 {
                assert!(check(&mut path, &engine, &packet, later), "{opt:?} after {seconds} s");
            }
        }
        let over = now + std::time::Duration::from_secs(60);
        assert!(!check(&mut path, &engine, &packet, over));
    }
}

#[test]
fn an_order_holds_at_once_for_what_a_thread_keeps() {
    let (engine, now) = (engine(), Instant::now());
    let mut path = Path::new(Arc::clone(&engine));
    let packet = query("www.free.example", 1, 1, b"");
    keep(&engine, b"", "cdn.free.example", now);
    assert!(check(&mut path, &engine, &packet, now));
    let (clean, _) = both(&mut path, &engine, &packet, now);
    assert_eq!(clean.unwrap()[7], 2, "both records");
    // The name that the answer leads to.
    engine
        .blockset
        .set(&wire("cdn.free.example"), rule(9, Category::Phishing, Effect::Block, false));
    let (fast, slow) = both(&mut path, &engine, &packet, now);
    assert_eq!(fast, None, "what leads to a block is not kept");
    let Step::Reply(slow) = slow else { panic!("{slow:?}") };
    assert!(slow.ends_with(&[192, 0, 2, 80]));
    // The name itself.
    engine
        .blockset
        .set(&wire("www.free.example"), rule(10, Category::Phishing, Effect::Block, false));
    assert!(check(&mut path, &engine, &packet, now));
    let (fast, _) = both(&mut path, &engine, &packet, now);
    assert!(fast.unwrap().ends_with(&[192, 0, 2, 80]));
}

#[test]
fn counts_reach_the_engine() {
    let engine = engine();
    let mut path = Path::new(Arc::clone(&engine));
    let mut buffer = [0; 4_096];
    let packet = query("evil.example", 1, 1, b"");
    for _ in 0..3 {
        buffer[..packet.len()].copy_from_slice(&packet);
        path.answer(&mut buffer, packet.len(), CLIENT, Stance::Filtering, Instant::now());
    }
    path.flush(Instant::now() + std::time::Duration::from_secs(1));
    let effect = engine.effects.report(Serial(1)).unwrap().effects[0];
    assert_eq!((effect.order, effect.blocked_answers), (Serial(1), 3));
    assert_eq!(engine.metrics.prevented_visits.get(), 1, "three answers, one visit");
}

fn names() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&NAMES[..])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn whatever_is_answered_fast_is_answered_so_slowly_too(
        name in names(),
        opt in prop::sample::select(&OPTS[..]),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in any::<prop::sample::Index>(),
        cuts in prop::bool::weighted(0.2),
    ) {
        thread_local!(static ENGINE: Arc<Engine> = engine());
        ENGINE.with(|engine| {
            let mut packet = query(name, 1, 1, opt);
            for (at, octet) in edits {
                let at = at.index(packet.len());
                packet[at] = octet;
            }
            if cuts {
                packet.truncate(cut.index(packet.len()));
            }
            check(&mut Path::new(Arc::clone(engine)), engine, &packet, Instant::now());
        });
    }
}

/// Packets of every kind, then changed: octets, length, both.
fn mutated(random: &mut Random) -> Vec<u8> {
    let name = NAMES[random.index(NAMES.len())];
    let types = [1, 2, 6, 15, 16, 28, 41, 64, 65, 252, 255, 257];
    let (qtype, opt) = (types[random.index(types.len())], OPTS[random.index(OPTS.len())]);
    let mut packet = query(name, qtype, random.octet(), opt);
    for _ in 0..random.index(5) {
        let at = random.index(packet.len());
        packet[at] = random.octet();
    }
    match random.index(8) {
        0 => packet.truncate(random.index(packet.len())),
        1 => packet.extend((0..random.index(600)).map(|_| random.octet())),
        _ => {}
    }
    packet
}

/// Plays so many packets to both paths: they agree, and what is sent is an answer to
/// what was asked, no longer than the client takes.
fn play(packets: usize) -> usize {
    let (engine, now) = (engine(), Instant::now());
    let mut path = Path::new(Arc::clone(&engine));
    keep(&engine, b"", "cdn.free.example", now);
    let mut random = Random::new(20_261_124);
    let mut sent = 0;
    for _ in 0..packets {
        let packet = mutated(&mut random);
        let (fast, slow) = both(&mut path, &engine, &packet, now);
        let reply = match (fast, slow) {
            (Some(fast), Step::Reply(slow)) => {
                assert_eq!(fast, slow, "{packet:02x?}");
                fast
            }
            (None, Step::Reply(slow)) => slow,
            (None, Step::Drop | Step::Forward(_)) => continue,
            (Some(_), other) => panic!("answered fast only: {other:?} {packet:02x?}"),
        };
        sent += 1;
        assert_eq!((&reply[..2], reply[2] & 0x80), (&packet[..2], 0x80), "{packet:02x?}");
        let limit = Query::read(&packet).map_or(12, |query| query.udp_limit());
        assert!(reply.len() <= limit, "{} of {limit}: {packet:02x?}", reply.len());
        assert!(domain::base::Message::from_slice(&reply).unwrap().sections().is_ok());
    }
    sent
}

#[test]
fn changed_packets_do_no_harm() {
    let sent = play(30_000);
    assert!(sent > 10_000, "{sent}");
}

#[test]
#[ignore = "a minute in debug: `cargo xtask soak packets`"]
fn a_million_changed_packets_do_no_harm() {
    assert!(play(1_000_000) > 300_000);
}
