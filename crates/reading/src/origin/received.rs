//! Received fields (RFC 5321 section 4.4), as servers write them rather than as the
//! grammar has them: `from NAME (REVERSE [ADDRESS]) by NAME … ; DATE`.

use std::net::IpAddr;

use belfry_indicator::{Domain, Host};
use mail_parser::DateTime;

use super::{Hop, SendingHost};
use crate::suffixes::List;

/// Reads one field. What it does not say stays empty.
pub(super) fn hop(field: &str) -> Hop {
    let (clauses, date) = field.rsplit_once(';').unwrap_or((field, ""));
    let mut hop = Hop {
        date: DateTime::parse_rfc822(date.trim())
            .filter(DateTime::is_valid)
            .map(|d| d.to_rfc3339()),
        ..Hop::default()
    };
    let mut clause = "";
    let mut depth = 0_usize;
    for word in words(clauses) {
        match word {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            "from" | "by" | "with" | "id" | "for" | "via" if depth == 0 => clause = word,
            _ if clause == "from" => from(&mut hop, word, depth > 0),
            _ if clause == "by" && depth == 0 && hop.by.is_none() => hop.by = name(word),
            _ => {}
        }
    }
    hop
}

/// Takes a word of the from clause: its name, or in brackets its address and reverse name.
fn from(hop: &mut Hop, word: &str, in_comment: bool) {
    let bare = word.trim_start_matches("helo=").trim_start_matches("HELO=");
    let bare = bare.trim_matches(['[', ']', ',']);
    if let Some(ip) = address(bare) {
        hop.ip.get_or_insert(ip);
    } else if !in_comment {
        hop.from = hop.from.take().or_else(|| name(bare));
    } else if bare.len() == word.len() {
        hop.reverse = hop.reverse.take().or_else(|| name(bare).filter(|n| n.contains('.')));
    }
}

fn address(text: &str) -> Option<IpAddr> {
    let text = text.strip_prefix("IPv6:").or(text.strip_prefix("IPV6:")).unwrap_or(text);
    let ip: IpAddr = text.parse().ok()?;
    Some(ip.to_canonical())
}

/// A host name in lower case.
fn name(word: &str) -> Option<String> {
    let name = word.trim_end_matches(['.', ';']).to_ascii_lowercase();
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    (!name.is_empty() && name.len() <= 253 && name.chars().all(fits)).then_some(name)
}

/// Words, with each parenthesis a word of its own.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace().flat_map(|word| {
        let mut rest = word;
        std::iter::from_fn(move || {
            let end = match rest.find(['(', ')']) {
                Some(0) => 1,
                Some(at) => at,
                None => rest.len(),
            };
            let (first, tail) = rest.split_at(end);
            rest = tail;
            (!first.is_empty()).then_some(first)
        })
    })
}

/// The server that handed the mail over to the reader's provider: the one that the
/// provider names beside SPF, else from the top the first with a public address that
/// is not one of the provider's own, which are those whose names it has already used.
pub(super) fn sending(hops: &[Hop], stated: Option<IpAddr>, list: List<'_>) -> Option<SendingHost> {
    let owner = |name: &str| {
        Domain::parse(name).map_or_else(|_| name.to_owned(), |d| list.owner(&Host::Domain(d)))
    };
    if let Some(ip) = stated {
        let hop = hops.iter().position(|hop| hop.ip == Some(ip));
        let name = hop.and_then(|number| hops[number].name());
        return Some(SendingHost { ip, name, hop });
    }
    let mut own: Vec<String> = Vec::new();
    let found = hops.iter().position(|hop| {
        own.extend(hop.by.as_deref().map(owner));
        let sender = hop.name().map(|name| owner(&name));
        hop.ip.is_some_and(is_public) && sender.is_none_or(|sender| !own.contains(&sender))
    })?;
    let hop = &hops[found];
    Some(SendingHost { ip: hop.ip?, name: hop.name(), hop: Some(found) })
}

impl Hop {
    /// The name of the sending side, the one that DNS knows where there is one.
    fn name(&self) -> Option<String> {
        self.reverse.clone().or_else(|| self.from.clone())
    }
}

/// An address that the world can reach.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            let shared = a == 100 && (64..128).contains(&b);
            !(ip.is_private() || ip.is_loopback() || ip.is_link_local() || shared || a == 0)
        }
        IpAddr::V6(ip) => {
            !(ip.is_loopback()
                || ip.is_unspecified()
                || ip.is_unique_local()
                || ip.is_unicast_link_local())
        }
    }
}

#[cfg(test)]
mod tests {
    use belfry_indicator::EmbeddedSuffixes;

    use super::{hop, sending};
    use crate::suffixes::List;

    fn check(field: &str, from: &str, reverse: &str, ip: &str, by: &str, date: &str) {
        let hop = hop(field);
        let text = |value: Option<String>| value.unwrap_or_default();
        assert_eq!(text(hop.from), from, "{field}");
        assert_eq!(text(hop.reverse), reverse, "{field}");
        assert_eq!(text(hop.ip.map(|ip| ip.to_string())), ip, "{field}");
        assert_eq!(text(hop.by), by, "{field}");
        assert_eq!(text(hop.date), date, "{field}");
    }

    #[test]
    fn fields_of_many_servers_are_read() {
        let date = "Thu, 3 Nov 2022 04:56:15 +0000";
        let utc = "2022-11-03T04:56:15Z";
        check(
            &format!(
                "from a.example (b.example [192.0.2.1])\r\n by MX.example (Postfix) with ESMTPS id 1; {date}"
            ),
            "a.example",
            "b.example",
            "192.0.2.1",
            "mx.example",
            utc,
        );
        check(
            &format!(
                "from a.example (198.51.100.7) by mx.example (10.0.0.1) with Microsoft SMTP Server; {date} (UTC)"
            ),
            "a.example",
            "",
            "198.51.100.7",
            "mx.example",
            utc,
        );
        check(
            "from [IPv6:2001:db8::1] (helo=evil) by mx.example with esmtp",
            "",
            "",
            "2001:db8::1",
            "mx.example",
            "",
        );
        check("by 2002:a05::1 with SMTP id x; yesterday", "", "", "", "", "");
        check("", "", "", "", "", "");
        check("from (((( by )))) ; ;", "", "", "", "", "");
    }

    #[test]
    fn the_sending_host_is_the_first_that_is_not_the_providers_own() {
        let fields = [
            "from in1.provider.example (::1) by store.provider.example with HTTPS",
            "from in2.provider.example (2001:db8::4) by in1.provider-front.example (2001:db8::6)",
            "from in3.provider-front.example (2001:db8::4) by in1.provider.example (2001:db8::5)",
            "from relay.sender.example (203.0.113.9) by in2.provider.example (10.1.1.1)",
            "from laptop ([198.51.100.1]) by relay.sender.example",
        ];
        let hops: Vec<_> = fields.iter().map(|field| hop(field)).collect();
        let found = sending(&hops, None, List(&EmbeddedSuffixes)).unwrap();
        assert_eq!(found.ip.to_string(), "203.0.113.9");
        assert_eq!(found.name.as_deref(), Some("relay.sender.example"));
        assert_eq!(found.hop, Some(3));
        let stated = sending(&hops, "198.51.100.1".parse().ok(), List(&EmbeddedSuffixes)).unwrap();
        assert_eq!(stated.hop, Some(4));
        assert_eq!(sending(&[], None, List(&EmbeddedSuffixes)), None);
    }
}
