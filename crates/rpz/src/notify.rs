//! NOTIFY (RFC 1996): tells a secondary that a zone has changed, and reads its word
//! that it has heard.

use belfry_indicator::Domain;

use crate::record::{RecordSettings, push_soa};
use crate::tsig::Key;
use crate::wire::{Header, NOTIFY, kind, rcode};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::BlockAnswer;
    use crate::wire::{Reader, soa_serial};

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
