//! Tables as CSV (RFC 4180), which people open with spreadsheets: a field of a stranger's
//! never becomes a formula there.

use axum::http::header;
use axum::response::{IntoResponse, Response};

/// Rows under a head.
pub(super) fn answer<'a>(
    name: &str,
    head: &[&str],
    rows: impl IntoIterator<Item = Vec<String>> + 'a,
) -> Response {
    let mut text = line(head.iter().map(|field| (*field).to_owned()));
    for row in rows {
        text.push_str(&line(row));
    }
    let disposition = format!("attachment; filename=\"{name}.csv\"");
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    (headers, text).into_response()
}

fn line(fields: impl IntoIterator<Item = String>) -> String {
    let fields: Vec<String> = fields.into_iter().map(|text| field(&text)).collect();
    fields.join(",") + "\r\n"
}

fn field(text: &str) -> String {
    let formula = text.len() > 1 && text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let quote = if formula { "'" } else { "" };
    if formula || text.contains(['"', ',', '\n', '\r', ';']) {
        return format!("\"{quote}{}\"", text.replace('"', "\"\""));
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_text_whatever_it_holds() {
        for (given, written) in [
            ("a", "a"),
            ("-", "-"),
            ("a,b", "\"a,b\""),
            ("a\"b", "\"a\"\"b\""),
            ("=1+1", "\"'=1+1\""),
            ("@x", "\"'@x\""),
            ("", ""),
        ] {
            assert_eq!(field(given), written);
        }
        assert_eq!(line(["a".to_owned(), "b\n".to_owned()]), "a,\"b\n\"\r\n");
    }
}
