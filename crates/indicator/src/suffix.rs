//! The Public Suffix List with its private section, behind a trait so that pure
//! code takes it as an argument.

use crate::Domain;

/// Which section of the list a suffix comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuffixKind {
    /// The ICANN section: `be`, `co.uk`.
    Icann,
    /// The private section: `vercel.app`, `github.io`.
    Private,
    /// Not listed: the default rule `*` (RFC-less, publicsuffix.org).
    Unlisted,
}

/// A public suffix list.
pub trait Suffixes {
    /// The suffix of `domain` (a tail of its labels, possibly all of it) and its section.
    fn suffix(&self, domain: &Domain) -> (Domain, SuffixKind);

    /// The registrable domain: the suffix and one label more; `None` where
    /// `domain` is itself a suffix.
    fn registrable(&self, domain: &Domain) -> Option<Domain> {
        let _ = domain;
        todo!()
    }

    /// Whether `domain` is itself a public suffix.
    fn is_suffix(&self, domain: &Domain) -> bool {
        self.suffix(domain).0 == *domain
    }
}

/// The list compiled in (crate `psl`; data MPL-2.0, see NOTICE).
#[derive(Clone, Copy, Debug, Default)]
pub struct EmbeddedSuffixes;

impl Suffixes for EmbeddedSuffixes {
    fn suffix(&self, domain: &Domain) -> (Domain, SuffixKind) {
        let _ = domain;
        todo!()
    }
}
