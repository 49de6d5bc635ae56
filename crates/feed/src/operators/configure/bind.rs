//! A configuration of BIND 9.18: secondary zones, and a response policy made of them.

use super::{Facts, Software, Zone};

pub(super) fn bind(facts: &Facts) -> String {
    let dir = facts.dir(Software::Bind);
    let (family, none) = if facts.listen.is_ipv4() {
        ("listen-on", "    listen-on-v6 { none; };\n")
    } else {
        ("listen-on-v6", "    listen-on { none; };\n")
    };
    let forward = facts.upstream.map_or(String::new(), |upstream| {
        let (ip, port) = (upstream.ip(), upstream.port());
        format!("    forward only;\n    forwarders {{ {ip} port {port}; }};\n")
    });
    let policies: String =
        facts.zones.iter().map(|zone| format!("        zone \"{}\";\n", zone.apex)).collect();
    let zones: String = facts.zones.iter().map(|zone| secondary(facts, zone)).collect();
    format!(
        r#"// BIND 9.18 for operator {operator}, made by `belfry operator config`.
// Start: named -g -c named.conf

key "{key}" {{
    algorithm {algorithm};
    secret "{secret}";
}};

options {{
    directory "{dir}";
    pid-file "{dir}/named.pid";
    session-keyfile "{dir}/session.key";
    {family} port {port} {{ {listen}; }};
{none}    recursion yes;
    allow-query {{ localhost; localnets; }};
    allow-recursion {{ localhost; localnets; }};
    // All zones at once: two a server, the default, would hold the others back.
    transfers-per-ns 20;
{forward}    response-policy {{
{policies}    }}
        // A client that asks for DNSSEC (DO) would get the real answer of a signed name otherwise.
        break-dnssec yes
        // A name's own policy needs no answer from its server, which a phisher runs.
        qname-wait-recurse no
        nsip-wait-recurse no
        // The default would hold a change back for 60 seconds.
        min-update-interval 1
        max-policy-ttl 60;
}};

// No remote control: two servers on one machine would want the same port.
controls {{ }};

{zones}"#,
        operator = facts.operator,
        key = facts.key_name(),
        algorithm = facts.algorithm(),
        secret = facts.secret(),
        port = facts.listen.port(),
        listen = facts.listen.ip(),
    )
}

/// One zone, taken from the hub.
fn secondary(facts: &Facts, zone: &Zone) -> String {
    let (ip, port) = (facts.primary.ip(), facts.primary.port());
    let (dir, key) = (facts.dir(Software::Bind), facts.key_name());
    format!(
        r#"zone "{apex}" {{
    type secondary;
    primaries {{ {ip} port {port} key "{key}"; }};
    allow-notify {{ {ip}; }};
    file "{dir}/{label}.rpz";
    allow-query {{ none; }};
    allow-transfer {{ none; }};
    notify no;
    request-ixfr yes;
    min-retry-time 1;
    min-refresh-time 1;
}};
"#,
        apex = zone.apex,
        label = zone.label,
    )
}
