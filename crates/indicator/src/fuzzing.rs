//! What a fuzzer holds this crate to: a canonical form is its own canonical form.
//! Never part of a build that we ship.

use crate::{Domain, EmbeddedSuffixes, Url, blockable};

/// Names and URLs out of `data`.
pub fn names(data: &[u8]) {
    domain_from_wire(data);
    let text = String::from_utf8_lossy(data);
    if let Ok(domain) = Domain::parse(&text) {
        check_domain(&domain);
    }
    if let Ok(url) = Url::parse(&text) {
        check_url(&url);
    }
}

fn domain_from_wire(data: &[u8]) {
    if let Ok(domain) = Domain::from_wire(data) {
        assert_eq!(domain.to_wire().as_slice(), data.to_ascii_lowercase(), "{domain}");
        check_domain(&domain);
    }
}

fn check_domain(domain: &Domain) {
    let text = domain.as_str();
    assert!(text.len() <= 253 && text.is_ascii(), "{text}");
    assert_eq!(Domain::parse(text).as_ref(), Ok(domain), "{text}");
    assert_eq!(Domain::from_canonical(text).as_ref(), Ok(domain), "{text}");
    assert_eq!(Domain::from_wire(&domain.to_wire()).as_ref(), Ok(domain), "{text}");
    assert!(domain.ancestors().all(|ancestor| domain.is_within(&ancestor)), "{text}");
    assert!(!domain.defanged().contains("://"), "{text}");
    let _ = domain.to_unicode();
}

fn check_url(url: &Url) {
    assert_eq!(Url::parse(url.as_str()).as_ref(), Ok(url), "{}", url.as_str());
    let defanged = url.defanged().to_ascii_lowercase();
    for link in ["http://", "https://", "www."] {
        assert!(!defanged.contains(link), "{defanged}");
    }
    assert_eq!(defanged.matches("://").count(), 1, "{defanged}");
    if let Some(domain) = url.host().domain() {
        check_domain(domain);
    }
    if let Ok(found) = blockable(url.host(), &EmbeddedSuffixes) {
        assert_eq!(Some(&found.host), url.host().domain());
        assert!(found.host.is_within(&found.registrable), "{found:?}");
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_and_urls_hold_under_changes() {
        belfry_testbed::fuzz::smoke("url", 20_000, super::names);
    }
}
