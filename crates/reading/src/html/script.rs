//! Scripts, as far as they can be read without running them: strings that are HTML
//! or addresses, plain, percent-encoded or in base64. Pages that are attached to mails
//! are mostly written by such a script. What a script computes is not seen.

use data_encoding::BASE64_MIME_PERMISSIVE;
use percent_encoding::percent_decode_str;

/// The shortest string that can matter: `//a.be`.
const STRING_BYTES_MIN: usize = 6;
/// Encodings within encodings that are undone.
const LAYERS_MAX: usize = 4;
/// A line this long that ends within a string was folded by a mail server.
const FOLDED_BYTES_MIN: usize = 900;
/// Pieces taken of one script.
const PIECES_MAX: usize = 1_000;

/// What a string in a script is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// HTML that it may write.
    Writes(String),
    /// An address that it leads to.
    Leads(String),
    /// An address that stands in it.
    Names(String),
}

/// What was read of a script.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub(super) pieces: Vec<Piece>,
    /// Octets of the strings that were looked at.
    pub(super) decoded: usize,
}

/// Reads the strings of `script`, of at most `bytes_max` octets together.
pub(super) fn read(script: &str, bytes_max: usize) -> Taken {
    let mut taken = Taken::default();
    let mut strings = literals(script).peekable();
    while let Some((before, literal)) = strings.next() {
        if taken.pieces.len() >= PIECES_MAX || taken.decoded + literal.len() > bytes_max {
            break;
        }
        taken.decoded += literal.len();
        let mut string = unfolded(literal);
        // `'https://ev' + 'il.example'` is one string.
        while let Some((_, more)) = strings.next_if(|(code, _)| code.trim() == "+") {
            if taken.decoded + more.len() > bytes_max {
                break;
            }
            taken.decoded += more.len();
            string.push_str(&unfolded(more));
        }
        if string.len() >= STRING_BYTES_MIN
            && let Some(piece) = piece(undone(string), before)
        {
            taken.pieces.push(piece);
        }
    }
    for (before, string) in character_codes(script) {
        if taken.pieces.len() >= PIECES_MAX || taken.decoded + string.len() > bytes_max {
            break;
        }
        taken.decoded += string.len();
        taken.pieces.extend(piece(undone(string), before));
    }
    taken
}

/// A literal as the string that it stands for.
fn unfolded(literal: &str) -> String {
    unescaped(&literal.replace("\r\n ", "").replace("\n ", "").replace("\r\n", ""))
}

/// The strings that `String.fromCharCode(60, 0x61, …)` makes, each with the code before it.
fn character_codes(script: &str) -> impl Iterator<Item = (&str, String)> {
    const CALL: &str = "fromCharCode(";
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + script[at..].find(CALL)?;
            let from = start + CALL.len();
            let length =
                script[from..].find(|c: char| !(c.is_ascii_hexdigit() || "xX, \r\n\t".contains(c)));
            at = from + length.unwrap_or(script.len() - from);
            let codes = script[from..at].split(',').map(|code| {
                let code = code.trim();
                let hex = code.strip_prefix("0x").or_else(|| code.strip_prefix("0X"));
                hex.map_or_else(|| code.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok())
            });
            let string: Option<String> = codes.map(|code| code.and_then(char::from_u32)).collect();
            if let Some(string) = string.filter(|string| string.len() >= STRING_BYTES_MIN) {
                let before = script[..start].strip_suffix("String.").unwrap_or(&script[..start]);
                return Some((before, string));
            }
        }
    })
}

/// What the string `text`, which stands behind the code `before`, is.
fn piece(text: String, before: &str) -> Option<Piece> {
    if is_markup(&text) {
        return Some(Piece::Writes(text));
    }
    let address = text.trim();
    let head = address.get(..8).unwrap_or(address).to_ascii_lowercase();
    let web = head.starts_with("http://") || head.starts_with("https://");
    if !web || address.contains(char::is_whitespace) || address.len() < "http://a.b".len() {
        return None;
    }
    let address = address.to_owned();
    Some(if leads(before) { Piece::Leads(address) } else { Piece::Names(address) })
}

/// Whether the code before a string opens it: `location.href = "…"`.
fn leads(before: &str) -> bool {
    const WRAPPERS: [&str; 5] =
        ["atob(", "unescape(", "decodeURIComponent(", "String(", "decodeURI("];
    const OPENERS: [&str; 6] =
        ["location=", ".href=", "location.replace(", "location.assign(", "open(", ".navigate("];
    let tail = before.char_indices().rev().take(80).last().map_or(before, |(at, _)| &before[at..]);
    let mut code: String = tail.chars().filter(|c| !c.is_whitespace()).collect();
    while let Some(wrapper) = WRAPPERS.iter().find(|wrapper| code.ends_with(*wrapper)) {
        code.truncate(code.len() - wrapper.len());
        for owner in ["window.", "self."] {
            code.truncate(code.strip_suffix(owner).map_or(code.len(), str::len));
        }
    }
    OPENERS.iter().any(|opener| code.ends_with(opener))
}

/// A tag stands in it.
fn is_markup(text: &str) -> bool {
    text.match_indices('<').any(|(at, _)| {
        let next = text.as_bytes().get(at + 1);
        next.is_some_and(|b| b.is_ascii_alphabetic() || *b == b'!') && text[at..].contains('>')
    })
}

/// `text` with percent-encoding and base64 undone, where they hold markup or an address.
fn undone(mut text: String) -> String {
    for _ in 0..LAYERS_MAX {
        let next = if text.contains('%') && !is_markup(&text) {
            Some(percent_decode_str(&text).decode_utf8_lossy().into_owned())
        } else {
            base64(&text)
        };
        match next.filter(|next| *next != text) {
            Some(next) => text = next,
            None => break,
        }
    }
    text
}

/// Text out of base64 that is long enough not to be a word.
fn base64(text: &str) -> Option<String> {
    const BASE64_BYTES_MIN: usize = 16;
    let digit = |b: u8| b.is_ascii_alphanumeric() || b"+/=\n\r".contains(&b);
    if text.len() < BASE64_BYTES_MIN || !text.bytes().all(digit) {
        return None;
    }
    let bytes = BASE64_MIME_PERMISSIVE.decode(text.as_bytes()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    text.chars().all(|c| !c.is_control() || c.is_whitespace()).then_some(text)
}

/// The string literals of a script, each with the code before it. Comments are passed
/// over; a string ends at its line's end at the latest, unless it is a template.
fn literals(script: &str) -> impl Iterator<Item = (&str, &str)> {
    let bytes = script.as_bytes();
    let (mut at, mut code) = (0, 0);
    std::iter::from_fn(move || {
        loop {
            let next = at + bytes.get(at..)?.iter().position(|b| b"\"'`/".contains(b))?;
            let quote = bytes[next];
            if quote == b'/' {
                at = match bytes.get(next + 1) {
                    Some(b'/') => end_of(script, next, "\n"),
                    Some(b'*') => end_of(script, next + 2, "*/"),
                    _ => next + 1,
                };
                continue;
            }
            let end = closing(bytes, next + 1, quote);
            let literal = &script[next + 1..end];
            let before = &script[code..next];
            at = (end + 1).min(bytes.len());
            code = at;
            // A string that is broken over lines ends before its line end.
            if !script.is_char_boundary(at) {
                at = end;
                code = end;
            }
            return Some((before, literal));
        }
    })
}

fn end_of(script: &str, from: usize, mark: &str) -> usize {
    let found = script.get(from..).and_then(|rest| rest.find(mark));
    found.map_or(script.len(), |found| from + found + mark.len())
}

/// Where the string that begins at `start` ends.
fn closing(bytes: &[u8], start: usize, quote: u8) -> usize {
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'\n' if quote != b'`' && at - start < FOLDED_BYTES_MIN => return at,
            byte if byte == quote => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// `\x3c`, `\u003c`, `\/` and the like undone.
fn unescaped(literal: &str) -> String {
    let mut out = String::with_capacity(literal.len());
    let mut rest = literal;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let tail = &rest[at + 1..];
        let digits = match tail.as_bytes().first() {
            Some(b'x') => 2,
            Some(b'u') => 4,
            _ => 0,
        };
        let code = tail.get(1..1 + digits).filter(|_| digits > 0);
        let code = code.and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32);
        let Some(c) = tail.chars().next() else { break };
        (rest, out) = match code {
            Some(c) => (&tail[1 + digits..], pushed(out, c)),
            None => (&tail[c.len_utf8()..], pushed(out, meant(c))),
        };
    }
    out.push_str(rest.trim_start_matches('\\'));
    out
}

fn pushed(mut text: String, c: char) -> String {
    text.push(c);
    text
}

fn meant(escaped: char) -> char {
    match escaped {
        'n' | 'r' => '\n',
        't' => '\t',
        other => other,
    }
}

#[cfg(test)]
mod tests;
