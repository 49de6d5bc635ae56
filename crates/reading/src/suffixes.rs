//! `List`: the caller's suffix list behind one pointer, so that the readers are
//! compiled once, whatever list is passed.

use belfry_indicator::{Domain, Host, SuffixKind, Suffixes};

/// A borrowed suffix list.
#[derive(Clone, Copy)]
pub(crate) struct List<'a>(pub(crate) &'a dyn Suffixes);

impl Suffixes for List<'_> {
    fn suffix(&self, domain: &Domain) -> (Domain, SuffixKind) {
        self.0.suffix(domain)
    }

    fn registrable(&self, domain: &Domain) -> Option<Domain> {
        self.0.registrable(domain)
    }

    fn is_suffix(&self, domain: &Domain) -> bool {
        self.0.is_suffix(domain)
    }
}

impl List<'_> {
    /// Reads a bare host such as `bank.example.be` out of running text: only a
    /// name under a listed suffix counts, since `end.Next` is no link.
    pub(crate) fn bare_host(&self, text: &str) -> Option<Domain> {
        if !text.contains('.') || text.len() > 253 {
            return None;
        }
        let domain = Domain::parse(text).ok()?;
        let (suffix, kind) = self.suffix(&domain);
        (kind != SuffixKind::Unlisted && suffix != domain).then_some(domain)
    }

    /// What two hosts are compared by: the registrable domain, or the host itself
    /// where it has none.
    pub(crate) fn owner(&self, host: &Host) -> String {
        match host {
            Host::Domain(domain) => {
                self.registrable(domain).unwrap_or_else(|| domain.clone()).to_string()
            }
            address => address.to_string(),
        }
    }
}
