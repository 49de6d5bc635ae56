//! A calendar (iCalendar, RFC 5545): the properties of its entries that a reader
//! sees or can click. Dates, alarms and time zones are left out.

use percent_encoding::percent_decode_str;

use crate::limits::cut;

/// Properties kept of one calendar.
const PROPERTIES_MAX: usize = 10_000;
/// Octets of one unfolded property that are kept.
const PROPERTY_BYTES_MAX: usize = 256 << 10;

/// One property that matters.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Property {
    /// Octet offset in the calendar.
    pub(crate) offset: usize,
    pub(crate) value: Value,
}

/// What it holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// An address that a click opens.
    Link(String),
    /// Text that is shown.
    Text(String),
    /// Text in HTML that is shown instead.
    Html(String),
}

/// The properties of `text`, in order.
pub(crate) fn read(text: &str) -> Vec<Property> {
    let mut found = Vec::new();
    for (offset, line) in unfolded(text) {
        if found.len() >= PROPERTIES_MAX {
            break;
        }
        property(offset, &line, &mut found);
    }
    found
}

/// Lines whose continuations (a space or tab first) are joined.
fn unfolded(text: &str) -> impl Iterator<Item = (usize, String)> {
    let mut lines = text.split_inclusive('\n').peekable();
    let mut at = 0;
    std::iter::from_fn(move || {
        let first = lines.next()?;
        let offset = at;
        at += first.len();
        let mut line = first.trim_end_matches(['\r', '\n']).to_owned();
        // Of the first version of calendars, which some programs write still.
        while is_quoted_printable(&line)
            && line.ends_with('=')
            && let Some(next) = lines.next()
        {
            at += next.len();
            line.pop();
            if line.len() < PROPERTY_BYTES_MAX {
                line.push_str(next.trim_end_matches(['\r', '\n']));
            }
        }
        while let Some(next) = lines.next_if(|next| next.starts_with([' ', '\t'])) {
            at += next.len();
            if line.len() < PROPERTY_BYTES_MAX {
                line.push_str(next[1..].trim_end_matches(['\r', '\n']));
            }
        }
        Some((offset, line))
    })
}

fn is_quoted_printable(line: &str) -> bool {
    let head = line.split(':').next().unwrap_or_default();
    head.len() < 200 && head.to_ascii_uppercase().contains("QUOTED-PRINTABLE")
}

/// Escapes `=C3=A9` undone.
fn decoded(value: &str) -> String {
    let escaped = value.replace('%', "%25").replace('=', "%");
    percent_decode_str(&escaped).decode_utf8_lossy().into_owned()
}

fn property(offset: usize, line: &str, found: &mut Vec<Property>) {
    let Some((head, value)) = split(line) else {
        return;
    };
    let decoded = is_quoted_printable(head).then(|| decoded(value));
    let value = decoded.as_deref().unwrap_or(value);
    let mut quoted = false;
    let mut parameters = head.split(|c| {
        quoted ^= c == '"';
        c == ';' && !quoted
    });
    let name = parameters.next().unwrap_or_default().to_ascii_uppercase();
    let parameters: Vec<_> = parameters.collect();
    let mut push = |value| found.push(Property { offset, value });
    for parameter in &parameters {
        if let Some(url) = strip_name(parameter, "ALTREP=") {
            push(Value::Link(url.trim_matches('"').to_owned()));
        }
    }
    let html = parameters.iter().any(|p| p.eq_ignore_ascii_case("FMTTYPE=text/html"));
    match name.as_str() {
        "X-ALT-DESC" if html => push(Value::Html(unescaped(value))),
        "DESCRIPTION" | "STYLED-DESCRIPTION" if html => push(Value::Html(unescaped(value))),
        "SUMMARY" | "DESCRIPTION" | "LOCATION" | "COMMENT" | "X-ALT-DESC" | "CONTACT" => {
            push(Value::Text(unescaped(value)));
        }
        _ => {
            let value = unescaped(value);
            let start = cut(&value, 8).to_ascii_lowercase();
            if name == "URL" || start.starts_with("http://") || start.starts_with("https://") {
                push(Value::Link(value));
            }
        }
    }
}

/// Name with parameters, and value: split at the first colon outside quotes.
fn split(line: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let at = line.find(|c| {
        quoted ^= c == '"';
        c == ':' && !quoted
    })?;
    Some((&line[..at], &line[at + 1..]))
}

fn strip_name<'p>(parameter: &'p str, name: &str) -> Option<&'p str> {
    let start = parameter.get(..name.len())?;
    start.eq_ignore_ascii_case(name).then(|| &parameter[name.len()..])
}

/// `\n`, `\,`, `\;` and `\\` as what they stand for.
fn unescaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut characters = value.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => match characters.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(other) => out.push(other),
                None => {}
            },
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Value, read};

    fn check(text: &str, expect: &[(usize, Value)]) {
        let got: Vec<_> = read(text).into_iter().map(|p| (p.offset, p.value)).collect();
        assert_eq!(got, expect, "{text:?}");
    }

    fn link(url: &str) -> Value {
        Value::Link(url.to_owned())
    }

    #[test]
    fn folded_lines_are_one_and_escapes_are_undone() {
        check(
            "DESCRIPTION:Pay\\, now\\nat https://a.exa\r\n mple/x\r\nDTSTART:20261124T100000Z\r\n",
            &[(0, Value::Text("Pay, now\nat https://a.example/x".into()))],
        );
    }

    #[test]
    fn values_in_quoted_printable_are_decoded() {
        check(
            "DESCRIPTION;ENCODING=QUOTED-PRINTABLE:caf=C3=A9 100%=0Aat https://a.exa=\nmple/?x=3D1\nURL:x",
            &[(0, Value::Text("café 100%\nat https://a.example/?x=1".into())), (85, link("x"))],
        );
    }

    #[test]
    fn what_can_be_clicked_is_a_link() {
        check("URL;VALUE=URI:https://a.example/", &[(0, link("https://a.example/"))]);
        check("X-TEAMS:https://a.example/j", &[(0, link("https://a.example/j"))]);
        check(
            "ATTACH;FMTTYPE=application/pdf:HTTPS://a.example/p",
            &[(0, link("HTTPS://a.example/p"))],
        );
        check(
            "summary;altrep=\"https://a.example/;x:y\";LANGUAGE=nl:Afspraak",
            &[(0, link("https://a.example/;x:y")), (0, Value::Text("Afspraak".into()))],
        );
        check(
            "X-ALT-DESC;FMTTYPE=text/html:<a href=\"https://a.example\">x</a>",
            &[(0, Value::Html("<a href=\"https://a.example\">x</a>".into()))],
        );
        check("BEGIN:VEVENT\nno property\n\nUID:1", &[]);
    }

    #[test]
    fn a_flood_of_folds_and_properties_is_bounded() {
        let folds = format!("DESCRIPTION:a{}", "\n b".repeat(500_000));
        let Value::Text(text) = &read(&folds)[0].value else { panic!("a text") };
        assert!(text.len() <= 300_000);
        assert_eq!(read(&"URL:x\n".repeat(20_000)).len(), 10_000);
    }
}
