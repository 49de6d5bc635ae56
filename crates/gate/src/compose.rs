//! Answers in octets: header, the client's own question, records, OPT. Every
//! answer of the gate is finished here, so that the rules that hold for all of
//! them (no OPT unless asked, no AA, no AD, never longer than the client takes)
//! have one place.

use domain::base::iana::{Class, ExtendedErrorCode, OptionCode, Rcode, Rtype};
use domain::base::{Header, HeaderCounts};

use crate::query::{HEADER_OCTETS, Query, UDP_OCTETS_MAX};

/// A compression pointer to the question's name.
const TO_QUESTION: u16 = 0xc000 | 12;
/// The extended code of an unknown EDNS version (RFC 6891 section 6.1.3).
const BADVERS_HIGH: u8 = 1;

/// An extended DNS error (RFC 8914): sent only to clients that speak EDNS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ede {
    /// Its code.
    pub(crate) code: ExtendedErrorCode,
    /// A few words for people; left out where the answer would get too long.
    pub(crate) text: String,
    /// What to say instead where there is less room, the longest first.
    pub(crate) shorter: Vec<String>,
}

impl Ede {
    /// An error without words.
    pub(crate) fn new(code: ExtendedErrorCode) -> Self {
        Self { code, text: String::new(), shorter: Vec::new() }
    }

    /// An error with words.
    pub(crate) fn with_words(code: ExtendedErrorCode, text: impl Into<String>) -> Self {
        Self { code, text: text.into(), shorter: Vec::new() }
    }

    /// The option, with the most words that leave the record within `room`.
    fn push(&self, options: &mut Vec<u8>, room: usize) {
        let room = room.saturating_sub(OPT_OCTETS + options.len());
        let texts = std::iter::once(&self.text).chain(&self.shorter).map(String::as_str);
        let Some(words) = texts.chain([""]).find(|text| 6 + text.len() <= room) else { return };
        let length = u16::try_from(2 + words.len()).expect("an error has a few words");
        options.extend(OptionCode::EXTENDED_ERROR.to_int().to_be_bytes());
        options.extend(length.to_be_bytes());
        options.extend(self.code.to_int().to_be_bytes());
        options.extend_from_slice(words.as_bytes());
    }
}

/// An answer being written.
#[derive(Debug)]
pub(crate) struct Reply {
    bytes: Vec<u8>,
    counts: HeaderCounts,
}

impl Reply {
    /// Header and question, echoed letter for letter.
    pub(crate) fn new(query: &Query, rcode: Rcode) -> Self {
        let mut bytes = vec![0; HEADER_OCTETS];
        bytes.extend_from_slice(&query.question.raw);
        let mut counts = HeaderCounts::new();
        counts.set_qdcount(1);
        let mut reply = Self { bytes, counts };
        reply.head(query, rcode);
        reply
    }

    /// A whole message whose question has the length of the client's own, to be
    /// sent on: its header and question become the client's.
    pub(crate) fn relay(query: &Query, message: &[u8]) -> Self {
        let mut bytes = message.to_vec();
        let rcode = Header::for_message_slice(&bytes).rcode();
        let counts = *HeaderCounts::for_message_slice(&bytes);
        let question = &query.question.raw;
        bytes[HEADER_OCTETS..HEADER_OCTETS + question.len()].copy_from_slice(question);
        let mut reply = Self { bytes, counts };
        reply.head(query, rcode);
        reply
    }

    fn head(&mut self, query: &Query, rcode: Rcode) {
        self.bytes[..HEADER_OCTETS].fill(0);
        let header = Header::for_message_slice_mut(&mut self.bytes);
        header.set_id(query.id);
        header.set_qr(true);
        header.set_rd(query.rd);
        header.set_ra(true);
        header.set_cd(query.cd);
        header.set_rcode(rcode);
    }

    /// The octets so far, for changes in place.
    pub(crate) fn octets_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    /// A record of the question's name in the answer section.
    pub(crate) fn answer(&mut self, rtype: Rtype, ttl: u32, data: &[u8]) {
        self.record(TO_QUESTION, rtype, ttl, data);
        self.counts.set_ancount(self.counts.ancount() + 1);
    }

    /// The SOA that says how long "no" holds, of the zone that starts at `zone_at`
    /// in the question's name.
    pub(crate) fn negative_soa(&mut self, zone_at: usize, ttl: u32, serial: u32) {
        const MNAME: &[u8] = b"\x06belfry\x07invalid\0";
        const RNAME: &[u8] = b"\x06nobody\x07invalid\0";
        const TIMES: [u32; 3] = [3_600, 600, 86_400];
        let mut data = [MNAME, RNAME, &serial.to_be_bytes()].concat();
        data.extend(TIMES.iter().chain([&ttl]).flat_map(|number| number.to_be_bytes()));
        let zone_at = u16::try_from(zone_at).expect("a name has at most 255 octets");
        self.record(TO_QUESTION + zone_at, Rtype::SOA, ttl, &data);
        self.counts.set_nscount(self.counts.nscount() + 1);
    }

    /// A record of any name in the authority section.
    pub(crate) fn authority(&mut self, owner: &[u8], rtype: Rtype, ttl: u32, data: &[u8]) {
        self.bytes.extend_from_slice(owner);
        self.record_after_owner(rtype, ttl, data);
        self.counts.set_nscount(self.counts.nscount() + 1);
    }

    /// A record of any name in the answer section.
    pub(crate) fn answer_of(&mut self, owner: &[u8], rtype: Rtype, ttl: u32, data: &[u8]) {
        self.bytes.extend_from_slice(owner);
        self.record_after_owner(rtype, ttl, data);
        self.counts.set_ancount(self.counts.ancount() + 1);
    }

    /// Says that an upstream that is trusted has found all of it authentic.
    pub(crate) fn authentic(&mut self) {
        Header::for_message_slice_mut(&mut self.bytes).set_ad(true);
    }

    /// Says that the answer is longer than can be sent this way.
    pub(crate) fn truncated(&mut self) {
        Header::for_message_slice_mut(&mut self.bytes).set_tc(true);
    }

    fn record(&mut self, owner: u16, rtype: Rtype, ttl: u32, data: &[u8]) {
        self.bytes.extend(owner.to_be_bytes());
        self.record_after_owner(rtype, ttl, data);
    }

    fn record_after_owner(&mut self, rtype: Rtype, ttl: u32, data: &[u8]) {
        let length = u16::try_from(data.len()).expect("the gate writes short records only");
        self.bytes.extend(rtype.to_int().to_be_bytes());
        self.bytes.extend(Class::IN.to_int().to_be_bytes());
        self.bytes.extend(ttl.to_be_bytes());
        self.bytes.extend(length.to_be_bytes());
        self.bytes.extend_from_slice(data);
    }

    /// Leaves the additional section out, which starts at `at` (RFC 2181 section 9).
    pub(crate) fn drop_additional(&mut self, at: usize) {
        self.bytes.truncate(at);
        self.counts.set_arcount(0);
    }

    /// Whether it fits, with the shortest OPT that the query asks for.
    pub(crate) fn fits(&self, query: &Query, limit: usize) -> bool {
        self.bytes.len() + query.edns.map_or(0, |_| OPT_OCTETS) <= limit
    }

    /// The finished answer, at most `limit` octets: records give way to TC, then
    /// the words of the error.
    pub(crate) fn finish(mut self, query: &Query, ede: Option<&Ede>, limit: usize) -> Vec<u8> {
        if !self.fits(query, limit) {
            self.bytes.truncate(HEADER_OCTETS + query.question.raw.len());
            self.counts = HeaderCounts::new();
            self.counts.set_qdcount(1);
            Header::for_message_slice_mut(&mut self.bytes).set_tc(true);
        }
        if query.edns.is_some() {
            let room = limit.saturating_sub(self.bytes.len());
            let mut options = options(query, ede, room);
            if query.pads {
                pad(&mut options, self.bytes.len(), ANSWER_BLOCK_OCTETS, room);
            }
            push_opt(&mut self.bytes, 0, query.dnssec_ok(), &options);
            self.counts.set_arcount(self.counts.arcount() + 1);
        }
        HeaderCounts::for_message_slice_mut(&mut self.bytes).set(self.counts);
        self.bytes
    }

    /// The answer to an EDNS version that nobody speaks yet.
    pub(crate) fn bad_version(query: &Query) -> Vec<u8> {
        let mut reply = Self::new(query, Rcode::NOERROR);
        push_opt(&mut reply.bytes, BADVERS_HIGH, query.dnssec_ok(), &[]);
        reply.counts.set_arcount(1);
        HeaderCounts::for_message_slice_mut(&mut reply.bytes).set(reply.counts);
        reply.bytes
    }
}

/// What lengths are padded to a multiple of (RFC 8467 section 4.1).
const ANSWER_BLOCK_OCTETS: usize = 468;
const QUESTION_BLOCK_OCTETS: usize = 128;
/// An OPT record without options.
const OPT_OCTETS: usize = 11;
/// An option without data.
const OPTION_OCTETS: usize = 4;

/// The options of an answer, for an OPT record of at most `room` octets: the cookie
/// first, since a client asks again without it.
fn options(query: &Query, ede: Option<&Ede>, room: usize) -> Vec<u8> {
    let mut options = Vec::new();
    if let Some(cookie) = query.cookie.as_ref().filter(|it| OPT_OCTETS + 4 + it.len() <= room) {
        let length = u16::try_from(cookie.len()).expect("a cookie has at most 40 octets");
        options.extend(OptionCode::COOKIE.to_int().to_be_bytes());
        options.extend(length.to_be_bytes());
        options.extend_from_slice(cookie);
    }
    if let Some(ede) = ede {
        ede.push(&mut options, room);
    }
    options
}

/// Padding behind the other options, so that a message of `before` octets and its OPT
/// record, of at most `room`, come to a multiple of `block` (RFC 7830).
fn pad(options: &mut Vec<u8>, before: usize, block: usize, room: usize) {
    let least = OPT_OCTETS + options.len() + OPTION_OCTETS;
    let Some(most) = room.checked_sub(least) else { return };
    let padding = ((before + least).next_multiple_of(block) - before - least).min(most);
    let length = u16::try_from(padding).expect("padding is shorter than its block");
    options.extend(OptionCode::PADDING.to_int().to_be_bytes());
    options.extend(length.to_be_bytes());
    options.resize(options.len() + padding, 0);
}

/// An OPT record with these options.
fn push_opt(bytes: &mut Vec<u8>, high_rcode: u8, dnssec_ok: bool, options: &[u8]) {
    let length = u16::try_from(options.len()).expect("options fit the message");
    bytes.push(0);
    bytes.extend(Rtype::OPT.to_int().to_be_bytes());
    bytes.extend(UDP_OCTETS_MAX.to_be_bytes());
    bytes.extend([high_rcode, 0, if dnssec_ok { 0x80 } else { 0 }, 0]);
    bytes.extend(length.to_be_bytes());
    bytes.extend_from_slice(options);
}

/// The question that goes upstream: our own id, the client's name, DO, CD and AD, none
/// of its options, and these of ours; padded where its length is all that can be seen.
pub(crate) fn ask(query: &Query, id: u16, options: &[u8], padded: bool) -> Vec<u8> {
    let mut bytes = vec![0; HEADER_OCTETS];
    bytes.extend_from_slice(&query.question.raw);
    let mut options = options.to_vec();
    if padded {
        pad(&mut options, bytes.len(), QUESTION_BLOCK_OCTETS, usize::MAX);
    }
    push_opt(&mut bytes, 0, query.dnssec_ok(), &options);
    let mut counts = HeaderCounts::new();
    counts.set_qdcount(1);
    counts.set_arcount(1);
    HeaderCounts::for_message_slice_mut(&mut bytes).set(counts);
    let header = Header::for_message_slice_mut(&mut bytes);
    header.set_id(id);
    header.set_rd(true);
    header.set_cd(query.cd);
    // That we understand AD; whether it is passed on depends on the way it came.
    header.set_ad(true);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `www.example` A, with an OPT record and its padding option.
    const QUERY: &[u8] = b"\0\0\x01\0\0\x01\0\0\0\0\0\x01\x03www\x07example\0\0\x01\0\x01\
        \0\0\x29\x04\xd0\0\0\0\0\0\x04\0\x0c\0\0";

    fn padded() -> Query {
        Query { pads: true, ..Query::read(QUERY).unwrap() }
    }

    #[test]
    fn answers_are_padded_to_whole_blocks_and_never_past_the_limit() {
        let length = |records: usize, limit: usize, ede: Option<&Ede>| {
            let mut reply = Reply::new(&padded(), Rcode::NOERROR);
            (0..records).for_each(|_| reply.answer(Rtype::A, 60, &[192, 0, 2, 1]));
            let bytes = reply.finish(&padded(), ede, limit);
            let query = Query::read(&[&bytes[..2], &[0], &bytes[3..]].concat()).unwrap();
            assert!(query.option(OptionCode::PADDING.to_int()).is_some(), "{bytes:?}");
            assert_eq!(query.option(15).is_some(), ede.is_some());
            bytes.len()
        };
        for records in 0..80 {
            let plain = 29 + 16 * records + 11 + 4;
            assert_eq!(length(records, 65_535, None), plain.next_multiple_of(468));
        }
        let ede = Ede::with_words(ExtendedErrorCode::BLOCKED, "phishing");
        assert_eq!(length(1, 65_535, Some(&ede)), 468);
        assert_eq!(length(1, 400, Some(&ede)), 400);
    }

    #[test]
    fn a_question_is_padded_only_inside_tls() {
        assert_eq!(ask(&padded(), 7, &[], true).len(), 128);
        assert_eq!(ask(&padded(), 7, &[0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8], true).len(), 128);
        assert_eq!(ask(&padded(), 7, &[], false).len(), 29 + 11);
    }

    #[test]
    fn nobody_gets_padding_who_has_not_asked() {
        let query = Query { pads: false, ..padded() };
        assert_eq!(Reply::new(&query, Rcode::NOERROR).finish(&query, None, 512).len(), 29 + 11);
    }
}
