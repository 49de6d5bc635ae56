//! `GET /api/v1/orders`: the journal page by page.

use axum::extract::State;
use axum::http::StatusCode;
use belfry_casebook::Casebook;
use belfry_casebook::access::{Follower, Reader};
use belfry_journal::Serial;
use belfry_web::{AuthorizedAny, Json, PageLimit, Problem, Query};
use serde::Deserialize;
use utoipa::IntoParams;

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
    _bearer: AuthorizedAny<Follower, Reader>,
    State(casebook): State<Casebook>,
    Query(query): Query<PageQuery>,
) -> Result<Json<EntryPage>, Problem> {
    let limit = PAGE.of(query.limit)?;
    let after = Serial(query.after.unwrap_or(0));
    let head = not_ahead(&casebook, after)?;
    let entries = casebook.entries(after, limit).await?;
    Ok(Json(EntryPage::new(head, &entries)?))
}

/// The head, unless `after` is past it: then the follower has another history.
pub(crate) fn not_ahead(
    casebook: &Casebook,
    after: Serial,
) -> Result<belfry_casebook::journal::Head, Problem> {
    let head = casebook.head();
    if after <= head.serial {
        return Ok(head);
    }
    let title = format!("serial {after} is ahead of the journal's head {}", head.serial);
    Err(Problem::new(StatusCode::CONFLICT, "ahead", title).detail(
        "This follower has entries that this journal never had: it followed another hub, or the \
         hub was restored from a backup. Do not treat it as up to date.",
    ))
}
