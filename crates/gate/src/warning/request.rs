//! What of a request the page looks at: the host, the method, and whether a
//! person will see the answer. Everything in it is hostile; nothing of it is kept.

use axum::http::header::{ACCEPT, ACCEPT_LANGUAGE, HOST, HeaderName};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use belfry_indicator::Domain;

use crate::warning::language::{self, Language};

const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// A request, as far as it matters.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asked {
    /// The host, where it is a name at all.
    pub(super) host: Option<Domain>,
    pub(super) language: Language,
    /// A person will look at the answer: they get the page, others a line of text.
    pub(super) by_person: bool,
    /// A body may follow, which nobody will read.
    pub(super) sends: bool,
}

impl Asked {
    pub(super) fn read(head: &Parts, default: Language) -> Self {
        let accepted = text(&head.headers, &ACCEPT_LANGUAGE);
        Self {
            host: host(head),
            language: language::choose(head.uri.query(), accepted, default),
            by_person: by_person(head),
            sends: !matches!(head.method, Method::GET | Method::HEAD),
        }
    }
}

fn host(head: &Parts) -> Option<Domain> {
    let given = text(&head.headers, &HOST).or_else(|| head.uri.host())?;
    let name = match given.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => given,
    };
    Domain::parse(name).ok()
}

/// A navigation: a form that was sent counts, for its sender needs the page most.
fn by_person(head: &Parts) -> bool {
    let navigates = matches!(head.method, Method::GET | Method::HEAD | Method::POST);
    let shown = matches!(
        text(&head.headers, &SEC_FETCH_DEST),
        None | Some("document" | "iframe" | "frame")
    );
    navigates && shown && text(&head.headers, &ACCEPT).is_some_and(accepts_html)
}

fn accepts_html(accept: &str) -> bool {
    accept.split(',').any(|range| {
        let (kind, parameters) = range.split_once(';').unwrap_or((range, ""));
        kind.trim().eq_ignore_ascii_case("text/html") && language::weight(parameters) > 0
    })
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn read(method: &str, headers: &[(&str, &str)]) -> Asked {
        let mut request = Request::builder().method(method).uri("/x");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Asked::read(&request.body(()).unwrap().into_parts().0, Language::Nl)
    }

    #[test]
    fn a_host_is_a_name_or_nothing() {
        for (given, expect) in [
            ("Evil.Example", Some("evil.example")),
            ("evil.example:8081", Some("evil.example")),
            ("evil.example.", Some("evil.example")),
            ("evil.example:80:80", None),
            ("<script>alert(1)</script>", None),
            ("evil.example/path", None),
            ("127.0.0.1:8081", None),
            ("[::1]:80", None),
            ("", None),
            (":80", None),
        ] {
            let host = read("GET", &[("host", given)]).host;
            assert_eq!(host.as_ref().map(Domain::as_str), expect, "{given:?}");
        }
        assert_eq!(read("GET", &[]).host, None);
        assert_eq!(read("GET", &[("host", &"a.".repeat(4_000))]).host, None);
    }

    #[test]
    fn only_what_a_person_will_see_is_a_navigation() {
        const HTML: (&str, &str) = ("accept", "text/html,application/xml;q=0.9,*/*;q=0.8");
        for (method, headers, expect) in [
            ("GET", &[HTML][..], true),
            ("HEAD", &[HTML], true),
            ("POST", &[HTML], true),
            ("PUT", &[HTML], false),
            ("GET", &[HTML, ("sec-fetch-dest", "document")], true),
            ("GET", &[HTML, ("sec-fetch-dest", "iframe")], true),
            ("GET", &[HTML, ("sec-fetch-dest", "script")], false),
            ("GET", &[HTML, ("sec-fetch-dest", "empty")], false),
            ("GET", &[("accept", "*/*")], false),
            ("GET", &[("accept", "text/html;q=0")], false),
            ("GET", &[], false),
        ] {
            assert_eq!(read(method, headers).by_person, expect, "{method} {headers:?}");
        }
    }
}
