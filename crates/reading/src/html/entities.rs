//! Character references (`&amp;`, `&#x41;`), as a browser resolves them. The table
//! of names is `mail-parser`'s.

use std::borrow::Cow;

use encoding_rs::WINDOWS_1252;
use mail_parser::decoders::html::add_html_token;

/// Octets of the longest name: `&CounterClockwiseContourIntegral;`.
const NAME_BYTES_MAX: usize = 32;
/// Names that need no semicolon, of those that are in use.
const BARE: [&str; 12] =
    ["amp", "AMP", "lt", "LT", "gt", "GT", "quot", "QUOT", "nbsp", "shy", "copy", "reg"];

/// Resolves the references in text, or in the value of an attribute.
pub(crate) fn decode(text: &str, attribute: bool) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = numeric(rest, &mut out).or_else(|| named(rest, attribute, &mut out));
        let length = length.unwrap_or_else(|| {
            out.push('&');
            1
        });
        rest = &rest[length..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// `&#65;` or `&#x41;`, with or without the semicolon: its length.
fn numeric(text: &str, out: &mut String) -> Option<usize> {
    let digits = text.strip_prefix("&#")?;
    let (digits, radix) = match digits.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16),
        None => (digits, 10),
    };
    let count = digits.bytes().take_while(|b| char::from(*b).is_digit(radix)).count();
    if count == 0 {
        return None;
    }
    // Too many digits are no character either.
    let code = u32::from_str_radix(&digits[..count], radix).unwrap_or(u32::MAX);
    out.push(character(code));
    let semicolon = digits[count..].starts_with(';');
    Some(text.len() - digits.len() + count + usize::from(semicolon))
}

/// The character of a code; those of the C1 range mean windows-1252.
fn character(code: u32) -> char {
    match u8::try_from(code) {
        Ok(0) => '\u{fffd}',
        Ok(byte @ 0x80..=0x9f) => {
            let octet = [byte];
            let (text, _) = WINDOWS_1252.decode_without_bom_handling(&octet);
            text.chars().next().unwrap_or('\u{fffd}')
        }
        _ => char::from_u32(code).unwrap_or('\u{fffd}'),
    }
}

/// `&amp;`, and `&amp` for a few names: its length.
fn named(text: &str, attribute: bool, out: &mut String) -> Option<usize> {
    let name = &text[1..];
    let length = name.bytes().take(NAME_BYTES_MAX).take_while(u8::is_ascii_alphanumeric).count();
    if name[length..].starts_with(';') {
        let token = &text[..length + 2];
        let before = out.len();
        add_html_token(out, token.as_bytes(), false);
        if &out[before..] != token {
            return Some(token.len());
        }
        out.truncate(before);
    }
    let bare = BARE.into_iter().find(|bare| name.starts_with(bare))?;
    // In an attribute, `&copy=1` is a parameter of a URL.
    let next = name.as_bytes().get(bare.len());
    if attribute && next.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'=') {
        return None;
    }
    add_html_token(out, format!("&{bare};").as_bytes(), false);
    Some(1 + bare.len())
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn references_in_text() {
        for (text, expect) in [
            ("a&amp;b &lt;&gt; &eacute;&hellip;", "a&b <> é…"),
            ("&#104;&#x74;&#X74;p &#58 &#150;", "http : –"),
            ("&amp &copy 2026 &ampx", "& © 2026 &x"),
            ("AT&T & &; &# &#x; &unknown; &", "AT&T & &; &# &#x; &unknown; &"),
            ("&#0;&#xd800;&#x110000;&#99999999999;", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
            ("https&colon;&sol;&sol;a&period;example", "https://a.example"),
        ] {
            assert_eq!(decode(text, false), expect, "{text:?}");
        }
    }

    #[test]
    fn parameters_of_a_url_are_no_references() {
        for (text, expect) in
            [("?a=1&copy=2&amp;b=3", "?a=1&copy=2&b=3"), ("?a&ampb", "?a&ampb"), ("?a&lt", "?a<")]
        {
            assert_eq!(decode(text, true), expect, "{text:?}");
        }
    }
}
