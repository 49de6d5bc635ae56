//! `GET /api/v1/statistics`.

use axum::extract::State;
use belfry_casebook::Casebook;
use belfry_casebook::access::Reader;
use belfry_web::{Authorized, Json, Problem};
use serde::Serialize;
use utoipa::ToSchema;

/// The figures now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatisticsView {
    /// Reports taken in.
    reports: u64,
    /// Of them not read yet.
    unread: u64,
    /// Cases.
    cases: u64,
    /// Of them open.
    open_cases: u64,
    /// Orders that hold.
    effective_orders: u64,
    /// Orders that were taken back as mistakes.
    mistaken_orders: u64,
    /// Answers that these blocked; in none of the other counts.
    mistaken_answers: u64,
    /// Blocked answers at all followers.
    blocked_answers: u64,
    /// Views of warning pages.
    warning_views: u64,
    /// Visits that blocked answers prevented.
    prevented_visits: u64,
    /// The journal's last serial.
    serial: u64,
}

/// Counts over everything.
#[utoipa::path(
    get,
    path = "/api/v1/statistics",
    tag = "statistics",
    responses((status = 200, body = StatisticsView), Problem)
)]
pub(crate) async fn statistics(
    _reader: Authorized<Reader>,
    State(casebook): State<Casebook>,
) -> Result<Json<StatisticsView>, Problem> {
    let figures = casebook.statistics().await?;
    Ok(Json(StatisticsView {
        reports: figures.reports,
        unread: figures.unread,
        cases: figures.cases,
        open_cases: figures.open_cases,
        effective_orders: figures.effective_orders,
        mistaken_orders: figures.mistaken_orders,
        mistaken_answers: figures.mistaken_answers,
        blocked_answers: figures.blocked_answers,
        warning_views: figures.warning_views,
        prevented_visits: figures.prevented_visits,
        serial: casebook.head().serial.0,
    }))
}
