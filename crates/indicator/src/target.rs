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
