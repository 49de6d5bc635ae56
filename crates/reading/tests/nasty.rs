//! Mails of our own that are hard to read, each against what its raw source says:
//! `fixtures/nasty/expected.txt` is the table.
#![expect(clippy::disallowed_methods, reason = "fixtures are files; the crate itself reads none")]

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use belfry_indicator::EmbeddedSuffixes;
use belfry_reading::{Limits, Link, Reading, Role, read_mail, render_text};

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/nasty"))
}

/// Each file with its lines.
fn expectations() -> HashMap<String, Vec<(String, String)>> {
    let table = std::fs::read_to_string(folder().join("expected.txt")).expect("the table is there");
    let mut cases: HashMap<String, Vec<(String, String)>> = HashMap::new();
    let mut name = String::new();
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix("  ").and_then(|line| line.split_once(' ')) {
            Some((what, value)) => {
                let own = cases.get_mut(&name).expect("a name comes first");
                own.push((what.to_owned(), value.to_owned()));
            }
            None => {
                line.clone_into(&mut name);
                assert!(cases.insert(name.clone(), Vec::new()).is_none(), "{name} stands twice");
            }
        }
    }
    cases
}

/// What of `expected` does not hold.
fn wrong(reading: &Reading, expected: &[(String, String)]) -> Vec<String> {
    let calls: Vec<&Link> =
        reading.links.iter().filter(|link| link.role == Role::CallToAction).collect();
    let hosts = |of: &'static str| {
        expected.iter().filter(move |(what, _)| what == of).map(|(_, host)| host.as_str())
    };
    let mut wrong: Vec<String> = expected
        .iter()
        .filter(|(what, value)| !holds(reading, &calls, what, value))
        .map(|(what, value)| format!("{what} {value}"))
        .collect();
    let called: BTreeSet<_> = calls.iter().map(|link| link.host.as_str()).collect();
    if called != hosts("call").collect() {
        wrong.push(format!("called are {called:?}"));
    }
    let allowed: Vec<_> = hosts("defect").collect();
    let more = reading.defects.iter().filter(|defect| !allowed.contains(&defect.kind.name()));
    wrong.extend(more.map(|defect| format!("{}: {}", defect.kind.name(), defect.detail)));
    wrong
}

fn holds(reading: &Reading, calls: &[&Link], what: &str, value: &str) -> bool {
    let Reading { summary, links, defects, observables, text, .. } = reading;
    match what {
        "call" => true,
        "link" => links.iter().any(|link| link.host == value),
        "no" => links.iter().all(|link| link.host != value),
        "shown" => calls.iter().any(|link| link.text.as_deref() == Some(value)),
        "path" => calls.iter().any(|link| link.url.as_str().contains(value)),
        "disguise" => calls.iter().any(|link| {
            let named = serde_json::to_value(&link.disguises).expect("names are JSON");
            named.as_array().is_some_and(|names| names.iter().any(|name| name == value))
        }),
        "text" => text.contains(value),
        "subject" => summary.subject.as_deref() == Some(value),
        "from" => summary.from.as_ref().and_then(|from| from.name.as_deref()) == Some(value),
        "observable" => observables.iter().any(|one| one.what.text() == value),
        "defect" => defects.iter().any(|defect| defect.kind.name() == value),
        other => panic!("{other:?} is no expectation"),
    }
}

#[test]
fn nasty_mails_are_read_as_their_source_says() {
    let expectations = expectations();
    let mut failed = Vec::new();
    for (name, expected) in &expectations {
        let mail = std::fs::read(folder().join(name)).unwrap();
        let reading = read_mail(&mail, &EmbeddedSuffixes, &Limits::default());
        let wrong = wrong(&reading, expected);
        if !wrong.is_empty() {
            failed.push(format!("{name}: {wrong:#?}"));
        }
        assert!(!render_text(&reading).contains("https://"), "{name} can be clicked");
    }
    failed.sort();
    assert!(
        failed.is_empty(),
        "{} of {}:\n{}",
        failed.len(),
        expectations.len(),
        failed.join("\n")
    );
}

#[test]
fn every_file_has_its_expectation() {
    let known = expectations();
    for file in std::fs::read_dir(folder()).unwrap().flatten() {
        let name = file.file_name().to_string_lossy().into_owned();
        assert!(name == "expected.txt" || known.contains_key(&name), "{name}");
    }
    assert!(known.len() >= 60, "only {}", known.len());
}
