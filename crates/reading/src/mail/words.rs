//! Encoded words of header fields (RFC 2047), as far as they must be mended before they
//! are decoded.

use std::borrow::Cow;

use memchr::memmem;

/// Neighbouring encoded words of one charset made one: programs that count octets cut
/// letters in two (`=?utf-8?B?w?= =?utf-8?B?qQ==?=`), which RFC 2047 forbids.
pub(super) fn rejoined(fields: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    if memmem::find(&fields, b"?=").is_none() {
        return fields;
    }
    let mut out: Vec<u8> = Vec::with_capacity(fields.len());
    let mut rest = &fields[..];
    // Where the last word's charset begins in `out`, if the word is the last thing there.
    let mut last: Option<Word<'_>> = None;
    while let Some(at) = memmem::find(rest, b"=?") {
        let gap = &rest[..at];
        let Some((word, length)) = Word::at(&rest[at..]) else {
            out.extend_from_slice(&rest[..at + 2]);
            (rest, last) = (&rest[at + 2..], None);
            continue;
        };
        let joins = last.as_ref().filter(|last| {
            !gap.is_empty() && gap.iter().all(u8::is_ascii_whitespace) && last.joins(&word)
        });
        if joins.is_some() {
            out.truncate(out.len() - 2);
            out.extend_from_slice(word.text);
            out.extend_from_slice(b"?=");
        } else {
            out.extend_from_slice(gap);
            out.extend_from_slice(&rest[at..at + length]);
        }
        last = Some(word);
        rest = &rest[at + length..];
    }
    out.extend_from_slice(rest);
    Cow::Owned(out)
}

/// An encoded word: `=?charset?B?text?=`.
struct Word<'f> {
    charset: &'f [u8],
    coding: u8,
    text: &'f [u8],
}

impl<'f> Word<'f> {
    /// The one at the start of `fields`, and its length.
    fn at(fields: &'f [u8]) -> Option<(Self, usize)> {
        let line = &fields[..fields.len().min(1_000)];
        let mut parts = line.get(2..)?.splitn(3, |b| *b == b'?');
        let (charset, coding, rest) = (parts.next()?, parts.next()?, parts.next()?);
        let end = memmem::find(rest, b"?=")?;
        let text = &rest[..end];
        let [coding] = coding else { return None };
        let sound = !charset.is_empty() && !text.iter().chain(charset).any(u8::is_ascii_whitespace);
        let length = 2 + charset.len() + 3 + end + 2;
        sound.then_some((Self { charset, coding: coding.to_ascii_uppercase(), text }, length))
    }

    /// Whether `next` may go on where this word ends.
    fn joins(&self, next: &Self) -> bool {
        let whole = self.coding == b'Q'
            || (self.text.len().is_multiple_of(4) && !self.text.ends_with(b"="));
        whole && self.coding == next.coding && self.charset.eq_ignore_ascii_case(next.charset)
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;

    use super::rejoined;

    fn check(fields: &str, expect: &str) {
        assert_eq!(String::from_utf8_lossy(&rejoined(Cow::Borrowed(fields.as_bytes()))), expect);
    }

    #[test]
    fn neighbours_of_one_charset_are_one_word() {
        check("S: =?utf-8?B?QmV0YWzD?=\r\n =?UTF-8?b?qQ==?= x", "S: =?utf-8?B?QmV0YWzDqQ==?= x");
        check("S: =?utf-8?Q?a=C3?= =?utf-8?q?=A9?= =?utf-8?q?b?=", "S: =?utf-8?Q?a=C3=A9b?=");
        for whole in [
            "S: =?utf-8?B?QQ==?= =?utf-8?B?QQ==?=",
            "S: =?utf-8?Q?a?= and =?utf-8?Q?b?=",
            "S: =?utf-8?Q?a?= =?koi8-r?Q?b?=",
            "S: =?utf-8?Q?a?= =?utf-8?B?Yg==?=",
            "S: =?=?=? =? ?=",
            "no word",
        ] {
            check(whole, whole);
        }
    }

    proptest! {
        #[test]
        fn any_fields_are_kept(fields in "(=\\?|\\?=|utf-8|\\?[BQ]\\?| |a|\r\n){0,40}") {
            prop_assert!(rejoined(Cow::Borrowed(fields.as_bytes())).len() <= fields.len());
        }
    }
}
