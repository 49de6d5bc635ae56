//! Rules that persons set, their reports, and the emergency brake.

use axum::extract::State;
use belfry_casebook::access::{Admin, Analyst, Reader};
use belfry_casebook::rules::{RuleMode, RuleRecord};
use belfry_desk::Desk;
use belfry_desk::rules::{ReportError, RuleReport, SetRuleError};
use belfry_web::{Authorized, Json, Path, Problem, Query, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::decisions::problem;

/// Minutes that a pull of the brake takes back, unless it says otherwise.
const BRAKE_MINUTES: u32 = 60;
/// The longest that it may take back: a week.
const BRAKE_MINUTES_MAX: u32 = 7 * 24 * 60;
/// Days of a report, unless it says otherwise.
const REPORT_DAYS: u32 = 14;
const REPORT_DAYS_MAX: u32 = 366;

/// A rule's version in force.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RuleView {
    /// Its name.
    name: String,
    /// Its version.
    version: u64,
    /// Its text.
    text: String,
    /// Who wrote it.
    author: String,
    /// When.
    created_at: Timestamp,
    /// `off`, `shadow` or `live`.
    mode: &'static str,
    /// Who said so.
    mode_by: String,
    /// When.
    mode_at: Timestamp,
}

impl From<RuleRecord> for RuleView {
    fn from(rule: RuleRecord) -> Self {
        Self {
            name: rule.name,
            version: rule.version,
            text: rule.text,
            author: rule.author,
            created_at: rule.created_at.into(),
            mode: rule.mode.name(),
            mode_by: rule.mode_by,
            mode_at: rule.mode_at.into(),
        }
    }
}

/// All rules.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RulesView {
    /// By name.
    items: Vec<RuleView>,
}

/// The rules, each in its version in force.
#[utoipa::path(
    get,
    path = "/api/v1/rules",
    tag = "rules",
    responses((status = 200, body = RulesView), Problem)
)]
pub(crate) async fn list(
    _reader: Authorized<Reader>,
    State(desk): State<Desk>,
) -> Result<Json<RulesView>, Problem> {
    let rules = desk.casebook().rules().await?;
    Ok(Json(RulesView { items: rules.into_iter().map(RuleView::from).collect() }))
}

/// A rule's text.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleBody {
    /// Lines of `key = value`: `when`, `action`, and what belongs to the action.
    text: String,
}

/// Keeps a new version of a rule, which is off.
#[utoipa::path(
    put,
    path = "/api/v1/rules/{name}",
    tag = "rules",
    params(("name" = String, Path, description = "Small letters, digits and hyphens")),
    request_body = RuleBody,
    responses((status = 200, body = RuleView), Problem)
)]
pub(crate) async fn put(
    Authorized(admin): Authorized<Admin>,
    State(desk): State<Desk>,
    Path(name): Path<String>,
    Json(body): Json<RuleBody>,
) -> Result<Json<RuleView>, Problem> {
    match desk.put_rule(&admin, &name, &body.text).await {
        Ok(rule) => Ok(Json(rule.into())),
        Err(SetRuleError::Store(error)) => Err(error.into()),
        Err(SetRuleError::Rule(error)) => {
            Err(Problem::unprocessable("rule", "this is no rule", error.to_string()))
        }
    }
}

/// How far a rule may go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModeBody {
    /// `off`, `shadow` or `live`; from off to live is no step.
    mode: String,
}

/// Lets a rule go as far as that.
#[utoipa::path(
    post,
    path = "/api/v1/rules/{name}/mode",
    tag = "rules",
    params(("name" = String, Path, description = "The rule")),
    request_body = ModeBody,
    responses((status = 200, body = RuleView), Problem)
)]
pub(crate) async fn mode(
    Authorized(admin): Authorized<Admin>,
    State(desk): State<Desk>,
    Path(name): Path<String>,
    Json(body): Json<ModeBody>,
) -> Result<Json<RuleView>, Problem> {
    let mode = RuleMode::from_name(&body.mode).ok_or_else(|| {
        let detail = format!("{:?} is none: give off, shadow or live", body.mode);
        Problem::unprocessable("mode", "the mode is not known", detail)
    })?;
    Ok(Json(desk.set_rule_mode(&admin, &name, mode).await?.into()))
}

/// Over which days.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReportQuery {
    /// 1 to 366, 14 unless given.
    days: Option<u32>,
}

/// How often a rule came to what.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CountView {
    /// In which mode.
    mode: &'static str,
    /// What came of it.
    outcome: String,
    /// How often.
    cases: u64,
}

/// What a rule would have done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RuleReportView {
    rule: RuleView,
    /// Over so many days.
    days: u32,
    /// Cases opened in them.
    cases: u64,
    /// Of them, those that the condition holds for as they stand now.
    matched: u64,
    /// Of these, left to people: why, and how many.
    left: std::collections::BTreeMap<String, u64>,
    /// The rest, where a person found the same.
    agreed: u64,
    /// Where a person found otherwise.
    disagreed: u64,
    /// Where no person has found anything.
    undecided: u64,
    /// Cases on which a person disagreed, at most 50.
    disagreed_cases: Vec<u64>,
    /// What it really did in these days, or noted in shadow.
    acts: Vec<CountView>,
}

impl RuleReportView {
    fn new(report: RuleReport, days: u32) -> Self {
        let acts = report.acts.into_iter().map(|count| CountView {
            mode: count.mode.name(),
            outcome: count.outcome,
            cases: count.acts,
        });
        Self {
            rule: report.rule.into(),
            days,
            cases: report.cases,
            matched: report.matched,
            left: report.left,
            agreed: report.tally.agreed,
            disagreed: report.tally.disagreed,
            undecided: report.tally.undecided,
            disagreed_cases: report.disagreed,
            acts: acts.collect(),
        }
    }
}

/// What a rule would have done over the last days, beside what persons found.
#[utoipa::path(
    get,
    path = "/api/v1/rules/{name}/report",
    tag = "rules",
    params(("name" = String, Path, description = "The rule"), ReportQuery),
    responses((status = 200, body = RuleReportView), Problem)
)]
pub(crate) async fn report(
    _reader: Authorized<Reader>,
    State(desk): State<Desk>,
    Path(name): Path<String>,
    Query(query): Query<ReportQuery>,
) -> Result<Json<RuleReportView>, Problem> {
    let days = query.days.unwrap_or(REPORT_DAYS);
    if !(1..=REPORT_DAYS_MAX).contains(&days) {
        return Err(Problem::query(format!("days is {days}: give 1 to {REPORT_DAYS_MAX}")));
    }
    match desk.rule_report(&name, days).await {
        Ok(report) => Ok(Json(RuleReportView::new(report, days))),
        Err(ReportError::Store(error)) => Err(error.into()),
        Err(ReportError::Rule(error)) => {
            Err(Problem::unprocessable("rule", "this rule is not understood", error.to_string()))
        }
    }
}

/// A pull of the brake.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PullBody {
    /// Why, 1 to 2,000 characters.
    reason: String,
    /// What rules ordered in so many minutes is taken back: 0 to 10,080, 60 unless given.
    minutes: Option<u32>,
}

/// What a pull of the brake did.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BrakedView {
    /// Cases whose block by a rule was taken back; they are open again.
    released: Vec<u64>,
    /// Cases for which that failed: a person must look.
    failed: Vec<u64>,
}

/// Stops all rules, and takes back what they ordered of late.
#[utoipa::path(
    post,
    path = "/api/v1/brake",
    tag = "rules",
    request_body = PullBody,
    responses((status = 200, body = BrakedView), Problem)
)]
pub(crate) async fn pull(
    Authorized(analyst): Authorized<Analyst>,
    State(desk): State<Desk>,
    Json(body): Json<PullBody>,
) -> Result<Json<BrakedView>, Problem> {
    let minutes = body.minutes.unwrap_or(BRAKE_MINUTES);
    if minutes > BRAKE_MINUTES_MAX {
        let detail = format!("minutes is {minutes}: give 0 to {BRAKE_MINUTES_MAX}");
        return Err(Problem::unprocessable(
            "minutes",
            "the brake takes back a week at most",
            detail,
        ));
    }
    let braked = desk.pull_brake(&analyst, minutes, &body.reason).await.map_err(problem)?;
    let failed = braked.failed.into_iter().map(|(case, why)| {
        tracing::error!(case, why, "the brake could not take a block back");
        case
    });
    Ok(Json(BrakedView { failed: failed.collect(), released: braked.released }))
}

/// A release of the brake.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LetGoBody {
    /// Why, 1 to 2,000 characters.
    reason: String,
}

/// Whether the brake is pulled.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BrakeView {
    /// Whether it is.
    pulled: bool,
    /// By whom.
    by: Option<String>,
    /// Why.
    reason: Option<String>,
    /// Since when.
    at: Option<Timestamp>,
}

/// Whether the brake is pulled.
#[utoipa::path(
    get,
    path = "/api/v1/brake",
    tag = "rules",
    responses((status = 200, body = BrakeView), Problem)
)]
pub(crate) async fn brake(
    _reader: Authorized<Reader>,
    State(desk): State<Desk>,
) -> Result<Json<BrakeView>, Problem> {
    brake_of(&desk).await
}

/// Lets the rules act again.
#[utoipa::path(
    post,
    path = "/api/v1/brake/release",
    tag = "rules",
    request_body = LetGoBody,
    responses((status = 200, body = BrakeView), Problem)
)]
pub(crate) async fn let_go(
    Authorized(admin): Authorized<Admin>,
    State(desk): State<Desk>,
    Json(body): Json<LetGoBody>,
) -> Result<Json<BrakeView>, Problem> {
    desk.release_brake(&admin, &body.reason).await.map_err(problem)?;
    brake_of(&desk).await
}

async fn brake_of(desk: &Desk) -> Result<Json<BrakeView>, Problem> {
    let brake = desk.casebook().brake().await?;
    let at = brake.as_ref().map(|brake| brake.at.into());
    let (by, reason) = brake.map(|brake| (brake.by, brake.reason)).unzip();
    Ok(Json(BrakeView { pulled: by.is_some(), by, reason, at }))
}
