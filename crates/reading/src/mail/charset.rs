//! Octets of a text part to characters, by the charset it names, or as a browser
//! would guess where it names none.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use mail_parser::decoders::charsets::map::charset_decoder;

/// Octets of HTML in which a `<meta charset>` is looked for, as in a browser.
const META_BYTES: usize = 1_024;

/// A decoded text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Text<'a> {
    pub(super) text: Cow<'a, str>,
    /// What was wrong, in words.
    pub(super) problem: Option<String>,
}

/// Decodes `bytes`, which their part says are in `charset`.
pub(super) fn decode<'a>(bytes: &'a [u8], charset: Option<&str>) -> Text<'a> {
    let label = charset.map(|c| c.trim().trim_matches(['"', '\''])).filter(|c| !c.is_empty());
    match label {
        Some(label) => labelled(bytes, label),
        None => unlabelled(bytes),
    }
}

fn labelled<'a>(bytes: &'a [u8], label: &str) -> Text<'a> {
    // Plain ASCII is what most texts are, whatever they say; and many say
    // `us-ascii` of UTF-8.
    let ascii = label.eq_ignore_ascii_case("us-ascii") || label.eq_ignore_ascii_case("ascii");
    if ascii && let Ok(text) = std::str::from_utf8(bytes) {
        return sound(text);
    }
    match Encoding::for_label(label.as_bytes()) {
        Some(encoding) => by(bytes, encoding),
        None => by_mail_name(bytes, label),
    }
}

/// Names that mail knows and browsers do not: `utf-7`, `ibm850`.
fn by_mail_name<'a>(bytes: &'a [u8], label: &str) -> Text<'a> {
    if bytes.is_empty() {
        return sound("");
    }
    if let Some(decoder) = charset_decoder(label.as_bytes()) {
        return Text { text: Cow::Owned(decoder(bytes)), problem: None };
    }
    let mut text = unlabelled(bytes);
    text.problem = Some(format!("the charset {:?} is not known", crate::limits::cut(label, 60)));
    text
}

/// UTF-8 where it is valid, else what a `<meta charset>` says, else windows-1252.
fn unlabelled(bytes: &[u8]) -> Text<'_> {
    if let Some(encoding) = by_zeros(bytes) {
        let mut text = by(bytes, encoding);
        text.problem = Some(format!("no charset is named; read as {}", encoding.name()));
        return text;
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return sound(text.strip_prefix('\u{feff}').unwrap_or(text));
    }
    if let Some(encoding) = meta_charset(bytes) {
        return by(bytes, encoding);
    }
    let (encoding, problem) = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => (encoding, None),
        None => (
            WINDOWS_1252,
            Some("no charset is named and it is not UTF-8; read as windows-1252".to_owned()),
        ),
    };
    let mut text = by(bytes, encoding);
    text.problem = text.problem.or(problem);
    text
}

/// UTF-16 without a mark, as far as the zeros of Latin letters tell.
fn by_zeros(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(META_BYTES)];
    if head.len() < 16 || Encoding::for_bom(head).is_some() {
        return None;
    }
    let zeros = |first: usize| head.iter().skip(first).step_by(2).filter(|b| **b == 0).count();
    let most = head.len() / 2 * 3 / 4;
    match (zeros(0), zeros(1)) {
        (0, high) if high >= most => Some(UTF_16LE),
        (high, 0) if high >= most => Some(UTF_16BE),
        _ => None,
    }
}

fn by<'a>(bytes: &'a [u8], encoding: &'static Encoding) -> Text<'a> {
    let (text, encoding, faulty) = encoding.decode(bytes);
    let problem = faulty.then(|| format!("some octets are not in {}", encoding.name()));
    Text { text, problem }
}

fn sound(text: &str) -> Text<'_> {
    Text { text: Cow::Borrowed(text), problem: None }
}

fn meta_charset(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes[..bytes.len().min(META_BYTES)].to_ascii_lowercase();
    let head = String::from_utf8_lossy(&head);
    let (_, rest) = head.split_once("charset=")?;
    let label = rest.trim_start_matches(['"', '\'', ' ']);
    let label = label.split(['"', '\'', ' ', '>', ';', '/']).next()?;
    // A document that can be read this far is not in UTF-16, whatever it says.
    Encoding::for_label(label.as_bytes()).map(|e| if e.is_ascii_compatible() { e } else { UTF_8 })
}

#[cfg(test)]
mod tests {
    use super::decode;

    fn check(bytes: &[u8], charset: Option<&str>, expect: &str, problem: Option<&str>) {
        let got = decode(bytes, charset);
        assert_eq!(got.text, expect, "{charset:?}");
        assert_eq!(got.problem.as_deref(), problem, "{charset:?}");
    }

    #[test]
    fn named_charsets_are_decoded() {
        check("é".as_bytes(), Some("utf-8"), "é", None);
        check(b"\xe9\x80", Some("ISO-8859-1"), "é€", None);
        check(b"\xb5\xa1", Some("\"gb2312\""), "怠", None);
        check(b"\x1b$B%O\x1b(B", Some("iso-2022-jp"), "ハ", None);
        check(b"+ZYeB9FH6ckh5Pg-", Some("utf-7"), "文致出版社", None);
        check("é".as_bytes(), Some("us-ascii"), "é", None);
        check(b"\xe9", Some("us-ascii"), "é", None);
    }

    #[test]
    fn faults_are_told_and_the_text_is_kept() {
        check(b"a\xffb", Some("utf-8"), "a\u{fffd}b", Some("some octets are not in UTF-8"));
        check(b"abc", Some("klingon"), "abc", Some("the charset \"klingon\" is not known"));
        let guess = "no charset is named and it is not UTF-8; read as windows-1252";
        check(b"\xe9", None, "é", Some(guess));
    }

    #[test]
    fn a_charset_is_guessed_as_browsers_do() {
        check("\u{feff}é".as_bytes(), None, "é", None);
        check(b"\xff\xfea\0", None, "a", None);
        let utf16: Vec<u8> =
            "<p>caf\u{e9} here".encode_utf16().flat_map(u16::to_be_bytes).collect();
        check(&utf16, None, "<p>caf\u{e9} here", Some("no charset is named; read as UTF-16BE"));
        check(b"<meta charset='koi8-r'>\xd0", None, "<meta charset='koi8-r'>п", None);
    }

    #[test]
    fn an_empty_text_is_empty_in_every_charset() {
        for charset in ["utf-8", "utf-16", "utf-7", "ibm850", "gb18030", "none"] {
            let got = decode(b"", Some(charset));
            assert_eq!(got.text, "", "{charset}");
        }
    }
}
