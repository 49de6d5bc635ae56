//! The features of a URL: its ending, its name, its path, and the brand it imitates.
//! The scheme and a leading `www.` are left out: they tell where an example was
//! collected more than what it is.

mod shape;

use belfry_indicator::{Host, Suffixes, Url};

use crate::brand::{Brands, Imitation, ImitationKind};
use crate::feature::{Family, Features};
use crate::popular::Popular;

/// Octets of a path and query that are looked at.
const PATH_MAX: usize = 200;
/// Words that are taken of a name, and of a path.
const NAME_WORDS: usize = 12;
const PATH_WORDS: usize = 30;

/// Spaces of the hash, one for each kind of feature.
pub(crate) mod space {
    pub(crate) const SUFFIX: u8 = 1;
    pub(crate) const LAST_LABEL: u8 = 2;
    pub(crate) const NAME_GRAM: u8 = 3;
    pub(crate) const NAME_WORD: u8 = 4;
    pub(crate) const PATH_GRAM: u8 = 5;
    pub(crate) const PATH_WORD: u8 = 6;
    pub(crate) const SHAPE: u8 = 7;
    pub(crate) const FORM: u8 = 8;
    pub(crate) const BRAND: u8 = 9;
    pub(crate) const HYPHENED: u8 = 10;
    pub(crate) const PATTERN: u8 = 11;
    pub(crate) const FIRST_LABEL: u8 = 12;
    pub(crate) const FIRST_SEGMENT: u8 = 13;
    pub(crate) const KNOWN: u8 = 14;
}

/// The lists of names that features are looked up in.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// Brands that are imitated.
    pub brands: &'a Brands,
    /// Sites that many use.
    pub popular: &'a Popular,
}

/// The parts of a URL that features are made of.
pub(crate) struct Parts<'a> {
    /// The public suffix.
    pub(crate) suffix: String,
    /// The name before it, without a leading `www.`.
    pub(crate) core: &'a str,
    /// The registrable label, last of the core.
    pub(crate) label: &'a str,
    /// Path and query without the first slash, in lower case.
    pub(crate) path: String,
    /// The brand in it.
    pub(crate) brand: Option<Imitation<'a>>,
    /// Whether many use the registrable domain.
    pub(crate) known: bool,
}

impl<'a> Parts<'a> {
    pub(crate) fn new(url: &'a Url, suffixes: &impl Suffixes, names: Names<'a>) -> Self {
        let path = path(url);
        let Host::Domain(domain) = url.host() else {
            return Self {
                suffix: String::new(),
                core: "",
                label: "",
                path,
                brand: None,
                known: false,
            };
        };
        let suffix = suffixes.suffix(domain).0.as_str().to_owned();
        let name = domain.as_str();
        let brand = names.brands.find_in(name, &suffix, &path);
        let core = name.strip_suffix(suffix.as_str()).and_then(|core| core.strip_suffix('.'));
        let core = core.unwrap_or(name);
        let core = core.strip_prefix("www.").unwrap_or(core);
        let label = core.rsplit_once('.').map_or(core, |(_, label)| label);
        let known = names.popular.holds(&[label, ".", &suffix].concat());
        Self { suffix, core, label, path, brand, known }
    }
}

fn path(url: &Url) -> String {
    let text = url.as_str();
    let start = text.find("://").map_or(0, |at| at + 3);
    let rest = &text[start..];
    let path = rest.find(['/', '?']).map_or("", |at| &rest[at + 1..]);
    let path = path.split('#').next().unwrap_or_default();
    unescaped(&path[..path.floor_char_boundary(PATH_MAX)].to_ascii_lowercase())
}

/// Escapes as one sign each, and a run of those that are not ASCII as one: what is written
/// in another script is no noise.
fn unescaped(path: &str) -> String {
    let mut plain = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('%') {
        plain.push_str(before);
        let escape = after.get(..2).filter(|two| two.bytes().all(|b| b.is_ascii_hexdigit()));
        let sign = if escape >= Some("8") { '~' } else { '%' };
        if sign == '%' || !plain.ends_with('~') {
            plain.push(sign);
        }
        rest = &after[escape.map_or(0, str::len)..];
    }
    plain.push_str(rest);
    plain
}

/// The features of `url`.
pub fn url_features(url: &Url, suffixes: &impl Suffixes, names: Names<'_>) -> Features {
    features(&Parts::new(url, suffixes, names))
}

pub(crate) fn features(parts: &Parts<'_>) -> Features {
    let mut features = Features::default();
    ending(&mut features, &parts.suffix);
    name(&mut features, parts.core, parts.label);
    if !parts.path.is_empty() {
        let start = features.hold("/");
        features.hold(&parts.path);
        let span = [start, features.text.len()];
        features.grams(Family::Path, space::PATH_GRAM, span, [3, 5]);
        features.runs(Family::Path, space::PATH_WORD, span, PATH_WORDS);
    }
    shape::shape(&mut features, parts);
    shape::form(&mut features, parts);
    shape::crosses(&mut features, parts);
    brand(&mut features, parts);
    known(&mut features, parts);
    features
}

/// Whether many use the name, alone and with what makes the difference.
fn known(features: &mut Features, parts: &Parts<'_>) {
    let known = u8::from(parts.known);
    let mut add = |kind: u8, value: &[u8]| {
        features.fact(Family::Known, space::KNOWN, &[&[kind, known], value].concat());
    };
    add(1, &[]);
    add(2, &[u8::from(parts.path.is_empty())]);
    add(3, parts.suffix.as_bytes());
    add(4, &[u8::from(parts.core != parts.label)]);
}

fn ending(features: &mut Features, suffix: &str) {
    let start = features.hold(suffix);
    let end = features.text.len();
    let last = suffix.rfind('.').map_or(start, |at| start + at + 1);
    features.piece(Family::Ending, space::SUFFIX, start, end);
    features.piece(Family::Ending, space::LAST_LABEL, last, end);
}

fn name(features: &mut Features, core: &str, label: &str) {
    let start = features.hold("^");
    features.hold(core);
    features.hold("$");
    let end = features.text.len();
    features.grams(Family::Name, space::NAME_GRAM, [start, end], [3, 5]);
    features.runs(Family::Name, space::NAME_WORD, [start + 1, end - 1], NAME_WORDS);
    let mut at = end - 1 - label.len();
    if label.contains('-') {
        for word in label.split('-') {
            features.piece(Family::Name, space::HYPHENED, at, at + word.len());
            at += word.len() + 1;
        }
    }
}

fn brand(features: &mut Features, parts: &Parts<'_>) {
    let Some(found) = &parts.brand else { return };
    let kind = [found.kind as u8];
    features.fact(Family::Brand, space::BRAND, &kind);
    if found.kind != ImitationKind::Own {
        features.fact(Family::Brand, space::BRAND, b"any");
        let ending = [&kind, parts.suffix.as_bytes()].concat();
        features.fact(Family::Brand, space::BRAND, &ending);
        features.fact(Family::Brand, space::BRAND, found.brand.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use belfry_indicator::EmbeddedSuffixes;

    use super::*;

    fn none() -> Popular {
        Popular::of([])
    }

    fn features_of(url: &str, popular: &Popular) -> Features {
        let brands = Brands::built_in();
        let names = Names { brands: &brands, popular };
        url_features(&Url::parse(url).unwrap(), &EmbeddedSuffixes, names)
    }

    fn parts(url: &str) -> (String, String, String, String) {
        let (url, brands, popular) = (Url::parse(url).unwrap(), Brands::built_in(), none());
        let names = Names { brands: &brands, popular: &popular };
        let parts = Parts::new(&url, &EmbeddedSuffixes, names);
        (parts.suffix.clone(), parts.core.into(), parts.label.into(), parts.path.clone())
    }

    #[test]
    fn a_url_falls_into_its_parts() {
        let check = |url, [suffix, core, label, path]: [&str; 4]| {
            assert_eq!(
                parts(url),
                (suffix.into(), core.into(), label.into(), path.into()),
                "{url}"
            );
        };
        check("https://www.a.Shop.be/In?x=1#y", ["be", "a.shop", "shop", "in?x=1"]);
        check("http://x.vercel.app", ["vercel.app", "x", "x", ""]);
        check("http://192.0.2.1/login", ["", "", "", "login"]);
        check("http://vercel.app/", ["vercel.app", "vercel.app", "app", ""]);
    }

    #[test]
    fn scheme_and_www_make_no_difference() {
        let of = |url: &str| features_of(url, &none());
        assert_eq!(of("http://shop.example/a"), of("https://www.shop.example/a"));
        assert_ne!(of("http://shop.example/a"), of("http://shop.example/b"));
    }

    #[test]
    fn a_long_url_has_a_bound_number_of_features() {
        let url = format!("https://a.example/{}", "x".repeat(8_000));
        assert!(features_of(&url, &none()).slots().len() < 2_000);
    }

    #[test]
    fn a_name_that_many_use_is_known_by_its_registrable_domain() {
        let popular = Popular::of(["shop.example"]);
        let plain = |url: &str| features_of(url, &popular) == features_of(url, &none());
        assert!(!plain("https://www.shop.example/a") && !plain("https://a.b.shop.example/"));
        assert!(plain("https://shop.example.test/") && plain("https://other.example/"));
    }

    #[test]
    fn escapes_are_one_sign_each_and_other_scripts_one_run() {
        for (path, expect) in [
            ("a%20b", "a%b"),
            ("news/%d8%b4%d8%b5-1%d9%84", "news/~-1~"),
            ("100%", "100%"),
            ("%zz%4", "%zz%4"),
            ("%é", "%é"),
        ] {
            assert_eq!(unescaped(path), expect, "{path}");
        }
    }
}
