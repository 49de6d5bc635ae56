//! Erasing a report, and the legal hold that keeps it from being erased. Nothing of the
//! report is in an answer, a log line or the audit log: its number at most.

use axum::extract::State;
use axum::http::StatusCode;
use belfry_casebook::access::Admin;
use belfry_casebook::report::{Erased, Receipt};
use belfry_casebook::{Casebook, StoreError};
use belfry_desk::Desk;
use belfry_web::{Authorized, Clock, Json, Path, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What went.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErasedView {
    /// Reports: one, unless it was an objection.
    reports: u64,
    /// Cases that only it raised and that the journal does not name.
    cases: u64,
    /// Objections: one, where the number is an objection's.
    objections: u64,
}

/// Erases a report for good: its key, its bytes, and whatever was known from it alone. An
/// objection's number erases that objection.
#[utoipa::path(
    post,
    path = "/api/v1/reports/{receipt}/erase",
    tag = "reports",
    params(("receipt" = String, Path, description = "The receipt")),
    responses((status = 200, body = ErasedView), Problem)
)]
pub(crate) async fn erase(
    Authorized(admin): Authorized<Admin>,
    State(desk): State<Desk>,
    Path(receipt): Path<String>,
) -> Result<Json<ErasedView>, Problem> {
    let erased = desk.erase(&admin, &parse(&receipt)?).await?;
    let Erased { reports, cases, objections } = erased;
    Ok(Json(ErasedView { reports, cases, objections }))
}

/// Why a report is held.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HoldBody {
    /// Why, 1 to 500 characters: it is told to whoever tries to erase the report.
    reason: String,
}

/// Puts a report under legal hold: it is not erased, on request or by its age.
#[utoipa::path(
    post,
    path = "/api/v1/reports/{receipt}/hold",
    tag = "reports",
    params(("receipt" = String, Path, description = "The receipt")),
    request_body = HoldBody,
    responses((status = 204, description = "It is held"), Problem)
)]
pub(crate) async fn hold(
    Authorized(admin): Authorized<Admin>,
    State(casebook): State<Casebook>,
    State(clock): State<Clock>,
    Path(receipt): Path<String>,
    Json(body): Json<HoldBody>,
) -> Result<StatusCode, Problem> {
    casebook.hold(&admin, &parse(&receipt)?, &body.reason, clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lifts the hold on a report.
#[utoipa::path(
    delete,
    path = "/api/v1/reports/{receipt}/hold",
    tag = "reports",
    params(("receipt" = String, Path, description = "The receipt")),
    responses((status = 204, description = "It is held no more"), Problem)
)]
pub(crate) async fn unhold(
    Authorized(admin): Authorized<Admin>,
    State(casebook): State<Casebook>,
    State(clock): State<Clock>,
    Path(receipt): Path<String>,
) -> Result<StatusCode, Problem> {
    casebook.unhold(&admin, &parse(&receipt)?, clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn parse(receipt: &str) -> Result<Receipt, StoreError> {
    let missing = || StoreError::Missing { what: "report", id: receipt.to_owned() };
    Receipt::parse(receipt).ok_or_else(missing)
}
