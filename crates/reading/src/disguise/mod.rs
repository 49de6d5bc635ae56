//! How links are written so that neither a filter nor a reader sees where they lead,
//! or so that nobody clicks them by mistake (`hxxp://evil[.]example`).

mod refang;
mod signs;
#[cfg(test)]
mod vectors;

use std::borrow::Cow;

use belfry_indicator::{Host, Url};
use serde::{Deserialize, Serialize};

pub(crate) use self::refang::refang;
pub(crate) use self::signs::is_broken;
use crate::text::is_invisible;

/// What made a link hard to see through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Disguise {
    /// A name before `@`, taken for the host: `https://bank.example@evil.example`.
    User,
    /// An address written otherwise than in four decimal numbers: `0x7f.1`.
    NumericHost,
    /// Percent-encoding in the host.
    EscapedHost,
    /// Letters beyond ASCII in the host, or an `xn--` label.
    ForeignLetters,
    /// Characters without a width, or that turn the direction of text.
    Invisible,
    /// Backslashes for slashes.
    Backslash,
    /// White space within the scheme or the host.
    WhiteSpace,
    /// Written so that it cannot be clicked: `hxxp`, `[.]`, `(dot)`.
    Defanged,
}

impl Disguise {
    /// What was done, for a person.
    pub fn name(self) -> &'static str {
        match self {
            Disguise::User => "a name before the host",
            Disguise::NumericHost => "an address in unusual numbers",
            Disguise::EscapedHost => "escapes in the host",
            Disguise::ForeignLetters => "letters beyond ASCII in the host",
            Disguise::Invisible => "characters that are not seen",
            Disguise::Backslash => "backslashes",
            Disguise::WhiteSpace => "white space within",
            Disguise::Defanged => "written so that it cannot be clicked",
        }
    }
}

/// The disguises of a link that stands as `raw` in its source and reads as `url`.
pub(crate) fn disguises(raw: &str, url: &Url) -> Vec<Disguise> {
    let mut found = Vec::new();
    let (before, host, _) = url.around_host();
    if before.ends_with('@') {
        found.push(Disguise::User);
    }
    if host.contains("xn--") {
        found.push(Disguise::ForeignLetters);
    }
    if raw.starts_with(before) && raw[before.len()..].starts_with(host) {
        return found;
    }
    let written = raw.trim();
    let head = written.split(['?', '#']).next().unwrap_or(written);
    let authority = authority(head);
    let mut add = |holds: bool, disguise| {
        if holds && !found.contains(&disguise) {
            found.push(disguise);
        }
    };
    let numeric = matches!(url.host(), Host::Ipv4(_)) && !authority.ends_with(host);
    add(numeric, Disguise::NumericHost);
    add(authority.contains('%'), Disguise::EscapedHost);
    add(authority.chars().any(|c| !c.is_ascii() && !is_invisible(c)), Disguise::ForeignLetters);
    add(head.chars().any(is_invisible), Disguise::Invisible);
    add(head.contains('\\'), Disguise::Backslash);
    add(written.contains(['\t', '\n', '\r']), Disguise::WhiteSpace);
    add(is_broken(head), Disguise::Defanged);
    found
}

/// Host and port as written, without scheme, slashes and user.
fn authority(head: &str) -> &str {
    let rest = head.split_once(':').map_or(head, |(scheme, rest)| {
        if rest.starts_with(['/', '\\']) && !scheme.contains('.') { rest } else { head }
    });
    let rest = rest.trim_start_matches(['/', '\\']);
    let authority = rest.split(['/', '\\']).next().unwrap_or(rest);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    host.split_once(':').map_or(host, |(host, _)| host)
}

/// `text` without what is invisible.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.chars().any(is_invisible) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|c| !is_invisible(*c)).collect())
}

#[cfg(test)]
mod tests {
    use belfry_indicator::Url;

    use super::Disguise::{self, *};
    use super::{disguises, visible};

    fn check(raw: &str, url: &str, expect: &[Disguise]) {
        assert_eq!(disguises(raw, &Url::parse(url).unwrap()), expect, "{raw:?}");
    }

    #[test]
    fn a_plain_link_has_no_disguise() {
        for raw in [
            "https://evil.example/a?b=%41",
            "HTTPS://EVIL.example:443/",
            "//evil.example/",
            "www.evil.example/x",
            "evil.example:80",
            " https://evil.example ",
        ] {
            let text = raw.trim().trim_start_matches("//");
            let text = if text.to_lowercase().starts_with("http") {
                text.to_owned()
            } else {
                format!("http://{text}")
            };
            check(raw, &text, &[]);
        }
    }

    #[test]
    fn each_disguise_is_told() {
        check("https://bank.example@evil.example/", "https://bank.example@evil.example/", &[User]);
        check("http://0x7f.1/", "http://127.0.0.1/", &[NumericHost]);
        check("http://2130706433", "http://127.0.0.1/", &[NumericHost]);
        check("http://0177.0.0.01/a", "http://127.0.0.1/a", &[NumericHost]);
        check("http://127.0.0.1", "http://127.0.0.1/", &[]);
        check("http://ev%69l.example/", "http://evil.example/", &[EscapedHost]);
        check("http://évil.example/", "http://évil.example/", &[ForeignLetters]);
        check("http://xn--vil-9oa.example/", "http://xn--vil-9oa.example/", &[ForeignLetters]);
        check("http://ev\u{200b}il.example/", "http://evil.example/", &[Invisible]);
        check("http:\\\\evil.example\\a", "http://evil.example/a", &[Backslash]);
        check("ht\ntp://evil.example/", "http://evil.example/", &[WhiteSpace]);
        check("hxxp://evil[.]example/", "http://evil.example/", &[Defanged]);
    }

    #[test]
    fn what_is_invisible_goes() {
        assert_eq!(visible("a\u{200b}b\u{202e}é\u{ad}"), "abé");
        assert_eq!(visible("plain"), "plain");
    }
}
