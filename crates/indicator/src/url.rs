//! `Url`: an `http` or `https` URL in WHATWG canonical form with a canonical host.

use std::fmt;
use std::str::FromStr;

use ::url::Position;

use crate::{Domain, Host, NameError};

/// Octets of the longest URL that is read; what is longer is no link that
/// anybody follows, and is not worth its storage.
const MAX_URL: usize = 8192;

/// An absolute `http`/`https` URL as a browser would read it
/// (WHATWG URL standard), with its host already a [`Host`].
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Url {
    text: Box<str>,
    host: Host,
    /// Where the host stands in `text`.
    host_at: (usize, usize),
}

/// Why a text is not a [`Url`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// The WHATWG parser refuses it.
    #[error("not a URL: {0}")]
    Syntax(String),
    /// Another scheme than `http` or `https`.
    #[error("the scheme {0:?} is not http or https")]
    Scheme(String),
    /// No host, or one that is neither name nor address.
    #[error("the host is not usable: {0}")]
    Host(NameError),
    /// Longer than 8,192 octets.
    #[error("the URL is longer than 8192 octets")]
    Long,
}

impl Url {
    /// Reads a URL as a browser would.
    ///
    /// # Errors
    /// A [`UrlError`] that says why a browser would not open it.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        if text.len() > MAX_URL {
            return Err(UrlError::Long);
        }
        match ::url::Url::parse(text) {
            Ok(inner) => Self::from_inner(&inner),
            Err(::url::ParseError::IdnaError) => Self::parse_undecodable(text),
            Err(why) => Err(UrlError::Syntax(why.to_string())),
        }
    }

    /// Reads a link that stands in a document with this base.
    ///
    /// # Errors
    /// As [`Url::parse`].
    pub fn join(base: &::url::Url, text: &str) -> Result<Self, UrlError> {
        let rest = text.trim_start_matches(|c| c <= ' ');
        let slashes = rest.len() - rest.trim_start_matches(['/', '\\']).len();
        // However many slashes there are, a browser sees a host behind them.
        if slashes >= 2 && matches!(base.scheme(), "http" | "https") {
            return Self::parse(&format!("{}://{}", base.scheme(), &rest[slashes..]));
        }
        let joined = base.join(text).map_err(|why| UrlError::Syntax(why.to_string()))?;
        Self::from_inner(&joined)
    }

    fn from_inner(inner: &::url::Url) -> Result<Self, UrlError> {
        if !matches!(inner.scheme(), "http" | "https") {
            return Err(UrlError::Scheme(inner.scheme().to_owned()));
        }
        // Percent-encoding can triple what was read.
        if inner.as_str().len() > MAX_URL {
            return Err(UrlError::Long);
        }
        let host = match inner.host() {
            Some(::url::Host::Domain(name)) => Domain::parse(name).map(Host::Domain),
            Some(::url::Host::Ipv4(address)) => Ok(Host::Ipv4(address)),
            Some(::url::Host::Ipv6(address)) => Ok(Host::Ipv6(address)),
            None => Err(NameError::Empty),
        }
        .map_err(UrlError::Host)?;
        let start = inner[..Position::BeforeHost].len();
        let end = inner[..Position::AfterHost].len();
        Ok(Self { text: inner.as_str().into(), host, host_at: (start, end) })
    }

    /// Reads a URL whose host has an `xn--` label that decodes to nothing. The
    /// standard lets such a name pass since 2024, the parser does not yet: it is
    /// given the name with another prefix of equal length, which is then put back.
    fn parse_undecodable(text: &str) -> Result<Self, UrlError> {
        let refused = || UrlError::Syntax(::url::ParseError::IdnaError.to_string());
        let (start, host) = raw_host(text).ok_or_else(refused)?;
        let mut posing = text.to_owned();
        let mut at = start;
        let mut labels = Vec::new();
        for (number, label) in host.split('.').enumerate() {
            if label.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case(ACE)) {
                posing.replace_range(at..at + 4, POSING);
                labels.push(number);
            }
            at += label.len() + 1;
        }
        if labels.is_empty() {
            return Err(refused());
        }
        let mut url = Self::from_inner(&::url::Url::parse(&posing).map_err(|_| refused())?)?;
        let Host::Domain(_) = url.host else { return Err(refused()) };
        let (from, to) = url.host_at;
        let mut names: Vec<String> = url.text[from..to].split('.').map(str::to_owned).collect();
        for number in labels {
            let name = names.get_mut(number).ok_or_else(refused)?;
            let rest = name.strip_prefix(POSING).ok_or_else(refused)?;
            *name = format!("{ACE}{rest}");
        }
        let name = names.join(".");
        url.host = Domain::parse(&name).map(Host::Domain).map_err(UrlError::Host)?;
        url.text = [&url.text[..from], &name, &url.text[to..]].concat().into();
        Ok(url)
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// What stands before the host (`https://user@`), the host as written, and what
    /// follows it, port included.
    pub fn around_host(&self) -> (&str, &str, &str) {
        let (start, end) = self.host_at;
        (&self.text[..start], &self.text[start..end], &self.text[end..])
    }

    /// For messages, never clickable: `hxxps://evil[.]example/login`.
    pub fn defanged(&self) -> String {
        let (before, host, after) = self.around_host();
        let (_, user) = before.split_once(':').expect("a URL has a scheme");
        let scheme = if self.text.starts_with("https:") { "hxxps" } else { "hxxp" };
        let (user, host) = (user.replace('.', "[.]"), host.replace('.', "[.]"));
        // A URL in the path or query would be a link of its own.
        let rest = after.replace("://", "[:]//");
        let rest = in_any_case(&rest, "http", |found| [&found[..1], "xx", &found[3..]].concat());
        let rest = in_any_case(&rest, "www.", |found| [&found[..3], "[.]"].concat());
        format!("{scheme}:{user}{host}{rest}")
    }
}

/// `text` with each `word` (lower case, ASCII) in it changed, whatever its letter case.
fn in_any_case(text: &str, word: &str, change: impl Fn(&str) -> String) -> String {
    let lower = text.to_ascii_lowercase();
    let (mut changed, mut from) = (String::with_capacity(text.len()), 0);
    for (at, _) in lower.match_indices(word) {
        changed.push_str(&text[from..at]);
        from = at + word.len();
        changed.push_str(&change(&text[at..from]));
    }
    changed + &text[from..]
}

/// The prefix of an A-label.
const ACE: &str = "xn--";
/// What stands for it while a name that decodes to nothing is parsed. A name that
/// truly begins so is not touched: labels are put back by their number.
const POSING: &str = "xq--";

/// The host of `text` as it stands there, with its place: after the slashes and any
/// `user@`, before port and path.
fn raw_host(text: &str) -> Option<(usize, &str)> {
    let (_, rest) = text.split_once(':')?;
    let rest = rest.trim_start_matches(['/', '\\']);
    let authority = rest.split(['/', '\\', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let start = text.len() - rest.len() + authority.len() - host.len();
    let host = host.split(':').next().filter(|host| host.is_ascii())?;
    Some((start, host))
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Url({})", self.as_str())
    }
}

impl FromStr for Url {
    type Err = UrlError;
    fn from_str(text: &str) -> Result<Self, UrlError> {
        Self::parse(text)
    }
}

impl serde::Serialize for Url {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for Url {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, canonical: &str, host: &str, defanged: &str) {
        let url = Url::parse(input).unwrap_or_else(|e| panic!("{input:?}: {e}"));
        assert_eq!((url.as_str(), url.host().to_string().as_str()), (canonical, host));
        assert_eq!(url.defanged(), defanged);
        assert_eq!(Url::parse(canonical).unwrap(), url);
    }

    /// Found by fuzzing: a mail program made a link of what stood in the query.
    #[test]
    fn a_url_inside_a_url_is_defanged_too() {
        let url = Url::parse("https://r.example/?u=HTTP://evil.example/&v=//WWW.evil.example");
        let shown = url.unwrap().defanged();
        assert_eq!(shown, "hxxps://r[.]example/?u=HxxP[:]//evil.example/&v=//WWW[.]evil.example");
    }

    #[test]
    fn links_are_read_as_a_browser_reads_them() {
        check(
            " HTTPS://Shop.EXAMPLE:443/a/../b?q=1.2#x ",
            "https://shop.example/b?q=1.2#x",
            "shop.example",
            "hxxps://shop[.]example/b?q=1.2#x",
        );
        check(
            "http:\\\\my_bank.example\\login.php",
            "http://my_bank.example/login.php",
            "my_bank.example",
            "hxxp://my_bank[.]example/login.php",
        );
        check(
            "http://bank.example@0x7f.1:8080/",
            "http://bank.example@127.0.0.1:8080/",
            "127.0.0.1",
            "hxxp://bank[.]example@127[.]0[.]0[.]1:8080/",
        );
        check("http://[::1]/", "http://[::1]/", "[::1]", "hxxp://[::1]/");
        check(
            "https://BÜCHER。example./",
            "https://xn--bcher-kva.example./",
            "xn--bcher-kva.example",
            "hxxps://xn--bcher-kva[.]example[.]/",
        );
        check(
            "http://sh%6Fp.example",
            "http://shop.example/",
            "shop.example",
            "hxxp://shop[.]example/",
        );
    }

    #[test]
    fn a_name_that_decodes_to_nothing_is_still_a_name() {
        check(
            "http://XN--a.example/A",
            "http://xn--a.example/A",
            "xn--a.example",
            "hxxp://xn--a[.]example/A",
        );
        check(
            "https://u@xq--a.xn--zzzzzzzzzz.example:8443/?xn--",
            "https://u@xq--a.xn--zzzzzzzzzz.example:8443/?xn--",
            "xq--a.xn--zzzzzzzzzz.example",
            "hxxps://u@xq--a[.]xn--zzzzzzzzzz[.]example:8443/?xn--",
        );
    }

    #[test]
    fn what_no_browser_opens_is_refused_by_reason() {
        assert_eq!(Url::parse("ftp://shop.example"), Err(UrlError::Scheme("ftp".to_owned())));
        assert_eq!(Url::parse("mailto:a@shop.example"), Err(UrlError::Scheme("mailto".to_owned())));
        assert!(matches!(Url::parse("shop.example/login"), Err(UrlError::Syntax(_))));
        assert!(matches!(Url::parse("http://"), Err(UrlError::Syntax(_))));
        assert!(matches!(Url::parse("http://1.2.3.256/"), Err(UrlError::Syntax(_))));
        assert!(matches!(Url::parse("http://\u{fdd0}.example/"), Err(UrlError::Syntax(_))));
        assert_eq!(Url::parse("http://a..example/"), Err(UrlError::Host(NameError::EmptyLabel)));
        assert_eq!(
            Url::parse("http://a!b.example/"),
            Err(UrlError::Host(NameError::Character('!')))
        );
        let long = format!("http://shop.example/{}", "a".repeat(9000));
        assert_eq!(Url::parse(&long), Err(UrlError::Long));
        let grows = format!("http://shop.example/{}", "ü".repeat(3000));
        assert_eq!(Url::parse(&grows), Err(UrlError::Long));
    }

    #[test]
    fn json_holds_the_canonical_text_and_is_checked() {
        let url: Url = serde_json::from_str(r#""HTTP://Shop.example""#).unwrap();
        assert_eq!(serde_json::to_string(&url).unwrap(), r#""http://shop.example/""#);
        assert!(serde_json::from_str::<Url>(r#""javascript:alert(1)""#).is_err());
    }
}
