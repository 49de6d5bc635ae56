//! The records of a zone, as they stand in a message: its SOA and NS, the canary
//! of its serial, and one or two records for each name published.

use std::net::{Ipv4Addr, Ipv6Addr};

use belfry_indicator::Domain;
use sha2::{Digest, Sha256};

use crate::name::Path;
use crate::policy::{Policy, Published};

pub(crate) const A: u16 = 1;
pub(crate) const NS: u16 = 2;
const CNAME: u16 = 5;
pub(crate) const SOA: u16 = 6;
const AAAA: u16 = 28;
const IN: u16 = 1;
/// Where the question's name stands in every message: records end in a pointer to it.
const APEX: [u8; 2] = [0xC0, 12];
/// The longest name on the wire, with its root.
const NAME_MAX: usize = 255;
/// The longest that an order may hold (366 days) and a bit: a secondary that hears
/// nothing from us keeps its blocks for as long.
pub(crate) const EXPIRE_SECONDS: u32 = 32_000_000;
/// The most that any record of ours may be cached.
pub(crate) const TTL_SECONDS_MAX: u32 = 60;
/// What the canary answers where there is no warning host.
const CANARY: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const PASSTHRU: &[u8] = b"\x0crpz-passthru\0";

/// How a block is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockAnswer {
    /// With the warning host's addresses, by A and AAAA: Knot Resolver follows no CNAME.
    Redirect {
        /// To A.
        ipv4: Option<Ipv4Addr>,
        /// To AAAA.
        ipv6: Option<Ipv6Addr>,
    },
    /// No such name.
    NxDomain,
}

/// How zones are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordSettings {
    /// The name that all zones are below.
    pub origin: Domain,
    /// How a block is answered.
    pub block: BlockAnswer,
    /// TTL of every record and of "no", at most 60.
    pub ttl_seconds: u32,
    /// How often secondaries look without being told.
    pub refresh_seconds: u32,
}

impl RecordSettings {
    /// What the zones are made by, as a hash: another one makes every zone a new version.
    pub fn digest(&self) -> [u8; 32] {
        let text = format!("zones 1\n{}\n{:?}\n{}", self.origin, self.block, self.ttl());
        Sha256::digest(text.as_bytes()).into()
    }

    pub(crate) fn ttl(&self) -> u32 {
        self.ttl_seconds.clamp(1, TTL_SECONDS_MAX)
    }

    /// Records of one policy at one owner.
    pub(crate) fn records_of(&self, policy: Policy) -> u64 {
        match (policy, self.block) {
            (Policy::None, _) => 0,
            (Policy::Block, BlockAnswer::Redirect { ipv4, ipv6 }) => {
                (u64::from(ipv4.is_some()) + u64::from(ipv6.is_some())).max(1)
            }
            (Policy::Pass | Policy::Block, _) => 1,
        }
    }

    /// The address that the canary answers.
    pub fn canary_address(&self) -> Ipv4Addr {
        match self.block {
            BlockAnswer::Redirect { ipv4: Some(address), .. } => address,
            _ => CANARY,
        }
    }
}

/// What fits at a name under an apex of so many octets (its root included).
pub(crate) fn fitting(path: &Path, apex_len: usize, mut wanted: Published) -> Published {
    if path.wire_len() + apex_len > NAME_MAX {
        wanted.exact = Policy::None;
    }
    if path.wire_len() + 2 + apex_len > NAME_MAX {
        wanted.below = Policy::None;
    }
    wanted
}

/// Writes the SOA record of the question's zone.
pub(crate) fn push_soa(out: &mut Vec<u8>, settings: &RecordSettings, serial: u32) {
    out.extend_from_slice(&APEX);
    push_fixed(out, SOA, settings.ttl());
    let mut data = Vec::with_capacity(40);
    data.extend_from_slice(&APEX);
    data.extend_from_slice(b"\x0ahostmaster");
    data.extend_from_slice(&APEX);
    let refresh = settings.refresh_seconds.max(1);
    for number in [serial, refresh, (refresh / 4).max(1), EXPIRE_SECONDS, settings.ttl()] {
        data.extend_from_slice(&number.to_be_bytes());
    }
    push_data(out, &data);
}

/// Writes the NS record that a zone must have; nobody is to ask it.
pub(crate) fn push_ns(out: &mut Vec<u8>, settings: &RecordSettings) {
    out.extend_from_slice(&APEX);
    push_fixed(out, NS, settings.ttl());
    push_data(out, b"\x09localhost\0");
}

/// Writes the canary of a serial: a policy for a name that only this version has.
pub(crate) fn push_canary(out: &mut Vec<u8>, settings: &RecordSettings, canary: &Domain) {
    Path::of(canary).push_wire(out);
    out.extend_from_slice(&APEX);
    push_fixed(out, A, settings.ttl());
    push_data(out, &settings.canary_address().octets());
}

/// Writes the records of a policy at a name, or at the wildcard below it; how many.
pub(crate) fn push_policy(
    out: &mut Vec<u8>,
    settings: &RecordSettings,
    path: &Path,
    wildcard: bool,
    policy: Policy,
) -> u16 {
    let mut push = |kind: u16, data: &[u8]| {
        if wildcard {
            out.extend_from_slice(b"\x01*");
        }
        path.push_wire(out);
        out.extend_from_slice(&APEX);
        push_fixed(out, kind, settings.ttl());
        push_data(out, data);
        1
    };
    match (policy, settings.block) {
        (Policy::None, _) => 0,
        (Policy::Pass, _) => push(CNAME, PASSTHRU),
        (Policy::Block, BlockAnswer::Redirect { ipv4: None, ipv6: None })
        | (Policy::Block, BlockAnswer::NxDomain) => push(CNAME, &[0]),
        (Policy::Block, BlockAnswer::Redirect { ipv4, ipv6 }) => {
            ipv4.map_or(0, |ip| push(A, &ip.octets()))
                + ipv6.map_or(0, |ip| push(AAAA, &ip.octets()))
        }
    }
}

fn push_fixed(out: &mut Vec<u8>, kind: u16, ttl: u32) {
    out.extend_from_slice(&kind.to_be_bytes());
    out.extend_from_slice(&IN.to_be_bytes());
    out.extend_from_slice(&ttl.to_be_bytes());
}

fn push_data(out: &mut Vec<u8>, data: &[u8]) {
    let length = u16::try_from(data.len()).expect("our data is short");
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(data);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(block: BlockAnswer) -> RecordSettings {
        let origin = Domain::parse("rpz.test").unwrap();
        RecordSettings { origin, block, ttl_seconds: 30, refresh_seconds: 60 }
    }

    fn written(block: BlockAnswer, policy: Policy) -> (u16, Vec<u8>) {
        let mut out = Vec::new();
        let path = Path::of(&Domain::parse("a.test").unwrap());
        let records = push_policy(&mut out, &settings(block), &path, true, policy);
        assert_eq!(u64::from(records), settings(block).records_of(policy));
        (records, out)
    }

    #[test]
    fn a_redirect_is_addresses() {
        let ipv4 = Some(Ipv4Addr::new(192, 0, 2, 1));
        let both = BlockAnswer::Redirect { ipv4, ipv6: Some(Ipv6Addr::LOCALHOST) };
        let (records, out) = written(both, Policy::Block);
        assert_eq!(records, 2);
        let first = b"\x01*\x01a\x04test\xc0\x0c\0\x01\0\x01\0\0\0\x1e\0\x04\xc0\0\x02\x01";
        assert_eq!(out[..first.len()], first[..]);
        let only = BlockAnswer::Redirect { ipv4, ipv6: None };
        assert_eq!(written(only, Policy::Block).1, first);
    }

    #[test]
    fn no_address_is_no_such_name_and_a_pass_is_its_own_record() {
        let none = BlockAnswer::Redirect { ipv4: None, ipv6: None };
        for block in [none, BlockAnswer::NxDomain] {
            assert!(written(block, Policy::Block).1.ends_with(b"\0\x05\0\x01\0\0\0\x1e\0\x01\0"));
        }
        let pass = written(none, Policy::Pass).1;
        assert!(pass.ends_with(b"\0\x05\0\x01\0\0\0\x1e\0\x0e\x0crpz-passthru\0"));
        assert_eq!(written(none, Policy::None), (0, Vec::new()));
    }

    #[test]
    fn a_name_fits_with_its_wildcard_or_without_or_not() {
        let long = Domain::parse(&format!("{0}.{0}.{0}.{1}", "a".repeat(63), "b".repeat(40)));
        let path = Path::of(&long.unwrap());
        let both = Published { exact: Policy::Block, below: Policy::Block };
        assert_eq!(path.wire_len(), 233);
        assert_eq!(fitting(&path, 20, both), both);
        assert_eq!(fitting(&path, 21, both), Published { below: Policy::None, ..both });
        assert_eq!(fitting(&path, 23, both), Published::NOTHING);
    }

    #[test]
    fn the_records_of_an_apex_are_read_back() {
        let mut out = vec![0; 12];
        out.extend_from_slice(&settings(BlockAnswer::NxDomain).origin.to_wire());
        out.extend_from_slice(&[0; 4]);
        let start = out.len();
        let settings = settings(BlockAnswer::NxDomain);
        push_soa(&mut out, &settings, 0xFFFF_FFFE);
        push_ns(&mut out, &settings);
        push_canary(&mut out, &settings, &Domain::parse("c7.canary.test").unwrap());
        let mut reader = crate::wire::Reader::at(&out, start);
        let soa = reader.record().unwrap();
        assert_eq!((soa.kind, soa.ttl, &soa.name), (SOA, 30, &settings.origin.to_wire()));
        assert_eq!(crate::wire::soa_serial(&out, &soa), Ok(0xFFFF_FFFE));
        let numbers: Vec<u32> = out[soa.data.end - 16..soa.data.end]
            .chunks(4)
            .map(|number| u32::from_be_bytes(number.try_into().unwrap()))
            .collect();
        assert_eq!(numbers, [60, 15, EXPIRE_SECONDS, 30]);
        let ns = reader.record().unwrap();
        assert_eq!((ns.kind, &out[ns.data]), (NS, &b"\x09localhost\0"[..]));
        let canary = reader.record().unwrap();
        let name = Domain::parse("c7.canary.test.rpz.test").unwrap();
        assert_eq!((canary.kind, canary.name), (A, name.to_wire()));
        assert_eq!(out[canary.data], CANARY.octets());
        assert_eq!(reader.position(), out.len());
    }

    #[test]
    fn no_record_is_cached_for_longer_than_a_minute_nor_asked_for_without_end() {
        let check = |ttl_seconds, refresh_seconds, expected: [u32; 3]| {
            let settings =
                RecordSettings { ttl_seconds, refresh_seconds, ..settings(BlockAnswer::NxDomain) };
            let mut out = Vec::new();
            push_soa(&mut out, &settings, 1);
            let number = |back: usize| {
                let at = out.len() - back;
                u32::from_be_bytes(out[at..at + 4].try_into().unwrap())
            };
            assert_eq!([settings.ttl(), number(16), number(12)], expected);
            assert_eq!(number(4), settings.ttl(), "the TTL of \"no\" is that of the rest");
        };
        check(30, 60, [30, 60, 15]);
        check(0, 0, [1, 1, 1]);
        check(86_400, 3, [TTL_SECONDS_MAX, 3, 1]);
    }

    #[test]
    fn zones_that_are_made_otherwise_have_another_digest() {
        let digest =
            |block, ttl_seconds| RecordSettings { ttl_seconds, ..settings(block) }.digest();
        let ipv4 =
            |last| BlockAnswer::Redirect { ipv4: Some(Ipv4Addr::new(192, 0, 2, last)), ipv6: None };
        assert_eq!(digest(ipv4(1), 30), digest(ipv4(1), 30));
        assert_ne!(digest(ipv4(1), 30), digest(ipv4(2), 30));
        assert_ne!(digest(ipv4(1), 30), digest(BlockAnswer::NxDomain, 30));
        assert_ne!(digest(ipv4(1), 30), digest(ipv4(1), 31));
        // Above the bound they are written alike.
        assert_eq!(digest(ipv4(1), 60), digest(ipv4(1), 600));
        let canary = |block| settings(block).canary_address();
        assert_eq!(canary(ipv4(9)), Ipv4Addr::new(192, 0, 2, 9));
        assert_eq!(canary(BlockAnswer::NxDomain), CANARY);
    }
}
