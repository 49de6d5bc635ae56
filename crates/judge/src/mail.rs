//! The assessment of a mail. Its weights are set by hand, not learnt: no corpus of
//! today's harmless mail is at hand, and a model of old ones would learn the years.

use belfry_indicator::{Domain, Suffixes};
use belfry_reading::{Link, Reading, SignKind};

use crate::assessment::{Assessment, Reason};
use crate::brand::{Brands, ImitationKind};

/// Where every mail begins: most links in most mails are harmless.
const BASE: f64 = -1.5;
/// From this score on a mail is phishing; below the other, benign.
const PHISHING: f64 = 0.97;
const BENIGN: f64 = 0.15;
/// What the words of a mail count, learnt on texts that are no mails, and at most.
const WORDS: f64 = 0.25;
const WORDS_MOST: f64 = 1.5;
/// What its worst link counts, and at most.
const LINK: f64 = 0.7;
const LINK_MOST: f64 = 5.0;
const BRAND_CLAIMED: f64 = 2.0;
const DISAGREES: f64 = 1.5;

/// From the first score on a message is phishing; below the second, benign.
pub(crate) const THRESHOLDS: (f64, f64) = (PHISHING, BENIGN);

/// Adds it all up.
pub(crate) fn assess(
    reading: &Reading,
    worst: Option<(&Link, Assessment)>,
    words: f64,
    brands: &Brands,
    suffixes: &impl Suffixes,
) -> Assessment {
    let mut reasons = vec![reason("base", "where every mail begins", BASE)];
    if let Some((link, judged)) = worst {
        let weight = (LINK * judged.log_odds()).clamp(-LINK_MOST, LINK_MOST);
        let strongest = judged.reasons.iter().find(|reason| reason.weight * weight > 0.0);
        let why = strongest.map_or("by its whole", |reason| &reason.why);
        let host = link.host.replace('.', "[.]");
        reasons.push(reason("link", &format!("its link to {host}: {why}"), weight));
        reasons.extend(disguise(link));
    }
    reasons.extend(message(reading, words, brands, suffixes));
    Assessment::new(reasons, PHISHING, BENIGN)
}

/// A link whose text names another host than it goes to.
pub(crate) fn disguise(link: &Link) -> Option<Reason> {
    let why = "a link's text names another host than it goes to";
    link.text_disagrees.then(|| reason("disguise", why, DISAGREES))
}

/// What the message itself says, without its links: its words and its sender.
pub(crate) fn message(
    reading: &Reading,
    words: f64,
    brands: &Brands,
    suffixes: &impl Suffixes,
) -> Vec<Reason> {
    let mut reasons = vec![self::words((WORDS * words).clamp(-WORDS_MOST, WORDS_MOST))];
    reasons.extend(
        reading.origin.signs.iter().map(|sign| reason("sender", &sign.why, sign_weight(sign.kind))),
    );
    reasons.extend(claimed(reading, brands, suffixes));
    reasons
}

/// The words of a message, as one reason.
pub(crate) fn words(weight: f64) -> Reason {
    reason("words", "its words, as messages of both kinds use them", weight)
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

/// A brand in the sender's name that the sender's domain is not of.
fn claimed(reading: &Reading, brands: &Brands, suffixes: &impl Suffixes) -> Option<Reason> {
    let from = reading.summary.from.as_ref()?;
    let name = from.name.as_deref()?.to_lowercase();
    let brand = brands.claimed(&name)?;
    let domain = from.address.as_deref()?.rsplit_once('@')?.1;
    let domain = Domain::parse(domain).ok()?;
    let found = brands.find(&domain, "", suffixes);
    let own = found.is_some_and(|found| found.brand == brand && found.kind == ImitationKind::Own);
    let why = format!(
        "the sender's name says {brand}, but its domain {} is not theirs",
        domain.defanged()
    );
    (!own).then(|| reason("sender", &why, BRAND_CLAIMED))
}

#[cfg(test)]
mod tests {
    use belfry_indicator::EmbeddedSuffixes;
    use belfry_reading::{Limits, read_mail};

    use super::*;

    fn read(head: &str, body: &str) -> Reading {
        let mail = format!("{head}\r\nContent-Type: text/html\r\n\r\n{body}");
        read_mail(mail.as_bytes(), &EmbeddedSuffixes, &Limits::default())
    }

    /// The names of what is said of a mail, without its link.
    fn said(head: &str, body: &str) -> Vec<String> {
        let reasons = message(&read(head, body), 0.4, &Brands::built_in(), &EmbeddedSuffixes);
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
    fn what_speaks_against_a_sender_is_named_once_each() {
        let head = "From: \"info@bank.example\" <x@garden.example>\r\nReply-To: y@other.example";
        let found = said(head, "<p>Hello</p>");
        let sender = found.iter().filter(|why| why.starts_with("sender")).count();
        assert!(sender >= 2, "{found:?}");
        assert_eq!(found.iter().filter(|why| why.starts_with("words")).count(), 1, "{found:?}");
    }

    #[test]
    fn words_and_links_count_within_bounds() {
        let reading = read("From: x@garden.example", "<p>Hello</p>");
        let at = |words: f64| {
            let mail = assess(&reading, None, words, &Brands::built_in(), &EmbeddedSuffixes);
            mail.log_odds()
        };
        assert_eq!(at(1e9) - at(0.0), WORDS_MOST);
        assert_eq!(at(-1e9) - at(0.0), -WORDS_MOST);
        assert_eq!(at(0.0), BASE);
    }

    #[test]
    fn a_link_that_hides_where_it_goes_is_told() {
        let body = r#"<a href="https://evil.example/in">https://www.bank.example/</a>"#;
        let reading = read("From: x@garden.example", body);
        assert!(disguise(&reading.links[0]).is_some_and(|reason| reason.weight == DISAGREES));
        let honest = read("From: x@garden.example", r#"<a href="https://a.example/">here</a>"#);
        assert_eq!(disguise(&honest.links[0]), None);
    }
}
