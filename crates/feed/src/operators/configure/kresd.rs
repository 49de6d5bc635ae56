//! A configuration of Knot Resolver 5.6: zone files that a mirror keeps.

use super::mirror::start;
use super::{Facts, Software};

pub(super) fn kresd(facts: &Facts) -> String {
    let forward = facts.upstream.map_or(String::new(), |upstream| {
        let (ip, port) = (upstream.ip(), upstream.port());
        format!("policy.add(policy.all(policy.FORWARD({{'{ip}@{port}'}})))\n")
    });
    let caution = if facts.warning.is_empty() {
        "-- Caution: blocks are \"no such name\" here, which it lets clients cache for 3 hours.\n-- \
         Set a warning host at the hub (transfers.warning_ipv4)."
    } else {
        "-- Blocks are redirects. Keep them so: its \"no such name\" would be cached for 3 hours."
    };
    format!(
        r#"-- Knot Resolver 5.6 for operator {operator}, made by `belfry operator config`.
-- Start: kresd -n -c kresd.conf {dir}
--
-- It reads zones from files, which are kept by
{start}
-- that swaps each whole, so that no half is ever read. Start that first.
{caution}

net.listen('{listen}', {port}, {{ kind = 'dns' }})
modules = {{ 'policy' }}
cache.size = 100 * MB

{LOADER}
policy.add(function (request, query)
    local rule = recent(request, query) or base(request, query)
    -- A pass goes on to the rules below: policy.PASS would skip them, FORWARD among them.
    if rule ~= policy.PASS then return rule end
end)
{forward}"#,
        operator = facts.operator,
        dir = facts.dir(Software::Knot),
        start = start(facts, "--"),
        listen = facts.listen.ip(),
        port = facts.listen.port(),
    )
    .replace("FOLDER", facts.dir(Software::Knot))
}

/// Reads the files that `belfry.version` names whenever that changes.
const LOADER: &str = "\
-- A small file of what changed goes before the large one. `belfry.version` is looked at each
-- second: policy.rpz's own watching needs lua-cqueues, misses a file that is replaced, and
-- fails for good at one that can't be read. Here the rules before stay, and it is tried again.
local folder, version = 'FOLDER', {}
local function none() end
local base, recent = none, none
local function read(name)
    local ok, rules = pcall(policy.rpz, policy.DENY, folder .. '/' .. name, false)
    if not ok then log_error(ffi.C.LOG_GRP_POLICY, '%s', tostring(rules)) end
    return ok and rules or nil
end
local function look()
    local file = io.open(folder .. '/belfry.version')
    if not file then return end
    local text = file:read('*a')
    file:close()
    local of_base, of_recent = text:match('base (%S+)\\nrecent (%S+)')
    if of_base and of_base ~= version.base then
        local rules = read('belfry.rpz')
        if not rules then return end
        base, version.base = rules, of_base
    end
    if of_recent and of_recent ~= 'none' and of_recent ~= version.recent then
        local rules = read('belfry-recent.rpz')
        if rules then recent, version.recent = rules, of_recent end
    end
end
look()
event.recurrent(1 * sec, look)
";
