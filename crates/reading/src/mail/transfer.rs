//! Content-Transfer-Encoding undone, leniently: what is broken is skipped or kept
//! as it stands, and counted, since mail programs show it all the same.

use std::borrow::Cow;

use memchr::memmem;

/// Uuencoded files taken out of one text.
const FILES_MAX: usize = 20;

/// A decoded body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decoded<'a> {
    pub(super) bytes: Cow<'a, [u8]>,
    /// What was wrong, in words.
    pub(super) problem: Option<String>,
}

/// Undoes `encoding`; an unknown one leaves the bytes as they are.
pub(super) fn decode<'a>(body: &'a [u8], encoding: &str) -> Decoded<'a> {
    // A comment may follow, or a parameter.
    let name = encoding.split(['(', ';']).next().unwrap_or_default();
    match name.trim().to_ascii_lowercase().as_str() {
        "base64" => base64(body),
        "quoted-printable" => quoted_printable(body),
        "x-uuencode" | "uuencode" | "x-uue" | "uue" => uuencoded(body),
        "" | "7bit" | "8bit" | "binary" => raw(body, None),
        other => raw(body, Some(format!("the transfer encoding {other:?} is not known"))),
    }
}

fn raw(body: &[u8], problem: Option<String>) -> Decoded<'_> {
    Decoded { bytes: Cow::Borrowed(body), problem }
}

/// Whether a text in quoted-printable does not say so: its attributes are escaped.
pub(super) fn is_escaped_unsaid(body: &[u8]) -> bool {
    memmem::find_iter(body, b"=3D\"").take(100).any(|at| {
        let name = body[..at].iter().rev().take(10).take_while(|b| b.is_ascii_alphabetic()).count();
        name >= 3
    })
}

/// Uuencoded files in a text: the name of each, and where it stands.
pub(super) fn uuencoded_files(text: &str) -> Vec<(String, std::ops::Range<usize>)> {
    let mut found = Vec::new();
    let (mut at, mut open) = (0, None);
    for line in text.split_inclusive('\n') {
        match &open {
            None => {
                let name = line.strip_prefix("begin ").and_then(|rest| rest.split_once(' '));
                let name = name.filter(|(mode, name)| {
                    mode.len() >= 3
                        && mode.bytes().all(|b| b.is_ascii_digit())
                        && !name.trim().is_empty()
                });
                open = name.map(|(_, name)| (at, name.trim().to_owned()));
            }
            Some((from, name)) if line.trim_end() == "end" => {
                found.push((name.clone(), *from..at + line.len()));
                open = None;
            }
            Some(_) => {}
        }
        at += line.len();
        if found.len() >= FILES_MAX {
            break;
        }
    }
    found
}

/// Lines between `begin` and `end`, each of which says how many octets it holds.
fn uuencoded(body: &[u8]) -> Decoded<'_> {
    let mut lines = body.split(|b| *b == b'\n').skip_while(|line| !line.starts_with(b"begin "));
    if lines.next().is_none() {
        return raw(body, Some("there is no uuencoded file in the body".to_owned()));
    }
    let value = |b: Option<&u8>| u32::from(b.copied().unwrap_or(b'`').wrapping_sub(b' ') & 0x3f);
    let mut bytes = Vec::with_capacity(body.len() / 4 * 3);
    for line in lines {
        let (Some(length), data) = (line.first(), line.get(1..).unwrap_or_default()) else { break };
        let length = value(Some(length)) as usize;
        if length == 0 || line.starts_with(b"end") {
            break;
        }
        let from = bytes.len();
        for four in data.trim_ascii_end().chunks(4) {
            let bits = (0..4).fold(0, |bits, at| bits << 6 | value(four.get(at)));
            bytes.extend_from_slice(&bits.to_be_bytes()[1..]);
        }
        bytes.truncate(from + length);
    }
    Decoded { bytes: Cow::Owned(bytes), problem: None }
}

/// Foreign characters are skipped; a body that is mostly foreign was never base64.
fn base64(body: &[u8]) -> Decoded<'_> {
    let mut bytes = Vec::with_capacity(body.len() / 4 * 3 + 3);
    let (mut bits, mut held, mut foreign) = (0_u32, 0_u32, 0_usize);
    for &b in body {
        match sextet(b) {
            Some(value) => {
                bits = (bits << 6) | value;
                held += 6;
                if held >= 8 {
                    held -= 8;
                    bytes.push((bits >> held).to_be_bytes()[3]);
                }
            }
            // Padding ends a run; another may follow where parts were glued together.
            None if b == b'=' => (bits, held) = (0, 0),
            None if b.is_ascii_whitespace() => {}
            None => foreign += 1,
        }
    }
    if foreign > bytes.len() / 3 {
        let problem = "the body is not in base64 as its header says; it is read as it stands";
        return raw(body, Some(problem.to_owned()));
    }
    let problem = if foreign > 0 {
        Some(format!("{foreign} octets in base64 belong to no base64"))
    } else {
        (held == 6).then(|| "base64 ends in the middle of an octet".to_owned())
    };
    Decoded { bytes: Cow::Owned(bytes), problem }
}

fn sextet(b: u8) -> Option<u32> {
    Some(u32::from(match b {
        b'A'..=b'Z' => b - b'A',
        b'a'..=b'z' => b - b'a' + 26,
        b'0'..=b'9' => b - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    }))
}

/// An `=` that begins no escape stays as it is.
fn quoted_printable(body: &[u8]) -> Decoded<'_> {
    let mut bytes = Vec::with_capacity(body.len());
    let mut broken = 0_usize;
    let mut rest = body;
    while let Some((&b, tail)) = rest.split_first() {
        rest = tail;
        if b != b'=' {
            bytes.push(b);
        } else if let [high, low, after @ ..] = tail
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            bytes.push(high << 4 | low);
            rest = after;
        } else if let Some(after) = soft_break(tail) {
            rest = after;
        } else {
            bytes.push(b);
            broken += 1;
        }
    }
    Decoded {
        bytes: Cow::Owned(bytes),
        problem: (broken > 0).then(|| format!("{broken} escapes of quoted-printable are broken")),
    }
}

/// What follows a soft line break: `=`, blanks and a line end, or the end of all.
fn soft_break(tail: &[u8]) -> Option<&[u8]> {
    // A line is at most 998 octets; blanks beyond that are no line break.
    let blanks = tail.iter().take(998).take_while(|b| matches!(b, b' ' | b'\t' | b'\r')).count();
    match tail.get(blanks) {
        Some(b'\n') => Some(&tail[blanks + 1..]),
        None => Some(&[]),
        Some(_) => None,
    }
}

fn hex(b: u8) -> Option<u8> {
    match b {
        b'0'..=b'9' => Some(b - b'0'),
        b'A'..=b'F' => Some(b - b'A' + 10),
        b'a'..=b'f' => Some(b - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::decode;

    fn check(encoding: &str, body: &str, expect: &str, problem: bool) {
        let got = decode(body.as_bytes(), encoding);
        assert_eq!(String::from_utf8_lossy(&got.bytes), expect, "{body:?}");
        assert_eq!(got.problem.is_some(), problem, "{body:?}: {:?}", got.problem);
    }

    #[test]
    fn base64_is_decoded_and_its_faults_are_told() {
        check("base64", "aGVs\r\nbG8=\r\n", "hello", false);
        check("BASE64 ", "aGVsbG8", "hello", false);
        check("base64", "aGU=bGxv", "hello", false);
        check("base64", "aGVsbG8gd29ybGQh!", "hello world!", true);
        check("base64", "aGVsb", "hel", true);
        check(
            "base64",
            "Dear customer, pay! (now) <or> {never}; \"yes\"",
            "Dear customer, pay! (now) <or> {never}; \"yes\"",
            true,
        );
        check("base64", "", "", false);
    }

    #[test]
    fn quoted_printable_is_decoded_and_its_faults_are_told() {
        check("quoted-printable", "a=3Db=\r\nc= \nd=C3=A9", "a=bcdé", false);
        check("quoted-printable", "a=zz=4", "a=zz=4", true);
        check("quoted-printable", "end=", "end", false);
        check("Quoted-Printable", "=3d", "=", false);
        check("quoted-printable (7bit)", "=3d", "=", false);
    }

    #[test]
    fn unknown_encodings_leave_the_text() {
        check("8bit", "a=3D", "a=3D", false);
        check("x-uuencode", "a=3D", "a=3D", true);
        check("X-UUEncode", "x\nbegin 644 a\n%:&5L;&\\`\n`\nend\n", "hello", false);
        check("uue", "begin 644 a\n!\n", "", false);
    }

    #[test]
    fn files_within_a_text_are_found() {
        let text =
            "hi\nbegin 644 a b.htm\n%:&5L;&\\`\n`\nend\nbegin with this\nend\nbegin 644 open\n";
        let found = super::uuencoded_files(text);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, "a b.htm");
        let file = &text[found[0].1.clone()];
        assert_eq!(&*decode(file.as_bytes(), "uue").bytes, b"hello");
        assert!(super::is_escaped_unsaid(b"<a href=3D\"x\">"));
        assert!(!super::is_escaped_unsaid(b"1+1=3D\"x\" a=\"b\""));
    }

    proptest! {
        #[test]
        fn decoding_never_grows_what_it_is_given(body: Vec<u8>, base64: bool) {
            let encoding = if base64 { "base64" } else { "quoted-printable" };
            prop_assert!(decode(&body, "uue").bytes.len() <= body.len());
            prop_assert!(decode(&body, encoding).bytes.len() <= body.len());
        }
    }
}
