//! One case: what was reported, what was read, what the guard would say, what became of
//! it at each follower, and everything that happened. Nothing suspicious can be clicked.

mod curve;
mod kin;
mod orders;
pub(super) mod seen;
mod timeline;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use belfry_casebook::access::Reader;
use belfry_casebook::case::{CaseFile, CaseState, Subject};
use belfry_casebook::report::Content;
use belfry_casebook::work::Note;
use belfry_casebook::{Casebook, StoreError};
use belfry_desk::Desk;
use belfry_guard::Opinion;
use belfry_indicator::{Domain, EmbeddedSuffixes, Target};
use serde::Deserialize;

use crate::pages::frame::{Frame, Refusal, show};
use crate::pages::person::Person;
use crate::pages::queue::Row;
use crate::pages::reading::ReadingView;
use crate::pages::reasons::{Reason, reasons};
use crate::shown;
use crate::texts::{Dossier, Moment, Words};

use self::kin::{Below, Kin, Lookalike};
use self::orders::OrderView;
use self::seen::SeenView;

/// Acts of people in the timeline.
const ACTS: u32 = 200;

#[derive(Debug, Deserialize)]
pub(super) struct CaseQuery {
    said: Option<String>,
}

#[derive(Template)]
#[template(path = "case.html")]
struct CasePage {
    f: Frame,
    d: &'static Dossier,
    row: Row,
    registrable: Option<String>,
    note: Option<String>,
    rule: Option<&'static str>,
    proven: u64,
    reports: Vec<ReportRow>,
    reading: Option<ReadingView>,
    seen: Option<SeenView>,
    reasons: Vec<Reason>,
    news: String,
    lookalike: Option<Lookalike>,
    kin: Option<Kin>,
    below: Option<Vec<Below>>,
    leader: Option<u64>,
    members: Vec<u64>,
    parked: Option<Moment>,
    opinions: Vec<OpinionView>,
    orders: Vec<OrderView>,
    timeline: Vec<(Moment, String)>,
    notes: Vec<NoteView>,
    holder: Option<String>,
    can_decide: bool,
    can_release: bool,
    can_take_up: bool,
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

pub(super) async fn page(
    person: Person,
    State(desk): State<Desk>,
    Path(id): Path<u64>,
    Query(query): Query<CaseQuery>,
) -> Result<Response, Refusal> {
    let reader: Reader = person.authorize()?;
    let casebook = desk.casebook();
    let file = casebook.case(id).await?;
    let file = file.ok_or(StoreError::Missing { what: "case", id: id.to_string() })?;
    let f = person.frame;
    let signed = f.person.clone();
    let judges = signed.as_ref().is_some_and(|signed| signed.judges);
    let state = &file.case.state;
    let blocked = matches!(state, CaseState::Blocked(_));
    let acts = casebook.acts_on_case(&reader, id, ACTS).await?;
    show(&CasePage {
        d: Dossier::of(f.language),
        row: Row::new(&file.case, &f),
        registrable: registrable(&file),
        note: note(&file),
        rule: rule(&file.case.state),
        proven: file.proven_reporters,
        reports: reports(&file, &f),
        reading: if judges { reading(casebook, &file).await? } else { None },
        seen: if judges { seen::seen(casebook, &file, &f).await? } else { None },
        reasons: reasons(&file),
        news: news(casebook, &file).await?,
        lookalike: kin::lookalike(&desk, &file),
        kin: kin::kin(&desk, &file, &f).await?,
        below: kin::below(&desk, &file, &f).await?,
        leader: file.leader,
        parked: parked(state, &f),
        opinions: opinions(&desk, &file, f.w),
        orders: orders::orders(casebook, &file, &f).await?,
        timeline: timeline::timeline(&file, &acts, &f),
        notes: casebook.notes(id).await?.iter().map(|note| note_view(note, &f)).collect(),
        holder: casebook.holder(id).await?.map(|name| shown::line(&name)),
        can_decide: judges && !blocked,
        can_release: judges && blocked,
        can_take_up: judges && can_take_up(state),
        said: query.said.as_deref().and_then(|said| said_text(said, &f)),
        csrf: signed.map(|signed| signed.csrf).unwrap_or_default(),
        members: file.members,
        f,
    })
}

/// What the page holds against what it was written with: another text is news.
pub(super) async fn live(
    person: Person,
    State(casebook): State<Casebook>,
    Path(id): Path<u64>,
) -> Result<String, Refusal> {
    person.authorize::<Reader>()?;
    let file = casebook.case(id).await?;
    let file = file.ok_or(StoreError::Missing { what: "case", id: id.to_string() })?;
    Ok(news(&casebook, &file).await?)
}

/// What changes when there is news of a case: its version, its reports, and how far its
/// orders are at the operators.
async fn news(casebook: &Casebook, file: &CaseFile) -> Result<String, StoreError> {
    let (mut applied, mut first, mut answers) = (0, 0, 0);
    for order in &file.orders {
        for effect in casebook.effects_of(order.serial).await? {
            applied += u64::from(effect.applied_at.is_some());
            first += u64::from(effect.first_blocked_at.is_some());
            // Of every tenfold there is news, not of every answer.
            answers += effect.blocked_answers.checked_ilog10().unwrap_or(0);
        }
    }
    let (version, reports) = (file.case.version, file.case.reports);
    Ok(format!("{version} {reports} {applied} {first} {answers}"))
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

fn parked(state: &CaseState, f: &Frame) -> Option<Moment> {
    match state {
        CaseState::Parked(parked) => Some(Moment::of(parked.until, f.language)),
        _ => None,
    }
}

/// Whether a person may open it again: [`belfry_casebook::Casebook::take_up`] decides.
fn can_take_up(state: &CaseState) -> bool {
    use CaseState::{Benign, Closed, Parked, Refused, Released, Reversed};
    matches!(state, Benign(_) | Closed(_) | Parked(_) | Refused(_) | Released(_) | Reversed(_))
}

fn said_text(said: &str, f: &Frame) -> Option<&'static str> {
    let (w, d) = (f.w, Dossier::of(f.language));
    match said {
        "asked" => Some(d.said_asked),
        "parked" => Some(d.said_parked),
        "taken-up" => Some(d.said_taken_up),
        "renewed" => Some(d.said_renewed),
        "not-renewed" => Some(d.said_not_renewed),
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
    let is_mail = report.content == Content::Mail;
    Ok(record.map(|record| ReadingView {
        is_mail,
        ..ReadingView::new(&report.receipt.to_string(), &record.json)
    }))
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

fn note_view(note: &Note, f: &Frame) -> NoteView {
    let at = Moment::of(note.at, f.language);
    NoteView { by: shown::line(&note.by), at, text: shown::text(&note.text, 4_000) }
}
