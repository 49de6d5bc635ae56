//! The MIME suite of mail-parser (107 mails, half of them broken on purpose) against
//! the answers of its makers. Compared are, for every mail: subject and sender of the
//! innermost message, the sender of the outermost one, the octets of every part that
//! the suite holds to be binary, and the words of every text that stands alone.
//! Not compared is which part the suite calls body or attachment: both are read here.

use std::collections::{BTreeMap, BTreeSet};

use belfry_indicator::EmbeddedSuffixes;
use belfry_reading::{Limits, Reading, read_mail};
use belfry_testbed::{corpus, untar_xz};
use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Mails that the suite takes otherwise: why, and a text or the name of a file that we read
/// in each and that the suite, by its own answer, does not have.
const EXPECTED: [(&str, &str, &str); 5] = [
    (
        "legacy/026",
        "the suite leaves a uuencoded file as it is, `begin` and `end` with it",
        "\"Halt\", rief nun eben dieser Sprecher",
    ),
    ("legacy/049", "the same of three pictures in a text", "redball.png"),
    (
        "malformed/020",
        "the suite gives delimiters, fields and tags of an alternative as text",
        "Plain Text\nHTML Body",
    ),
    ("malformed/021", "the same", "áóúäöüß\náóúäöüß"),
    (
        "thirdparty/015",
        "the suite gives the fields of a message within a message as its text",
        "Exciting updates for our training partnership",
    ),
];

/// The first value of a header of a message.
fn header<'j>(message: &'j Value, name: &str) -> Option<&'j Value> {
    let headers = message["parts"][0]["headers"].as_array()?;
    headers.iter().find(|header| header["name"] == name).map(|header| &header["value"])
}

fn sender(message: &Value) -> Option<&str> {
    header(message, "from").and_then(|value| value["Address"]["List"][0]["address"].as_str())
}

/// The first message in the first message, and so on.
fn innermost(message: &Value) -> &Value {
    let parts = message["parts"].as_array().map(Vec::as_slice).unwrap_or_default();
    match parts.iter().find_map(|part| part["body"].get("Message")) {
        Some(inner) => innermost(inner),
        None => message,
    }
}

/// Every body of this kind, at any depth.
fn bodies<'j>(message: &'j Value, kind: &str, found: &mut Vec<&'j Value>) {
    for part in message["parts"].as_array().into_iter().flatten() {
        found.extend(part["body"].get(kind));
        if let Some(inner) = part["body"].get("Message") {
            bodies(inner, kind, found);
        }
    }
}

/// Whether two texts are one. Where the suite gave up on an octet (U+FFFD), we may
/// have read it.
fn same(own: Option<&str>, expected: Option<&str>) -> bool {
    let (own, expected) = (own.unwrap_or_default(), expected.unwrap_or_default());
    own.chars().count() == expected.chars().count()
        && own.chars().zip(expected.chars()).all(|(a, b)| a == b || b == '\u{fffd}')
}

/// Words without what no charset could decode.
fn words(text: &str) -> BTreeSet<&str> {
    text.split_whitespace().filter(|word| word.chars().all(char::is_alphanumeric)).collect()
}

/// What differs, in words.
fn compare(reading: &Reading, expected: &Value) -> Vec<String> {
    let mut different = Vec::new();
    let inner = innermost(expected);
    let summary = &reading.summary;
    let address = |a: Option<&belfry_reading::Address>| a.and_then(|a| a.address.clone());
    let outermost = match &summary.forwarder {
        Some(forwarder) => forwarder.address.clone(),
        None => address(summary.from.as_ref()),
    };
    // What a text quotes as forwarded is a message to us, and a text to the suite.
    if reading.forward.is_none() {
        let subject = header(inner, "subject").and_then(|value| value["Text"].as_str());
        if !same(summary.subject.as_deref(), subject) {
            different.push(format!("subject {:?}, not {subject:?}", summary.subject));
        }
        let from = address(summary.from.as_ref());
        if from.as_deref() != sender(inner) {
            different.push(format!("from {from:?}, not {:?}", sender(inner)));
        }
    }
    let told = summary.forwarded_depth == 0 || summary.forwarder.is_some();
    if told && outermost.as_deref() != sender(expected) {
        different.push(format!("outermost from {outermost:?}, not {:?}", sender(expected)));
    }
    different.extend(missing_octets(reading, expected));
    different.extend(missing_words(reading, inner));
    different
}

fn missing_octets(reading: &Reading, expected: &Value) -> Vec<String> {
    let digests: BTreeSet<_> = reading.attachments.iter().map(|a| a.sha256.as_str()).collect();
    let mut binaries = Vec::new();
    for kind in ["Binary", "InlineBinary"] {
        bodies(expected, kind, &mut binaries);
    }
    let octets = |body: &Value| -> Vec<u8> {
        let numbers = body.as_array().into_iter().flatten();
        numbers.filter_map(|n| n.as_u64().and_then(|n| u8::try_from(n).ok())).collect()
    };
    let all = binaries.into_iter().map(octets).filter(|octets| !octets.is_empty());
    // A part whose octets are text is read as text, and a uuencoded one is decoded.
    let textual = |octets: &[u8]| std::str::from_utf8(octets).is_ok() && !octets.contains(&0);
    let all = all.filter(|octets| !textual(octets));
    all.filter(|octets| !digests.contains(HEXLOWER.encode(&Sha256::digest(octets)).as_str()))
        .map(|octets| format!("a part of {} octets is not among the attachments", octets.len()))
        .collect()
}

fn missing_words(reading: &Reading, message: &Value) -> Vec<String> {
    let mut html = Vec::new();
    bodies(message, "Html", &mut html);
    let mut texts = Vec::new();
    bodies(message, "Text", &mut texts);
    // Beside HTML, text is an alternative that a reader does not see.
    if !html.is_empty() || reading.forward.is_some() {
        return Vec::new();
    }
    let own = words(&reading.text);
    let expected = texts.iter().filter_map(|text| text.as_str());
    let missing = expected.flat_map(words).filter(|word| !own.contains(word));
    missing.take(3).map(|word| format!("the word {word:?} is not in the text")).collect()
}

#[test]
fn the_107_mails_agree_but_for_those_listed() {
    let Some(archive) = corpus("conformance/mime_stalwart.tar.xz") else {
        belfry_testbed::skip("reading: the MIME suite", "the corpus is not there");
        return;
    };
    let files = untar_xz(&archive).expect("the archive is sound");
    let by_name: BTreeMap<_, _> =
        files.iter().map(|(name, bytes)| (name.as_str(), bytes)).collect();
    let (mut compared, mut different) = (0, Vec::new());
    for (name, mail) in files.iter().filter(|(name, _)| name.ends_with(".eml")) {
        let json =
            by_name.get(name.replace(".eml", ".json").as_str()).expect("every mail has its answer");
        let expected: Value = serde_json::from_slice(json).expect("the answer is JSON");
        let reading = read_mail(mail, &EmbeddedSuffixes, &Limits::default());
        compared += 1;
        let found = compare(&reading, &expected);
        let otherwise = EXPECTED.iter().find(|(own, ..)| name.ends_with(&format!("{own}.eml")));
        if let Some((_, _, text)) = otherwise {
            assert!(!found.is_empty(), "{name} agrees by now; take it off the list");
            let subject = reading.summary.subject.as_deref().unwrap_or_default();
            let mut files = reading.attachments.iter().filter_map(|file| file.name.as_deref());
            let read = reading.text.contains(text) || subject == *text;
            assert!(read || files.any(|name| name == *text), "{name}: {}", reading.text);
        } else {
            different.extend(found.into_iter().map(|what| format!("{name}: {what}")));
        }
    }
    assert_eq!(compared, 107);
    assert!(different.is_empty(), "{} differ: {different:#?}", different.len());
}
