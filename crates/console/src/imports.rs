//! `POST /api/v1/imports`: names and URLs from elsewhere, many at once.

use axum::extract::State;
use belfry_casebook::access::Analyst;
use belfry_casebook::verdict::Verdict;
use belfry_desk::{Desk, Import, ImportError, Imported};
use belfry_web::{Authorized, Json, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::decisions::{problem, unknown};

/// What to import.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportBody {
    /// Host names or URLs: one a line, CSV with the target in its first column, or MISP's
    /// attributes as JSON. At most 10,000.
    text: String,
    /// What all of them are; without it, cases are only raised.
    verdict: Option<String>,
    /// Why, 1 to 2,000 characters; never published.
    reason: String,
    /// How many days blocks hold, 1 to 366.
    block_days: Option<u32>,
}

/// What became of one line.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportedView {
    /// The line, from 1; of MISP's attributes, which one.
    line: usize,
    /// Its target, as written.
    target: String,
    /// Its case.
    case: Option<u64>,
    /// `raised`, `known`, `blocked`, `closed`, `awaiting-second`, `refused`,
    /// `blocked-before` or `failed`.
    outcome: &'static str,
    /// The guard's rule, or why it failed.
    why: Option<String>,
}

impl From<Imported> for ImportedView {
    fn from(imported: Imported) -> Self {
        let Imported { line, target, case, outcome, why } = imported;
        Self { line, target, case, outcome, why }
    }
}

/// What became of all of them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportsView {
    /// In order.
    items: Vec<ImportedView>,
}

/// Raises a case for each target, and decides it where a verdict is given: through the same
/// guard as by hand. A file with a bad line is refused whole.
#[utoipa::path(
    post,
    path = "/api/v1/imports",
    tag = "cases",
    request_body = ImportBody,
    responses((status = 200, body = ImportsView), Problem)
)]
pub(crate) async fn import(
    Authorized(analyst): Authorized<Analyst>,
    State(desk): State<Desk>,
    Json(body): Json<ImportBody>,
) -> Result<Json<ImportsView>, Problem> {
    let verdict = body.verdict.as_deref();
    let verdict =
        verdict.map(|name| Verdict::from_name(name).ok_or_else(|| unknown(name))).transpose()?;
    let (reason, block_days) = (body.reason.as_str(), body.block_days);
    let import = Import { text: &body.text, verdict, reason, block_days };
    match desk.import(&analyst, import).await {
        Ok(done) => Ok(Json(ImportsView { items: done.into_iter().map(Into::into).collect() })),
        Err(ImportError::Judge(error)) => Err(problem(error)),
        Err(error @ ImportError::Line { .. }) => Err(Problem::unprocessable(
            "import",
            "the file is refused whole, nothing was done",
            error.to_string(),
        )),
    }
}
