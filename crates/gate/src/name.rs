//! Names as octets: the uncompressed wire form in lower case (RFC 1035 section
//! 3.1, RFC 4343). The block set and the cache know names only so; nothing here
//! allocates, and nothing here knows what a name is for.

use crate::query::HEADER_OCTETS;

/// The longest name on the wire, with its root label.
pub(crate) const NAME_OCTETS_MAX: usize = 255;
const LABEL_OCTETS_MAX: u8 = 63;

/// Where the uncompressed name that starts at `at` ends; `None` if it is cut,
/// too long, or compressed.
pub(crate) fn end_of_name(bytes: &[u8], at: usize) -> Option<usize> {
    let mut end = at;
    loop {
        let length = *bytes.get(end)?;
        if length > LABEL_OCTETS_MAX {
            return None;
        }
        end += 1 + usize::from(length);
        if end > bytes.len() || end - at > NAME_OCTETS_MAX {
            return None;
        }
        if length == 0 {
            return Some(end);
        }
    }
}

/// Octets of a TTL.
const TTL_OCTETS: usize = 4;

/// Where the name that starts at `at` in `message` ends, compressed or not.
///
/// Every pointer leads back, and no label is made of octets of the header or of
/// the TTLs at `ttls` (rising): those are rewritten for each client, and a name
/// made of them would change or break with them.
pub(crate) fn end_of_compressed(message: &[u8], at: usize, ttls: &[u16]) -> Option<usize> {
    let (mut place, mut start, mut end) = (at, at, None);
    loop {
        let length = *message.get(place)?;
        // A pointer has two octets, a label its length and as many.
        let label_end = place + if length > LABEL_OCTETS_MAX { 2 } else { 1 + usize::from(length) };
        let later = ttls.partition_point(|ttl| usize::from(*ttl) < label_end);
        let before = later.checked_sub(1).map(|before| usize::from(ttls[before]) + TTL_OCTETS);
        if place < HEADER_OCTETS || before.is_some_and(|ttl_end| place < ttl_end) {
            return None;
        }
        match length {
            0 => return Some(end.unwrap_or(label_end)),
            1..=LABEL_OCTETS_MAX => place = label_end,
            0xc0.. => {
                let target = u16::from_be_bytes([length & 0x3f, *message.get(place + 1)?]);
                end = end.or(Some(place + 2));
                place = usize::from(target);
                if place >= start {
                    return None;
                }
                start = place;
            }
            _ => return None,
        }
    }
}

/// The name and each ancestor of it, root excluded, with the offset at which it
/// starts: `a.b` gives `a.b` at 0 and `b` at 2.
pub(crate) fn ancestors(wire: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = wire.get(at..)?;
        let length = usize::from(*rest.first()?);
        if length == 0 {
            return None;
        }
        let here = at;
        at += 1 + length;
        Some((here, rest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_name_is_after_its_root_label() {
        assert_eq!(end_of_name(b"\x01a\x02bc\0rest", 0), Some(6));
        assert_eq!(end_of_name(b"xx\x01a\0", 2), Some(5));
        assert_eq!(end_of_name(b"\0", 0), Some(1));
    }

    #[test]
    fn cut_compressed_and_long_names_have_no_end() {
        assert_eq!(end_of_name(b"", 0), None);
        assert_eq!(end_of_name(b"\x03ab", 0), None);
        assert_eq!(end_of_name(b"\x01a", 0), None);
        assert_eq!(end_of_name(b"\xc0\x0c", 0), None);
        assert_eq!(end_of_name(b"\x01a\0", 9), None);
        let long: Vec<u8> = b"\x01a".repeat(127).into_iter().chain([0]).collect();
        assert_eq!(end_of_name(&long, 0), Some(255));
        let longer: Vec<u8> = b"\x01a".repeat(128).into_iter().chain([0]).collect();
        assert_eq!(end_of_name(&longer, 0), None);
    }

    /// Found by fuzzing: pointers to the message's id and to a TTL were relayed, and
    /// led elsewhere under the client's id or a second later.
    #[test]
    fn pointers_lead_back_and_never_to_what_is_rewritten() {
        let message =
            [&[0; HEADER_OCTETS][..], b"\x01a\0", b"\x01b\xc0\x0c", b"\xc0\x0f", b"\x01t\x01u"]
                .concat();
        let end = |at| end_of_compressed(&message, at, &[21]);
        assert_eq!((end(12), end(15), end(19)), (Some(15), Some(19), Some(21)));
        for bad in [
            &b"\xc0\x00"[..],
            b"\xc0\x0b",
            b"\xc0\x15",
            b"\xc0\x17",
            b"\xc0\x19",
            b"\x01a\xc0\x19",
            b"\xc1",
            b"\x40",
        ] {
            let message = [&message[..], bad].concat();
            assert_eq!(end_of_compressed(&message, 25, &[21]), None, "{bad:?}");
        }
    }

    #[test]
    fn ancestors_go_from_the_name_up_without_the_root() {
        let found: Vec<_> = ancestors(b"\x03www\x01b\x02cd\0").collect();
        let expect: [(usize, &[u8]); 3] =
            [(0, b"\x03www\x01b\x02cd\0"), (4, b"\x01b\x02cd\0"), (6, b"\x02cd\0")];
        assert_eq!(found, expect);
        assert_eq!(ancestors(b"\0").count(), 0);
    }
}
