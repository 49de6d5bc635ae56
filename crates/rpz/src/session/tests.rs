//! Requests of every kind, and who gets what.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::secondary::{Ask, Receiver, Update, request};
use crate::testing::{HERE, NOW, Open, ask, zones};
use crate::tsig::Algorithm;
use crate::zones::Zones;

fn apex() -> Domain {
    Domain::parse("phishing.rpz.test").unwrap()
}

fn key() -> Key {
    Key::new(b"\x03isp\x06belfry\0".to_vec(), Algorithm::Sha256, vec![7; 32])
}

fn over_udp(zones: &Zones, bytes: &[u8]) -> (Vec<u8>, Outcome) {
    let directory = Open { zones, key: None };
    let (answer, asked) = answer(bytes, Transport::Udp, HERE, &directory, NOW);
    match answer {
        Answer::Message(message) => (message, asked.outcome),
        other => panic!("{other:?}"),
    }
}

#[test]
fn over_udp_the_serial_is_told_and_transfers_go_by_tcp() {
    let zones = zones(&["block a.example", "block b.example"]);
    let told = |asked| over_udp(&zones, &request(9, &apex(), asked));
    let (message, outcome) = told(Ask::Serial);
    assert_eq!(outcome, Outcome::Told(Serial(2)));
    let mut receiver = Receiver::new(9, &apex(), Ask::Serial, 10);
    assert_eq!(receiver.take(&message), Ok(true));
    assert!(matches!(receiver.finish(), Some(Update::Whole { serial: 2, .. })));
    assert_eq!(told(Ask::Since(2)).1, Outcome::InStep(Serial(2)));
    for asked in [Ask::Since(1), Ask::Whole] {
        let (message, outcome) = told(asked);
        assert_eq!((message[2] & 2, outcome), (2, Outcome::ByTcp));
    }
}

#[test]
fn who_has_no_key_gets_nothing() {
    let zones = zones(&["block a.example"]);
    let plain = request(9, &apex(), Ask::Whole);
    let (messages, asked) = ask(&zones, &plain, Some(key()));
    assert_eq!((messages[0][3], asked.outcome), (5, Outcome::Refused("not for this one")));
    let mut signed = plain.clone();
    let mut verifier = key().sign_request(&mut signed, NOW);
    let (messages, asked) = ask(&zones, &signed, Some(key()));
    assert_eq!(asked.outcome, Outcome::Takes(Serial(1), Shape::Whole));
    assert_eq!(asked.key.as_deref(), Some(key().name()));
    for message in &messages {
        verifier.verify(message, NOW).unwrap();
    }
    assert!(verifier.is_closed());
    let mut stranger = plain;
    Key::new(key().name().to_vec(), Algorithm::Sha256, vec![8; 32])
        .sign_request(&mut stranger, NOW);
    let (messages, asked) = ask(&zones, &stranger, Some(key()));
    assert_eq!((messages[0][3], asked.outcome), (9, Outcome::Refused("a wrong signature")));
    assert_eq!(asked.zone, None);
}

#[test]
fn one_that_is_ahead_is_seen() {
    let zones = zones(&["block a.example", "block b.example"]);
    let (_, asked) = ask(&zones, &request(9, &apex(), Ask::Since(5)), None);
    assert_eq!(asked.outcome, Outcome::Ahead(5));
}

#[test]
fn what_is_no_request_is_refused_or_not_answered() {
    let zones = zones(&["block a.example"]);
    let refused = |bytes: &[u8]| {
        let (messages, asked) = ask(&zones, bytes, None);
        (messages.first().map(|message| message[3]), asked.outcome)
    };
    let good = request(9, &apex(), Ask::Since(0));
    let mut response = good.clone();
    response[2] = 0x80;
    assert_eq!(refused(&response).0, None);
    assert_eq!(refused(&good[..11]).0, None);
    let mut notify = good.clone();
    notify[2] = 0x20;
    assert_eq!(refused(&notify), (Some(4), Outcome::Refused("no query")));
    assert_eq!(refused(&good[..30]), (Some(1), Outcome::Refused("cut short")));
    let mut a = request(9, &apex(), Ask::Serial);
    let at = a.len() - 3;
    a[at] = 1;
    assert_eq!(refused(&a), (Some(5), Outcome::Refused("neither SOA, AXFR nor IXFR")));
    let mut bare = request(9, &apex(), Ask::Whole);
    let at = bare.len() - 3;
    bare[at] = 251;
    assert_eq!(refused(&bare), (Some(1), Outcome::Refused("an IXFR without a serial")));
    let other = request(9, &Domain::parse("other.test").unwrap(), Ask::Whole);
    assert_eq!(refused(&other), (Some(5), Outcome::Refused("not for this one")));
}

#[test]
fn a_large_zone_comes_in_messages_of_bounded_size() {
    let texts: Vec<String> = (0..2_000).map(|n| format!("block *.name-{n}.example")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let zones = zones(&texts);
    let (messages, _) = ask(&zones, &request(9, &apex(), Ask::Whole), None);
    assert!(messages.len() > 5, "{}", messages.len());
    assert!(messages.iter().all(|message| message.len() < 16_384));
    let mut receiver = Receiver::new(9, &apex(), Ask::Whole, 4_004);
    let whole: Vec<bool> = messages.iter().map(|message| receiver.take(message).unwrap()).collect();
    assert_eq!(whole.iter().position(|done| *done), Some(messages.len() - 1));
    let mut small = Receiver::new(9, &apex(), Ask::Whole, 100);
    let refused = messages.iter().find_map(|message| small.take(message).err());
    assert_eq!(refused, Some(crate::secondary::SecondaryError::TooLarge));
}

proptest! {
    #[test]
    fn changed_requests_do_no_harm(
        changes in vec((0_usize..60, any::<u8>()), 1..5),
        over in any::<bool>(),
    ) {
        let zones = zones(&["block a.example", "block b.example"]);
        let mut bytes = request(9, &apex(), Ask::Since(1));
        key().sign_request(&mut bytes, NOW);
        for (at, octet) in changes {
            let last = bytes.len() - 1;
            bytes[at.min(last)] = octet;
        }
        let directory = Open { zones: &zones, key: Some(key()) };
        let over = if over { Transport::Udp } else { Transport::Stream };
        if let (Answer::Message(message), _) = answer(&bytes, over, HERE, &directory, NOW) {
            prop_assert!(message.len() <= bytes.len() + 120);
            prop_assert_eq!(&message[..2], &bytes[..2]);
        }
    }
}
