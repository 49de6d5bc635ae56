//! What strangers wrote, made safe to look at: defanged, bounded, and without the
//! characters that turn a line around or hide in it. Escaping for HTML is the template's.

use belfry_casebook::case::{Case, Subject};

/// Characters of one line.
const LINE_MAX: usize = 200;

/// A line of a stranger's: at most 200 characters, on one line.
pub(crate) fn line(text: &str) -> String {
    shown(text, LINE_MAX, false)
}

/// A text of a stranger's with its line breaks.
pub(crate) fn text(text: &str, chars_max: usize) -> String {
    shown(text, chars_max, true)
}

fn shown(text: &str, chars_max: usize, breaks: bool) -> String {
    let mut out = String::with_capacity(text.len().min(chars_max * 4));
    for (at, c) in text.chars().enumerate() {
        if at == chars_max {
            out.push('…');
            break;
        }
        match c {
            '\n' | '\t' if breaks => out.push(c),
            '\n' | '\r' | '\t' => out.push(' '),
            c if is_hidden(c) => out.push_str(&format!("⟨U+{:04X}⟩", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// Controls, and what turns or hides text.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
            | '\u{ad}' | '\u{61c}' | '\u{feff}' | '\u{2028}' | '\u{2029}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// A URL that nobody can click or paste by accident.
pub(crate) fn url(text: &str) -> String {
    let text = line(text);
    let (scheme, rest) = match text.split_once(':') {
        Some((scheme, rest)) if scheme.bytes().all(|b| b.is_ascii_alphanumeric()) => (scheme, rest),
        _ => return text.replace('.', "[.]"),
    };
    let scheme = scheme.replace("tt", "xx").replace("javascript", "javascript[!]");
    let start = rest.len() - rest.trim_start_matches('/').len();
    let end = rest[start..].find(['/', '?', '#']).map_or(rest.len(), |end| start + end);
    let (host, path) = rest.split_at(end);
    format!("{scheme}:{}{}", host.replace('.', "[.]"), path.replace("://", "[:]//"))
}

/// What a case is about, to be looked at.
pub(crate) fn subject(case: &Case) -> String {
    match &case.subject {
        Subject::Host { host, .. } => host.defanged(),
        Subject::Url { url, .. } => line(&url.defanged()),
        Subject::Message { title, .. } => line(title),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_turns_or_hides() {
        assert_eq!(line("a\u{202e}b\u{200b}c\r\nd\u{0}"), "a⟨U+202E⟩b⟨U+200B⟩c  d⟨U+0000⟩");
        assert_eq!(text("a\nb", 10), "a\nb");
        assert_eq!(text("abc", 2), "ab…");
        assert_eq!(line(&"x".repeat(1_000_000)).chars().count(), LINE_MAX + 1);
    }

    #[test]
    fn urls_are_dead() {
        let dead = [
            (
                "https://evil.example/a.b?u=http://x.example",
                "hxxps://evil[.]example/a.b?u=http[:]//x.example",
            ),
            ("javascript:alert(1)", "javascript[!]:alert(1)"),
            ("data:text/html,<b>", "data:text/html,<b>"),
            ("evil.example", "evil[.]example"),
            ("mailto:a@b.example", "mailto:a@b[.]example"),
            ("://x", "://x"),
            ("", ""),
        ];
        for (alive, shown) in dead {
            assert_eq!(url(alive), shown);
        }
    }
}
