//! Whose address is looked for, and that it is found nowhere in what is read.

use belfry_indicator::EmbeddedSuffixes;

use super::addresses;
use crate::{Limits, Reading, read_mail, read_sms, read_url};

fn read(mail: &str) -> Reading {
    read_mail(mail.as_bytes(), &EmbeddedSuffixes, &Limits::default())
}

fn urls(reading: &Reading) -> Vec<&str> {
    reading.links.iter().map(|link| link.url.as_str()).collect()
}

#[test]
fn every_recipient_is_somebody_to_hide() {
    let reading = read(
        "Delivered-To: one@post.example\nX-Original-To: <two@post.example>\n\
         To: \"Three, A\" <three@post.example>, four@post.example\nCc: five@post.example\n\
         From: fraud@evil.example\n\n\
         https://one-post-example.evil.test/two/https://x.test/?three=three@post.example\n\
         https://a.test/Zm91ckBwb3N0LmV4YW1wbGU https://a.test/66697665 https://b.test/five%2540post.example\n\
         five@post.example, write to fraud@evil.example\n",
    );
    assert_eq!(
        urls(&reading),
        [
            "https://redacted--recipient.evil.test/two/https://x.test/?three=redacted--recipient",
            "https://x.test/?three=redacted--recipient",
            "https://a.test/redacted--recipient",
            "https://a.test/66697665",
            "https://b.test/redacted--recipient",
        ]
    );
    assert_eq!(reading.links[0].target.as_deref(), Some("evil.test"));
    assert_eq!(reading.links[0].host, "redacted--recipient.evil.test");
    assert!(reading.links[4].raw.is_none());
    assert!(
        reading.text.ends_with("redacted--recipient, write to fraud@evil.example"),
        "{}",
        reading.text
    );
}

#[test]
fn those_of_a_forward_are_hidden_too() {
    let reading = read(
        "From: helper@firm.example\nTo: report@csirt.example\nSubject: Fwd: Pay\n\n\
         ---------- Forwarded message ---------\nFrom: Bank <fraud@evil.example>\n\
         Date: Mon, 23 Nov 2026 at 10:00\nSubject: Pay\nTo: <victim@home.example>\n\n\
         https://evil.test/#victim=dmljdGltQGhvbWUuZXhhbXBsZQ https://evil.test/elpmaxe.mrif@repleh\n",
    );
    assert_eq!(
        urls(&reading),
        ["https://evil.test/#victim=redacted--recipient", "https://evil.test/redacted--recipient"]
    );
    let json = serde_json::to_string(&reading.links).unwrap();
    assert!(!json.contains("dmljdGlt") && !json.contains("elpmaxe"), "{json}");
}

#[test]
fn the_reason_for_a_role_quotes_no_recipient() {
    let reading = read(
        "To: an@post.example\nFrom: x@evil.example\nContent-Type: text/html\n\n\
         <a href=https://evil.test/>Verify an@post.example now</a>",
    );
    let link = &reading.links[0];
    assert_eq!(link.text.as_deref(), Some("Verify redacted--recipient now"));
    assert!(!link.why.contains("an@post"), "{}", link.why);
}

#[test]
fn an_address_in_a_link_goes_even_where_nobody_is_known() {
    let reading = read_sms(
        b"Pay: https://evil.test/?m=an@post.example",
        &EmbeddedSuffixes,
        &Limits::default(),
    );
    assert_eq!(urls(&reading), ["https://evil.test/?m=redacted--recipient"]);
    assert_eq!(reading.text, "Pay: https://evil.test/?m=redacted--recipient");
    let reading =
        read_url(b"https://evil.test/an@post.example", &EmbeddedSuffixes, &Limits::default());
    assert_eq!(urls(&reading), ["https://evil.test/redacted--recipient"]);
}

#[test]
fn a_broken_link_is_told_of_without_its_recipient() {
    let reading = read(
        "To: an@post.example\nFrom: x@evil.example\nContent-Type: text/html\n\n<a href='javascript:an@post.example'>x</a>",
    );
    let detail = &reading.defects.last().unwrap().detail;
    assert_eq!(
        detail,
        "a link that names its recipient: the scheme \"javascript\" is not http or https"
    );
}

#[test]
fn addresses_are_found_in_any_header_value() {
    let found = |value| addresses(value).collect::<Vec<_>>();
    assert_eq!(
        found("\"A, B\" <a.b+c@x.example>, d@y.example;"),
        ["a.b+c@x.example", "d@y.example"]
    );
    assert_eq!(found("@ @x y@ <é@ü.example."), ["é@ü.example"]);
    assert_eq!(found(&"a@b ".repeat(100)).len(), 64);
}
