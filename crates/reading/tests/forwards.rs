//! Forwards in whole mails: in HTML as in plain text, the forwarder's own links apart.

use belfry_indicator::EmbeddedSuffixes;
use belfry_reading::{Limits, Reading, Role, read_mail};

const SIGNATURE: &str =
    "<p>Klopt dit?</p><p>Jan, <a href=https://mine.example.com/>Mijn bedrijf</a></p>";
const LURE: &str = "<p>Uw pakje wacht</p><a href=https://evil.example.org/>Betaal nu</a>";

fn read(subject: &str, content_type: &str, body: &str) -> Reading {
    let mail = format!(
        "From: Jan <jan@mine.example.com>\nDate: Tue, 24 Nov 2026 10:00:00 +0100\nSubject: {subject}\n\
         MIME-Version: 1.0\nContent-Type: {content_type}; charset=utf-8\n\n{body}"
    );
    read_mail(mail.as_bytes(), &EmbeddedSuffixes, &Limits::default())
}

/// The header is found, and the lure below it is what matters.
fn check(subject: &str, html: &str) {
    let reading = read(subject, "text/html", html);
    let forward = reading.forward.as_ref().unwrap_or_else(|| panic!("no forward in {html}"));
    let from = forward.from.as_ref().expect("a sender");
    assert_eq!(from.name.as_deref(), Some("Post, Dienst"), "{html}");
    assert_eq!(from.address.as_deref(), Some("post@sender.example.net"), "{html}");
    assert_eq!(forward.to[0].address.as_deref(), Some("jan@mine.example.com"), "{html}");
    assert_eq!(forward.subject.as_deref(), Some("Uw pakje"), "{html}");
    assert!(forward.date.as_deref().expect("a date").contains("2026"), "{html}");
    assert!(forward.body.starts_with("Uw pakje wacht"), "{:?}", forward.body);
    assert_eq!(forward.note.as_deref(), Some("Klopt dit?\nJan, Mijn bedrijf"), "{html}");
    assert_eq!(reading.summary.subject.as_deref(), Some("Uw pakje"));
    assert_eq!(reading.summary.from.as_ref(), Some(from));
    assert_eq!(reading.summary.forwarded_depth, 1);
    let forwarder = reading.summary.forwarder.as_ref().expect("a forwarder");
    assert_eq!(forwarder.address.as_deref(), Some("jan@mine.example.com"));
    let raised: Vec<_> = reading.links.iter().filter(|l| l.role == Role::CallToAction).collect();
    assert_eq!(raised.len(), 1, "{html}");
    assert_eq!(raised[0].host, "evil.example.org");
    assert!(reading.text.starts_with("Uw pakje wacht"));
}

#[test]
fn outlook_has_a_rule_and_bold_labels() {
    check(
        "FW: Uw pakje",
        &format!(
            "{SIGNATURE}<div style='border:none;border-top:solid #E1E1E1 1.0pt'><p><b>Van:</b> \
             Post, Dienst &lt;post@sender.example.net&gt; <br><b>Verzonden:</b> dinsdag 24 november 2026 \
             09:00<br><b>Aan:</b> jan@mine.example.com<br><b>Onderwerp:</b> Uw pakje</p></div>{LURE}"
        ),
    );
}

#[test]
fn gmail_has_a_dashed_line() {
    check(
        "Fwd: Uw pakje",
        &format!(
            "{SIGNATURE}<div class=gmail_quote>---------- Forwarded message ---------<br>Van: \
             <strong dir=auto>Post, Dienst</strong> <span>&lt;<a href=mailto:post@sender.example.net>\
             post@sender.example.net</a>&gt;</span><br>Date: di 24 nov 2026 om 09:00<br>Subject: Uw pakje\
             <br>To: &lt;<a href=mailto:jan@mine.example.com>jan@mine.example.com</a>&gt;<br></div><br>{LURE}"
        ),
    );
}

#[test]
fn apple_mail_quotes_the_whole() {
    check(
        "Fwd: Uw pakje",
        &format!(
            "{SIGNATURE}<br><div>Begin doorgestuurd bericht:</div><blockquote type=cite><div><b>Van: </b>\
             Post, Dienst &lt;<a href=mailto:post@sender.example.net>post@sender.example.net</a>&gt;<br></div>\
             <div><b>Onderwerp: </b><b>Uw pakje</b><br></div><div><b>Datum: </b>24 november 2026 om 09:00:00 CET\
             <br></div><div><b>Aan: </b>jan@mine.example.com<br></div><br><div>{LURE}</div></blockquote>"
        ),
    );
}

#[test]
fn thunderbird_has_a_table() {
    check(
        "Uw pakje",
        &format!(
            "{SIGNATURE}<div class=moz-forward-container>-------- Doorgestuurd bericht --------<table>\
             <tr><th>Onderwerp: </th><td>Uw pakje</td></tr><tr><th>Datum: </th><td>Tue, 24 Nov 2026 \
             09:00:00 +0100</td></tr><tr><th>Van: </th><td>Post, Dienst <a href=mailto:post@sender.example.net>\
             &lt;post@sender.example.net&gt;</a></td></tr><tr><th>Aan: </th><td>jan@mine.example.com</td></tr>\
             </table><br>{LURE}</div>"
        ),
    );
}

#[test]
fn a_thread_made_up_below_the_lure_hides_nothing() {
    let reading = read(
        "Invoice",
        "text/html",
        "<a href=https://evil.example.org/>Pay now</a><p>From: Boss &lt;boss@example.com&gt;<br>\
         Sent: today<br>To: you<br>Subject: pay it</p><a href=https://www.example.com/>Our site</a>",
    );
    assert_eq!(reading.forward, None);
    assert_eq!(reading.links[0].role, Role::CallToAction);
}

#[test]
fn both_alternatives_are_one_forward() {
    let plain = "Zie\n\n---------- Forwarded message ---------\nVan: Post <post@sender.example.net>\n\
                 Subject: Uw pakje\n\nBetaal: https://evil.example.org/a\n";
    let html = "Zie<br>---------- Forwarded message ---------<br>Van: Post &lt;post@sender.example.net&gt;\
                <br>Subject: Uw pakje<br><br><a href=https://evil.example.org/a>Betaal</a>";
    let reading = read(
        "Fwd: Uw pakje",
        "multipart/alternative; boundary=b",
        &format!("--b\n\n{plain}\n--b\nContent-Type: text/html\n\n{html}\n--b--\n"),
    );
    assert_eq!(reading.summary.forwarded_depth, 1);
    assert_eq!(reading.text, "Betaal");
    assert!(reading.links.iter().all(|link| link.role == Role::CallToAction));
}
