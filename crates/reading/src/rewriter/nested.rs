//! URLs that any URL carries: `?next=https%3A%2F%2F…`, `/https://…`, base64 or hex.

use data_encoding::HEXLOWER_PERMISSIVE;

use super::form::base64;
use super::unescaped;

/// URLs that are taken out of one.
const NESTED_MAX: usize = 4;
/// How often a value is percent-decoded.
const ESCAPES_MAX: usize = 4;

/// The URLs that stand in `url` behind its host, as they stand there.
pub(crate) fn nested(url: &str) -> Vec<String> {
    let mut found = Vec::new();
    // Behind `https://h`, so that no URL is found in itself.
    let Some(mut rest) = url.get(9..) else { return found };
    while found.len() < NESTED_MAX
        && let Some(at) = start(rest)
    {
        let value = &rest[at..];
        let (inner, length) = read(value);
        if let Some(inner) = inner {
            found.push(inner);
        }
        rest = &value[length.max(1)..];
    }
    found
}

/// Where `http`, or its base64 or hex, begins.
fn start(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let written = memchr::memchr3_iter(b'h', b'H', b'a', bytes).find(|at| {
        let head = &bytes[*at..bytes.len().min(at + 5)];
        head.len() == 5 && (head[..4].eq_ignore_ascii_case(b"http") || head == b"aHR0c")
    });
    let hex = memchr::memmem::find(bytes, b"68747470");
    written.into_iter().chain(hex).min()
}

/// The URL that begins `value`, and the octets it takes there.
fn read(value: &str) -> (Option<String>, usize) {
    let end = value.find(['&', '#', '"', '\'', '<', '>', ' ']).unwrap_or(value.len());
    let field = &value[..end];
    if field.starts_with("aHR0c") {
        let end = field.find(|c: char| !c.is_ascii_alphanumeric() && !"+/-_=".contains(c));
        let run = &field[..end.unwrap_or(field.len())];
        // In a path the next segment may follow it.
        let segment = run.split('/').next().unwrap_or(run);
        let text = base64(run).or_else(|| base64(segment));
        return (text.and_then(|text| web_link(&text)), run.len());
    }
    if field.starts_with("68747470") {
        let end = field.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(field.len());
        let run = &field[..end / 2 * 2];
        let text = HEXLOWER_PERMISSIVE.decode(run.as_bytes()).ok();
        let text = text.and_then(|bytes| String::from_utf8(bytes).ok());
        return (text.and_then(|text| web_link(&text)), run.len());
    }
    if field.contains("://") {
        return (web_link(field), field.len());
    }
    let mut text = field.to_owned();
    for _ in 0..ESCAPES_MAX {
        let next = unescaped(&text);
        if next == text {
            break;
        }
        text = next;
        if text.contains("://") {
            return (web_link(&text), field.len());
        }
    }
    // Not a URL, but one may stand further on in the same value.
    (None, 1)
}

/// `text` where it is a web link with a host of more than one label.
fn web_link(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    let host = rest.split(['/', '?', '#', '&']).next()?;
    (web && host.contains(['.', ':'])).then(|| text.to_owned())
}
