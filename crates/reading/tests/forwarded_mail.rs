//! Forwards that real mail programs wrote in 22 languages, against what their
//! makers read in them. Skipped by name without the corpus.
//!
//! `cargo nextest run -p belfry-reading --test forwarded_mail --no-capture` prints the counts.

use std::collections::BTreeMap;

use belfry_indicator::EmbeddedSuffixes;
use belfry_reading::{Address, Forward, Limits, read_mail};
use belfry_testbed::corpus;
use serde_json::Value;

const FIELDS: [&str; 7] = ["forwarded", "message", "from", "to", "cc", "subject", "date"];

/// A mail in plain text that carries this forward.
fn mail(case: &Value) -> Vec<u8> {
    let subject = case["subject"].as_str().map(str::trim);
    let subject = subject.map(|s| format!("Subject: {s}\n")).unwrap_or_default();
    let body = case["body"].as_str().unwrap_or_default();
    format!(
        "From: Forwarder <forwarder@example.com>\nDate: Tue, 24 Nov 2026 10:00:00 +0100\n{subject}\
         Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{body}"
    )
    .into_bytes()
}

fn people(list: &[Address]) -> Value {
    list.iter().map(|p| serde_json::json!({"address": p.address, "name": p.name})).collect()
}

/// What we read, in the form of the corpus.
fn got(forward: Option<&Forward>, field: &str) -> Value {
    let Some(forward) = forward else {
        return if field == "forwarded" { false.into() } else { Value::Null };
    };
    match field {
        "forwarded" => true.into(),
        "message" => forward.note.clone().into(),
        "from" => people(forward.from.as_slice())[0].clone(),
        "to" => people(&forward.to),
        "cc" => people(&forward.cc),
        "subject" => forward.subject.clone().into(),
        "date" => forward.date.clone().into(),
        _ => forward.body.clone().into(),
    }
}

fn expected(case: &Value, field: &str) -> Value {
    let expected = &case["expected"];
    match field {
        "forwarded" | "message" => expected[field].clone(),
        _ if expected["forwarded"] == false => Value::Null,
        _ => expected["email"][field].clone(),
    }
}

/// The language of a case, after which its file is called: `gmail_pt_br_body`.
fn language(case: &Value) -> &str {
    let name = case["fixture"].as_str().unwrap_or_default();
    let stem = name.split("_body").next().unwrap_or(name);
    let (rest, last) = stem.rsplit_once('_').unwrap_or(("", stem));
    match (rest, last) {
        (_, "live") => "en",
        (rest, "br") if rest.ends_with("_pt") => "pt-br",
        (_, "cz") => "cs",
        (_, language) => language,
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test reads its corpus")]
fn forwards_of_real_programs_are_read() {
    let test = "reading: forwards of real mail programs";
    let Some(path) = corpus("conformance/forwarded_mail/forward_cases.jsonl") else {
        return belfry_testbed::skip(test, "the corpus conformance/forwarded_mail is not there");
    };
    let text = std::fs::read_to_string(path).expect("the corpus is text");
    let cases: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect();
    let mut right: BTreeMap<&str, usize> = BTreeMap::new();
    let mut languages: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for case in &cases {
        let mut whole = true;
        let reading = read_mail(&mail(case), &EmbeddedSuffixes, &Limits::default());
        for field in FIELDS.into_iter().chain(["body"]) {
            let (got, expected) = (got(reading.forward.as_ref(), field), expected(case, field));
            if got == expected {
                *right.entry(field).or_default() += 1;
            } else {
                whole = false;
                println!("{} {field}: {got} is not {expected}", case["fixture"]);
            }
        }
        let (forwards, all) = languages.entry(language(case)).or_default();
        *forwards += 1;
        *all += usize::from(whole);
    }
    for (language, (forwards, whole)) in &languages {
        println!("{language}: {whole} of {forwards} in every field");
    }
    for language in ["nl", "fr", "de"] {
        let (forwards, whole) = languages[language];
        assert_eq!(forwards, whole, "{language}");
    }
    println!("forwards read as expected, of {}: {right:?}", cases.len());
    assert_eq!(cases.len(), 197);
    for (field, count) in right {
        assert!(count >= 195, "{field}: only {count}");
    }
}
