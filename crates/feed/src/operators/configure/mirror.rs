//! How `belfry feed mirror` keeps the files of a server that reads files.

use std::net::IpAddr;

use super::{Facts, Software};

/// How `belfry feed mirror` keeps the files of a server that reads files.
pub(super) fn mirror(facts: &Facts, software: Software) -> String {
    let (form, server) = match software {
        Software::Dnsdist => ("cdb", "dnsdist"),
        _ => ("rpz", "Knot Resolver"),
    };
    let warning: String = facts
        .warning
        .iter()
        .map(|ip| match ip {
            IpAddr::V4(ip) => format!("warning_ipv4 = \"{ip}\"\n"),
            IpAddr::V6(ip) => format!("warning_ipv6 = \"{ip}\"\n"),
        })
        .collect();
    format!(
        r#"# What keeps the files of {server} at operator {operator}, made by `belfry operator config`:
{start}
# It follows the hub's stream, replaces each file whole, and goes on by the last ones where the
# hub is gone. A change is in the files within `pause_seconds` and a tenth.

operator = "{operator}"
categories = {categories:?}
folder = "{dir}"
writes = "{form}"
{warning}ttl_seconds = {ttl}
pause_seconds = 1
# A change goes into a small file that is read before the large one; the large one is written
# anew at most this often, since a server takes seconds to read a million names.
base_seconds = 60
"#,
        operator = facts.operator,
        start = start(facts, "#"),
        categories = facts.categories,
        dir = facts.dir(software),
        ttl = facts.ttl_seconds,
    )
}

/// How to start it, as comments.
pub(super) fn start(facts: &Facts, comment: &str) -> String {
    let name = &facts.operator;
    format!(
        "{comment}   belfry token create --role operator --name {name} > hub.token   {comment} at \
         the hub\n{comment}   belfry feed mirror --config mirror.toml --hub URL --token-file \
         hub.token"
    )
}
