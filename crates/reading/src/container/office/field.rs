//! Addresses in the small languages of fields and formulas.

/// What a field of a text leads to or loads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Link(String),
    Picture(String),
}

/// Reads `HYPERLINK "url" \l "place"`, `INCLUDEPICTURE "url"` and the like.
pub(super) fn instruction(text: &str) -> Option<Field> {
    let text = text.trim_start();
    let (word, rest) = text.split_once([' ', '\t', '\u{a0}', '"']).unwrap_or((text, ""));
    let make: fn(String) -> Field = match word.to_ascii_uppercase().as_str() {
        "HYPERLINK" => Field::Link,
        "INCLUDEPICTURE" | "INCLUDETEXT" | "IMPORT" => Field::Picture,
        _ => return None,
    };
    let quoted = text.split_once(['"', '\u{201c}', '\u{201d}']).map(|(_, quoted)| quoted);
    let url = match quoted {
        Some(quoted) => quoted.split(['"', '\u{201c}', '\u{201d}']).next().unwrap_or_default(),
        None => rest.split_whitespace().next().unwrap_or_default(),
    };
    (!url.is_empty() && !url.starts_with('\\')).then(|| make(url.replace("\\\\", "\\")))
}

/// The address in `HYPERLINK("url"; "text")`. Pieces joined by `&` are one.
pub(super) fn formula(text: &str) -> Option<String> {
    let at = text.to_ascii_uppercase().find("HYPERLINK(")? + "HYPERLINK(".len();
    let mut rest = text.get(at..)?;
    let mut url = String::new();
    loop {
        let quoted = rest.trim_start().strip_prefix('"')?;
        let (piece, behind) = quoted.split_once('"')?;
        url.push_str(piece);
        match behind.trim_start().strip_prefix('&') {
            Some(more) => rest = more,
            None => return Some(url),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Field, formula, instruction};

    #[test]
    fn fields_name_what_they_lead_to() {
        let link = |url: &str| Some(Field::Link(url.to_owned()));
        for (text, expect) in [
            (" HYPERLINK \"https://a.example/?x=1\" \\o \"tip\" ", link("https://a.example/?x=1")),
            ("HYPERLINK https://a.example/", link("https://a.example/")),
            ("hyperlink “https://a.example/”", link("https://a.example/")),
            ("HYPERLINK \\l \"_Toc1\"", link("_Toc1")),
            (
                "INCLUDEPICTURE  \"https://a.example/p.png\" \\d",
                Some(Field::Picture("https://a.example/p.png".to_owned())),
            ),
            ("PAGE", None),
            ("HYPERLINK", None),
            ("", None),
        ] {
            assert_eq!(instruction(text), expect, "{text}");
        }
    }

    #[test]
    fn formulas_name_it_too() {
        for (text, expect) in [
            ("HYPERLINK(\"https://a.example/\",\"Pay\")", Some("https://a.example/")),
            (
                "=IF(A1,hyperlink(\"https://\" & \"a.example\"&\"/x\";\"y\"))",
                Some("https://a.example/x"),
            ),
            ("HYPERLINK(A1)", None),
            ("SUM(A1:A9)", None),
            ("ﬀHYPERLINK(\"é", None),
        ] {
            assert_eq!(formula(text).as_deref(), expect, "{text}");
        }
    }
}
