//! A client's query, read from its octets. Every octet is hostile: nothing here
//! panics, and nothing is allocated by a length that a packet merely claims.
//! Decides nothing but whether there is one question to answer.

use std::net::IpAddr;
use std::time::Instant;

use domain::base::iana::{Class, Opcode, Rcode, Rtype};
use domain::base::{Header, HeaderCounts, Message};

use crate::name::end_of_name;

/// Octets of the fixed header.
pub(crate) const HEADER_OCTETS: usize = 12;
/// The longest query that is read: room for every option that clients send.
pub(crate) const QUERY_OCTETS_MAX: usize = 4_096;
/// What a client without EDNS takes over UDP (RFC 1035 section 4.2.1).
const PLAIN_UDP_OCTETS: u16 = 512;
/// What we send at most over UDP, whatever a client offers: no fragments.
pub(crate) const UDP_OCTETS_MAX: u16 = 1_232;

/// One question, as asked and as looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    /// Name, type and class as they came, with the client's letter case.
    pub(crate) raw: Vec<u8>,
    /// The name in wire form and lower case.
    pub(crate) name: Vec<u8>,
    /// The type.
    pub(crate) qtype: Rtype,
    /// The class.
    pub(crate) qclass: Class,
}

/// What the client's OPT record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Edns {
    /// What it takes over UDP.
    pub(crate) udp_octets: u16,
    /// Its version.
    pub(crate) version: u8,
    /// DNSSEC records wanted.
    pub(crate) dnssec_ok: bool,
}

/// A query with exactly one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Query {
    /// Its id.
    pub(crate) id: u16,
    /// Recursion desired.
    pub(crate) rd: bool,
    /// Checking disabled.
    pub(crate) cd: bool,
    /// Authentic data understood (RFC 6840 section 5.7).
    pub(crate) ad: bool,
    /// The question.
    pub(crate) question: Question,
    /// EDNS, if it has it.
    pub(crate) edns: Option<Edns>,
    /// Its options, as they came.
    pub(crate) options: Box<[u8]>,
    /// Its answers count for nobody: it only looks whether blocks hold.
    pub(crate) is_probe: bool,
    /// Who asks and when, for as long as the query lives.
    pub(crate) asked_by: Option<(IpAddr, Instant)>,
    /// Its answers are padded, so that their length says little (RFC 7830).
    pub(crate) pads: bool,
    /// The client's cookie with ours, for its answer (RFC 7873).
    pub(crate) cookie: Option<Box<[u8]>>,
}

/// Why there is no question to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unanswerable {
    /// Not even a header, or itself an answer: silence, or two servers would talk for ever.
    Ignore,
    /// A header, and this to say about the rest.
    Error(Rcode),
}

impl Query {
    /// Reads a query.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Unanswerable> {
        let message = Message::from_slice(bytes).map_err(|_| Unanswerable::Ignore)?;
        let header = message.header();
        if header.qr() {
            return Err(Unanswerable::Ignore);
        }
        if header.opcode() != Opcode::QUERY {
            return Err(Unanswerable::Error(Rcode::NOTIMP));
        }
        let malformed = Unanswerable::Error(Rcode::FORMERR);
        if message.header_counts().qdcount() != 1 {
            return Err(malformed);
        }
        let question = Question::read(bytes).ok_or(malformed)?;
        let (edns, options) = Edns::read(message).ok_or(malformed)?.unzip();
        Ok(Self {
            id: header.id(),
            rd: header.rd(),
            cd: header.cd(),
            ad: header.ad(),
            question,
            edns,
            options: options.unwrap_or_default().into(),
            is_probe: false,
            asked_by: None,
            pads: false,
            cookie: None,
        })
    }

    /// Whether the client wants DNSSEC records.
    pub(crate) fn dnssec_ok(&self) -> bool {
        self.edns.is_some_and(|edns| edns.dnssec_ok)
    }

    /// Who asks.
    pub(crate) fn client(&self) -> Option<IpAddr> {
        self.asked_by.map(|(client, _)| client)
    }

    /// Whether the client makes something of AD in an answer.
    pub(crate) fn wants_ad(&self) -> bool {
        self.ad || self.dnssec_ok()
    }

    /// What an option says, if the client sent it.
    pub(crate) fn option(&self, code: u16) -> Option<&[u8]> {
        let mut rest = &self.options[..];
        while let Some((&[code0, code1, length0, length1], more)) = rest.split_first_chunk() {
            let data = more.split_at_checked(u16::from_be_bytes([length0, length1]).into());
            let (data, more) = data?;
            if u16::from_be_bytes([code0, code1]) == code {
                return Some(data);
            }
            rest = more;
        }
        None
    }

    /// The longest answer that the client takes over UDP.
    pub(crate) fn udp_limit(&self) -> usize {
        let offered = self.edns.map_or(PLAIN_UDP_OCTETS, |edns| edns.udp_octets);
        usize::from(offered.clamp(PLAIN_UDP_OCTETS, UDP_OCTETS_MAX))
    }
}

impl Question {
    /// Reads the first question of a message; compressed names are malformed here.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let end = end_of_name(bytes, HEADER_OCTETS)?;
        let name = bytes.get(HEADER_OCTETS..end)?.to_ascii_lowercase();
        let raw = bytes.get(HEADER_OCTETS..end + 4)?.to_vec();
        let number = |at: usize| Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?));
        let (qtype, qclass) = (number(end)?, number(end + 2)?);
        Some(Self { raw, name, qtype: Rtype::from_int(qtype), qclass: Class::from_int(qclass) })
    }

    /// Whether both ask the same, letter case aside.
    pub(crate) fn same(&self, other: &Self) -> bool {
        (&self.name, self.qtype, self.qclass) == (&other.name, other.qtype, other.qclass)
    }
}

impl Edns {
    /// The OPT record of a message and its options: outer `None` when the message is
    /// malformed or holds two (RFC 6891 section 6.1.1).
    fn read(message: &Message<[u8]>) -> Option<Option<(Self, &[u8])>> {
        let mut found = None;
        let mut records = message.additional().ok()?;
        while let Some(record) = records.next() {
            let record = record.ok()?;
            if record.rtype() != Rtype::OPT {
                continue;
            }
            let [_, version, flags, _] = record.ttl().as_secs().to_be_bytes();
            let edns =
                Self { udp_octets: record.class().to_int(), version, dnssec_ok: flags & 0x80 != 0 };
            let end = records.pos();
            let start = end.checked_sub(usize::from(record.rdlen()))?;
            let options = message.as_slice().get(start..end)?;
            if found.replace((edns, options)).is_some() {
                return None;
            }
        }
        Some(found)
    }
}

/// The answer to what can't be read: its header and a code, nothing else.
pub(crate) fn header_only(bytes: &[u8], rcode: Rcode) -> Option<Vec<u8>> {
    let mut answer = bytes.get(..HEADER_OCTETS)?.to_vec();
    HeaderCounts::for_message_slice_mut(&mut answer).set(HeaderCounts::new());
    let header = Header::for_message_slice_mut(&mut answer);
    header.set_qr(true);
    header.set_aa(false);
    header.set_tc(false);
    header.set_ra(true);
    header.set_z(false);
    header.set_ad(false);
    header.set_rcode(rcode);
    Some(answer)
}

#[cfg(test)]
mod tests;
