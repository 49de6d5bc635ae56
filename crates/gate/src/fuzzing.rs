//! What a fuzzer holds the gate's packets to: what is sent is a whole DNS
//! message, answers what was asked, and is never longer than the client takes.
//! Never part of a build that we ship.

use domain::base::Message;
use domain::base::iana::{ExtendedErrorCode, Rcode, Rtype};

use crate::compose::{Ede, Reply};
use crate::query::{Edns, HEADER_OCTETS, Query, Question, Unanswerable, header_only};
use crate::relayed::{Caps, Relayed};

const CAPS: Caps = Caps { ttl: 3_600, negative_ttl: 300, trusts_ad: false };

/// A client's packet, and every kind of answer to it.
pub fn query(data: &[u8]) {
    match Query::read(data) {
        Err(Unanswerable::Ignore) => {}
        Err(Unanswerable::Error(rcode)) => {
            let answer = header_only(data, rcode).unwrap_or_default();
            assert_eq!(answer.len(), HEADER_OCTETS);
            check_whole(&answer, u32::MAX);
        }
        Ok(query) => {
            assert_eq!(query.question.name, query.question.name.to_ascii_lowercase());
            assert!(query.question.name.len() <= 255);
            for rcode in [Rcode::NOERROR, Rcode::NXDOMAIN, Rcode::SERVFAIL] {
                check_answer(&query, &blocked(&query, rcode));
            }
            check_whole(&Reply::bad_version(&query), u32::MAX);
        }
    }
}

fn blocked(query: &Query, rcode: Rcode) -> Vec<u8> {
    let mut reply = Reply::new(query, rcode);
    if rcode == Rcode::NOERROR {
        reply.answer(Rtype::A, 10, &[127, 0, 0, 1]);
    } else {
        reply.negative_soa(0, 10, 1);
    }
    let ede = Ede::with_words(ExtendedErrorCode::BLOCKED, "words ".repeat(40));
    reply.finish(query, Some(&ede), query.udp_limit())
}

fn check_answer(query: &Query, answer: &[u8]) {
    let limit = query.udp_limit();
    assert!((512..=1_232).contains(&limit) && answer.len() <= limit, "{}", answer.len());
    let echoed = Question::read(answer);
    assert_eq!(echoed.as_ref().map(|question| &question.raw), Some(&query.question.raw));
    check_whole(answer, u32::MAX);
}

/// An upstream's packet, as the answer to the question that it echoes.
pub fn answer(data: &[u8]) {
    let (Some(question), [high, low, ..]) = (Question::read(data), data) else { return };
    let id = u16::from_be_bytes([*high, *low]);
    let Ok(relayed) = Relayed::read(id, &question, data, CAPS) else { return };
    assert!(relayed.targets.len() <= 32 && relayed.lifetime_seconds <= CAPS.ttl);
    let edns = Some(Edns { udp_octets: 1_232, version: 0, dnssec_ok: true });
    for (limit, edns) in [(512, None), (1_232, edns), (usize::from(u16::MAX), None)] {
        let (options, cookie, own) = (Box::default(), None, question.clone());
        let is_probe = false;
        let query = Query {
            is_probe,
            asked_by: None,
            pads: false,
            id: !id,
            rd: true,
            cd: false,
            ad: true,
            question: own,
            edns,
            options,
            cookie,
        };
        for age_seconds in [0, 7, u32::MAX] {
            let reply = relayed.reply(&query, age_seconds, None, limit);
            assert!(reply.len() <= limit, "{} of {limit}", reply.len());
            check_whole(&reply, CAPS.ttl.saturating_sub(age_seconds));
        }
        if limit == usize::from(u16::MAX) {
            check_same(&relayed, !id, &question, &relayed.reply(&query, 0, None, limit));
        }
    }
}

/// What was relayed reads as the same answer.
fn check_same(relayed: &Relayed, id: u16, question: &Question, reply: &[u8]) {
    let again = Relayed::read(id, question, reply, CAPS);
    let again = again.map(|again| (again.targets.clone(), again.rcode()));
    assert_eq!(again, Ok((relayed.targets.clone(), relayed.rcode())));
}

/// Every record can be read, none is left over, and no TTL is above `ttl_max`.
fn check_whole(bytes: &[u8], ttl_max: u32) {
    let message = Message::from_slice(bytes);
    assert!(message.is_ok(), "shorter than a header");
    let Ok(message) = message else { return };
    assert!(message.header().qr() && !message.header().aa() && !message.header().ad());
    let mut end = HEADER_OCTETS;
    if message.header_counts().qdcount() > 0 {
        let question = Question::read(bytes);
        end += question.map_or(0, |question| question.raw.len());
    }
    let mut section = message.answer().ok();
    while let Some(mut records) = section {
        for record in records.by_ref() {
            assert!(record.is_ok(), "a record that can't be read");
            let Ok(record) = record else { return };
            let ttl = record.ttl().as_secs();
            assert!(record.rtype() == Rtype::OPT || ttl <= ttl_max, "a TTL of {ttl}");
        }
        end = records.pos();
        section = records.next_section().ok().flatten();
    }
    assert_eq!(end, bytes.len(), "octets behind the last record");
}

#[cfg(test)]
mod tests {
    #[test]
    fn queries_hold_under_changes() {
        belfry_testbed::fuzz::smoke("dns-query", 20_000, super::query);
    }

    #[test]
    fn answers_hold_under_changes() {
        belfry_testbed::fuzz::smoke("dns-answer", 20_000, super::answer);
    }
}
