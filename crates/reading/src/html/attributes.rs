//! The attributes of one start tag that matter to reading. The first of two with
//! one name counts, as in a browser.

use super::entities;

/// Attributes that are kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    Href,
    Src,
    Srcset,
    Action,
    FormAction,
    Background,
    Poster,
    Data,
    Alt,
    Title,
    Value,
    Content,
    HttpEquiv,
    Style,
    Class,
    Type,
    Rel,
    BgColor,
    ColSpan,
    OnClick,
    SrcDoc,
}

const NAMES: [(&str, Name); 24] = [
    ("href", Name::Href),
    ("xlink:href", Name::Href),
    ("src", Name::Src),
    ("srcset", Name::Srcset),
    ("action", Name::Action),
    ("action-xhr", Name::Action),
    ("formaction", Name::FormAction),
    ("background", Name::Background),
    ("poster", Name::Poster),
    ("data", Name::Data),
    ("alt", Name::Alt),
    ("title", Name::Title),
    ("aria-label", Name::Title),
    ("value", Name::Value),
    ("content", Name::Content),
    ("http-equiv", Name::HttpEquiv),
    ("style", Name::Style),
    ("class", Name::Class),
    ("type", Name::Type),
    ("rel", Name::Rel),
    ("bgcolor", Name::BgColor),
    ("colspan", Name::ColSpan),
    ("onclick", Name::OnClick),
    ("srcdoc", Name::SrcDoc),
];

/// The attributes of the tag being read.
#[derive(Default)]
pub(crate) struct Attributes {
    held: Vec<(Name, String)>,
    current: Option<Name>,
}

impl Attributes {
    pub(crate) fn clear(&mut self) {
        self.held.clear();
        self.current = None;
    }

    /// An attribute begins.
    pub(crate) fn name(&mut self, name: &str) {
        let known = NAMES.iter().find(|(known, _)| name.eq_ignore_ascii_case(known));
        self.current = known.map(|(_, name)| *name).filter(|name| self.get(*name).is_none());
        if let Some(name) = self.current {
            self.held.push((name, String::new()));
        }
    }

    /// Its value, as it stands in the source.
    pub(crate) fn value(&mut self, value: &str) {
        if self.current.take().is_some()
            && let Some((_, held)) = self.held.last_mut()
        {
            *held = entities::decode(value, true).replace('\0', "\u{fffd}");
        }
    }

    pub(crate) fn get(&self, name: Name) -> Option<&str> {
        self.held.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_str())
    }

    /// Whether the element is drawn as a button, as far as its own tag tells.
    pub(crate) fn is_button(&self) -> bool {
        let class = self.get(Name::Class).unwrap_or_default().to_ascii_lowercase();
        let style = self.get(Name::Style).unwrap_or_default().to_ascii_lowercase();
        ["btn", "button", "cta"].iter().any(|word| class.contains(word))
            || (style.contains("background") && style.contains("padding"))
            || (style.contains("display") && style.contains("block") && style.contains("padding"))
    }
}

/// The URL of `<meta http-equiv=refresh content="0; url=…">`.
pub(crate) fn refresh_url(content: &str) -> Option<&str> {
    let (_, rest) = content.split_once([';', ','])?;
    let rest = rest.trim_start();
    let url = match rest.get(..3) {
        Some(url) if url.eq_ignore_ascii_case("url") => {
            rest[3..].trim_start().strip_prefix('=').unwrap_or(rest).trim_start()
        }
        _ => rest,
    };
    let url = match url.chars().next() {
        Some(quote @ ('"' | '\'')) => url[1..].split(quote).next().unwrap_or_default(),
        _ => url,
    };
    Some(url.trim()).filter(|url| !url.is_empty())
}

/// The first URL of each candidate in a `srcset`.
pub(crate) fn srcset_urls(value: &str) -> impl Iterator<Item = &str> {
    value.split(", ").filter_map(|candidate| candidate.split_whitespace().next())
}

/// The `url(…)` values of a style sheet or attribute.
pub(crate) fn css_urls(css: &str) -> impl Iterator<Item = &str> {
    let mut rest = css;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once("url(")?;
        let (url, tail) = after.split_once(')')?;
        rest = tail;
        Some(url.trim().trim_matches(['"', '\'']))
    })
}

/// The `@import "…"` values of a style sheet; `@import url(…)` is a `url(…)`.
pub(crate) fn css_imports(css: &str) -> impl Iterator<Item = &str> {
    css.split("@import").skip(1).filter_map(|rest| {
        let rest = rest.trim_start();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        rest[1..].split(quote).next()
    })
}

#[cfg(test)]
mod tests {
    use super::{Attributes, Name, css_imports, css_urls, refresh_url, srcset_urls};

    #[test]
    fn the_first_of_two_attributes_counts() {
        let mut attributes = Attributes::default();
        for value in ["a", "b"] {
            attributes.name("HREF");
            attributes.value(value);
        }
        attributes.name("onclick");
        attributes.value("c");
        assert_eq!(attributes.get(Name::Href), Some("a"));
    }

    #[test]
    fn refresh_is_read_as_browsers_do() {
        for (content, expect) in [
            ("0;url=https://a.example/", Some("https://a.example/")),
            ("5; URL = 'https://a.example/x y'", Some("https://a.example/x y")),
            ("0,https://a.example/", Some("https://a.example/")),
            ("0;\"https://a.example/\"", Some("https://a.example/")),
            ("30", None),
            ("0;url=", None),
        ] {
            assert_eq!(refresh_url(content), expect, "{content:?}");
        }
    }

    #[test]
    fn style_and_srcset_name_their_urls() {
        let css = "a{background:url('https://a.example/1')} b{c:url( //b.example/2 )} url(";
        assert_eq!(css_urls(css).collect::<Vec<_>>(), ["https://a.example/1", "//b.example/2"]);
        let css = "@import 'https://a.example/x.css'; @import url(y); @import";
        assert_eq!(css_imports(css).collect::<Vec<_>>(), ["https://a.example/x.css"]);
        let set = "https://a.example/1,2.png 1x, https://a.example/3 2x";
        assert_eq!(
            srcset_urls(set).collect::<Vec<_>>(),
            ["https://a.example/1,2.png", "https://a.example/3"]
        );
    }
}
