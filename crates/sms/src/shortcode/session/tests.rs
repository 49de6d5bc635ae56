//! Binds, messages whole and in parts, and what an SMSC must not do.

use std::time::Duration;

use super::*;
use crate::pdu::tests::submit;

fn settings() -> ShortCodeSettings {
    ShortCodeSettings {
        smsc: crate::Smsc::plain("127.0.0.1:2775"),
        code: "8450".to_owned(),
        account: "belfry".to_owned(),
        password: "secret".to_owned(),
        thanks: None,
    }
}

fn answer_to(command: u32, status: u32, sequence: u32) -> Vec<u8> {
    let mut pdu = Vec::new();
    for word in [16, command | RESPONSE, status, sequence] {
        pdu.extend_from_slice(&word.to_be_bytes());
    }
    pdu
}

/// A session that the SMSC has bound, with nothing more to send.
fn bound() -> Session {
    let mut session = Session::bind(&settings()).unwrap();
    session.out.clear();
    let events = session.receive(&answer_to(BIND_TRANSCEIVER, ROK, 1), Instant::now()).unwrap();
    assert!(matches!(events[..], [Event::Bound]));
    session
}

fn texts(session: &mut Session, octets: &[u8], now: Instant) -> Vec<Forwarded> {
    let events = session.receive(octets, now).unwrap();
    events
        .into_iter()
        .map(|event| match event {
            Event::Text(forwarded) => forwarded,
            other => panic!("{other:?} is no text"),
        })
        .collect()
}

/// Command, status and number of each PDU that is to be sent.
fn sent(session: &mut Session) -> Vec<(u32, u32, u32)> {
    let (mut all, mut at) = (Vec::new(), 0);
    while let Some(head) = header(&session.out[at..]) {
        all.push((head.command, head.status, head.sequence));
        at += head.length;
    }
    session.out.clear();
    all
}

#[test]
fn it_binds_by_its_account_and_a_refusal_is_said() {
    let session = Session::bind(&settings()).unwrap();
    let head = header(&session.out).unwrap();
    assert_eq!(
        (head.command, head.length, head.sequence),
        (BIND_TRANSCEIVER, session.out.len(), 1)
    );
    assert_eq!(session.out[16..], *b"belfry\0secret\0\0\x34\0\0\0");
    let mut session = session;
    let events = session.receive(&answer_to(BIND_TRANSCEIVER, 0x0E, 1), Instant::now()).unwrap();
    assert!(matches!(events[..], [Event::Refused(0x0E)]) && !session.is_bound());
    let long = ShortCodeSettings { password: "ninechars".to_owned(), ..settings() };
    assert!(Session::bind(&long).is_err());
}

#[test]
fn a_message_is_acknowledged_once_it_was_taken() {
    let mut session = bound();
    let pdu = submit(DELIVER_SM, 7, 0, 0, b"Pay now", &[]);
    let forwarded = texts(&mut session, &pdu, Instant::now()).remove(0);
    assert_eq!(forwarded.text, "Pay now");
    assert_eq!(forwarded.customer.number, b"32470000001");
    assert!(session.out.is_empty(), "not before");
    for (not_taken, status) in
        [(None, ROK), (Some(NotTaken::Later), RX_T_APPN), (Some(NotTaken::Never), RX_R_APPN)]
    {
        session.answer(&forwarded, not_taken);
        assert_eq!(sent(&mut session), [(DELIVER_SM | RESPONSE, status, 7)]);
    }
}

#[test]
fn parts_in_any_order_and_one_twice_are_one_message() {
    let mut session = bound();
    let part = |sequence, number: u8, text: &[u8]| {
        let header = [5, 0, 3, 9, 2, number];
        submit(DELIVER_SM, sequence, 0x40, 0, &[&header, text].concat(), &[])
    };
    let now = Instant::now();
    assert!(texts(&mut session, &part(1, 2, b"world"), now).is_empty());
    assert!(texts(&mut session, &part(2, 2, b"world"), now).is_empty());
    assert_eq!(sent(&mut session).len(), 2);
    let whole = texts(&mut session, &part(3, 1, b"hello "), now);
    assert_eq!(whole[0].text, "hello world");
    assert!(session.out.is_empty());
    // A minute later the same reference is another message.
    assert!(texts(&mut session, &part(4, 1, b"one"), now).is_empty());
    let late = now + Duration::from_secs(61);
    assert!(texts(&mut session, &part(5, 2, b"two"), late).is_empty());
}

#[test]
fn what_holds_no_text_is_refused_and_receipts_are_taken_note_of() {
    let mut session = bound();
    let binary = submit(DELIVER_SM, 3, 0, 4, b"\x01\x02", &[]);
    let events = session.receive(&binary, Instant::now()).unwrap();
    assert!(matches!(events[..], [Event::NoText]));
    let receipt = submit(DELIVER_SM, 4, 0x04, 0, b"id:1 stat:DELIVRD", &[]);
    assert!(session.receive(&receipt, Instant::now()).unwrap().is_empty());
    let expected = [(DELIVER_SM | RESPONSE, RX_R_APPN, 3), (DELIVER_SM | RESPONSE, ROK, 4)];
    assert_eq!(sent(&mut session), expected);
}

#[test]
fn thanks_go_to_whom_the_message_came_from() {
    let mut session = bound();
    let customer = Customer { ton: 1, npi: 1, number: b"32470000001".to_vec() };
    session.submit("8450", &customer, b"Thank you");
    let head = header(&session.out).unwrap();
    assert_eq!((head.command, head.sequence, head.length), (SUBMIT_SM, 2, session.out.len()));
    let read = message(SUBMIT_SM, &session.out).unwrap();
    assert_eq!((read.source, read.destination), (&b"8450"[..], &b"32470000001"[..]));
    assert_eq!((read.coding, read.text), (0, &b"Thank you"[..]));
    session.out.clear();
    session.submit("8450", &Customer { number: vec![b'1'; 21], ..customer }, b"x");
    assert!(session.out.is_empty());
}

#[test]
fn it_answers_enquiries_and_asks_its_own() {
    let mut session = bound();
    let enquiry = {
        let mut pdu = answer_to(ENQUIRE_LINK, ROK, 5);
        pdu[4] = 0;
        pdu
    };
    assert!(session.receive(&enquiry, Instant::now()).unwrap().is_empty());
    session.enquire();
    assert_eq!(sent(&mut session), [(ENQUIRE_LINK | RESPONSE, ROK, 5), (ENQUIRE_LINK, ROK, 2)]);
}

#[test]
fn an_smsc_that_misbehaves_ends_the_connection() {
    let now = Instant::now();
    let pdu = |length: u32, command: u32| [length, command, 0, 1].map(u32::to_be_bytes).concat();
    assert!(bound().receive(&pdu(15, DELIVER_SM), now).is_err());
    assert!(bound().receive(&pdu(1 << 30, DELIVER_SM), now).is_err());
    assert!(bound().receive(&pdu(16, UNBIND), now).is_err());
    assert!(bound().receive(&pdu(16, BIND_TRANSCEIVER), now).is_err());
    // Before the bind was taken nothing is a message.
    let mut session = Session::bind(&settings()).unwrap();
    assert!(session.receive(&submit(DELIVER_SM, 1, 0, 0, b"hi", &[]), now).is_err());
    // Octet for octet is as good as at once.
    let mut session = bound();
    let pdu = submit(DELIVER_SM, 1, 0, 0, b"hi", &[]);
    let found: usize = pdu.iter().map(|octet| texts(&mut session, &[*octet], now).len()).sum();
    assert_eq!(found, 1);
}
