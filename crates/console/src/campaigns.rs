//! `GET /api/v1/campaigns`, `/campaigns/{id}`, `/campaigns/register`, and why two cases are
//! alike: `GET /api/v1/cases/{a}/similar/{b}`.

use axum::extract::State;
use axum::http::StatusCode;
use belfry_casebook::access::{Analyst, Reader};
use belfry_casebook::campaign::{Campaign, CampaignCount, Tie};
use belfry_casebook::standing::Standing;
use belfry_casebook::verdict::Verdict;
use belfry_casebook::{Casebook, StoreError};
use belfry_desk::Desk;
use belfry_web::{Authorized, Json, PageLimit, Path, Problem, Query, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::decisions::problem;
use crate::view::CaseView;

const PAGE: PageLimit = PageLimit { default: 100, most: 500 };
/// Ties that weigh so much together are one campaign.
const TOGETHER: f64 = 1.0;

/// Which campaigns to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CampaignQuery {
    /// The `next` of the page before.
    cursor: Option<u64>,
    /// At most this many: 1 to 500, 100 unless given.
    limit: Option<u32>,
}

/// A campaign.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CampaignView {
    /// Its number.
    id: u64,
    /// Cases in it.
    cases: u64,
    /// The brand that it abuses, by its key in the list.
    brand: Option<String>,
    /// When it was first seen to be one.
    opened_at: Timestamp,
    /// When a case last joined.
    changed_at: Timestamp,
    /// The campaign that it turned out to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    merged_into: Option<u64>,
}

impl From<&Campaign> for CampaignView {
    fn from(campaign: &Campaign) -> Self {
        Self {
            id: campaign.id,
            cases: campaign.cases,
            brand: campaign.brand.clone(),
            opened_at: campaign.opened_at.into(),
            changed_at: campaign.changed_at.into(),
            merged_into: campaign.merged_into,
        }
    }
}

/// A page of campaigns.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CampaignPage {
    /// The latest first.
    items: Vec<CampaignView>,
    /// The cursor of the next page; null at the end.
    next: Option<u64>,
}

/// A campaign with its cases.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CampaignFileView {
    #[serde(flatten)]
    campaign: CampaignView,
    /// Its latest 500 cases, newest first.
    members: Vec<CaseView>,
}

/// What two cases share.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SimilarView {
    /// The sum of the ties.
    weight: f64,
    /// Whether that is enough for one campaign.
    together: bool,
    /// Each tie, the strongest first.
    why: Vec<TieView>,
}

/// One thing that two cases share.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TieView {
    /// `text`, `landing`, `path`, `sender`, `redirector`, `account` or `domain`.
    kind: String,
    /// It in words, defanged.
    why: String,
    /// What it weighs.
    weight: f64,
}

impl From<Tie> for TieView {
    fn from(tie: Tie) -> Self {
        Self { kind: tie.kind, why: tie.shown, weight: tie.weight }
    }
}

/// The register of campaigns.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegisterView {
    /// By month, brand and channel, the latest month first.
    items: Vec<RegisterRow>,
}

/// A line of the register.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegisterRow {
    /// `2026-11`.
    month: String,
    /// The brand's key, or `-` where none was recognised.
    brand: String,
    /// `mail`, `sms` or `url`.
    channel: String,
    /// Cases opened.
    cases: u64,
    /// Campaigns begun.
    campaigns: u64,
}

impl From<CampaignCount> for RegisterRow {
    fn from(count: CampaignCount) -> Self {
        let CampaignCount { month, brand, channel, cases, campaigns } = count;
        Self { month, brand, channel, cases, campaigns }
    }
}

/// Campaigns, the latest first.
#[utoipa::path(
    get,
    path = "/api/v1/campaigns",
    tag = "campaigns",
    params(CampaignQuery),
    responses((status = 200, body = CampaignPage), Problem)
)]
pub(crate) async fn list(
    _reader: Authorized<Reader>,
    State(casebook): State<Casebook>,
    Query(query): Query<CampaignQuery>,
) -> Result<Json<CampaignPage>, Problem> {
    let limit = PAGE.of(query.limit)?;
    let mut found = casebook.campaigns(query.cursor, limit + 1).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|campaign| campaign.id);
    Ok(Json(CampaignPage { items: found.iter().map(CampaignView::from).collect(), next }))
}

/// How many cases and campaigns there were of each brand, month and channel.
#[utoipa::path(
    get,
    path = "/api/v1/campaigns/register",
    tag = "campaigns",
    responses((status = 200, body = RegisterView), Problem)
)]
pub(crate) async fn register(
    _reader: Authorized<Reader>,
    State(casebook): State<Casebook>,
) -> Result<Json<RegisterView>, Problem> {
    let counts = casebook.campaign_counts().await?;
    Ok(Json(RegisterView { items: counts.into_iter().map(RegisterRow::from).collect() }))
}

/// One campaign with its cases.
#[utoipa::path(
    get,
    path = "/api/v1/campaigns/{id}",
    tag = "campaigns",
    params(("id" = u64, Path, description = "The campaign's number")),
    responses((status = 200, body = CampaignFileView), Problem)
)]
pub(crate) async fn show(
    _reader: Authorized<Reader>,
    State(casebook): State<Casebook>,
    Path(id): Path<u64>,
) -> Result<Json<CampaignFileView>, Problem> {
    let missing = || StoreError::Missing { what: "campaign", id: id.to_string() };
    let (campaign, members) = casebook.campaign(id).await?.ok_or_else(missing)?;
    let members = members.iter().map(CaseView::from).collect();
    Ok(Json(CampaignFileView { campaign: CampaignView::from(&campaign), members }))
}

/// The same verdict for the cases of a campaign that are to come.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StandBody {
    /// `phishing`, `malware`, `fake-shop`, `other-fraud`, `spam` or `benign`.
    verdict: String,
    /// For so many hours: 1 to 72.
    hours: u32,
    /// Why, 1 to 2,000 characters.
    reason: String,
}

/// A verdict that stands for a campaign.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StandingView {
    /// The campaign.
    campaign: u64,
    /// What its cases get.
    verdict: &'static str,
    /// Why.
    reason: String,
    /// By whom.
    by: String,
    /// Since when.
    at: Timestamp,
    /// Until when.
    until: Timestamp,
}

impl From<Standing> for StandingView {
    fn from(standing: Standing) -> Self {
        Self {
            campaign: standing.campaign,
            verdict: standing.verdict.name(),
            reason: standing.reason,
            by: standing.by,
            at: standing.at.into(),
            until: standing.until.into(),
        }
    }
}

/// Lets a verdict stand for the cases of a campaign that reports join from now on. Each goes
/// through the guard; blocks are short until a person has seen them; the brake stops it.
#[utoipa::path(
    post,
    path = "/api/v1/campaigns/{id}/standing",
    tag = "campaigns",
    params(("id" = u64, Path, description = "The campaign's number")),
    request_body = StandBody,
    responses((status = 200, body = StandingView), Problem)
)]
pub(crate) async fn let_stand(
    Authorized(analyst): Authorized<Analyst>,
    State(desk): State<Desk>,
    Path(id): Path<u64>,
    Json(body): Json<StandBody>,
) -> Result<Json<StandingView>, Problem> {
    let verdict = Verdict::from_name(&body.verdict).filter(|one| *one != Verdict::Undecidable);
    let verdict = verdict.ok_or_else(|| {
        let detail = format!("{:?} can not stand", body.verdict);
        Problem::unprocessable("verdict", "the verdict is not known", detail)
    })?;
    let standing = desk.let_stand(&analyst, id, verdict, body.hours, &body.reason).await;
    Ok(Json(standing.map_err(problem)?.into()))
}

/// What stands for a campaign; 404 where nothing does.
#[utoipa::path(
    get,
    path = "/api/v1/campaigns/{id}/standing",
    tag = "campaigns",
    params(("id" = u64, Path, description = "The campaign's number")),
    responses((status = 200, body = StandingView), Problem)
)]
pub(crate) async fn standing(
    _reader: Authorized<Reader>,
    State(desk): State<Desk>,
    Path(id): Path<u64>,
) -> Result<Json<StandingView>, Problem> {
    let found = desk.casebook().standing(id, desk.time()).await?;
    let missing =
        || StoreError::Missing { what: "standing verdict", id: format!("for campaign {id}") };
    Ok(Json(found.ok_or_else(missing)?.into()))
}

/// Ends what stands for a campaign before its time.
#[utoipa::path(
    delete,
    path = "/api/v1/campaigns/{id}/standing",
    tag = "campaigns",
    params(("id" = u64, Path, description = "The campaign's number")),
    responses((status = 204), Problem)
)]
pub(crate) async fn end_standing(
    Authorized(analyst): Authorized<Analyst>,
    State(desk): State<Desk>,
    Path(id): Path<u64>,
) -> Result<StatusCode, Problem> {
    desk.casebook().end_standing(&analyst, id, desk.time()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What two cases share, and whether that makes them one campaign.
#[utoipa::path(
    get,
    path = "/api/v1/cases/{a}/similar/{b}",
    tag = "campaigns",
    params(
        ("a" = u64, Path, description = "One case's number"),
        ("b" = u64, Path, description = "The other's")
    ),
    responses((status = 200, body = SimilarView), Problem)
)]
pub(crate) async fn similar(
    _reader: Authorized<Reader>,
    State(desk): State<Desk>,
    Path((one, other)): Path<(u64, u64)>,
) -> Result<Json<SimilarView>, Problem> {
    let ties = desk.similar(one, other).await?;
    let weight: f64 = ties.iter().map(|tie| tie.weight).sum();
    let why = ties.into_iter().map(TieView::from).collect();
    Ok(Json(SimilarView { weight, together: weight >= TOGETHER, why }))
}
