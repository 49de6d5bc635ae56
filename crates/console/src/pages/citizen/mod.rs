//! The citizens' pages: help first, then the report, the receipt, the look-up, the
//! objection, and the public figures. No page of these sets a cookie but the language's,
//! knows who reads it, or needs a script (the report form gains from one).

mod counts;
mod lookup;
mod objection;
mod puzzle;
mod receipt;
mod record;
mod report;
mod sender;
mod statistics;
mod warnings;

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::Response;
use axum::routing::get;
use belfry_casebook::Casebook;

use crate::language::Reader;
use crate::pages::frame::{Frame, Refusal, show};
use crate::state::{ConsoleState, Site};
use crate::warnings::feeds::Item;

pub(crate) use self::puzzle::Puzzles;
pub(crate) use self::statistics::Kept;
pub(crate) use self::warnings::{Block, blocks};

/// Warnings on the first page.
const HOME_WARNINGS: u32 = 3;
/// Octets of a report sent by the form, as the API takes.
const UPLOAD_MAX: usize = 26 << 20;

/// The routes.
pub(super) fn routes() -> Router<ConsoleState> {
    Router::new()
        .route("/", get(home))
        .route("/privacy", get(privacy))
        .route(
            "/report",
            get(report::page).post(report::send).layer(DefaultBodyLimit::max(UPLOAD_MAX)),
        )
        .route("/receipt", get(receipt::find))
        .route("/receipt/{number}", get(receipt::page))
        .route("/lookup", get(lookup::page))
        .route("/objection", get(objection::page).post(objection::send))
        .route("/objection/sms", get(sender::page).post(sender::send))
        .route("/objection/{number}", get(objection::follow))
        .route("/record", get(record::page))
        .route("/warnings", get(warnings::page))
        .route("/warnings/{id}", get(warnings::one))
        .route("/warnings/feeds/{name}", get(warnings::feed))
        .route("/statistics", get(statistics::page))
        .route("/statistics.json", get(statistics::json))
        .route("/statistics.csv", get(statistics::csv))
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    f: Frame,
    warnings: Vec<Item>,
}

async fn home(
    reader: Reader,
    State(site): State<Site>,
    State(casebook): State<Casebook>,
) -> Result<Response, Refusal> {
    let mut warnings = warnings::latest(&casebook, reader.language, HOME_WARNINGS).await?;
    warnings.retain(|warning| !warning.withdrawn);
    show(&HomePage { f: Frame::new(reader.language, &site), warnings })
}

#[derive(Template)]
#[template(path = "privacy.html")]
struct PrivacyPage {
    f: Frame,
}

async fn privacy(reader: Reader, State(site): State<Site>) -> Result<Response, Refusal> {
    show(&PrivacyPage { f: Frame::new(reader.language, &site) })
}
