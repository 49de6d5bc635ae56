//! What is found in texts, and what only resembles it.

use belfry_indicator::EmbeddedSuffixes;

use crate::{DefectKind, Limits, Reading, read_mail, read_sms};

fn read(text: &str) -> Reading {
    read_sms(text.as_bytes(), &EmbeddedSuffixes, &Limits::default())
}

fn check(text: &str, expect: &[(&str, usize)]) {
    let reading = read(text);
    let found: Vec<_> =
        reading.observables.iter().map(|o| (o.what.text().into_owned(), o.place.offset)).collect();
    let found: Vec<_> = found.iter().map(|(text, at)| (text.as_str(), *at)).collect();
    assert_eq!(found, expect, "{text:?}");
}

#[test]
fn numbers_to_call_are_found() {
    check("Hoi mama, nieuw nr 0470 12 34 56, stuur!", &[("+32470123456", 19)]);
    check("Bel +32 2 123 45 67 of 02/123.45.67.", &[("+3221234567", 4)]);
    check("whatsapp 32470123456 or tel 0612345678", &[("+32470123456", 9), ("+31612345678", 28)]);
    check("\n0470123456 0471123456", &[("+32470123456", 1), ("+32471123456", 12)]);
    check("06 12 34 56 78 / 0470123456 24", &[("+33612345678", 0), ("+32470123456", 17)]);
}

#[test]
fn what_only_resembles_a_number_is_none() {
    for text in [
        "order 0612345678 of 24/11/2026 at 01-02-2026",
        "EUR 0.470.123.456,00",
        "https://a.example/0470123456?x=0470123456",
        "id-0470 12 34 56",
        "0470 12 34 5",
        "ref 003 2024 0001 2345 9999 8888",
        "x@0470123456",
        "",
    ] {
        check(text, &[]);
    }
}

#[test]
fn accounts_and_wallets_are_found_by_their_checks() {
    check(
        "Betaal op BE68 5390 0754 7034 of BE68 5390 0754 7035 voor 12u",
        &[("BE68539007547034", 10)],
    );
    check(
        "btc bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4.",
        &[("bitcoin:bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", 4)],
    );
    check(
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        &[("ethereum:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", 0)],
    );
    check("é1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", &[]);
}

#[test]
fn addresses_are_found_but_not_those_of_the_recipients() {
    check("mail Fraud@EVIL.example.", &[("Fraud@evil.example", 5)]);
    let mail = "To: an@post.example\nFrom: x@evil.example\nContent-Type: text/html\n\n\
                <p>an@post.example <a href='mailto:y%40evil.example?subject=x'>mail</a> or \
                <a href='tel:+32-470-12-34-56'>call</a> <a href='https://wa.me/32470999999'>app</a>\
                <p>BE<b>68 5390</b> 0754 7034";
    let reading = read_mail(mail.as_bytes(), &EmbeddedSuffixes, &Limits::default());
    let found: Vec<_> = reading.observables.iter().map(|o| o.what.text()).collect();
    assert_eq!(found, ["y@evil.example", "+32470123456", "+32470999999", "BE68539007547034"]);
}

#[test]
fn observables_are_bounded() {
    let many: String = (0..1_200).map(|n| format!("a{n}@evil.example ")).collect();
    let reading = read(&many);
    assert_eq!(reading.observables.len(), 1_000);
    assert_eq!(reading.defects.iter().filter(|d| d.kind == DefectKind::LimitReached).count(), 1);
}

#[test]
fn json_names_the_kind() {
    let json = serde_json::to_value(&read("0470 12 34 56").observables[0]).unwrap();
    let expect = serde_json::json!({"kind": "phone", "value": "+32470123456", "place": {"part": "1", "offset": 0}});
    assert_eq!(json, expect);
}

#[test]
fn hosts_that_are_named_and_not_linked_are_told() {
    let named = |text: &str| {
        let reading = crate::read_sms(text.as_bytes(), &EmbeddedSuffixes, &Limits::default());
        let hosts =
            reading.observables.iter().map(|o| format!("{} {}", o.what.name(), o.what.text()));
        hosts.collect::<Vec<_>>()
    };
    for (text, expect) in [
        (
            "https://evil.example.com/www.bank.org/login?q=shop.net",
            &["Named host www.bank.org", "Named host shop.net"][..],
        ),
        ("https://evil.example.com/?u=http%3A%2F%2Fevil.example.com%2F&f=index.html", &[]),
        ("open invoice.zip now", &["Named host invoice.zip"]),
        (
            "C2 at 192.0.2.7:443, (198.51.100.9) or 203.0.113.0/24.",
            &["IP address 192.0.2.7", "IP address 198.51.100.9", "IP address 203.0.113.0"],
        ),
        ("version 1.2.3.4-beta, 1.2.3.4.5, 256.1.1.1, v1.2.3.4, 12.50 euro", &[]),
    ] {
        assert_eq!(named(text), expect, "{text}");
    }
}
