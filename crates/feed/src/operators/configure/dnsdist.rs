//! A configuration of dnsdist 1.7: CDB files that a mirror keeps.

use super::{Facts, Software};

pub(super) fn dnsdist(facts: &Facts) -> String {
    let dir = facts.dir(Software::Dnsdist);
    let upstream = facts.upstream.map_or("127.0.0.1:5300".to_owned(), |at| at.to_string());
    let action = if facts.warning.is_empty() {
        "RCodeAction(DNSRCode.NXDOMAIN)".to_owned()
    } else {
        let addresses: Vec<String> = facts.warning.iter().map(|ip| format!("'{ip}'")).collect();
        format!("SpoofAction({{{}}}, {{ttl=30}})", addresses.join(", "))
    };
    let suffix_of = |label: &str| {
        format!(
            "local {label} = newCDBKVStore('{dir}/{label}.cdb', 1)\n\
             local {label}_below = newCDBKVStore('{dir}/{label}-below.cdb', 1)\n"
        )
    };
    format!(
        r#"-- dnsdist 1.7 for operator {operator}, made by `belfry operator config`.
-- Start: dnsdist --supervised -C dnsdist.conf
--
-- The names are in CDB files that are kept by
--   belfry feed mirror --config mirror.toml
-- which swaps each whole; dnsdist looks at them each second. Run it first, once, with --once.
-- No packet cache before these rules: it would keep answers of before a block.

setLocal('{listen}')
newServer({{ address = '{upstream}', healthCheckMode = 'up' }})

{allow}{block}
local name = KeyValueLookupKeyQName(true)
local suffix = KeyValueLookupKeySuffix(0, true)
-- An allow goes before every block.
local allowed = OrRule({{ KeyValueStoreLookupRule(allow, name),
                          KeyValueStoreLookupRule(allow_below, suffix) }})
local blocked = OrRule({{ KeyValueStoreLookupRule(block, name),
                          KeyValueStoreLookupRule(block_below, suffix) }})
local warned = AndRule({{ NotRule(allowed), blocked }})
local address = OrRule({{ QTypeRule(DNSQType.A), QTypeRule(DNSQType.AAAA) }})
addAction(AndRule({{ warned, address }}), {action})
-- HTTPS, SVCB and MX too, or a browser would find another way.
addAction(warned, RCodeAction(DNSRCode.{rest}))
"#,
        operator = facts.operator,
        listen = facts.listen,
        allow = suffix_of("allow"),
        block = suffix_of("block"),
        rest = if facts.warning.is_empty() { "NXDOMAIN" } else { "NOERROR" },
    )
}
