//! A zone as a master file, for servers that read one. Names of journals hold letters,
//! digits, `-` and `_` only: nothing needs to be escaped.

use std::fmt::Write;

use belfry_indicator::Domain;

use crate::name::Path;
use crate::policy::Policy;
use crate::record::{BlockAnswer, EXPIRE_SECONDS, RecordSettings};

/// The first lines: the SOA first of all, by which Knot Resolver knows the zone's name.
pub fn head(apex: &Domain, settings: &RecordSettings, serial: u32) -> String {
    let (refresh, ttl) = (settings.refresh_seconds.max(1), settings.ttl());
    let retry = (refresh / 4).max(1);
    format!(
        "$ORIGIN {apex}.\n$TTL {ttl}\n@ SOA localhost. hostmaster.localhost. {serial} {refresh} \
         {retry} {EXPIRE_SECONDS} {ttl}\n@ NS localhost.\n"
    )
}

/// The lines of a policy at a name, or at the wildcard below it. None is a pass too: it goes
/// before another zone that says otherwise.
pub fn push_policy(
    out: &mut String,
    settings: &RecordSettings,
    path: &Path,
    wildcard: bool,
    policy: Policy,
) {
    let star = if wildcard { "*." } else { "" };
    let name = path.to_text();
    let mut line = |data: &dyn std::fmt::Display| {
        // Writing to a string does not fail.
        let _ = writeln!(out, "{star}{name} {data}");
    };
    match (policy, settings.block) {
        (Policy::None | Policy::Pass, _) => line(&"CNAME rpz-passthru."),
        (Policy::Block, BlockAnswer::Redirect { ipv4: None, ipv6: None })
        | (Policy::Block, BlockAnswer::NxDomain) => line(&"CNAME ."),
        (Policy::Block, BlockAnswer::Redirect { ipv4, ipv6 }) => {
            if let Some(ip) = ipv4 {
                line(&format_args!("A {ip}"));
            }
            if let Some(ip) = ipv6 {
                line(&format_args!("AAAA {ip}"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;
    use crate::testing::settings;

    fn lines(block: BlockAnswer, wildcard: bool, policy: Policy) -> String {
        let mut out = String::new();
        let path = Path::of(&Domain::parse("a.evil.example").unwrap());
        let settings = RecordSettings { block, ..settings() };
        push_policy(&mut out, &settings, &path, wildcard, policy);
        out
    }

    #[test]
    fn each_policy_has_its_lines() {
        let ipv4 = Some(Ipv4Addr::new(192, 0, 2, 80));
        let ipv6 = Some("2001:db8::80".parse::<Ipv6Addr>().unwrap());
        let both = BlockAnswer::Redirect { ipv4, ipv6 };
        let blocked = "*.a.evil.example A 192.0.2.80\n*.a.evil.example AAAA 2001:db8::80\n";
        assert_eq!(lines(both, true, Policy::Block), blocked);
        assert_eq!(lines(BlockAnswer::NxDomain, false, Policy::Block), "a.evil.example CNAME .\n");
        for policy in [Policy::Pass, Policy::None] {
            let passes = "a.evil.example CNAME rpz-passthru.\n";
            assert_eq!(lines(both, false, policy), passes);
        }
    }

    #[test]
    fn the_soa_is_the_first_record() {
        let apex = Domain::parse("all.rpz.test").unwrap();
        let expected = "$ORIGIN all.rpz.test.\n$TTL 30\n@ SOA localhost. hostmaster.localhost. 7 \
                        60 15 32000000 30\n@ NS localhost.\n";
        assert_eq!(head(&apex, &settings(), 7), expected);
    }
}
