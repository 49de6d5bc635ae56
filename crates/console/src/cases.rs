//! `GET /api/v1/cases` and `GET /api/v1/cases/{id}`.

use axum::extract::State;
use belfry_casebook::access::Reader;
use belfry_casebook::case::{CaseFilter, CaseSort, CaseState};
use belfry_casebook::{Casebook, StoreError};
use belfry_indicator::Domain;
use belfry_web::{Authorized, Json, PageLimit, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::state::ConsoleState;
use crate::view::{CaseFileView, CaseView};

const PAGE: PageLimit = PageLimit { default: 100, most: 500 };

/// Which cases to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Only in this state.
    status: Option<String>,
    /// Only of this host or registrable domain.
    name: Option<String>,
    /// `newest` first (unless given), or the most urgent first: `urgency`.
    #[param(inline)]
    sort: Option<Sort>,
    /// The `next` of the page before.
    cursor: Option<u64>,
    /// At most this many: 1 to 500, 100 unless given.
    limit: Option<u32>,
}

/// In which order.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Sort {
    /// The latest opened first.
    Newest,
    /// By score, proven reporters and how fresh the last report is.
    Urgency,
}

impl ListQuery {
    fn filter(self) -> Result<CaseFilter, Problem> {
        if let Some(status) = &self.status
            && !CaseState::NAMES.contains(&status.as_str())
        {
            let known = CaseState::NAMES.join(", ");
            return Err(Problem::query(format!("{status:?} is no status: one of {known}")));
        }
        let name = self.name.as_deref().map(Domain::parse).transpose();
        Ok(CaseFilter {
            status: self.status,
            name: name.map_err(|error| Problem::query(format!("name: {error}")))?,
            sort: match self.sort {
                Some(Sort::Urgency) => CaseSort::Urgency,
                Some(Sort::Newest) | None => CaseSort::Newest,
            },
            before: self.cursor,
            // One more than the page shows: it tells whether there is a next page.
            limit: PAGE.of(self.limit)? + 1,
        })
    }
}

/// A page of cases.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CasePage {
    /// In the order asked for.
    items: Vec<CaseView>,
    /// The cursor of the next page; null at the end.
    next: Option<u64>,
}

/// Cases, newest or most urgent first.
#[utoipa::path(
    get,
    path = "/api/v1/cases",
    tag = "cases",
    params(ListQuery),
    responses((status = 200, body = CasePage), Problem)
)]
pub(crate) async fn list(
    _reader: Authorized<Reader>,
    State(casebook): State<Casebook>,
    Query(query): Query<ListQuery>,
) -> Result<Json<CasePage>, Problem> {
    let filter = query.filter()?;
    let mut cases = casebook.cases(&filter).await?;
    let shown = filter.limit as usize - 1;
    let more = cases.len() > shown;
    cases.truncate(shown);
    let next = cases.last().filter(|_| more).map(|case| case.id);
    Ok(Json(CasePage { items: cases.iter().map(CaseView::from).collect(), next }))
}

/// One case with its reports, verdicts and orders.
#[utoipa::path(
    get,
    path = "/api/v1/cases/{id}",
    tag = "cases",
    params(("id" = u64, Path, description = "The case's number")),
    responses((status = 200, body = CaseFileView), Problem)
)]
pub(crate) async fn show(
    _reader: Authorized<Reader>,
    State(state): State<ConsoleState>,
    Path(id): Path<u64>,
) -> Result<Json<CaseFileView>, Problem> {
    let file = state.desk.casebook().case(id).await?;
    let file = file.ok_or(StoreError::Missing { what: "case", id: id.to_string() })?;
    Ok(Json(CaseFileView::from(&file)))
}
