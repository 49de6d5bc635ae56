//! Legal bases: whose right, by which authority, from when until when.

use axum::extract::State;
use axum::http::StatusCode;
use belfry_casebook::Casebook;
use belfry_casebook::access::{Admin, Reader};
use belfry_casebook::sms::BasisDraft;
use belfry_indicator::{LegalBasis, OperatorName};
use belfry_journal::UnixMillis;
use belfry_web::{Authorized, Clock, Json, Path, Problem, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::refused;

/// A legal basis.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BasisView {
    /// Its number.
    id: u64,
    /// Whose right it is.
    operator: String,
    /// The law, decree or decision.
    authority: String,
    /// What it allows: `similar-texts`, texts that its customers handed over and their like.
    scope: &'static str,
    /// Its first moment.
    from: Timestamp,
    /// The first moment at which it no longer holds.
    until: Timestamp,
    /// Whether it holds now.
    holds: bool,
}

/// The legal bases.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BasisList {
    /// The latest first.
    items: Vec<BasisView>,
}

/// A legal basis to be recorded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BasisBody {
    /// The operator's name, which is also its token's.
    operator: String,
    /// The law, decree or decision, in 1 to 500 characters.
    #[schema(example = "Telecom act, art. 121/8; decision 2026/17")]
    authority: String,
    /// Its first moment; now unless given.
    from: Option<Timestamp>,
    /// The first moment at which it no longer holds.
    until: Timestamp,
}

/// What a basis took with it when it ended.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EndedView {
    /// The basis, which no longer holds.
    basis: BasisView,
    /// The entries that released its templates.
    released: Vec<u64>,
}

impl BasisView {
    fn new(basis: LegalBasis, now: UnixMillis) -> Self {
        Self {
            id: basis.number,
            holds: basis.holds_at(now),
            operator: basis.operator.to_string(),
            authority: basis.authority,
            scope: "similar-texts",
            from: basis.from.into(),
            until: basis.until.into(),
        }
    }
}

/// By what right operators look for texts.
#[utoipa::path(
    get,
    path = "/api/v1/sms/bases",
    tag = "sms",
    responses((status = 200, body = BasisList), Problem)
)]
pub(crate) async fn list(
    _reader: Authorized<Reader>,
    State(casebook): State<Casebook>,
    State(clock): State<Clock>,
) -> Result<Json<BasisList>, Problem> {
    let (bases, now) = (casebook.legal_bases().await?, clock.now());
    Ok(Json(BasisList { items: bases.into_iter().map(|it| BasisView::new(it, now)).collect() }))
}

/// Records a legal basis.
#[utoipa::path(
    post,
    path = "/api/v1/sms/bases",
    tag = "sms",
    request_body = BasisBody,
    responses((status = 201, body = BasisView), Problem)
)]
pub(crate) async fn add(
    Authorized(admin): Authorized<Admin>,
    State(casebook): State<Casebook>,
    State(clock): State<Clock>,
    Json(body): Json<BasisBody>,
) -> Result<(StatusCode, Json<BasisView>), Problem> {
    let now = clock.now();
    let operator = OperatorName::parse(&body.operator).map_err(|why| refused(why.to_string()))?;
    let from = body.from.map_or(now, |at| at.0);
    let draft = BasisDraft { operator, authority: body.authority, from, until: body.until.0 };
    let basis = casebook.add_legal_basis(&admin, draft, now).await?;
    Ok((StatusCode::CREATED, Json(BasisView::new(basis, now))))
}

/// Ends a legal basis now, and with it every template that rests on it.
#[utoipa::path(
    post,
    path = "/api/v1/sms/bases/{id}/end",
    tag = "sms",
    params(("id" = u64, Path, description = "Its number")),
    responses((status = 200, body = EndedView), Problem)
)]
pub(crate) async fn end(
    Authorized(admin): Authorized<Admin>,
    State(casebook): State<Casebook>,
    State(clock): State<Clock>,
    Path(id): Path<u64>,
) -> Result<Json<EndedView>, Problem> {
    let now = clock.now();
    let released = casebook.end_legal_basis(&admin, id, now).await?;
    let basis = BasisView::new(casebook.legal_basis(id).await?, now);
    let released = released.into_iter().map(|serial| serial.0).collect();
    Ok(Json(EndedView { basis, released }))
}
