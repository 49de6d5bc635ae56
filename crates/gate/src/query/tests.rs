//! Queries as clients and attackers send them.

use super::*;

/// `RD`, one question, one additional record.
fn packet(flags: [u8; 2], counts: [u8; 4], rest: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x12, 0x34, flags[0], flags[1]];
    for count in counts {
        bytes.extend([0, count]);
    }
    bytes.extend(rest);
    bytes
}

const QUESTION: &[u8] = b"\x03wWw\x07Example\0\x00\x01\x00\x01";
/// Size 4096, version 0, DO.
const OPT: &[u8] = b"\0\x00\x29\x10\x00\x00\x00\x80\x00\x00\x00";

fn refused(flags: [u8; 2], counts: [u8; 4], rest: &[u8]) -> Unanswerable {
    Query::read(&packet(flags, counts, rest)).unwrap_err()
}

#[test]
fn reads_the_question_with_its_case_and_without() {
    let query = Query::read(&packet([1, 0], [1, 0, 0, 0], QUESTION)).unwrap();
    assert_eq!(query.id, 0x1234);
    assert!(query.rd && !query.cd && query.edns.is_none());
    assert_eq!(query.question.raw, QUESTION);
    assert_eq!(query.question.name, b"\x03www\x07example\0");
    assert_eq!((query.question.qtype, query.question.qclass), (Rtype::A, Class::IN));
    assert_eq!(query.udp_limit(), 512);
}

#[test]
fn reads_edns() {
    let query = Query::read(&packet([1, 0x10], [1, 0, 0, 1], &[QUESTION, OPT].concat())).unwrap();
    assert_eq!(query.edns, Some(Edns { udp_octets: 4096, version: 0, dnssec_ok: true }));
    assert!(query.cd && query.dnssec_ok());
    assert_eq!(query.udp_limit(), 1232);
}

#[test]
fn a_tiny_edns_size_means_512() {
    let tiny = b"\0\x00\x29\x00\x01\x00\x00\x00\x00\x00\x00";
    let query = Query::read(&packet([1, 0], [1, 0, 0, 1], &[QUESTION, tiny].concat())).unwrap();
    assert_eq!(query.udp_limit(), 512);
}

#[test]
fn silence_for_answers_and_for_less_than_a_header() {
    assert_eq!(refused([0x81, 0], [1, 0, 0, 0], QUESTION), Unanswerable::Ignore);
    assert_eq!(Query::read(b"\x12\x34\x01"), Err(Unanswerable::Ignore));
    assert_eq!(Query::read(b""), Err(Unanswerable::Ignore));
}

#[test]
fn other_opcodes_are_not_implemented() {
    assert_eq!(refused([0x28, 0], [1, 0, 0, 0], QUESTION), Unanswerable::Error(Rcode::NOTIMP));
}

#[test]
fn malformed_packets_are_form_errors() {
    let malformed = Unanswerable::Error(Rcode::FORMERR);
    assert_eq!(refused([1, 0], [0, 0, 0, 0], b""), malformed);
    assert_eq!(refused([1, 0], [2, 0, 0, 0], &[QUESTION, QUESTION].concat()), malformed);
    assert_eq!(refused([1, 0], [1, 0, 0, 0], &QUESTION[..QUESTION.len() - 1]), malformed);
    assert_eq!(refused([1, 0], [1, 0, 0, 0], b"\xc0\x0c\x00\x01\x00\x01"), malformed);
    assert_eq!(refused([1, 0], [1, 0, 0, 1], QUESTION), malformed);
    assert_eq!(refused([1, 0], [1, 0, 0, 2], &[QUESTION, OPT, OPT].concat()), malformed);
}

#[test]
fn an_error_answer_is_a_header_and_nothing_else() {
    let answer = header_only(&packet([0x29, 0x70], [1, 2, 3, 4], QUESTION), Rcode::NOTIMP).unwrap();
    assert_eq!(answer, [0x12, 0x34, 0xa9, 0x94, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(header_only(b"short", Rcode::FORMERR), None);
}
