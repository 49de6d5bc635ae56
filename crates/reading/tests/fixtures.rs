//! Mails that we wrote, as a person would see their reading. A change of any line
//! shows in a snapshot.

use belfry_indicator::EmbeddedSuffixes;
use belfry_reading::{Limits, Reading, read_mail, render_text};

fn check(name: &str, mail: &[u8]) -> Reading {
    let reading = read_mail(mail, &EmbeddedSuffixes, &Limits::default());
    insta::assert_snapshot!(name, render_text(&reading));
    reading
}

#[test]
fn a_bank_in_dutch() {
    let reading = check("bank-nl", include_bytes!("../fixtures/bank-nl.eml"));
    assert!(reading.defects.is_empty());
}

#[test]
fn a_parcel_in_french_in_base64_and_windows_1252() {
    let reading = check("parcel-fr", include_bytes!("../fixtures/parcel-fr.eml"));
    assert!(reading.links[0].target.is_none(), "DNS cannot block an address");
}

#[test]
fn a_tax_refund_in_german_with_form_and_refresh() {
    check("tax-de", include_bytes!("../fixtures/tax-de.eml"));
}

#[test]
fn a_forwarded_mail_is_read_for_what_was_forwarded() {
    let reading = check("forwarded-en", include_bytes!("../fixtures/forwarded-en.eml"));
    assert_eq!(reading.summary.forwarded_depth, 1);
}

#[test]
fn a_mail_broken_in_every_way_keeps_its_links() {
    let reading = check("broken-en", include_bytes!("../fixtures/broken-en.eml"));
    let hosts: Vec<_> = reading.links.iter().map(|link| link.host.as_str()).collect();
    assert_eq!(
        hosts,
        ["pay.example.org", "base.example.org", "lost.example.org", "cut.example.org"]
    );
}

#[test]
fn a_mail_without_links_has_its_text() {
    let reading = check("text-only-nl", include_bytes!("../fixtures/text-only-nl.eml"));
    assert!(reading.links.is_empty() && !reading.text.is_empty());
}

#[test]
fn tricks_with_hosts_are_seen_through() {
    check("mutated-host-en", include_bytes!("../fixtures/mutated-host-en.eml"));
}

#[test]
fn wrapped_links_are_seen_through_without_naming_the_recipient() {
    let reading = check("wrapped-nl", include_bytes!("../fixtures/wrapped-nl.eml"));
    let json = serde_json::to_string(&reading).expect("a reading is plain data");
    for form in ["an.peeters", "an-peeters", "an.peeters%40", "YW4ucGVldGVyc0Bwb3N0"] {
        assert!(!json.contains(form), "{form} in {json}");
    }
}

#[test]
fn a_reading_survives_its_json() {
    let reading = check("bank-nl", include_bytes!("../fixtures/bank-nl.eml"));
    let json = serde_json::to_string(&reading).expect("a reading is plain data");
    assert_eq!(serde_json::from_str::<Reading>(&json).expect("its own JSON"), reading);
}
