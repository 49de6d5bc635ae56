//! `GET /api/v1/guard/{name}`: what the guard says of a name, and by which list; and the
//! alarms that stand. Nothing here changes anything.

use axum::extract::State;
use belfry_casebook::access::Reader;
use belfry_desk::Desk;
use belfry_guard::{Finding, ListName, Opinion};
use belfry_indicator::{Domain, EmbeddedSuffixes, Suffixes, Target};
use belfry_web::{Authorized, Json, Path, Problem, Query, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::decisions::Level;

/// At which level.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct GuardQuery {
    /// `host` (unless given) or `domain`.
    #[param(inline)]
    level: Option<Level>,
}

/// A list of the guard.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListView {
    /// What it is called.
    name: String,
    /// `own`, `never-block`, `two-people`, `popular`, `old` or `shared`.
    kind: &'static str,
    /// Its content.
    version: String,
}

impl From<&ListName> for ListView {
    fn from(list: &ListName) -> Self {
        Self { name: list.name.clone(), kind: list.kind.name(), version: list.version.clone() }
    }
}

/// A rule that speaks against a block.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FindingView {
    /// The rule.
    rule: &'static str,
    /// Why, and what to do.
    explanation: String,
    /// The list that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    list: Option<ListView>,
}

impl From<&Finding> for FindingView {
    fn from(finding: &Finding) -> Self {
        Self {
            rule: finding.rule.name(),
            explanation: finding.explanation.clone(),
            list: finding.list.as_ref().map(ListView::from),
        }
    }
}

/// What the guard says.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GuardView {
    /// The name asked about, in canonical form.
    name: String,
    /// `host` or `domain`.
    level: &'static str,
    /// `free` (one person may block it), `two-people` or `refused`.
    outcome: &'static str,
    /// All that speaks against it, the most telling first.
    findings: Vec<FindingView>,
    /// The domain that a block could be widened to; null for a suffix.
    registrable: Option<String>,
    /// The version of all lists together.
    lists_version: String,
}

/// What the guard would say to a block of a name, and why.
#[utoipa::path(
    get,
    path = "/api/v1/guard/{name}",
    tag = "guard",
    params(("name" = String, Path, description = "A host or domain name"), GuardQuery),
    responses((status = 200, body = GuardView), Problem)
)]
pub(crate) async fn check(
    _reader: Authorized<Reader>,
    State(desk): State<Desk>,
    Path(name): Path<String>,
    Query(query): Query<GuardQuery>,
) -> Result<Json<GuardView>, Problem> {
    let name = Domain::parse(&name).map_err(|error| Problem::query(format!("name: {error}")))?;
    let target = match query.level {
        Some(Level::Domain) => Target::Domain(name.clone()),
        Some(Level::Host) | None => Target::Host(name.clone()),
    };
    let lists = desk.lists();
    let (outcome, findings) = match lists.opinion(&target, &EmbeddedSuffixes) {
        Opinion::Free => ("free", Vec::new()),
        Opinion::TwoPeople(findings) => ("two-people", findings),
        Opinion::Refused(findings) => ("refused", findings),
    };
    Ok(Json(GuardView {
        level: target.level(),
        outcome,
        findings: findings.iter().map(FindingView::from).collect(),
        registrable: EmbeddedSuffixes.registrable(&name).map(|name| name.to_string()),
        lists_version: lists.version().to_string(),
        name: name.to_string(),
    }))
}

/// A list and how large it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListSizeView {
    #[serde(flatten)]
    list: ListView,
    /// How many names.
    names: usize,
}

/// The guard's lists.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListsView {
    /// Each.
    items: Vec<ListSizeView>,
    /// The version of all together.
    version: String,
}

/// The guard's lists in force, with their versions.
#[utoipa::path(
    get,
    path = "/api/v1/guard",
    tag = "guard",
    responses((status = 200, body = ListsView), Problem)
)]
pub(crate) async fn lists(
    _reader: Authorized<Reader>,
    State(desk): State<Desk>,
) -> Result<Json<ListsView>, Problem> {
    let lists = desk.lists();
    let items = lists.each().map(|(list, names)| ListSizeView { list: list.into(), names });
    Ok(Json(ListsView { items: items.collect(), version: lists.version().to_string() }))
}

/// An alarm.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlarmView {
    /// `guard-lists`, `surge` or `brake`.
    kind: &'static str,
    /// About what.
    about: String,
    /// What is wrong and what to do.
    text: String,
    /// Since when.
    since: Timestamp,
}

/// The alarms that stand.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlarmsView {
    /// Each.
    items: Vec<AlarmView>,
}

/// What someone must look at.
#[utoipa::path(
    get,
    path = "/api/v1/alarms",
    tag = "alarms",
    responses((status = 200, body = AlarmsView), Problem)
)]
pub(crate) async fn alarms(
    _reader: Authorized<Reader>,
    State(desk): State<Desk>,
) -> Result<Json<AlarmsView>, Problem> {
    let items = desk.alarms().all().into_iter().map(|alarm| AlarmView {
        kind: alarm.kind.name(),
        about: alarm.about,
        text: alarm.text,
        since: alarm.since.into(),
    });
    Ok(Json(AlarmsView { items: items.collect() }))
}
