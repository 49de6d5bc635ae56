//! What happens to a case beside its verdict: parked, taken up again, judged together with
//! another, split, renewed; and which blocks are to be looked at again.

use axum::extract::State;
use belfry_casebook::access::{Analyst, Approver, Reader};
use belfry_casebook::case::{CASES_MAX, Change, Split};
use belfry_casebook::report::Receipt;
use belfry_desk::{Approval, Desk, Renew, Renewed, Ruled};
use belfry_web::{Authorized, Fresh, Json, Path, Problem, Timestamp, parse_rfc3339};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::decisions::{DecisionView, problem};
use crate::view::CaseView;

/// A change of a case, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeBody {
    /// Why, 1 to 2,000 characters; never published.
    reason: String,
    /// The version that was seen: refused if the case has changed since.
    version: Option<u64>,
}

impl ChangeBody {
    fn change<'a>(&'a self, case: u64, by: &'a Analyst, desk: &Desk) -> Change<'a> {
        Change { case, version: self.version, reason: &self.reason, by, at: desk.time() }
    }
}

/// Until when a case waits.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ParkBody {
    /// RFC 3339.
    until: String,
    /// Why, 1 to 2,000 characters; never published.
    reason: String,
    /// The version that was seen: refused if the case has changed since.
    version: Option<u64>,
}

/// Lets an open case wait for a day.
#[utoipa::path(
    post,
    path = "/api/v1/cases/{id}/park",
    tag = "cases",
    params(("id" = u64, Path, description = "The case's number")),
    request_body = ParkBody,
    responses((status = 200, body = CaseView), Problem)
)]
pub(crate) async fn park(
    Authorized(analyst): Authorized<Analyst>,
    State(desk): State<Desk>,
    Path(case): Path<u64>,
    Json(body): Json<ParkBody>,
) -> Result<Json<CaseView>, Problem> {
    let until = parse_rfc3339(&body.until)
        .map_err(|error| Problem::unprocessable("time", "until is no time", error.to_string()))?;
    let (version, reason) = (body.version, body.reason.as_str());
    let change = Change { case, version, reason, by: &analyst, at: desk.time() };
    Ok(Json(CaseView::from(&desk.casebook().park(change, until).await?)))
}

/// Takes a case up again that was parked, closed, refused, released, reversed or benign.
#[utoipa::path(
    post,
    path = "/api/v1/cases/{id}/take-up",
    tag = "cases",
    params(("id" = u64, Path, description = "The case's number")),
    request_body = ChangeBody,
    responses((status = 200, body = CaseView), Problem)
)]
pub(crate) async fn take_up(
    Authorized(analyst): Authorized<Analyst>,
    State(desk): State<Desk>,
    Path(case): Path<u64>,
    Json(body): Json<ChangeBody>,
) -> Result<Json<CaseView>, Problem> {
    let change = body.change(case, &analyst, &desk);
    Ok(Json(CaseView::from(&desk.casebook().take_up(change).await?)))
}

/// With which case.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MergeBody {
    /// The case that it follows from now on.
    into: u64,
    /// Why, 1 to 2,000 characters; never published.
    reason: String,
    /// The version that was seen: refused if the case has changed since.
    version: Option<u64>,
}

/// Has a case judged together with another: what that gets, it gets, through the guard by itself.
#[utoipa::path(
    post,
    path = "/api/v1/cases/{id}/merge",
    tag = "cases",
    params(("id" = u64, Path, description = "The case's number")),
    request_body = MergeBody,
    responses((status = 200, body = CaseView), Problem)
)]
pub(crate) async fn merge(
    Authorized(analyst): Authorized<Analyst>,
    State(desk): State<Desk>,
    Path(case): Path<u64>,
    Json(body): Json<MergeBody>,
) -> Result<Json<CaseView>, Problem> {
    let (version, reason) = (body.version, body.reason.as_str());
    let change = Change { case, version, reason, by: &analyst, at: desk.time() };
    Ok(Json(CaseView::from(&desk.casebook().merge(change, body.into).await?)))
}

/// Has a case judged alone again.
#[utoipa::path(
    post,
    path = "/api/v1/cases/{id}/unmerge",
    tag = "cases",
    params(("id" = u64, Path, description = "The case's number")),
    request_body = ChangeBody,
    responses((status = 200, body = CaseView), Problem)
)]
pub(crate) async fn unmerge(
    Authorized(analyst): Authorized<Analyst>,
    State(desk): State<Desk>,
    Path(case): Path<u64>,
    Json(body): Json<ChangeBody>,
) -> Result<Json<CaseView>, Problem> {
    let change = body.change(case, &analyst, &desk);
    Ok(Json(CaseView::from(&desk.casebook().unmerge(change).await?)))
}

/// Reports that belong elsewhere.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SplitBody {
    /// What they are about: a host name or a URL.
    target: String,
    /// Their receipts.
    receipts: Vec<String>,
    /// Why, 1 to 2,000 characters; never published.
    reason: String,
    /// The version that was seen: refused if the case has changed since.
    version: Option<u64>,
}

/// Moves reports to the case of another target, which is opened where there is none; answers
/// that case.
#[utoipa::path(
    post,
    path = "/api/v1/cases/{id}/split",
    tag = "cases",
    params(("id" = u64, Path, description = "The case's number")),
    request_body = SplitBody,
    responses((status = 200, body = CaseView), Problem)
)]
pub(crate) async fn split(
    Authorized(analyst): Authorized<Analyst>,
    State(desk): State<Desk>,
    Path(case): Path<u64>,
    Json(body): Json<SplitBody>,
) -> Result<Json<CaseView>, Problem> {
    let subject = desk
        .subject_of(&body.target)
        .map_err(|why| Problem::unprocessable("target", "the target is no host and no URL", why))?;
    let unknown = |text: &String| {
        Problem::unprocessable("receipt", "this is no receipt", format!("{text:?}"))
    };
    let receipts: Vec<Receipt> = body
        .receipts
        .iter()
        .map(|text| Receipt::parse(text).ok_or_else(|| unknown(text)))
        .collect::<Result<_, _>>()?;
    let (version, reason) = (body.version, body.reason.as_str());
    let change = Change { case, version, reason, by: &analyst, at: desk.time() };
    let split = Split { change, subject: &subject, receipts: &receipts };
    Ok(Json(CaseView::from(&desk.casebook().split(split).await?)))
}

/// A second person's word.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApproveBody {
    /// Why, 1 to 2,000 characters; never published.
    reason: String,
    /// The version that was seen: exactly what was proposed then is agreed to.
    version: u64,
}

/// Agrees, as the second of two signed-in people, to what the first proposed. Tokens can't.
#[utoipa::path(
    post,
    path = "/api/v1/cases/{id}/approve",
    tag = "cases",
    params(("id" = u64, Path, description = "The case's number")),
    request_body = ApproveBody,
    responses((status = 200, body = DecisionView), Problem)
)]
pub(crate) async fn approve(
    Fresh(approver): Fresh<Approver>,
    State(desk): State<Desk>,
    Path(case): Path<u64>,
    Json(body): Json<ApproveBody>,
) -> Result<Json<DecisionView>, Problem> {
    let approval = Approval { case, version: body.version, reason: &body.reason };
    match desk.approve(&approver, approval).await.map_err(problem)? {
        Ruled::Done(decided) => Ok(Json(DecisionView::from(&decided))),
        Ruled::AwaitingSecond(_, finding) | Ruled::Refused(_, finding) => {
            let title = "the guard refuses this block";
            let problem = Problem::unprocessable("guard", title, finding.explanation);
            Err(problem.rule(finding.rule.name()))
        }
    }
}

/// Says no, as the second of two signed-in people: nothing is ordered, the case is open again.
#[utoipa::path(
    post,
    path = "/api/v1/cases/{id}/decline",
    tag = "cases",
    params(("id" = u64, Path, description = "The case's number")),
    request_body = ApproveBody,
    responses((status = 200, body = CaseView), Problem)
)]
pub(crate) async fn decline(
    Fresh(approver): Fresh<Approver>,
    State(desk): State<Desk>,
    Path(case): Path<u64>,
    Json(body): Json<ApproveBody>,
) -> Result<Json<CaseView>, Problem> {
    let no = Approval { case, version: body.version, reason: &body.reason };
    Ok(Json(CaseView::from(&desk.decline(&approver, no).await.map_err(problem)?)))
}

/// A block to be renewed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RenewBody {
    /// Why, 1 to 2,000 characters; never published.
    reason: String,
    /// The version that was seen: refused if the case has changed since.
    version: Option<u64>,
    /// How many days from now the block holds, 1 to 366.
    block_days: Option<u32>,
}

/// A person has seen the site again: the block's term begins anew. A short block by a rule
/// becomes a usual one.
#[utoipa::path(
    post,
    path = "/api/v1/cases/{id}/renew",
    tag = "cases",
    params(("id" = u64, Path, description = "The case's number")),
    request_body = RenewBody,
    responses((status = 200, body = DecisionView), Problem)
)]
pub(crate) async fn renew(
    Authorized(analyst): Authorized<Analyst>,
    State(desk): State<Desk>,
    Path(case): Path<u64>,
    Json(body): Json<RenewBody>,
) -> Result<Json<DecisionView>, Problem> {
    let (version, block_days) = (body.version, body.block_days);
    let renew = Renew { case, version, reason: &body.reason, block_days };
    match desk.renew(&analyst, renew).await.map_err(problem)? {
        Renewed::Done(decided) => Ok(Json(DecisionView::from(&decided))),
        Renewed::NotCleared(finding) => Err(Problem::unprocessable(
            "guard",
            "the guard does not let one person renew this block",
            finding.explanation,
        )
        .rule(finding.rule.name())),
    }
}

/// A block to be looked at again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecheckView {
    #[serde(flatten)]
    case: CaseView,
    /// When its block ends.
    valid_until: Option<Timestamp>,
    /// `rule`, where no person has seen it yet, or `ending`.
    why: &'static str,
}

/// Blocks to be looked at again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RechecksView {
    /// At most 500.
    items: Vec<RecheckView>,
}

/// Blocks that end within days, and those of rules that no person has seen.
#[utoipa::path(
    get,
    path = "/api/v1/recheck",
    tag = "cases",
    responses((status = 200, body = RechecksView), Problem)
)]
pub(crate) async fn recheck(
    _reader: Authorized<Reader>,
    State(desk): State<Desk>,
) -> Result<Json<RechecksView>, Problem> {
    let mut items = Vec::new();
    for case in desk.to_recheck(CASES_MAX).await? {
        let Some(file) = desk.casebook().case(case.id).await? else { continue };
        let order = file.orders.iter().rfind(|order| order.released_by.is_none());
        let last = file.verdicts.last();
        let by_rule = last.is_some_and(|last| {
            last.by.starts_with("rule:") && order.is_none_or(|order| order.issued_at == last.at)
        });
        items.push(RecheckView {
            case: CaseView::from(&file.case),
            valid_until: order.map(|order| order.valid_until.into()),
            why: if by_rule { "rule" } else { "ending" },
        });
    }
    Ok(Json(RechecksView { items }))
}
