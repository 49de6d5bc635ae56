//! What a fuzzer holds the upload of effects to. Never part of a build that we ship.

use axum::Json;

use crate::effects::{EffectsBody, effect};

/// A JSON body of `POST /api/v1/effects`.
pub fn effects(data: &[u8]) {
    let Ok(Json(body)) = Json::<EffectsBody>::from_bytes(data) else { return };
    for one in &body.effects {
        let kept = effect(one);
        assert_eq!(
            (kept.blocked_answers, kept.warning_views),
            (one.blocked_answers, one.warning_views)
        );
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn uploads_hold_under_changes() {
        belfry_testbed::fuzz::smoke("api", 20_000, super::effects);
    }
}
