//! `POST /api/v1/effects`: what a follower counted, as totals.

use axum::extract::State;
use belfry_casebook::Casebook;
use belfry_casebook::access::Follower;
use belfry_casebook::effects::Effect;
use belfry_journal::Serial;
use belfry_web::{Authorized, Clock, Json, Named, Problem, Timestamp};
use data_encoding::HEXLOWER_PERMISSIVE;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Effects in one upload.
const EFFECTS_MAX: usize = 10_000;

/// One upload.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EffectsBody {
    /// Names one run of counters: 32 hex digits drawn when they began at zero.
    instance: String,
    /// The last entry that holds at the follower.
    serial: u64,
    /// Totals since the counters began; at most 10,000.
    #[schema(value_type = Vec<EffectBody>)]
    pub(crate) effects: Vec<Named<EffectBody>>,
}

/// The totals of one order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EffectBody {
    /// The order's serial.
    order: u64,
    /// Answers with the warning.
    pub(crate) blocked_answers: u64,
    /// Views of the warning page.
    pub(crate) warning_views: u64,
    /// Visits that blocked answers prevented: one client, one minute, at most once. Left out
    /// by a follower that can't tell.
    #[serde(default)]
    pub(crate) prevented_visits: u64,
    /// When it took hold there.
    applied_at: Option<Timestamp>,
    /// When the first answer was blocked there.
    first_blocked_at: Option<Timestamp>,
}

/// What became of an upload.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EffectsView {
    /// Orders that this journal does not know; they were skipped.
    unknown_orders: u64,
}

/// Takes a follower's totals; the same upload twice changes nothing.
#[utoipa::path(
    post,
    path = "/api/v1/effects",
    tag = "journal",
    request_body = EffectsBody,
    responses((status = 200, body = EffectsView), Problem)
)]
pub(crate) async fn effects(
    Authorized(follower): Authorized<Follower>,
    State(casebook): State<Casebook>,
    State(clock): State<Clock>,
    Json(body): Json<EffectsBody>,
) -> Result<Json<EffectsView>, Problem> {
    let refused =
        |detail: String| Problem::unprocessable("effects", "the effects can't be taken", detail);
    if body.effects.len() > EFFECTS_MAX {
        return Err(refused(format!("more than {EFFECTS_MAX} at once: send several uploads")));
    }
    let instance: [u8; 16] = HEXLOWER_PERMISSIVE
        .decode(body.instance.as_bytes())
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| refused("instance must be 32 hex digits".into()))?;
    let effects: Vec<Effect> = body.effects.iter().map(|Named(one)| effect(one)).collect();
    let serial = Serial(body.serial);
    let unknown_orders =
        casebook.record_effects(&follower, instance, serial, &effects, clock.now()).await?;
    Ok(Json(EffectsView { unknown_orders }))
}

pub(crate) fn effect(body: &EffectBody) -> Effect {
    Effect {
        order: Serial(body.order),
        blocked_answers: body.blocked_answers,
        warning_views: body.warning_views,
        prevented_visits: body.prevented_visits,
        applied_at: body.applied_at.map(|time| time.0),
        first_blocked_at: body.first_blocked_at.map(|time| time.0),
    }
}
