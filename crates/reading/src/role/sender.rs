//! What a mail says of its sender, to tell the imitated brand's own pages from the
//! lure beside them.

use belfry_indicator::{Domain, Host};

use crate::suffixes::List;
use crate::{Link, Summary};

/// Letters of the shortest brand that is recognised: shorter ones match by chance.
const BRAND_LETTERS_MIN: usize = 4;

/// The sender by its own words.
#[derive(Debug, Default)]
pub(super) struct Sender {
    /// The registrable domain of the From address.
    domain: Option<String>,
    /// The words of the display name, in lower case.
    names: Vec<String>,
}

impl Sender {
    pub(super) fn of(summary: &Summary, list: List<'_>) -> Self {
        let Some(from) = &summary.from else {
            return Self::default();
        };
        let host = from.address.as_deref().and_then(|a| a.rsplit_once('@')).map(|(_, host)| host);
        let domain = host.and_then(|host| Domain::parse(host.trim_end_matches('>')).ok());
        let name = from.name.as_deref().unwrap_or_default().to_lowercase();
        let words = name.split(|c: char| !c.is_alphanumeric());
        Self {
            domain: domain.map(|domain| list.owner(&Host::Domain(domain))),
            names: words
                .filter(|word| word.chars().count() >= BRAND_LETTERS_MIN)
                .map(ToOwned::to_owned)
                .collect(),
        }
    }

    /// Whether a link leads to the domain that the mail claims to come from.
    pub(super) fn owns(&self, link: &Link) -> bool {
        self.domain.is_some() && self.domain == link.registrable
    }

    /// Whether a link leads to the site that is called as the sender calls itself.
    pub(super) fn is_brand(&self, link: &Link) -> bool {
        let Some((label, suffix)) = link.registrable.as_deref().and_then(|r| r.split_once('.'))
        else {
            return false;
        };
        // `brand.pages.example` is anybody's; a brand has a short suffix.
        suffix.len() <= 6 && self.names.iter().any(|name| name == label)
    }
}

#[cfg(test)]
mod tests {
    use belfry_indicator::EmbeddedSuffixes;

    use super::*;
    use crate::{Address, Limits, read_url};

    #[test]
    fn the_claimed_sender_is_known_by_domain_and_name() {
        let from = Address {
            name: Some("Ledger Support".to_owned()),
            address: Some("x@mail.𝗲𝘅𝗮𝗺𝗽𝗹𝗲.com".to_owned()),
        };
        let summary = Summary { from: Some(from), ..Summary::default() };
        let sender = Sender::of(&summary, List(&EmbeddedSuffixes));
        let link = |url: &str| {
            read_url(url.as_bytes(), &EmbeddedSuffixes, &Limits::default()).links.remove(0)
        };
        assert!(sender.owns(&link("https://www.example.com/")));
        assert!(!sender.owns(&link("https://www.example.org/")));
        assert!(sender.is_brand(&link("https://help.ledger.com/")));
        assert!(!sender.is_brand(&link("https://ledger-help.com/")));
        assert!(!sender.is_brand(&link("https://ledger.vercel.app/")));
        assert!(!Sender::default().owns(&link("https://1.2.3.4/")));
    }
}
