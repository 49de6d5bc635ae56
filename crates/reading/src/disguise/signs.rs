//! The signs that a text holds links written so that they cannot be clicked. Most
//! texts have none, and are not looked at any closer.

use memchr::{memchr2_iter, memchr3_iter, memmem};

/// What follows an opening bracket by no chance. A bare `DOT` or `AT` is no sign: such
/// words count only where one of these stands in the same line.
const BRACKETED: [&str; 19] = [
    ".]", ".[", ".)", ".}", "dot]", "dot)", "dot}", "punt]", "punt)", "punkt]", "punkt)", "punto]",
    "punto)", "point]", ":]", "://]", "@]", "at]", "at)",
];
const MORE_BRACKETED: [&str; 8] = ["@)", "@}", "at}", "-]", "/]", "http]", "https]", "www]"];
/// Schemes that nothing opens, before `://`.
const SCHEMES: [&str; 9] =
    ["hxxp", "hxxps", "hxtp", "hxtps", "htxp", "htxps", "xxxx", "xxxxs", "meow"];

/// Whether `text` holds a sign.
pub(crate) fn is_broken(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr3_iter(b'[', b'(', b'{', bytes).any(|at| is_sign(&bytes[at + 1..]))
        || memmem::find_iter(bytes, "://").any(|at| is_odd_scheme(&bytes[..at]))
        || memchr2_iter(b'\\', b'^', bytes).any(|at| is_escaped_dot(bytes, at))
}

fn is_sign(rest: &[u8]) -> bool {
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    // Most brackets open prose.
    let known = |sign: &str| {
        rest.get(..sign.len()).is_some_and(|head| head.eq_ignore_ascii_case(sign.as_bytes()))
    };
    rest.first().is_some_and(|b| b".:@-/dDpPaAhHwW".contains(b))
        && BRACKETED.iter().chain(&MORE_BRACKETED).any(|sign| known(sign))
}

fn is_odd_scheme(before: &[u8]) -> bool {
    SCHEMES.iter().any(|scheme| {
        let start = before.len().checked_sub(scheme.len());
        start.is_some_and(|start| {
            before[start..].eq_ignore_ascii_case(scheme.as_bytes())
                && !before[..start].last().is_some_and(u8::is_ascii_alphanumeric)
        })
    }) || before.ends_with(b"h**p")
        || before.ends_with(b"h**ps")
}

/// `evil\.example`, but not the end of a path or a pattern.
fn is_escaped_dot(bytes: &[u8], at: usize) -> bool {
    let letter =
        |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric);
    bytes.get(at + 1) == Some(&b'.') && letter(at.checked_sub(1)) && letter(at.checked_add(2))
}

#[cfg(test)]
mod tests {
    use super::is_broken;

    #[test]
    fn signs_are_told_from_prose() {
        for text in [
            "hxxp://a.example",
            "x HXXPS://a",
            "a[.]b",
            "a [dot] b",
            "a(DOT)b",
            "a\\.b",
            "http[:]//a",
            "x{at}y",
            "h**ps://a",
        ] {
            assert!(is_broken(text), "{text}");
        }
        for text in [
            "",
            "https://a.example",
            "[1] (see below) {x}",
            "(at last)",
            "[https://a.example]",
            "foo\\bar",
            "a[b]",
            "axxxx://b",
        ] {
            assert!(!is_broken(text), "{text}");
        }
    }
}
