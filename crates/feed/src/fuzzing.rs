//! What a fuzzer holds the upload of effects to. Never part of a build that we ship.

use axum::Json;
use belfry_web::Named;

use crate::effects::{EffectsBody, effect};

/// A JSON body of `POST /api/v1/effects`.
pub fn effects(data: &[u8]) {
    let Ok(Json(Named(body))) = Json::<Named<EffectsBody>>::from_bytes(data) else { return };
    let read: serde_json::Value = serde_json::from_slice(data).unwrap_or_default();
    let named =
        read["effects"].as_array().is_some_and(|all| all.iter().all(serde_json::Value::is_object));
    assert!(read.is_object() && named, "taken without names: {read}");
    for Named(one) in &body.effects {
        let kept = effect(one);
        assert_eq!(
            (kept.blocked_answers, kept.warning_views, kept.prevented_visits),
            (one.blocked_answers, one.warning_views, one.prevented_visits)
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
