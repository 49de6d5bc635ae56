//! `GET /api/v1/training`: decided cases with their URLs, for `belfry train`.

use axum::extract::State;
use belfry_casebook::access::Admin;
use belfry_desk::Desk;
use belfry_web::{Authorized, Json, PageLimit, Problem, Query, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

const PAGE: PageLimit = PageLimit { default: 500, most: 500 };

/// Which decided cases.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TrainingQuery {
    /// The `next` of the page before.
    cursor: Option<u64>,
    /// At most this many: 1 to 500.
    limit: Option<u32>,
}

/// A page of decided cases.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TrainingPage {
    /// In the order of their numbers.
    items: Vec<TrainingView>,
    /// The cursor of the next page; null at the end.
    next: Option<u64>,
}

/// A decided case.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TrainingView {
    /// Its number.
    case: u64,
    /// When it was decided.
    at: Timestamp,
    /// Whether it was fraud; a wrong block was none.
    fraud: bool,
    /// Its URLs, without the people they were sent to.
    urls: Vec<String>,
}

/// Decided cases that have a URL.
#[utoipa::path(
    get,
    path = "/api/v1/training",
    tag = "cases",
    params(TrainingQuery),
    responses((status = 200, body = TrainingPage), Problem)
)]
pub(crate) async fn list(
    _admin: Authorized<Admin>,
    State(desk): State<Desk>,
    Query(query): Query<TrainingQuery>,
) -> Result<Json<TrainingPage>, Problem> {
    let limit = PAGE.of(query.limit)?;
    let found = desk.labelled(query.cursor.unwrap_or(0), limit).await?;
    let full = found.len() == limit as usize;
    let next = found.last().filter(|_| full).map(|one| one.case);
    let view = |one: belfry_desk::Labelled| TrainingView {
        case: one.case,
        at: one.at.into(),
        fraud: one.fraud,
        urls: one.urls,
    };
    Ok(Json(TrainingPage { items: found.into_iter().map(view).collect(), next }))
}
