//! By what the cases of one hand are known: nearly the same text, the same structure of
//! the landing page's URL, the same sender, the same redirector, the same account.
//!
//! A text is kept as the hashes of its words ([`Print`]), never as words. Whether two cases
//! belong together is a sum like a score: each tie has a name and a weight.

mod page;

use std::collections::HashSet;

use belfry_indicator::{Domain, EmbeddedSuffixes, Suffixes};
use belfry_likeness::Print;
use belfry_reading::{Link, Observed, Reading};

use crate::brand::{Brands, ImitationKind};
use crate::hash::slot;
use crate::judge::Judge;
use crate::popular::Popular;

/// Hashes by which a text is looked for: of what it says, and of its runs of words.
const KEYS: usize = 12;
const RUNS: usize = 12;
/// Words of a text that are looked at for what two share, and the fewest that are worth a
/// print.
const WORDS_MAX: usize = 400;
const WORDS_MIN: usize = 5;
/// From this likeness on two texts are one, and from this on there is something to it.
const ALIKE: f32 = 0.7;
const AKIN: f32 = 0.5;
/// A run of words in common says something only of texts that are as like as this.
const RUN_LIKENESS: f32 = 0.3;
/// Below this, two texts of so many words are two baits: one mailer or tracker serves many.
const UNLIKE: f32 = 0.4;
const UNLIKE_WORDS: usize = 8;
/// What is left of a shared mark then.
const UNLIKE_PART: f64 = 0.2;
/// What a run of words in common weighs: everybody writes some phrases.
const RUN: f64 = 0.5;
/// Ties of one case.
const MARKS_MAX: usize = 56;
const VALUE: u8 = 212;
/// Ties that weigh so much together make two cases one campaign.
pub const TOGETHER: f64 = 1.0;

/// One thing by which a case can be tied to others.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// `band`, `landing`, `path`, `sender`, `redirector`, `account` or `domain`; of a page
    /// `form` or `drop`.
    pub kind: &'static str,
    /// The same for all cases that share it.
    pub value: u64,
    /// It in words, defanged.
    pub shown: String,
    /// What sharing it weighs; a band of a text only says where to compare.
    pub weight: f64,
}

/// All of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Marks {
    /// The ties.
    pub marks: Vec<Mark>,
    /// The text's print; empty for a text of few words.
    pub sketch: Vec<u8>,
    /// The brand that is abused, by its key in the list.
    pub brand: Option<String>,
}

impl Judge {
    /// The marks of a case that `links` of `reading` led to; without any, of the message.
    pub fn marks(&self, reading: &Reading, links: &[&Link]) -> Marks {
        marks(reading, links, self.brands(), self.popular())
    }
}

fn marks(reading: &Reading, links: &[&Link], brands: &Brands, popular: &Popular) -> Marks {
    let mut found = Marks { brand: brand(reading, links, brands), ..Marks::default() };
    let print = Print::of(&reading.text);
    if print.len() >= WORDS_MIN {
        for key in print.keys().iter().take(KEYS) {
            found.add("band", &key.to_le_bytes(), String::new(), 0.0);
        }
        for run in print.runs().iter().take(RUNS) {
            found.add("band", &[&b"run"[..], &run.to_le_bytes()].concat(), String::new(), 0.0);
        }
        found.sketch = print.to_bytes();
    }
    for link in links {
        found.landing(link);
        for through in link.through.iter().filter(|through| through.by.is_none()) {
            let page = through.url.page();
            found.add("redirector", page.as_str().as_bytes(), defanged(page.as_str()), 1.0);
        }
        if let Some(domain) = link.registrable.as_ref().filter(|name| !popular.holds(name)) {
            found.add("domain", domain.as_bytes(), defanged(domain), 0.6);
        }
    }
    found.sender(reading);
    for observable in &reading.observables {
        if let what @ (Observed::Iban(_) | Observed::Wallet(_)) = &observable.what {
            found.add("account", what.text().as_bytes(), what.name().to_owned(), 1.0);
        }
    }
    found.marks.truncate(MARKS_MAX);
    found
}

impl Marks {
    fn add(&mut self, kind: &'static str, value: &[u8], shown: String, weight: f64) {
        let value = [kind.as_bytes(), b":", value].concat();
        let [high, low] = [VALUE, VALUE + 1].map(|space| u64::from(slot(space, &value)));
        let value = high << 32 | low;
        if !self.marks.iter().any(|mark| mark.value == value) {
            self.marks.push(Mark { kind, value, shown, weight });
        }
    }

    /// The structure of the landing page: a kit keeps its folders from host to host.
    fn landing(&mut self, link: &Link) {
        let structure = structure(link.url.as_str());
        let telling = telling(&structure);
        if telling >= 14 {
            self.add("landing", structure.as_bytes(), defanged(&structure), 1.0);
        } else if telling >= 5 {
            self.add("path", structure.as_bytes(), defanged(&structure), 0.5);
        }
    }

    fn sender(&mut self, reading: &Reading) {
        if let Some(sender) = &reading.summary.sms_sender {
            self.add("sender", sender.as_bytes(), "the sender of the SMS".to_owned(), 0.5);
        }
        if let Some(sending) = &reading.origin.sending {
            let ip = sending.ip.to_string();
            self.add("sender", ip.as_bytes(), format!("sent from {}", defanged(&ip)), 0.6);
        }
        let from = reading.summary.from.as_ref().and_then(|from| from.address.as_deref());
        let domain = from.and_then(|from| from.rsplit_once('@')).map(|(_, domain)| domain);
        let domain = domain.and_then(|domain| Domain::parse(domain).ok());
        let owned = domain.as_ref().and_then(|domain| EmbeddedSuffixes.registrable(domain));
        if let Some(owned) = owned {
            let name = owned.as_str();
            self.add("sender", name.as_bytes(), format!("written from {}", defanged(name)), 0.5);
        }
    }
}

/// What two texts have in common, by their prints.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TextTie {
    /// What it weighs as a tie.
    pub weight: f64,
    /// How like they are: 0 to 1.
    pub likeness: f32,
    /// Whether they share six words in a row that mean something.
    pub run: bool,
    /// Whether they are so unlike that what else is shared says less.
    pub unlike: bool,
}

impl TextTie {
    /// It in words.
    pub fn words(&self) -> String {
        let percent = self.likeness * 100.0;
        let run = if self.run { ", six words in a row among them" } else { "" };
        format!("their texts have {percent:.0} % of what they say in common{run}")
    }
}

/// What two prints say of their texts; nothing where one is none.
pub fn text_tie(one: &[u8], other: &[u8]) -> TextTie {
    let prints = (Print::from_bytes(one), Print::from_bytes(other));
    let (Some(one), Some(other)) = prints else { return TextTie::default() };
    let likeness = one.likeness(&other).score;
    let (runs, others) = (one.runs(), other.runs());
    let run = runs.iter().any(|run| others.binary_search(run).is_ok());
    let by_run = if run && likeness >= RUN_LIKENESS { RUN } else { 0.0 };
    let by_likeness = if likeness >= ALIKE {
        1.0
    } else if likeness >= AKIN {
        0.5
    } else {
        0.0
    };
    let long = one.len().min(other.len()) >= UNLIKE_WORDS;
    let unlike = long && likeness < UNLIKE;
    TextTie { weight: f64::max(by_run, by_likeness), likeness, run, unlike }
}

/// What is left of the weight of a shared mark between texts that are unlike: all of an
/// account's, a redirector's or a page's own, whose owner is one whatever is written around it; little of
/// a sender's, a domain's or a structure's.
pub fn part_if_unlike(kind: &str) -> f64 {
    let one_hand = matches!(kind, "account" | "redirector" | "form" | "drop");
    if one_hand { 1.0 } else { UNLIKE_PART }
}

/// What two cases have in common weighs: the marks that they share, by kind and weight, and
/// their texts.
pub fn tie<'a>(shared: impl Iterator<Item = (&'a str, f64)>, text: &TextTie) -> f64 {
    let part = |kind| if text.unlike { part_if_unlike(kind) } else { 1.0 };
    shared.map(|(kind, weight)| weight * part(kind)).sum::<f64>() + text.weight
}

/// The longest runs of words that two texts share, as they stand in the first.
pub fn shared_words(one: &str, other: &str, most: usize) -> Vec<String> {
    let (one, other) = (words(one), words(other));
    let pairs: HashSet<[&str; 2]> =
        other.windows(2).map(|pair| [pair[0].as_str(), pair[1].as_str()]).collect();
    let mut runs: Vec<&[String]> = Vec::new();
    let mut start = 0;
    for at in 1..=one.len() {
        let goes_on = at < one.len() && pairs.contains(&[one[at - 1].as_str(), one[at].as_str()]);
        if !goes_on {
            if at - start >= 2 {
                runs.push(&one[start..at]);
            }
            start = at;
        }
    }
    runs.sort_by_key(|run| std::cmp::Reverse(run.len()));
    runs.iter().take(most).map(|run| run.join(" ")).collect()
}

/// Words in lower case without signs; numbers are one word, links none.
fn words(text: &str) -> Vec<String> {
    let tokens = text.split_whitespace().filter(|token| !token.contains("://"));
    let words = tokens.flat_map(|token| token.split(|c: char| !c.is_alphanumeric()));
    words
        .filter(|word| !word.is_empty())
        .take(WORDS_MAX)
        .map(|word| {
            let number = word.chars().all(|c| c.is_numeric() || c == 'X' || c == 'x');
            if number { "0".to_owned() } else { word.to_lowercase() }
        })
        .collect()
}

/// Path and names of the query, digits as `0`, long tokens as `*`.
fn structure(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.find(['/', '?']).map_or("", |at| &rest[at..]);
    let path = path.split('#').next().unwrap_or_default();
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let segments: Vec<String> = path.split('/').map(segment).collect();
    let mut names: Vec<&str> =
        query.split('&').filter_map(|field| field.split('=').next()).collect();
    names.retain(|name| !name.is_empty() && name.len() <= 20);
    let query = if names.is_empty() { String::new() } else { format!("?{}", names.join("&")) };
    let whole = format!("{}{query}", segments.join("/")).to_lowercase();
    whole[..whole.floor_char_boundary(200)].to_owned()
}

fn segment(text: &str) -> String {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let random = text.len() >= 8 && digits * 4 >= text.len() || text.len() >= 24;
    if random && !text.contains('-') {
        return "*".to_owned();
    }
    text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect()
}

/// How much a structure tells: its letters, but for what every site has.
fn telling(structure: &str) -> usize {
    const COMMON: [&str; 22] = [
        "index", "html", "htm", "php", "home", "login", "wp", "content", "admin", "includes",
        "plugins", "uploads", "themes", "www", "en", "nl", "fr", "de", "id", "signin", "app",
        "public",
    ];
    let words = structure.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| !COMMON.contains(word)).map(str::len).sum()
}

fn defanged(text: &str) -> String {
    text.replacen("http", "hxxp", 1).replace('.', "[.]")
}

/// The brand that the links imitate, or else the sender's name, or the text, names.
fn brand(reading: &Reading, links: &[&Link], brands: &Brands) -> Option<String> {
    let imitated = links.iter().find_map(|link| {
        let domain = Domain::parse(&link.host).ok()?;
        let found = brands.find(&domain, "", &EmbeddedSuffixes)?;
        (found.kind != ImitationKind::Own).then(|| found.brand.to_owned())
    });
    let name = reading.summary.from.as_ref().and_then(|from| from.name.as_deref());
    let named = || brands.claimed(&name?.to_lowercase()).map(str::to_owned);
    let told = || {
        let text = &reading.text[..reading.text.floor_char_boundary(2_000)];
        brands.told(&text.to_lowercase()).map(str::to_owned)
    };
    imitated.or_else(named).or_else(told)
}

#[cfg(test)]
mod tests {
    use belfry_reading::{Limits, read_sms};

    use super::*;

    fn of(text: &str) -> Marks {
        let reading = read_sms(text.as_bytes(), &EmbeddedSuffixes, &Limits::default());
        let links: Vec<&Link> = reading.links.iter().collect();
        marks(&reading, &links, &Brands::built_in(), &Popular::of([]))
    }

    fn kinds(marks: &Marks) -> Vec<&str> {
        let named = marks.marks.iter().map(|mark| mark.kind);
        named.filter(|kind| *kind != "band").collect()
    }

    const ONE: &str =
        "Bpost: uw pakket 3423 kan niet bezorgd worden. Betaal 1,99 euro: https://a.example/x";
    const SAME: &str =
        "BPOST uw pakket 77 kan niet bezorgd worden! Betaal 2,99 euro https://b.example/y";
    const OTHER: &str = "Hoi, ik ben wat later vanavond, zet jij het eten al op? Groetjes";

    #[test]
    fn mutations_of_a_text_are_alike_and_others_are_not() {
        let (one, same, other) = (of(ONE), of(SAME), of(OTHER));
        let tie = text_tie(&one.sketch, &same.sketch);
        assert!(tie.weight == 1.0 && tie.words().starts_with("their texts have 100 %"), "{tie:?}");
        let run = "Belfius heeft ongewone aanmeldingen vastgesteld bij digipass";
        let [a, b] = [format!("{run} van vandaag: bel ons terug"), format!("Geachte klant, {run}")];
        let tie = text_tie(&of(&a).sketch, &of(&b).sketch);
        assert!(tie.run && tie.weight >= RUN && tie.words().ends_with("among them"), "{tie:?}");
        assert_eq!(text_tie(&one.sketch, &other.sketch).weight, 0.0);
        let bands = |marks: &Marks| -> HashSet<u64> {
            marks.marks.iter().filter(|mark| mark.kind == "band").map(|mark| mark.value).collect()
        };
        assert!(!bands(&one).is_disjoint(&bands(&same)));
        assert!(bands(&one).is_disjoint(&bands(&other)));
        assert_eq!(one.brand.as_deref(), Some("bpost"));
        assert!(of("too short").sketch.is_empty());
        assert_eq!(text_tie(&[], &one.sketch), TextTie::default());
        assert_eq!(text_tie(&[7; 192], &one.sketch), TextTie::default());
    }

    #[test]
    fn what_one_mailer_sends_is_one_campaign_only_where_the_texts_agree() {
        const BANK: &str = "Uw rekening is beperkt wegens een ongewone aanmelding, bevestig ze";
        let [parcel, again, bank] = [ONE, SAME, BANK].map(|text| of(text).sketch);
        let mailer = [("sender", 0.6), ("domain", 0.6), ("band", 0.0)];
        let weight = |shared: &[(&str, f64)], text| tie(shared.iter().copied(), &text);
        let apart = text_tie(&parcel, &bank);
        assert!(apart.unlike && weight(&mailer, apart) < 0.3, "{apart:?}");
        assert!(!text_tie(&parcel, &again).unlike);
        assert!(weight(&mailer, text_tie(&parcel, &again)) > 2.0);
        // Without a text nothing speaks against.
        assert!(weight(&mailer, text_tie(&parcel, &[])) > TOGETHER);
        for kind in ["account", "redirector"] {
            assert!(weight(&[(kind, 1.0)], apart) >= TOGETHER, "{kind}");
        }
        assert!(weight(&[("landing", 1.0)], apart) < TOGETHER);
    }

    #[test]
    fn what_two_texts_share_is_shown_in_words() {
        let shared = shared_words(ONE, SAME, 2);
        assert_eq!(shared, ["bpost uw pakket 0 kan niet bezorgd worden betaal 0 0 euro"]);
        assert!(shared_words(ONE, OTHER, 2).is_empty() && shared_words("", "", 2).is_empty());
    }

    #[test]
    fn a_structure_has_no_victim_and_no_number() {
        for (url, expect) in [
            (
                "https://a.example/be/kbc24/step2.php?id=an@x.example&tok=9",
                "/be/kbc00/step0.php?id&tok",
            ),
            ("https://a.example/9xJJFfbO3MoV57/in", "/*/in"),
            ("https://a.example", ""),
            ("https://a.example/wp-content/index.php", "/wp-content/index.php"),
        ] {
            assert_eq!(structure(url), expect, "{url}");
        }
        assert!(telling("/wp-content/uploads/index.php") < 5);
        assert!(telling("/be/kbc00/secure/step0.php?id&tok") >= 14);
    }

    #[test]
    fn landing_domain_and_account_are_marks_and_never_clickable() {
        let marks =
            of("Pay to BE68 5390 0754 7034 or https://x.evil.example/be/kbc/secure/step2.php");
        assert_eq!(kinds(&marks), ["landing", "domain", "account"]);
        assert!(marks.marks.iter().all(|mark| !mark.shown.contains("evil.example")));
        assert!(marks.marks.iter().all(|mark| !mark.shown.contains("5390")), "{marks:?}");
        assert!(kinds(&of("See https://x.evil.example/")).contains(&"domain"));
    }
}
