//! Where the header block of a message or part ends and its body begins.

use crate::limits::HEADER_BYTES_MAX;

/// A message or part, split.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head<'a> {
    /// The header fields, empty where there are none.
    pub(super) fields: &'a [u8],
    /// What follows the empty line.
    pub(super) body: &'a [u8],
    /// Octets of header fields that exceed the bound and are left out.
    pub(super) cut: usize,
    /// It begins as a header block should: with a field, or the empty line.
    pub(super) sound: bool,
}

/// Splits a part. Where it begins with neither a field nor an empty line, all of
/// it is body: no text may get lost in a header block that is none.
pub(super) fn split(bytes: &[u8]) -> Head<'_> {
    let Some(first) = lines(bytes).next() else {
        return Head { fields: &[], body: bytes, cut: 0, sound: true };
    };
    if !is_blank(first) && !is_field(first) {
        return none(bytes);
    }
    let mut end = 0;
    let mut body = bytes.len();
    for line in lines(bytes) {
        if is_blank(line) {
            body = end + line.len();
            break;
        }
        end += line.len();
    }
    let fields = &bytes[..end];
    let kept = &fields[..end.min(HEADER_BYTES_MAX)];
    Head { fields: kept, body: &bytes[body..], cut: end - kept.len(), sound: true }
}

/// All of `bytes` as the body of a message without fields.
pub(super) fn none(bytes: &[u8]) -> Head<'_> {
    Head { fields: &[], body: bytes, cut: 0, sound: false }
}

/// Drops what mail stores put before a message: empty lines, a BOM and the
/// `From ` line of an mbox.
pub(super) fn without_envelope(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    while let Some(line) = lines(rest).next() {
        if !is_blank(line) && !line.starts_with(b"From ") && !line.starts_with(b">From ") {
            break;
        }
        rest = &rest[line.len()..];
    }
    rest
}

/// Lines with their line ends.
pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split_inclusive(|&b| b == b'\n')
}

fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|b| matches!(b, b'\r' | b'\n'))
}

/// `Name:` with a name of printable ASCII, as RFC 5322 section 2.2 has it.
fn is_field(line: &[u8]) -> bool {
    let Some(colon) = line.iter().position(|&b| b == b':') else {
        return false;
    };
    let name = line[..colon].trim_ascii_end();
    // `https://…` at the start of a text is no field.
    let link = line[colon + 1..].starts_with(b"//");
    !link && !name.is_empty() && name.iter().all(u8::is_ascii_graphic)
}

#[cfg(test)]
mod tests {
    use super::{split, without_envelope};

    fn check(input: &str, fields: &str, body: &str, sound: bool) {
        let head = split(input.as_bytes());
        assert_eq!(head.fields, fields.as_bytes(), "{input:?}");
        assert_eq!(head.body, body.as_bytes(), "{input:?}");
        assert_eq!(head.sound, sound, "{input:?}");
    }

    #[test]
    fn the_empty_line_ends_the_fields() {
        check("A: b\r\n c\r\n\r\nbody\n\n", "A: b\r\n c\r\n", "body\n\n", true);
        check("A: b\n\nbody", "A: b\n", "body", true);
        check("A: b\n", "A: b\n", "", true);
        check("\nbody", "", "body", true);
        check("", "", "", true);
    }

    #[test]
    fn text_without_fields_is_all_body() {
        check("Dear customer,\n\npay now", "", "Dear customer,\n\npay now", false);
        check("https", "", "https", false);
    }

    #[test]
    fn a_huge_header_block_is_cut_and_the_body_kept() {
        let input = "A: b\n".repeat(100_000) + "\nbody";
        let head = split(input.as_bytes());
        assert_eq!(head.body, b"body");
        assert_eq!(head.cut + head.fields.len(), 500_000);
        assert!(head.cut > 0);
    }

    #[test]
    fn what_a_mail_store_adds_is_dropped() {
        let mail = b"\r\n\r\nFrom a@example.com Mon\r\nSubject: x\r\n\r\nFrom here";
        assert_eq!(without_envelope(mail), b"Subject: x\r\n\r\nFrom here");
    }
}
