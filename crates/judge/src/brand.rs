//! From an unknown name to the brand that it imitates: the brand's word in the name,
//! a word one slip away, letters of another script, another ending, a subdomain.
//!
//! The list is data (`data/brands.tsv`), which an organisation extends with a file
//! of the same form.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, MatchKind};
use belfry_indicator::{Domain, Suffixes};
use sha2::{Digest, Sha256};
use unicode_security::confusable_detection::skeleton;

/// Words shorter than this only count as a whole label or between hyphens.
const WORD_INSIDE: usize = 5;
/// Words shorter than this have too many neighbours one slip away.
const WORD_SLIP: usize = 6;

/// How a name imitates a brand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ImitationKind {
    /// It is not: this is the brand's own site.
    Own,
    /// The brand's word with another ending: `brand.top`.
    OtherEnding,
    /// The word within a longer label: `brand-login`.
    Combined,
    /// The word in a label before the registrable one: `brand.x.top`.
    Subdomain,
    /// One letter dropped, added, changed or swapped.
    Slip,
    /// Letters or digits that look like others.
    LookAlike,
    /// Only in the path.
    Path,
}

impl ImitationKind {
    /// In words, after "the name".
    pub fn words(self) -> &'static str {
        match self {
            ImitationKind::Own => "is the brand's own",
            ImitationKind::OtherEnding => "is the brand's word with another ending",
            ImitationKind::Combined => "holds the brand's word",
            ImitationKind::Subdomain => "has the brand's word as a subdomain",
            ImitationKind::Slip => "is one slip away from the brand's word",
            ImitationKind::LookAlike => "looks like the brand's word",
            ImitationKind::Path => "has the brand's word in its path",
        }
    }
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imitation<'a> {
    /// The brand's key in the list.
    pub brand: &'a str,
    /// How.
    pub kind: ImitationKind,
}

/// Why a list of brands is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BrandsError {
    /// A line has not three fields, or an unusable one.
    #[error("line {line} of the brands: {why}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
    /// Too many words for one automaton.
    #[error("the brands hold too many words: {0}")]
    Words(String),
}

/// Brands by word.
#[derive(Clone, Debug)]
pub struct Brands {
    keys: Vec<String>,
    own: HashMap<String, usize>,
    /// Word to brand.
    words: HashMap<String, usize>,
    /// A word less one letter, to the words it may have been.
    slips: HashMap<String, Vec<String>>,
    inside: AhoCorasick,
    /// The brand of each pattern of `inside`, in its order.
    patterns: Vec<usize>,
    version: String,
}

impl Brands {
    /// The list that is built in.
    ///
    /// # Panics
    /// Never: a test reads it.
    pub fn built_in() -> Self {
        Self::parse([include_str!("../data/brands.tsv")])
            .expect("the built-in brands are read by a test")
    }

    /// The built-in list and one of an organisation's own.
    ///
    /// # Errors
    /// A [`BrandsError`] that names the line.
    pub fn with(own: &str) -> Result<Self, BrandsError> {
        Self::parse([include_str!("../data/brands.tsv"), own])
    }

    /// Reads lists of `key TAB domains TAB words`; `#` begins a comment line, `-` is an
    /// empty list. A later list adds to an earlier one.
    ///
    /// # Errors
    /// A [`BrandsError`] that names the line.
    pub fn parse<'a>(lists: impl IntoIterator<Item = &'a str>) -> Result<Self, BrandsError> {
        let (mut keys, mut own, mut words) = (Vec::new(), HashMap::new(), HashMap::new());
        let mut digest = Sha256::new();
        let lines = lists.into_iter().flat_map(|list| list.lines().enumerate());
        for (at, line) in lines {
            digest.update(line);
            digest.update("\n");
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let fields: Vec<&str> = line.split('\t').map(str::trim).collect();
            let [key, domains, own_words] = fields[..] else {
                return Err(refused(at, "not three fields between tabs"));
            };
            let brand = keys.len();
            keys.push(key.to_owned());
            for domain in listed(domains) {
                let domain =
                    Domain::parse(domain).map_err(|e| refused(at, &format!("{domain}: {e}")))?;
                own.insert(domain.as_str().to_owned(), brand);
            }
            for word in listed(own_words) {
                words.entry(word.to_lowercase()).or_insert(brand);
            }
        }
        let digest = digest.finalize();
        let version = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { version, ..Self::index(keys, own, words)? })
    }

    /// Which list this is: the first octets of its digest.
    pub fn version(&self) -> &str {
        &self.version
    }

    fn index(
        keys: Vec<String>,
        own: HashMap<String, usize>,
        words: HashMap<String, usize>,
    ) -> Result<Self, BrandsError> {
        let mut slips: HashMap<String, Vec<String>> = HashMap::new();
        for word in words.keys().filter(|word| word.len() >= WORD_SLIP) {
            for less in less_one(word) {
                slips.entry(less).or_default().push(word.clone());
            }
        }
        for near in slips.values_mut() {
            near.sort();
        }
        let mut inside: Vec<_> =
            words.iter().filter(|(word, _)| word.len() >= WORD_INSIDE).collect();
        inside.sort();
        let patterns = inside.iter().map(|(_, brand)| **brand).collect();
        let inside = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(inside.iter().map(|(word, _)| word))
            .map_err(|error| BrandsError::Words(error.to_string()))?;
        Ok(Self { keys, own, words, slips, inside, patterns, version: String::new() })
    }

    /// The brand that `domain`, or else the lower-case `path`, imitates or belongs to.
    pub fn find(
        &self,
        domain: &Domain,
        path: &str,
        suffixes: &impl Suffixes,
    ) -> Option<Imitation<'_>> {
        let (suffix, _) = suffixes.suffix(domain);
        self.find_in(domain.as_str(), suffix.as_str(), path)
    }

    /// A brand's own domains, in order.
    pub fn domains(&self, key: &str) -> Vec<&str> {
        let own = self.own.iter().filter(|(_, brand)| self.keys[**brand] == key);
        let mut domains: Vec<&str> = own.map(|(domain, _)| domain.as_str()).collect();
        domains.sort_unstable();
        domains
    }

    /// The same for a name whose suffix is known.
    pub(crate) fn find_in(&self, name: &str, suffix: &str, path: &str) -> Option<Imitation<'_>> {
        let found = self.owner(name).map(|brand| (brand, ImitationKind::Own));
        let found = found.or_else(|| self.named(name, suffix));
        let found = found.or_else(|| self.whole(path).map(|brand| (brand, ImitationKind::Path)));
        found.map(|(brand, kind)| Imitation { brand: &self.keys[brand], kind })
    }

    /// The brand whose word stands as a whole word in a sender's lower-case name.
    pub(crate) fn claimed(&self, name: &str) -> Option<&str> {
        self.whole(name).map(|brand| self.keys[brand].as_str())
    }

    /// The brand whose word, too long to be another's, stands as a whole word in a
    /// lower-case text.
    pub(crate) fn told(&self, text: &str) -> Option<&str> {
        let words = text.split(|c: char| !c.is_alphanumeric());
        let mut long = words.filter(|word| word.len() >= WORD_INSIDE);
        long.find_map(|word| self.words.get(word)).map(|brand| self.keys[*brand].as_str())
    }

    fn owner(&self, name: &str) -> Option<usize> {
        let mut rest = name;
        loop {
            if let Some(brand) = self.own.get(rest) {
                return Some(*brand);
            }
            rest = rest.split_once('.')?.1;
        }
    }

    fn named(&self, name: &str, suffix: &str) -> Option<(usize, ImitationKind)> {
        let core = name.strip_suffix(suffix)?.strip_suffix('.')?;
        let (below, label) = core.rsplit_once('.').unwrap_or(("", core));
        if let Some(brand) = self.words.get(label) {
            return Some((*brand, ImitationKind::OtherEnding));
        }
        if let Some(brand) = self.within(label) {
            return Some((brand, ImitationKind::Combined));
        }
        if let Some(brand) = self.disguised(label) {
            return Some((brand, ImitationKind::LookAlike));
        }
        if let Some(brand) = below.split('.').find_map(|label| self.within(label)) {
            return Some((brand, ImitationKind::Subdomain));
        }
        let near = label.split('-').find_map(|word| self.slip(word));
        near.map(|brand| (brand, ImitationKind::Slip))
    }

    /// A brand's word in `label`, or as one of its hyphened parts.
    fn within(&self, label: &str) -> Option<usize> {
        self.whole(label).or_else(|| {
            let found = self.inside.find(label)?;
            self.patterns.get(found.pattern().as_usize()).copied()
        })
    }

    /// A brand's word as a whole word of `text`.
    fn whole(&self, text: &str) -> Option<usize> {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() > 1);
        words.filter_map(|word| self.words.get(word)).next().copied()
    }

    /// A brand's word in `label` once look-alikes are undone.
    fn disguised(&self, label: &str) -> Option<usize> {
        let plain = if label.starts_with("xn--") {
            let (shown, _) = idna::domain_to_unicode(label);
            skeleton(&shown).flat_map(char::to_lowercase).collect()
        } else if label.bytes().any(|byte| byte.is_ascii_digit())
            || label.contains("rn")
            || label.contains("vv")
        {
            label.to_owned()
        } else {
            return None;
        };
        let plain = undo_digits(&plain);
        if plain == label { None } else { self.within(&plain) }
    }

    /// The brand whose word is one slip away from `word`.
    fn slip(&self, word: &str) -> Option<usize> {
        if word.len() + 1 < WORD_SLIP || word.len() > 24 || !word.is_ascii() {
            return None;
        }
        // One letter added to the word, or changed, dropped or swapped in it.
        let longer = less_one(word)
            .find_map(|less| self.words.get(&less).filter(|_| less.len() >= WORD_SLIP));
        let near = || {
            let shorter = self.slips.get(word).into_iter().flatten();
            let changed = less_one(word).filter_map(|less| self.slips.get(&less)).flatten();
            shorter
                .chain(changed)
                .find(|known| is_one_slip(known, word))
                .and_then(|known| self.words.get(known))
        };
        longer.or_else(near).copied()
    }
}

fn refused(at: usize, why: &str) -> BrandsError {
    BrandsError::Line { line: at + 1, why: why.to_owned() }
}

fn listed(field: &str) -> impl Iterator<Item = &str> {
    field.split(',').map(str::trim).filter(|item| !item.is_empty() && *item != "-")
}

/// `word` less each of its letters in turn.
fn less_one(word: &str) -> impl Iterator<Item = String> + '_ {
    word.char_indices().map(|(at, c)| [&word[..at], &word[at + c.len_utf8()..]].concat())
}

/// Digits and pairs that pass for letters.
fn undo_digits(label: &str) -> String {
    let letters: String = label
        .chars()
        .map(|c| match c {
            '0' => 'o',
            '1' => 'l',
            '3' => 'e',
            '4' => 'a',
            '5' => 's',
            '7' => 't',
            '8' => 'b',
            other => other,
        })
        .collect();
    letters.replace("rn", "m").replace("vv", "w")
}

/// Whether two words of nearly the same length differ in one letter, or in two
/// neighbours that changed places.
fn is_one_slip(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (left, right) = (&a[same..], &b[same..]);
    let swapped = left.len() == right.len()
        && left.len() >= 2
        && left[0] == right[1]
        && left[1] == right[0]
        && left[2..] == right[2..];
    let tail = |x: &[u8], from: usize| x.get(from..).map(<[u8]>::to_vec);
    swapped
        || a != b
            && (tail(left, 1) == tail(right, 1)
                || tail(left, 1).as_deref() == Some(right)
                || tail(right, 1).as_deref() == Some(left))
}

#[cfg(test)]
mod tests {
    use belfry_indicator::EmbeddedSuffixes;

    use super::*;

    fn check(name: &str, path: &str, expect: Option<(&str, ImitationKind)>) {
        let brands = Brands::built_in();
        let domain = Domain::parse(name).unwrap();
        let found = brands.find(&domain, path, &EmbeddedSuffixes);
        assert_eq!(found.map(|found| (found.brand, found.kind)), expect, "{name}{path}");
    }

    #[test]
    fn each_way_of_imitating_is_seen() {
        use ImitationKind::{Combined, LookAlike, OtherEnding, Own, Path, Slip, Subdomain};
        check("www.belfius.be", "/login", Some(("belfius", Own)));
        check("belfius.top", "/", Some(("belfius", OtherEnding)));
        check("belfius-login.example", "/", Some(("belfius", Combined)));
        check("mijnkbc.example", "/", None);
        check("kbc-touch.example", "/", Some(("kbc", Combined)));
        check("itsme.update-id.example", "/", Some(("itsme", Subdomain)));
        check("belfiuss.example", "/", Some(("belfius", Combined)));
        check("belfus.example", "/", Some(("belfius", Slip)));
        check("beflius.example", "/", Some(("belfius", Slip)));
        check("be1fius.example", "/", Some(("belfius", LookAlike)));
        check("bеlfius.example", "/", Some(("belfius", LookAlike)));
        check("garden.example", "/netflix/login.php", Some(("netflix", Path)));
        check("garden.example", "/roses", None);
        check("vercel.app", "/", None);
    }

    #[test]
    fn a_list_of_ones_own_adds_brands_and_errors_name_the_line() {
        let brands = Brands::parse(["town\ttown.example\ttownhall\n"]).unwrap();
        let domain = Domain::parse("townhall-tax.example").unwrap();
        assert_eq!(brands.find(&domain, "", &EmbeddedSuffixes).map(|i| i.brand), Some("town"));
        let problem = Brands::parse(["# a comment\na\tb c\td"]).unwrap_err().to_string();
        assert!(problem.starts_with("line 2 of the brands: b c"), "{problem}");
        assert!(Brands::parse(["just one field"]).is_err());
    }

    #[test]
    fn one_slip_is_one() {
        for (a, b, expect) in [
            ("paypal", "paypla", true),
            ("paypal", "payapl", true),
            ("paypal", "pypal", true),
            ("paypal", "paypall", true),
            ("paypal", "peypal", true),
            ("paypal", "peypel", false),
            ("paypal", "paypal", false),
            ("", "", false),
        ] {
            assert_eq!(is_one_slip(a, b), expect, "{a} {b}");
        }
    }
}
