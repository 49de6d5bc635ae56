//! People as mail programs show them in a quoted header: not the grammar of RFC
//! 5322, but names with bare commas, `[mailto:…]`, semicolons and quotes of all kinds.

use super::lines::trim;
use crate::Address;
use crate::limits::{HEADER_VALUE_BYTES_MAX, cut};

/// People kept of one field.
const PEOPLE_MAX: usize = 200;
/// Octets of one field that are read.
const FIELD_BYTES_MAX: usize = 16 << 10;

/// Everyone named in the value of a field.
pub(super) fn people(value: &str) -> Vec<Address> {
    let value = plain(cut(value, FIELD_BYTES_MAX));
    let mut found = Vec::new();
    let mut start = 0;
    let mut quoted = false;
    let mut open = None;
    for (at, c) in value.char_indices() {
        match c {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '<' => open = Some(at),
            '>' => {
                if let Some(from) = open.take() {
                    let name = &value[start..from];
                    push(&mut found, name, Some(&value[from + 1..at]));
                    start = at + 1;
                }
            }
            ';' => {
                loose(&mut found, &value[start..at]);
                // A bracket before it is closed by nothing behind it.
                (start, open) = (at + 1, None);
            }
            // A comma may stand within a name, but not after a bare address.
            ',' if open.is_none() && (is_address(clean(&value[start..at])) || start == at) => {
                loose(&mut found, &value[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        if found.len() >= PEOPLE_MAX {
            return found;
        }
    }
    loose(&mut found, &value[start..]);
    found
}

/// The first person of a field.
pub(super) fn person(value: &str) -> Option<Address> {
    people(value).into_iter().next()
}

/// Whether the whole of `text` is a mail address.
pub(super) fn is_address(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else {
        return false;
    };
    let fits = |c: char| !c.is_whitespace() && !matches!(c, '<' | '>' | ',' | ';' | '"' | '@');
    !local.is_empty()
        && host.contains(|c: char| c.is_alphanumeric())
        && local.chars().chain(host.chars()).all(fits)
}

/// `a@b<mailto:a@b>` and `[mailto:a@b]` as `a@b` and `<a@b>`.
fn plain(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find("mailto:") {
        let (before, after) = (&rest[..at], &rest[at + "mailto:".len()..]);
        let (close, bracket) = if before.ends_with('<') { ('>', '<') } else { (']', '[') };
        let Some(end) = after.find(close).filter(|_| before.ends_with(bracket)) else {
            out.push_str(&rest[..at + "mailto:".len()]);
            rest = after;
            continue;
        };
        out.push_str(&before[..before.len() - 1]);
        if bracket == '[' {
            out.push('<');
            out.push_str(&after[..end]);
            out.push('>');
        }
        rest = &after[end + 1..];
    }
    out.push_str(rest);
    out
}

/// A person without angle brackets: an address, a name, or `name (address)`.
fn loose(found: &mut Vec<Address>, text: &str) {
    let text = clean(text);
    if is_address(text) {
        return push(found, "", Some(text));
    }
    let inner = text.split_once('(').and_then(|(name, rest)| Some((name, rest.split_once(')')?.0)));
    match inner {
        Some((name, address)) if is_address(clean(address)) => push(found, name, Some(address)),
        _ => {
            let (first, last) =
                (text.split_whitespace().next(), text.split_whitespace().next_back());
            match (first, last) {
                // `on behalf of` and the like follow a person and are none.
                (Some("on" | "namens" | "im" | "de"), Some(last)) if is_address(last) => {}
                _ => push(found, text, None),
            }
        }
    }
}

fn push(found: &mut Vec<Address>, name: &str, address: Option<&str>) {
    let address = address.map(clean).filter(|a| is_address(a));
    let name = Some(clean(name)).filter(|n| !n.is_empty() && !is_address(n));
    let keep = |text: &str| cut(text, HEADER_VALUE_BYTES_MAX).to_owned();
    let person = Address { name: name.map(keep), address: address.map(keep) };
    if person != Address::default() {
        found.push(person);
    }
}

/// Without separators, quotes and brackets around.
fn clean(text: &str) -> &str {
    trim(text.trim_matches(|c: char| {
        c.is_whitespace()
            || matches!(
                c,
                ',' | ';'
                    | '"'
                    | '\''
                    | '«'
                    | '»'
                    | '„'
                    | '“'
                    | '”'
                    | '‘'
                    | '’'
                    | '('
                    | '<'
                    | '>'
                    | '*'
                    | '\u{feff}'
            )
    }))
    .trim_end_matches(|c: char| c == ')' && !text.contains('('))
}

#[cfg(test)]
mod tests {
    use super::{is_address, people};

    fn check(value: &str, expect: &[(&str, &str)]) {
        let got: Vec<_> = people(value)
            .into_iter()
            .map(|p| (p.name.unwrap_or_default(), p.address.unwrap_or_default()))
            .collect();
        let expect: Vec<_> =
            expect.iter().map(|(n, a)| ((*n).to_owned(), (*a).to_owned())).collect();
        assert_eq!(got, expect, "{value:?}");
    }

    #[test]
    fn people_are_read_as_programs_write_them() {
        check("Jo Doe <jo@a.example>", &[("Jo Doe", "jo@a.example")]);
        check(
            "\"Doe, Jo\" <jo@a.example>, b@a.example",
            &[("Doe, Jo", "jo@a.example"), ("", "b@a.example")],
        );
        check(
            "Doe, Jo <jo@a.example>, Roe, Al<al@a.example>",
            &[("Doe, Jo", "jo@a.example"), ("Roe, Al", "al@a.example")],
        );
        check(
            "Jo [mailto:jo@a.example], Al [mailto:al@a.example]",
            &[("Jo", "jo@a.example"), ("Al", "al@a.example")],
        );
        check(
            "jo@a.example <jo@a.example>; al@a.example <al@a.example>;",
            &[("", "jo@a.example"), ("", "al@a.example")],
        );
        check(
            "Jo<mailto:jo@a.example> <jo@a.example<mailto:jo@a.example>> on behalf of d@a.example<mailto:d@a.example>",
            &[("Jo", "jo@a.example")],
        );
        check("« Jo » <jo@a.example>", &[("Jo", "jo@a.example")]);
        check("Jo (jo@a.example)", &[("Jo", "jo@a.example")]);
        check("Jo Doe; Al Roe", &[("Jo Doe", ""), ("Al Roe", "")]);
        check(
            "'al@a.example' <al@a.example>, \"'b@a.example'\" <b@a.example>",
            &[("", "al@a.example"), ("", "b@a.example")],
        );
        check("", &[]);
    }

    /// Found by fuzzing `mail`: a name was cut from behind the separator to before it.
    #[test]
    fn a_separator_within_brackets_ends_the_person() {
        check("\"Bank\" <info@bank.ex;ample>", &[("Bank\" <info@bank.ex", ""), ("ample", "")]);
        check(
            "Jo <jo@a.example; Al <al@a.example>",
            &[("Jo <jo@a.example", ""), ("Al", "al@a.example")],
        );
    }

    #[test]
    fn an_address_is_whole() {
        for text in ["a@b.example", "é@b.example"] {
            assert!(is_address(text), "{text}");
        }
        for text in ["a@", "@b", "a b@c", "a@b <", "", "a@b@c"] {
            assert!(!is_address(text), "{text}");
        }
    }

    #[test]
    fn no_value_takes_long() {
        people("Jo <jo@a;example>");
        for piece in ["<", "<;>", ">", "\"", ",", ";", "[mailto:", "<mailto:a@b", "a@b,", "("] {
            assert!(people(&piece.repeat(200_000 / piece.len())).len() <= super::PEOPLE_MAX);
        }
    }
}
