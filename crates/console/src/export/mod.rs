//! Evidence for others: an abuse report for a host's provider, and a signed bundle for the
//! police. Each is an act with a reason, in the audit log before a byte is given out.

mod bundle;
mod xarf;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use belfry_casebook::access::Analyst;
use belfry_casebook::case::CaseFile;
use belfry_casebook::{Casebook, StoreError};
use belfry_desk::Desk;
use belfry_web::{Authorized, Clock, Json, Path, Problem};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::export::bundle::Bundle;
use crate::view::CaseFileView;

/// Octets of evidence in one bundle; what is over is named, not left out in silence.
const BUNDLE_BYTES_MAX: usize = 48 << 20;
/// Characters of a reason.
const REASON_CHARS_MAX: usize = 2_000;

/// Why a case's evidence is given out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportBody {
    /// To whom and why, 1 to 2,000 characters: it stands in the audit log.
    reason: String,
}

/// An abuse report in XARF v4 about a confirmed case. The act is in the audit log.
#[utoipa::path(
    post,
    path = "/api/v1/cases/{id}/xarf",
    tag = "cases",
    params(("id" = u64, Path, description = "The case's number")),
    request_body = ExportBody,
    responses((status = 200, content_type = "application/json", body = Object), Problem)
)]
pub(crate) async fn report(
    Authorized(analyst): Authorized<Analyst>,
    State(desk): State<Desk>,
    State(clock): State<Clock>,
    Path(id): Path<u64>,
    Json(body): Json<ExportBody>,
) -> Result<Response, Problem> {
    let file = found(desk.casebook(), id).await?;
    let organisation = desk.organisation().ok_or_else(nobody)?;
    let written = xarf::report(&file, organisation, clock.now()).ok_or_else(|| not_fraud(id))?;
    log(desk.casebook(), &analyst, id, "export-xarf", &body, clock).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], written).into_response())
}

/// A signed archive of a case: its reports byte for byte, readings, decisions and orders,
/// with the sums and signature to check it by offline. The act is in the audit log.
#[utoipa::path(
    post,
    path = "/api/v1/cases/{id}/bundle",
    tag = "cases",
    params(("id" = u64, Path, description = "The case's number")),
    request_body = ExportBody,
    responses((status = 200, content_type = "application/x-tar", body = Vec<u8>), Problem)
)]
pub(crate) async fn bundle(
    Authorized(analyst): Authorized<Analyst>,
    State(desk): State<Desk>,
    State(clock): State<Clock>,
    Path(id): Path<u64>,
    Json(body): Json<ExportBody>,
) -> Result<Response, Problem> {
    let casebook = desk.casebook();
    let file = found(casebook, id).await?;
    log(casebook, &analyst, id, "export-bundle", &body, clock).await?;
    let key = casebook.signing_key()?;
    let mut bundle = Bundle::new(clock.now());
    let case = serde_json::to_vec_pretty(&CaseFileView::from(&file));
    bundle.add("case.json", case.map_err(|error| Problem::internal(&error))?);
    let mut left = Vec::new();
    for report in &file.reports {
        if bundle.octets() + usize::try_from(report.size).unwrap_or(usize::MAX) > BUNDLE_BYTES_MAX {
            left.push(format!("{}: larger than the room that was left\n", report.receipt));
            continue;
        }
        match casebook.evidence(report.id).await {
            Ok(bytes) => bundle.add(&format!("reports/{}.eml", report.receipt), bytes),
            Err(StoreError::Evidence { why, .. }) => {
                left.push(format!("{}: {why}\n", report.receipt));
            }
            Err(error) => return Err(error.into()),
        }
        if let Ok(Some(reading)) = casebook.reading(report.id).await {
            bundle.add(&format!("readings/{}.json", report.receipt), reading.json.into_bytes());
        }
    }
    if file.case.reports > file.reports.len() as u64 {
        left.push(format!("reports before the latest {}\n", file.reports.len()));
    }
    bundle.add("LEFT_OUT", left.concat().into_bytes());
    let signed = bundle.sign(&key).map_err(|error| Problem::internal(&error))?;
    let headers = [
        (header::CONTENT_TYPE, "application/x-tar"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"case.tar\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, signed).into_response())
}

async fn found(casebook: &Casebook, id: u64) -> Result<CaseFile, Problem> {
    let missing = || StoreError::Missing { what: "case", id: id.to_string() };
    Ok(casebook.case(id).await?.ok_or_else(missing)?)
}

/// Writes the act down, durably, before anything is given out.
async fn log(
    casebook: &Casebook,
    by: &Analyst,
    case: u64,
    act: &'static str,
    body: &ExportBody,
    clock: Clock,
) -> Result<(), Problem> {
    let reason = body.reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
        let words = format!("a reason of 1 to {REASON_CHARS_MAX} characters is needed");
        return Err(Problem::unprocessable("reason", "a reason is needed", words));
    }
    Ok(casebook.log_export(by, case, act, reason, clock.now()).await?)
}

fn nobody() -> Problem {
    let words = "set organisation.name, organisation.contact and organisation.domain: \
                 a provider answers to somebody";
    Problem::unprocessable("organisation", "nobody stands behind the report", words.to_owned())
}

fn not_fraud(case: u64) -> Problem {
    let words = format!("case {case} is not confirmed as fraud, or has no host");
    Problem::unprocessable("not-confirmed", "there is nothing to report", words)
}
