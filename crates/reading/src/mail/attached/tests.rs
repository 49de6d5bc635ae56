//! Every format, as a report of its own and attached to a mail, by content.

use belfry_indicator::EmbeddedSuffixes;
use data_encoding::BASE64;

use crate::container::msg::tests::{Attach, Draft, Value, sample};
use crate::container::zip::tests::archive;
use crate::{DefectKind, Format, Limits, LinkKind, Reading, Role, read_mail};

const HEAD: &str = "From: a@example.com\nDate: Tue, 24 Nov 2026 10:00:00 +0100\n";

pub(in crate::mail) fn read(bytes: &[u8]) -> Reading {
    read_mail(bytes, &EmbeddedSuffixes, &Limits::default())
}

/// A mail with `bytes` attached under a label and a name that may lie.
pub(in crate::mail) fn attached(label: &str, name: &str, bytes: &[u8]) -> Reading {
    let content = BASE64.encode(bytes);
    let mail = format!(
        "{HEAD}Content-Type: multipart/mixed; boundary=o\n\n--o\n\nsee below\n--o\n\
         Content-Type: {label}; name=\"{name}\"\nContent-Transfer-Encoding: base64\n\n{content}\n--o--\n"
    );
    read(mail.as_bytes())
}

/// `PLACE KIND HOST` of each link.
pub(in crate::mail) fn links(reading: &Reading) -> Vec<String> {
    let links = reading.links.iter();
    links.map(|l| format!("{} {:?} {}", l.place.part, l.kind, l.host)).collect()
}

/// `KIND PLACE` of each defect.
pub(in crate::mail) fn defects(reading: &Reading) -> Vec<String> {
    reading.defects.iter().map(|d| format!("{} {}", d.kind.name(), d.place)).collect()
}

#[test]
fn a_message_is_one_under_any_label() {
    let inner = format!("{HEAD}Subject: inner\n\nhttps://evil.example.org/");
    for (label, name) in [
        ("message/rfc822", "x.eml"),
        ("application/octet-stream", "forward.bin"),
        ("text/plain", "forward.eml"),
        ("image/png", "x.png"),
    ] {
        let reading = attached(label, name, inner.as_bytes());
        assert_eq!(links(&reading), ["2.1 Text evil.example.org"], "{label}");
        assert_eq!(reading.summary.subject.as_deref(), Some("inner"), "{label}");
        assert_eq!(reading.summary.forwarded_depth, 1, "{label}");
    }
    let reading = attached("text/plain", "notes.txt", inner.as_bytes());
    assert_eq!(links(&reading), ["2 Text evil.example.org"]);
}

#[test]
fn forwards_of_forwards_in_different_containers_are_followed() {
    let eml = format!("{HEAD}Subject: innermost\n\nhttps://evil.example.org/");
    let msg = Draft {
        properties: vec![
            (0x0037, Value::Unicode("middle")),
            (0x5d01, Value::Unicode("m@example.com")),
        ],
        attachments: vec![Attach::Bytes("fwd.eml", eml.as_bytes())],
    };
    let reading = attached("application/vnd.ms-outlook", "offer.msg", &msg.build());
    assert_eq!(reading.summary.subject.as_deref(), Some("innermost"));
    assert_eq!(reading.summary.forwarded_depth, 2);
    assert_eq!(links(&reading), ["2.2.1 Text evil.example.org"]);
    assert_eq!(reading.links[0].place.within.as_deref(), Some("offer.msg"));
    assert_eq!(reading.links[0].role, Role::CallToAction);
}

#[test]
fn an_outlook_message_is_read_whole() {
    let expect = [
        "1 Text text.example.org",
        "1 Anchor html.example.org",
        "3.1 Anchor rtf.example.org",
        "3.2 Anchor att.example.org",
    ];
    let reading = read(&sample());
    assert_eq!(links(&reading), expect);
    assert_eq!(reading.summary.subject.as_deref(), Some("Binnen €"));
    assert_eq!(reading.summary.from.as_ref().unwrap().address.as_deref(), Some("in@example.com"));
    assert_eq!(reading.summary.forwarder.as_ref().unwrap().name.as_deref(), Some("Bank x"));
    assert_eq!(reading.text, "klik\nx");
    let formats: Vec<_> = reading.attachments.iter().map(|a| (a.part.as_str(), a.format)).collect();
    assert_eq!(formats, [("2", Format::Pdf), ("3.2", Format::Html)]);
    assert!(reading.links.iter().all(|link| link.place.within.is_none()), "the report is the file");
    let nested = attached("application/octet-stream", "x.msg", &sample());
    assert_eq!(nested.summary.forwarded_depth, 2);
    assert_eq!(nested.links.len(), 4);
}

#[test]
fn a_damaged_outlook_message_is_a_defect() {
    let reading = attached("application/vnd.ms-outlook", "x.msg", &sample()[..2_000]);
    assert!(reading.defects.iter().any(|d| d.place == "2"), "{:?}", reading.defects);
    assert_eq!(reading.text, "see below");
}

#[test]
fn a_mailbox_is_its_messages() {
    let one = format!(
        "From a@example.com Mon Nov 23 10:00:00 2026\n{HEAD}Subject: one\n\nhttps://one.example.org/\n\n"
    );
    let two = format!(
        "From b@example.com Mon Nov 23 10:00:00 2026\n{HEAD}Subject: two\n\nhttps://two.example.org/\n"
    );
    let reading = read(format!("{one}{two}").as_bytes());
    assert_eq!(links(&reading), ["1.1 Text one.example.org", "2.1 Text two.example.org"]);
    let reading = attached("application/mbox", "x.mbox", format!("{one}{two}").as_bytes());
    assert_eq!(links(&reading), ["2.1.1 Text one.example.org", "2.2.1 Text two.example.org"]);
    assert_eq!(links(&read(one.as_bytes())), ["1 Text one.example.org"]);
}

#[test]
fn an_arf_report_names_the_culprit_and_carries_the_mail() {
    let mail = format!(
        "{HEAD}Content-Type: multipart/report; report-type=feedback-report; boundary=o\n\n--o\n\n\
         This is a report.\n--o\nContent-Type: message/feedback-report\n\nFeedback-Type: fraud\n\
         Version: 1\nReported-URI: https://evil.example.org/x\nReported-Domain: evil.example.net\n--o\n\
         Content-Type: message/rfc822\n\n{HEAD}Subject: s\n\nhttps://evil.example.org/x\n--o--\n"
    );
    let reading = read(mail.as_bytes());
    let links = links(&reading);
    assert_eq!(links[0], "2 Report evil.example.org");
    assert_eq!(links[1], "2 Report evil.example.net");
    assert_eq!(reading.links[0].role, Role::CallToAction);
    assert_eq!(reading.summary.subject.as_deref(), Some("s"));
}

#[test]
fn xarf_reports_are_read_as_fields_and_as_json() {
    let fields = "---\nReported-From: a@example.com\nReport-ID: 1\nCategory: fraud\n\
                  Source: https://evil.example.org/login\n";
    let reading = attached("text/plain", "report.txt", fields.as_bytes());
    assert_eq!(links(&reading)[0], "2 Report evil.example.org");
    let sample =
        BASE64.encode(format!("{HEAD}Subject: lure\n\nhttps://lure.example.org/").as_bytes());
    let json = format!(
        r#"{{"xarf_version":"4.0.0","type":"phishing","url":"https://evil.example.org/",
           "evidence":[{{"content_type":"message/rfc822","payload":"{sample}"}}]}}"#
    );
    let expect = ["Report evil.example.org", "Text lure.example.org"];
    for reading in
        [attached("application/json", "xarf.json", json.as_bytes()), read(json.as_bytes())]
    {
        let links = links(&reading);
        assert!(links.iter().zip(expect).all(|(link, expect)| link.ends_with(expect)), "{links:?}");
        assert_eq!(links.len(), 2);
        assert_eq!(reading.summary.subject.as_deref(), Some("lure"));
    }
}

#[test]
fn a_digest_is_messages() {
    let mail = format!(
        "{HEAD}Content-Type: multipart/digest; boundary=o\n\n--o\n\n{HEAD}\nhttps://one.example.org/\n\
         --o\n\n{HEAD}\nhttps://two.example.org/\n--o--\n"
    );
    assert_eq!(
        links(&read(mail.as_bytes())),
        ["1.1 Text one.example.org", "2.1 Text two.example.org"]
    );
}

#[test]
fn a_calendar_is_read_where_it_can_be_clicked() {
    let calendar = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY;ALTREP=\"https://alt.example.org/\":Afspraak\r\n\
                    DESCRIPTION:Bevestig op https://evil.exam\r\n ple.org/x\\n\r\nURL:https://url.example.org/\r\n\
                    END:VEVENT\r\nEND:VCALENDAR\r\n";
    let hosts = ["Ics alt.example.org", "Ics evil.example.org", "Ics url.example.org"];
    for reading in [attached("text/plain", "x", calendar.as_bytes()), read(calendar.as_bytes())] {
        let links = links(&reading);
        assert!(links.iter().zip(hosts).all(|(link, host)| link.ends_with(host)), "{links:?}");
        assert_eq!(links.len(), 3);
        assert!(reading.text.contains("Afspraak\nBevestig op"));
        assert_eq!(reading.links[1].role, Role::CallToAction);
    }
}

#[test]
fn html_and_rich_text_are_read_as_reports_and_attached() {
    let html = b"<html><a href=https://evil.example.org/>x</a>".as_slice();
    let rtf =
        br#"{\rtf1 {\field{\*\fldinst HYPERLINK "https://evil.example.org/"}{\fldrslt Pay}}}"#;
    for bytes in [html, rtf] {
        let reading = read(bytes);
        assert_eq!(reading.links[0].host, "evil.example.org");
        assert_eq!(reading.links[0].kind, LinkKind::Anchor);
        let reading = attached("application/octet-stream", "x.bin", bytes);
        assert_eq!(links(&reading), ["2 Anchor evil.example.org"]);
    }
    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg"><a xlink:href="https://evil.example.org/">x</a></svg>"#;
    assert_eq!(links(&attached("image/svg+xml", "x.svg", svg)), ["2 Anchor evil.example.org"]);
}

#[test]
fn a_zip_is_listed_and_nothing_of_it_is_read() {
    let zip = archive(&[("a.html", b"<a href=https://evil.example.org/>"), ("!b.exe", b"MZ")]);
    let reading = attached("application/pdf", "x.pdf", &zip);
    assert!(reading.links.is_empty());
    assert_eq!(defects(&reading), ["unread 2"]);
    let attachment = &reading.attachments[0];
    assert_eq!(attachment.format, Format::Zip);
    assert_eq!(attachment.declared.as_deref(), Some("application/pdf"));
    let members: Vec<_> =
        attachment.members.iter().map(|m| (m.name.as_str(), m.encrypted)).collect();
    assert_eq!(members, [("a.html", false), ("!b.exe", true)]);
    assert!(crate::render_text(&reading).contains("\"!b.exe\", 2 octets, with a password"));
}

#[test]
fn what_is_not_read_is_named() {
    for (bytes, what) in [
        (&b"MZ\x90\0\x03\0"[..], "program"),
        (b"Rar!\x1a\x07\0", "archive"),
        (b"\0\x01\x02", "unknown format"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0", "OLE compound file"),
    ] {
        let reading = attached("application/octet-stream", "x.doc", bytes);
        assert_eq!(reading.defects[0].kind, DefectKind::Unread);
        assert!(reading.defects[0].detail.starts_with(what), "{:?}", reading.defects);
        assert_eq!(reading.attachments[0].bytes, bytes.len());
    }
}

#[test]
fn messages_in_files_count_against_the_depth() {
    let mut draft = Draft {
        properties: vec![(0x1000, Value::Unicode("https://deep.example.org/"))],
        attachments: vec![],
    };
    for _ in 0..40 {
        draft = Draft { properties: vec![], attachments: vec![Attach::Message("in", draft)] };
    }
    let reading = read(&draft.build());
    assert!(reading.links.is_empty());
    assert!(reading.defects.iter().any(|d| d.kind == DefectKind::LimitReached));
    let mut bytes = format!("{HEAD}\nhttps://deep.example.org/").into_bytes();
    for _ in 0..20 {
        bytes =
            Draft { properties: vec![], attachments: vec![Attach::Bytes("x.eml", &bytes)] }.build();
    }
    let limits = Limits { depth_max: 10, ..Limits::default() };
    let reading = read_mail(&bytes, &EmbeddedSuffixes, &limits);
    assert!(reading.links.is_empty());
    assert!(reading.defects.iter().any(|d| d.kind == DefectKind::LimitReached));
}
