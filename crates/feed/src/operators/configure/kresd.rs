//! A configuration of Knot Resolver 5.6: zone files that a mirror keeps.

use super::{Facts, Software};

pub(super) fn kresd(facts: &Facts) -> String {
    let dir = facts.dir(Software::Knot);
    let zones: String = facts
        .zones
        .iter()
        .filter(|zone| zone.label != "shadow")
        .map(|zone| {
            let action = if zone.passes { "policy.PASS" } else { "policy.DENY" };
            format!("policy.add(policy.rpz({action}, '{dir}/{}.rpz', true))\n", zone.label)
        })
        .collect();
    let forward = facts.upstream.map_or(String::new(), |upstream| {
        let (ip, port) = (upstream.ip(), upstream.port());
        format!("policy.add(policy.all(policy.FORWARD({{'{ip}@{port}'}})))\n")
    });
    let caution = if facts.redirects {
        "-- Blocks are redirects. Keep them so: its \"no such name\" would be cached for 3 hours."
    } else {
        "-- Caution: blocks are \"no such name\" here, which it lets clients cache for 3 hours.\n-- \
         Set a warning host at the hub (transfers.warning_ipv4)."
    };
    format!(
        r#"-- Knot Resolver 5.6 for operator {operator}, made by `belfry operator config`.
-- Start: kresd -n -c kresd.conf {dir}
--
-- It reads zones from files and looks at them for changes. They are kept by
--   belfry feed mirror --config mirror.toml
-- which swaps each whole, so that no half is ever read. Run it first, once, with --once.
{caution}
-- The shadow zone is left out: it has no way to count and pass.

net.listen('{listen}', {port}, {{ kind = 'dns' }})
modules = {{ 'policy' }}
cache.size = 100 * MB
{zones}{forward}"#,
        operator = facts.operator,
        listen = facts.listen.ip(),
        port = facts.listen.port(),
    )
}
