//! How zones that are followed stand, and who may say that there is something new.

use belfry_rpz::tsig::Algorithm;
use belfry_rpz::wire::{Header, rcode};

use super::*;

const NOW: UnixMillis = UnixMillis(1_000_000);

fn primaries(key_file: Option<PathBuf>) -> Primaries {
    let name = Domain::parse("rpz.test").unwrap();
    let zone = ZoneSettings::of_primary(SocketAddr::from(([192, 0, 2, 1], 53)), &name);
    Primaries::new(&[ZoneSettings { key_file, ..zone }, ZoneSettings::of_file("a.zone".into())])
}

/// A NOTIFY for `rpz.test`, with its SOA.
fn notify() -> Vec<u8> {
    let mut bytes = b"\x12\x34\x24\0\0\x01\0\0\0\0\0\0\x03rpz\x04test\0\0\x06\0\x01".to_vec();
    bytes[3] = 0;
    bytes
}

fn is_told(primary: &Primary) -> bool {
    use std::future::Future;
    let waker = std::task::Waker::noop();
    let mut told = std::pin::pin!(primary.told.notified());
    told.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_ready()
}

#[test]
fn only_its_primary_may_say_that_a_zone_is_new() {
    let primaries = primaries(None);
    let primary = primaries.iter().next().unwrap();
    let check = |from: &str, bytes: &[u8], code: Option<u8>, told: bool| {
        let reply = primaries.heed(bytes, from.parse().unwrap(), NOW);
        let header = reply.map(|reply| Header::read(&reply).unwrap());
        assert_eq!(header.map(|header| header.rcode), code, "{from}");
        assert_eq!(is_told(primary), told, "{from}");
    };
    check("192.0.2.1", &notify(), Some(0), true);
    check("::ffff:192.0.2.1", &notify(), Some(0), true);
    check("192.0.2.2", &notify(), Some(rcode::REFUSED), false);
    let mut other = notify();
    other[13] = b'x';
    check("192.0.2.1", &other, Some(rcode::REFUSED), false);
    let mut query = notify();
    query[2] = 1;
    check("192.0.2.1", &query, None, false);
    check("192.0.2.1", &notify()[..20], Some(rcode::FORMERR), false);
    primaries.look_now();
    assert!(is_told(primary), "a person may always have it looked at");
    assert_eq!(Primaries::default().heed(&notify(), "192.0.2.1".parse().unwrap(), NOW), None);
}

#[test]
fn a_key_must_have_signed_it_where_there_is_one() {
    let primaries = primaries(Some("gate.key".into()));
    let primary = primaries.iter().next().unwrap();
    let from = "192.0.2.1".parse().unwrap();
    let code = |bytes: &[u8]| primaries.heed(bytes, from, NOW).unwrap()[3] & 15;
    let key = |secret| Key::new(b"\x01k\0".to_vec(), Algorithm::Sha256, vec![secret; 32]);
    let signed = |secret| {
        let mut bytes = notify();
        key(secret).sign_request(&mut bytes, NOW.0 / 1_000);
        bytes
    };
    assert_eq!((code(&notify()), is_told(primary)), (rcode::REFUSED, false), "no key read yet");
    primary.key.set(key(7)).unwrap();
    assert_eq!((code(&notify()), is_told(primary)), (rcode::REFUSED, false));
    assert_eq!((code(&signed(8)), is_told(primary)), (rcode::NOTAUTH, false));
    assert_eq!((code(&signed(7)), is_told(primary)), (0, true));
}

#[test]
fn how_a_zone_stands_is_told_and_is_an_alarm_past_its_expire() {
    let primaries = primaries(None);
    let primary = primaries.iter().next().unwrap();
    let check = |standing: Standing, text: &str, alarm: Option<&str>| {
        *primary.standing() = standing;
        let status = primaries.status_of("rpz.test", NOW).unwrap();
        assert_eq!(status.to_string(), text);
        assert_eq!(status.alarm().as_deref(), alarm);
    };
    check(
        Standing::default(),
        "zone rpz.test: not there yet from 192.0.2.1:53",
        Some("zone rpz.test is not there: the primary has not been heard yet"),
    );
    let problem = Some("it is gone".to_owned());
    check(
        Standing { problem: problem.clone(), ..Standing::default() },
        "zone rpz.test: not there yet from 192.0.2.1:53; it is gone",
        Some("zone rpz.test is not there: it is gone"),
    );
    let held = |ago: u64, problem: Option<String>| Standing {
        serial: Some(7),
        heard_at: Some(UnixMillis(NOW.0 - ago * 1_000)),
        expire_seconds: 300,
        problem,
    };
    check(held(3, None), "zone rpz.test: serial 7, heard from 192.0.2.1:53 3 s ago", None);
    check(
        held(300, problem.clone()),
        "zone rpz.test: serial 7, heard from 192.0.2.1:53 5 min ago; it is gone",
        None,
    );
    check(
        held(301, problem),
        "zone rpz.test: serial 7, heard from 192.0.2.1:53 5 min ago, past its EXPIRE; it is gone",
        Some("zone rpz.test is past its EXPIRE; serial 7 goes on holding: it is gone"),
    );
    assert!(primaries.status_of("a", NOW).is_none() && primaries.status(NOW).len() == 1);
    assert_eq!(
        [Age(119), Age(120), Age(7_200)].map(|age| age.to_string()),
        ["119 s", "2 min", "2 h"]
    );
}
