//! The usual query: one question in class IN, its name uncompressed, and at most a
//! plain OPT record. Everything else is for the slow path; nothing is judged here.

use domain::base::iana::{Class, Rtype};

use crate::names::Labels;
use crate::query::{Edns, HEADER_OCTETS, UDP_OCTETS_MAX};

/// Octets of an OPT record before its data.
const OPT_OCTETS: usize = 11;

/// A usual query.
#[derive(Debug)]
pub(super) struct Ask {
    name: [u8; 256],
    /// Where the question's labels start in the name.
    pub(super) labels: Labels,
    /// Where the question ends in the packet.
    pub(super) end: usize,
    /// The type asked for.
    pub(super) qtype: Rtype,
    /// What the client's OPT record says.
    pub(super) edns: Option<Edns>,
    /// Recursion desired.
    pub(super) rd: bool,
    /// Checking disabled.
    pub(super) cd: bool,
    /// Authentic data understood, by AD or DO.
    pub(super) wants_ad: bool,
}

impl Ask {
    /// Room for one, made once: clearing it for each would cost more than reading.
    pub(super) fn room() -> Box<Self> {
        Box::new(Self {
            name: [0; 256],
            labels: Labels::none(),
            end: 0,
            qtype: Rtype::A,
            edns: None,
            rd: false,
            cd: false,
            wants_ad: false,
        })
    }

    /// Reads a usual query in the place of what it holds; false for any other, and then
    /// it holds nothing of use.
    #[inline]
    pub(super) fn read(&mut self, packet: &[u8]) -> bool {
        self.take(packet).is_some()
    }

    #[inline]
    fn take(&mut self, packet: &[u8]) -> Option<()> {
        let (header, body) = packet.split_first_chunk::<HEADER_OCTETS>()?;
        // A query with opcode 0; then one question, no answers, no authority, at
        // most one additional record.
        if header[2] & 0xf8 != 0 || header[4..11] != [0, 1, 0, 0, 0, 0, 0] || header[11] > 1 {
            return None;
        }
        if !self.labels.read(body) {
            return None;
        }
        let octets = self.labels.octets();
        let &[t0, t1, c0, c1] = body.get(octets..)?.first_chunk::<4>()?;
        let (qtype, qclass) = (u16::from_be_bytes([t0, t1]), u16::from_be_bytes([c0, c1]));
        if Class::from_int(qclass) != Class::IN || !is_usual(qtype) {
            return None;
        }
        let rest = &body[octets + 4..];
        let edns = match header[11] {
            0 if rest.is_empty() => None,
            1 => Some(edns(rest)?),
            _ => return None,
        };
        for (lower, octet) in self.name.iter_mut().zip(&body[..octets]) {
            *lower = octet.to_ascii_lowercase();
        }
        self.end = HEADER_OCTETS + octets + 4;
        self.qtype = Rtype::from_int(qtype);
        self.edns = edns;
        (self.rd, self.cd) = (header[2] & 1 != 0, header[3] & 0x10 != 0);
        self.wants_ad = header[3] & 0x20 != 0 || edns.is_some_and(|edns| edns.dnssec_ok);
        Some(())
    }

    /// The name in wire form and lower case.
    #[inline]
    pub(super) fn name(&self) -> &[u8] {
        &self.name[..self.labels.octets()]
    }

    /// The longest answer that the client takes.
    #[inline]
    pub(super) fn limit(&self) -> usize {
        let offered = self.edns.map_or(512, |edns| edns.udp_octets);
        usize::from(offered.clamp(512, UDP_OCTETS_MAX))
    }

    /// Whether the client wants DNSSEC records.
    #[inline]
    pub(super) fn dnssec_ok(&self) -> bool {
        self.edns.is_some_and(|edns| edns.dnssec_ok)
    }
}

/// Types of data, not of transfers, wildcards or the protocol itself.
#[inline]
fn is_usual(qtype: u16) -> bool {
    (1..128).contains(&qtype) && qtype != Rtype::OPT.to_int() || qtype == Rtype::CAA.to_int()
}

/// Options that the gate never answers: NSID, client subnet, keep-alive, padding.
const UNANSWERED: [u16; 4] = [3, 8, 11, 12];

/// An OPT record of version 0 that ends the packet, its options well formed and such
/// that the gate answers none of them.
#[inline]
fn edns(record: &[u8]) -> Option<Edns> {
    let (opt, mut options) = record.split_first_chunk::<OPT_OCTETS>()?;
    let &[0, 0, 41, size0, size1, 0, 0, flags, _, length0, length1] = opt else { return None };
    if options.len() != usize::from(u16::from_be_bytes([length0, length1])) {
        return None;
    }
    while let Some((&[code0, code1, length0, length1], rest)) = options.split_first_chunk::<4>() {
        if !UNANSWERED.contains(&u16::from_be_bytes([code0, code1])) {
            return None;
        }
        options = rest.get(usize::from(u16::from_be_bytes([length0, length1]))..)?;
    }
    options.is_empty().then_some(Edns {
        udp_octets: u16::from_be_bytes([size0, size1]),
        version: 0,
        dnssec_ok: flags & 0x80 != 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(packet: &[u8]) -> Option<Box<Ask>> {
        let mut ask = Ask::room();
        ask.read(packet).then_some(ask)
    }

    const QUERY: &[u8] =
        b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x03wWw\x04evil\x07example\0\0\x01\0\x01";

    fn with_opt(opt: &[u8]) -> Vec<u8> {
        let mut query = [QUERY, opt].concat();
        query[11] = 1;
        query
    }

    #[test]
    fn a_usual_query_is_read() {
        let ask = read(QUERY).unwrap();
        assert_eq!(ask.name(), b"\x03www\x04evil\x07example\0");
        assert_eq!((ask.end, ask.qtype, ask.limit()), (QUERY.len(), Rtype::A, 512));
        assert!(ask.rd && !ask.cd && !ask.dnssec_ok());
    }

    #[test]
    fn a_plain_opt_is_read_whatever_its_options() {
        let ask = read(&with_opt(b"\0\0\x29\x10\0\0\0\x80\0\0\x08\0\x08\0\x04abcd")).unwrap();
        assert!(ask.dnssec_ok());
        assert_eq!(ask.limit(), 1_232);
        let small = read(&with_opt(b"\0\0\x29\0\x10\0\0\0\0\0\0")).unwrap();
        assert_eq!(small.limit(), 512);
    }

    #[test]
    fn the_unusual_is_left_to_others() {
        let changed = |at: usize, octet: u8| {
            let mut query = QUERY.to_vec();
            query[at] = octet;
            query
        };
        let unusual = [
            changed(2, 0x81),
            changed(2, 0x28),
            changed(5, 2),
            changed(7, 1),
            changed(11, 1),
            changed(12, 0xc0),
            changed(QUERY.len() - 1, 3),
            changed(QUERY.len() - 3, 255),
            changed(QUERY.len() - 3, 41),
            [QUERY, b"x"].concat(),
            QUERY[..QUERY.len() - 1].to_vec(),
            with_opt(b"\0\0\x29\x04\xd0\0\x01\0\0\0\0"),
            with_opt(b"\0\0\x29\x04\xd0\0\0\0\0\0\x01x"),
            with_opt(b"\0\0\x29\x04\xd0\0\0\0\0\0\x05\0\x0c\0\x09x"),
            with_opt(b"\0\0\x29\x04\xd0\0\0\0\0\0\x0c\0\x0a\0\x08abcdefgh"),
            with_opt(b"\0\0\x01\0\x01\0\0\0\0\0\x04\x7f\0\0\x01"),
            QUERY[..5].to_vec(),
        ];
        for query in unusual {
            assert!(read(&query).is_none(), "{query:?}");
        }
    }
}
