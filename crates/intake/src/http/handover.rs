//! `POST /api/v1/sms/handovers`: a customer of an operator handed a message over to it.
//!
//! Only with the operator's own token, and only while a legal basis of it holds: what came in
//! any other way is a report, and no operator may look for it.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use belfry_casebook::StoreError;
use belfry_casebook::access::Follower;
use belfry_casebook::report::{Channel, NewReport};
use belfry_web::{Authorized, Json, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use super::Handler;
use super::body::{Sms, evidence_of};

/// A hand-over was recorded.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HandedOver {
    /// The report's receipt, to be told to the customer.
    #[schema(example = "7K3QF-0D2MX-9GZ4T-C1V8B")]
    receipt: String,
    /// The hand-over's number.
    handover: u64,
    /// Whose customer it was.
    operator: String,
}

/// Takes in a message that a customer handed over to the operator behind this token.
#[utoipa::path(
    post,
    path = "/api/v1/sms/handovers",
    tag = "sms",
    request_body = Sms,
    responses((status = 201, description = "Taken in and durable", body = HandedOver), Problem)
)]
pub(super) async fn post_handover(
    State(Handler { intake, .. }): State<Handler>,
    Authorized(follower): Authorized<Follower>,
    Json(sms): Json<Sms>,
) -> Result<Response, Problem> {
    let now = intake.clock.now();
    let operator = follower.principal().operator().ok_or_else(|| {
        unlawful(
            "the token's name is no operator's: make one of role operator named OPERATOR or \
             OPERATOR.WHICH",
        )
    })?;
    if !intake.casebook.has_legal_basis(&operator, now).await? {
        return Err(unlawful("no legal basis of this operator holds now: nothing was taken in"));
    }
    let (text, bytes) = evidence_of(sms)?;
    let report = NewReport {
        channel: Channel::Api,
        content: belfry_casebook::report::Content::Sms,
        bytes: bytes.as_bytes(),
        reporter: Some(&follower.principal().name),
        received_at: now,
    };
    let receipt = intake.casebook.receive(report).await?;
    let missing = || StoreError::Missing { what: "report", id: receipt.to_string() };
    let report = intake.casebook.report(&receipt).await?.ok_or_else(missing)?;
    let handover = intake.casebook.hand_over(&follower, report.id, &text, now).await?;
    let location = HeaderValue::try_from(format!("/api/v1/reports/{receipt}"))
        .expect("a receipt is letters, digits and dashes");
    let body = Json(HandedOver {
        receipt: receipt.to_string(),
        handover: handover.number,
        operator: operator.to_string(),
    });
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], body).into_response())
}

fn unlawful(detail: &str) -> Problem {
    let title = "this operator may not take messages in";
    Problem::new(StatusCode::FORBIDDEN, "legal-basis", title).detail(detail)
}
