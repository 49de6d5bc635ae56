//! Forwards as programs write them, short.

use super::{Found, find};

fn found(text: &str, subject: &str) -> Found {
    find(text, Some(subject)).unwrap_or_else(|| panic!("no forward in {text:?}"))
}

fn address(forward: &super::Forward) -> &str {
    forward.from.as_ref().and_then(|from| from.address.as_deref()).unwrap_or_default()
}

#[test]
fn the_note_the_header_and_the_body_are_told_apart() {
    let text = "Is dit echt?\n\nMvg\n\nBegin doorgestuurd bericht:\n\n> Van: Bank <b@a.example>\n\
                > Onderwerp: Uw kaart\n> Datum: 26 oktober 2021 om 14:25:08 CEST\n> Aan: c@a.example\n>\n\
                > Klik nu.\n>\n> https://evil.example/\n";
    let found = found(text, "Fwd: Uw kaart");
    let forward = &found.forward;
    assert_eq!(forward.note.as_deref(), Some("Is dit echt?\n\nMvg"));
    assert_eq!(address(forward), "b@a.example");
    assert_eq!(forward.subject.as_deref(), Some("Uw kaart"));
    assert_eq!(forward.date.as_deref(), Some("26 oktober 2021 om 14:25:08 CEST"));
    assert_eq!(forward.body, "Klik nu.\n\nhttps://evil.example/");
    assert!(text[found.starts[0]..].starts_with("Begin doorgestuurd"));
    assert!(found.certain && forward.inner.is_none());
}

#[test]
fn a_forward_of_a_forward_leads_to_the_innermost() {
    let text = "Zie onder\n________________________________\nVan: Jan <jan@a.example>\n\
                Verzonden: maandag 1 november 2021 10:00\nAan: help@a.example\nOnderwerp: FW: Pakje\n\n\
                Klopt dit?\n\nVan: Post <post@b.example>\nVerzonden: zondag 31 oktober 2021 09:00\n\
                Aan: jan@a.example\nOnderwerp: Pakje\n\nBetaal hier: https://evil.example/\n";
    let found = found(text, "FW: Pakje");
    let inner = found.forward.innermost();
    assert_eq!(found.forward.levels(), 2);
    assert_eq!(address(&found.forward), "jan@a.example");
    assert_eq!(inner.note.as_deref(), Some("Klopt dit?"));
    assert_eq!(address(inner), "post@b.example");
    assert_eq!(inner.body, "Betaal hier: https://evil.example/");
    assert!(text[found.starts[1]..].starts_with("Van: Post"));
}

#[test]
fn a_thread_of_answers_is_the_body_of_one_mail() {
    let text = "---------- Forwarded message ---------\nFrom: A <a@a.example>\nDate: today\n\
                Subject: Re: offer\nTo: b@a.example\n\nSee below\n\nFrom: B <b@a.example>\n\
                Sent: yesterday\nTo: a@a.example\nSubject: offer\n\nHello\n";
    let found = found(text, "Fwd: offer");
    assert_eq!(found.forward.levels(), 1);
    assert!(found.forward.body.ends_with("Hello"));
}

#[test]
fn an_answer_is_no_forward() {
    let answer = "I agree\n\nOn 28/10/2021 12:46, Jo <jo@a.example> wrote:\n> x\n";
    assert!(find(answer, Some("Re: x")).is_none());
    assert!(find(answer, None).is_none());
    assert!(find(answer, Some("FW: x")).is_some());
    let block =
        "I agree\n\nFrom: Jo <jo@a.example>\nSent: today\nTo: me@a.example\nSubject: x\n\nx\n";
    assert!(find(block, Some("RE: x")).is_none());
    assert!(!found(block, "x").certain);
    // A journey, not a mail.
    let journey = "From: Brussels\nTo: Paris\nDate: 1 May\nYour train leaves at 10.\n";
    assert!(find(journey, Some("Your ticket")).is_none());
}

#[test]
fn hostile_texts_are_read_in_one_pass() {
    for piece in [
        "From: a@b.example\n",
        "From: a@b.example\nTo: x\n",
        "> ",
        ">\n",
        "-----Forwarded message----- ",
        "----- Forwarded Message ----- From: De: ",
        "Fra: <a@b.example>\nTil: a,\n",
        "On 1:1, a@b wrote:\n",
        "\n",
        "To:\n",
    ] {
        let text = piece.repeat(500_000 / piece.len());
        if let Some(found) = find(&text, Some("FW: x")) {
            assert!(found.forward.levels() <= super::LEVELS_MAX);
        }
    }
}
