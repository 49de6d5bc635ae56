//! The queue: cases to be judged, the most urgent first, with filter, search and bulk.
//! The list that is read never moves: news are told, and shown on a press.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use belfry_casebook::access::{Analyst, Reader};
use belfry_casebook::case::{Case, CaseFilter, CaseSort, CaseState};
use belfry_casebook::report::Receipt;
use belfry_casebook::verdict::Verdict;
use belfry_casebook::{Casebook, StoreError};
use belfry_desk::{Desk, Ruled, Ruling};
use belfry_indicator::Domain;
use belfry_web::Problem;
use serde::Deserialize;

use crate::pages::act::Act;
use crate::pages::frame::{Frame, Refusal, show};
use crate::pages::person::Person;
use crate::shown;
use crate::texts::{Moment, Words, grouped};

const PAGE: u32 = 50;
/// Decisions in one bulk.
const BULK_MAX: usize = 100;

/// What to show.
#[derive(Debug, Default, Deserialize)]
pub(super) struct QueueQuery {
    status: Option<String>,
    q: Option<String>,
    before: Option<u64>,
    done: Option<u32>,
    failed: Option<u32>,
}

/// A line of the list.
pub(super) struct Row {
    pub(super) id: u64,
    pub(super) version: u64,
    pub(super) target: String,
    pub(super) status: &'static str,
    pub(super) status_text: &'static str,
    pub(super) score: String,
    pub(super) reports: String,
    pub(super) reporters: String,
    pub(super) opened: Moment,
}

impl Row {
    pub(super) fn new(case: &Case, f: &Frame) -> Self {
        Self {
            id: case.id,
            version: case.version,
            target: shown::subject(case),
            status: case.state.name(),
            status_text: status_text(case.state.name(), f.w),
            score: score(case),
            reports: grouped(case.reports),
            reporters: grouped(case.reporters),
            opened: Moment::of(case.opened_at, f.language),
        }
    }
}

/// In percent; a case that nobody has weighed has none.
fn score(case: &Case) -> String {
    case.score.map_or_else(|| "–".into(), |score| format!("{:.0} %", score * 100.0))
}

/// A state's name for people.
pub(super) fn status_text(status: &str, w: &'static Words) -> &'static str {
    match status {
        "open" => w.status_open,
        "awaiting-second" => w.status_awaiting,
        "blocked" => w.status_blocked,
        "benign" => w.status_benign,
        "released" => w.status_released,
        "reversed" => w.status_reversed,
        "refused" => w.status_refused,
        _ => w.status_closed,
    }
}

/// A verdict's name for people.
pub(super) fn verdict_text(verdict: Verdict, w: &'static Words) -> &'static str {
    match verdict {
        Verdict::Phishing => w.verdict_phishing,
        Verdict::Malware => w.verdict_malware,
        Verdict::FakeShop => w.verdict_fake_shop,
        Verdict::OtherFraud => w.verdict_other_fraud,
        Verdict::Spam => w.verdict_spam,
        Verdict::Benign => w.verdict_benign,
        Verdict::Undecidable => w.verdict_undecidable,
    }
}

#[derive(Template)]
#[template(path = "queue.html")]
struct QueuePage {
    f: Frame,
    rows: Vec<Row>,
    statuses: Vec<(&'static str, &'static str)>,
    status: String,
    q: String,
    next: Option<u64>,
    said: Option<String>,
    judges: bool,
    csrf: String,
}

pub(super) async fn page(
    person: Person,
    State(casebook): State<Casebook>,
    Query(query): Query<QueueQuery>,
) -> Result<Response, Refusal> {
    person.authorize::<Reader>()?;
    let q = query.q.clone().unwrap_or_default().trim().to_owned();
    let mut said = outcome(&query, person.frame.w);
    let name = match found(&casebook, &q).await? {
        Found::Case(id) => return Ok(Redirect::to(&format!("/console/cases/{id}")).into_response()),
        Found::Name(name) => Some(name),
        Found::Nothing => {
            said = Some(person.frame.w.search_nothing.to_owned());
            None
        }
        Found::All => None,
    };
    let searched = name.is_some();
    let status = query.status.unwrap_or_else(|| if searched { "" } else { "open" }.to_owned());
    let known = CaseState::NAMES.contains(&status.as_str());
    let filter = CaseFilter {
        status: known.then(|| status.clone()),
        name,
        sort: CaseSort::Urgency,
        before: query.before,
        limit: PAGE + 1,
    };
    let mut cases = casebook.cases(&filter).await?;
    let more = cases.len() > PAGE as usize;
    cases.truncate(PAGE as usize);
    let f = person.frame;
    let signed = f.person.clone();
    show(&QueuePage {
        next: cases.last().filter(|_| more).map(|case| case.id),
        rows: cases.iter().map(|case| Row::new(case, &f)).collect(),
        statuses: CaseState::NAMES.iter().map(|name| (*name, status_text(name, f.w))).collect(),
        status,
        q,
        said,
        judges: signed.as_ref().is_some_and(|signed| signed.judges),
        csrf: signed.map(|signed| signed.csrf).unwrap_or_default(),
        f,
    })
}

fn outcome(query: &QueueQuery, w: &'static Words) -> Option<String> {
    let (done, failed) = (query.done?, query.failed.unwrap_or(0));
    Some(w.bulk_said.replacen("{}", &done.to_string(), 1).replacen("{}", &failed.to_string(), 1))
}

/// What a search means.
enum Found {
    All,
    Nothing,
    Case(u64),
    Name(Domain),
}

/// A case's number, a receipt, a URL or a name, pasted as it stands, defanged or not.
async fn found(casebook: &Casebook, q: &str) -> Result<Found, StoreError> {
    if q.is_empty() {
        return Ok(Found::All);
    }
    if let Ok(id) = q.trim_start_matches('#').parse::<u64>() {
        let known = casebook.case(id).await?.is_some();
        return Ok(if known { Found::Case(id) } else { Found::Nothing });
    }
    if let Some(receipt) = Receipt::parse(q)
        && let Some(report) = casebook.report(&receipt).await?
    {
        return Ok(report.cases.first().map_or(Found::Nothing, |id| Found::Case(*id)));
    }
    let plain = q.replace("[.]", ".").replace("hxxp", "http");
    let rest = plain.split_once("://").map_or(plain.as_str(), |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    Ok(Domain::parse(host).map_or(Found::Nothing, Found::Name))
}

/// What changes when there is news: the newest report and the journal's head.
pub(super) async fn live(
    person: Person,
    State(casebook): State<Casebook>,
) -> Result<String, Refusal> {
    person.authorize::<Reader>()?;
    let figures = casebook.statistics().await?;
    Ok(format!("{} {} {}", figures.cases, figures.open_cases, figures.effective_orders))
}

/// Many decisions at once: each is checked by the guard and bound to its version.
pub(super) async fn bulk(
    State(desk): State<Desk>,
    act: Act<Analyst, Vec<(String, String)>>,
) -> Result<Redirect, Refusal> {
    let field = |name: &str| {
        let found = act.form.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    let verdict = Verdict::from_name(field("verdict")).ok_or_else(|| {
        Problem::unprocessable("verdict", "choose what the cases are", String::new())
    })?;
    let w = act.person.frame.w;
    let reason = if field("reason").trim().is_empty() { w.default_reason } else { field("reason") };
    let chosen = act.form.iter().filter(|(key, _)| key == "case");
    let (mut done, mut failed) = (0, 0);
    for (_, value) in chosen.take(BULK_MAX) {
        let pair = value.split_once(':').and_then(|(id, version)| {
            Some((id.parse::<u64>().ok()?, version.parse::<u64>().ok()?))
        });
        let Some((case, version)) = pair else { continue };
        let ruling = Ruling {
            case,
            version: Some(version),
            verdict,
            reason,
            widen: false,
            compromised: false,
            block_days: None,
        };
        match desk.judge(&act.by, ruling).await {
            Ok(Ruled::Done(_)) => done += 1,
            Ok(_) | Err(_) => failed += 1,
        }
    }
    Ok(Redirect::to(&format!("/console?done={done}&failed={failed}")))
}
