//! Reports of one piece: the text of an SMS, or a URL. Both are short; what is
//! long is cut by the same limits as a mail.

use std::borrow::Cow;

use belfry_indicator::{Secrets, Sender};

use crate::findings::{Cues, Findings, Sighting};
use crate::observable::{scan, within_urls};
use crate::reading::assemble;
use crate::sms::{Shape, shape};
use crate::text::{VisibleText, find_links};
use crate::{Address, DefectKind, LinkKind, Reading, Role, Summary, role};

/// Reads an SMS.
pub(crate) fn read_sms(bytes: &[u8], mut findings: Findings<'_>) -> Reading {
    let text = decode(bytes, &mut findings);
    let outer = shape(&text);
    // The head that a channel writes stands above the one that a person forwards.
    let inner = shape(outer.body);
    let inner =
        if inner.sender.is_some() { inner } else { Shape { body: inner.body, ..Shape::default() } };
    let body = inner.body;
    let offset = text.len() - body.len();
    let body = findings.take_text(body, "1");
    find_links(&mut findings, body, "1", offset, 0);
    scan(&mut findings, body, "1", offset);
    let mut visible = VisibleText::default();
    visible.push_lines(body);
    let passed_on = outer.sender.as_ref().filter(|_| inner.sender.is_some());
    let summary = Summary {
        forwarded_depth: usize::from(outer.forwarded || inner.forwarded),
        forwarder: passed_on.map(|by| Address { name: None, address: Some(by.to_string()) }),
        sms_sender: inner.sender.as_ref().or(outer.sender.as_ref()).map(Sender::to_string),
        ..Summary::default()
    };
    within_urls(&mut findings);
    role::assign(&mut findings, &[(0, &summary)]);
    assemble(findings, summary, &visible.finish(), &Secrets::default())
}

/// Reads a URL. The person who reports it says that it matters, so it does.
pub(crate) fn read_url(bytes: &[u8], mut findings: Findings<'_>) -> Reading {
    let text = decode(bytes, &mut findings);
    findings.sight(&Sighting {
        raw: text.trim(),
        base: None,
        part: "1",
        offset: 0,
        kind: LinkKind::Text,
        text: None,
        cues: Cues::default(),
    });
    if findings.links.is_empty() && findings.defects.is_empty() {
        findings.defect(DefectKind::Link, "1", "the report holds no web link");
    }
    for link in findings.links.iter_mut().filter(|link| link.role != Role::Boilerplate) {
        let carried = link.through.last().is_some_and(|through| through.by.is_none());
        let (role, why) = if role::led_on_to(link) {
            (Role::CallToAction, "the link that was reported leads on to it")
        } else if carried {
            (Role::Other, "the link that was reported carries it")
        } else {
            (Role::CallToAction, "the link that was reported")
        };
        link.role = role;
        why.clone_into(&mut link.why);
    }
    within_urls(&mut findings);
    // The text groups messages; a URL is grouped by its target.
    assemble(findings, Summary::default(), "", &Secrets::default())
}

fn decode<'b>(bytes: &'b [u8], findings: &mut Findings<'_>) -> Cow<'b, str> {
    let kept = &bytes[..bytes.len().min(findings.limits.bytes_max)];
    if kept.len() < bytes.len() {
        let detail = format!("only {} of {} octets are read", kept.len(), bytes.len());
        findings.defect(DefectKind::LimitReached, "", detail);
    }
    let text = String::from_utf8_lossy(kept);
    if matches!(text, Cow::Owned(_)) {
        findings.defect(DefectKind::Charset, "1", "some octets are not in UTF-8");
    }
    text
}

#[cfg(test)]
mod tests {
    use belfry_indicator::EmbeddedSuffixes;

    use crate::{DefectKind, Limits, Reading, Role, read_sms, read_url};

    fn sms(text: &str) -> Reading {
        read_sms(text.as_bytes(), &EmbeddedSuffixes, &Limits::default())
    }

    #[test]
    fn an_sms_has_sender_text_and_links() {
        let reading = sms("From: +32470000000\nPakket wacht: pakket-be.example.com/x?1\nDank");
        assert_eq!(reading.summary.sms_sender.as_deref(), Some("+32470000000"));
        assert_eq!(reading.text, "Pakket wacht: pakket-be.example.com/x?1\nDank");
        assert_eq!(reading.links[0].url.as_str(), "http://pakket-be.example.com/x?1");
        assert_eq!(reading.links[0].role, Role::CallToAction);
        assert_eq!(reading.links[0].place.offset, 33);
    }

    #[test]
    fn a_forwarded_sms_has_the_sender_that_it_names() {
        let reading =
            sms("From: +32470000000\nFwd:\nVan: bpost\nBericht: Betaal op pakket.example.com/x");
        assert_eq!(reading.summary.sms_sender.as_deref(), Some("bpost"));
        let forwarder = reading.summary.forwarder.and_then(|by| by.address);
        assert_eq!(forwarder.as_deref(), Some("+32470000000"));
        assert_eq!(reading.summary.forwarded_depth, 1);
        assert_eq!(reading.text, "Betaal op pakket.example.com/x");
    }

    #[test]
    fn an_sms_without_a_sender_or_link_is_its_text() {
        let reading = sms("Hoi mama, mijn gsm is kapot");
        assert_eq!(reading.summary.sms_sender, None);
        assert!(reading.links.is_empty() && reading.defects.is_empty());
        assert_eq!(reading.text, "Hoi mama, mijn gsm is kapot");
    }

    #[test]
    fn a_reported_url_is_the_call_to_action() {
        let read = |text: &[u8]| read_url(text, &EmbeddedSuffixes, &Limits::default());
        let reading = read(b" https://www.facebook.com/x \r\n");
        assert_eq!(reading.links[0].role, Role::CallToAction);
        assert_eq!(reading.links[0].target.as_deref(), Some("www.facebook.com"));
        for text in [&b""[..], b"mailto:a@example.com", b"not a url", b"\xff\xfe"] {
            let reading = read(text);
            assert!(reading.links.is_empty());
            assert!(reading.defects.iter().any(|d| d.kind == DefectKind::Link), "{text:?}");
        }
    }

    #[test]
    fn a_reported_url_is_seen_through() {
        let read = |text: &str| read_url(text.as_bytes(), &EmbeddedSuffixes, &Limits::default());
        let roles = |reading: &Reading| {
            reading.links.iter().map(|link| (link.host.clone(), link.role)).collect::<Vec<_>>()
        };
        let reading = read("https://www.google.com/url?q=https%3A%2F%2Fevil.example%2F");
        assert_eq!(
            roles(&reading),
            [
                ("www.google.com".to_owned(), Role::Boilerplate),
                ("evil.example".to_owned(), Role::CallToAction)
            ]
        );
        assert_eq!(reading.links[1].through[0].by.as_deref(), Some("Google redirect"));
        let reading = read("https://teams.microsoft.com/l/x?u=https%3A%2F%2Fevil.example%2F");
        assert_eq!(
            roles(&reading),
            [
                ("teams.microsoft.com".to_owned(), Role::CallToAction),
                ("evil.example".to_owned(), Role::CallToAction)
            ]
        );
        let reading = read("https://evil.example/?next=https://bank.example/");
        assert_eq!(
            roles(&reading),
            [
                ("evil.example".to_owned(), Role::CallToAction),
                ("bank.example".to_owned(), Role::Other)
            ]
        );
    }

    #[test]
    fn an_address_is_kept_with_the_reason_why_dns_cannot_block_it() {
        let reading = read_url(b"http://0x7f.1/", &EmbeddedSuffixes, &Limits::default());
        assert_eq!(reading.links[0].host, "127.0.0.1");
        assert_eq!(reading.links[0].target, None);
        assert!(reading.links[0].why_not_blockable.is_some());
    }
}
