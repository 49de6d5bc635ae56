//! `GET /api/v1/orders`: the journal page by page, and as a long poll for those whose
//! client knows no server-sent events. Who waits takes a place as a stream does.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use belfry_casebook::access::{Follower, Reader};
use belfry_casebook::followers::NO_INSTANCE;
use belfry_casebook::{Casebook, StoreError};
use belfry_journal::{Serial, UnixMillis};
use belfry_web::{AuthorizedAny, Json, PageLimit, Problem, Query};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::audience::Audience;
use crate::state::FeedState;
use crate::stream::too_many;
use crate::view::EntryPage;

const PAGE: PageLimit = PageLimit { default: 500, most: 1_000 };
/// The longest wait: below the half minute after which proxies give a silent answer up.
const WAIT_SECONDS_MAX: u64 = 25;

/// From where, and how many.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// Entries after this serial; from the first unless given.
    after: Option<u64>,
    /// At most this many: 1 to 1,000, 500 unless given.
    limit: Option<u32>,
    /// Where there is nothing yet, wait for it this long: 0 to 25, 0 unless given.
    wait_seconds: Option<u64>,
}

/// Entries after a serial, in order; as soon as there is one, with `wait_seconds`.
#[utoipa::path(
    get,
    path = "/api/v1/orders",
    tag = "journal",
    params(PageQuery),
    responses((status = 200, body = EntryPage), Problem)
)]
pub(crate) async fn page(
    bearer: AuthorizedAny<Follower, Reader>,
    State(state): State<FeedState>,
    Query(query): Query<PageQuery>,
) -> Result<Json<EntryPage>, Problem> {
    let limit = PAGE.of(query.limit)?;
    let (after, wait) = (Serial(query.after.unwrap_or(0)), query.wait_seconds.unwrap_or(0));
    if wait > WAIT_SECONDS_MAX {
        let why = format!("wait_seconds is {wait}: give 0 to {WAIT_SECONDS_MAX}");
        return Err(
            Problem::new(StatusCode::BAD_REQUEST, "query", "the query can't be read").detail(why)
        );
    }
    let mut head = not_ahead(&state.casebook, &bearer, after, state.clock.now()).await?;
    if head.serial == after && wait > 0 {
        wait_for(&state, after, Duration::from_secs(wait)).await?;
        head = state.casebook.head();
    }
    let casebook = &state.casebook;
    let audience = Audience::of_bearer(&bearer);
    let entries = casebook.entries(after, limit).await?;
    let entries: Vec<_> = entries.into_iter().map(|entry| audience.view(entry)).collect();
    Ok(Json(EntryPage::new(head, after, &entries)?))
}

/// Waits until there is an entry after `after`, for so long, or the hub stops.
async fn wait_for(state: &FeedState, after: Serial, wait: Duration) -> Result<(), Problem> {
    let _place = state.streams.clone().try_acquire_owned().map_err(|_| too_many())?;
    let mut head = state.casebook.watch_head();
    let news = tokio::time::timeout(wait, head.wait_for(|head| *head > after));
    let _ = state.stop.run_until_cancelled(news).await;
    Ok(())
}

/// The head, unless `after` is past it: then the follower has another history, which the
/// casebook keeps in mind.
pub(crate) async fn not_ahead(
    casebook: &Casebook,
    bearer: &AuthorizedAny<Follower, Reader>,
    after: Serial,
    now: UnixMillis,
) -> Result<belfry_casebook::journal::Head, Problem> {
    let head = casebook.head();
    if after <= head.serial {
        return Ok(head);
    }
    if let AuthorizedAny::First(follower) = bearer {
        casebook.acknowledge(follower, NO_INSTANCE, after, now).await?;
    }
    Err(StoreError::Ahead { serial: after, head: head.serial }.into())
}
