//! A configuration of Belfry's own gate, which follows the hub's stream.

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
    format!(
        "# Belfry's own gate for operator {operator}, made by `belfry operator config`.\n\
         # It follows the hub's stream, and sends counts back (a token of role operator):\n\
         #   belfry gate --config gate.toml --hub URL --token-file FILE\n\n\
         data = \"{dir}\"\n\n[gate]\nlisten = [\"{listen}\"]\n{upstreams}operator = \
         \"{operator}\"\n\n[gate.warning]\n{warning}",
        operator = facts.operator,
        listen = facts.listen,
    )
}
