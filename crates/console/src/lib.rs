//! The analysts' console, the citizens' pages, and the HTTP API over cases that scripts
//! and the CLI use. `pages` is what people see, `passkey` how they sign in, `texts` the
//! words in four languages; the other modules are the API.
//!
//! A handler takes who may call it as a type (`Authorized<Analyst>`), so it can't
//! be reached by anyone else. Nothing here decides: verdicts go to the desk, and
//! the desk asks the guard.

mod audit;
mod backups;
mod campaigns;
mod cases;
mod decisions;
mod erasure;
mod export;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod guard;
mod imports;
mod inspections;
mod language;
mod life;
mod pages;
mod passkey;
mod people;
mod reports;
mod rules;
mod shown;
mod sms;
mod state;
mod statistics;
mod texts;
mod tokens;
mod training;
mod upkeep;
mod view;
mod warnings;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use crate::pages::pages;
pub use crate::state::{ConsoleState, Site};
pub use crate::warnings::{Post, posts};

/// The routes of this crate, with their part of the OpenAPI document.
pub fn routes(state: ConsoleState) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(cases::list))
        .routes(routes!(cases::show))
        .routes(routes!(export::report))
        .routes(routes!(export::bundle))
        .routes(routes!(inspections::ask, inspections::list))
        .routes(routes!(inspections::show))
        .routes(routes!(inspections::picture))
        .routes(routes!(training::list))
        .routes(routes!(campaigns::list))
        .routes(routes!(campaigns::register))
        .routes(routes!(campaigns::show))
        .routes(routes!(campaigns::similar))
        .routes(routes!(campaigns::let_stand, campaigns::standing, campaigns::end_standing))
        .routes(routes!(warnings::list, warnings::create))
        .routes(routes!(warnings::show, warnings::edit))
        .routes(routes!(warnings::approve))
        .routes(routes!(warnings::withdraw))
        .routes(routes!(warnings::hooks::list, warnings::hooks::add))
        .routes(routes!(warnings::hooks::remove))
        .routes(routes!(decisions::verdict))
        .routes(routes!(decisions::release))
        .routes(routes!(reports::reading))
        .routes(routes!(reports::original))
        .routes(routes!(erasure::erase))
        .routes(routes!(erasure::hold, erasure::unhold))
        .routes(routes!(statistics::statistics))
        .routes(routes!(audit::list))
        .routes(routes!(audit::verify))
        .routes(routes!(life::approve))
        .routes(routes!(life::decline))
        .routes(routes!(life::park))
        .routes(routes!(life::take_up))
        .routes(routes!(life::merge))
        .routes(routes!(life::unmerge))
        .routes(routes!(life::split))
        .routes(routes!(life::renew))
        .routes(routes!(life::recheck))
        .routes(routes!(imports::import))
        .routes(routes!(rules::list))
        .routes(routes!(rules::put))
        .routes(routes!(rules::mode))
        .routes(routes!(rules::report))
        .routes(routes!(rules::brake, rules::pull))
        .routes(routes!(rules::let_go))
        .routes(routes!(guard::check))
        .routes(routes!(guard::lists))
        .routes(routes!(guard::alarms))
        .routes(routes!(upkeep::show))
        .routes(routes!(upkeep::accept))
        .routes(routes!(backups::backup))
        .routes(routes!(sms::bases::list, sms::bases::add))
        .routes(routes!(sms::bases::end))
        .routes(routes!(sms::handovers::list))
        .routes(routes!(sms::handovers::text))
        .routes(routes!(sms::templates::list, sms::templates::order))
        .routes(routes!(sms::objections::object))
        .routes(routes!(sms::templates::check))
        .routes(routes!(sms::templates::release))
        .routes(routes!(people::invite, people::list))
        .routes(routes!(people::remove))
        .routes(routes!(tokens::create, tokens::list))
        .routes(routes!(tokens::revoke))
        .with_state(state)
}
