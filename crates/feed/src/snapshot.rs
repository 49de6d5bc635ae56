//! `GET /api/v1/journal/snapshot`: what holds at the head, to start from.

use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use belfry_casebook::Casebook;
use belfry_casebook::access::Follower;
use belfry_journal::snapshot::encode;
use belfry_web::{Authorized, Problem};

/// The effective set in canonical bytes, checksummed; `Belfry-Serial` names its serial.
#[utoipa::path(
    get,
    path = "/api/v1/journal/snapshot",
    tag = "journal",
    responses(
        (status = 200, content_type = "application/octet-stream", body = Vec<u8>),
        Problem
    )
)]
pub(crate) async fn snapshot(
    _bearer: Authorized<Follower>,
    State(casebook): State<Casebook>,
) -> Result<Response, Problem> {
    let set = casebook.effective();
    let serial = set.serial();
    let journal = casebook.head().journal;
    let bytes = tokio::task::spawn_blocking(move || encode(journal, &set))
        .await
        .map_err(|error| Problem::internal(&error))?;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (HeaderName::from_static("belfry-serial"), serial.to_string()),
    ];
    Ok((headers, bytes).into_response())
}
