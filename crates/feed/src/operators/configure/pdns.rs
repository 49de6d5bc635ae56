//! A configuration of PowerDNS Recursor 4.8: the zones in Lua, no packet cache before them.

use super::{Facts, Software};

pub(super) fn pdns(facts: &Facts) -> String {
    let dir = facts.dir(Software::PowerDns);
    let forward = facts
        .upstream
        .map_or(String::new(), |upstream| format!("forward-zones-recurse=.={upstream}\n"));
    format!(
        r#"# PowerDNS Recursor 4.8 for operator {operator}, made by `belfry operator config`.
# Start: pdns_recursor --config-dir={dir}

config-dir={dir}
socket-dir={dir}
daemon=no
local-address={listen}
lua-config-file={dir}/belfry.lua
# It answers from its packet cache without asking the zones: a name asked for before its
# block would stay unblocked until the entry ends.
disable-packetcache=yes
max-cache-ttl=3600
max-negative-ttl=60
{forward}"#,
        operator = facts.operator,
        listen = facts.listen,
    )
}

pub(super) fn pdns_lua(facts: &Facts) -> String {
    let primary = facts.primary;
    let zones: String = facts
        .zones
        .iter()
        .map(|zone| {
            format!(
                "rpzPrimary({{\"{primary}\"}}, \"{apex}\", {{\n  tsigname = \"{key}\", tsigalgo = \
                 \"{algorithm}\", tsigsecret = \"{secret}\",\n  refresh = 1, axfrTimeout = 600, \
                 maxReceivedMBytes = 0, maxTTL = 60, policyName = \"{label}\",\n}})\n",
                apex = zone.apex,
                label = zone.label,
                key = facts.key_name(),
                algorithm = facts.algorithm(),
                secret = facts.secret(),
            )
        })
        .collect();
    format!(
        "-- The zones of operator {operator}, the first that has a policy counts.\n-- 4.8 takes \
         no NOTIFY for these zones: it asks each second (`refresh`), which is one small\n-- \
         question. A zone of a million names takes longer than the default of 20 s to load \
         (`axfrTimeout`).\n{zones}",
        operator = facts.operator,
    )
}
