//! What became of a report, for whoever has its number. It says what was found of the
//! report's own link, never who else reported or what they wrote.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use belfry_casebook::Casebook;
use belfry_casebook::StoreError;
use belfry_casebook::case::CaseFile;
use belfry_casebook::report::{Receipt, Report};
use serde::Deserialize;
use serde_json::Value;

use super::counts;
use crate::language::Reader;
use crate::pages::frame::{Frame, Refusal, show};
use crate::shown;
use crate::state::Site;
use crate::texts::{Citizen, Moment};

/// Links that gave a mail away.
const SIGNS_MAX: usize = 3;

#[derive(Debug, Deserialize)]
pub(super) struct FindQuery {
    number: Option<String>,
}

/// From the field on the home page to the receipt's own page.
pub(super) async fn find(Query(query): Query<FindQuery>) -> Result<Redirect, Refusal> {
    let number = query.number.unwrap_or_default();
    let receipt = Receipt::parse(&number).ok_or_else(missing)?;
    Ok(Redirect::to(&format!("/receipt/{receipt}")))
}

#[derive(Template)]
#[template(path = "receipt.html")]
struct ReceiptPage {
    f: Frame,
    number: String,
    received: Moment,
    read: bool,
    cases: Vec<CaseView>,
    signs: Vec<String>,
}

struct CaseView {
    target: String,
    class: &'static str,
    outcome: &'static str,
    others: Option<String>,
    after: Option<String>,
    answers: String,
}

pub(super) async fn page(
    reader: Reader,
    State(site): State<Site>,
    State(casebook): State<Casebook>,
    Path(number): Path<String>,
) -> Result<Response, Refusal> {
    let receipt = Receipt::parse(&number).ok_or_else(missing)?;
    let report = casebook.report(&receipt).await?.ok_or_else(missing)?;
    let f = Frame::new(reader.language, &site);
    let mut cases = Vec::with_capacity(report.cases.len());
    for id in &report.cases {
        if let Some(file) = casebook.case(*id).await? {
            cases.push(case_view(&file, &report, f.t));
        }
    }
    let page = ReceiptPage {
        number: receipt.to_string(),
        received: Moment::of(report.received_at, f.language),
        read: report.read_at.is_some(),
        signs: signs(&casebook, &report, f.t).await,
        cases,
        f,
    };
    Ok(show(&page)?.into_response())
}

fn missing() -> StoreError {
    StoreError::Missing { what: "report", id: "of this number".into() }
}

fn case_view(file: &CaseFile, report: &Report, t: &'static Citizen) -> CaseView {
    let (class, outcome) = match file.case.state.name() {
        "blocked" => ("good", t.outcome_blocked),
        "benign" => ("help", t.outcome_benign),
        "released" | "reversed" => ("help", t.outcome_released),
        "open" | "awaiting-second" => ("help", t.outcome_open),
        _ => ("help", t.outcome_closed),
    };
    let first = file.orders.iter().find(|order| order.issued_at >= report.received_at);
    let answers = file.orders.iter().map(|order| order.effects.blocked_answers).sum();
    CaseView {
        target: shown::subject(&file.case),
        class,
        outcome,
        others: counts::public(file.case.reports)
            .filter(|count| *count > 0)
            .map(crate::texts::grouped),
        after: first.map(|order| duration(order.issued_at.0 - report.received_at.0, t)),
        answers: counts::words(answers),
    }
}

/// "9 minutes", of milliseconds.
fn duration(millis: u64, t: &'static Citizen) -> String {
    let minutes = millis / 60_000;
    match minutes {
        0 => t.under_a_minute.to_owned(),
        1..120 => t.minutes.replacen("{}", &minutes.to_string(), 1),
        _ => t.hours.replacen("{}", &(minutes / 60).to_string(), 1),
    }
}

/// What gave the message away, in general words: never its text, since a receipt may be passed on.
async fn signs(casebook: &Casebook, report: &Report, t: &'static Citizen) -> Vec<String> {
    let record = casebook.reading(report.id).await.ok().flatten();
    let reading: Value =
        record.and_then(|record| serde_json::from_str(&record.json).ok()).unwrap_or_default();
    let links = reading["links"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut signs = Vec::new();
    if links.iter().any(|link| link["text_disagrees"] == true) {
        signs.push(t.sign_link_lies.to_owned());
    }
    if links.iter().any(|link| link["role"] == "call-to-action") {
        signs.push(t.sign_call.to_owned());
    }
    let origin = reading["origin"]["signs"].as_array().is_some_and(|signs| !signs.is_empty());
    if origin {
        signs.push(t.sign_sender.to_owned());
    }
    signs.truncate(SIGNS_MAX);
    signs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn times_are_told_as_people_do() {
        let t = Citizen::of(Language::En);
        assert_eq!(duration(30_000, t), "less than a minute");
        assert_eq!(duration(9 * 60_000 + 1, t), "9 minutes");
        assert_eq!(duration(5 * 3_600_000, t), "5 hours");
    }
}
