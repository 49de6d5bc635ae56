//! What is attached to mails, each format by itself: a fuzzer that has to get through MIME
//! and base64 first finds little behind them.

use belfry_indicator::EmbeddedSuffixes;

use super::{check_findings, limits};
use crate::Format;
use crate::container::msg::{Content, Outlook};
use crate::container::rtf::{compressed, to_html};
use crate::container::{office, tnef, zip};
use crate::document::{self, Document};
use crate::findings::Findings;
use crate::suffixes::List;

/// Octets that a file may become.
const BYTES_MAX: usize = 64 << 10;
/// Messages within one another that are looked at.
const MESSAGES_MAX: usize = 50;

/// An Outlook message out of `data`.
pub fn msg(data: &[u8]) {
    let Ok(mut file) = Outlook::open(data, BYTES_MAX) else { return };
    let mut paths = vec!["/".to_owned()];
    for _ in 0..MESSAGES_MAX {
        let Some(path) = paths.pop() else { break };
        let message = file.message(&path);
        assert!(file.bytes_read() <= BYTES_MAX, "{} octets were read", file.bytes_read());
        let html = message.html.map_or(0, |(html, _)| html.len());
        let text = message.text.map_or(0, |text| text.len());
        // An octet of a code page becomes at most three.
        assert!(text.max(html) <= 4 * BYTES_MAX, "a text of {text}, HTML of {html}");
        for attached in message.attachments {
            match attached.content {
                Content::Message(path) => paths.push(path),
                Content::Bytes(bytes) | Content::Tnef(bytes) => assert!(bytes.len() <= BYTES_MAX),
                Content::None => {}
            }
        }
    }
}

/// Rich text out of `data`, compressed or not.
pub fn rtf(data: &[u8]) {
    check_rtf(data);
    if let Some(inflated) = compressed::inflate(data, BYTES_MAX) {
        assert!(inflated.len() <= BYTES_MAX, "{} octets", inflated.len());
        check_rtf(&inflated);
    }
}

fn check_rtf(rtf: &[u8]) {
    let html = to_html(rtf, BYTES_MAX);
    // The last piece may be whole: an entity, an anchor with its address.
    assert!(html.len() <= BYTES_MAX + 4 * rtf.len() + 64, "{} octets", html.len());
    assert_eq!(to_html(rtf, BYTES_MAX), html, "read twice");
}

/// A ZIP archive out of `data`.
pub fn zip(data: &[u8]) {
    let listing = zip::list(data);
    assert!(listing.entries.len() <= 1_000);
    for entry in &listing.entries {
        let characters = entry.member.name.chars().count();
        assert!(characters <= 255, "{characters} characters");
        assert!(zip::unpack(data, entry, BYTES_MAX).bytes.len() <= BYTES_MAX);
    }
    assert_eq!(zip::list(data), listing, "listed twice");
}

/// A `winmail.dat` out of `data`, with those within it.
pub fn tnef(data: &[u8]) {
    let mut files = vec![data.to_vec()];
    for _ in 0..MESSAGES_MAX {
        let Some(file) = files.pop() else { break };
        let unwrapped = tnef::read(&file, BYTES_MAX);
        assert!(unwrapped.inflated <= BYTES_MAX, "{} octets were made", unwrapped.inflated);
        for attached in unwrapped.message.attachments {
            match attached.content {
                Content::Tnef(inner) => files.push(inner),
                Content::Bytes(bytes) => assert!(bytes.len() <= BYTES_MAX),
                Content::Message(_) | Content::None => {}
            }
        }
    }
}

/// An Office document out of `data`. A fuzzer that has to get through DEFLATE finds little
/// behind it, so `data` is a part of one too.
pub fn office(data: &[u8]) {
    check_office(data);
    let text = String::from_utf8_lossy(data);
    for name in ["word/document.xml", "xl/worksheets/sheet1.xml", "content.xml"] {
        let html = office::part_as_html(name, &text, BYTES_MAX);
        assert!(html.len() <= BYTES_MAX, "{} octets of {name}", html.len());
    }
}

fn check_office(data: &[u8]) {
    let found = office::read(data, BYTES_MAX, BYTES_MAX / 4);
    assert!(found.inflated <= BYTES_MAX, "{} octets", found.inflated);
    assert!(found.html.len() <= BYTES_MAX / 4, "{} octets of HTML", found.html.len());
    assert_eq!(office::read(data, BYTES_MAX, BYTES_MAX / 4), found, "read twice");
}

/// A PDF out of `data`.
pub fn pdf(data: &[u8]) {
    let limits = limits();
    let read = || {
        let document = Document {
            format: Format::Pdf,
            bytes: data.to_vec(),
            part: "1".to_owned(),
            within: Vec::new(),
            name: None,
            message: 0,
        };
        let mut findings = Findings::new(List(&EmbeddedSuffixes), &limits);
        let text = document::read(&mut findings, &document);
        check_findings(&findings.links, findings.defects.len());
        (text, findings.links)
    };
    assert_eq!(read(), read(), "read twice");
}

/// A scanned page out of `data`, whose first octet sets how.
pub fn scan(data: &[u8]) {
    let limits = limits();
    let read = || {
        let mut findings = Findings::new(List(&EmbeddedSuffixes), &limits);
        let pixels = document::scanned_pixels(&mut findings, data);
        assert!(findings.budget.spent().pixels <= limits.pixels_max);
        assert!(pixels.into_iter().all(|count| count <= limits.pixels_max), "{pixels:?}");
        pixels
    };
    assert_eq!(read(), read(), "decoded twice");
}

#[cfg(test)]
mod tests {
    use belfry_testbed::fuzz::smoke;

    #[test]
    fn outlook_messages_hold_under_changes() {
        smoke("msg", 3_000, super::msg);
    }

    #[test]
    fn rich_text_holds_under_changes() {
        smoke("rtf", 10_000, super::rtf);
    }

    #[test]
    fn archives_hold_under_changes() {
        smoke("zip", 10_000, super::zip);
    }

    #[test]
    fn winmail_files_hold_under_changes() {
        smoke("tnef", 10_000, super::tnef);
    }

    #[test]
    fn office_documents_hold_under_changes() {
        smoke("office", 3_000, super::office);
    }

    #[test]
    fn scanned_pages_hold_under_changes() {
        smoke("scan", 10_000, super::scan);
    }

    #[test]
    fn pdfs_hold_under_changes() {
        smoke("pdf", 2_000, super::pdf);
    }
}
