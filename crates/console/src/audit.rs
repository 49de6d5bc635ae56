//! The audit log, to be read and to be checked.

use axum::extract::State;
use belfry_casebook::Casebook;
use belfry_casebook::access::Admin;
use belfry_web::{Authorized, Json, PageLimit, Problem, Query, Timestamp};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

const PAGE: PageLimit = PageLimit { default: 100, most: 999 };

/// Which lines.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// The `next` of the page before.
    cursor: Option<u64>,
    /// At most this many: 1 to 999, 100 unless given.
    limit: Option<u32>,
}

/// One line.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditLineView {
    /// Its number, from 1 without gaps.
    line: u64,
    /// When.
    at: Timestamp,
    /// Who; `belfry` for what no person did.
    who: String,
    /// What was done.
    action: String,
    /// To what.
    object: String,
    /// More, in words; empty once it was erased.
    detail: String,
}

/// A page of the log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditPage {
    /// The latest first.
    items: Vec<AuditLineView>,
    /// The cursor of the next page; null at the end.
    next: Option<u64>,
}

/// Who did what to what, the latest first.
#[utoipa::path(
    get,
    path = "/api/v1/audit",
    tag = "audit",
    params(AuditQuery),
    responses((status = 200, body = AuditPage), Problem)
)]
pub(crate) async fn list(
    Authorized(admin): Authorized<Admin>,
    State(casebook): State<Casebook>,
    Query(query): Query<AuditQuery>,
) -> Result<Json<AuditPage>, Problem> {
    let limit = PAGE.of(query.limit)?;
    let mut lines = casebook.audit(&admin, query.cursor, limit + 1).await?;
    let more = lines.len() > limit as usize;
    lines.truncate(limit as usize);
    let next = lines.last().filter(|_| more).map(|line| line.id);
    let items = lines
        .into_iter()
        .map(|line| AuditLineView {
            line: line.id,
            at: line.at.into(),
            who: line.who,
            action: line.action,
            object: line.object,
            detail: line.detail,
        })
        .collect();
    Ok(Json(AuditPage { items, next }))
}

/// What a check of the whole log found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditVerifiedView {
    /// How many lines there are.
    lines: u64,
    /// Of them with an erased detail.
    erased: u64,
    /// How often the journal says how far the log was, and agrees.
    anchors: u64,
    /// The hash of the last line, hex.
    hash: String,
}

/// Recomputes the chain of the whole log and compares it with the journal; a log that was
/// changed is a problem `audit-damaged`, which names the first line.
#[utoipa::path(
    get,
    path = "/api/v1/audit/verify",
    tag = "audit",
    responses((status = 200, body = AuditVerifiedView), Problem)
)]
pub(crate) async fn verify(
    _admin: Authorized<Admin>,
    State(casebook): State<Casebook>,
) -> Result<Json<AuditVerifiedView>, Problem> {
    let verified = casebook.verify_audit().await?;
    Ok(Json(AuditVerifiedView {
        lines: verified.lines,
        erased: verified.erased,
        anchors: verified.anchors,
        hash: HEXLOWER.encode(&verified.hash),
    }))
}
