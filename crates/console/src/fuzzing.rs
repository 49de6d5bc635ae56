//! What a fuzzer holds the API's bodies to: whatever is taken has only fields
//! that are documented. Never part of a build that we ship.

use std::collections::BTreeMap;

use axum::Json;
use belfry_web::Named;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::decisions::{ReleaseBody, VerdictBody};
use crate::tokens::TokenBody;

/// Each JSON body of the console's API.
pub fn bodies(data: &[u8]) {
    let verdict = ["verdict", "reason", "version", "level", "compromised", "block_days"];
    check::<VerdictBody>(data, &verdict);
    check::<ReleaseBody>(data, &["reason", "version", "mistake"]);
    check::<TokenBody>(data, &["role", "name", "days"]);
}

fn check<T: DeserializeOwned>(data: &[u8], fields: &[&str]) {
    if Json::<Named<T>>::from_bytes(data).is_err() {
        return;
    }
    let named = Json::<BTreeMap<String, IgnoredAny>>::from_bytes(data);
    let named = named.map(|Json(named)| named).unwrap_or_default();
    assert!(!named.is_empty(), "taken without a name");
    for name in named.keys() {
        assert!(fields.contains(&name.as_str()), "{name} is not documented");
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn bodies_hold_under_changes() {
        belfry_testbed::fuzz::smoke("api", 20_000, super::bodies);
    }
}
