//! What was read in a report, as pages show it: text, links with their roles, defects.
//! It comes from the bounded child as JSON; what is missing there is not shown.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use belfry_casebook::access::Analyst;
use belfry_casebook::report::{Receipt, Report};
use belfry_casebook::{Casebook, StoreError};
use belfry_web::Clock;
use serde::Deserialize;
use serde_json::Value;

use crate::pages::act::Act;
use crate::pages::frame::{Frame, Refusal, show};
use crate::pages::person::Person;
use crate::shown;

const LINKS_MAX: usize = 100;
const TEXT_MAX: usize = 65_536;
const FURTHER_MAX: usize = 20;
const FURTHER_TEXT_MAX: usize = 2_000;

/// Nothing of a mail's text may do anything, whatever it holds.
const TEXT_POLICY: &str = "sandbox; default-src 'none'; style-src 'self'; frame-ancestors 'self'";

/// A reading.
pub(super) struct ReadingView {
    pub(super) receipt: String,
    pub(super) subject: String,
    pub(super) from: String,
    pub(super) links: Vec<LinkView>,
    /// Whether there is a text to be framed.
    pub(super) has_text: bool,
    pub(super) defects: Vec<String>,
    /// The other mails of a report that forwards several.
    pub(super) further: Vec<FurtherView>,
    /// Whether it is a mail, which may have a layout.
    pub(super) is_mail: bool,
}

/// A mail beside the first.
pub(super) struct FurtherView {
    pub(super) subject: String,
    pub(super) from: String,
    pub(super) text: String,
}

pub(super) struct LinkView {
    pub(super) url: String,
    pub(super) text: String,
    pub(super) role: String,
    pub(super) why: String,
    pub(super) lies: bool,
}

impl ReadingView {
    pub(super) fn new(receipt: &str, json: &str) -> Self {
        let reading: Value = serde_json::from_str(json).unwrap_or_default();
        let from = from(&reading["summary"]);
        let sms = text(&reading["summary"]["sms_sender"]);
        Self {
            is_mail: false,
            further: list(&reading["further"]).take(FURTHER_MAX).map(further).collect(),
            receipt: receipt.to_owned(),
            subject: text(&reading["summary"]["subject"]),
            from: if from.is_empty() { sms } else { from },
            has_text: reading["text"].as_str().is_some_and(|text| !text.trim().is_empty()),
            links: list(&reading["links"]).take(LINKS_MAX).map(link).collect(),
            defects: list(&reading["defects"]).take(LINKS_MAX).map(defect).collect(),
        }
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    shown::line(value.as_str().unwrap_or_default())
}

fn link(link: &Value) -> LinkView {
    LinkView {
        url: shown::url(link["url"].as_str().unwrap_or_default()),
        text: text(&link["text"]),
        role: text(&link["role"]),
        why: text(&link["why"]),
        lies: link["text_disagrees"] == true,
    }
}

fn from(summary: &Value) -> String {
    let from = &summary["from"];
    [text(&from["name"]), text(&from["address"])].join(" ").trim().to_owned()
}

fn further(mail: &Value) -> FurtherView {
    FurtherView {
        subject: text(&mail["summary"]["subject"]),
        from: from(&mail["summary"]),
        text: shown::text(mail["text"].as_str().unwrap_or_default(), FURTHER_TEXT_MAX),
    }
}

fn defect(defect: &Value) -> String {
    let parts = [text(&defect["kind"]), text(&defect["detail"])];
    parts.join(" ").trim().to_owned()
}

#[derive(Template)]
#[template(path = "mail_text.html")]
struct TextPage {
    f: Frame,
    text: String,
}

/// The text of a report, for the frame on its case's page: no script, no network, no link.
pub(super) async fn body(
    person: Person,
    State(casebook): State<Casebook>,
    Path(receipt): Path<String>,
) -> Result<Response, Refusal> {
    person.authorize::<Analyst>()?;
    let report = find(&casebook, &receipt).await?;
    let record = casebook.reading(report.id).await?;
    let reading: Value =
        record.and_then(|record| serde_json::from_str(&record.json).ok()).unwrap_or_default();
    let text = shown::text(reading["text"].as_str().unwrap_or_default(), TEXT_MAX);
    let mut response = show(&TextPage { f: person.frame, text })?;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, header::HeaderValue::from_static(TEXT_POLICY));
    headers.insert(header::X_FRAME_OPTIONS, header::HeaderValue::from_static("SAMEORIGIN"));
    Ok(response)
}

#[derive(Debug, Deserialize)]
pub(super) struct RevealForm {}

/// The report byte for byte, as a file; a line in the audit log comes first.
pub(super) async fn original(
    State(casebook): State<Casebook>,
    State(clock): State<Clock>,
    Path(receipt): Path<String>,
    act: Act<Analyst, RevealForm>,
) -> Result<Response, Refusal> {
    let report = find(&casebook, &receipt).await?;
    let bytes = casebook.reveal(&act.by, &report, clock.now()).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"report.eml\""),
    ];
    Ok((headers, bytes).into_response())
}

pub(super) async fn find(casebook: &Casebook, receipt: &str) -> Result<Report, StoreError> {
    let missing = || StoreError::Missing { what: "report", id: "of this receipt".into() };
    let receipt = Receipt::parse(receipt).ok_or_else(missing)?;
    casebook.report(&receipt).await?.ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_is_shown_dead() {
        let json = r#"{"summary":{"subject":"<b>\u202eHi","from":{"name":"Bank","address":"a@b.example"}},
            "links":[{"url":"https://evil.example/x","text":"bank.example","role":"call-to-action",
            "why":"because","text_disagrees":true}],"defects":[{"kind":"charset"}],
            "further":[{"summary":{"subject":"Two\u202e","from":{"address":"c@d.example"}},"text":"<i>x"}]}"#;
        let view = ReadingView::new("R", json);
        assert_eq!(view.subject, "<b>⟨U+202E⟩Hi");
        assert_eq!(view.from, "Bank a@b.example");
        assert_eq!(
            (view.links[0].url.as_str(), view.links[0].lies),
            ("hxxps://evil[.]example/x", true)
        );
        assert_eq!(view.defects, ["charset"]);
        let other = &view.further[0];
        assert_eq!(
            (other.subject.as_str(), other.from.as_str(), other.text.as_str()),
            ("Two⟨U+202E⟩", "c@d.example", "<i>x")
        );
    }

    #[test]
    fn what_is_no_reading_is_empty() {
        for json in ["", "[]", "{\"links\":7,\"summary\":[]}", "null"] {
            let view = ReadingView::new("R", json);
            assert!(view.links.is_empty() && view.subject.is_empty(), "{json}");
        }
    }
}
