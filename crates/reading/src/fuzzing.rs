//! What a fuzzer holds this crate to: whatever the bytes, the reading is within
//! its limits, the same each time, and harmless at a terminal. Never part of a
//! build that we ship.

mod files;

use belfry_indicator::EmbeddedSuffixes;

use crate::findings::Findings;
use crate::limits::{
    DEFECTS_MAX, HEADER_VALUE_BYTES_MAX, LINK_TEXT_CHARS_MAX, RAW_BYTES_MAX, TEXT_KEPT_BYTES_MAX,
};
use crate::suffixes::List;
use crate::{Limits, Link, Reading, html, read_mail, read_sms, read_url, render_text};

pub use self::files::{msg, office, pdf, rtf, scan, tnef, zip};

const DEPTH_MAX: usize = 6;
const LINKS_MAX: usize = 40;

/// Small enough that a fuzzer meets every bound.
fn limits() -> Limits {
    Limits {
        bytes_max: 32 << 10,
        depth_max: DEPTH_MAX,
        parts_max: 24,
        links_max: LINKS_MAX,
        text_bytes_max: 8 << 10,
        inflated_bytes_max: 64 << 10,
        pixels_max: 1 << 16,
        ..Limits::default()
    }
}

/// A mail out of `data`.
pub fn mail(data: &[u8]) {
    let reading = read_mail(data, &EmbeddedSuffixes, &limits());
    check(&reading);
    assert_eq!(read_mail(data, &EmbeddedSuffixes, &limits()), reading, "read twice");
}

/// An SMS and a single URL out of `data`.
pub fn text(data: &[u8]) {
    check(&read_sms(data, &EmbeddedSuffixes, &limits()));
    check(&read_url(data, &EmbeddedSuffixes, &limits()));
}

/// An HTML document out of `data`.
pub fn html(data: &[u8]) {
    let source = String::from_utf8_lossy(data);
    let limits = limits();
    let mut findings = Findings::new(List(&EmbeddedSuffixes), &limits);
    let text = html::read_html(&mut findings, &source, "1", 0);
    // An entity, or a line break for an element, is at most so much longer than its source.
    assert!(text.len() <= 4 * source.len() + 64, "{} out of {}", text.len(), source.len());
    check_findings(&findings.links, findings.defects.len());
    let mut again = Findings::new(List(&EmbeddedSuffixes), &limits);
    assert_eq!(html::read_html(&mut again, &source, "1", 0), text);
    assert_eq!(again.links, findings.links);
}

fn check(reading: &Reading) {
    check_findings(&reading.links, reading.defects.len());
    assert!(reading.text.len() <= TEXT_KEPT_BYTES_MAX);
    assert_eq!(reading.text_digest.len(), 64);
    assert!(reading.links.iter().all(|link| !link.why.is_empty()), "a role without a reason");
    let summary = &reading.summary;
    for value in [&summary.subject, &summary.date, &summary.message_id, &summary.sms_sender] {
        let length = value.as_ref().map_or(0, String::len);
        assert!(length <= 4 * HEADER_VALUE_BYTES_MAX, "a header value of {length}");
    }
    assert!(summary.forwarded_depth <= DEPTH_MAX + crate::forward::LEVELS_MAX);
    check_shown(&render_text(reading));
}

fn check_findings(links: &[Link], defects: usize) {
    assert!(links.len() <= LINKS_MAX, "{} links", links.len());
    assert!(defects <= DEFECTS_MAX + 1, "{defects} defects");
    for link in links {
        let raw = link.raw.as_ref().map_or(0, String::len);
        assert!(raw <= RAW_BYTES_MAX, "a source of {raw} octets");
        let text = link.text.as_ref().map_or(0, |text| text.chars().count());
        assert!(text <= LINK_TEXT_CHARS_MAX, "a text of {text} characters");
        assert_eq!(link.target.is_none(), link.why_not_blockable.is_some(), "{}", link.url);
    }
}

/// Nothing that a terminal acts upon, and nothing to click.
fn check_shown(shown: &str) {
    let acting = shown.chars().find(|c| c.is_control() && *c != '\n');
    assert!(acting.is_none(), "{acting:?} is shown");
}

#[cfg(test)]
mod tests {
    #[test]
    fn mails_hold_under_changes() {
        belfry_testbed::fuzz::smoke("mail", 3_000, super::mail);
    }

    #[test]
    fn texts_hold_under_changes() {
        belfry_testbed::fuzz::smoke("text", 10_000, super::text);
    }

    #[test]
    fn html_holds_under_changes() {
        belfry_testbed::fuzz::smoke("html", 5_000, super::html);
    }
}
