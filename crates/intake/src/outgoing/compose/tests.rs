//! What letters say and what they never say, over every language and outcome.

use belfry_casebook::correspondence::Correspondent;
use belfry_casebook::report::ReportId;

use super::*;

const NOW: UnixMillis = UnixMillis(1_795_510_800_000);

fn settings() -> LetterSettings {
    LetterSettings {
        sender: "Belfry <report@csirt.example>".parse().unwrap(),
        language: "en".into(),
        per_hour_max: 5,
        give_up: Duration::from_secs(5),
        days: 30,
        page: Some("https://report.csirt.example/receipt/".into()),
        authority: "The national CSIRT".into(),
    }
}

fn receipt() -> Receipt {
    Receipt::parse("7K3QF-0D2MX-9GZ4T-C1V8B").unwrap()
}

fn due(stage: Stage, message_id: Option<&str>) -> Due {
    Due {
        report: ReportId(1),
        receipt: receipt(),
        received_at: NOW,
        stage,
        correspondent: Correspondent {
            address: "an@example.com".into(),
            message_id: message_id.map(ToOwned::to_owned),
            language: None,
        },
        pseudonym: Vec::new(),
        tries: 0,
    }
}

fn outcomes() -> Vec<Outcome> {
    let name = "login[.]xn--vil-9la[.]example".to_owned();
    vec![
        Outcome::Blocked {
            name: name.clone(),
            after: Some(Duration::from_secs(7_260)),
            reporters: Some(12),
        },
        Outcome::Blocked { name, after: None, reporters: None },
        Outcome::NotBlockable,
        Outcome::Ended,
        Outcome::Undecided,
        Outcome::Spam,
        Outcome::Benign,
    ]
}

fn all() -> Vec<Words> {
    let mut all = Vec::new();
    for language in ["nl", "fr", "de", "en"] {
        let texts = Texts::of(language);
        all.push(acknowledgement(texts, &receipt(), &settings()));
        all.extend(outcomes().iter().map(|out| outcome(texts, out, &receipt(), &settings())));
    }
    all
}

#[test]
fn an_acknowledgement_reads_well() {
    let words = acknowledgement(Texts::of("en"), &receipt(), &settings());
    insta::assert_snapshot!(words.body, @r"
    Thank you. Your message has arrived and will be examined.

    The number of your report is 7K3QF-0D2MX-9GZ4T-C1V8B.

    Do not open links in the suspicious message and do not answer it. If you have given away card or bank details, call your bank now. If you have typed a password, change it.

    We will write once more when we know the outcome. Until then we keep your e-mail address, for 30 days at most. After that it is deleted.

    You can follow your report here: https://report.csirt.example/receipt/7K3QF-0D2MX-9GZ4T-C1V8B

    A program wrote this message. Nobody reads answers to it.

    The national CSIRT
    ");
}

#[test]
fn an_outcome_reads_well() {
    let words = outcome(Texts::of("fr"), &outcomes()[0], &receipt(), &settings());
    insta::assert_snapshot!(words.body, @r"
    Le numéro de votre signalement est 7K3QF-0D2MX-9GZ4T-C1V8B.

    Ce vers quoi votre message mène est bloqué : login[.]xn--vil-9la[.]example. Les opérateurs télécoms qui utilisent notre liste n’y conduisent plus leurs clients.

    Le blocage est venu 2 heures après votre signalement.

    Vous êtes l’une des 12 personnes qui l’ont signalé. Merci.

    N’ouvrez pas les liens du message suspect et n’y répondez pas. Si vous avez donné des données de carte ou de banque, appelez votre banque maintenant. Si vous avez saisi un mot de passe, changez-le.

    Votre adresse e-mail est maintenant effacée de votre signalement.

    Un programme a écrit ce message. Personne ne lit les réponses.

    The national CSIRT
    ");
}

#[test]
fn every_letter_is_filled_in_and_has_no_link_but_our_own() {
    for words in all() {
        for text in [&words.subject, &words.body] {
            assert!(!text.contains(['{', '}']), "{text}");
            let ours = text.replace("https://report.csirt.example/receipt/", "");
            assert!(!ours.contains("://") && !ours.contains("www."), "{text}");
            let hidden = |char: char| {
                char.is_control() && char != '\n'
                    || matches!(char, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
            };
            assert!(!text.contains(hidden), "{text:?}");
        }
        assert!(words.subject.contains("7K3QF-0D2MX-9GZ4T-C1V8B"));
    }
}

#[test]
fn durations_are_spoken_in_one_unit() {
    let check = |seconds, expected: &str| {
        assert_eq!(spoken(Duration::from_secs(seconds), Texts::of("en")), expected);
    };
    check(0, "less than a minute");
    check(60, "1 minute");
    check(3_599, "59 minutes");
    check(3_600, "1 hour");
    check(172_799, "47 hours");
    check(200_000, "2 days");
}

fn header_of(message: &[u8]) -> Vec<String> {
    let text = String::from_utf8(message.to_vec()).unwrap();
    let (head, _) = text.split_once("\r\n\r\n").unwrap();
    head.replace("\r\n ", " ").split("\r\n").map(ToOwned::to_owned).collect()
}

#[test]
fn the_head_is_exactly_ours() {
    let words = acknowledgement(Texts::of("fr"), &receipt(), &settings());
    let due = due(Stage::Acknowledge, Some("1@example.com"));
    let (envelope, message) = compose_ok(&due, words);
    assert!(envelope.from().is_none());
    assert_eq!(envelope.to().len(), 1);
    let head = header_of(&message);
    for line in [
        "From: Belfry <report@csirt.example>",
        "To: an@example.com",
        "Auto-Submitted: auto-replied",
        "X-Auto-Response-Suppress: All",
        "In-Reply-To: <1@example.com>",
        "References: <1@example.com>",
        "Message-ID: <7K3QF-0D2MX-9GZ4T-C1V8B.received@csirt.example>",
        "Content-Type: text/plain; charset=utf-8",
        "MIME-Version: 1.0",
    ] {
        assert!(head.iter().any(|have| have == line), "{line} is not in {head:#?}");
    }
    // Those, Date, Subject and Content-Transfer-Encoding.
    assert_eq!(head.len(), 12, "{head:#?}");
}

fn compose_ok(due: &Due, words: Words) -> (Envelope, Vec<u8>) {
    message(due, words, &settings(), NOW).unwrap()
}

#[test]
fn what_a_stranger_chose_breaks_out_of_nothing() {
    for hostile in
        ["an@example.com\r\nBcc: all@example.com", "a, b@example.com", "an@example.com>", ""]
    {
        let mut due = due(Stage::Inform, None);
        due.correspondent.address = hostile.into();
        let words = acknowledgement(Texts::of("en"), &receipt(), &settings());
        assert_eq!(message(&due, words, &settings(), NOW).unwrap_err(), Unwritable, "{hostile:?}");
    }
    // The intake leaves such an id out; should one come all the same, no line of its own comes of it.
    let due = due(Stage::Inform, Some("x@y>\r\nBcc: all@example.com\r\n\r\nbody"));
    let (envelope, bytes) =
        compose_ok(&due, acknowledgement(Texts::of("en"), &receipt(), &settings()));
    assert_eq!(envelope.to().len(), 1);
    assert!(!header_of(&bytes).iter().any(|line| line.starts_with("Bcc")));
}
