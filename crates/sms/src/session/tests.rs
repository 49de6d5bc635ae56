//! Tests of a session: what goes on, what is answered, in which order.

use super::*;
use crate::OnMatch;
use crate::live::tests::{FRAUD, filter};
use crate::pdu::tests::submit;

fn session(on_match: OnMatch) -> Session {
    Session::new(filter(on_match), 4)
}

fn now() -> Instant {
    Instant::now()
}

fn message_of(text: &str, sequence: u32) -> Vec<u8> {
    submit(SUBMIT_SM, sequence, 0, 3, text.as_bytes(), &[])
}

/// Commands, statuses and sequence numbers in these octets.
fn heads(mut octets: &[u8]) -> Vec<(u32, u32, u32)> {
    let mut all = Vec::new();
    while let Some(head) = header(octets) {
        all.push((head.command, head.status, head.sequence));
        octets = &octets[head.length..];
    }
    all
}

#[test]
fn honest_messages_go_on_octet_for_octet_however_they_are_cut() {
    let mut session = session(OnMatch::Reject);
    let all = [message_of("Tot straks!", 1), message_of("Ik ben er om vijf uur", 2)].concat();
    for octet in &all {
        session.receive(Side::Peer, &[*octet], now()).unwrap();
    }
    assert_eq!(session.to_smsc, all);
    assert!(session.to_peer.is_empty());
}

#[test]
fn what_matches_is_answered_and_goes_nowhere() {
    let fraud = message_of(FRAUD, 7);
    let mut rejecting = session(OnMatch::Reject);
    rejecting.receive(Side::Peer, &fraud, now()).unwrap();
    assert!(rejecting.to_smsc.is_empty());
    assert_eq!(heads(&rejecting.to_peer), [(SUBMIT_SM | RESPONSE, RSUBMITFAIL, 7)]);
    let mut dropping = session(OnMatch::Drop);
    dropping.receive(Side::Peer, &fraud, now()).unwrap();
    assert_eq!(heads(&dropping.to_peer), [(SUBMIT_SM | RESPONSE, ROK, 7)]);
    let mut counting = session(OnMatch::Count);
    counting.receive(Side::Peer, &fraud, now()).unwrap();
    assert_eq!(counting.to_smsc, fraud);
}

#[test]
fn what_the_smsc_delivers_is_filtered_too_but_receipts_are_not() {
    let mut session = session(OnMatch::Reject);
    let deliver = |class| submit(DELIVER_SM, 3, class, 3, FRAUD.as_bytes(), &[]);
    session.receive(Side::Smsc, &deliver(0x04), now()).unwrap();
    assert_eq!(session.to_peer, deliver(0x04));
    session.receive(Side::Smsc, &deliver(0), now()).unwrap();
    assert_eq!(heads(&session.to_smsc), [(DELIVER_SM | RESPONSE, RX_R_APPN, 3)]);
}

#[test]
fn a_longer_message_is_refused_from_the_part_on_that_tells() {
    let mut session = session(OnMatch::Reject);
    let (first, second) = FRAUD.split_at(20);
    let part = |number: u8, text: &str, sequence| {
        let with = [&[5, 0, 3, 9, 3, number], text.as_bytes()].concat();
        submit(SUBMIT_SM, sequence, 0x40, 3, &with, &[])
    };
    session.receive(Side::Peer, &part(1, first, 1), now()).unwrap();
    session.receive(Side::Peer, &part(2, second, 2), now()).unwrap();
    session.receive(Side::Peer, &part(3, " groeten", 3), now()).unwrap();
    assert_eq!(heads(&session.to_smsc), [(SUBMIT_SM, 0, 1)]);
    let refused = |sequence| (SUBMIT_SM | RESPONSE, RSUBMITFAIL, sequence);
    assert_eq!(heads(&session.to_peer), [refused(2), refused(3)]);
}

#[test]
fn a_window_that_is_full_throttles() {
    let mut session = session(OnMatch::Reject);
    for sequence in 1..=5 {
        session.receive(Side::Peer, &message_of("Tot straks!", sequence), now()).unwrap();
    }
    assert_eq!(heads(&session.to_peer), [(SUBMIT_SM | RESPONSE, RTHROTTLED, 5)]);
    let mut answer = Vec::new();
    respond(&Header { length: 16, command: SUBMIT_SM, status: 0, sequence: 1 }, ROK, &mut answer);
    session.receive(Side::Smsc, &answer, now()).unwrap();
    session.receive(Side::Peer, &message_of("Tot straks!", 6), now()).unwrap();
    assert_eq!(heads(&session.to_smsc).len(), 5);
}

#[test]
fn unlawful_lengths_end_the_connection_and_unknown_pdus_pass() {
    let mut session = session(OnMatch::Reject);
    let enquire = [&16u32.to_be_bytes()[..], &[0, 0, 0, 0x15, 0, 0, 0, 0, 0, 0, 0, 9]].concat();
    session.receive(Side::Peer, &enquire, now()).unwrap();
    assert_eq!(session.to_smsc, enquire);
    for length in [0u32, 15, u32::MAX] {
        let lie = [&length.to_be_bytes()[..], &[0; 12]].concat();
        assert_eq!(session.receive(Side::Smsc, &lie, now()), Err(Broken::Length));
    }
}
