//! A configuration of Belfry's own gate, and the key that it follows zones with.

use std::net::IpAddr;

use super::{Facts, Software};

pub(super) fn gate(facts: &Facts) -> String {
    let dir = facts.dir(Software::Gate);
    let upstreams = facts.upstream.map_or(String::new(), |at| format!("upstreams = [\"{at}\"]\n"));
    let warning: String = facts
        .warning
        .iter()
        .map(|ip| match ip {
            IpAddr::V4(ip) => format!("ipv4 = \"{ip}\"\n"),
            IpAddr::V6(ip) => format!("ipv6 = \"{ip}\"\n"),
        })
        .collect();
    let zones: Vec<String> =
        facts.zones.iter().map(|zone| format!("{}#{}", facts.primary, zone.apex)).collect();
    format!(
        "# Belfry's own gate for operator {operator}, made by `belfry operator config`.\n\
         # By zone transfer:\n#   belfry gate --config gate.toml --rpz-key {dir}/gate.key --rpz \
         {zones}\n# By the hub's stream, which is the quickest and sends counts back (a token of \
         role operator):\n#   belfry gate --config gate.toml --hub URL --token-file FILE\n\n\
         data = \"{dir}\"\n\n[gate]\nlisten = [\"{listen}\"]\n{upstreams}operator = \
         \"{operator}\"\n\n[gate.warning]\n{warning}",
        operator = facts.operator,
        zones = zones.join(" --rpz "),
        listen = facts.listen,
    )
}

/// A key as `belfry gate --rpz-key` reads it: name, algorithm, secret.
pub(super) fn key_file(facts: &Facts) -> String {
    format!("{} {} {}\n", facts.key_name(), facts.algorithm(), facts.secret())
}
