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
mod statistics;

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::Response;
use axum::routing::get;

use crate::language::Reader;
use crate::pages::frame::{Frame, Refusal, show};
use crate::state::{ConsoleState, Site};

pub(crate) use self::puzzle::Puzzles;
pub(crate) use self::statistics::Kept;

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
        .route("/objection/{number}", get(objection::follow))
        .route("/record", get(record::page))
        .route("/statistics", get(statistics::page))
        .route("/statistics.json", get(statistics::json))
        .route("/statistics.csv", get(statistics::csv))
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    f: Frame,
}

async fn home(reader: Reader, State(site): State<Site>) -> Result<Response, Refusal> {
    show(&HomePage { f: Frame::new(reader.language, &site) })
}

#[derive(Template)]
#[template(path = "privacy.html")]
struct PrivacyPage {
    f: Frame,
}

async fn privacy(reader: Reader, State(site): State<Site>) -> Result<Response, Refusal> {
    show(&PrivacyPage { f: Frame::new(reader.language, &site) })
}
