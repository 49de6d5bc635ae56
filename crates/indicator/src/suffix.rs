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

/// Whether a name in canonical form, without its root dot, is a public suffix by
/// the list compiled in: for those who ask about a million names.
pub fn is_public_suffix(name: &[u8]) -> bool {
    psl::suffix(name).is_some_and(|suffix| suffix.as_bytes().len() == name.len())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, suffix: &str, kind: SuffixKind, registrable: Option<&str>) {
        let domain = Domain::parse(name).unwrap();
        let (found, section) = EmbeddedSuffixes.suffix(&domain);
        assert_eq!((found.as_str(), section), (suffix, kind), "{name}");
        let above = EmbeddedSuffixes.registrable(&domain);
        assert_eq!(above.as_ref().map(Domain::as_str), registrable, "{name}");
        assert_eq!(EmbeddedSuffixes.is_suffix(&domain), registrable.is_none(), "{name}");
        assert_eq!(is_public_suffix(domain.as_str().as_bytes()), registrable.is_none(), "{name}");
    }

    #[test]
    fn both_sections_wildcards_exceptions_and_the_default_rule_count() {
        use SuffixKind::{Icann, Private, Unlisted};
        check("be", "be", Icann, None);
        check("a.shop.be", "be", Icann, Some("shop.be"));
        check("a.b.co.uk", "co.uk", Icann, Some("b.co.uk"));
        check("vercel.app", "vercel.app", Private, None);
        check("x.vercel.app", "vercel.app", Private, Some("x.vercel.app"));
        check("a.x.vercel.app", "vercel.app", Private, Some("x.vercel.app"));
        check("shop.ck", "shop.ck", Icann, None);
        check("a.shop.ck", "shop.ck", Icann, Some("a.shop.ck"));
        check("www.ck", "ck", Icann, Some("www.ck"));
        check("example", "example", Unlisted, None);
        check("a.b.example", "example", Unlisted, Some("b.example"));
        check("食狮.公司.cn", "xn--55qx5d.cn", Icann, Some("xn--85x722f.xn--55qx5d.cn"));
    }

    #[test]
    fn the_parent_of_a_wildcard_holds_suffixes() {
        let holds = |name| EmbeddedSuffixes.holds_suffixes(&Domain::parse(name).unwrap());
        assert!(holds("ck"));
        assert!(holds("kobe.jp"));
        assert!(!holds("be"));
        assert!(!holds("shop.example"));
    }
}
