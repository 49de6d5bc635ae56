//! The objection of a sender whose SMS operators refuse: who sent it, its text, and why that
//! is wrong. It waits with those of sites' owners and is followed as they are.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use belfry_casebook::Casebook;
use belfry_casebook::work::{NewSenderObjection, RefusedSms};
use belfry_web::Clock;
use serde::Deserialize;

use super::puzzle::BITS;
use crate::language::Reader;
use crate::pages::frame::{Frame, Refusal, show};
use crate::shown;
use crate::state::Site;

#[derive(Template)]
#[template(path = "objection_sms.html")]
struct SenderPage {
    f: Frame,
    sender: String,
    text: String,
    puzzle: String,
    bits: u32,
    doubt: bool,
}

impl SenderPage {
    fn new(reader: Reader, site: &Site, clock: Clock, sent: Option<&SenderForm>) -> Self {
        Self {
            f: Frame::new(reader.language, site),
            sender: sent.map(|sent| shown::line(&sent.sender)).unwrap_or_default(),
            text: sent.map(|sent| shown::text(&sent.text, 4_000)).unwrap_or_default(),
            puzzle: site.puzzles.make(clock.now()),
            bits: BITS,
            doubt: sent.is_some(),
        }
    }
}

pub(super) async fn page(
    reader: Reader,
    State(site): State<Site>,
    State(clock): State<Clock>,
) -> Result<Response, Refusal> {
    show(&SenderPage::new(reader, &site, clock, None))
}

#[derive(Debug, Deserialize)]
pub(super) struct SenderForm {
    sender: String,
    text: String,
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
    Form(sent): Form<SenderForm>,
) -> Result<Response, Refusal> {
    let now = clock.now();
    if site.puzzles.check(&sent.puzzle, &sent.solution, &sent.website, now).is_err() {
        return show(&SenderPage::new(reader, &site, clock, Some(&sent)));
    }
    let sms = RefusedSms::new(&sent.sender, &sent.text)?;
    let contact = Some(sent.contact.trim()).filter(|contact| !contact.is_empty());
    let objection = NewSenderObjection { sms: &sms, words: &sent.words, contact };
    let number = casebook.object_as_sender(objection, now).await?;
    Ok(Redirect::to(&format!("/objection/{number}")).into_response())
}
