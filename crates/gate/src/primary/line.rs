//! A record as one line of a zone file, and what of the line says which record it is. The
//! names and the common types are readable; all else is written by RFC 3597.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};

use belfry_rpz::secondary::Kept;
use belfry_rpz::wire::{Reader, kind};
use domain::base::iana::Rtype;

const NS: u16 = 2;
const CNAME: u16 = 5;
const AAAA: u16 = 28;
/// Signatures and what goes with them: about the zone as it was signed, no policies.
const ABOUT_THE_ZONE: [u16; 10] = [43, 46, 47, 48, 50, 51, 59, 60, 63, 65_534];

/// Whether a record is kept at all.
pub(super) fn is_kept(kind: u16) -> bool {
    !ABOUT_THE_ZONE.contains(&kind)
}

/// Writes a record below `apex` as a line: owner, TTL, type and data, with tabs between.
pub(super) fn push(out: &mut String, apex: &[u8], record: &Kept) {
    let owner = record.owner.strip_suffix(apex).unwrap_or(&record.owner);
    if owner.is_empty() {
        out.push('@');
    } else {
        push_labels(out, owner);
    }
    let _ = write!(out, "\t{}\t{}\t", record.ttl, Rtype::from_int(record.kind));
    if !push_known(out, record) {
        let _ = write!(out, "\\# {}", record.data.len());
        for (number, octet) in record.data.iter().enumerate() {
            let _ = write!(out, "{}{octet:02x}", if number == 0 { " " } else { "" });
        }
    }
    out.push('\n');
}

/// What a line says without the TTL, which is no part of what a record is.
pub(super) fn identity(line: &[u8]) -> Option<Vec<u8>> {
    let mut parts = line.splitn(3, |octet| *octet == b'\t');
    let (owner, _, rest) = (parts.next()?, parts.next()?, parts.next()?);
    Some([owner, b"\t", rest].concat())
}

/// Writes the data of a type that people read; false where it is none, or malformed.
fn push_known(out: &mut String, record: &Kept) -> bool {
    let data = &record.data;
    match record.kind {
        kind::A => match <[u8; 4]>::try_from(&data[..]) {
            Ok(octets) => write!(out, "{}", Ipv4Addr::from(octets)).is_ok(),
            Err(_) => false,
        },
        AAAA => match <[u8; 16]>::try_from(&data[..]) {
            Ok(octets) => write!(out, "{}", Ipv6Addr::from(octets)).is_ok(),
            Err(_) => false,
        },
        NS | CNAME => match names(data, 1) {
            Some((names, [])) => push_names(out, &names),
            _ => false,
        },
        kind::SOA => match names(data, 2) {
            Some((names, numbers)) if numbers.len() == 20 => {
                push_names(out, &names);
                numbers.chunks_exact(4).all(|four| {
                    let number = four.iter().fold(0, |n: u32, octet| n << 8 | u32::from(*octet));
                    write!(out, " {number}").is_ok()
                })
            }
            _ => false,
        },
        _ => false,
    }
}

/// So many names at the start of the data, and the rest.
fn names(data: &[u8], count: usize) -> Option<(Vec<Vec<u8>>, &[u8])> {
    let mut reader = Reader::at(data, 0);
    let names: Result<_, _> = (0..count).map(|_| reader.name()).collect();
    Some((names.ok()?, &data[reader.position()..]))
}

fn push_names(out: &mut String, names: &[Vec<u8>]) -> bool {
    for (number, name) in names.iter().enumerate() {
        out.push_str(if number == 0 { "" } else { " " });
        if let Some(labels) = name.strip_suffix(&[0]) {
            push_labels(out, labels);
        }
        out.push('.');
    }
    true
}

/// Labels on the wire without the root, as text; whatever is special is escaped by number.
fn push_labels(out: &mut String, wire: &[u8]) {
    let mut rest = wire;
    while let Some((length, after)) = rest.split_first() {
        let (label, next) = after.split_at(usize::from(*length).min(after.len()));
        for octet in label {
            if octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_' | b'*' | b'/') {
                out.push(char::from(*octet));
            } else {
                let _ = write!(out, "\\{octet:03}");
            }
        }
        if !next.is_empty() {
            out.push('.');
        }
        rest = next;
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::lastline::LastLine;
    use crate::names::Seed;
    use crate::rpz::Loader;

    const APEX: &[u8] = b"\x03rpz\x04test\0";

    fn check(owner: &[u8], kind: u16, data: &[u8], expect: &str) {
        let owner = [owner, APEX].concat().into();
        let mut line = String::new();
        push(&mut line, APEX, &Kept { owner, kind, ttl: 60, data: data.into() });
        assert_eq!(line, format!("{expect}\n"));
    }

    #[test]
    fn records_are_lines() {
        check(b"\x04evil\x07example", 5, b"\0", "evil.example\t60\tCNAME\t.");
        check(b"\x01*\x01a", 5, b"\x0crpz-passthru\0", "*.a\t60\tCNAME\trpz-passthru.");
        check(b"\x01a", 1, &[192, 0, 2, 1], "a\t60\tA\t192.0.2.1");
        check(b"\x01a", 28, &Ipv6Addr::LOCALHOST.octets(), "a\t60\tAAAA\t::1");
        check(b"", 2, b"\x09localhost\0", "@\t60\tNS\tlocalhost.");
        check(b"\x01a", 16, b"\x02hi", "a\t60\tTXT\t\\# 3 026869");
        check(b"\x01a", 16, b"", "a\t60\tTXT\t\\# 0");
        check(b"\x01a", 64_000, &[0xAB], "a\t60\tTYPE64000\t\\# 1 ab");
        let numbers = [7_u32, 60, 15, 900, 30].map(u32::to_be_bytes).concat();
        let soa = [&b"\x01m\0\x01r\x01x\0"[..], &numbers].concat();
        check(b"", 6, &soa, "@\t60\tSOA\tm. r.x. 7 60 15 900 30");
    }

    #[test]
    fn what_is_special_or_malformed_stays_what_it_is() {
        check(b"\x04$a;b", 5, b"\0", "\\036a\\059b\t60\tCNAME\t.");
        check(b"\x01@\x02.\\", 5, b"\0", "\\064.\\046\\092\t60\tCNAME\t.");
        check(b"\x01\xff", 5, b"\x02a \0", "\\255\t60\tCNAME\ta\\032.");
        check(b"\x01a", 1, &[1, 2], "a\t60\tA\t\\# 2 0102");
        check(b"\x01a", 5, b"\x01b\0\0", "a\t60\tCNAME\t\\# 4 01620000");
        check(b"", 6, b"\x01m\0", "@\t60\tSOA\t\\# 3 016d00");
    }

    proptest! {
        /// Whatever a primary sends, it is one record for the loader: nothing of it ends a
        /// line, begins a comment or a directive, or names another zone's owner.
        #[test]
        fn a_record_is_one_line_that_the_loader_reads(
            labels in vec(vec(any::<u8>(), 1..12), 0..4),
            kind in prop_oneof![Just(1_u16), Just(2), Just(5), Just(28), any::<u16>()],
            data in prop_oneof![
                vec(any::<u8>(), 0..40),
                Just(b"\x03a;\n\0".to_vec()),
                Just(b"\x0crpz-passthru\0".to_vec()),
            ],
        ) {
            prop_assume!(kind != kind::SOA && is_kept(kind));
            let mut owner: Vec<u8> = Vec::new();
            for label in &labels {
                owner.push(u8::try_from(label.len()).unwrap());
                owner.extend(label.to_ascii_lowercase());
            }
            let owner = [&owner, APEX].concat().into();
            let mut line = String::new();
            push(&mut line, APEX, &Kept { owner, kind, ttl: 60, data: data.into() });
            prop_assert_eq!(line.matches('\n').count(), 1);
            let zone = format!("$ORIGIN rpz.test.\n@ SOA a. b. 1 2 3 4 5\nx CNAME .\n{line}");
            let last = LastLine::new(None, Vec::new());
            let mut loader = Loader::new(Seed::new([7; 16]), &last, 0);
            let unhonoured = loader.zone("rpz.test", true, zone.as_bytes()).unwrap();
            prop_assert_eq!(unhonoured.unreadable, 0, "{}", line);
            prop_assert!(loader.finish().unwrap().len() <= 2);
        }
    }

    #[test]
    fn the_time_to_live_is_no_part_of_what_a_record_is() {
        let of = |line: &str| identity(line.as_bytes());
        assert_eq!(of("a\t60\tA\t192.0.2.1\n"), of("a\t30\tA\t192.0.2.1\n"));
        assert_ne!(of("a\t60\tA\t192.0.2.1\n"), of("a\t60\tA\t192.0.2.2\n"));
        assert_eq!(of("; words\n"), None);
    }
}
