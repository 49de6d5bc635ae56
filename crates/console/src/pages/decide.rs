//! What an analyst does on a case's page. Every decision is bound to the version that
//! was seen; the desk and the guard decide what follows.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::Redirect;
use belfry_casebook::Casebook;
use belfry_casebook::access::Analyst;
use belfry_casebook::case::Change;
use belfry_casebook::verdict::Verdict;
use belfry_desk::{Desk, Renew, Renewed, Ruled, Ruling, TakeBack};
use belfry_web::{Clock, Problem};
use serde::Deserialize;

use crate::decisions::problem;
use crate::pages::act::Act;
use crate::pages::frame::Refusal;

/// The longest that a case may be parked from its page.
const PARK_DAYS_MAX: u32 = 366;

#[derive(Debug, Deserialize)]
pub(super) struct DecideForm {
    version: u64,
    verdict: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    level: String,
    compromised: Option<String>,
}

/// A verdict, by one press.
pub(super) async fn decide(
    State(desk): State<Desk>,
    Path(case): Path<u64>,
    act: Act<Analyst, DecideForm>,
) -> Result<Redirect, Refusal> {
    let (form, w) = (&act.form, act.person.frame.w);
    let unknown = || Problem::unprocessable("verdict", "choose what it is", String::new());
    let verdict = Verdict::from_name(&form.verdict).ok_or_else(unknown)?;
    let reason = if form.reason.trim().is_empty() { w.default_reason } else { &form.reason };
    let ruling = Ruling {
        case,
        version: Some(form.version),
        verdict,
        reason,
        widen: form.level == "domain",
        compromised: form.compromised.is_some(),
        block_days: None,
    };
    let said = match desk.judge(&act.by, ruling).await.map_err(problem)? {
        Ruled::Done(decided) if decided.case.state.name() == "blocked" => "blocked",
        Ruled::Done(_) => "decided",
        Ruled::AwaitingSecond(..) => "awaiting",
        Ruled::Refused(..) => "refused",
    };
    Ok(back(case, Some(said)))
}

#[derive(Debug, Deserialize)]
pub(super) struct ReleaseForm {
    version: u64,
    #[serde(default)]
    reason: String,
    mistake: Option<String>,
}

/// Undo: an order that releases, and says so.
pub(super) async fn release(
    State(desk): State<Desk>,
    Path(case): Path<u64>,
    act: Act<Analyst, ReleaseForm>,
) -> Result<Redirect, Refusal> {
    let (form, w) = (&act.form, act.person.frame.w);
    let reason = if form.reason.trim().is_empty() { w.default_reason } else { &form.reason };
    let mistake = form.mistake.is_some();
    let back_ = TakeBack { case, version: Some(form.version), mistake, reason };
    desk.release(&act.by, back_).await.map_err(problem)?;
    Ok(back(case, Some("released")))
}

#[derive(Debug, Deserialize)]
pub(super) struct NoteForm {
    text: String,
}

/// A note.
pub(super) async fn note(
    State(casebook): State<Casebook>,
    State(clock): State<Clock>,
    Path(case): Path<u64>,
    act: Act<Analyst, NoteForm>,
) -> Result<Redirect, Refusal> {
    casebook.add_note(&act.by, case, &act.form.text, clock.now()).await?;
    Ok(back(case, None))
}

#[derive(Debug, Deserialize)]
pub(super) struct HoldForm {
    held: String,
}

/// Takes the case in hand, or lets it go.
pub(super) async fn hold(
    State(casebook): State<Casebook>,
    State(clock): State<Clock>,
    Path(case): Path<u64>,
    act: Act<Analyst, HoldForm>,
) -> Result<Redirect, Refusal> {
    casebook.hold_case(&act.by, case, act.form.held == "yes", clock.now()).await?;
    Ok(back(case, None))
}

#[derive(Debug, Deserialize)]
pub(super) struct LaterForm {
    version: u64,
    what: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    days: Option<u32>,
}

/// Parks a case, takes it up again, or renews its block.
pub(super) async fn later(
    State(desk): State<Desk>,
    Path(case): Path<u64>,
    act: Act<Analyst, LaterForm>,
) -> Result<Redirect, Refusal> {
    let (form, w) = (&act.form, act.person.frame.w);
    let reason = if form.reason.trim().is_empty() { w.default_reason } else { &form.reason };
    let (version, at) = (Some(form.version), desk.time());
    let change = Change { case, version, reason, by: &act.by, at };
    let said = match form.what.as_str() {
        "park" => {
            let days = form.days.unwrap_or(1).clamp(1, PARK_DAYS_MAX);
            let until = at.plus(Duration::from_secs(u64::from(days) * 86_400));
            desk.casebook().park(change, until).await?;
            "parked"
        }
        "take-up" => {
            desk.casebook().take_up(change).await?;
            "taken-up"
        }
        "renew" => {
            let renew = Renew { case, version, reason, block_days: None };
            match desk.renew(&act.by, renew).await.map_err(problem)? {
                Renewed::Done(_) => "renewed",
                Renewed::NotCleared(_) => "not-renewed",
            }
        }
        _ => {
            let title = "choose what is to be done with the case";
            return Err(Problem::unprocessable("later", title, String::new()).into());
        }
    };
    Ok(back(case, Some(said)))
}

fn back(case: u64, said: Option<&str>) -> Redirect {
    let said = said.map(|said| format!("?said={said}")).unwrap_or_default();
    Redirect::to(&format!("/console/cases/{case}{said}"))
}
