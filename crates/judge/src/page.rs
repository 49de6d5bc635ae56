//! What a browser saw of a case's page, as named features of its score.
//!
//! All weights are set by hand and none is below zero: a page that shows nothing, or shows
//! something harmless, may hide from visitors like us, so nothing seen here ever speaks
//! for a case's harmlessness.

use std::collections::BTreeSet;

use belfry_indicator::{Domain, Host, Suffixes, Url};

use crate::assessment::Reason;
use crate::brand::ImitationKind;
use crate::judge::Judge;

/// It asks for a password, on a domain that few use.
const PASSWORD: f64 = 1.2;
/// The same with a certificate of a few days: more, since a site of long standing renews too.
const PASSWORD_FRESH: f64 = 1.6;
/// It asks for a card, a PIN or an account.
const MONEY: f64 = 1.0;
/// What is typed goes to another's domain.
const ELSEWHERE: f64 = 1.0;
/// The way there leads over several domains.
const CHAIN: f64 = 0.4;
/// A brand in the title, or in the text beside a form, of a page that is not the brand's.
const BRAND_TITLE: f64 = 2.0;
const BRAND_TEXT: f64 = 1.0;
/// It offers a file at once.
const FILE: f64 = 0.8;
/// A certificate is fresh for so many days.
const FRESH_DAYS: u64 = 7;
/// Domains of a way that is long.
const CHAIN_DOMAINS: usize = 3;
/// Octets of the text in which a brand is looked for.
const TEXT_MAX: usize = 4_000;
/// Words of a field that asks for money, whole.
const MONEY_WORDS: [&str; 16] = [
    "card",
    "cardnumber",
    "ccnumber",
    "creditcard",
    "kaart",
    "kaartnummer",
    "carte",
    "karte",
    "kartennummer",
    "cvv",
    "cvc",
    "pin",
    "iban",
    "pan",
    "response",
    "tan",
];

/// What was seen of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageSeen<'a> {
    /// Where the browser stood at the end.
    pub landed: &'a str,
    /// The URLs on the way there.
    pub way: Vec<&'a str>,
    /// The title.
    pub title: &'a str,
    /// The visible text.
    pub text: &'a str,
    /// Its forms.
    pub forms: Vec<PageForm<'a>>,
    /// For how long its certificate holds already.
    pub certificate_days: Option<u64>,
    /// Whether it offers a file.
    pub file: bool,
}

/// One form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageForm<'a> {
    /// Where it posts.
    pub action: &'a str,
    /// Whether it asks for a password.
    pub password: bool,
    /// Type, name and label of each field.
    pub fields: Vec<&'a str>,
}

impl PageForm<'_> {
    fn asks_for_money(&self) -> bool {
        self.fields.iter().any(|field| {
            let field = field.to_lowercase();
            let mut words = field.split(|c: char| !c.is_alphanumeric());
            words.any(|word| MONEY_WORDS.contains(&word))
        })
    }
}

impl Judge {
    /// What a page adds to a case, each named; nothing for a page of a domain that many use
    /// or of the brand that it shows.
    pub fn page(&self, seen: &PageSeen<'_>, suffixes: &impl Suffixes) -> Vec<Reason> {
        let mut reasons = Vec::new();
        let mut add = |name: &str, why: String, weight: f64| {
            reasons.push(Reason { name: name.to_owned(), why, weight });
        };
        let way: BTreeSet<String> =
            seen.way.iter().filter_map(|url| owned_by(url, suffixes)).collect();
        if way.len() >= CHAIN_DOMAINS {
            add("page-redirects", format!("the way there leads over {} domains", way.len()), CHAIN);
        }
        if seen.file {
            add("page-file", "it offers a file as soon as it is opened".to_owned(), FILE);
        }
        let Some(landed) = owned_by(seen.landed, suffixes) else { return reasons };
        let brand = self.shown_brand(seen, suffixes);
        if self.popular().holds(&landed) || brand == Shown::Own {
            return reasons;
        }
        if let Shown::Foreign(brand, titled) = brand {
            let place = if titled { "title" } else { "text" };
            let why = format!(
                "its {place} names {brand}, but its domain {} is not theirs",
                defanged(&landed)
            );
            add("page-brand", why, if titled { BRAND_TITLE } else { BRAND_TEXT });
        }
        if seen.forms.iter().any(|form| form.password) {
            let fresh = seen.certificate_days.is_some_and(|days| days <= FRESH_DAYS);
            let since = if fresh { " and has its certificate for a few days" } else { "" };
            let why = format!("it asks for a password on a domain that few use{since}");
            add("page-password", why, if fresh { PASSWORD_FRESH } else { PASSWORD });
        }
        if seen.forms.iter().any(PageForm::asks_for_money) {
            add("page-money", "it asks for a card, a PIN or an account".to_owned(), MONEY);
        }
        let goes = seen.forms.iter().filter(|form| form.password || form.asks_for_money());
        let mut goes = goes.filter_map(|form| owned_by(form.action, suffixes));
        if let Some(to) = goes.find(|to| *to != landed) {
            let why = format!("what is typed there goes to {}", defanged(&to));
            add("page-posts-elsewhere", why, ELSEWHERE);
        }
        reasons
    }

    fn shown_brand<'s>(&'s self, seen: &PageSeen<'_>, suffixes: &impl Suffixes) -> Shown<'s> {
        let domain = Url::parse(seen.landed).ok().and_then(|url| domain_of(&url));
        let Some(domain) = domain else { return Shown::Nothing };
        let found = self.brands().find(&domain, "", suffixes);
        if found.is_some_and(|found| found.kind == ImitationKind::Own) {
            return Shown::Own;
        }
        if let Some(brand) = self.brands().claimed(&seen.title.to_lowercase()) {
            return Shown::Foreign(brand, true);
        }
        // Every newspaper names banks: only beside a form does it say whose page this is.
        if seen.forms.is_empty() {
            return Shown::Nothing;
        }
        let text = &seen.text[..seen.text.floor_char_boundary(TEXT_MAX)];
        let told = self.brands().told(&text.to_lowercase());
        told.map_or(Shown::Nothing, |brand| Shown::Foreign(brand, false))
    }
}

/// Whose brand a page shows.
#[derive(Debug, PartialEq, Eq)]
enum Shown<'a> {
    /// None that is known.
    Nothing,
    /// The page is the brand's own.
    Own,
    /// Another's, in the title or else in the text.
    Foreign(&'a str, bool),
}

fn domain_of(url: &Url) -> Option<Domain> {
    match url.host() {
        Host::Domain(domain) => Some(domain.clone()),
        _ => None,
    }
}

/// The registrable domain of a URL, or its address.
fn owned_by(url: &str, suffixes: &impl Suffixes) -> Option<String> {
    let url = Url::parse(url).ok()?;
    match url.host() {
        Host::Domain(domain) => {
            let owned = suffixes.registrable(domain);
            Some(owned.as_ref().unwrap_or(domain).as_str().to_owned())
        }
        address => Some(address.to_string()),
    }
}

fn defanged(name: &str) -> String {
    name.replace('.', "[.]")
}

#[cfg(test)]
mod tests {
    use belfry_indicator::EmbeddedSuffixes;
    use proptest::prelude::*;

    use super::*;

    const LANDED: &str = "https://parcel-check.example/nl/step2";

    fn login<'a>(action: &'a str, fields: &[&'a str]) -> PageForm<'a> {
        PageForm { action, password: true, fields: fields.to_vec() }
    }

    fn check(seen: &PageSeen<'_>, expect: &[(&str, f64)]) {
        let found = Judge::built_in().page(seen, &EmbeddedSuffixes);
        let named: Vec<_> = found.iter().map(|one| (one.name.as_str(), one.weight)).collect();
        assert_eq!(named, expect, "{seen:?}");
        for url in [seen.landed, "drop.example"].into_iter().filter(|url| !url.is_empty()) {
            assert!(found.iter().all(|one| !one.why.contains(url)), "{found:?}");
        }
    }

    #[test]
    fn a_login_of_another_brand_that_posts_elsewhere_is_told_in_full() {
        let seen = PageSeen {
            landed: LANDED,
            title: "Belfius Direct Net",
            forms: vec![login("https://drop.example/take", &["tel card Kaartnummer"])],
            certificate_days: Some(2),
            ..PageSeen::default()
        };
        let expect = [
            ("page-brand", BRAND_TITLE),
            ("page-password", PASSWORD_FRESH),
            ("page-money", MONEY),
            ("page-posts-elsewhere", ELSEWHERE),
        ];
        check(&seen, &expect);
    }

    #[test]
    fn a_form_that_stays_on_its_domain_posts_nowhere_else() {
        let forms = vec![login("https://login.parcel-check.example/take", &[])];
        let seen = PageSeen { landed: LANDED, forms, ..PageSeen::default() };
        check(&seen, &[("page-password", PASSWORD)]);
    }

    #[test]
    fn the_brands_own_page_and_what_many_use_add_nothing() {
        for landed in ["https://www.belfius.be/login", "https://accounts.google.com/x"] {
            let seen = PageSeen {
                landed,
                title: "Belfius",
                forms: vec![login("https://drop.example/take", &["pin"])],
                ..PageSeen::default()
            };
            check(&seen, &[]);
        }
    }

    #[test]
    fn a_text_names_a_brand_only_beside_a_form() {
        let text = "Volgens de krant werkt Belfius opnieuw";
        let seen = PageSeen { landed: LANDED, text, ..PageSeen::default() };
        check(&seen, &[]);
        let form = PageForm { action: LANDED, password: false, fields: vec!["text name Naam"] };
        let seen = PageSeen { forms: vec![form], ..seen };
        check(&seen, &[("page-brand", BRAND_TEXT)]);
    }

    #[test]
    fn a_long_way_and_a_file_are_told_wherever_they_end() {
        let way = vec!["https://a.example/", "https://b.example/", "https://c.test/x"];
        let seen = PageSeen { way, file: true, ..PageSeen::default() };
        check(&seen, &[("page-redirects", CHAIN), ("page-file", FILE)]);
        let way = vec!["https://a.example/", "https://x.a.example/", "https://c.test/x"];
        check(&PageSeen { way, ..PageSeen::default() }, &[]);
    }

    proptest! {
        #[test]
        fn nothing_seen_ever_clears_a_case(
            landed in "(https://[a-z]{1,9}\\.(be|example)/[a-z]{0,5})?|\\PC{0,20}",
            title in "\\PC{0,20}",
            text in "\\PC{0,40}",
            password in any::<bool>(),
            file in any::<bool>(),
            certificate_days in proptest::option::of(0u64..400),
        ) {
            let forms = vec![PageForm { action: &landed, password, fields: vec![&title] }];
            let seen = PageSeen {
                landed: &landed, way: vec![&landed], title: &title, text: &text, forms,
                certificate_days, file,
            };
            let found = Judge::built_in().page(&seen, &EmbeddedSuffixes);
            prop_assert!(found.iter().all(|one| one.weight > 0.0));
        }
    }
}
