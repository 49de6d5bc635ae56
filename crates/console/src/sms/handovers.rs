//! Hand-overs in a list, without their texts, and one text as an act that is logged.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use belfry_casebook::Casebook;
use belfry_casebook::access::{Analyst, Reader};
use belfry_casebook::sms::HandedOver;
use belfry_web::{Authorized, Clock, Json, Path, Problem, Query, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which part of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HandoverQuery {
    /// Only those before this number.
    before: Option<u64>,
    /// At most so many, 1 to 1,000; 100 unless given.
    limit: Option<u32>,
}

/// A hand-over.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HandoverView {
    /// Its number.
    id: u64,
    /// To which operator.
    operator: String,
    /// When.
    at: Timestamp,
    /// The report that it came as.
    receipt: String,
}

/// Hand-overs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HandoverList {
    /// The latest first.
    items: Vec<HandoverView>,
}

/// The text of a hand-over.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HandoverText {
    /// The text as it was handed over.
    text: String,
}

impl From<HandedOver> for HandoverView {
    fn from(handed: HandedOver) -> Self {
        Self {
            id: handed.handover.number,
            operator: handed.handover.operator.to_string(),
            at: handed.handover.at.into(),
            receipt: handed.receipt.to_string(),
        }
    }
}

/// What customers handed over, and to whom; never the texts.
#[utoipa::path(
    get,
    path = "/api/v1/sms/handovers",
    tag = "sms",
    params(HandoverQuery),
    responses((status = 200, body = HandoverList), Problem)
)]
pub(crate) async fn list(
    _reader: Authorized<Reader>,
    State(casebook): State<Casebook>,
    Query(query): Query<HandoverQuery>,
) -> Result<Json<HandoverList>, Problem> {
    let (before, limit) = (query.before.unwrap_or(u64::MAX), query.limit.unwrap_or(100));
    let items = casebook.handovers(before, limit).await?;
    Ok(Json(HandoverList { items: items.into_iter().map(HandoverView::from).collect() }))
}

/// The text of one. Every call is in the audit log, under the analyst's name.
#[utoipa::path(
    get,
    path = "/api/v1/sms/handovers/{id}/text",
    tag = "sms",
    params(("id" = u64, Path, description = "Its number")),
    responses((status = 200, body = HandoverText), Problem)
)]
pub(crate) async fn text(
    Authorized(analyst): Authorized<Analyst>,
    State(casebook): State<Casebook>,
    State(clock): State<Clock>,
    Path(id): Path<u64>,
) -> Result<impl IntoResponse, Problem> {
    let text = casebook.handed_over_text(&analyst, id, clock.now()).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(HandoverText { text })))
}
