//! Words by which links name their purpose, in Dutch, French, German and English
//! first. They are compared in lower case, so they are written so here.

use crate::Link;

/// What a link is called that takes its reader off a list.
const UNSUBSCRIBE: &[&str] = &[
    "unsubscribe",
    "unsub",
    "opt-out",
    "optout",
    "opt out",
    "email preferences",
    "e-mail preferences",
    "manage preferences",
    "manage your preferences",
    "subscription preferences",
    "communication preferences",
    "uitschrijven",
    "afmelden",
    "schrijf u uit",
    "schrijf je uit",
    "voorkeuren beheren",
    "désabonner",
    "desabonner",
    "désinscri",
    "desinscri",
    "se désinscrire",
    "abmelden",
    "abbestellen",
    "newsletter abbestellen",
    "darse de baja",
];

/// What calls for an act. Short words stand with a space, lest they match inside others.
const ACTION: &[&str] = &[
    // English
    "click",
    "verify",
    "verification",
    "confirm",
    "log in",
    "login",
    "sign in",
    "sign-in",
    "update",
    "unlock",
    "restore",
    "reactivate",
    "activate",
    "renew",
    "continue",
    "secure",
    "pay ",
    "payment",
    "track",
    "download",
    "claim",
    "view ",
    "review",
    "open ",
    "accept",
    "get ",
    "here",
    "start",
    "keep ",
    "release",
    "upgrade",
    // Dutch
    "klik",
    "bevestig",
    "verifi",
    "inloggen",
    "aanmelden",
    "log in",
    "betaal",
    "betalen",
    "volg",
    "bekijk",
    "activeer",
    "verleng",
    "vernieuw",
    "bijwerken",
    "doorgaan",
    "ga naar",
    "hier",
    "identific",
    "terugbetal",
    "ontvang",
    // French
    "cliquez",
    "cliquer",
    "ici",
    "vérifi",
    "confirme",
    "connect",
    "connexion",
    "payer",
    "régler",
    "suivre",
    "accéd",
    "mettre à jour",
    "mise à jour",
    "activer",
    "renouvel",
    "télécharg",
    "continuer",
    "débloquer",
    "rembours",
    "récupér",
    // German
    "klicken",
    "bestätig",
    "anmelden",
    "einloggen",
    "bezahlen",
    "verfolgen",
    "aktualisier",
    "aktivier",
    "verlänger",
    "herunterladen",
    "weiter",
    "zum ",
];

/// What only informs: legal texts, help, contact.
const LEGAL: &[&str] = &[
    "privacy",
    "terms",
    "conditions",
    "legal",
    "cookie",
    "imprint",
    "copyright",
    "help",
    "contact",
    "about",
    "faq",
    "policy",
    "view in browser",
    "view online",
    "view this email",
    "web version",
    "report abuse",
    "learn more about",
    "voorwaarden",
    "privacybeleid",
    "over ons",
    "webversie",
    "bekijk online",
    "in uw browser",
    "in je browser",
    "hulp",
    "disclaimer",
    "confidentialité",
    "mentions légales",
    "conditions générales",
    "aide",
    "en ligne",
    "navigateur",
    "à propos",
    "datenschutz",
    "impressum",
    "agb",
    "hilfe",
    "nutzungsbedingungen",
    "im browser",
];

/// The word that says that `link` only unsubscribes.
pub(super) fn unsubscribe(link: &Link) -> Option<&'static str> {
    let text = link.text.as_deref().unwrap_or_default().to_lowercase();
    // A path names its purpose; a query may carry anything.
    let path = link.url.as_str().split(['?', '#']).next().unwrap_or_default().to_lowercase();
    let path = path.splitn(4, '/').nth(3).unwrap_or_default();
    UNSUBSCRIBE.iter().copied().find(|word| {
        text.contains(word) || (word.len() > 5 && !word.contains(' ') && path.contains(word))
    })
}

/// The word in `text` that calls for an act.
pub(super) fn action(text: &str) -> Option<&'static str> {
    find(ACTION, text)
}

/// The word in `text` that marks legal and help pages.
pub(super) fn legal(text: &str) -> Option<&'static str> {
    find(LEGAL, text)
}

fn find(words: &'static [&'static str], text: &str) -> Option<&'static str> {
    let text = format!("{} ", text.to_lowercase());
    words.iter().copied().find(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::{ACTION, LEGAL, UNSUBSCRIBE, action, legal};

    #[test]
    fn words_are_written_as_they_are_compared() {
        for word in ACTION.iter().chain(LEGAL).chain(UNSUBSCRIBE) {
            assert_eq!(*word, word.to_lowercase());
        }
    }

    #[test]
    fn texts_are_told_apart_in_four_languages() {
        for text in ["Klik hier", "CLIQUEZ ICI", "Jetzt bestätigen", "Verify your account"] {
            assert!(action(text).is_some() && legal(text).is_none(), "{text}");
        }
        for text in ["Algemene voorwaarden", "Mentions légales", "Impressum", "Privacy Policy"] {
            assert!(legal(text).is_some(), "{text}");
        }
        assert_eq!(action("ACME Ltd"), None);
    }
}
