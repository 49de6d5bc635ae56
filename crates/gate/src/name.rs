//! Names as octets: the uncompressed wire form in lower case (RFC 1035 section
//! 3.1, RFC 4343). The block set and the cache know names only so; nothing here
//! allocates, and nothing here knows what a name is for.

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

    #[test]
    fn ancestors_go_from_the_name_up_without_the_root() {
        let found: Vec<_> = ancestors(b"\x03www\x01b\x02cd\0").collect();
        let expect: [(usize, &[u8]); 3] =
            [(0, b"\x03www\x01b\x02cd\0"), (4, b"\x01b\x02cd\0"), (6, b"\x02cd\0")];
        assert_eq!(found, expect);
        assert_eq!(ancestors(b"\0").count(), 0);
    }
}
