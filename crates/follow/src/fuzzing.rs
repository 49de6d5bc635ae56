//! What a fuzzer holds a follower to: of a hub's JSON, only entries whose bytes,
//! serial and leaf agree are believed. Never part of a build that we ship.

pub use crate::http::fuzzing::told;

#[cfg(test)]
mod tests {
    #[test]
    fn what_a_hub_tells_holds_under_changes() {
        belfry_testbed::fuzz::smoke("api", 20_000, super::told);
    }
}
