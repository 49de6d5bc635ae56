//! Views of the journal for those who follow it: pages, a stream that resumes
//! from any serial, a snapshot to start from, and the way back for effects; and zones for
//! the resolvers that operators already run ([`transfer`]).
//!
//! Nothing here writes an order. A follower is served what is committed, never
//! what is about to be.

mod audience;
mod effects;
mod followers;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod lists;
mod operators;
mod orders;
mod probe;
pub mod record;
mod snapshot;
mod state;
mod stream;
pub mod transfer;
mod view;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use crate::probe::{Finding, Probed};
pub use crate::state::FeedState;

/// The routes of this crate, with their part of the OpenAPI document.
pub fn routes(state: FeedState) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(orders::page))
        .routes(routes!(stream::stream))
        .routes(routes!(snapshot::snapshot))
        .routes(routes!(effects::effects))
        .routes(routes!(followers::list))
        .routes(routes!(followers::forget))
        .routes(routes!(followers::void))
        .routes(routes!(operators::list))
        .routes(routes!(operators::add))
        .routes(routes!(operators::show))
        .routes(routes!(operators::set))
        .routes(routes!(operators::suspend))
        .routes(routes!(operators::resume))
        .routes(routes!(operators::rotate))
        .routes(routes!(operators::config))
        .routes(routes!(lists::changes))
        .routes(routes!(lists::list))
        .routes(routes!(record::about))
        .routes(routes!(record::checkpoint))
        .routes(routes!(record::page))
        .routes(routes!(record::entry))
        .routes(routes!(record::consistency))
        .routes(routes!(record::withdraw))
        .with_state(state)
}

#[cfg(test)]
mod tests;
