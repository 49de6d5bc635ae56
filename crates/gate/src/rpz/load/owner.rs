//! Names as a zone file writes them, on the wire: quickly where nothing is special in
//! them, else with their escapes (RFC 1035 section 5.1). Knows nothing of triggers.

use crate::name::NAME_OCTETS_MAX;

/// Appends a name without anything special in it; false where there is.
#[inline]
pub(super) fn push_plain(wire: &mut Vec<u8>, text: &[u8]) -> bool {
    if text.len() > NAME_OCTETS_MAX - 2 || text.is_empty() {
        return false;
    }
    wire.push(0);
    wire.extend_from_slice(text);
    wire.make_ascii_lowercase();
    let (mut boundary, mut at) = (0, 1);
    let plain = |octet: u8| {
        octet.is_ascii_lowercase() || octet.is_ascii_digit() || matches!(octet, b'-' | b'_')
    };
    while let Some(octet) = wire.get(at) {
        if *octet == b'.' {
            match u8::try_from(at - boundary - 1) {
                Ok(length @ 1..=63) => wire[boundary] = length,
                _ => return false,
            }
            boundary = at;
        } else if !plain(*octet) {
            return false;
        }
        at += 1;
    }
    match u8::try_from(at - boundary - 1) {
        Ok(length @ 1..=63) => wire[boundary] = length,
        _ => return false,
    }
    wire.push(0);
    true
}

/// Labels on the wire in lower case without the root, and whether the text ends
/// with a dot; escapes are undone (RFC 1035 section 5.1).
pub(super) fn labels_of_text(text: &[u8]) -> Option<(Vec<u8>, bool)> {
    if text == b"." {
        return Some((Vec::new(), true));
    }
    let (mut wire, mut boundary, mut at) = (vec![0], 0, 0);
    let close = |wire: &mut Vec<u8>, boundary: usize| {
        let length =
            u8::try_from(wire.len() - boundary - 1).ok().filter(|n| (1..64).contains(n))?;
        wire[boundary] = length;
        Some(())
    };
    while let Some(octet) = text.get(at) {
        at += 1;
        match octet {
            b'.' => {
                close(&mut wire, boundary)?;
                if at == text.len() {
                    wire.make_ascii_lowercase();
                    return Some((wire, true));
                }
                boundary = wire.len();
                wire.push(0);
            }
            b'\\' => match text.get(at..at + 3).filter(|three| three[0].is_ascii_digit()) {
                Some(digits) => {
                    wire.push(std::str::from_utf8(digits).ok()?.parse().ok()?);
                    at += 3;
                }
                None => {
                    wire.push(*text.get(at)?);
                    at += 1;
                }
            },
            octet => wire.push(*octet),
        }
        if wire.len() > NAME_OCTETS_MAX {
            return None;
        }
    }
    close(&mut wire, boundary)?;
    wire.make_ascii_lowercase();
    Some((wire, false))
}

/// An absolute name, whether or not it ends with a dot.
pub(super) fn wire_of_text(text: &str) -> Option<Vec<u8>> {
    let (mut wire, _) = labels_of_text(text.as_bytes())?;
    wire.make_ascii_lowercase();
    wire.push(0);
    Some(wire)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_with_their_escapes() {
        let check = |text: &str, expect: Option<(&[u8], bool)>| {
            let read = labels_of_text(text.as_bytes());
            assert_eq!(read, expect.map(|(wire, whole)| (wire.to_vec(), whole)), "{text}");
        };
        check("Www.Evil", Some((b"\x03www\x04evil", false)));
        check("evil.", Some((b"\x04evil", true)));
        check(".", Some((b"", true)));
        check("a\\.b", Some((b"\x03a.b", false)));
        check("a\\046b.c", Some((b"\x03a.b\x01c", false)));
        check("\\064", Some((b"\x01@", false)));
        for wrong in ["", "..", "a..b", "a\\", "\\999", &"a".repeat(64)] {
            check(wrong, None);
        }
    }

    #[test]
    fn the_quick_way_reads_what_the_other_reads_or_nothing() {
        let long = format!("{0}.{0}.{0}.{0}", "a".repeat(63));
        for text in ["www.evil", "A_b-9", "a", "a.b.c.d", "a b", "a\\.b", "", ".", "a..b", &long] {
            let mut quick = Vec::new();
            if push_plain(&mut quick, text.as_bytes()) {
                assert_eq!(wire_of_text(text), Some(quick), "{text}");
            }
        }
        let mut wire = Vec::new();
        assert!(push_plain(&mut wire, b"Www.evil") && wire == b"\x03www\x04evil\0");
        assert!(!push_plain(&mut Vec::new(), b"a b") && !push_plain(&mut Vec::new(), b"a."));
    }
}
