//! `Judge`: models, brands and what was set by hand, put into words.

use belfry_indicator::{Host, Suffixes, Url};
use belfry_reading::{Link, Reading, Role};

use crate::assessment::{Assessment, Reason};
use crate::brand::{Brands, Imitation, ImitationKind};
use crate::feature::{Family, Features};
use crate::mail::facts::{Fact, Known};
use crate::mail::{self, MailWeights};
use crate::model::{Model, Share};
use crate::popular::Popular;
use crate::text::text_features;
use crate::url::{Names, Parts, features};

/// Parts of a score that weigh less than this are told together.
const TOLD_FROM: f64 = 0.05;
/// Set by hand, since no example has it: the host is an address.
const ADDRESS: f64 = 2.5;
/// Set by hand: something stands before an `@`, as if it were the host.
const USER: f64 = 2.0;
/// Set by hand: a port of its own.
const PORT: f64 = 0.7;

/// What judges.
#[derive(Clone, Debug)]
pub struct Judge {
    url: Model,
    text: Model,
    mail: MailWeights,
    brands: Brands,
    popular: Popular,
    /// Which models these are.
    models: String,
}

impl Judge {
    /// With the models and brands that are built in.
    ///
    /// # Panics
    /// Never: a test reads them.
    pub fn built_in() -> Self {
        let read = |bytes: &[u8]| {
            Model::from_bytes(bytes).expect("the built-in models are read by a test")
        };
        let url = read(include_bytes!("../models/url.bin"));
        let text = read(include_bytes!("../models/text.bin"));
        Self::new(url, text, Brands::built_in())
    }

    /// With a model for URLs, one for texts, and brands.
    pub fn new(url: Model, text: Model, brands: Brands) -> Self {
        let popular = Popular::built_in();
        let mail = MailWeights::built_in();
        let models = named(&url, &text, &mail);
        Self { url, text, mail, brands, popular, models }
    }

    /// The same with other brands.
    #[must_use]
    pub fn with_brands(self, brands: Brands) -> Self {
        Self { brands, ..self }
    }

    /// The same with another model of URLs.
    #[must_use]
    pub fn with_url_model(self, url: Model) -> Self {
        let models = named(&url, &self.text, &self.mail);
        Self { url, models, ..self }
    }

    /// The same with another list of names that many use.
    #[must_use]
    pub fn with_popular(self, popular: Popular) -> Self {
        Self { popular, ..self }
    }

    /// The brands.
    pub fn brands(&self) -> &Brands {
        &self.brands
    }

    pub(crate) fn url_model(&self) -> &Model {
        &self.url
    }

    pub(crate) fn features(&self, url: &Url, suffixes: &impl Suffixes) -> Features {
        let names = Names { brands: &self.brands, popular: &self.popular };
        features(&Parts::new(url, suffixes, names))
    }

    pub(crate) fn popular(&self) -> &Popular {
        &self.popular
    }

    /// Which models these are: the same words, the same answers.
    pub fn models(&self) -> &str {
        &self.models
    }

    pub(crate) fn url_thresholds(&self) -> (f64, f64) {
        let calibration = self.url.calibration();
        (calibration.phishing, calibration.benign)
    }

    pub(crate) fn text_thresholds(&self) -> (f64, f64) {
        let calibration = self.text.calibration();
        (calibration.phishing, calibration.benign)
    }

    pub(crate) fn text_odds(&self, features: &Features) -> f64 {
        self.text.log_odds(features)
    }

    /// Judges a URL by itself; it is not opened.
    pub fn url(&self, url: &Url, suffixes: &impl Suffixes) -> Assessment {
        let calibration = self.url.calibration();
        let reasons = self.url_reasons(url, suffixes);
        Assessment::new(reasons, calibration.phishing, calibration.benign)
    }

    fn url_reasons(&self, url: &Url, suffixes: &impl Suffixes) -> Vec<Reason> {
        let names = Names { brands: &self.brands, popular: &self.popular };
        let parts = Parts::new(url, suffixes, names);
        let features = features(&parts);
        let (rest, shares) = self.url.shares(&features);
        let mut reasons = by_hand(url);
        tell(rest, &shares, &mut reasons, |family, share| {
            family_words(family, share, &features, &parts)
        });
        reasons
    }

    /// Judges an SMS by its text and its links.
    pub fn sms(&self, reading: &Reading, suffixes: &impl Suffixes) -> Assessment {
        let calibration = self.text.calibration();
        let features = self.message_features(reading, &reading.text, suffixes);
        let (rest, shares) = self.text.shares(&features);
        let mut reasons = Vec::new();
        tell(rest, &shares, &mut reasons, |family, share| message_words(family, share, &features));
        Assessment::new(reasons, calibration.phishing, calibration.benign)
    }

    /// The features of a message's text, with its links judged.
    pub fn message_features(
        &self,
        reading: &Reading,
        text: &str,
        suffixes: &impl Suffixes,
    ) -> Features {
        let worst = self.worst_link(reading, suffixes).map(|(_, judged)| judged.log_odds());
        text_features(text, reading.links.len(), worst)
    }

    /// Judges a mail by its links, its words and its sender.
    pub fn mail(&self, reading: &Reading, suffixes: &impl Suffixes) -> Assessment {
        let worst = self.worst_link(reading, suffixes);
        let words = self.text.log_odds(&text_features(&reading.text, reading.links.len(), None));
        let worst = worst.as_ref().map(|(link, judged)| (*link, judged));
        mail::assess(reading, worst, words, &self.mail, &self.known(suffixes))
    }

    /// The facts of a mail that its weights are for.
    pub fn mail_facts(&self, reading: &Reading, suffixes: &impl Suffixes) -> Vec<Fact> {
        let worst = self.worst_link(reading, suffixes);
        let words = self.text.log_odds(&text_features(&reading.text, reading.links.len(), None));
        let worst = worst.as_ref().map(|(link, judged)| (*link, judged));
        mail::facts::facts(reading, worst, words, &self.known(suffixes))
    }

    pub(crate) fn mail_weights(&self) -> &MailWeights {
        &self.mail
    }

    pub(crate) fn known<'a, S>(&'a self, suffixes: &'a S) -> Known<'a, S> {
        Known { brands: &self.brands, popular: &self.popular, suffixes }
    }

    /// The link that matters with the highest score.
    fn worst_link<'a>(
        &self,
        reading: &'a Reading,
        suffixes: &impl Suffixes,
    ) -> Option<(&'a Link, Assessment)> {
        let links = reading.links.iter().filter(|link| link.role == Role::CallToAction);
        let judged = links.filter_map(|link| {
            Some((link, self.url(&Url::parse(link.url.as_str()).ok()?, suffixes)))
        });
        judged.max_by(|a, b| a.1.score.total_cmp(&b.1.score))
    }
}

fn named(url: &Model, text: &Model, mail: &MailWeights) -> String {
    format!("url {} text {} mail {}", url.version(), text.version(), mail.version())
}

/// What no example teaches.
fn by_hand(url: &Url) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let mut add = |name: &str, why: &str, weight| {
        reasons.push(Reason { name: name.to_owned(), why: why.to_owned(), weight });
    };
    if !matches!(url.host(), Host::Domain(_)) {
        add("address", "its host is an address, not a name", ADDRESS);
    }
    let authority = url.as_str().split("://").nth(1).unwrap_or_default();
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        add("user", "something stands before an @ as if it were the host", USER);
    }
    let host = authority.rsplit('@').next().unwrap_or_default();
    if host.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
    {
        add("port", "it names a port of its own", PORT);
    }
    reasons
}

/// One reason for each family that weighs something; the small ones together.
fn tell(
    rest: f64,
    shares: &[Share],
    reasons: &mut Vec<Reason>,
    words: impl Fn(Family, &Share) -> String,
) {
    let mut small = rest;
    for (family, share) in Family::ALL.into_iter().zip(shares) {
        if share.weight.abs() < TOLD_FROM {
            small += share.weight;
        } else {
            let (name, why) = (family.name().to_owned(), words(family, share));
            reasons.push(Reason { name, why, weight: share.weight });
        }
    }
    let why = "where every score begins, and what hardly weighs".to_owned();
    reasons.push(Reason { name: "base".to_owned(), why, weight: small });
}

fn family_words(family: Family, share: &Share, features: &Features, parts: &Parts<'_>) -> String {
    let often = if share.weight > 0.0 { "phishing" } else { "harmless sites" };
    let pieces = || pieces(share, features);
    match family {
        Family::Ending => format!(
            "the ending [.]{} is more common with {often}",
            parts.suffix.replace('.', "[.]")
        ),
        Family::Name => format!("pieces of its name are more common with {often}: {}", pieces()),
        Family::Shape => {
            format!("length, digits, hyphens and depth of its name are those of {often}")
        }
        Family::Path => format!("pieces of its path are more common with {often}: {}", pieces()),
        Family::Form => format!("length, depth and kind of its path are those of {often}"),
        Family::Brand => brand_words(parts.brand.as_ref()),
        Family::Known if parts.known => "many use its domain".to_owned(),
        Family::Known => "its domain is not among those that many use".to_owned(),
        Family::Words | Family::Message => message_words(family, share, features),
    }
}

fn brand_words(found: Option<&Imitation<'_>>) -> String {
    match found {
        Some(Imitation { brand, kind: ImitationKind::Path }) => {
            format!("{brand}: its path has the brand's word")
        }
        Some(Imitation { brand, kind }) => format!("{brand}: the name {}", kind.words()),
        None => "no brand in it".to_owned(),
    }
}

fn message_words(family: Family, share: &Share, features: &Features) -> String {
    let often = if share.weight > 0.0 { "fraud" } else { "harmless messages" };
    match family {
        Family::Message => format!("its links, length, amounts and capitals are those of {often}"),
        _ => format!("its words are more common in {often}: {}", pieces(share, features)),
    }
}

/// The strongest pieces, as they stand in the text.
fn pieces(share: &Share, features: &Features) -> String {
    let cut = |(_, from, to): &(f64, u16, u16)| {
        let piece = features.text.as_bytes().get(usize::from(*from)..usize::from(*to));
        let piece = String::from_utf8_lossy(piece.unwrap_or_default());
        format!("“{}”", piece.trim_matches(['^', '$', '\u{fffd}', ' ']).replace('.', "[.]"))
    };
    let all: Vec<String> = share.strongest.iter().map(cut).collect();
    if all.is_empty() { "none stands out".to_owned() } else { all.join(", ") }
}

#[cfg(test)]
mod tests {
    use belfry_indicator::EmbeddedSuffixes;
    use belfry_reading::{Limits, read_mail, read_sms};

    use super::*;
    use crate::Opinion;

    fn url(text: &str) -> Assessment {
        Judge::built_in().url(&Url::parse(text).unwrap(), &EmbeddedSuffixes)
    }

    #[test]
    fn the_built_in_models_tell_the_plain_cases_apart() {
        let bad = url("https://belfius-secure-login.top/itsme/verify.php?id=1");
        let good = url("https://www.belfius.be/");
        assert!(bad.score > 0.95 && good.score < 0.2, "{bad:?} {good:?}");
        assert!(bad.reasons.iter().any(|reason| reason.name == "brand" && reason.weight > 0.0));
    }

    #[test]
    fn reasons_add_up_and_are_never_clickable() {
        let judged = url("http://192.0.2.1:8080/www.bank.example/login");
        let sum: f64 = judged.reasons.iter().map(|reason| reason.weight).sum();
        assert!((judged.log_odds() - sum).abs() < 1e-9);
        let names: Vec<_> = judged.reasons.iter().map(|reason| reason.name.as_str()).collect();
        assert!(names.contains(&"address") && names.contains(&"port"), "{names:?}");
        assert!(judged.reasons.iter().all(|reason| !reason.why.contains("www.bank")), "{judged:?}");
        let user = url("https://www.bank.example@shop.example/");
        assert!(user.reasons.iter().any(|reason| reason.name == "user"));
    }

    #[test]
    fn the_same_question_has_the_same_answer() {
        assert_eq!(url("https://shop.example/a?b"), url("https://shop.example/a?b"));
    }

    #[test]
    fn an_sms_is_judged_by_its_words_in_four_languages() {
        let judge = Judge::built_in();
        let score = |text: &str| {
            let reading = read_sms(text.as_bytes(), &EmbeddedSuffixes, &Limits::default());
            judge.sms(&reading, &EmbeddedSuffixes).score
        };
        for (fraud, harmless) in [
            (
                "Uw bankkaart is geblokkeerd. Bevestig uw gegevens: https://belfius-kaart.top/nl",
                "Ik ben wat later, zet jij het eten al op?",
            ),
            (
                "Votre colis est bloqué, payez les frais: https://bpost-frais.top/fr",
                "Je serai un peu en retard, à tout de suite",
            ),
            (
                "Ihr Konto wurde gesperrt. Jetzt bestätigen: https://sparkasse-pushtan.top/de",
                "Ich komme etwas später, bis gleich",
            ),
            (
                "Your account is locked, verify now: https://paypal-secure.top/en",
                "I am a bit late, see you soon",
            ),
        ] {
            assert!(score(fraud) > score(harmless), "{fraud} {} {}", score(fraud), score(harmless));
        }
    }

    #[test]
    fn a_mail_is_judged_by_its_link_and_its_sender() {
        let judge = Judge::built_in();
        let mail = |from: &str, says: &str, link: &str| {
            let bytes = format!(
                "From: {from}\r\nSubject: Hello\r\nContent-Type: text/html\r\n\r\n<p>{says}</p><a href=\"{link}\">Open</a>\r\n"
            );
            let reading = read_mail(bytes.as_bytes(), &EmbeddedSuffixes, &Limits::default());
            judge.mail(&reading, &EmbeddedSuffixes)
        };
        let bad = mail(
            "Belfius <x@mail.example>",
            "Verify your account",
            "https://belfius-login.top/verify",
        );
        let good = mail("Ann <ann@club.example>", "Please look:", "https://www.debian.org/doc/");
        assert_eq!(bad.verdict, Opinion::Phishing, "{bad:?}");
        assert!(good.score < 0.5, "{good:?}");
        assert!(bad.reasons.iter().any(|reason| reason.why.contains("says belfius")));
    }
}
