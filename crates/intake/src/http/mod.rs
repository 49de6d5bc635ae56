//! `POST /api/v1/reports` and `GET /api/v1/reports/{receipt}`; hand-overs to operators.

mod body;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod handover;

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{FromRef, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use belfry_casebook::access::Reporter;
use belfry_casebook::report::{Channel, Content, NewReport, Receipt, Report, ReportState};
use belfry_casebook::{Casebook, StoreError};
use belfry_web::{Authorized, Clock, Json, Path, Problem, Timestamp};
use serde::Serialize;
use tokio::sync::Semaphore;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::{IntakeMetrics, Refusal};
use body::Body;

/// Octets of reports that are coming in, all requests together.
const MEMORY_BYTES: usize = 256 << 20;

/// What the routes work with.
#[derive(Clone, Debug)]
pub struct IntakeState {
    /// Where reports go.
    pub casebook: Casebook,
    /// The time.
    pub clock: Clock,
    /// What is counted; the same as the SMTP server's.
    pub metrics: IntakeMetrics,
}

/// The state of a handler.
#[derive(Clone)]
struct Handler {
    intake: IntakeState,
    memory: Arc<Semaphore>,
}

impl FromRef<Handler> for Casebook {
    fn from_ref(handler: &Handler) -> Self {
        handler.intake.casebook.clone()
    }
}

impl FromRef<Handler> for Clock {
    fn from_ref(handler: &Handler) -> Self {
        handler.intake.clock
    }
}

/// The routes, complete.
pub fn routes(intake: IntakeState) -> OpenApiRouter {
    let handler =
        Handler { intake, memory: Arc::new(Semaphore::new(MEMORY_BYTES / body::UNIT_BYTES)) };
    OpenApiRouter::new()
        .routes(routes!(post_report))
        .routes(routes!(get_report))
        .routes(routes!(handover::post_handover))
        .with_state(handler)
}

/// A report was taken in.
#[derive(Debug, Serialize, ToSchema)]
struct Received {
    /// Its receipt number.
    #[schema(example = "7K3QF-0D2MX-9GZ4T-C1V8B")]
    receipt: String,
    /// Always `received`.
    status: &'static str,
}

/// How far a report is.
#[derive(Debug, Serialize, ToSchema)]
struct Status {
    /// Its receipt number.
    receipt: String,
    /// `smtp`, `api` or `file`.
    channel: &'static str,
    /// `mail`, `sms` or `url`.
    content: &'static str,
    /// Octets.
    size: u64,
    /// When its last byte came in.
    received_at: Timestamp,
    /// When it was durable.
    stored_at: Timestamp,
    /// When it was read; null until then.
    read_at: Option<Timestamp>,
    /// `received` or `read`.
    status: &'static str,
    /// The cases that it belongs to.
    cases: Vec<u64>,
}

impl From<Report> for Status {
    fn from(report: Report) -> Self {
        Self {
            receipt: report.receipt.to_string(),
            channel: match report.channel {
                Channel::Smtp => "smtp",
                Channel::Api => "api",
                Channel::File => "file",
            },
            content: match report.content {
                Content::Mail => "mail",
                Content::Sms => "sms",
                Content::Url => "url",
            },
            size: report.size,
            received_at: report.received_at.into(),
            stored_at: report.stored_at.into(),
            read_at: report.read_at.map(Timestamp),
            status: match report.state {
                ReportState::Received => "received",
                ReportState::Read => "read",
            },
            cases: report.cases,
        }
    }
}

/// Takes in a mail (message/rfc822, at most 50 MiB, kept byte for byte), an SMS or a URL (application/json).
#[utoipa::path(
    post,
    path = "/api/v1/reports",
    tag = "reports",
    request_body(content(
        (String = "message/rfc822"),
        (body::Form = "application/json"),
    )),
    responses((status = 201, description = "Taken in and durable", body = Received), Problem)
)]
async fn post_report(
    State(Handler { intake, memory }): State<Handler>,
    Authorized(reporter): Authorized<Reporter>,
    request: Request,
) -> Result<Response, Problem> {
    if let Some(pressure) = intake.casebook.pressure() {
        // Told before its body comes.
        intake.metrics.refused(Refusal::Busy);
        return Err(StoreError::Busy(pressure).into());
    }
    let read = Body::read(request, &memory).await;
    let Body { content, bytes, _lent } = read.inspect_err(|problem| {
        intake.metrics.refused(match problem.status {
            StatusCode::PAYLOAD_TOO_LARGE => Refusal::Size,
            StatusCode::REQUEST_TIMEOUT => Refusal::Timeout,
            StatusCode::SERVICE_UNAVAILABLE => Refusal::Memory,
            _ => Refusal::Protocol,
        });
    })?;
    let (received_at, begun) = (intake.clock.now(), Instant::now());
    let report = NewReport {
        channel: Channel::Api,
        content,
        bytes: &bytes,
        reporter: Some(&reporter.principal().name),
        received_at,
    };
    let receipt = intake.casebook.receive(report).await.inspect_err(|error| {
        let busy = matches!(error, StoreError::Busy(_));
        intake.metrics.refused(if busy { Refusal::Busy } else { Refusal::Store });
    })?;
    intake.metrics.received("api", bytes.len(), begun.elapsed());
    let location = HeaderValue::try_from(format!("/api/v1/reports/{receipt}"))
        .expect("a receipt is letters, digits and dashes");
    let received = Json(Received { receipt: receipt.to_string(), status: "received" });
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], received).into_response())
}

/// How far a report is, by its receipt number in any case, with or without dashes.
#[utoipa::path(
    get,
    path = "/api/v1/reports/{receipt}",
    tag = "reports",
    params(("receipt" = String, Path, description = "The receipt number")),
    responses((status = 200, description = "How far it is", body = Status), Problem)
)]
async fn get_report(
    State(Handler { intake, .. }): State<Handler>,
    Authorized(_reporter): Authorized<Reporter>,
    Path(receipt): Path<String>,
) -> Result<Json<Status>, Problem> {
    // A receipt that can't be one and one that is not known look the same from outside.
    let unknown = || {
        Problem::new(StatusCode::NOT_FOUND, "unknown-report", "there is no report of this receipt")
            .detail("A receipt number is 20 letters and digits in four groups.")
    };
    let receipt = Receipt::parse(&receipt).ok_or_else(unknown)?;
    let report = intake.casebook.report(&receipt).await?.ok_or_else(unknown)?;
    Ok(Json(report.into()))
}
