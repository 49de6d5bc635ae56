//! From the text of a link to a URL, as a browser or mail program would take it.
//! It opens nothing and guesses no host that is not written there.

use belfry_indicator::{Host, Url, UrlError};

use crate::LinkKind;
use crate::disguise::{is_broken, refang, visible};
use crate::limits::cut;
use crate::suffixes::List;

/// What a link's text turned out to be.
pub(crate) enum Resolved {
    /// A URL.
    Url(Url),
    /// A URL that was too long: its start.
    Cut(Url),
    /// Another kind of link, or none: `mailto:`, `cid:`, `#top`.
    NotMeant,
    /// No usable URL, and why.
    Broken(String),
}

/// Schemes that open something else than a web page, and are not reported.
const OTHER_USES: [&str; 14] = [
    "mailto",
    "cid",
    "mid",
    "tel",
    "sms",
    "smsto",
    "mms",
    "callto",
    "geo",
    "webcal",
    "whatsapp",
    "skype",
    "about",
    "x-apple-data-detectors",
];
/// Octets of a URL that is kept where the whole is too long.
const CUT_BYTES: usize = 2_000;

/// Reads `raw`, which stood in a link of this kind.
pub(crate) fn resolve(
    raw: &str,
    base: Option<&url::Url>,
    kind: LinkKind,
    list: List<'_>,
) -> Resolved {
    let text = stripped(raw);
    if text.is_empty() || text.starts_with('#') {
        return Resolved::NotMeant;
    }
    match scheme(&text) {
        Some(scheme) if scheme == "http" || scheme == "https" => absolute(&text),
        Some(scheme) if OTHER_USES.contains(&scheme.as_str()) => Resolved::NotMeant,
        // An embedded picture or font holds its own bytes; nothing is fetched.
        Some(scheme) if scheme == "data" && kind.is_loaded() => Resolved::NotMeant,
        Some(scheme) if scheme.contains('.') => relative(&text, base, list),
        Some(_) if is_broken(&text) => absolute(&refang(&text).text),
        Some(scheme) => Resolved::Broken(format!("the scheme {scheme:?} is not http or https")),
        None => relative(&text, base, list),
    }
}

/// The host that a link's visible text names, if it looks like a URL or a host.
pub(crate) fn visible_host(text: &str, list: List<'_>) -> Option<Host> {
    let text = text.trim().trim_end_matches(['.', ',', '…', '/', ')', '>']);
    let text = text.trim_start_matches(['(', '<']);
    if text.is_empty() || text.contains(char::is_whitespace) || text.contains('@') {
        return None;
    }
    let lower = cut(text, 8).to_ascii_lowercase();
    if lower.starts_with("http://") || lower.starts_with("https://") {
        return Url::parse(cut(text, CUT_BYTES)).ok().map(|url| url.host().clone());
    }
    list.bare_host(host_part(text)).map(Host::Domain)
}

/// What the URL standard removes: spaces and controls around, tabs and line ends within.
fn stripped(raw: &str) -> String {
    raw.trim_matches(|c: char| c <= ' ' || c == '\u{a0}' || c == '\u{feff}' || c == '\u{200b}')
        .chars()
        .filter(|c| !matches!(c, '\t' | '\n' | '\r'))
        .collect()
}

/// The scheme in lower case, if there is one.
fn scheme(text: &str) -> Option<String> {
    let (scheme, _) = cut(text, 64).split_once(':')?;
    let mut characters = scheme.chars();
    let lawful = characters.next()?.is_ascii_alphabetic()
        && characters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    lawful.then(|| scheme.to_ascii_lowercase())
}

fn absolute(text: &str) -> Resolved {
    match Url::parse(text) {
        Ok(url) => Resolved::Url(url),
        Err(UrlError::Long) => match Url::parse(cut(text, CUT_BYTES)) {
            Ok(url) => Resolved::Cut(url),
            Err(why) => Resolved::Broken(why.to_string()),
        },
        Err(why) => match mended(text) {
            Some(url) => Resolved::Url(url),
            None => Resolved::Broken(why.to_string()),
        },
    }
}

/// What a reader would make of a URL that no browser opens.
fn mended(text: &str) -> Option<Url> {
    Url::parse(&visible(text))
        .ok()
        .or_else(|| is_broken(text).then(|| Url::parse(&refang(text).text).ok()).flatten())
}

fn relative(text: &str, base: Option<&url::Url>, list: List<'_>) -> Resolved {
    if let Some(base) = base {
        return match Url::join(base, text) {
            Ok(url) => Resolved::Url(url),
            // Its start is worth keeping, as that of any other.
            Err(UrlError::Long) => match base.join(text) {
                Ok(url) => absolute(url.as_str()),
                Err(why) => Resolved::Broken(why.to_string()),
            },
            Err(why) => Resolved::Broken(why.to_string()),
        };
    }
    if text.starts_with("//") || text.starts_with("\\\\") {
        return absolute(&format!("https:{text}"));
    }
    // Mail programs open `www.bank.example` although a browser would call it relative.
    let host = host_part(text);
    if list.bare_host(host).is_some() || host.parse::<std::net::Ipv4Addr>().is_ok() {
        return absolute(&format!("http://{text}"));
    }
    if is_broken(text) {
        let mended = refang(text).text;
        if !is_broken(&mended) {
            return if scheme(&mended).is_some_and(|scheme| !scheme.contains('.')) {
                absolute(&mended)
            } else {
                relative(&mended, None, list)
            };
        }
    }
    Resolved::Broken("a relative link without a base".to_owned())
}

/// What stands before the first `/`, `?`, `#` or `:`.
fn host_part(text: &str) -> &str {
    text.split(['/', '?', '#', ':', '\\']).next().unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use belfry_indicator::EmbeddedSuffixes;

    use super::{Resolved, resolve, visible_host};
    use crate::LinkKind;
    use crate::suffixes::List;

    fn check(raw: &str, base: Option<&str>, expect: &str) {
        let base = base.map(|text| url::Url::parse(text).unwrap());
        let got = match resolve(raw, base.as_ref(), LinkKind::Anchor, List(&EmbeddedSuffixes)) {
            Resolved::Url(url) => url.as_str().to_owned(),
            Resolved::Cut(url) => format!("cut {}", url.host()),
            Resolved::NotMeant => "-".to_owned(),
            Resolved::Broken(why) => format!("broken: {why}"),
        };
        assert_eq!(got, expect, "{raw:?}");
    }

    #[test]
    fn a_link_is_read_as_a_browser_reads_it() {
        check(" https://Evil.example.com/a ", None, "https://evil.example.com/a");
        check("ht\ntp://evil.\texample.com", None, "http://evil.example.com/");
        check("http:\\\\evil.example.com\\a", None, "http://evil.example.com/a");
        check("//evil.example.com/a", None, "https://evil.example.com/a");
        check("www.example.com/a?b", None, "http://www.example.com/a?b");
        check("example.com:8080/a", None, "http://example.com:8080/a");
        check("a/b", Some("https://evil.example.com/x/y"), "https://evil.example.com/x/a/b");
        check("http://1.1/", None, "http://1.0.0.1/");
        check(
            "\\/\\evil.example.com/a",
            Some("https://x.example.com/"),
            "https://evil.example.com/a",
        );
        check("http://ev\u{200e}il.example.com/", None, "http://evil.example.com/");
    }

    #[test]
    fn a_link_that_cannot_be_clicked_is_read_as_meant() {
        check("hxxps://evil[.]example.com/a", None, "https://evil.example.com/a");
        check("evil [dot] example [dot] com/a", None, "http://evil.example.com/a");
        check("http[:]//192[.]0[.]2[.]7/", None, "http://192.0.2.7/");
        check("hxxp://", None, "broken: the scheme \"hxxp\" is not http or https");
        check("[.]", None, "broken: a relative link without a base");
    }

    #[test]
    fn what_is_no_web_link_is_passed_over() {
        for raw in ["", "#", "#top", "mailto:a@example.com", "TEL:+3212", "cid:1@x"] {
            check(raw, None, "-");
        }
    }

    #[test]
    fn an_unusable_link_says_why() {
        check("{{link}}", None, "broken: a relative link without a base");
        check(
            "javascript:alert(1)",
            None,
            "broken: the scheme \"javascript\" is not http or https",
        );
        check("data:text/html,x", None, "broken: the scheme \"data\" is not http or https");
    }

    #[test]
    fn an_overlong_url_keeps_its_host() {
        let raw = format!("https://evil.example.com/{}", "a".repeat(20_000));
        check(&raw, None, "cut evil.example.com");
    }

    #[test]
    fn visible_text_names_a_host_only_where_it_looks_like_one() {
        let host = |text| visible_host(text, List(&EmbeddedSuffixes)).map(|h| h.to_string());
        assert_eq!(host("https://bank.example.com/login…"), Some("bank.example.com".into()));
        assert_eq!(host(" www.example.com "), Some("www.example.com".into()));
        assert_eq!(host("(example.com/a)."), Some("example.com".into()));
        for text in ["click here", "a@example.com", "example.doesnotexist", "", "U.S.A"] {
            assert_eq!(host(text), None, "{text:?}");
        }
    }
}
