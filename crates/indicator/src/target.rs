//! The target of an order: what DNS can block of a URL, at which level.

use crate::{Domain, Host, Suffixes};

/// What a DNS order names.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// Exactly this name.
    Host(Domain),
    /// This name and every name below it.
    Domain(Domain),
}

impl Target {
    /// The name, whatever the level.
    pub fn name(&self) -> &Domain {
        match self {
            Target::Host(name) | Target::Domain(name) => name,
        }
    }

    /// `host` or `domain`, as the API writes the level.
    pub fn level(&self) -> &'static str {
        match self {
            Target::Host(_) => "host",
            Target::Domain(_) => "domain",
        }
    }

    /// Whether a query for `name` falls under this target.
    pub fn covers(&self, name: &Domain) -> bool {
        match self {
            Target::Host(host) => host == name,
            Target::Domain(domain) => name.is_within(domain),
        }
    }
}

/// A host that DNS can block, with the domain it could be widened to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blockable {
    /// The exact host: the default target.
    pub host: Domain,
    /// Its registrable domain, by the list with its private section.
    pub registrable: Domain,
}

/// Why DNS cannot block a host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotBlockable {
    /// An address is not asked of DNS.
    #[error("not blockable by DNS, because {0} is an IP address")]
    Address(Host),
    /// A public suffix belongs to everybody.
    #[error("not blockable by DNS, because {0} is a public suffix")]
    PublicSuffix(Domain),
    /// A name of one label.
    #[error("not blockable by DNS, because {0} is a single label")]
    SingleLabel(Domain),
    /// `in-addr.arpa`, `ip6.arpa`, `localhost`, `local` and the like (RFC 6761).
    #[error("not blockable by DNS, because {0} is a special-use name")]
    SpecialUse(Domain),
}

/// What DNS can block of `host`.
///
/// # Errors
/// [`NotBlockable`] says why nothing.
pub fn blockable(host: &Host, suffixes: &impl Suffixes) -> Result<Blockable, NotBlockable> {
    let name = match host {
        Host::Domain(name) => name,
        Host::Ipv4(_) | Host::Ipv6(_) => return Err(NotBlockable::Address(host.clone())),
    };
    if is_special_use(name) {
        return Err(NotBlockable::SpecialUse(name.clone()));
    }
    if name.parent().is_none() {
        return Err(NotBlockable::SingleLabel(name.clone()));
    }
    match suffixes.registrable(name) {
        Some(registrable) => Ok(Blockable { host: name.clone(), registrable }),
        None => Err(NotBlockable::PublicSuffix(name.clone())),
    }
}

/// Top-level names that the DNS never delegates to a site, with all below them:
/// IANA's special-use registry (RFC 6761), `alt` (RFC 9476) and `internal`
/// (reserved by ICANN in 2024). `arpa` covers the reverse zones and `home.arpa`.
///
/// `example`, `test` and `example.com` are left out on purpose: they resolve to
/// nobody's site, and demonstrations and tests block names below them.
const SPECIAL_USE: [&str; 7] =
    ["alt", "arpa", "internal", "invalid", "local", "localhost", "onion"];

/// Whether `name` is a special-use name or below one.
pub fn is_special_use(name: &Domain) -> bool {
    name.labels().next_back().is_some_and(|top| SPECIAL_USE.contains(&top))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EmbeddedSuffixes, Url};

    fn check(host: &str, expect: Result<&str, &str>) {
        let url = Url::parse(&format!("https://{host}/login")).unwrap();
        let found = blockable(url.host(), &EmbeddedSuffixes)
            .map(|blockable| {
                assert_eq!(blockable.host.as_str(), host);
                blockable.registrable.to_string()
            })
            .map_err(|e| e.to_string());
        assert_eq!(found.as_deref().map_err(String::as_str), expect, "{host}");
    }

    #[test]
    fn dns_can_block_a_host_below_a_public_suffix() {
        check("login.bank.example", Ok("bank.example"));
        check("shop.test", Ok("shop.test"));
        check("example.com", Ok("example.com"));
        check("x.vercel.app", Ok("x.vercel.app"));
        check("a.x.vercel.app", Ok("x.vercel.app"));
        check("a_b.shop.co.uk", Ok("shop.co.uk"));
    }

    #[test]
    fn what_dns_cannot_block_says_why() {
        let why = |reason| Err(reason);
        check("192.0.2.1", why("not blockable by DNS, because 192.0.2.1 is an IP address"));
        check("[2001:db8::1]", why("not blockable by DNS, because [2001:db8::1] is an IP address"));
        check("vercel.app", why("not blockable by DNS, because vercel.app is a public suffix"));
        check("co.uk", why("not blockable by DNS, because co.uk is a public suffix"));
        check("example", why("not blockable by DNS, because example is a single label"));
        for name in [
            "localhost",
            "app.localhost",
            "printer.local",
            "abc.onion",
            "x.invalid",
            "db.internal",
            "1.0.0.127.in-addr.arpa",
            "router.home.arpa",
            "name.alt",
        ] {
            let reason = format!("not blockable by DNS, because {name} is a special-use name");
            check(name, Err(&reason));
        }
    }

    #[test]
    fn a_domain_target_covers_what_is_below_and_a_host_only_itself() {
        let name = |text| Domain::parse(text).unwrap();
        let (host, domain) = (Target::Host(name("a.example")), Target::Domain(name("a.example")));
        for (query, by_host, by_domain) in
            [("a.example", true, true), ("b.a.example", false, true), ("ba.example", false, false)]
        {
            assert_eq!(host.covers(&name(query)), by_host, "{query}");
            assert_eq!(domain.covers(&name(query)), by_domain, "{query}");
        }
        assert_eq!((host.level(), domain.level()), ("host", "domain"));
    }
}
