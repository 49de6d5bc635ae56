//! `GET /api/v1/followers`, and an administrator's acts on how far they are.

use axum::extract::State;
use axum::http::StatusCode;
use belfry_casebook::Casebook;
use belfry_casebook::access::{Admin, Reader};
use belfry_casebook::followers::NO_INSTANCE;
use belfry_journal::Serial;
use belfry_web::{Authorized, Clock, Json, Path, Problem, Timestamp};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const WHY_CHARS_MAX: usize = 500;

/// One run of one follower.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FollowerView {
    /// Its token's name.
    name: String,
    /// Its run of counters, hex; null where only its cursor was seen.
    instance: Option<String>,
    /// The last entry that it acknowledged.
    serial: u64,
    /// When it did.
    seen_at: Timestamp,
    /// It is past the journal's head: an alarm, never "up to date".
    ahead: bool,
}

/// All followers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FollowerList {
    /// The journal's last serial.
    head: u64,
    /// The furthest first.
    items: Vec<FollowerView>,
}

/// How far each follower is.
#[utoipa::path(
    get,
    path = "/api/v1/followers",
    tag = "journal",
    responses((status = 200, body = FollowerList), Problem)
)]
pub(crate) async fn list(
    _reader: Authorized<Reader>,
    State(casebook): State<Casebook>,
) -> Result<Json<FollowerList>, Problem> {
    let head = casebook.head().serial;
    let followers = casebook.followers().await?;
    let items = followers
        .into_iter()
        .map(|follower| FollowerView {
            name: follower.name,
            instance: (follower.instance != NO_INSTANCE)
                .then(|| HEXLOWER.encode(&follower.instance)),
            serial: follower.serial.0,
            seen_at: follower.seen_at.into(),
            ahead: follower.serial > head,
        })
        .collect();
    Ok(Json(FollowerList { head: head.0, items }))
}

/// Forgets a follower that is gone for good, or that said what can't be.
#[utoipa::path(
    delete,
    path = "/api/v1/followers/{name}",
    tag = "journal",
    params(("name" = String, Path, description = "Its name, as listed")),
    responses((status = 204, description = "It is forgotten"), Problem)
)]
pub(crate) async fn forget(
    Authorized(admin): Authorized<Admin>,
    State(casebook): State<Casebook>,
    State(clock): State<Clock>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    casebook.forget_follower(&admin, &name, clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How far to fill the journal up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VoidBody {
    /// The last serial that must not be given out again; the furthest follower's unless given.
    through: Option<u64>,
    /// Why, 1 to 500 characters; it goes into the audit log.
    reason: String,
}

/// What was written.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VoidView {
    /// The last entry before.
    kept: u64,
    /// How many voids.
    voids: u64,
    /// The entry that declares it.
    serial: u64,
}

/// After a restore from backup: fills the journal up with void entries and declares it.
#[utoipa::path(
    post,
    path = "/api/v1/journal/void",
    tag = "journal",
    request_body = VoidBody,
    responses((status = 200, body = VoidView), Problem)
)]
pub(crate) async fn void(
    Authorized(admin): Authorized<Admin>,
    State(casebook): State<Casebook>,
    State(clock): State<Clock>,
    Json(body): Json<VoidBody>,
) -> Result<Json<VoidView>, Problem> {
    let why = body.reason.trim();
    if why.is_empty() || why.chars().count() > WHY_CHARS_MAX {
        let detail = format!("give 1 to {WHY_CHARS_MAX} characters");
        return Err(Problem::unprocessable("reason", "a reason is needed", detail));
    }
    let through = body.through.map_or_else(|| casebook.furthest(), Serial);
    let voided = casebook.void_through(&admin, through, why, clock.now()).await?;
    Ok(Json(VoidView { kept: voided.kept.0, voids: voided.voids, serial: voided.serial.0 }))
}
