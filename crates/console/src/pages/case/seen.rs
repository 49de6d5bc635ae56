//! What a browser of ours saw of a case's page: the way there, the forms, and the picture,
//! blurred until someone asks for it by a logged act. All of it is a stranger's words:
//! defanged, bounded, never a link.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect, Response};
use belfry_casebook::access::Analyst;
use belfry_casebook::case::{CaseFile, Subject};
use belfry_casebook::inspection::{Device, Inspection, Progress};
use belfry_casebook::{Casebook, StoreError};
use belfry_desk::Desk;
use belfry_web::Clock;
use serde::Deserialize;

use crate::inspections::{FormView, PageView, unasked};
use crate::pages::act::Act;
use crate::pages::frame::{Frame, Refusal, show};
use crate::pages::person::Person;
use crate::shown;
use crate::texts::{Dossier, Moment};

/// Ways and forms that are shown; a page that has more is a trap.
const HOPS: usize = 30;
const FORMS: usize = 10;
const FIELDS: usize = 30;
const TEXT_CHARS: usize = 2_000;

/// All inspections of a case, and what the latest that ended saw.
pub(super) struct SeenView {
    pub(super) rows: Vec<Row>,
    pub(super) page: Option<Page>,
}

/// One inspection.
pub(super) struct Row {
    pub(super) at: Moment,
    pub(super) by: String,
    pub(super) device: &'static str,
    pub(super) how: String,
}

/// What one saw.
pub(super) struct Page {
    pub(super) id: u64,
    pub(super) picture: bool,
    pub(super) title: String,
    pub(super) landed: String,
    pub(super) hops: Vec<Hop>,
    pub(super) forms: Vec<Form>,
    pub(super) text: String,
}

pub(super) struct Hop {
    pub(super) url: String,
    pub(super) how: &'static str,
    pub(super) status: Option<u16>,
}

pub(super) struct Form {
    pub(super) action: String,
    pub(super) elsewhere: bool,
    pub(super) password: bool,
    pub(super) fields: String,
}

/// `None` for a message, which has no page.
pub(super) async fn seen(
    casebook: &Casebook,
    file: &CaseFile,
    f: &Frame,
) -> Result<Option<SeenView>, StoreError> {
    if matches!(file.case.subject, Subject::Message { .. }) {
        return Ok(None);
    }
    let found = casebook.inspections(file.case.id).await?;
    let done = found.iter().find(|one| matches!(one.progress, Progress::Done { .. }));
    let page = match done {
        // One that was erased or is damaged leaves the rest of the page as it is.
        Some(one) => casebook.seen_page(one.id).await.ok().flatten().map(|seen| {
            let page = serde_json::from_str(&seen.json).unwrap_or_default();
            Page::new(one.id, &page, !seen.picture.is_empty(), Dossier::of(f.language))
        }),
        None => None,
    };
    Ok(Some(SeenView { rows: found.iter().map(|one| Row::new(one, f)).collect(), page }))
}

impl Row {
    fn new(inspection: &Inspection, f: &Frame) -> Self {
        let d = Dossier::of(f.language);
        let how = match &inspection.progress {
            Progress::Waiting => d.seen_waiting.to_owned(),
            Progress::Done { seen, .. } => shown::line(seen),
            Progress::Failed { why, .. } => format!("{}: {}", d.seen_failed, shown::line(why)),
        };
        Self {
            at: Moment::of(inspection.asked_at, f.language),
            by: shown::line(&inspection.by),
            device: device_text(inspection.device, d),
            how,
        }
    }
}

fn device_text(device: Device, d: &'static Dossier) -> &'static str {
    match device {
        Device::Desktop => d.seen_desktop,
        Device::Phone => d.seen_phone,
    }
}

impl Page {
    fn new(id: u64, page: &PageView, picture: bool, d: &'static Dossier) -> Self {
        let hops = page.hops.iter().take(HOPS).map(|hop| Hop {
            url: shown::url(&hop.url),
            how: match hop.kind.as_str() {
                "redirect" => d.hop_redirect,
                "page" => d.hop_page,
                _ => d.hop_asked,
            },
            status: hop.status,
        });
        Self {
            id,
            picture,
            title: shown::line(&page.title),
            landed: shown::url(&page.landed),
            hops: hops.collect(),
            forms: page.forms.iter().take(FORMS).map(form).collect(),
            text: shown::text(&page.text, TEXT_CHARS),
        }
    }
}

fn form(form: &FormView) -> Form {
    let name = |field: &crate::inspections::FieldView| {
        let called = [&field.label, &field.name, &field.kind];
        called.into_iter().find(|text| !text.trim().is_empty()).map(|text| shown::line(text))
    };
    let fields: Vec<String> = form.fields.iter().take(FIELDS).filter_map(name).collect();
    Form {
        action: shown::url(&form.action),
        elsewhere: form.elsewhere,
        password: form.password,
        fields: fields.join(", "),
    }
}

#[derive(Debug, Deserialize)]
pub(in crate::pages) struct AskForm {
    #[serde(default)]
    device: String,
}

/// Has the page opened; it waits for its turn.
pub(in crate::pages) async fn ask(
    State(desk): State<Desk>,
    Path(case): Path<u64>,
    act: Act<Analyst, AskForm>,
) -> Result<Redirect, Refusal> {
    let device = if act.form.device == "phone" { Device::Phone } else { Device::Desktop };
    desk.inspect(&act.by, case, device).await.map_err(unasked)?;
    Ok(Redirect::to(&format!("/console/cases/{case}?said=asked")))
}

/// The picture, for the pages that show it.
pub(in crate::pages) async fn picture(
    person: Person,
    State(casebook): State<Casebook>,
    Path(id): Path<u64>,
) -> Result<Response, Refusal> {
    person.authorize::<Analyst>()?;
    let seen = casebook.seen_page(id).await?.filter(|seen| !seen.picture.is_empty());
    let missing = || StoreError::Missing { what: "picture of inspection", id: id.to_string() };
    let mut response = seen.ok_or_else(missing)?.picture.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("image/png"));
    let policy = HeaderValue::from_static("default-src 'none'; sandbox");
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

#[derive(Debug, Deserialize)]
pub(in crate::pages) struct RevealForm {}

#[derive(Template)]
#[template(path = "picture.html")]
struct PicturePage {
    f: Frame,
    d: &'static Dossier,
    case: u64,
    id: u64,
}

/// The picture as it is; a line in the audit log comes first.
pub(in crate::pages) async fn reveal(
    State(casebook): State<Casebook>,
    State(clock): State<Clock>,
    Path(id): Path<u64>,
    act: Act<Analyst, RevealForm>,
) -> Result<Response, Refusal> {
    let case = casebook.reveal_picture(&act.by, id, clock.now()).await?;
    let f = act.person.frame;
    show(&PicturePage { d: Dossier::of(f.language), case, id, f })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn what_a_page_says_is_defanged_and_bounded() {
        let json = r#"{"landed":"https://evil.example/x","title":"\u202eBank",
            "hops":[{"url":"https://a.example/","kind":"asked","status":302},
            {"url":"javascript:alert(1)","kind":"page"}],
            "forms":[{"action":"https://c.example/","password":true,"elsewhere":true,
            "fields":[{"kind":"password","name":"pin","label":""},{"kind":"text","label":"Card"}]}]}"#;
        let mut page: PageView = serde_json::from_str(json).unwrap();
        page.hops.extend((0..100).map(|_| crate::inspections::HopView::default()));
        page.text = "x".repeat(1_000_000);
        let d = Dossier::of(Language::En);
        let shown = Page::new(7, &page, true, d);
        assert_eq!(shown.landed, "hxxps://evil[.]example/x");
        assert_eq!(shown.title, "⟨U+202E⟩Bank");
        assert_eq!((shown.hops.len(), shown.hops[0].how), (HOPS, d.hop_asked));
        assert!(shown.hops[1].url.starts_with("javascript[!]"));
        assert_eq!(shown.forms[0].fields, "pin, Card");
        assert_eq!(shown.text.chars().count(), TEXT_CHARS + 1);
    }
}
