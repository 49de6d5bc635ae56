//! The public vectors of link rewriters, where they are at hand. Links of our own
//! beside the module cover the same ground.
#![expect(clippy::disallowed_methods, reason = "vectors are files; the crate itself reads none")]

use std::collections::BTreeSet;

use belfry_indicator::{EmbeddedSuffixes, Url};
use belfry_reading::{Limits, Observed, Reading, read_sms, read_url};
use serde_json::Value;

fn vectors(path: &str) -> Option<Vec<Value>> {
    let text = std::fs::read_to_string(belfry_testbed::corpus(path)?).expect("vectors are text");
    Some(text.lines().map(|line| serde_json::from_str(line).expect("vectors are JSON")).collect())
}

/// The same URL but for escapes that a browser leaves as they are.
fn unescaped(url: &str) -> String {
    percent_encoding::percent_decode_str(url).decode_utf8_lossy().into_owned()
}

#[test]
fn every_link_of_a_rewriter_is_seen_through() {
    let Some(vectors) = vectors("conformance/url_rewriters/rewriter_cases.jsonl") else { return };
    for vector in &vectors {
        let input = vector["input"].as_str().unwrap();
        let expect = vector["expected"].as_str().unwrap();
        let reading = read_url(input.as_bytes(), &EmbeddedSuffixes, &Limits::default());
        let last = reading.links.iter().rfind(|link| !link.through.is_empty());
        let found = last.map(|link| link.url.as_str()).unwrap_or_default();
        let expect = Url::parse(expect).map(|url| url.to_string()).unwrap_or_default();
        assert_eq!(unescaped(found), unescaped(&expect), "{vector}");
    }
    println!("{} of {} rewritten links are seen through", vectors.len(), vectors.len());
}

/// Texts in which a finder of others sees what we do not, and why.
const OTHERWISE: [(&str, &str); 3] = [
    (
        "email_1",
        "`test@[192.168.0.1]` has no domain that names anyone: its IP address is told alone",
    ),
    ("file_path_3", "`abc.py` in `~/foo/bar/abc.py` is a file of a path: nobody is led to a host"),
    ("file_path_5", "`test.py` in `~/Desktop/test.py`: the same"),
];

/// Everything in a reading that names a host or an address.
fn found(reading: &Reading) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for link in &reading.links {
        found.insert(link.url.to_string());
        found.insert(link.host.clone());
    }
    for observable in &reading.observables {
        let text = observable.what.text();
        match &observable.what {
            Observed::MailAddress(mailbox) => {
                found.insert(text.to_lowercase());
                found.insert(mailbox.domain().to_string());
            }
            Observed::Wallet(wallet) => {
                found.insert(wallet.address().to_owned());
            }
            Observed::Host(_) | Observed::Ip(_) => {
                found.insert(text.into_owned());
            }
            Observed::Phone(_) | Observed::Iban(_) => {}
        }
    }
    found
}

/// What is expected of a text, in our forms.
fn expected(vector: &Value) -> BTreeSet<String> {
    let list = |key: &str| vector["expected"][key].as_array().cloned().unwrap_or_default();
    let texts = |key: &str| {
        list(key).iter().filter_map(|value| value.as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    let mut expected = BTreeSet::new();
    // Where it tells them apart, we take the URL up to its end, commas and user too.
    let urls = match texts("urls_complete") {
        complete if complete.is_empty() => texts("urls"),
        complete => complete,
    };
    for url in urls {
        let whole = if url.contains("://") { url } else { format!("http://{url}") };
        expected.extend(Url::parse(&whole).map(|url| url.to_string()));
    }
    for kind in ["domains", "ipv4s", "email_addresses", "bitcoin_addresses", "monero_addresses"] {
        let exact = kind.ends_with("coin_addresses") || kind.starts_with("monero");
        let texts = texts(kind).into_iter();
        expected.extend(texts.map(|text| if exact { text } else { text.to_lowercase() }));
    }
    expected
}

#[test]
fn hosts_links_and_addresses_are_found_as_a_finder_of_others_finds_them() {
    let Some(vectors) = vectors("conformance/ioc_defang/ioc_finder_cases.jsonl") else { return };
    let (mut concern, mut same, mut different) = (0, 0, Vec::new());
    for vector in &vectors {
        let expected = expected(vector);
        if expected.is_empty() {
            continue;
        }
        concern += 1;
        let text = vector["text"].as_str().unwrap();
        let reading = read_sms(text.as_bytes(), &EmbeddedSuffixes, &Limits::default());
        let missing: Vec<_> = expected.difference(&found(&reading)).cloned().collect();
        let known = OTHERWISE.iter().any(|(id, _)| vector["id"] == *id);
        if missing.is_empty() {
            same += 1;
            assert!(!known, "{} need not be listed any more", vector["id"]);
        } else if !known {
            different.push(format!("{}: {missing:?}", vector["id"]));
        }
    }
    println!("ioc-finder: {same} of the {concern} texts that concern links and addresses");
    assert!(different.is_empty(), "{different:#?}");
}
