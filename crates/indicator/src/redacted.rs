//! `RedactedUrl`: a URL without the people it was sent to. It is the only form in
//! which a URL leaves a report: what stores or shows one takes this type.

use std::fmt;

use crate::secrets::MARK;
use crate::{Domain, Host, Secrets, Suffixes, Url, UrlError};

/// A URL in which nothing of `Secrets` stands any more.
///
/// Only [`RedactedUrl::new`] makes one out of a URL of a report.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RedactedUrl(Url);

impl RedactedUrl {
    /// Takes whatever gives somebody away out of `url`: labels of its host below the
    /// registrable domain, user, path, query and fragment.
    pub fn new(url: &Url, secrets: &Secrets, suffixes: &impl Suffixes) -> Self {
        let (before, host, after) = url.around_host();
        let (scheme, user) = before.split_at(before.find("//").map_or(before.len(), |at| at + 2));
        let user_name = user.trim_end_matches('@');
        let user_redacted =
            !user.is_empty() && (secrets.in_url(user_name) || secrets.is_local(user_name));
        let labels = redacted_labels(url.host(), secrets, suffixes);
        let tail = secrets.redact_tail(after);
        if !user_redacted && labels.is_none() && tail == after {
            return Self(url.clone());
        }
        let user = if user_redacted { format!("{MARK}@") } else { user.to_owned() };
        let host = labels.unwrap_or_else(|| host.to_owned());
        let whole = [scheme, &user, &host, &tail].concat();
        let bare = [scheme, &host, "/", MARK].concat();
        let redacted = Url::parse(&whole).or_else(|_| Url::parse(&bare));
        Self(redacted.expect("a scheme, a host and lawful characters are a URL"))
    }

    /// Reads back what [`RedactedUrl::as_str`] wrote to storage, trusting it.
    ///
    /// # Errors
    /// A [`UrlError`] where it is no URL.
    pub fn stored(text: &str) -> Result<Self, UrlError> {
        Url::parse(text).map(Self)
    }

    /// Redacts it further, by what became known since.
    pub fn redact(&mut self, secrets: &Secrets, suffixes: &impl Suffixes) {
        *self = Self::new(&self.0, secrets, suffixes);
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The host, with [`MARK`] for labels that were redacted.
    pub fn host(&self) -> &Host {
        self.0.host()
    }

    /// The host that an order may name: where labels were redacted, the name above
    /// them, since an order is published.
    pub fn nameable_host(&self) -> Host {
        let Host::Domain(domain) = self.0.host() else {
            return self.0.host().clone();
        };
        let redacted = domain.ancestors().filter(|name| name.labels().next() == Some(MARK)).last();
        let above = redacted.and_then(|name| name.parent());
        Host::Domain(above.unwrap_or_else(|| domain.clone()))
    }

    /// Whether anything was taken out.
    pub fn is_redacted(&self) -> bool {
        self.as_str().contains(MARK)
    }

    /// Without query and fragment, which name the victim more often than the page.
    pub fn page(&self) -> Self {
        let text = self.as_str();
        let end = text.find(['?', '#']).unwrap_or(text.len());
        Self(Url::parse(&text[..end]).unwrap_or_else(|_| self.0.clone()))
    }

    /// For messages, never clickable.
    pub fn defanged(&self) -> String {
        self.0.defanged()
    }
}

/// The host with its telling labels replaced, where there are any. Those of the
/// registrable domain are the phisher's, whatever they say.
fn redacted_labels(host: &Host, secrets: &Secrets, suffixes: &impl Suffixes) -> Option<String> {
    let domain = host.domain()?;
    let owner = suffixes.registrable(domain).unwrap_or_else(|| domain.clone());
    let below = domain.as_str().strip_suffix(owner.as_str())?.strip_suffix('.')?;
    if !secrets.in_labels(below) {
        return None;
    }
    let labels: Vec<&str> =
        below.split('.').map(|label| if secrets.in_labels(label) { MARK } else { label }).collect();
    let below = Some(labels.join(".")).filter(|labels| !secrets.in_labels(labels));
    let host = format!("{}.{owner}", below.as_deref().unwrap_or(MARK));
    // A name can grow beyond its bound.
    Some(Domain::parse(&host).map_or_else(|_| format!("{MARK}.{owner}"), |name| name.to_string()))
}

impl fmt::Display for RedactedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for RedactedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedactedUrl({})", self.as_str())
    }
}

impl serde::Serialize for RedactedUrl {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(s)
    }
}

impl<'de> serde::Deserialize<'de> for RedactedUrl {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Url::deserialize(d).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EmbeddedSuffixes;

    fn redacted(url: &str) -> RedactedUrl {
        let secrets = Secrets::new(["jan.peeters@post.example"]);
        RedactedUrl::new(&Url::parse(url).unwrap(), &secrets, &EmbeddedSuffixes)
    }

    fn check(url: &str, expect: &str, nameable: &str) {
        let found = redacted(url);
        assert_eq!(
            (found.as_str(), found.nameable_host().to_string().as_str()),
            (expect, nameable)
        );
        assert_eq!(found.is_redacted(), url != expect);
        let mut again = found.clone();
        again.redact(&Secrets::new(["jan.peeters@post.example"]), &EmbeddedSuffixes);
        assert_eq!(again, found);
    }

    #[test]
    fn every_part_of_a_url_is_redacted() {
        check("https://evil.test/a?b#c", "https://evil.test/a?b#c", "evil.test");
        check(
            "https://evil.test/a?to=jan.peeters@post.example#c",
            "https://evil.test/a?to=redacted--recipient#c",
            "evil.test",
        );
        check(
            "https://jan.peeters%40post.example@evil.test/",
            "https://redacted--recipient@evil.test/",
            "evil.test",
        );
        check(
            "https://jan.peeters@evil.test/",
            "https://redacted--recipient@evil.test/",
            "evil.test",
        );
        check(
            "http://192.0.2.7:8080/jan.peeters",
            "http://192.0.2.7:8080/redacted--recipient",
            "192.0.2.7",
        );
    }

    #[test]
    fn an_order_never_names_a_label_with_the_victim() {
        check(
            "https://jan-peeters-post-example.login.evil.test/",
            "https://redacted--recipient.login.evil.test/",
            "login.evil.test",
        );
        check(
            "https://x.jan.peeters.post.example.evil.test/",
            "https://redacted--recipient.evil.test/",
            "evil.test",
        );
        check(
            "https://jan-peeters.evil.test/",
            "https://redacted--recipient.evil.test/",
            "evil.test",
        );
        // His own site is not the phisher's to redact.
        check("https://post.example/", "https://post.example/", "post.example");
    }

    #[test]
    fn a_label_too_many_is_no_name_too_long() {
        let long = format!(
            "https://{}.jan-peeters-post-example.evil.test/",
            vec!["a".repeat(60); 3].join(".")
        );
        assert_eq!(redacted(&long).nameable_host().to_string(), "evil.test");
    }

    #[test]
    fn the_page_is_what_stands_before_the_query() {
        assert_eq!(
            redacted("http://192.0.2.7/login?x#y").page().as_str(),
            "http://192.0.2.7/login"
        );
    }

    #[test]
    fn json_holds_the_redacted_text() {
        let url = redacted("https://evil.test/?jan.peeters@post.example");
        let json = serde_json::to_string(&url).unwrap();
        assert_eq!(json, r#""https://evil.test/?redacted--recipient""#);
        assert_eq!(serde_json::from_str::<RedactedUrl>(&json).unwrap(), url);
    }
}
