//! Hosts that a URL names behind its own: `https://evil.example/bank.example/login`. They
//! lead nowhere, but tell whom it imitates or what it passes on.

use belfry_indicator::RedactedUrl;
use percent_encoding::percent_decode_str;

use super::Observed;
use crate::Link;
use crate::findings::Findings;

/// Names taken of one URL, and of one report.
const OF_ONE_MAX: usize = 4;
const OF_ALL_MAX: usize = 200;

/// Notes the names within the URLs of the links, which are redacted by now.
pub(crate) fn within_urls(findings: &mut Findings<'_>) {
    let mut found = Vec::new();
    for link in &findings.links {
        let names = named(&link.url).into_iter().filter_map(|name| findings.list.bare_host(&name));
        let others = names.filter(|name| name.as_str() != link.host);
        found.extend(others.take(OF_ONE_MAX).map(|name| (name, place(link))));
        if found.len() >= OF_ALL_MAX {
            break;
        }
    }
    let linked: std::collections::HashSet<_> =
        findings.links.iter().map(|link| link.host.clone()).collect();
    found.retain(|(name, _)| !linked.contains(name.as_str()));
    for (name, (part, offset)) in found {
        findings.observe(Observed::Host(name), &part, offset);
    }
}

fn place(link: &Link) -> (String, usize) {
    (link.place.part.clone(), link.place.offset)
}

/// What looks like a name in path, query and fragment.
fn named(url: &RedactedUrl) -> Vec<String> {
    let tail = url.as_str().splitn(4, '/').nth(3).unwrap_or_default();
    if !tail.contains('.') {
        return Vec::new();
    }
    let tail = percent_decode_str(tail).decode_utf8_lossy();
    let lawful = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let words = tail.split(|c| !lawful(c)).filter(|word| word.contains('.'));
    words.take(8 * OF_ONE_MAX).map(|word| word.trim_matches('.').to_owned()).collect()
}
