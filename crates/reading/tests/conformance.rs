//! The public vectors of link rewriters, where they are at hand. Links of our own
//! beside the module cover the same ground.
#![expect(clippy::disallowed_methods, reason = "vectors are files; the crate itself reads none")]

use belfry_indicator::{EmbeddedSuffixes, Url};
use belfry_reading::{Limits, read_url};
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
