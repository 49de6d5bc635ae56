//! Senders that pretend: a display name that shows another address or host than the
//! mail comes from, replies that go elsewhere, verification that failed. Each sign
//! says why in words; none is proof.

use belfry_indicator::{Domain, Host};
use serde::{Deserialize, Serialize};

use super::Authentication;
use crate::Summary;
use crate::suffixes::List;

/// What speaks against a sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sign {
    /// What kind.
    pub kind: SignKind,
    /// In words.
    pub why: String,
}

/// Kinds of sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignKind {
    /// Replies go to another domain than the mail comes from.
    ReplyElsewhere,
    /// The display name shows an address of another domain.
    NameShowsAddress,
    /// The display name shows a host of another domain.
    NameShowsHost,
    /// Undelivered mail goes back to another domain, as with any bulk mailer.
    EnvelopeElsewhere,
    /// A server said that SPF, DKIM or DMARC failed.
    VerificationFailed,
}

/// All signs of one message.
pub(super) fn signs(
    summary: &Summary,
    return_path: Option<&str>,
    results: &[Authentication],
    list: List<'_>,
) -> Vec<Sign> {
    let mut signs = Vec::new();
    let from = summary.from.as_ref();
    let own = from.and_then(|from| owner(from.address.as_deref()?, list));
    if let (Some(name), Some(own)) = (from.and_then(|from| from.name.as_deref()), &own) {
        signs.extend(shown(name, own, list));
    }
    if let Some(own) = &own {
        let reply = summary.reply_to.as_ref().and_then(|reply| reply.address.as_deref());
        signs.extend(elsewhere(SignKind::ReplyElsewhere, "replies go to", reply, own, list));
        let kind = SignKind::EnvelopeElsewhere;
        signs.extend(elsewhere(kind, "undelivered mail goes back to", return_path, own, list));
    }
    // Those below the first server's were written before the mail was handed over.
    let first = results.first().map(|result| &result.server);
    let trusted = results.iter().filter(|result| Some(&result.server) == first);
    let failed = trusted.filter(|r| {
        matches!(r.method.as_str(), "spf" | "dkim" | "dmarc")
            && matches!(r.result.as_str(), "fail" | "softfail" | "permerror" | "hardfail")
    });
    signs.extend(failed.map(|r| Sign {
        kind: SignKind::VerificationFailed,
        why: format!(
            "{} says {}={}",
            r.server.as_deref().unwrap_or("the receiver"),
            r.method,
            r.result
        ),
    }));
    signs
}

fn elsewhere(
    kind: SignKind,
    what: &str,
    address: Option<&str>,
    own: &str,
    list: List<'_>,
) -> Option<Sign> {
    let other = owner(address?, list)?;
    (other != own)
        .then(|| Sign { kind, why: format!("{what} {other}, but the mail comes from {own}") })
}

/// What a display name shows that is not the sender's own.
fn shown(name: &str, own: &str, list: List<'_>) -> Option<Sign> {
    name.split(|c: char| c.is_whitespace() || "<>()[]\"',;|".contains(c)).find_map(|word| {
        let word = word.trim_matches(['.', ':', '-', '!', '?']);
        let (kind, other) = if word.contains('@') {
            (SignKind::NameShowsAddress, owner(word, list)?)
        } else {
            // `Node.js` or `St.Gallen` are names; a host is written in one case.
            let host = word.trim_start_matches("https://").trim_start_matches("http://");
            let host = host.split('/').next().unwrap_or(host);
            let mixed = host.contains(char::is_uppercase) && host.contains(char::is_lowercase);
            let domain = list.bare_host(host).filter(|_| !mixed || host.ends_with(".com"))?;
            (SignKind::NameShowsHost, list.owner(&Host::Domain(domain)))
        };
        (other != own).then(|| Sign {
            kind,
            why: format!("the name shows {word:?}, but the mail comes from {own}"),
        })
    })
}

/// The registrable domain of an address, or its host.
fn owner(address: &str, list: List<'_>) -> Option<String> {
    let (_, host) = address.rsplit_once('@')?;
    let domain = Domain::parse(host.trim_end_matches(['>', ')', ','])).ok()?;
    Some(list.owner(&Host::Domain(domain)))
}

#[cfg(test)]
mod tests {
    use belfry_indicator::EmbeddedSuffixes;

    use super::*;
    use crate::Address;

    fn address(name: &str, address: &str) -> Address {
        Address { name: Some(name.to_owned()), address: Some(address.to_owned()) }
    }

    fn check(name: &str, from: &str, reply: Option<&str>, expect: &[SignKind]) {
        let summary = Summary {
            from: Some(address(name, from)),
            reply_to: reply.map(|reply| address("", reply)),
            ..Summary::default()
        };
        let signs = signs(&summary, None, &[], List(&EmbeddedSuffixes));
        let got: Vec<_> = signs.iter().map(|sign| sign.kind).collect();
        assert_eq!(got, expect, "{name} <{from}> {reply:?} {signs:?}");
    }

    #[test]
    fn a_name_that_shows_another_sender_is_a_sign() {
        check("help@bank.be", "x@evil.be", None, &[SignKind::NameShowsAddress]);
        check("Bank (www.bank.be)", "x@evil.be", None, &[SignKind::NameShowsHost]);
        check("Bank.com", "x@evil.be", None, &[SignKind::NameShowsHost]);
        for name in ["Bank", "help@mail.bank.be", "Node.js", "J. Doe", "bank.be", "St.Gallen", ""] {
            check(name, "x@news.bank.be", None, &[]);
        }
    }

    #[test]
    fn replies_that_go_elsewhere_are_a_sign() {
        check("Bank", "x@bank.be", Some("y@gmail.com"), &[SignKind::ReplyElsewhere]);
        check("Bank", "x@bank.be", Some("y@help.bank.be"), &[]);
    }

    #[test]
    fn only_the_first_server_is_heard() {
        let result = |server: &str, method: &str, result: &str| Authentication {
            server: Some(server.to_owned()),
            method: method.to_owned(),
            result: result.to_owned(),
            properties: Vec::new(),
        };
        let results = [
            result("mx.example", "spf", "fail"),
            result("mx.example", "dkim", "pass"),
            result("forged.example", "dmarc", "fail"),
        ];
        let signs = signs(&Summary::default(), None, &results, List(&EmbeddedSuffixes));
        assert_eq!(signs.len(), 1);
        assert_eq!(signs[0].why, "mx.example says spf=fail");
    }
}
