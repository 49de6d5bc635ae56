//! `POST /api/v1/cases/{id}/verdict` and `…/release`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use belfry_casebook::access::Analyst;
use belfry_casebook::verdict::{Decided, Verdict};
use belfry_desk::{Desk, JudgeError, Ruled, Ruling, TakeBack};
use belfry_web::{Authorized, Json, Path, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::view::CaseView;

/// What an analyst found.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerdictBody {
    /// `phishing`, `malware`, `fake-shop`, `other-fraud`, `spam`, `benign` or `undecidable`.
    verdict: String,
    /// Why, 1 to 2,000 characters; never published.
    reason: String,
    /// The version that was seen: refused if the case has changed since.
    version: Option<u64>,
    /// Block the exact `host` (unless given) or the whole registrable `domain`.
    level: Option<Level>,
    /// A compromised site: MX and TXT go on, and the block is short.
    #[serde(default)]
    compromised: bool,
    /// How many days the block holds, 1 to 366.
    block_days: Option<u32>,
}

/// At which level to block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    /// The exact host.
    Host,
    /// The registrable domain and all below it.
    Domain,
}

/// What a decision did.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DecisionView {
    /// The case after it.
    case: CaseView,
    /// The entry of its order, if it caused one.
    serial: Option<u64>,
    /// The guard's rule, where a second person is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'static str>,
    /// The rule in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<String>,
}

impl From<&Decided> for DecisionView {
    fn from(decided: &Decided) -> Self {
        let serial = decided.serial.map(|serial| serial.0);
        Self { case: CaseView::from(&decided.case), serial, rule: None, explanation: None }
    }
}

/// Records a verdict; a fraud verdict on a host orders the block in the same transaction.
#[utoipa::path(
    post,
    path = "/api/v1/cases/{id}/verdict",
    tag = "cases",
    params(("id" = u64, Path, description = "The case's number")),
    request_body = VerdictBody,
    responses(
        (status = 200, body = DecisionView, description = "Recorded"),
        (status = 202, body = DecisionView, description = "Awaiting a second person"),
        Problem
    )
)]
pub(crate) async fn verdict(
    Authorized(analyst): Authorized<Analyst>,
    State(desk): State<Desk>,
    Path(case): Path<u64>,
    Json(body): Json<VerdictBody>,
) -> Result<Response, Problem> {
    let verdict = Verdict::from_name(&body.verdict).ok_or_else(|| unknown(&body.verdict))?;
    let ruling = Ruling {
        case,
        version: body.version,
        verdict,
        reason: &body.reason,
        widen: body.level == Some(Level::Domain),
        compromised: body.compromised,
        block_days: body.block_days,
    };
    match desk.judge(&analyst, ruling).await.map_err(problem)? {
        Ruled::Done(decided) => Ok(Json(DecisionView {
            case: CaseView::from(&decided.case),
            serial: decided.serial.map(|serial| serial.0),
            rule: None,
            explanation: None,
        })
        .into_response()),
        Ruled::AwaitingSecond(case, finding) => {
            let view = DecisionView {
                case: CaseView::from(&case),
                serial: None,
                rule: Some(finding.rule.name()),
                explanation: Some(finding.explanation),
            };
            Ok((StatusCode::ACCEPTED, Json(view)).into_response())
        }
        Ruled::Refused(_, finding) => Err(Problem::unprocessable(
            "guard",
            "the guard refuses this block",
            finding.explanation,
        )
        .rule(finding.rule.name())),
    }
}

/// A block to be taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReleaseBody {
    /// Why, 1 to 2,000 characters; never published.
    reason: String,
    /// The version that was seen: refused if the case has changed since.
    version: Option<u64>,
    /// The block was wrong: the case is reversed, not only released.
    #[serde(default)]
    mistake: bool,
}

/// Takes a case's block back.
#[utoipa::path(
    post,
    path = "/api/v1/cases/{id}/release",
    tag = "cases",
    params(("id" = u64, Path, description = "The case's number")),
    request_body = ReleaseBody,
    responses((status = 200, body = DecisionView), Problem)
)]
pub(crate) async fn release(
    Authorized(analyst): Authorized<Analyst>,
    State(desk): State<Desk>,
    Path(case): Path<u64>,
    Json(body): Json<ReleaseBody>,
) -> Result<Json<DecisionView>, Problem> {
    let back =
        TakeBack { case, version: body.version, mistake: body.mistake, reason: &body.reason };
    let decided = desk.release(&analyst, back).await.map_err(problem)?;
    Ok(Json(DecisionView {
        case: CaseView::from(&decided.case),
        serial: decided.serial.map(|serial| serial.0),
        rule: None,
        explanation: None,
    }))
}

pub(crate) fn unknown(verdict: &str) -> Problem {
    let names: Vec<&str> = Verdict::ALL.into_iter().map(Verdict::name).collect();
    let detail = format!("{verdict:?} is none: give one of {}", names.join(", "));
    Problem::unprocessable("verdict", "the verdict is not known", detail)
}

pub(crate) fn problem(error: JudgeError) -> Problem {
    match error {
        JudgeError::Store(error) => error.into(),
        JudgeError::Reason => {
            Problem::unprocessable("reason", "a reason is needed", error.to_string())
        }
        JudgeError::Validity => {
            Problem::unprocessable("validity", "the validity can't be", error.to_string())
        }
        JudgeError::NothingToBlock(..) => Problem::unprocessable(
            "nothing-to-block",
            "there is nothing to block",
            error.to_string(),
        ),
    }
}
