//! NOTIFY (RFC 1996): tells a secondary that a zone has changed, and reads its word
//! that it has heard; and the other way round, for a secondary that is told.

use belfry_indicator::Domain;

use crate::record::{RecordSettings, push_soa};
use crate::tsig::{Key, TsigError, refuse};
use crate::wire::{HEADER, Header, NOTIFY, Request, kind, rcode, reply_header};

/// A NOTIFY for `apex` at this serial, signed by `key` if there is one.
pub fn notify(
    id: u16,
    apex: &Domain,
    settings: &RecordSettings,
    soa: u32,
    key: Option<&Key>,
    now_seconds: u64,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    out.extend_from_slice(&id.to_be_bytes());
    // NOTIFY, authoritative; one question, one answer.
    out.extend_from_slice(&[NOTIFY << 3 | 0x04, 0, 0, 1, 0, 1, 0, 0, 0, 0]);
    out.extend_from_slice(&apex.to_wire());
    out.extend_from_slice(&kind::SOA.to_be_bytes());
    out.extend_from_slice(&1_u16.to_be_bytes());
    push_soa(&mut out, settings, soa);
    if let Some(key) = key {
        let _ = key.sign_request(&mut out, now_seconds);
    }
    out
}

/// Whether these octets say that the NOTIFY with this id was heard; `None` where they are no
/// answer to it.
pub fn heard(bytes: &[u8], id: u16) -> Option<bool> {
    let header = Header::read(bytes).ok()?;
    let ours = header.response && header.opcode == NOTIFY && header.id == id;
    ours.then_some(header.rcode == rcode::NOERROR)
}

/// What a secondary makes of a NOTIFY.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heeded {
    /// The zone on the wire, where it can be read.
    pub apex: Vec<u8>,
    /// Whether it counts, or why it does not.
    pub taken: Result<(), &'static str>,
    /// What goes back.
    pub reply: Vec<u8>,
}

/// Whether these octets are a NOTIFY, whatever else is in them.
pub fn is_notify(bytes: &[u8]) -> bool {
    bytes.len() >= HEADER && bytes[2] & 0x80 == 0 && bytes[2] >> 3 & 0x0F == NOTIFY
}

/// Reads a NOTIFY. `known` says of a zone whether it is followed from whom this came, and by
/// which key. The serial that it names is not believed: it only says that it is time to look.
pub fn heed<'k>(
    bytes: &[u8],
    known: impl FnOnce(&[u8]) -> Option<Option<&'k Key>>,
    now_seconds: u64,
) -> Heeded {
    let request = match Request::read(bytes) {
        Ok(request) => request,
        Err(malformed) => {
            let reply = reply_header(bytes, rcode::FORMERR);
            return Heeded { apex: Vec::new(), taken: Err(malformed.0), reply };
        }
    };
    let apex = request.question.name.clone();
    let refused = |why, reply| Heeded { apex: apex.clone(), taken: Err(why), reply };
    let Some(key) = known(&request.question.name) else {
        let reply = request.reply(bytes, rcode::REFUSED);
        return refused("not a zone that is followed from there", reply);
    };
    let verified = match key {
        None if request.signature.is_none() => {
            let reply = request.reply(bytes, rcode::NOERROR);
            return Heeded { apex, taken: Ok(()), reply };
        }
        None => Err(TsigError::BadKey),
        Some(key) => key.verify_request(bytes, &request, now_seconds),
    };
    match verified {
        Ok(mut signer) => {
            let mut reply = request.reply(bytes, rcode::NOERROR);
            signer.sign(&mut reply, now_seconds);
            Heeded { apex, taken: Ok(()), reply }
        }
        Err(TsigError::Missing) if request.signature.is_none() => {
            refused("it is not signed", request.reply(bytes, rcode::REFUSED))
        }
        Err(why) => {
            let words = match why {
                TsigError::Missing => "its signature can't be read",
                TsigError::BadKey => "it is signed by another key",
                TsigError::BadSignature => "its signature is wrong",
                TsigError::BadTime => "the clocks differ too much, or it is old",
            };
            refused(words, refuse(bytes, &request, key, why, now_seconds))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::BlockAnswer;
    use crate::tsig::Algorithm;
    use crate::wire::{Reader, soa_serial};

    fn told(key: Option<&Key>) -> Vec<u8> {
        let apex = Domain::parse("phishing.rpz.test").unwrap();
        let settings = RecordSettings {
            origin: Domain::parse("rpz.test").unwrap(),
            block: BlockAnswer::NxDomain,
            ttl_seconds: 30,
            refresh_seconds: 60,
        };
        notify(7, &apex, &settings, 42, key, 1_000)
    }

    #[test]
    fn only_a_notify_of_a_known_zone_with_its_key_counts() {
        let key = |secret| Key::new(b"\x03isp\0".to_vec(), Algorithm::Sha256, vec![secret; 32]);
        let (right, wrong) = (key(7), key(8));
        let other = Key::new(b"\x05other\0".to_vec(), Algorithm::Sha256, vec![7; 32]);
        let check = |sent: Option<&Key>, known: Option<Option<&Key>>, now, code, taken| {
            let message = told(sent);
            assert!(is_notify(&message));
            let heeded = heed(&message, |_| known, now);
            assert_eq!(heeded.taken, taken);
            assert_eq!(heeded.apex, b"\x08phishing\x03rpz\x04test\0");
            let header = Header::read(&heeded.reply).unwrap();
            assert_eq!((header.id, header.response, header.opcode), (7, true, NOTIFY));
            assert_eq!(header.rcode, code, "{taken:?}");
            assert_eq!(heard(&heeded.reply, 7), Some(taken.is_ok()));
        };
        check(None, Some(None), 1_000, 0, Ok(()));
        check(Some(&right), Some(Some(&right)), 1_000, 0, Ok(()));
        let stranger = Err("not a zone that is followed from there");
        check(None, None, 1_000, rcode::REFUSED, stranger);
        check(Some(&right), None, 1_000, rcode::REFUSED, stranger);
        check(None, Some(Some(&right)), 1_000, rcode::REFUSED, Err("it is not signed"));
        let another = Err("it is signed by another key");
        check(Some(&right), Some(None), 1_000, rcode::NOTAUTH, another);
        check(Some(&other), Some(Some(&right)), 1_000, rcode::NOTAUTH, another);
        let bad = Err("its signature is wrong");
        check(Some(&wrong), Some(Some(&right)), 1_000, rcode::NOTAUTH, bad);
        let old = Err("the clocks differ too much, or it is old");
        check(Some(&right), Some(Some(&right)), 2_000, rcode::NOTAUTH, old);
    }

    #[test]
    fn what_is_no_notify_is_not_heeded() {
        let mut message = told(None);
        for cut in 12..message.len() {
            let heeded = heed(&message[..cut], |_| Some(None), 1_000);
            assert!(heeded.taken.is_err(), "{cut}");
            assert_eq!(heeded.reply[3], rcode::FORMERR);
        }
        assert!(!is_notify(&message[..11]));
        message[2] |= 0x80;
        assert!(!is_notify(&message), "an answer to one");
        message[2] = 0;
        assert!(!is_notify(&message), "a query");
    }

    #[test]
    fn a_notify_names_zone_and_serial_and_only_its_answer_counts() {
        let apex = Domain::parse("phishing.rpz.test").unwrap();
        let origin = Domain::parse("rpz.test").unwrap();
        let settings = RecordSettings {
            origin,
            block: BlockAnswer::NxDomain,
            ttl_seconds: 30,
            refresh_seconds: 60,
        };
        let message = notify(7, &apex, &settings, 42, None, 1);
        let mut reader = Reader::after_header(&message);
        assert_eq!(reader.question().unwrap().name, apex.to_wire());
        let record = reader.record().unwrap();
        assert_eq!(soa_serial(&message, &record), Ok(42));
        assert_eq!(heard(&message, 7), None);
        let mut reply = message;
        reply[2] |= 0x80;
        assert_eq!(heard(&reply, 7), Some(true));
        assert_eq!(heard(&reply, 8), None);
        reply[3] = rcode::REFUSED;
        assert_eq!(heard(&reply, 7), Some(false));
        assert_eq!(heard(&[0; 5], 7), None);
    }
}
