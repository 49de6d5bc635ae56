//! What was read in a report, and, as an act that is logged, its very bytes.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use belfry_casebook::access::Analyst;
use belfry_casebook::report::{Receipt, Report};
use belfry_casebook::{Casebook, StoreError};
use belfry_web::{Authorized, Clock, Path, Problem};

/// The reading of a report, as `belfry read --json` writes it.
#[utoipa::path(
    get,
    path = "/api/v1/reports/{receipt}/reading",
    tag = "reports",
    params(("receipt" = String, Path, description = "The receipt")),
    responses((status = 200, content_type = "application/json", body = Object), Problem)
)]
pub(crate) async fn reading(
    _analyst: Authorized<Analyst>,
    State(casebook): State<Casebook>,
    Path(receipt): Path<String>,
) -> Result<Response, Problem> {
    let report = find(&casebook, &receipt).await?;
    let reading = casebook.reading(report.id).await?;
    let reading = reading.ok_or(StoreError::Missing { what: "reading yet of", id: receipt })?;
    Ok(([(header::CONTENT_TYPE, "application/json")], reading.json).into_response())
}

/// The report byte for byte. Every call is in the audit log, under the analyst's name.
#[utoipa::path(
    get,
    path = "/api/v1/reports/{receipt}/original",
    tag = "reports",
    params(("receipt" = String, Path, description = "The receipt")),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>), Problem)
)]
pub(crate) async fn original(
    Authorized(analyst): Authorized<Analyst>,
    State(casebook): State<Casebook>,
    State(clock): State<Clock>,
    Path(receipt): Path<String>,
) -> Result<Response, Problem> {
    let report = find(&casebook, &receipt).await?;
    let bytes = casebook.reveal(&analyst, &report, clock.now()).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"report.eml\""),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, bytes).into_response())
}

async fn find(casebook: &Casebook, receipt: &str) -> Result<Report, Problem> {
    let missing = || StoreError::Missing { what: "report", id: receipt.to_owned() };
    let receipt = Receipt::parse(receipt).ok_or_else(missing)?;
    Ok(casebook.report(&receipt).await?.ok_or_else(missing)?)
}
