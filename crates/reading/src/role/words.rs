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

/// What a sentence says that tells how to leave a list.
const LEAVING: &[&str] = &[
    "no longer wish",
    "no longer want",
    "do not wish to receive",
    "don't want to receive",
    "stop receiving",
    "remove yourself",
    "remove me",
    "remove you",
    "be removed",
    "opt out",
    "niet langer",
    "niet meer wilt ontvangen",
    "geen e-mails meer",
    "geen mails meer",
    "af te melden",
    "uit te schrijven",
    "uit te loggen",
    "te stoppen",
    "wilt u zich afmelden",
    "ne plus recevoir",
    "ne souhaitez plus",
    "désinscription",
    "désabonnement",
    "vous désabonner",
    "désinscrire",
    "nicht mehr erhalten",
    "keine weiteren",
    "keine e-mails",
    "abzumelden",
    "abmeldung",
    "austragen",
    "não deseja",
    "nao deseja",
    "não quer mais",
    "deixar de receber",
    "cancelar",
    "descadastr",
    "desinscrev",
    "no desea recibir",
    "dejar de recibir",
    "darse de baja",
];

/// Texts that name no purpose.
const GENERIC: &[&str] = &[
    "here", "click", "hier", "klik", "klick", "ici", "clique", "aqui", "aquí", "clic", "haga",
    "link", "qui",
];

/// What stands before a name that is meant to be opened.
const LEADING: &[&str] = &[
    "visit", "via", "naar", "op", "bezoek", "surf", "site", "website", "to", "at", "on", "sur",
    "visitez", "chez", "auf", "unter", "besuchen", "em", "en", "acesse", "link", "url", "web",
    "see", "zie",
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
    "sign document",
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
    "register",
    "join",
    "order now",
    "buy ",
    "shop ",
    "redeem",
    "protect",
    "answer",
    "participate",
    "enter now",
    "apply",
    "check ",
    "visit ",
    "try ",
    "save ",
    "resolve",
    "respond",
    "access ",
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
    "vraag ",
    "aanvragen",
    "doe mee",
    "meedoen",
    "deelnemen",
    "win ",
    "ontdek",
    "controleer",
    "meld je",
    "meld u",
    "bescherm",
    "plan ",
    "praat",
    "proeven",
    "word lid",
    "lid worden",
    "pak ",
    "claim",
    "start",
    "nu ",
    "ik wil",
    "herstel",
    "ontgrendel",
    "valideer",
    // French
    "cliquez",
    "cliquer",
    "ici",
    "vérifi",
    "confirm",
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
    "commenc",
    "réclam",
    "profit",
    "découvr",
    "particip",
    "répond",
    "gagn",
    "inscri",
    "demand",
    "obtenir",
    "je ",
    "valider",
    "régularis",
    "consult",
    // German
    "klick",
    "bestätig",
    "anmelden",
    "einloggen",
    "bezahl",
    "verfolg",
    "aktualisier",
    "aktivier",
    "verlänger",
    "herunterladen",
    "weiter",
    "zum ",
    "jetzt",
    "sichern",
    "erneuer",
    "teilnehm",
    "starten",
    "registrier",
    "beanspruch",
    "kaufen",
    "bestellen",
    "prüfen",
    "schütz",
    "verstanden",
    "einlös",
    "freischalt",
    "zugriff",
    // Portuguese and Spanish
    "clique",
    "acess",
    "resgat",
    "pagar",
    "pagamento",
    "regulariz",
    "confirmar",
    "atualiz",
    "verificar",
    "baixar",
    "aceitar",
    "efetuar",
    "consultar",
    "aqui",
    "aquí",
    "ver ",
    "descarg",
    "acced",
    "iniciar",
    "reclam",
    "canje",
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

/// The word in `text` that calls for an act and says which: not just "click here".
pub(super) fn purpose(text: &str) -> Option<&'static str> {
    let text = format!("{} ", text.to_lowercase());
    let mut words = ACTION.iter().copied().filter(|word| !GENERIC.contains(word));
    words.find(|word| holds(&text, word))
}

/// The words in `sentence` that tell how to leave a list.
pub(super) fn leaving(sentence: &str) -> Option<&'static str> {
    let sentence = sentence.to_lowercase();
    UNSUBSCRIBE.iter().chain(LEAVING).copied().find(|word| sentence.contains(word))
}

/// Whether a link's text says nothing of its purpose: "here", "click", a full stop.
pub(super) fn is_generic(text: &str) -> bool {
    const GENERIC_CHARS_MAX: usize = 24;
    let length = text.chars().count();
    let text = text.to_lowercase();
    length <= 2 || (length <= GENERIC_CHARS_MAX && GENERIC.iter().any(|word| text.contains(word)))
}

/// Whether the last word before a name leads to it.
pub(super) fn leads(before: &str) -> bool {
    let before = before.trim_end_matches([' ', ':', '<', '(', '"']).to_lowercase();
    let last = before.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    LEADING.contains(&last)
}

/// Whether a picture's address says that it counts who opens the message.
pub(super) fn is_tracking(link: &Link) -> bool {
    const WORDS: [&str; 8] =
        ["/open", "pixel", "/track", "wf/open", "beacon", "opened", "/o.gif", "spacer.gif?"];
    let url = link.url.as_str().to_ascii_lowercase();
    WORDS.iter().any(|word| url.contains(word))
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
    words.iter().copied().find(|word| holds(&text, word))
}

/// Whether `text` holds `word`: a short one at the start of a word only, since German
/// and Dutch join words, and `ver` stands in `over`.
fn holds(text: &str, word: &str) -> bool {
    const SHORT_BYTES: usize = 5;
    let mut places = text.match_indices(word).map(|(at, _)| at);
    places.any(|at| word.len() > SHORT_BYTES || !text[..at].ends_with(char::is_alphanumeric))
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
        for text in ["ACME Ltd", "Over ons", "Menu", "Historie", "Delivery"] {
            assert_eq!(action(text), None, "{text}");
        }
    }
}
