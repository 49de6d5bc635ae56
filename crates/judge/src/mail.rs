//! The assessment of a mail: a dozen facts that an analyst sees, each with a weight of the
//! table `models/mail.tsv`, and what its sender's headers say, weighed by hand. Words as such
//! are left to the model of texts: harmless mail is at hand of 2002 only, and a model of its
//! words would learn the years.

pub(crate) mod facts;

use std::collections::BTreeMap;

use belfry_indicator::Suffixes;
use belfry_reading::{Link, Reading, SignKind};
use sha2::{Digest, Sha256};

use crate::assessment::{Assessment, Reason};
use facts::{FACTS, Fact, Known};

/// What the facts of a mail weigh.
#[derive(Clone, Debug, PartialEq)]
pub struct MailWeights {
    of: BTreeMap<&'static str, f64>,
    /// From the first score on it is phishing; below the second, benign.
    pub(crate) thresholds: (f64, f64),
    version: String,
}

/// Why a table of weights is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the weights of mails: {why}")]
pub struct MailWeightsError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub why: &'static str,
}

impl MailWeights {
    /// Those that are built in.
    ///
    /// # Panics
    /// Never: a test reads them.
    pub fn built_in() -> Self {
        let table = include_str!("../models/mail.tsv");
        Self::parse(table).expect("the built-in weights are read by a test")
    }

    /// Reads lines of `fact TAB weight`, and the two thresholds `=phishing` and `=benign`;
    /// `#` begins a comment line. A fact that is not named weighs nothing.
    ///
    /// # Errors
    /// A [`MailWeightsError`] that names the line.
    pub fn parse(table: &str) -> Result<Self, MailWeightsError> {
        let mut of = BTreeMap::new();
        let mut thresholds = (1.0, 0.0);
        for (at, line) in table.lines().enumerate() {
            let refused = |why| MailWeightsError { line: at + 1, why };
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let (name, number) = line.split_once('\t').ok_or(refused("no tab"))?;
            let number = number.trim().parse::<f64>().ok().filter(|number| number.is_finite());
            let number = number.ok_or(refused("no number"))?;
            match name {
                "=phishing" => thresholds.0 = number,
                "=benign" => thresholds.1 = number,
                name => {
                    let known = FACTS.iter().find(|known| **known == name);
                    of.insert(*known.ok_or(refused("no such fact"))?, number);
                }
            }
        }
        let digest = Sha256::digest(table);
        let version = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { of, thresholds, version })
    }

    /// Which table this is: the first octets of its digest.
    pub fn version(&self) -> &str {
        &self.version
    }

    fn weigh(&self, facts: Vec<Fact>) -> impl Iterator<Item = Reason> {
        facts.into_iter().map(|fact| {
            let weight = self.of.get(fact.name).copied().unwrap_or_default() * fact.value;
            Reason { name: fact.name.to_owned(), why: fact.why, weight }
        })
    }
}

/// Adds it all up.
pub(crate) fn assess(
    reading: &Reading,
    worst: Option<(&Link, &Assessment)>,
    words: f64,
    weights: &MailWeights,
    known: &Known<'_, impl Suffixes>,
) -> Assessment {
    let mut reasons: Vec<_> = weights.weigh(facts::facts(reading, worst, words, known)).collect();
    reasons.extend(signs(reading));
    let (phishing, benign) = weights.thresholds;
    Assessment::new(reasons, phishing, benign)
}

/// What the message says beside `link`, whose own features are told in full elsewhere.
pub(crate) fn message(
    reading: &Reading,
    link: Option<&Link>,
    words: f64,
    weights: &MailWeights,
    known: &Known<'_, impl Suffixes>,
) -> Vec<Reason> {
    let mut reasons: Vec<_> = weights.weigh(facts::message(reading, link, words, known)).collect();
    reasons.extend(signs(reading));
    reasons
}

/// The words of an SMS beside its link, as one reason.
pub(crate) fn words(weight: f64) -> Reason {
    reason("words", "its words, as messages of both kinds use them", weight)
}

/// What speaks against the sender by its headers. Set by hand: the corpora's headers tell
/// where they were collected.
fn signs(reading: &Reading) -> impl Iterator<Item = Reason> {
    reading.origin.signs.iter().map(|sign| reason("sender", &sign.why, sign_weight(sign.kind)))
}

fn reason(name: &str, why: &str, weight: f64) -> Reason {
    Reason { name: name.to_owned(), why: why.to_owned(), weight }
}

fn sign_weight(kind: SignKind) -> f64 {
    match kind {
        SignKind::NameShowsAddress | SignKind::NameShowsHost => 1.5,
        SignKind::VerificationFailed => 1.0,
        SignKind::ReplyElsewhere => 0.5,
        SignKind::EnvelopeElsewhere => 0.1,
    }
}

#[cfg(test)]
mod tests {
    use belfry_indicator::EmbeddedSuffixes;
    use belfry_reading::{Limits, read_mail};

    use super::*;
    use crate::{Brands, Popular};

    fn read(head: &str, body: &str) -> Reading {
        let mail = format!("{head}\r\nContent-Type: text/html\r\n\r\n{body}");
        read_mail(mail.as_bytes(), &EmbeddedSuffixes, &Limits::default())
    }

    fn judged(reading: &Reading, link: bool, words: f64) -> Vec<Reason> {
        let (brands, popular) = (Brands::built_in(), Popular::of([]));
        let known = Known { brands: &brands, popular: &popular, suffixes: &EmbeddedSuffixes };
        let link = reading.links.first().filter(|_| link);
        message(reading, link, words, &MailWeights::built_in(), &known)
    }

    /// The names of what is said of a mail, without its link.
    fn said(head: &str, body: &str) -> Vec<String> {
        let reasons = judged(&read(head, body), true, 0.4);
        reasons.into_iter().map(|reason| format!("{}: {}", reason.name, reason.why)).collect()
    }

    #[test]
    fn a_brand_in_the_senders_name_must_be_theirs() {
        let claims = |from: &str| {
            let found = said(&format!("From: {from}"), "<p>Hello</p>");
            found.iter().any(|why| why.contains("the sender's name says"))
        };
        assert!(claims("Belfius Bank <info@garden.example>"));
        assert!(!claims("Belfius Bank <info@belfius.be>"));
        assert!(!claims("Garden club <info@garden.example>"));
    }

    #[test]
    fn a_brand_that_is_named_must_be_the_senders_or_the_links() {
        let named = |from: &str, to: &str| {
            let body = format!("<p>Belfius asks:</p><a href=\"{to}\">Open</a>");
            said(&format!("From: {from}"), &body).iter().any(|why| why.starts_with("brand"))
        };
        assert!(named("x@garden.example", "https://garden.example/"));
        assert!(!named("x@belfius.be", "https://garden.example/"));
        assert!(!named("x@garden.example", "https://www.belfius.be/"));
    }

    #[test]
    fn what_speaks_against_a_sender_is_named_once_each() {
        let head = "From: \"info@bank.example\" <x@garden.example>\r\nReply-To: y@other.example";
        let found = said(head, "<p>Hello</p>");
        let sender = found.iter().filter(|why| why.starts_with("sender")).count();
        assert!(sender >= 2, "{found:?}");
        assert_eq!(found.iter().filter(|why| why.starts_with("words")).count(), 1, "{found:?}");
    }

    #[test]
    fn words_count_within_bounds() {
        let reading = read("From: x@garden.example", "<p>Hello</p>");
        let at =
            |words: f64| judged(&reading, false, words).iter().map(|one| one.weight).sum::<f64>();
        assert_eq!(at(1e9), at(6.0));
        assert_eq!(at(-1e9), at(-6.0));
    }

    #[test]
    fn a_link_that_hides_where_it_goes_or_leads_elsewhere_is_told() {
        let body = r#"<a href="https://evil.example/in">https://www.bank.example/</a>"#;
        let found = said("From: x@garden.example", body);
        assert!(found.iter().any(|why| why.starts_with("disguise")), "{found:?}");
        assert!(found.iter().any(|why| why.contains("leads to evil[.]example")), "{found:?}");
        let honest = said("From: x@a.example", r#"<a href="https://www.a.example/">here</a>"#);
        assert!(!honest.iter().any(|why| why.starts_with("disguise")), "{honest:?}");
        assert!(!honest.iter().any(|why| why.starts_with("elsewhere")), "{honest:?}");
    }

    #[test]
    fn a_table_is_read_or_refused_by_its_line() {
        let built_in = MailWeights::built_in();
        assert!(FACTS.iter().all(|name| built_in.of.contains_key(name)));
        let line = |table: &str| MailWeights::parse(table).unwrap_err().line;
        assert_eq!(line("# c\nbase\t1\nno-such\t2"), 3);
        assert_eq!(line("base 1"), 1);
        assert_eq!(line("base\tNaN"), 1);
    }
}
