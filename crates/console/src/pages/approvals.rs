//! What waits for a second person: exactly what the first proposed, with the facts to check
//! it by. Only another signed-in person with a fresh touch of their passkey decides.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Redirect, Response};
use belfry_casebook::access::{Action, Approver, Reader, allows};
use belfry_casebook::case::{CASES_MAX, CaseFile, CaseFilter, CaseSort, Subject};
use belfry_casebook::verdict::Proposal;
use belfry_desk::{Approval, Desk, Ruled};
use belfry_guard::Opinion;
use belfry_indicator::{EmbeddedSuffixes, Target};
use belfry_web::{Clock, is_fresh};
use serde::Deserialize;

use crate::decisions::problem;
use crate::pages::act::FreshAct;
use crate::pages::frame::{Frame, Refusal, show};
use crate::pages::person::Person;
use crate::pages::queue::{Row, verdict_text};
use crate::pages::reasons::{Reason, reasons};
use crate::shown;
use crate::texts::{Duty, Moment};

/// Reasons of the score that are shown here; the case has all.
const REASONS: usize = 3;

#[derive(Debug, Deserialize)]
pub(super) struct SaidQuery {
    said: Option<String>,
}

#[derive(Template)]
#[template(path = "approvals.html")]
struct ApprovalsPage {
    f: Frame,
    d: &'static Duty,
    waiting: Vec<View>,
    approver: bool,
    fresh: bool,
    said: Option<&'static str>,
    csrf: String,
}

/// What was proposed, and by what it can be checked.
struct View {
    row: Row,
    proven: u64,
    blocks: String,
    level: &'static str,
    verdict: &'static str,
    compromised: bool,
    days: Option<u32>,
    findings: Vec<String>,
    by: String,
    at: Moment,
    words: String,
    reasons: Vec<Reason>,
    /// Why this person can't decide it, whatever their role.
    hindrance: Option<&'static str>,
}

impl View {
    fn new(file: &CaseFile, proposal: &Proposal, desk: &Desk, me: &str, f: &Frame) -> Self {
        let target = target(file, proposal);
        let findings = target.as_ref().map(|target| findings(desk, target)).unwrap_or_default();
        let d = Duty::of(f.language);
        let hindrance = if proposal.by == me {
            Some(d.own_proposal)
        } else {
            (!proposal.by.starts_with("person:")).then_some(d.no_person_first)
        };
        Self {
            row: Row::new(&file.case, f),
            proven: file.proven_reporters,
            blocks: target.map(|target| target.name().defanged()).unwrap_or_default(),
            level: if proposal.asked.widen { f.w.level_domain } else { f.w.level_host },
            verdict: verdict_text(proposal.verdict, f.w),
            compromised: proposal.asked.compromised,
            days: proposal.asked.block_days,
            findings,
            by: shown::line(&proposal.by),
            at: Moment::of(proposal.at, f.language),
            words: shown::text(&proposal.reason, 2_000),
            reasons: reasons(file).into_iter().take(REASONS).collect(),
            hindrance,
        }
    }
}

/// What an approval would block.
fn target(file: &CaseFile, proposal: &Proposal) -> Option<Target> {
    let Subject::Host { host, registrable } = &file.case.subject else { return None };
    let wide = proposal.asked.widen;
    Some(if wide { Target::Domain(registrable.clone()) } else { Target::Host(host.clone()) })
}

fn findings(desk: &Desk, target: &Target) -> Vec<String> {
    match desk.lists().opinion(target, &EmbeddedSuffixes) {
        Opinion::Free => Vec::new(),
        Opinion::TwoPeople(findings) | Opinion::Refused(findings) => {
            findings.into_iter().map(|finding| shown::line(&finding.explanation)).collect()
        }
    }
}

/// What waits, the most urgent first.
pub(super) async fn list(
    person: Person,
    State(desk): State<Desk>,
    State(clock): State<Clock>,
    Query(query): Query<SaidQuery>,
) -> Result<Response, Refusal> {
    person.authorize::<Reader>()?;
    let fresh = is_fresh(&person.principal, clock.now());
    let (f, me) = (person.frame, person.principal);
    let filter = CaseFilter {
        status: Some("awaiting-second".into()),
        sort: CaseSort::Urgency,
        limit: CASES_MAX,
        ..CaseFilter::default()
    };
    let mut waiting = Vec::new();
    for case in desk.casebook().cases(&filter).await? {
        let Some(file) = desk.casebook().case(case.id).await? else { continue };
        if let Some(proposal) = &file.proposal {
            waiting.push(View::new(&file, proposal, &desk, &me.name, &f));
        }
    }
    let d = Duty::of(f.language);
    show(&ApprovalsPage {
        d,
        waiting,
        approver: allows(me.role, Action::Approve),
        fresh,
        said: query.said.as_deref().and_then(|said| said_text(said, d)),
        csrf: person.session.csrf(),
        f,
    })
}

fn said_text(said: &str, d: &'static Duty) -> Option<&'static str> {
    match said {
        "approved" => Some(d.said_approved),
        "declined" => Some(d.said_declined),
        "guard" => Some(d.said_guard),
        _ => None,
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct SecondForm {
    version: u64,
    decision: String,
    #[serde(default)]
    reason: String,
}

/// The second person's word.
pub(super) async fn decide(
    State(desk): State<Desk>,
    Path(case): Path<u64>,
    FreshAct(act): FreshAct<Approver, SecondForm>,
) -> Result<Redirect, Refusal> {
    let (form, w) = (&act.form, act.person.frame.w);
    let reason = if form.reason.trim().is_empty() { w.default_reason } else { &form.reason };
    let approval = Approval { case, version: form.version, reason };
    let said = if form.decision == "approve" {
        match desk.approve(&act.by, approval).await.map_err(problem)? {
            Ruled::Done(_) => "approved",
            Ruled::AwaitingSecond(..) | Ruled::Refused(..) => "guard",
        }
    } else {
        desk.decline(&act.by, approval).await.map_err(problem)?;
        "declined"
    };
    Ok(Redirect::to(&format!("/console/approvals?said={said}")))
}
