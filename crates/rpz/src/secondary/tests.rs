//! Answers that a primary must not send, and random ones.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::testing::{ask, zones};

fn apex() -> Domain {
    Domain::parse("phishing.rpz.test").unwrap()
}

fn messages(asked: Ask) -> Vec<Vec<u8>> {
    let texts: Vec<String> = (0..20).map(|n| format!("block n{n}.example")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    ask(&zones(&texts), &request(7, &apex(), asked), None).0
}

fn taken(asked: Ask, bytes: &[u8]) -> Result<bool, SecondaryError> {
    Receiver::new(7, &apex(), asked, 1_000).take(bytes)
}

#[test]
fn only_the_answer_to_the_question_is_taken() {
    let [whole] = &messages(Ask::Whole)[..] else { panic!("one message") };
    assert_eq!(taken(Ask::Whole, whole), Ok(true));
    let check = |at: usize, octet: u8, expected| {
        let mut bytes = whole.clone();
        bytes[at] = octet;
        assert_eq!(taken(Ask::Whole, &bytes), Err(expected));
    };
    check(1, 8, SecondaryError::Other);
    check(2, 0, SecondaryError::Other);
    check(2, 0x86, SecondaryError::Truncated);
    check(3, 5, SecondaryError::Refused(5));
    check(13, b'x', SecondaryError::Other);
    // One record fewer than there are: the end is missing.
    let mut bytes = whole.clone();
    bytes[7] -= 1;
    assert_eq!(taken(Ask::Whole, &bytes), Ok(false));
}

#[test]
fn a_difference_to_another_version_is_refused() {
    let [since] = &messages(Ask::Since(19))[..] else { panic!("one message") };
    assert_eq!(taken(Ask::Since(19), since), Ok(true));
    assert_eq!(taken(Ask::Since(18), since), Err(SecondaryError::NotOurs));
    let mut receiver = Receiver::new(7, &apex(), Ask::Since(19), 1_000);
    receiver.take(since).unwrap();
    let update = receiver.finish().unwrap();
    assert_eq!(Replica::default().apply(update), Err(SecondaryError::NotOurs));
}

#[test]
fn a_record_of_another_zone_is_refused() {
    assert!(ends_with(b"\x01a\x03rpz\0", b"\x03rpz\0"));
    assert!(ends_with(b"\x03rpz\0", b"\x03rpz\0"));
    assert!(!ends_with(b"\x04xrpz\0", b"\x03rpz\0"));
    assert!(!ends_with(b"\0", b"\x03rpz\0"));
    assert!(!ends_with(b"\x05\x03rpz\0\0", b"\x03rpz\0"));
}

#[test]
fn a_whole_zone_can_be_taken_away_while_it_comes() {
    let messages = messages(Ask::Whole);
    let mut at_once = Receiver::new(7, &apex(), Ask::Whole, 1_000);
    let mut by_and_by = at_once.clone();
    let mut taken = Vec::new();
    for message in &messages {
        assert!(!by_and_by.is_difference());
        assert_eq!(at_once.take(message), by_and_by.take(message));
        taken.extend(by_and_by.drain());
    }
    let Some(Update::Whole { records, serial }) = at_once.finish() else { panic!("a zone") };
    assert!(taken.iter().all(|record| record.ttl == 30) && taken.len() > 20);
    assert_eq!(taken, records);
    assert_eq!(by_and_by.finish(), Some(Update::Whole { serial, records: Vec::new() }));
}

proptest! {
    #[test]
    fn changed_answers_do_no_harm(
        changes in vec((0_usize..600, any::<u8>()), 1..5),
        whole in any::<bool>(),
    ) {
        let asked = if whole { Ask::Whole } else { Ask::Since(17) };
        let mut bytes = messages(asked).remove(0);
        for (at, octet) in changes {
            let last = bytes.len() - 1;
            bytes[at.min(last)] = octet;
        }
        let mut receiver = Receiver::new(7, &apex(), asked, 1_000);
        if receiver.take(&bytes) == Ok(true) {
            let update = receiver.finish().unwrap();
            let _ = Replica::default().apply(update);
        }
    }
}
