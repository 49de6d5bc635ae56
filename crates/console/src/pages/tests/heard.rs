//! What a screen reader hears of each page, in its order: the title, headings, names of
//! fields, buttons and links. axe-core can't tell whether that makes sense: a person
//! reads it here, and a change of it is seen.

use belfry_casebook::access::Role;
use serde_json::json;

use super::Pages;

/// Elements whose text is heard on their own.
const HEARD: [&str; 10] =
    ["title", "h1", "h2", "h3", "label", "legend", "button", "a", "caption", "iframe"];

/// One line an element: `h1 Queue`.
fn heard(html: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        rest = after;
        let Some((tag, inside)) = after.split_once('>') else { break };
        let name = tag.split_whitespace().next().unwrap_or_default();
        if !HEARD.contains(&name) || tag.contains("class=\"skip\"") {
            continue;
        }
        let end = format!("</{name}>");
        let text = inside.split(&end).next().unwrap_or_default();
        let title = tag.split("title=\"").nth(1).and_then(|rest| rest.split('"').next());
        lines.push(format!("{name} {}", title.map_or_else(|| plain(text), str::to_owned)));
    }
    lines
}

/// The text without its tags.
fn plain(html: &str) -> String {
    let parts = html.split('<').enumerate().map(|(at, part)| {
        if at == 0 { part } else { part.split_once('>').map_or("", |(_, text)| text) }
    });
    parts.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What every page begins and ends with is left out.
fn main_of(html: &str) -> Vec<String> {
    let main = html.split_once("<main").unwrap().1.split("</main>").next().unwrap();
    let title = heard(html).into_iter().find(|line| line.starts_with("title ")).unwrap();
    std::iter::once(title).chain(heard(main)).collect()
}

#[track_caller]
fn check(html: &str, path: &str, expect: &[&str]) {
    let found = main_of(html);
    assert_eq!(found, expect, "{path}: {found:#?}");
}

#[test]
fn elements_are_heard_by_their_names() {
    let html = "<title>T</title><main><h1>A <b>b</b></h1><p>no</p><a href=x>c</a>\
                <iframe title=\"d\"></iframe></main>";
    assert_eq!(main_of(html), ["title T", "h1 A b", "a c", "iframe d"]);
}

/// A page, and what is heard of it.
type Heard = (&'static str, &'static [&'static str]);

#[tokio::test]
async fn what_citizens_hear_in_each_language() {
    let pages = Pages::new().await;
    for (path, expect) in [ENGLISH, DUTCH, FRENCH, GERMAN].concat() {
        check(&pages.get(path, "").await.body, path, expect);
    }
}

#[tokio::test]
async fn what_an_administrator_hears() {
    let pages = Pages::new().await;
    let reading = json!({ "summary": { "subject": "Hi" }, "text": "Pay",
        "links": [{ "url": "https://kaart.evil.example", "role": "call-to-action" }] });
    pages.case("kaart.evil.example", &reading).await;
    let ann = pages.person("ann", Role::Admin).await;
    for (path, expect) in CONSOLE {
        check(&pages.get(path, &ann).await.body, path, expect);
    }
}

const ENGLISH: &[Heard] = &[
    (
        "/?lang=en",
        &[
            "title Suspicious message? · Belfry",
            "h1 Suspicious message?",
            "h2 Report a message",
            "a Report",
            "h2 Follow your report",
            "label Number",
            "button Follow",
            "h2 Is a website blocked?",
            "label Name or address of the website",
            "button Look it up",
            "h2 Is your website blocked by mistake?",
            "a Object to a block",
        ],
    ),
    (
        "/report?lang=en",
        &[
            "title Report a suspicious message · Belfry",
            "h1 Report a suspicious message",
            "h2 Did you click, type something or pay?",
            "a No, nothing",
            "a I clicked",
            "a I typed something",
            "a I paid",
        ],
    ),
    (
        "/report?harm=paid&lang=en",
        &[
            "title Report a suspicious message · Belfry",
            "h1 Report a suspicious message",
            "h2 Do this first",
            "a +32 78 170 170",
            "h2 What did you get?",
            "label Website",
            "label The link or the text",
            "label Or a file",
            "button Send",
            "a Privacy",
        ],
    ),
    (
        "/lookup?name=x.example&lang=en",
        &[
            "title Look a name up · Belfry",
            "h1 Look a name up",
            "label Name or address of the website",
            "button Look it up",
            "h2 This name is not blocked",
        ],
    ),
    (
        "/objection?lang=en",
        &[
            "title Object · Belfry",
            "h1 Object",
            "label Website",
            "label Name or address of the website",
            "label Why is it wrong?",
            "label Your mail address (not needed)",
            "button Send the objection",
            "a My SMS are refused",
        ],
    ),
    (
        "/privacy?lang=en",
        &[
            "title Privacy · Belfry",
            "h1 Privacy",
            "h2 These pages",
            "h2 Your report",
            "h2 Your objection",
            "h2 What you visit",
            "h2 Your rights",
        ],
    ),
    (
        "/statistics?lang=en",
        &[
            "title Figures · Belfry",
            "h1 Figures",
            "h2 Reports a day",
            "h2 New blocks a day",
            "caption By day, the last thirty days",
            "a JSON",
            "a CSV",
        ],
    ),
    (
        "/console/sign-in?lang=en",
        &["title Sign in · Belfry", "h1 Sign in", "button Sign in with a passkey"],
    ),
    (
        "/console/set-up?lang=en",
        &["title Make your passkey · Belfry", "h1 Make your passkey", "button Make a passkey"],
    ),
];

const DUTCH: &[Heard] = &[
    (
        "/?lang=nl",
        &[
            "title Verdacht bericht? · Belfry",
            "h1 Verdacht bericht?",
            "h2 Een bericht melden",
            "a Melden",
            "h2 Uw melding volgen",
            "label Nummer",
            "button Volg",
            "h2 Is een website geblokkeerd?",
            "label Naam of adres van de website",
            "button Zoek op",
            "h2 Is uw website ten onrechte geblokkeerd?",
            "a Maak bezwaar tegen een blokkering",
        ],
    ),
    (
        "/report?lang=nl",
        &[
            "title Een verdacht bericht melden · Belfry",
            "h1 Een verdacht bericht melden",
            "h2 Hebt u op iets geklikt, iets ingevuld of betaald?",
            "a Nee, niets",
            "a Ik heb geklikt",
            "a Ik heb iets ingevuld",
            "a Ik heb betaald",
        ],
    ),
    (
        "/report?harm=paid&lang=nl",
        &[
            "title Een verdacht bericht melden · Belfry",
            "h1 Een verdacht bericht melden",
            "h2 Doe dit eerst",
            "a +32 78 170 170",
            "h2 Wat kreeg u?",
            "label Website",
            "label De link of de tekst",
            "label Of een bestand",
            "button Verstuur",
            "a Privacy",
        ],
    ),
    (
        "/lookup?name=x.example&lang=nl",
        &[
            "title Een naam opzoeken · Belfry",
            "h1 Een naam opzoeken",
            "label Naam of adres van de website",
            "button Zoek op",
            "h2 Deze naam is niet geblokkeerd",
        ],
    ),
    (
        "/objection?lang=nl",
        &[
            "title Bezwaar maken · Belfry",
            "h1 Bezwaar maken",
            "label Website",
            "label Naam of adres van de website",
            "label Waarom is het fout?",
            "label Uw mailadres (niet nodig)",
            "button Dien het bezwaar in",
            "a Mijn sms’en worden geweigerd",
        ],
    ),
    (
        "/privacy?lang=nl",
        &[
            "title Privacy · Belfry",
            "h1 Privacy",
            "h2 Deze pagina’s",
            "h2 Uw melding",
            "h2 Uw bezwaar",
            "h2 Wat u bezoekt",
            "h2 Uw rechten",
        ],
    ),
    (
        "/statistics?lang=nl",
        &[
            "title Cijfers · Belfry",
            "h1 Cijfers",
            "h2 Meldingen per dag",
            "h2 Nieuwe blokkeringen per dag",
            "caption Per dag, de laatste dertig dagen",
            "a JSON",
            "a CSV",
        ],
    ),
];

const FRENCH: &[Heard] = &[
    (
        "/?lang=fr",
        &[
            "title Message suspect ? · Belfry",
            "h1 Message suspect ?",
            "h2 Signaler un message",
            "a Signaler",
            "h2 Suivre votre signalement",
            "label Numéro",
            "button Suivre",
            "h2 Un site est-il bloqué ?",
            "label Nom ou adresse du site",
            "button Chercher",
            "h2 Votre site est-il bloqué à tort ?",
            "a Contester un blocage",
        ],
    ),
    (
        "/report?lang=fr",
        &[
            "title Signaler un message suspect · Belfry",
            "h1 Signaler un message suspect",
            "h2 Avez-vous cliqué, saisi quelque chose ou payé ?",
            "a Non, rien",
            "a J’ai cliqué",
            "a J’ai saisi quelque chose",
            "a J’ai payé",
        ],
    ),
    (
        "/report?harm=paid&lang=fr",
        &[
            "title Signaler un message suspect · Belfry",
            "h1 Signaler un message suspect",
            "h2 Faites d’abord ceci",
            "a +32 78 170 170",
            "h2 Qu’avez-vous reçu ?",
            "label Website",
            "label Le lien ou le texte",
            "label Ou un fichier",
            "button Envoyer",
            "a Vie privée",
        ],
    ),
    (
        "/lookup?name=x.example&lang=fr",
        &[
            "title Chercher un nom · Belfry",
            "h1 Chercher un nom",
            "label Nom ou adresse du site",
            "button Chercher",
            "h2 Ce nom n’est pas bloqué",
        ],
    ),
    (
        "/objection?lang=fr",
        &[
            "title Contester · Belfry",
            "h1 Contester",
            "label Website",
            "label Nom ou adresse du site",
            "label Pourquoi est-ce une erreur ?",
            "label Votre adresse e-mail (facultatif)",
            "button Déposer la contestation",
            "a Mes SMS sont refusés",
        ],
    ),
    (
        "/privacy?lang=fr",
        &[
            "title Vie privée · Belfry",
            "h1 Vie privée",
            "h2 Ces pages",
            "h2 Votre signalement",
            "h2 Votre contestation",
            "h2 Ce que vous visitez",
            "h2 Vos droits",
        ],
    ),
    (
        "/statistics?lang=fr",
        &[
            "title Chiffres · Belfry",
            "h1 Chiffres",
            "h2 Signalements par jour",
            "h2 Nouveaux blocages par jour",
            "caption Par jour, les trente derniers jours",
            "a JSON",
            "a CSV",
        ],
    ),
];

const GERMAN: &[Heard] = &[
    (
        "/?lang=de",
        &[
            "title Verdächtige Nachricht? · Belfry",
            "h1 Verdächtige Nachricht?",
            "h2 Eine Nachricht melden",
            "a Melden",
            "h2 Ihre Meldung verfolgen",
            "label Nummer",
            "button Verfolgen",
            "h2 Ist eine Website gesperrt?",
            "label Name oder Adresse der Website",
            "button Nachschlagen",
            "h2 Ist Ihre Website zu Unrecht gesperrt?",
            "a Einspruch gegen eine Sperre erheben",
        ],
    ),
    (
        "/report?lang=de",
        &[
            "title Eine verdächtige Nachricht melden · Belfry",
            "h1 Eine verdächtige Nachricht melden",
            "h2 Haben Sie geklickt, etwas eingegeben oder bezahlt?",
            "a Nein, nichts",
            "a Ich habe geklickt",
            "a Ich habe etwas eingegeben",
            "a Ich habe bezahlt",
        ],
    ),
    (
        "/report?harm=paid&lang=de",
        &[
            "title Eine verdächtige Nachricht melden · Belfry",
            "h1 Eine verdächtige Nachricht melden",
            "h2 Tun Sie das zuerst",
            "a +32 78 170 170",
            "h2 Was haben Sie bekommen?",
            "label Website",
            "label Der Link oder der Text",
            "label Oder eine Datei",
            "button Senden",
            "a Datenschutz",
        ],
    ),
    (
        "/lookup?name=x.example&lang=de",
        &[
            "title Einen Namen nachschlagen · Belfry",
            "h1 Einen Namen nachschlagen",
            "label Name oder Adresse der Website",
            "button Nachschlagen",
            "h2 Dieser Name ist nicht gesperrt",
        ],
    ),
    (
        "/objection?lang=de",
        &[
            "title Einspruch erheben · Belfry",
            "h1 Einspruch erheben",
            "label Website",
            "label Name oder Adresse der Website",
            "label Warum ist es falsch?",
            "label Ihre Mailadresse (nicht nötig)",
            "button Einspruch einreichen",
            "a Meine SMS werden abgewiesen",
        ],
    ),
    (
        "/privacy?lang=de",
        &[
            "title Datenschutz · Belfry",
            "h1 Datenschutz",
            "h2 Diese Seiten",
            "h2 Ihre Meldung",
            "h2 Ihr Einspruch",
            "h2 Was Sie besuchen",
            "h2 Ihre Rechte",
        ],
    ),
    (
        "/statistics?lang=de",
        &[
            "title Zahlen · Belfry",
            "h1 Zahlen",
            "h2 Meldungen je Tag",
            "h2 Neue Sperren je Tag",
            "caption Je Tag, die letzten dreißig Tage",
            "a JSON",
            "a CSV",
        ],
    ),
];

const CONSOLE: &[Heard] = &[
    (
        "/console?lang=en",
        &[
            "title Queue · Belfry",
            "h1 Queue",
            "a Show it (r)",
            "label Search",
            "label State",
            "button Show",
            "caption The most urgent first. The list does not move while you read.",
            "a kaart[.]evil[.]example",
            "legend Decide the chosen cases together",
            "label Verdict",
            "label Reason",
            "button Decide",
            "h2 Keys",
            "label Use keys",
        ],
    ),
    (
        "/console/cases/1?lang=en",
        &[
            "title Case 1 · Belfry",
            "a Queue",
            "h1 kaart[.]evil[.]example",
            "a Show it (r)",
            "h2 What was reported",
            "h2 What is in it",
            "h3 Links",
            "h3 The message’s text",
            "iframe The message’s text",
            "button Save the original",
            "h2 What its page showed",
            "button Open the page as a computer",
            "button Open the page as a phone",
            "h2 What the whole domain would hit",
            "h2 Reports",
            "caption The latest hundred",
            "h2 Timeline",
            "h2 What is it?",
            "label Reason",
            "label A hacked site: its mail goes on, and the block is short",
            "button Phishing p",
            "button Malware m",
            "button Fake shop f",
            "button Other fraud o",
            "button Spam s",
            "button Benign b",
            "button Can’t be told u",
            "h2 Later, or otherwise",
            "label How many days",
            "label Reason",
            "button Let it wait",
            "h2 Notes",
            "label New note",
            "button Write down",
            "button I take this case",
            "h2 Keys",
            "label Use keys",
        ],
    ),
    (
        "/console/shift?lang=en",
        &[
            "title Shift · Belfry",
            "h1 Shift",
            "h2 Now",
            "a Objections",
            "h2 Alarms",
            "h2 Awaits a second person",
            "a Awaits a second person",
            "h2 End within 24 hours",
            "h2 Operators",
        ],
    ),
    (
        "/console/campaigns?lang=en",
        &["title Campaigns · Belfry", "h1 Campaigns", "label Only this brand", "button Show"],
    ),
    (
        "/console/rules?lang=en",
        &[
            "title Rules · Belfry",
            "h1 Rules",
            "h2 Emergency brake",
            "label Take back what was blocked in so many minutes",
            "label Why",
            "button Pull the brake",
            "h2 Write a rule",
            "label Name",
            "label Text",
            "button Keep it, off",
        ],
    ),
    (
        "/console/lists?lang=en",
        &[
            "title Lists · Belfry",
            "h1 Lists",
            "h2 Ask the guard about a name",
            "label Name",
            "button Ask",
        ],
    ),
    ("/console/approvals?lang=en", &["title Approvals · Belfry", "h1 Approvals"]),
    (
        "/console/people?lang=en",
        &[
            "title People · Belfry",
            "h1 People",
            "h2 Invite someone",
            "label Name",
            "label Role",
            "button Make the link",
            "caption Who can sign in",
            "button Sign out everywhere ann",
            "button Remove ann",
        ],
    ),
    (
        "/console/audit?lang=en",
        &[
            "title Audit log · Belfry",
            "h1 Audit log",
            "caption Who did what, the latest first; each line is chained to the one before",
        ],
    ),
    ("/console/objections?lang=en", &["title Objections · Belfry", "h1 Objections"]),
];
