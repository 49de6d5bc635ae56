//! A mail as it looked: its HTML, made harmless by a bounded child, in a frame whose policy
//! allows no script, no network and no form. Without whom it was sent to; with them, after
//! a line in the audit log.

use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_SECURITY_POLICY, X_FRAME_OPTIONS};
use axum::response::{Html, IntoResponse, Response};
use belfry_casebook::access::Analyst;
use belfry_casebook::report::Content;
use belfry_desk::Desk;
use belfry_web::Clock;
use serde::Deserialize;

use crate::pages::act::Act;
use crate::pages::frame::{Frame, Refusal};
use crate::pages::person::Person;
use crate::pages::reading::find;
use crate::shown;
use crate::texts::Dossier;

/// Styles of the mail itself may speak, and nothing else may do anything.
const POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; \
                      frame-ancestors 'self'; form-action 'none'; base-uri 'none'";
/// Characters of a page.
const PAGE_MAX: usize = 2 << 20;

/// The page without the people whom the mail was sent to.
pub(super) async fn page(
    person: Person,
    State(desk): State<Desk>,
    Path(receipt): Path<String>,
) -> Result<Response, Refusal> {
    person.authorize::<Analyst>()?;
    let report = find(desk.casebook(), &receipt).await?;
    if report.content != Content::Mail {
        return Ok(framed(&person.frame, Page::None));
    }
    let bytes = desk.casebook().evidence(report.id).await?;
    Ok(framed(&person.frame, made(&desk, bytes, true).await))
}

#[derive(Debug, Deserialize)]
pub(super) struct RevealForm {}

/// The page with them; a line in the audit log comes first.
pub(super) async fn reveal(
    State(desk): State<Desk>,
    State(clock): State<Clock>,
    Path(receipt): Path<String>,
    act: Act<Analyst, RevealForm>,
) -> Result<Response, Refusal> {
    let report = find(desk.casebook(), &receipt).await?;
    let bytes = desk.casebook().reveal(&act.by, &report, clock.now()).await?;
    Ok(framed(&act.person.frame, made(&desk, bytes, false).await))
}

/// What there is to be shown.
enum Page {
    Some(String),
    None,
    Failed,
}

async fn made(desk: &Desk, bytes: Vec<u8>, redacted: bool) -> Page {
    match desk.page_of(bytes, redacted).await {
        Ok(Some(html)) if !html.trim().is_empty() => Page::Some(html),
        Ok(_) => Page::None,
        Err(error) => {
            tracing::warn!(%error, "a mail could not be shown");
            Page::Failed
        }
    }
}

fn framed(f: &Frame, page: Page) -> Response {
    let d = Dossier::of(f.language);
    let body = match page {
        Page::Some(html) => shown::text(&html, PAGE_MAX),
        Page::None => format!("<p>{}</p>", d.page_none),
        Page::Failed => format!("<p>{}</p>", d.page_failed),
    };
    let (tag, title) = (f.language.tag(), d.page);
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"{tag}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light\"><title>{title}</title></head>\
         <body>{body}</body></html>"
    );
    let mut response = Html(html).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;
    use crate::state::Site;

    #[tokio::test]
    async fn a_page_is_framed_by_a_policy_that_allows_looks_only() {
        let site = Site::new("http://localhost:8080").unwrap();
        let f = Frame::new(Language::En, &site);
        let response = framed(&f, Page::Some("<p>a\u{202e}b</p>".into()));
        let policy = response.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
        assert!(policy.starts_with("sandbox; default-src 'none'"), "{policy}");
        for word in ["allow-", "script-src", "img-src", "http", "frame-src"] {
            assert!(!policy.contains(word), "{word}");
        }
        let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(body.contains("<p>a⟨U+202E⟩b</p>"), "nothing turns: {body}");
    }

    #[tokio::test]
    async fn what_is_missing_is_said_in_the_readers_language() {
        let site = Site::new("http://localhost:8080").unwrap();
        for (language, word) in [(Language::De, "Gestaltung"), (Language::Fr, "mise en forme")] {
            let response = framed(&Frame::new(language, &site), Page::None);
            let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
            assert!(String::from_utf8(body.to_vec()).unwrap().contains(word));
        }
    }
}
