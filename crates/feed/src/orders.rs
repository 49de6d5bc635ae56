//! `GET /api/v1/orders`: the journal page by page.

use axum::extract::State;
use belfry_casebook::access::{Follower, Reader};
use belfry_casebook::followers::NO_INSTANCE;
use belfry_casebook::{Casebook, StoreError};
use belfry_journal::{Serial, UnixMillis};
use belfry_web::{AuthorizedAny, Clock, Json, PageLimit, Problem, Query};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::audience::Audience;
use crate::view::EntryPage;

const PAGE: PageLimit = PageLimit { default: 500, most: 1_000 };

/// From where, and how many.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// Entries after this serial; from the first unless given.
    after: Option<u64>,
    /// At most this many: 1 to 1,000, 500 unless given.
    limit: Option<u32>,
}

/// Entries after a serial, in order.
#[utoipa::path(
    get,
    path = "/api/v1/orders",
    tag = "journal",
    params(PageQuery),
    responses((status = 200, body = EntryPage), Problem)
)]
pub(crate) async fn page(
    bearer: AuthorizedAny<Follower, Reader>,
    State(casebook): State<Casebook>,
    State(clock): State<Clock>,
    Query(query): Query<PageQuery>,
) -> Result<Json<EntryPage>, Problem> {
    let limit = PAGE.of(query.limit)?;
    let after = Serial(query.after.unwrap_or(0));
    let head = not_ahead(&casebook, &bearer, after, clock.now()).await?;
    let audience = Audience::of_bearer(&bearer);
    let entries = casebook.entries(after, limit).await?;
    let entries: Vec<_> = entries.into_iter().map(|entry| audience.view(entry)).collect();
    Ok(Json(EntryPage::new(head, &entries)?))
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
