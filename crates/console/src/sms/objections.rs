//! A sender objects over HTTP, by whoever speaks for it: an operator or a reporter.

use axum::extract::State;
use axum::http::StatusCode;
use belfry_casebook::Casebook;
use belfry_casebook::access::Reporter;
use belfry_casebook::work::{NewSenderObjection, RefusedSms};
use belfry_web::{Authorized, Clock, Json, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An SMS that operators refuse by mistake.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SenderObjectionBody {
    /// A telephone number, a short code or a name.
    sender: String,
    /// The whole text.
    text: String,
    /// Why it is wrong to refuse it.
    words: String,
    /// A mail address for questions; erased once it is decided.
    contact: Option<String>,
}

/// An objection that waits for a person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SenderObjectionView {
    /// Its number: the answer will be under `/objection/NUMBER`.
    number: String,
}

/// Objects to the refusal of an SMS. Another person than the one who judged decides, within
/// four hours if we can; if the sender is right, the templates that refuse it end.
#[utoipa::path(
    post,
    path = "/api/v1/sms/objections",
    tag = "sms",
    request_body = SenderObjectionBody,
    responses((status = 201, body = SenderObjectionView), Problem)
)]
pub(crate) async fn object(
    _reporter: Authorized<Reporter>,
    State(casebook): State<Casebook>,
    State(clock): State<Clock>,
    Json(body): Json<SenderObjectionBody>,
) -> Result<(StatusCode, Json<SenderObjectionView>), Problem> {
    let sms = RefusedSms::new(&body.sender, &body.text)?;
    let contact = body.contact.as_deref();
    let objection = NewSenderObjection { sms: &sms, words: &body.words, contact };
    let number = casebook.object_as_sender(objection, clock.now()).await?;
    Ok((StatusCode::CREATED, Json(SenderObjectionView { number })))
}
