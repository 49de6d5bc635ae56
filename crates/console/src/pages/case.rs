//! One case: what was reported, what was read, what the guard would say, what became of
//! it at each follower, and everything that happened. Nothing suspicious can be clicked.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use belfry_casebook::access::Reader;
use belfry_casebook::case::{CaseFile, CaseState, OrderRecord, Subject};
use belfry_casebook::work::{FollowerEffect, Note};
use belfry_casebook::{Casebook, StoreError};
use belfry_desk::Desk;
use belfry_guard::Opinion;
use belfry_indicator::{Domain, EmbeddedSuffixes, Target};
use belfry_journal::UnixMillis;
use serde::Deserialize;

use crate::pages::frame::{Frame, Refusal, show};
use crate::pages::person::Person;
use crate::pages::queue::Row;
use crate::pages::reading::ReadingView;
use crate::pages::reasons::{Reason, reasons};
use crate::shown;
use crate::texts::{Moment, Words, grouped};

#[derive(Debug, Deserialize)]
pub(super) struct CaseQuery {
    said: Option<String>,
}

#[derive(Template)]
#[template(path = "case.html")]
struct CasePage {
    f: Frame,
    row: Row,
    registrable: Option<String>,
    note: Option<String>,
    rule: Option<&'static str>,
    proven: u64,
    reports: Vec<ReportRow>,
    reading: Option<ReadingView>,
    reasons: Vec<Reason>,
    opinions: Vec<OpinionView>,
    orders: Vec<OrderView>,
    timeline: Vec<(Moment, String)>,
    notes: Vec<NoteView>,
    holder: Option<String>,
    can_decide: bool,
    can_release: bool,
    said: Option<&'static str>,
    csrf: String,
}

struct ReportRow {
    receipt: String,
    received: Moment,
    sender: &'static str,
}

/// What the guard would say to a block at a level.
struct OpinionView {
    name: String,
    level: &'static str,
    class: &'static str,
    outcome: &'static str,
    why: String,
}

struct NoteView {
    by: String,
    at: Moment,
    text: String,
}

struct OrderView {
    serial: u64,
    target: String,
    level: &'static str,
    issued: Moment,
    until: Moment,
    released: Option<u64>,
    answers: String,
    views: String,
    followers: Vec<FollowerView>,
}

struct FollowerView {
    name: String,
    applied: Option<Moment>,
    first: Option<Moment>,
    answers: String,
    after: Option<String>,
}

pub(super) async fn page(
    person: Person,
    State(desk): State<Desk>,
    Path(id): Path<u64>,
    Query(query): Query<CaseQuery>,
) -> Result<Response, Refusal> {
    person.authorize::<Reader>()?;
    let casebook = desk.casebook();
    let file = casebook.case(id).await?;
    let file = file.ok_or(StoreError::Missing { what: "case", id: id.to_string() })?;
    let f = person.frame;
    let signed = f.person.clone();
    let judges = signed.as_ref().is_some_and(|signed| signed.judges);
    let blocked = matches!(file.case.state, CaseState::Blocked(_));
    show(&CasePage {
        row: Row::new(&file.case, &f),
        registrable: registrable(&file),
        note: note(&file),
        rule: rule(&file.case.state),
        proven: file.proven_reporters,
        reports: reports(&file, &f),
        reading: if judges { reading(casebook, &file).await? } else { None },
        reasons: reasons(&file),
        opinions: opinions(&desk, &file, f.w),
        orders: orders(casebook, &file, &f).await?,
        timeline: timeline(&file, &f),
        notes: casebook.notes(id).await?.iter().map(|note| note_view(note, &f)).collect(),
        holder: casebook.holder(id).await?.map(|name| shown::line(&name)),
        can_decide: judges && !blocked,
        can_release: judges && blocked,
        said: query.said.as_deref().and_then(|said| said_text(said, f.w)),
        csrf: signed.map(|signed| signed.csrf).unwrap_or_default(),
        f,
    })
}

fn registrable(file: &CaseFile) -> Option<String> {
    match &file.case.subject {
        Subject::Host { host, registrable } if host != registrable => Some(registrable.defanged()),
        _ => None,
    }
}

fn note(file: &CaseFile) -> Option<String> {
    match &file.case.subject {
        Subject::Url { why_not_blockable, .. } => Some(shown::line(why_not_blockable)),
        _ => None,
    }
}

fn rule(state: &CaseState) -> Option<&'static str> {
    match state {
        CaseState::AwaitingSecond(waiting) => Some(waiting.rule.name()),
        CaseState::Refused(refused) => Some(refused.rule.name()),
        _ => None,
    }
}

fn said_text(said: &str, w: &'static Words) -> Option<&'static str> {
    match said {
        "blocked" => Some(w.said_blocked),
        "awaiting" => Some(w.said_awaiting),
        "refused" => Some(w.said_refused),
        "decided" => Some(w.said_decided),
        "released" => Some(w.said_released),
        _ => None,
    }
}

fn reports(file: &CaseFile, f: &Frame) -> Vec<ReportRow> {
    let row = |report: &belfry_casebook::report::Report| ReportRow {
        receipt: report.receipt.to_string(),
        received: Moment::of(report.received_at, f.language),
        sender: match &report.sender {
            None => f.w.sender_unknown,
            Some(check) if check.authentic => f.w.sender_proven,
            Some(_) => f.w.sender_unproven,
        },
    };
    file.reports.iter().map(row).collect()
}

/// The reading of the latest report that was read.
async fn reading(casebook: &Casebook, file: &CaseFile) -> Result<Option<ReadingView>, StoreError> {
    let Some(report) = file.reports.iter().find(|report| report.read_at.is_some()) else {
        return Ok(None);
    };
    // A report that was erased or is damaged leaves the rest of the page as it is.
    let record = casebook.reading(report.id).await.ok().flatten();
    Ok(record.map(|record| ReadingView::new(&report.receipt.to_string(), &record.json)))
}

/// The guard's answer before anybody presses.
fn opinions(desk: &Desk, file: &CaseFile, w: &'static Words) -> Vec<OpinionView> {
    let Subject::Host { host, registrable } = &file.case.subject else { return Vec::new() };
    let mut targets = vec![(host.clone(), Target::Host(host.clone()), w.level_host)];
    targets.push((registrable.clone(), Target::Domain(registrable.clone()), w.level_domain));
    targets.iter().map(|(name, target, level)| opinion(desk, name, target, level, w)).collect()
}

fn opinion(
    desk: &Desk,
    name: &Domain,
    target: &Target,
    level: &'static str,
    w: &'static Words,
) -> OpinionView {
    let (class, outcome, findings) = match desk.lists().opinion(target, &EmbeddedSuffixes) {
        Opinion::Free => ("good", w.guard_free, Vec::new()),
        Opinion::TwoPeople(findings) => ("help", w.guard_two, findings),
        Opinion::Refused(findings) => ("bad", w.guard_refused, findings),
    };
    let why = findings.into_iter().next().map(|finding| finding.explanation).unwrap_or_default();
    OpinionView { name: name.defanged(), level, class, outcome, why }
}

async fn orders(
    casebook: &Casebook,
    file: &CaseFile,
    f: &Frame,
) -> Result<Vec<OrderView>, StoreError> {
    let mut views = Vec::with_capacity(file.orders.len());
    for order in file.orders.iter().rev() {
        let effects = casebook.effects_of(order.serial).await?;
        views.push(order_view(order, &effects, f));
    }
    Ok(views)
}

fn order_view(order: &OrderRecord, effects: &[FollowerEffect], f: &Frame) -> OrderView {
    let moment = |at| Moment::of(at, f.language);
    OrderView {
        serial: order.serial.0,
        target: order.target.name().defanged(),
        level: if order.target.level() == "host" { f.w.level_host } else { f.w.level_domain },
        issued: moment(order.issued_at),
        until: moment(order.valid_until),
        released: order.released_by.map(|serial| serial.0),
        answers: grouped(order.effects.blocked_answers),
        views: grouped(order.effects.warning_views),
        followers: effects
            .iter()
            .map(|effect| FollowerView {
                name: shown::line(&effect.follower),
                applied: effect.applied_at.map(moment),
                first: effect.first_blocked_at.map(moment),
                answers: grouped(effect.blocked_answers),
                after: effect.applied_at.map(|at| seconds(order.issued_at, at)),
            })
            .collect(),
    }
}

fn seconds(from: UnixMillis, to: UnixMillis) -> String {
    let millis = to.0.saturating_sub(from.0);
    format!("{}.{} s", millis / 1_000, millis % 1_000 / 100)
}

/// Everything that happened, the latest first.
fn timeline(file: &CaseFile, f: &Frame) -> Vec<(Moment, String)> {
    let mut events: Vec<(UnixMillis, String)> = Vec::new();
    events.push((file.case.opened_at, f.w.event_opened.to_owned()));
    for report in file.reports.iter().take(20) {
        events.push((report.received_at, format!("{} {}", f.w.event_report, report.receipt)));
    }
    for verdict in &file.verdicts {
        let (by, words) = (shown::line(&verdict.by), shown::line(&verdict.reason));
        events.push((
            verdict.at,
            format!("{}: {} · {by} · {words}", f.w.event_verdict, verdict.verdict.name()),
        ));
    }
    for order in &file.orders {
        let serial = order.serial;
        events.push((order.issued_at, format!("{} {serial}", f.w.event_order)));
        if let Some(at) = order.effects.applied_at {
            events.push((at, format!("{} {serial}", f.w.event_applied)));
        }
        if let Some(at) = order.effects.first_blocked_at {
            events.push((at, format!("{} {serial}", f.w.event_first)));
        }
    }
    events.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    events.into_iter().map(|(at, text)| (Moment::of(at, f.language), text)).collect()
}

fn note_view(note: &Note, f: &Frame) -> NoteView {
    let at = Moment::of(note.at, f.language);
    NoteView { by: shown::line(&note.by), at, text: shown::text(&note.text, 4_000) }
}
