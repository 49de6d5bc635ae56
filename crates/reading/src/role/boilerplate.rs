//! The list of boilerplate hosts, compiled in from `data/boilerplate.txt`.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::Link;

/// What a host is known for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Class {
    pub(super) name: &'static str,
    /// Strangers have pages of their own there, so that a mail may lure to one.
    pub(super) open: bool,
}

/// Host to class; a host with a leading dot covers the names below it.
static HOSTS: LazyLock<HashMap<&'static str, Class>> =
    LazyLock::new(|| parse(include_str!("../../data/boilerplate.txt")).collect());

/// The class of `host`, if it is boilerplate.
pub(super) fn class(host: &str) -> Option<Class> {
    let bare = host.strip_prefix("www.").unwrap_or(host);
    if let Some(class) = HOSTS.get(bare).or_else(|| HOSTS.get(host)) {
        return Some(*class);
    }
    let dots = host.match_indices('.').map(|(at, _)| &host[at..]);
    // A name that covers those below it covers itself.
    dots.filter_map(|tail| HOSTS.get(tail).copied())
        .next()
        .or_else(|| HOSTS.get(format!(".{host}").as_str()).copied())
}

/// Whether a link on a boilerplate host only leads on to another place.
pub(super) fn redirects(link: &Link) -> bool {
    let after_host =
        link.url.as_str().splitn(4, '/').nth(3).unwrap_or_default().to_ascii_lowercase();
    const PATHS: [&str; 10] = [
        "slink",
        "redir",
        "url?",
        "amp/",
        "l.php",
        "flx/warn",
        "linkshim",
        "safety/go",
        "i/redirect",
        "away",
    ];
    PATHS.iter().any(|path| after_host.starts_with(path))
}

/// Whether an innocent host only carries `link`, which then is what it leads on to.
pub(crate) fn carries(link: &Link) -> bool {
    let mut around = link.through.iter().filter(|through| through.by.is_none()).peekable();
    around.peek().is_some()
        && around.all(|through| class(&through.url.host().to_string()).is_some())
}

/// Every host on the list, without the dot that covers those below.
#[cfg(test)]
pub(super) fn hosts() -> impl Iterator<Item = &'static str> {
    parse(include_str!("../../data/boilerplate.txt")).map(|(host, _)| host.trim_start_matches('.'))
}

fn parse(list: &'static str) -> impl Iterator<Item = (&'static str, Class)> {
    list.lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim())
        .filter_map(|line| line.split_once(char::is_whitespace))
        .map(|(host, class)| {
            let class = class.trim();
            let name = class.trim_start_matches(['?', ' ']);
            (host, Class { name, open: name.len() < class.len() })
        })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use belfry_indicator::Domain;

    use super::{class, parse};

    #[test]
    fn hosts_stand_for_themselves_and_dotted_ones_for_those_below() {
        let known = |host: &str| class(host).map(|class| (class.name, class.open));
        assert_eq!(known("www.w3.org"), Some(("standards body", false)));
        assert_eq!(known("w3.org"), Some(("standards body", false)));
        assert_eq!(known("www.facebook.com"), Some(("social media", true)));
        for host in [
            "l.facebook.com",
            "w3.org.example.com",
            "notw3.org",
            "1.2.3.4",
            "org",
            "protect-eu.mimecast.com",
            "x.googleusercontent.com",
        ] {
            assert_eq!(class(host), None, "{host}");
        }
    }

    #[test]
    fn every_line_is_a_canonical_name_that_stands_once() {
        let mut seen = HashSet::new();
        for (host, class) in parse(include_str!("../../data/boilerplate.txt")) {
            let name = host.trim_start_matches('.');
            assert_eq!(Domain::parse(name).unwrap().as_str(), name);
            assert!(!class.name.is_empty() && seen.insert(host), "{host}");
        }
        assert!(seen.len() > 50);
    }
}
