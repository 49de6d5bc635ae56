//! A multipart body, split at its boundary lines (RFC 2046 section 5.1). Parts
//! are slices of the body; nothing is copied.

use super::head::lines;

/// What a multipart body consists of.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    /// The parts in order, at most as many as asked for.
    pub(super) parts: Vec<&'a [u8]>,
    /// What stands before the first of them.
    pub(super) preamble: &'a [u8],
    /// The closing delimiter was there.
    pub(super) closed: bool,
    /// Parts stood after the closing delimiter.
    pub(super) after_close: bool,
    /// There were more parts than asked for.
    pub(super) more: bool,
}

/// Splits `body`. Parts after the closing delimiter are given too: a mail program
/// may or may not show them, an analyst must see them.
pub(super) fn split<'a>(body: &'a [u8], boundary: &[u8], parts_max: usize) -> Parts<'a> {
    let mut found = Parts::default();
    let boundary = boundary.trim_ascii_end();
    let mut open: Option<usize> = None;
    let mut inner = Inner::default();
    let mut at = 0;
    for line in lines(body) {
        if let Some(closes) = delimiter(line, boundary)
            && !(closes && open.is_some_and(|start| inner.owns(line, &body[start..at], boundary)))
        {
            inner = Inner::default();
            if open.is_none() && found.parts.is_empty() && !found.closed {
                found.preamble = &body[..at];
            }
            close(&mut found, body, open.take(), at, parts_max);
            found.after_close |= found.closed && !closes;
            found.closed |= closes;
            open = (!closes).then_some(at + line.len());
        }
        at += line.len();
    }
    let end = open.filter(|_| !found.closed).and_then(|start| run_on(&body[start..], boundary));
    found.closed |= end.is_some();
    close(&mut found, body, open, end.map_or(at, |length| open.unwrap_or(0) + length), parts_max);
    found
}

/// The length of a last part to whose last line the closing delimiter was added.
fn run_on(part: &[u8], boundary: &[u8]) -> Option<usize> {
    let rest = part.trim_ascii_end().strip_suffix(b"--")?.strip_suffix(boundary)?;
    rest.strip_suffix(b"--").map(<[u8]>::len)
}

/// The boundary of the open part, where it is ours and more: `--b--` may then be a
/// delimiter within the part and not the end of all.
#[derive(Default)]
struct Inner<'a> {
    boundary: Option<Option<&'a [u8]>>,
    closed: bool,
}

impl<'a> Inner<'a> {
    /// Whether `line`, which looks like our end, is the open part's.
    fn owns(&mut self, line: &[u8], part: &'a [u8], outer: &[u8]) -> bool {
        let own = *self.boundary.get_or_insert_with(|| {
            named_boundary(part).filter(|own| own.len() > outer.len() && own.starts_with(outer))
        });
        let closes = own.filter(|_| !self.closed).and_then(|own| delimiter(line, own));
        self.closed |= closes == Some(true);
        closes.is_some()
    }
}

/// The boundary that the header fields of a part name.
fn named_boundary(part: &[u8]) -> Option<&[u8]> {
    const HEAD_BYTES_MAX: usize = 4 << 10;
    const NAME: &[u8] = b"boundary=";
    let blank = |line: &[u8]| line.trim_ascii().is_empty();
    let head: usize = lines(part).take_while(|line| !blank(line)).map(<[u8]>::len).sum();
    let head = &part[..head.min(HEAD_BYTES_MAX)];
    let at = head.windows(NAME.len()).position(|word| word.eq_ignore_ascii_case(NAME))?;
    let value = &head[at + NAME.len()..];
    match value.strip_prefix(b"\"") {
        Some(quoted) => quoted.split(|b| *b == b'"').next(),
        None => value.split(|b| b.is_ascii_whitespace() || *b == b';').next(),
    }
}

/// Ends the part that began at `open`, without the line end before the delimiter.
fn close<'a>(
    found: &mut Parts<'a>,
    body: &'a [u8],
    open: Option<usize>,
    end: usize,
    parts_max: usize,
) {
    let Some(start) = open else {
        return;
    };
    if found.parts.len() >= parts_max {
        found.more = true;
        return;
    }
    let part = &body[start..end];
    let part = part.strip_suffix(b"\n").unwrap_or(part);
    found.parts.push(part.strip_suffix(b"\r").unwrap_or(part));
}

/// Whether `line` is a delimiter, and then whether it is the closing one.
fn delimiter(line: &[u8], boundary: &[u8]) -> Option<bool> {
    let rest = line.strip_prefix(b"--")?.strip_prefix(boundary)?;
    let rest = rest.trim_ascii_end();
    match rest {
        b"" => Some(false),
        _ => rest.starts_with(b"--").then_some(true),
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    fn check(body: &str, expect: &[&str], closed: bool) {
        let found = split(body.as_bytes(), b"b", 10);
        let parts: Vec<_> = found.parts.iter().map(|p| std::str::from_utf8(p).unwrap()).collect();
        assert_eq!(parts, expect, "{body:?}");
        assert_eq!(found.closed, closed, "{body:?}");
    }

    #[test]
    fn parts_stand_between_delimiters() {
        check(
            "pre\r\n--b\r\none\r\n--b\r\n\r\ntwo\r\n\r\n--b--\r\npost",
            &["one", "\r\ntwo\r\n"],
            true,
        );
        check("--b \none\n--b--", &["one"], true);
        check("--b\none\n", &["one"], false);
        check("no delimiter", &[], false);
        check("--b\none\n--bc\n--b\n--b--", &["one\n--bc", ""], true);
    }

    #[test]
    fn a_delimiter_within_a_part_does_not_end_all() {
        let inner = "Content-Type: multipart/mixed; boundary=\"b--\"\n\n--b--\n\none\n--b----";
        check(&format!("--b\n{inner}\n--b\ntwo\n--b--"), &[inner, "two"], true);
        check(&format!("--b\n{inner}\n--b--\nafter\n"), &[inner], true);
    }

    #[test]
    fn an_end_behind_the_last_word_is_an_end() {
        check("--b\n\nlast--b--\n", &["\nlast"], true);
        check("--b\n\nsee --b-- here", &["\nsee --b-- here"], false);
    }

    #[test]
    fn parts_after_the_end_are_not_lost() {
        let found = split(b"--b\none\n--b--\n--b\ntwo", b"b", 10);
        assert_eq!(found.parts, [b"one", b"two"]);
        assert!(found.after_close && found.closed);
    }

    #[test]
    fn the_number_of_parts_is_bounded() {
        let body = "--b\nx\n".repeat(100);
        let found = split(body.as_bytes(), b"b", 10);
        assert_eq!(found.parts.len(), 10);
        assert!(found.more);
    }
}
