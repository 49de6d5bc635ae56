//! A configuration of Unbound 1.17: zones by address, for it signs no transfer.

use super::{Facts, Software};

pub(super) fn unbound(facts: &Facts) -> String {
    let dir = facts.dir(Software::Unbound);
    let (ip, port) = (facts.primary.ip(), facts.primary.port());
    let forward = facts.upstream.map_or(String::new(), |upstream| {
        let (ip, port) = (upstream.ip(), upstream.port());
        format!("forward-zone:\n    name: \".\"\n    forward-addr: {ip}@{port}\n\n")
    });
    let rpz: String = facts
        .zones
        .iter()
        .map(|zone| {
            format!(
                "rpz:\n    name: \"{}\"\n    primary: {ip}@{port}\n    allow-notify: {ip}\n    \
                 rpz-log: no\n\n",
                zone.apex
            )
        })
        .collect();
    format!(
        r#"# Unbound 1.17 for operator {operator}, made by `belfry operator config`.
# Start: unbound -d -c unbound.conf
#
# Unbound signs no transfer (TSIG): zones are given to the addresses that were set with
# `belfry operator add --address`, or over TLS.

server:
    directory: "{dir}"
    chroot: ""
    username: ""
    pidfile: "{dir}/unbound.pid"
    use-syslog: no
    do-daemonize: no
    interface: {listen}@{listen_port}
    access-control: 127.0.0.0/8 allow
    access-control: ::1/128 allow
    do-not-query-localhost: no
    trust-anchor-file: "/usr/share/dns/root.key"
    # Response policy first, then validation: a signed name is blocked too.
    module-config: "respip validator iterator"

remote-control:
    control-enable: no

# No `zonefile:`. With it, Unbound writes the whole zone at each change and answers
# nobody meanwhile (1.26 s for a million names). Without, it takes the zone anew at a start.
{rpz}{forward}"#,
        operator = facts.operator,
        listen = facts.listen.ip(),
        listen_port = facts.listen.port(),
    )
}
