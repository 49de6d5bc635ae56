//! What an analyst sees in a mail, each as a named fact. Nothing here hangs on how an archive
//! was collected: no header but the sender, no date, no program's name.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use belfry_indicator::{Domain, Suffixes};
use belfry_reading::{Link, LinkKind, Reading, Role};

use crate::assessment::Assessment;
use crate::brand::{Brands, ImitationKind};
use crate::popular::Popular;

/// Log-odds of a link or of words count up to here.
const ODDS_MOST: f64 = 6.0;
/// Octets of a text in which asks and brands are looked for.
const TEXT_MAX: usize = 6_000;

/// One fact.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// Its name in the table of weights.
    pub name: &'static str,
    /// How much of it there is; 1 for one that is there or not.
    pub value: f64,
    /// It in words, defanged.
    pub why: String,
}

/// What facts are looked up in.
pub(crate) struct Known<'a, S> {
    pub(crate) brands: &'a Brands,
    pub(crate) popular: &'a Popular,
    pub(crate) suffixes: &'a S,
}

/// The names of all facts, in the order of the table.
pub const FACTS: [&str; 13] = [
    "base",
    "link",
    "no-link",
    "disguise",
    "words",
    "claimed",
    "brand",
    "elsewhere",
    "form",
    "threat",
    "demand",
    "secret",
    "gain",
];

/// The facts of a mail; `words` is what a model of texts says of its words.
pub(crate) fn facts(
    reading: &Reading,
    worst: Option<(&Link, &Assessment)>,
    words: f64,
    known: &Known<'_, impl Suffixes>,
) -> Vec<Fact> {
    let mut facts = vec![fact("base", 1.0, "where every mail begins".to_owned())];
    match worst {
        Some((link, judged)) => facts.push(by_link(link, judged)),
        None => facts.push(fact("no-link", 1.0, "it calls to no page".to_owned())),
    }
    facts.extend(message(reading, worst.map(|(link, _)| link), words, known));
    facts
}

fn by_link(link: &Link, judged: &Assessment) -> Fact {
    let odds = judged.log_odds();
    let strongest = judged.reasons.iter().find(|reason| reason.weight * odds > 0.0);
    let why = strongest.map_or("by its whole", |reason| &reason.why);
    let host = link.host.replace('.', "[.]");
    let odds = odds.clamp(-ODDS_MOST, ODDS_MOST);
    fact("link", odds, format!("its link to {host}: {why}"))
}

/// What the message says beside the link that is judged.
pub(crate) fn message(
    reading: &Reading,
    link: Option<&Link>,
    words: f64,
    known: &Known<'_, impl Suffixes>,
) -> Vec<Fact> {
    let why = "its words, as messages of both kinds use them".to_owned();
    let mut facts = vec![fact("words", words.clamp(-ODDS_MOST, ODDS_MOST), why)];
    if link.is_some_and(|link| link.text_disagrees) {
        let why = "a link's text names another host than it goes to".to_owned();
        facts.push(fact("disguise", 1.0, why));
    }
    let sender = Sender::of(reading, known.suffixes);
    let claimed = claimed(&sender, known);
    if claimed.is_none() {
        facts.extend(foreign_brand(reading, &sender, known));
    }
    facts.extend(claimed);
    if let (Some(from), Some(link)) = (&sender.owner, link)
        && let Some(to) = link.registrable.as_ref().filter(|to| !known.popular.holds(to))
        && to.as_str() != from.as_str()
    {
        let (from, to) = (from.defanged(), to.replace('.', "[.]"));
        let why = format!("it is written from {from} and leads to {to}, which few use");
        facts.push(fact("elsewhere", 1.0, why));
    }
    if reading.links.iter().any(|link| link.kind == LinkKind::Form) {
        facts.push(fact("form", 1.0, "it has a form to fill in".to_owned()));
    }
    facts.extend(asks(&text_of(reading)));
    facts
}

struct Sender {
    /// Its name in lower case.
    name: String,
    domain: Option<Domain>,
    owner: Option<Domain>,
}

impl Sender {
    fn of(reading: &Reading, suffixes: &impl Suffixes) -> Self {
        let from = reading.summary.from.as_ref();
        let name = from.and_then(|from| from.name.as_deref()).unwrap_or_default().to_lowercase();
        let address = from.and_then(|from| from.address.as_deref());
        let domain = address.and_then(|address| address.rsplit_once('@'));
        let domain = domain.and_then(|(_, domain)| Domain::parse(domain).ok());
        let owner = domain.as_ref().and_then(|domain| suffixes.registrable(domain));
        Self { name, domain, owner }
    }

    fn is_of(&self, brand: &str, known: &Known<'_, impl Suffixes>) -> bool {
        let found = |domain| known.brands.find(domain, "", known.suffixes);
        let found = self.domain.as_ref().and_then(found);
        found.is_some_and(|found| found.brand == brand && found.kind == ImitationKind::Own)
    }
}

/// A brand in the sender's name that the sender's domain is not of.
fn claimed(sender: &Sender, known: &Known<'_, impl Suffixes>) -> Option<Fact> {
    let brand = known.brands.claimed(&sender.name)?;
    let domain = sender.domain.as_ref()?.defanged();
    let why = format!("the sender's name says {brand}, but its domain {domain} is not theirs");
    (!sender.is_of(brand, known)).then(|| fact("claimed", 1.0, why))
}

/// A brand in subject or text, of which neither the sender nor any link is.
fn foreign_brand(
    reading: &Reading,
    sender: &Sender,
    known: &Known<'_, impl Suffixes>,
) -> Option<Fact> {
    let brand = known.brands.told(&text_of(reading))?;
    let own = |link: &Link| {
        let domain = Domain::parse(&link.host).ok();
        let found = domain.and_then(|domain| known.brands.find(&domain, "", known.suffixes));
        found.is_some_and(|found| found.brand == brand && found.kind == ImitationKind::Own)
    };
    let calls = reading.links.iter().filter(|link| link.role == Role::CallToAction);
    let theirs = sender.is_of(brand, known) || calls.clone().any(own);
    let why = format!("it names {brand}, but neither its sender nor its link is theirs");
    (!theirs && calls.count() > 0).then(|| fact("brand", 1.0, why))
}

/// Subject and text in lower case.
fn text_of(reading: &Reading) -> String {
    let subject = reading.summary.subject.as_deref().unwrap_or_default();
    let text = &reading.text[..reading.text.floor_char_boundary(TEXT_MAX)];
    format!("{subject}\n{text}").to_lowercase()
}

/// What a lower-case text asks or threatens.
fn asks(text: &str) -> Vec<Fact> {
    let mut found: BTreeMap<&'static str, &'static str> = BTreeMap::new();
    for (group, phrase) in table() {
        if !found.contains_key(group) && begins_word(text, phrase) {
            found.insert(group, phrase);
        }
    }
    let told = |group: &str, words: &str| {
        let phrase = found.get(group)?;
        let name = FACTS.iter().copied().find(|name| *name == group)?;
        Some(fact(name, 1.0, format!("{words}: “{phrase}…”")))
    };
    let haste = found.contains_key("haste");
    let threat = match told("threat", "it threatens") {
        Some(fact) => Some(Fact { value: if haste { 1.5 } else { 1.0 }, ..fact }),
        None => found
            .get("haste")
            .map(|phrase| fact("threat", 0.5, format!("it makes haste: “{phrase}…”"))),
    };
    let gain = told("gain", "it promises").or_else(|| {
        let phrase = found.get("parcel")?;
        Some(fact("gain", 0.5, format!("it tells of a parcel: “{phrase}…”")))
    });
    let rest = [told("demand", "it demands"), told("secret", "it asks for a secret"), gain];
    threat.into_iter().chain(rest.into_iter().flatten()).collect()
}

/// Groups and the beginnings of words that stand for them.
fn table() -> &'static [(&'static str, &'static str)] {
    static TABLE: OnceLock<Vec<(&str, &str)>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let lines = include_str!("../../data/asks.txt").lines();
        let lines = lines.filter(|line| !line.starts_with('#'));
        let groups = lines.filter_map(|line| line.split_once(':'));
        groups
            .flat_map(|(group, phrases)| phrases.split(',').map(move |one| (group, one.trim())))
            .filter(|(_, phrase)| !phrase.is_empty())
            .collect()
    })
}

fn begins_word(text: &str, phrase: &str) -> bool {
    let before = |at: usize| text[..at].chars().next_back();
    text.match_indices(phrase).any(|(at, _)| before(at).is_none_or(|c| !c.is_alphanumeric()))
}

fn fact(name: &'static str, value: f64, why: String) -> Fact {
    Fact { name, value, why }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[(&str, f64)]) {
        let found = asks(&text.to_lowercase());
        let found: Vec<_> = found.iter().map(|fact| (fact.name, fact.value)).collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn what_is_asked_is_told_in_four_languages() {
        let all = [("threat", 1.5), ("demand", 1.0), ("secret", 1.0)];
        check("Uw rekening is geblokkeerd. Bevestig onmiddellijk uw wachtwoord", &all);
        check("Votre compte est suspendu. Confirmez sous 24 h votre mot de passe", &all);
        check("Ihr Konto wurde gesperrt. Umgehend Ihr Passwort bestätigen", &all);
        check("Your account is suspended. Verify your password within 24 hours", &all);
    }

    #[test]
    fn beginnings_of_words_count_and_insides_do_not() {
        check("We unblocked the dashboard", &[]);
        check("Blocked!", &[("threat", 1.0)]);
        check("A parcel arrives", &[("gain", 0.5)]);
        check("It is urgent", &[("threat", 0.5)]);
        check("", &[]);
    }

    #[test]
    fn every_group_of_the_table_is_told() {
        for (group, phrase) in table() {
            assert!(!asks(phrase).is_empty(), "{group}: {phrase}");
            assert_eq!(*phrase, phrase.to_lowercase());
        }
    }
}
