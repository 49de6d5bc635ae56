//! Who is answered and who is not, each by the one thing that makes the difference.

use belfry_casebook::report::CheckResult;

use super::*;

const MAIL: &str = "From: An <an@example.com>\r\nMessage-ID: <1@example.com>\r\n\
    Content-Language: nl\r\nSubject: Fwd: x\r\n";

fn whom() -> Whom {
    let own = vec!["report@csirt.example".to_owned(), "belfry.example".to_owned()];
    Whom { own, acknowledge: true, days: 30 }
}

fn answer(
    sender: Option<&str>,
    fields: &str,
    authentic: bool,
) -> Result<Correspondent, Unanswerable> {
    let envelope = Envelope {
        peer: "192.0.2.1".parse().unwrap(),
        helo: "mail.example.com".into(),
        sender: sender.map(ToOwned::to_owned),
    };
    let result = CheckResult::Pass;
    let check = SenderCheck { spf: result, dkim: result, dmarc: result, authentic };
    whom().answerable(&envelope, format!("{fields}\r\nbody\r\n").as_bytes(), &check)
}

#[test]
fn a_proven_person_is_answered_in_their_language() {
    let answered = answer(Some("An@Example.com"), MAIL, true).unwrap();
    assert_eq!(answered.address, "An@Example.com");
    assert_eq!(answered.message_id.as_deref(), Some("1@example.com"));
    assert_eq!(answered.language.as_deref(), Some("nl"));
    let bare = "From: an@example.com\r\nAuto-Submitted: no\r\n";
    assert!(answer(Some("an@example.com"), bare, true).is_ok());
}

#[test]
fn nobody_else_is() {
    let check = |sender: &str, fields: &str, expected| {
        let fields = format!("{fields}{MAIL}");
        assert_eq!(answer(Some(sender), &fields, true), Err(expected), "{sender} {fields}");
    };
    let an = "an@example.com";
    assert_eq!(answer(None, MAIL, true), Err(Unanswerable::NoSender));
    assert_eq!(answer(Some(an), MAIL, false), Err(Unanswerable::Unproven));
    check("bo@example.com", "", Unanswerable::Different);
    check(an, "From: bo@example.com\r\n", Unanswerable::Different);
    check(an, "Auto-Submitted: auto-replied\r\n", Unanswerable::Automatic);
    check(an, "auto-submitted: Auto-Generated (x)\r\n", Unanswerable::Automatic);
    check(an, "X-Auto-Response-Suppress: All\r\n", Unanswerable::Automatic);
    check(an, "X-Loop: an@example.com\r\n", Unanswerable::Automatic);
    check(an, "Return-Path: <>\r\n", Unanswerable::Automatic);
    check(an, "Content-Type: multipart/report; x=y\r\n", Unanswerable::Automatic);
    check(an, "Precedence: Bulk\r\n", Unanswerable::Bulk);
    check(an, "Precedence: list\r\n", Unanswerable::Bulk);
    check(an, "List-Id: <l.example.com>\r\n", Unanswerable::Bulk);
    check(an, "List-Unsubscribe: <mailto:x@example.com>\r\n", Unanswerable::Bulk);
    check("MAILER-DAEMON@example.com", "", Unanswerable::Role);
    check("no-reply@example.com", "", Unanswerable::Role);
    check("news-request@example.com", "", Unanswerable::Role);
    check("owner-news@example.com", "", Unanswerable::Role);
    check("prvs=0123=an@example.com", "", Unanswerable::Different);
    check("bounces+an=x@example.com", "", Unanswerable::Role);
    check("report@CSIRT.example", "", Unanswerable::Own);
    check("anyone@belfry.example", "", Unanswerable::Own);
}

#[test]
fn an_address_that_could_be_more_than_one_is_refused() {
    for address in [
        "an@example.com\r\nBcc: all@example.com",
        "an@example.com,bo@example.com",
        "\"an\"@example.com",
        "an@[192.0.2.1]",
        "an@localhost",
        "an bo@example.com",
        "<an@example.com>",
        "an@@example.com",
        ".an@example.com",
        "an\u{202e}@example.com",
        "\u{e9}@example.com",
        "an@ex_ample.com",
        "an@-example.com",
        "",
    ] {
        assert_eq!(answer(Some(address), MAIL, true), Err(Unanswerable::Malformed), "{address:?}");
    }
    assert!(!is_plain_address(&format!("{}@example.com", "a".repeat(65))));
}

#[test]
fn a_message_id_that_could_break_out_is_left_out() {
    let check = |value: &str, expected: Option<&str>| {
        let fields = format!("From: an@example.com\r\nMessage-ID: {value}\r\n");
        let answered = answer(Some("an@example.com"), &fields, true).unwrap();
        assert_eq!(answered.message_id.as_deref(), expected, "{value}");
    };
    check("<a.b+c=d@mail.example.com>", Some("a.b+c=d@mail.example.com"));
    check("<a@b>\r\n <c@d>", None);
    check("<a b@c>", None);
    check("<a@\u{202e}c>", None);
    check("a@b", None);
    check(&format!("<{}@b>", "a".repeat(300)), None);
}
