//! Objections: from the form of a site's owner to a decision by another person than the
//! one who judged the case, with reasons that the owner reads.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Redirect, Response};
use belfry_casebook::access::{Analyst, Reader};
use belfry_casebook::work::{Objection, ObjectionState};
use belfry_casebook::{Casebook, StoreError};
use belfry_desk::{Desk, TakeBack};
use belfry_indicator::Domain;
use belfry_web::Clock;
use serde::Deserialize;

use crate::decisions::problem;
use crate::pages::act::Act;
use crate::pages::frame::{Frame, Refusal, show};
use crate::pages::person::Person;
use crate::shown;
use crate::texts::Moment;

/// Our own goal for an answer.
const GOAL_MILLIS: u64 = 4 * 3_600_000;

#[derive(Template)]
#[template(path = "objections.html")]
struct ObjectionsPage {
    f: Frame,
    objections: Vec<View>,
    judges: bool,
    csrf: String,
}

struct View {
    number: String,
    target: String,
    /// The text of the SMS that is objected about.
    text: String,
    case: Option<u64>,
    words: String,
    contact: Option<String>,
    at: Moment,
    open: bool,
    late: bool,
    granted: bool,
    by: String,
    answer: String,
}

impl View {
    fn new(one: Objection, now: u64, f: &Frame) -> Self {
        let name = Domain::parse(&one.target).map(|name| name.defanged());
        let sms = one.sms.as_ref();
        Self {
            target: sms.map_or_else(
                || name.unwrap_or_else(|_| shown::line(&one.target)),
                |sms| format!("SMS: {}", shown::line(&sms.sender)),
            ),
            text: sms.map(|sms| shown::text(&sms.text, 4_000)).unwrap_or_default(),
            case: one.case,
            words: shown::text(&one.words, 4_000),
            contact: one.contact.as_deref().map(shown::line),
            at: Moment::of(one.at, f.language),
            open: one.state == ObjectionState::Open,
            late: one.state == ObjectionState::Open && now.saturating_sub(one.at.0) > GOAL_MILLIS,
            granted: one.state == ObjectionState::Granted,
            by: shown::line(&one.decided_by.unwrap_or_default()),
            answer: shown::text(&one.answer.unwrap_or_default(), 4_000),
            number: one.number,
        }
    }
}

/// Those that wait first.
pub(super) async fn list(
    person: Person,
    State(casebook): State<Casebook>,
    State(clock): State<Clock>,
) -> Result<Response, Refusal> {
    person.authorize::<Reader>()?;
    let (f, now) = (person.frame, clock.now().0);
    let objections = casebook.objections().await?;
    let signed = f.person.clone();
    show(&ObjectionsPage {
        objections: objections.into_iter().map(|one| View::new(one, now, &f)).collect(),
        judges: signed.as_ref().is_some_and(|signed| signed.judges),
        csrf: signed.map(|signed| signed.csrf).unwrap_or_default(),
        f,
    })
}

#[derive(Debug, Deserialize)]
pub(super) struct DecisionForm {
    decision: String,
    answer: String,
}

/// Grants an objection, which releases the block or the template as a mistake, or rejects it.
pub(super) async fn decide(
    State(desk): State<Desk>,
    State(clock): State<Clock>,
    Path(number): Path<String>,
    act: Act<Analyst, DecisionForm>,
) -> Result<Redirect, Refusal> {
    let casebook = desk.casebook();
    let missing = || StoreError::Missing { what: "objection", id: "of this number".into() };
    let objection = casebook.objection(&number).await?.ok_or_else(missing)?;
    casebook.check_other_person(&act.by, &objection).await?;
    let (granted, answer) = (act.form.decision == "grant", act.form.answer.as_str());
    if granted && let Some(case) = objection.case {
        let file = casebook.case(case).await?;
        let blocked = file.is_some_and(|file| file.case.state.name() == "blocked");
        if blocked {
            let back = TakeBack { case, version: None, mistake: true, reason: answer };
            desk.release(&act.by, back).await.map_err(problem)?;
        }
    }
    if granted {
        casebook.release_for(&act.by, &objection, clock.now()).await?;
    }
    casebook.decide_objection(&act.by, &number, granted, answer, clock.now()).await?;
    Ok(Redirect::to("/console/objections"))
}
