//! The objection of a site's owner or of a sender: stored, followed by its number,
//! decided by another person than the one who judged, with reasons.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use belfry_casebook::work::{NewObjection, ObjectionState};
use belfry_casebook::{Casebook, StoreError};
use belfry_web::{Clock, Problem};
use serde::Deserialize;

use super::lookup::name_of;
use super::puzzle::BITS;
use crate::language::Reader;
use crate::pages::frame::{Frame, Refusal, show};
use crate::shown;
use crate::state::Site;
use crate::texts::Moment;

#[derive(Debug, Deserialize)]
pub(super) struct ObjectionQuery {
    name: Option<String>,
}

#[derive(Template)]
#[template(path = "objection.html")]
struct ObjectionPage {
    f: Frame,
    name: String,
    puzzle: String,
    bits: u32,
    doubt: bool,
}

pub(super) async fn page(
    reader: Reader,
    State(site): State<Site>,
    State(clock): State<Clock>,
    Query(query): Query<ObjectionQuery>,
) -> Result<Response, Refusal> {
    let name = shown::line(&query.name.unwrap_or_default());
    show(&form(reader, &site, clock, name, false))
}

fn form(reader: Reader, site: &Site, clock: Clock, name: String, doubt: bool) -> ObjectionPage {
    let puzzle = site.puzzles.make(clock.now());
    ObjectionPage { f: Frame::new(reader.language, site), name, puzzle, bits: BITS, doubt }
}

#[derive(Debug, Deserialize)]
pub(super) struct ObjectionForm {
    name: String,
    words: String,
    #[serde(default)]
    contact: String,
    puzzle: String,
    #[serde(default)]
    solution: String,
    #[serde(default)]
    website: String,
}

pub(super) async fn send(
    reader: Reader,
    State(site): State<Site>,
    State(clock): State<Clock>,
    State(casebook): State<Casebook>,
    Form(sent): Form<ObjectionForm>,
) -> Result<Response, Refusal> {
    let now = clock.now();
    if site.puzzles.check(&sent.puzzle, &sent.solution, &sent.website, now).is_err() {
        return show(&form(reader, &site, clock, shown::line(&sent.name), true));
    }
    let unreadable =
        || Problem::unprocessable("name", "this is no name of a website", String::new());
    let target = name_of(&sent.name).ok_or_else(unreadable)?;
    let contact = Some(sent.contact.trim()).filter(|contact| !contact.is_empty());
    let objection = NewObjection { target: &target, words: &sent.words, contact };
    let number = casebook.object(objection, now).await?;
    Ok(Redirect::to(&format!("/objection/{number}")).into_response())
}

#[derive(Template)]
#[template(path = "objection_follow.html")]
struct FollowPage {
    f: Frame,
    number: String,
    target: String,
    at: Moment,
    outcome: &'static str,
    decided: Option<Moment>,
    answer: String,
}

/// How far it is.
pub(super) async fn follow(
    reader: Reader,
    State(site): State<Site>,
    State(casebook): State<Casebook>,
    Path(number): Path<String>,
) -> Result<Response, Refusal> {
    let missing = || StoreError::Missing { what: "objection", id: "of this number".into() };
    let found = casebook.objection(&number).await?.ok_or_else(missing)?;
    let f = Frame::new(reader.language, &site);
    show(&FollowPage {
        outcome: match found.state {
            ObjectionState::Open => f.t.objection_open,
            ObjectionState::Granted => f.t.objection_granted,
            ObjectionState::Rejected => f.t.objection_rejected,
        },
        target: match &found.sms {
            // Whoever has the number may not be the sender.
            Some(_) => "SMS".to_owned(),
            None => name_of(&found.target).map(|name| name.defanged()).unwrap_or_default(),
        },
        at: Moment::of(found.at, f.language),
        decided: found.decided_at.map(|at| Moment::of(at, f.language)),
        answer: shown::text(&found.answer.unwrap_or_default(), 4_000),
        number: found.number,
        f,
    })
}
