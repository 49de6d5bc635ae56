//! Templates: tried, ordered, listed with what they matched, released.

use axum::extract::State;
use axum::http::StatusCode;
use belfry_casebook::access::{Analyst, Reader};
use belfry_casebook::sms::Matches;
use belfry_desk::{Desk, TEMPLATE_DAYS, TemplateDraft, TemplateRuling};
use belfry_journal::{Mode, PublicReason, Serial, TemplateOrder};
use belfry_web::{Authorized, Json, Path, Problem, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::refused;

/// A template to be tried or ordered. Its text is the one that was handed over.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TemplateBody {
    /// The hand-over.
    handover: u64,
    /// The case in which it was found to be fraud.
    case: u64,
    /// The legal basis.
    basis: u64,
    /// `shadow` (matches are counted, and pass) or `live`.
    mode: String,
    /// How long it holds, 1 to 90; 30 unless given.
    days: Option<u32>,
}

/// A template.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TemplateView {
    /// The entry that orders it; null where it was only tried or refused.
    serial: Option<u64>,
    /// The only operator that looks for it.
    operator: String,
    /// `phishing`, `malware`, `fake-shop` or `other-fraud`.
    category: &'static str,
    /// `live` or `shadow`.
    mode: &'static str,
    /// The text that is looked for, with its like.
    text: String,
    /// The hand-over.
    handover: u64,
    /// The case.
    case: u64,
    /// The legal basis.
    basis: u64,
    /// When it was ordered.
    issued_at: Timestamp,
    /// Until when it holds.
    valid_until: Timestamp,
}

/// What the guard says to a template.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RulingView {
    /// The template.
    template: TemplateView,
    /// Whether it may be ordered.
    cleared: bool,
    /// The guard's rule, where it may not.
    rule: Option<&'static str>,
    /// Why, in words.
    why: Option<String>,
}

/// A template that holds, with what came of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HeldView {
    #[serde(flatten)]
    template: TemplateView,
    /// Messages that it matched at filters.
    matches: u64,
    /// When the first filter looked for it.
    applied_at: Option<Timestamp>,
    /// When it first matched.
    first_match_at: Option<Timestamp>,
}

/// The templates that hold.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TemplateList {
    /// By serial.
    items: Vec<HeldView>,
}

/// Why a template is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReleaseBody {
    /// `mistake` (an honest text was blocked) or `resolved`.
    reason: String,
}

/// A template that was taken back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReleasedView {
    /// The entry that ordered it.
    of: u64,
    /// The entry that took it back.
    serial: u64,
}

impl TemplateView {
    fn new(order: &TemplateOrder, serial: Option<Serial>) -> Self {
        let provenance = order.template.provenance();
        Self {
            serial: serial.map(|serial| serial.0),
            operator: order.operator().to_string(),
            category: order.category.name(),
            mode: order.mode.name(),
            text: order.template.text().to_owned(),
            handover: provenance.handover().number,
            case: provenance.confirmation().case,
            basis: provenance.basis().number,
            issued_at: order.issued_at.into(),
            valid_until: order.valid_until.into(),
        }
    }
}

impl From<TemplateRuling> for RulingView {
    fn from(ruling: TemplateRuling) -> Self {
        Self {
            template: TemplateView::new(&ruling.order, ruling.serial),
            cleared: ruling.finding.is_none(),
            rule: ruling.finding.as_ref().map(|finding| finding.rule.name()),
            why: ruling.finding.map(|finding| finding.explanation),
        }
    }
}

impl HeldView {
    fn new(serial: Serial, order: &TemplateOrder, matches: Matches) -> Self {
        Self {
            template: TemplateView::new(order, Some(serial)),
            matches: matches.messages,
            applied_at: matches.applied_at.map(Timestamp::from),
            first_match_at: matches.first_at.map(Timestamp::from),
        }
    }
}

impl TemplateBody {
    fn draft(&self) -> Result<TemplateDraft, Problem> {
        let wrong = || refused(format!("mode is {:?}: give shadow or live", self.mode));
        let mode = Mode::from_name(&self.mode).ok_or_else(wrong)?;
        let (handover, case, basis) = (self.handover, self.case, self.basis);
        let days = self.days.unwrap_or(TEMPLATE_DAYS);
        Ok(TemplateDraft { handover, case, basis, mode, days })
    }
}

/// The templates that hold.
#[utoipa::path(
    get,
    path = "/api/v1/sms/templates",
    tag = "sms",
    responses((status = 200, body = TemplateList), Problem)
)]
pub(crate) async fn list(
    _reader: Authorized<Reader>,
    State(desk): State<Desk>,
) -> Result<Json<TemplateList>, Problem> {
    let held = desk.casebook().templates().await?;
    let view = |(serial, order, matches): &(_, _, _)| HeldView::new(*serial, order, *matches);
    Ok(Json(TemplateList { items: held.iter().map(view).collect() }))
}

/// What the guard would say to a template; nothing is ordered.
#[utoipa::path(
    post,
    path = "/api/v1/sms/templates/check",
    tag = "sms",
    request_body = TemplateBody,
    responses((status = 200, body = RulingView), Problem)
)]
pub(crate) async fn check(
    Authorized(analyst): Authorized<Analyst>,
    State(desk): State<Desk>,
    Json(body): Json<TemplateBody>,
) -> Result<Json<RulingView>, Problem> {
    Ok(Json(desk.try_template(&analyst, body.draft()?).await?.into()))
}

/// Has the operator look for a text that its customer handed over, if the guard lets it.
#[utoipa::path(
    post,
    path = "/api/v1/sms/templates",
    tag = "sms",
    request_body = TemplateBody,
    responses((status = 201, body = RulingView), Problem)
)]
pub(crate) async fn order(
    Authorized(analyst): Authorized<Analyst>,
    State(desk): State<Desk>,
    Json(body): Json<TemplateBody>,
) -> Result<(StatusCode, Json<RulingView>), Problem> {
    let ruling = desk.order_template(&analyst, body.draft()?).await?;
    match &ruling.finding {
        None => Ok((StatusCode::CREATED, Json(ruling.into()))),
        Some(finding) => {
            let title = "the guard refuses this template";
            let mut problem = Problem::unprocessable("guard", title, finding.explanation.clone());
            problem.rule = Some(finding.rule.name());
            Err(problem)
        }
    }
}

/// Takes a template back, after an objection or on second thoughts.
#[utoipa::path(
    post,
    path = "/api/v1/sms/templates/{serial}/release",
    tag = "sms",
    params(("serial" = u64, Path, description = "The entry that ordered it")),
    request_body = ReleaseBody,
    responses((status = 200, body = ReleasedView), Problem)
)]
pub(crate) async fn release(
    Authorized(analyst): Authorized<Analyst>,
    State(desk): State<Desk>,
    Path(serial): Path<u64>,
    Json(body): Json<ReleaseBody>,
) -> Result<Json<ReleasedView>, Problem> {
    let reason = match body.reason.as_str() {
        "mistake" => PublicReason::Mistake,
        "resolved" => PublicReason::Resolved,
        other => return Err(refused(format!("reason is {other:?}: give mistake or resolved"))),
    };
    let released = desk.release_template(&analyst, Serial(serial), reason).await?;
    Ok(Json(ReleasedView { of: serial, serial: released.0 }))
}
