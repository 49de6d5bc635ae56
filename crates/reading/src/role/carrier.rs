//! Forms that send what strangers type: a fraud registers under a name that is an
//! address, and the site mails it to the victim. The site's own link carries that
//! name in its query; it is innocent, the name is the lure.

use std::collections::{HashMap, HashSet};

use crate::{Link, LinkKind, Role};

/// Queries looked at.
const QUERIES_MAX: usize = 200;

/// Marks links that carry the host of a link in running text in a value of their
/// query, among other words.
pub(super) fn mark(links: &mut [Link]) {
    let text = links.iter().filter(|link| link.kind == LinkKind::Text);
    let hosts: HashSet<String> = text.map(|link| link.host.clone()).collect();
    if hosts.len() < 2 {
        return;
    }
    let open = links.iter().filter(|link| link.role == Role::Other);
    let carriers: HashMap<String, String> = open
        .take(QUERIES_MAX)
        .filter_map(|link| {
            Some((link.host.clone(), carried(link.url.as_str(), &link.host, &hosts)?))
        })
        .collect();
    for link in links.iter_mut().filter(|link| link.role == Role::Other) {
        if let Some(host) = carriers.get(&link.host) {
            link.why = format!("the site only carries the name {host}");
        }
    }
}

fn carried(url: &str, own: &str, hosts: &HashSet<String>) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    query.split('&').filter_map(|pair| pair.split_once('=')).find_map(|(_, value)| {
        let words: Vec<&str> = value.split(['+', ' ']).flat_map(|word| word.split("%20")).collect();
        let host = words.iter().find(|word| **word != own && hosts.contains(**word))?;
        (words.len() > 1).then(|| (*host).to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::carried;

    #[test]
    fn a_name_among_words_is_carried_and_a_target_is_not() {
        let hosts = ["evil.example".to_owned(), "own.example".to_owned()].into();
        let check = |url: &str| carried(url, "own.example", &hosts);
        assert!(check("https://own.example/?login=evil.example%20-%20win").is_some());
        assert!(check("https://own.example/?key=1&login=evil.example+win").is_some());
        for url in [
            "https://own.example/?to=evil.example",
            "https://own.example/?to=https://evil.example/%20x",
            "https://own.example/evil.example",
            "https://own.example/?a=own.example%20x",
        ] {
            assert_eq!(check(url), None, "{url}");
        }
    }
}
