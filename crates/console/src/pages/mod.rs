//! The pages: the citizens' at `/`, the analysts' under `/console`. Server-rendered
//! HTML that works without a script wherever a person can do without one; scripts and
//! styles are ours, served from the binary, and no page asks another host for anything.
//!
//! `frame` is what all pages share, `person` who is signed in, `act` a form that
//! changes something. Every page's headers forbid framing, inline scripts and
//! foreign hosts ([`frame`]).

mod act;
mod approvals;
mod assets;
mod campaigns;
mod case;
pub(crate) mod citizen;
mod csv;
mod decide;
mod frame;
mod keeping;
mod lists;
mod mail;
mod objections;
mod operators;
mod person;
mod queue;
mod reading;
mod reasons;
mod rules;
mod set_up;
mod sign_in;
#[cfg(test)]
mod tests;
mod warnings;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};

use crate::state::ConsoleState;

/// The pages' routes, complete.
pub fn pages(state: ConsoleState) -> Router {
    let site = state.site.clone();
    Router::new()
        .route("/assets/{version}/{name}", get(assets::asset))
        .merge(signing_in())
        .merge(console())
        .merge(citizen::routes())
        .with_state(state)
        .layer(from_fn_with_state(site, frame::refuse_foreign))
        .layer(from_fn(frame::dress))
}

fn console() -> Router<ConsoleState> {
    Router::new()
        .route("/console", get(queue::page))
        .route("/console/live", get(queue::live))
        .route("/console/cases", post(queue::bulk))
        .route("/console/cases/{id}", get(case::page))
        .route("/console/cases/{id}/live", get(case::live))
        .route("/console/cases/{id}/decide", post(decide::decide))
        .route("/console/cases/{id}/release", post(decide::release))
        .route("/console/cases/{id}/notes", post(decide::note))
        .route("/console/cases/{id}/hold", post(decide::hold))
        .route("/console/cases/{id}/later", post(decide::later))
        .route("/console/cases/{id}/inspections", post(case::seen::ask))
        .route("/console/inspections/{id}/picture", get(case::seen::picture))
        .route("/console/inspections/{id}/reveal", post(case::seen::reveal))
        .route("/console/reports/{receipt}/text", get(reading::body))
        .route("/console/reports/{receipt}/page", get(mail::page).post(mail::reveal))
        .route("/console/reports/{receipt}/original", post(reading::original))
        .route("/console/approvals", get(approvals::list))
        .route("/console/approvals/{id}", post(approvals::decide))
        .route("/console/campaigns", get(campaigns::list))
        .route("/console/campaigns/{id}", get(campaigns::one))
        .route("/console/campaigns/{id}/cases.csv", get(campaigns::cases_csv))
        .route("/console/campaigns.csv", get(campaigns::csv))
        .route("/console/register.csv", get(campaigns::register_csv))
        .route("/console/warnings", get(warnings::list).post(warnings::begin))
        .route("/console/warnings/hooks", post(warnings::change_hooks))
        .route("/console/warnings/{id}", get(warnings::one).post(warnings::change))
        .route("/console/warnings/{id}/approve", post(warnings::approve))
        .route("/console/rules", get(rules::page).post(rules::change))
        .route("/console/lists", get(lists::page))
        .route("/console/operators", get(operators::list).post(operators::change))
        .route("/console/operators/{name}", get(operators::config))
        .route("/console/objections", get(objections::list))
        .route("/console/objections/{number}", post(objections::decide))
        .route("/console/shift", get(keeping::shift))
        .route("/console/people", get(keeping::people).post(keeping::change_people))
        .route("/console/audit", get(keeping::audit))
}

fn signing_in() -> Router<ConsoleState> {
    Router::new()
        .route("/console/sign-in", get(sign_in::page).post(sign_in::finish))
        .route("/console/sign-in/challenge", post(sign_in::challenge))
        .route("/console/sign-out", post(sign_in::out))
        .route("/console/set-up", get(set_up::page).post(set_up::finish))
        .route("/console/set-up/challenge", post(set_up::challenge))
}
