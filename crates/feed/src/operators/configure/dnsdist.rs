//! A configuration of dnsdist 1.7: tables that a mirror keeps.

use super::mirror::start;
use super::{Facts, Software};

pub(super) fn dnsdist(facts: &Facts) -> String {
    let upstream = facts.upstream.map_or("127.0.0.1:5300".to_owned(), |at| at.to_string());
    let (address, rest) = if facts.warning.is_empty() {
        (String::new(), "NXDOMAIN")
    } else {
        let addresses: Vec<String> = facts.warning.iter().map(|ip| format!("'{ip}'")).collect();
        let spoof =
            format!("SpoofAction({{{}}}, {{ttl={}}})", addresses.join(", "), facts.ttl_seconds);
        (format!("addAction(blocked, {spoof})\n"), "NOERROR")
    };
    format!(
        r#"-- dnsdist 1.7 for operator {operator}, made by `belfry operator config`.
-- Start: dnsdist --supervised -C dnsdist.conf
--
-- The names are in CDB files, which are kept by
{start}
-- that swaps each whole; dnsdist looks at them each second. Start that first: it does not
-- start without the files.
-- A packet cache is asked after these rules, so that it keeps no answer of before a block.

setLocal('{listen}')
newServer({{ address = '{upstream}', healthCheckMode = 'up' }})

-- A name as text says what holds at itself, one on the wire what holds at and below it: the
-- longest counts. What changed is in a small table, which goes before the large one.
local base = newCDBKVStore('{dir}/belfry.cdb', 1)
local recent = newCDBKVStore('{dir}/belfry-recent.cdb', 1)
local name, above = KeyValueLookupKeyQName(false), KeyValueLookupKeySuffix(0, true)
addAction(AllRule(), KeyValueStoreLookupAction(recent, name, 'recent-name'))
addAction(AllRule(), KeyValueStoreLookupAction(recent, above, 'recent-above'))
addAction(AllRule(), KeyValueStoreLookupAction(base, name, 'base-name'))
addAction(AllRule(), KeyValueStoreLookupAction(base, above, 'base-above'))

-- 'b' blocks and 'p' passes; the first of the four that says either counts.
local function says(tag, value) return TagRule(tag, value) end
local function silent(tag) return NotRule(OrRule({{ says(tag, 'b'), says(tag, 'p') }})) end
local blocked = OrRule({{
    says('recent-name', 'b'),
    AndRule({{ silent('recent-name'), says('recent-above', 'b') }}),
    AndRule({{ silent('recent-name'), silent('recent-above'), says('base-name', 'b') }}),
    AndRule({{ silent('recent-name'), silent('recent-above'), silent('base-name'),
              says('base-above', 'b') }}),
}})
{address}-- HTTPS, SVCB and MX too, or a browser would find another way.
addAction(blocked, RCodeAction(DNSRCode.{rest}))
"#,
        operator = facts.operator,
        start = start(facts, "--"),
        listen = facts.listen,
        dir = facts.dir(Software::Dnsdist),
    )
}
