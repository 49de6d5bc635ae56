//! The Public Suffix List with its private section, behind a trait so that pure
//! code takes it as an argument.

use crate::Domain;

const WILDCARD_PROBE: &str = "belfry-probe";

/// Which section of the list a suffix comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuffixKind {
    /// The ICANN section: `be`, `co.uk`.
    Icann,
    /// The private section: `vercel.app`, `github.io`.
    Private,
    /// Not listed: the default rule `*` of publicsuffix.org: the last label.
    Unlisted,
}

/// A public suffix list.
pub trait Suffixes {
    /// The suffix of `domain` (a tail of its labels, possibly all of it) and its section.
    fn suffix(&self, domain: &Domain) -> (Domain, SuffixKind);

    /// The registrable domain: the suffix and one label more; `None` where
    /// `domain` is itself a suffix.
    fn registrable(&self, domain: &Domain) -> Option<Domain> {
        let (suffix, _) = self.suffix(domain);
        domain.ancestors().take_while(|name| *name != suffix).last()
    }

    /// Whether `domain` is itself a public suffix.
    fn is_suffix(&self, domain: &Domain) -> bool {
        self.suffix(domain).0 == *domain
    }

    /// Whether a wildcard rule makes every child of `domain` a suffix, as
    /// `*.ck` does for `ck`: `domain` itself is then as shared as a suffix.
    fn holds_suffixes(&self, domain: &Domain) -> bool {
        // No rule of the list names this label, so only a wildcard matches it.
        Domain::from_canonical(&format!("{WILDCARD_PROBE}.{domain}"))
            .is_ok_and(|child| self.is_suffix(&child))
    }
}

/// The list compiled in (crate `psl`; data MPL-2.0, see NOTICE).
#[derive(Clone, Copy, Debug, Default)]
pub struct EmbeddedSuffixes;

impl Suffixes for EmbeddedSuffixes {
    fn suffix(&self, domain: &Domain) -> (Domain, SuffixKind) {
        let (tail, kind) = match psl::suffix(domain.as_str().as_bytes()) {
            Some(found) => (
                std::str::from_utf8(found.as_bytes()).ok(),
                match found.typ() {
                    Some(psl::Type::Icann) => SuffixKind::Icann,
                    Some(psl::Type::Private) => SuffixKind::Private,
                    None => SuffixKind::Unlisted,
                },
            ),
            None => (None, SuffixKind::Unlisted),
        };
        let tail = tail.or_else(|| domain.labels().next_back()).unwrap_or(domain.as_str());
        let suffix = Domain::from_canonical(tail).expect("a tail of a canonical name is one");
        (suffix, kind)
    }
}
