//! Whole configurations, as an operator gets them.

use super::*;

/// One that takes three zones, answers at an address of its own and forwards.
fn facts() -> Facts {
    let zone = |label: &str| Zone { apex: format!("{label}.rpz.example"), label: label.to_owned() };
    Facts {
        operator: "isp-one".to_owned(),
        primary: "192.0.2.1:5353".parse().unwrap(),
        listen: "192.0.2.53:53".parse().unwrap(),
        dir: Some("/srv/dns".to_owned()),
        upstream: Some("192.0.2.9:5301".parse().unwrap()),
        key: Some(OperatorKey {
            operator: belfry_journal::OperatorName::parse("isp-one").unwrap(),
            name: "isp-one.1.rpz.example".to_owned(),
            algorithm: "hmac-sha256".to_owned(),
            secret: *b"not a secret at all, for a test!",
            created_at: belfry_journal::UnixMillis(1),
            retires_at: None,
        }),
        zones: vec![zone("allow"), zone("phishing"), zone("shadow")],
        categories: vec!["phishing", "malware"],
        ttl_seconds: 30,
        warning: vec!["192.0.2.80".parse().unwrap(), "2001:db8::80".parse().unwrap()],
    }
}

/// The text of one file, whether its owner alone may read it.
fn file(software: Software, name: &str) -> (String, bool) {
    file_of(software, name, &facts())
}

fn file_of(software: Software, name: &str, facts: &Facts) -> (String, bool) {
    let files = configuration(software, facts);
    let file = files.into_iter().find(|file| file.name == name).unwrap();
    (file.text, file.secret)
}

#[test]
fn bind_blocks_signed_names_too_and_holds_no_change_back() {
    let mut facts = facts();
    facts.zones.truncate(1);
    let (text, secret) = file_of(Software::Bind, "named.conf", &facts);
    assert!(secret);
    assert_eq!(
        text,
        r##"// BIND 9.18 for operator isp-one, made by `belfry operator config`.
// Start: named -g -c named.conf

key "isp-one.1.rpz.example" {
    algorithm hmac-sha256;
    secret "bm90IGEgc2VjcmV0IGF0IGFsbCwgZm9yIGEgdGVzdCE=";
};

options {
    directory "/srv/dns";
    pid-file "/srv/dns/named.pid";
    session-keyfile "/srv/dns/session.key";
    listen-on port 53 { 192.0.2.53; };
    listen-on-v6 { none; };
    recursion yes;
    allow-query { localhost; localnets; };
    allow-recursion { localhost; localnets; };
    // All zones at once: two a server, the default, would hold the others back.
    transfers-per-ns 20;
    forward only;
    forwarders { 192.0.2.9 port 5301; };
    response-policy {
        zone "allow.rpz.example";
    }
        // A client that asks for DNSSEC (DO) would get the real answer of a signed name otherwise.
        break-dnssec yes
        // A name's own policy needs no answer from its server, which a phisher runs.
        qname-wait-recurse no
        nsip-wait-recurse no
        // The default would hold a change back for 60 seconds.
        min-update-interval 1
        max-policy-ttl 60;
};

// No remote control: two servers on one machine would want the same port.
controls { };

zone "allow.rpz.example" {
    type secondary;
    primaries { 192.0.2.1 port 5353 key "isp-one.1.rpz.example"; };
    allow-notify { 192.0.2.1; };
    file "/srv/dns/allow.rpz";
    allow-query { none; };
    allow-transfer { none; };
    notify no;
    request-ixfr yes;
    min-retry-time 1;
    min-refresh-time 1;
};
"##
    );
}

#[test]
fn unbound_writes_no_zone_file() {
    let (text, secret) = file(Software::Unbound, "unbound.conf");
    assert!(!secret);
    assert_eq!(
        text,
        r##"# Unbound 1.17 for operator isp-one, made by `belfry operator config`.
# Start: unbound -d -c unbound.conf
#
# Unbound signs no transfer (TSIG): zones are given to the addresses that were set with
# `belfry operator add --address`, or over TLS.

server:
    directory: "/srv/dns"
    chroot: ""
    username: ""
    pidfile: "/srv/dns/unbound.pid"
    use-syslog: no
    do-daemonize: no
    interface: 192.0.2.53@53
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
rpz:
    name: "allow.rpz.example"
    primary: 192.0.2.1@5353
    allow-notify: 192.0.2.1
    rpz-log: no

rpz:
    name: "phishing.rpz.example"
    primary: 192.0.2.1@5353
    allow-notify: 192.0.2.1
    rpz-log: no

rpz:
    name: "shadow.rpz.example"
    primary: 192.0.2.1@5353
    allow-notify: 192.0.2.1
    rpz-log: no

forward-zone:
    name: "."
    forward-addr: 192.0.2.9@5301

"##
    );
}

#[test]
fn powerdns_keeps_no_packets() {
    let (text, secret) = file(Software::PowerDns, "recursor.conf");
    assert!(!secret);
    assert_eq!(
        text,
        r##"# PowerDNS Recursor 4.8 for operator isp-one, made by `belfry operator config`.
# Start: pdns_recursor --config-dir=/srv/dns

config-dir=/srv/dns
socket-dir=/srv/dns
daemon=no
local-address=192.0.2.53:53
lua-config-file=/srv/dns/belfry.lua
# It answers from its packet cache without asking the zones: a name asked for before its
# block would stay unblocked until the entry ends.
disable-packetcache=yes
max-cache-ttl=3600
max-negative-ttl=60
forward-zones-recurse=.=192.0.2.9:5301
"##
    );
}

#[test]
fn powerdns_asks_each_second() {
    let (text, secret) = file(Software::PowerDns, "belfry.lua");
    assert!(secret);
    assert_eq!(
        text,
        r##"-- The zones of operator isp-one, the first that has a policy counts.
-- 4.8 takes no NOTIFY for these zones: it asks each second (`refresh`), which is one small
-- question. A zone of a million names takes longer than the default of 20 s to load (`axfrTimeout`).
rpzPrimary({"192.0.2.1:5353"}, "allow.rpz.example", {
  tsigname = "isp-one.1.rpz.example", tsigalgo = "hmac-sha256", tsigsecret = "bm90IGEgc2VjcmV0IGF0IGFsbCwgZm9yIGEgdGVzdCE=",
  refresh = 1, axfrTimeout = 600, maxReceivedMBytes = 0, maxTTL = 60, policyName = "allow",
})
rpzPrimary({"192.0.2.1:5353"}, "phishing.rpz.example", {
  tsigname = "isp-one.1.rpz.example", tsigalgo = "hmac-sha256", tsigsecret = "bm90IGEgc2VjcmV0IGF0IGFsbCwgZm9yIGEgdGVzdCE=",
  refresh = 1, axfrTimeout = 600, maxReceivedMBytes = 0, maxTTL = 60, policyName = "phishing",
})
rpzPrimary({"192.0.2.1:5353"}, "shadow.rpz.example", {
  tsigname = "isp-one.1.rpz.example", tsigalgo = "hmac-sha256", tsigsecret = "bm90IGEgc2VjcmV0IGF0IGFsbCwgZm9yIGEgdGVzdCE=",
  refresh = 1, axfrTimeout = 600, maxReceivedMBytes = 0, maxTTL = 60, policyName = "shadow",
})
"##
    );
}

#[test]
fn knot_resolver_reads_what_a_mirror_keeps() {
    let (text, secret) = file(Software::Knot, "kresd.conf");
    assert!(!secret);
    let head = r##"-- Knot Resolver 5.6 for operator isp-one, made by `belfry operator config`.
-- Start: kresd -n -c kresd.conf /srv/dns
--
-- It reads zones from files, which are kept by
--   belfry token create --role operator --name isp-one > hub.token   -- at the hub
--   belfry feed mirror --config mirror.toml --hub URL --token-file hub.token
-- that swaps each whole, so that no half is ever read. Start that first.
-- Blocks are redirects. Keep them so: its "no such name" would be cached for 3 hours.

net.listen('192.0.2.53', 53, { kind = 'dns' })
modules = { 'policy' }
"##;
    assert!(text.starts_with(head), "{text}");
    assert!(text.contains("local folder, version = '/srv/dns', {}\n"), "{text}");
    let end = "policy.add(policy.all(policy.FORWARD({'192.0.2.9@5301'})))\n";
    assert!(text.ends_with(end), "{text}");
}

#[test]
fn a_mirror_knows_its_servers_files() {
    let (text, secret) = file(Software::Knot, "mirror.toml");
    assert!(!secret, "no key is in it");
    let settings: belfry_mirror::MirrorSettings = toml::from_str(&text).unwrap();
    let expected = belfry_mirror::MirrorSettings {
        operator: "isp-one".to_owned(),
        categories: vec!["phishing".to_owned(), "malware".to_owned()],
        folder: "/srv/dns".into(),
        writes: belfry_mirror::Writes::Rpz,
        warning_ipv4: Some("192.0.2.80".parse().unwrap()),
        warning_ipv6: Some("2001:db8::80".parse().unwrap()),
        ttl_seconds: 30,
        pause_seconds: 1,
        base_seconds: 60,
    };
    assert_eq!(settings, expected);
    let (text, _) = file(Software::Dnsdist, "mirror.toml");
    let settings: belfry_mirror::MirrorSettings = toml::from_str(&text).unwrap();
    assert_eq!(settings.writes, belfry_mirror::Writes::Cdb);
}

#[test]
fn dnsdist_answers_from_what_a_mirror_keeps() {
    let (text, secret) = file(Software::Dnsdist, "dnsdist.conf");
    assert!(!secret);
    for line in [
        "setLocal('192.0.2.53:53')",
        "newServer({ address = '192.0.2.9:5301', healthCheckMode = 'up' })",
        "local recent = newCDBKVStore('/srv/dns/belfry-recent.cdb', 1)",
        "addAction(blocked, SpoofAction({'192.0.2.80', '2001:db8::80'}, {ttl=30}))",
        "addAction(blocked, RCodeAction(DNSRCode.NOERROR))",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in {text}");
    }
}

#[test]
fn the_gate_follows_the_stream() {
    let (text, secret) = file(Software::Gate, "gate.toml");
    assert!(!secret);
    assert_eq!(
        text,
        r##"# Belfry's own gate for operator isp-one, made by `belfry operator config`.
# It follows the hub's stream, and sends counts back (a token of role operator):
#   belfry gate --config gate.toml --hub URL --token-file FILE

data = "/srv/dns"

[gate]
listen = ["192.0.2.53:53"]
upstreams = ["192.0.2.9:5301"]
operator = "isp-one"

[gate.warning]
ipv4 = "192.0.2.80"
ipv6 = "2001:db8::80"
"##
    );
}

#[test]
fn without_a_warning_host_a_block_is_no_such_name() {
    let facts = Facts { warning: Vec::new(), ..facts() };
    let (kresd, _) = file_of(Software::Knot, "kresd.conf", &facts);
    assert!(kresd.contains("-- Caution: blocks are \"no such name\" here"), "{kresd}");
    let (dnsdist, _) = file_of(Software::Dnsdist, "dnsdist.conf", &facts);
    assert!(!dnsdist.contains("SpoofAction"), "{dnsdist}");
    assert!(dnsdist.contains("addAction(blocked, RCodeAction(DNSRCode.NXDOMAIN))"), "{dnsdist}");
    let (gate, _) = file_of(Software::Gate, "gate.toml", &facts);
    assert!(gate.ends_with("[gate.warning]\n"), "{gate}");
}

#[test]
fn a_server_of_ipv6_listens_there_only() {
    let facts = Facts { listen: "[2001:db8::53]:53".parse().unwrap(), ..facts() };
    let (bind, _) = file_of(Software::Bind, "named.conf", &facts);
    assert!(bind.contains("    listen-on-v6 port 53 { 2001:db8::53; };\n    listen-on { none; };"));
    let (unbound, _) = file_of(Software::Unbound, "unbound.conf", &facts);
    assert!(unbound.contains("    interface: 2001:db8::53@53\n"), "{unbound}");
    let (pdns, _) = file_of(Software::PowerDns, "recursor.conf", &facts);
    assert!(pdns.contains("local-address=[2001:db8::53]:53\n"), "{pdns}");
}

#[test]
fn one_that_resolves_itself_forwards_nothing_and_has_its_softwares_folder() {
    let facts = Facts { upstream: None, dir: None, ..facts() };
    let check = |software, name, folder: &str, absent: &[&str]| {
        let (text, _) = file_of(software, name, &facts);
        assert!(text.contains(folder), "{text}");
        for word in absent {
            assert!(!text.contains(word), "{word} in {text}");
        }
    };
    check(Software::Bind, "named.conf", "directory \"/var/cache/bind\"", &["forward"]);
    check(Software::Unbound, "unbound.conf", "\"/var/lib/unbound\"", &["forward"]);
    check(Software::PowerDns, "recursor.conf", "config-dir=/etc/powerdns", &["forward"]);
    check(Software::Knot, "kresd.conf", "'/var/lib/knot-resolver'", &["FORWARD("]);
    check(Software::Dnsdist, "dnsdist.conf", "/var/lib/dnsdist/", &[]);
    check(Software::Gate, "gate.toml", "data = \"/var/lib/belfry\"", &["upstreams"]);
}

#[test]
fn software_is_known_by_its_name() {
    for (name, software) in Software::ALL {
        assert_eq!(Software::from_name(name), Some(software));
    }
    assert_eq!(Software::from_name("windows"), None);
    assert_eq!(Software::names(), "bind, unbound, pdns, kresd, dnsdist, gate");
}

#[test]
fn an_address_may_leave_its_port_out() {
    let check = |text: &str, expected: Option<&str>| {
        let expected = expected.map(|text| text.parse().unwrap());
        assert_eq!(address(text, 53).ok(), expected, "{text}");
    };
    check("192.0.2.1", Some("192.0.2.1:53"));
    check("192.0.2.1:5300", Some("192.0.2.1:5300"));
    check("2001:db8::1", Some("[2001:db8::1]:53"));
    check("[2001:db8::1]:5300", Some("[2001:db8::1]:5300"));
    check("resolver.example", None);
    check("192.0.2.1; x", None);
    check("192.0.2.1:99999", None);
}
