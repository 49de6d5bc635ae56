//! `/api/v1/operators`: who loads zones, how far each is, their keys, and a whole
//! configuration for the software that each runs.

mod configure;
mod probed;
mod view;

use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use belfry_casebook::access::{Admin, Reader};
use belfry_casebook::operators::OperatorSettings;
use belfry_journal::{Category, OperatorName, UnixMillis};
use belfry_web::{Authorized, Json, Path, Problem, Query};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use self::configure::{Facts, Software, configuration};
use self::view::{OperatorList, OperatorView};
use crate::state::FeedState;
use crate::transfer::Prefix;

/// Hours for which keys before a new one still hold, unless said otherwise.
const OLD_HOURS: u64 = 72;
const OLD_HOURS_MAX: u64 = 24 * 90;

/// An operator to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OperatorBody {
    /// 1 to 32 of `a-z`, `0-9` and `-`.
    name: String,
    #[serde(flatten)]
    settings: SettingsBody,
}

/// What can be set of an operator; each list is whole.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct SettingsBody {
    /// Address prefixes that may take zones without a signature: Unbound has no TSIG.
    #[serde(default)]
    addresses: Vec<String>,
    /// `ADDRESS:PORT` of servers that are told of each change by NOTIFY.
    #[serde(default)]
    notify: Vec<String>,
    /// `ADDRESS:PORT` of resolvers whose answers are probed.
    #[serde(default)]
    probes: Vec<String>,
    /// Categories in a zone of its own; the public zones only, unless given.
    categories: Option<Vec<String>>,
}

/// How long keys before a new one hold.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RotateBody {
    /// Hours, 0 to 2,160; 72 unless given.
    old_hours: Option<u64>,
}

/// For which software, and where it runs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ConfigQuery {
    /// `bind`, `unbound`, `pdns`, `kresd`, `dnsdist` or `gate`.
    r#for: String,
    /// Where it answers, `ADDRESS:PORT`; 127.0.0.1:53 unless given.
    listen: Option<String>,
    /// Its folder; one of the software's own unless given.
    dir: Option<String>,
    /// A resolver that it forwards to, `ADDRESS` or `ADDRESS:PORT`; it resolves itself unless given.
    upstream: Option<String>,
}

/// Every operator.
#[utoipa::path(
    get,
    path = "/api/v1/operators",
    tag = "operators",
    responses((status = 200, body = OperatorList), Problem)
)]
pub(crate) async fn list(
    Authorized(reader): Authorized<Reader>,
    State(state): State<FeedState>,
) -> Result<Json<OperatorList>, Problem> {
    let records = state.casebook.operators_for(&reader).await?;
    let items = records.iter().map(|record| OperatorView::new(record, &state)).collect();
    Ok(Json(OperatorList { zones: view::zones(&state), items }))
}

/// One operator, and how far each of its servers is.
#[utoipa::path(
    get,
    path = "/api/v1/operators/{name}",
    tag = "operators",
    params(("name" = String, Path, description = "Its name")),
    responses((status = 200, body = OperatorView), Problem)
)]
pub(crate) async fn show(
    _reader: Authorized<Reader>,
    State(state): State<FeedState>,
    Path(name): Path<String>,
) -> Result<Json<OperatorView>, Problem> {
    let record = state.casebook.operator(&read_name(&name)?).await?;
    Ok(Json(OperatorView::new(&record, &state)))
}

/// Adds an operator with a first key.
#[utoipa::path(
    post,
    path = "/api/v1/operators",
    tag = "operators",
    request_body = OperatorBody,
    responses((status = 201, body = OperatorView), Problem)
)]
pub(crate) async fn add(
    Authorized(admin): Authorized<Admin>,
    State(state): State<FeedState>,
    Json(body): Json<OperatorBody>,
) -> Result<(StatusCode, Json<OperatorView>), Problem> {
    let (name, settings) = (read_name(&body.name)?, body.settings.read()?);
    state.casebook.add_operator(&admin, &name, &settings, state.clock.now()).await?;
    Ok((StatusCode::CREATED, changed(&state, &name).await?))
}

/// Sets an operator's settings anew, all of them.
#[utoipa::path(
    put,
    path = "/api/v1/operators/{name}",
    tag = "operators",
    params(("name" = String, Path, description = "Its name")),
    request_body = SettingsBody,
    responses((status = 200, body = OperatorView), Problem)
)]
pub(crate) async fn set(
    Authorized(admin): Authorized<Admin>,
    State(state): State<FeedState>,
    Path(name): Path<String>,
    Json(body): Json<SettingsBody>,
) -> Result<Json<OperatorView>, Problem> {
    let (name, settings) = (read_name(&name)?, body.read()?);
    state.casebook.set_operator(&admin, &name, &settings, state.clock.now()).await?;
    changed(&state, &name).await
}

/// Gives an operator nothing from now on; transfers under way end.
#[utoipa::path(
    post,
    path = "/api/v1/operators/{name}/suspend",
    tag = "operators",
    params(("name" = String, Path, description = "Its name")),
    responses((status = 200, body = OperatorView), Problem)
)]
pub(crate) async fn suspend(
    Authorized(admin): Authorized<Admin>,
    State(state): State<FeedState>,
    Path(name): Path<String>,
) -> Result<Json<OperatorView>, Problem> {
    let name = read_name(&name)?;
    state.casebook.suspend_operator(&admin, &name, true, state.clock.now()).await?;
    changed(&state, &name).await
}

/// Gives a suspended operator everything again.
#[utoipa::path(
    post,
    path = "/api/v1/operators/{name}/resume",
    tag = "operators",
    params(("name" = String, Path, description = "Its name")),
    responses((status = 200, body = OperatorView), Problem)
)]
pub(crate) async fn resume(
    Authorized(admin): Authorized<Admin>,
    State(state): State<FeedState>,
    Path(name): Path<String>,
) -> Result<Json<OperatorView>, Problem> {
    let name = read_name(&name)?;
    state.casebook.suspend_operator(&admin, &name, false, state.clock.now()).await?;
    changed(&state, &name).await
}

/// Makes a new key; those before it hold a while longer, so that no transfer fails.
#[utoipa::path(
    post,
    path = "/api/v1/operators/{name}/rotate",
    tag = "operators",
    params(("name" = String, Path, description = "Its name")),
    request_body = RotateBody,
    responses((status = 200, body = OperatorView), Problem)
)]
pub(crate) async fn rotate(
    Authorized(admin): Authorized<Admin>,
    State(state): State<FeedState>,
    Path(name): Path<String>,
    Json(body): Json<RotateBody>,
) -> Result<Json<OperatorView>, Problem> {
    let (name, hours) = (read_name(&name)?, body.old_hours.unwrap_or(OLD_HOURS));
    if hours > OLD_HOURS_MAX {
        return Err(refused(format!("old_hours is {hours}: give 0 to {OLD_HOURS_MAX}")));
    }
    let now = state.clock.now();
    let end = UnixMillis(now.0 + hours * 3_600_000);
    state.casebook.rotate_key(&admin, &name, end, now).await?;
    changed(&state, &name).await
}

/// A whole configuration for the software that it runs, key and all.
#[utoipa::path(
    get,
    path = "/api/v1/operators/{name}/config",
    tag = "operators",
    params(("name" = String, Path, description = "Its name"), ConfigQuery),
    responses((status = 200, content_type = "application/json", body = String), Problem)
)]
pub(crate) async fn config(
    _admin: Authorized<Admin>,
    State(state): State<FeedState>,
    Path(name): Path<String>,
    Query(query): Query<ConfigQuery>,
) -> Result<impl IntoResponse, Problem> {
    let record = state.casebook.operator(&read_name(&name)?).await?;
    let Some(software) = Software::from_name(&query.r#for) else {
        return Err(refused(format!("{:?} is none of {}", query.r#for, Software::names())));
    };
    let keys = state.casebook.operator_keys(state.clock.now()).await?;
    let key = keys.into_iter().find(|key| key.operator == record.name);
    let facts = Facts::new(&state, &record, key, &query).map_err(refused)?;
    let files = configuration(software, &facts);
    let body = serde_json::json!({ "files": files });
    Ok(([(header::CACHE_CONTROL, "no-store")], axum::Json(body)))
}

/// After a change: it holds at once, where zones are served by this process.
async fn changed(state: &FeedState, name: &OperatorName) -> Result<Json<OperatorView>, Problem> {
    if let Some(transfers) = &state.transfers {
        transfers.reload().await?;
    }
    let record = state.casebook.operator(name).await?;
    Ok(Json(OperatorView::new(&record, state)))
}

impl SettingsBody {
    fn read(self) -> Result<OperatorSettings, Problem> {
        for text in &self.addresses {
            text.parse::<Prefix>().map_err(|error| refused(format!("{text:?}: {error}")))?;
        }
        for text in self.notify.iter().chain(&self.probes) {
            let wrong = |_| refused(format!("{text:?} is no ADDRESS:PORT"));
            text.parse::<std::net::SocketAddr>().map_err(wrong)?;
        }
        let category = |name: &String| {
            Category::from_name(name).ok_or_else(|| refused(format!("{name:?} is no category")))
        };
        let categories = self
            .categories
            .map(|names| names.iter().map(category).collect::<Result<BTreeSet<_>, _>>())
            .transpose()?;
        let (addresses, notify, probes) = (self.addresses, self.notify, self.probes);
        Ok(OperatorSettings { addresses, notify, probes, categories })
    }
}

fn read_name(text: &str) -> Result<OperatorName, Problem> {
    OperatorName::parse(text).map_err(|error| refused(error.to_string()))
}

fn refused(detail: String) -> Problem {
    Problem::unprocessable("operator", "the operator can't be taken so", detail)
}
