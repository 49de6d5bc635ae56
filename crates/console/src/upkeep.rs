//! Whether anything ends by time at present, and a person's word that it may.

use axum::extract::State;
use belfry_casebook::access::{Admin, Reader};
use belfry_desk::Desk;
use belfry_web::{Authorized, Clock, Json, Problem, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// How upkeep stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UpkeepView {
    /// The hub's time.
    time: Timestamp,
    /// The machine's clock, which differs where it stepped.
    wall: Timestamp,
    /// Why nothing ends by time; null where all is well.
    stopped: Option<String>,
}

/// How upkeep stands.
#[utoipa::path(
    get,
    path = "/api/v1/upkeep",
    tag = "upkeep",
    responses((status = 200, body = UpkeepView), Problem)
)]
pub(crate) async fn show(
    _reader: Authorized<Reader>,
    State(desk): State<Desk>,
    State(clock): State<Clock>,
) -> Result<Json<UpkeepView>, Problem> {
    let stopped = desk.stopped().map(|why| why.to_string());
    Ok(Json(UpkeepView { time: desk.time().into(), wall: clock.now().into(), stopped }))
}

/// What an acceptance did.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AcceptedView {
    /// The hub's time from now on.
    time: Timestamp,
    /// Orders that ended.
    ended: usize,
}

/// The clock is right, and what has ended by it may end, however much it is.
#[utoipa::path(
    post,
    path = "/api/v1/upkeep/accept",
    tag = "upkeep",
    responses((status = 200, body = AcceptedView), Problem)
)]
pub(crate) async fn accept(
    Authorized(admin): Authorized<Admin>,
    State(desk): State<Desk>,
) -> Result<Json<AcceptedView>, Problem> {
    let ended = desk.accept_expiry(&admin).await?.len();
    Ok(Json(AcceptedView { time: desk.time().into(), ended }))
}
