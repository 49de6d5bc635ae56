//! Names that never leave this machine (RFC 6761 and those who followed it):
//! the gate answers them itself, and asks no upstream about them.

use std::net::{Ipv4Addr, Ipv6Addr};

use domain::base::iana::{Rcode, Rtype};

use crate::compose::Reply;
use crate::name::ancestors;
use crate::query::Query;

/// How long our own answers hold.
const TTL_SECONDS: u32 = 3_600;

/// Where the special zone starts in the name, and what it is.
fn zone(name: &[u8]) -> Option<(usize, Zone)> {
    ancestors(name).find_map(|(at, ancestor)| {
        let zone = match ancestor {
            b"\x09localhost\0" => Zone::Localhost,
            b"\x08resolver\x04arpa\0" => Zone::Empty,
            b"\x07invalid\0" | b"\x05local\0" | b"\x05onion\0" | b"\x03alt\0" => Zone::Nowhere,
            _ => return None,
        };
        Some((at, zone))
    })
}

enum Zone {
    /// This machine (RFC 6761 section 6.3).
    Localhost,
    /// Exists, and has nothing yet (RFC 9462 section 6.4).
    Empty,
    /// Does not exist in DNS (RFC 6761, 6762, 7686, 9476).
    Nowhere,
}

/// The answer to ANY: one record that says so, whatever there is (RFC 8482 section 4.2).
pub(crate) fn any(query: &Query) -> Reply {
    let mut reply = Reply::new(query, Rcode::NOERROR);
    reply.answer(Rtype::HINFO, TTL_SECONDS, b"\x07RFC8482\0");
    reply
}

/// The answer, if the name is one of these.
pub(crate) fn answer(query: &Query) -> Option<Reply> {
    let (at, zone) = zone(&query.question.name)?;
    let rcode = match zone {
        Zone::Nowhere => Rcode::NXDOMAIN,
        Zone::Empty | Zone::Localhost => Rcode::NOERROR,
    };
    let mut reply = Reply::new(query, rcode);
    match (zone, query.question.qtype) {
        (Zone::Localhost, Rtype::A) => {
            reply.answer(Rtype::A, TTL_SECONDS, &Ipv4Addr::LOCALHOST.octets());
        }
        (Zone::Localhost, Rtype::AAAA) => {
            reply.answer(Rtype::AAAA, TTL_SECONDS, &Ipv6Addr::LOCALHOST.octets());
        }
        _ => reply.negative_soa(at, TTL_SECONDS, 1),
    }
    Some(reply)
}
