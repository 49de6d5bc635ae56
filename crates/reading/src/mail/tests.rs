//! Whole mails, small and hostile ones.

use belfry_indicator::EmbeddedSuffixes;
use proptest::prelude::*;

use crate::{DefectKind, Limits, Reading, read_mail};

fn read(mail: &[u8]) -> Reading {
    read_mail(mail, &EmbeddedSuffixes, &Limits::default())
}

/// Compares `KIND PLACE` of the defects and `PLACE URL` of the links.
fn check(mail: &str, links: &[&str], defects: &[&str]) {
    let reading = read(mail.as_bytes());
    let got: Vec<_> = reading.links.iter().map(|l| format!("{} {}", l.place.part, l.url)).collect();
    assert_eq!(got, links, "{mail}");
    let got: Vec<_> =
        reading.defects.iter().map(|d| format!("{} {}", d.kind.name(), d.place)).collect();
    assert_eq!(got, defects, "{mail}\n{:?}", reading.defects);
}

const HEAD: &str = "From: a@example.com\nDate: Tue, 24 Nov 2026 10:00:00 +0100\n";

#[test]
fn parts_are_numbered_through_nested_messages() {
    check(
        &format!(
            "{HEAD}Content-Type: multipart/mixed; boundary=o\n\n--o\n\nhttps://a.example.com/\n\
             --o\nContent-Type: message/rfc822\n\n{HEAD}Content-Type: multipart/alternative;\n\
             \tboundary=\"i\"\n\n--i\n\nhttps://b.example.com/\n--i\nContent-Type: text/html\n\n\
             <a href=https://c.example.com/>c</a>\n--i--\n--o\nContent-Type: message/rfc822\n\n\
             {HEAD}\nhttps://d.example.com/\n--o--\n"
        ),
        &[
            "1 https://a.example.com/",
            "2.1 https://b.example.com/",
            "2.2 https://c.example.com/",
            "3.1 https://d.example.com/",
        ],
        &[],
    );
}

#[test]
fn a_message_in_base64_is_still_a_message() {
    let inner = format!("Subject: inner\n{HEAD}\nhttps://a.example.com/\n");
    let inner = data_encoding::BASE64.encode(inner.as_bytes());
    let reading = read(
        format!("{HEAD}Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{inner}")
            .as_bytes(),
    );
    assert_eq!(reading.summary.subject.as_deref(), Some("inner"));
    assert_eq!(reading.summary.forwarded_depth, 1);
    assert_eq!(reading.links[0].place.part, "1.1");
}

#[test]
fn no_part_is_lost() {
    check(
        &format!("{HEAD}Content-Type: multipart/mixed; boundary=o\n\nhttps://a.example.com/"),
        &["1 https://a.example.com/"],
        &["structure "],
    );
    check(
        &format!(
            "{HEAD}Content-Type: multipart/mixed; boundary=o\n\n--o\n\nhttps://a.example.com/"
        ),
        &["1 https://a.example.com/"],
        &["structure "],
    );
    check(
        &format!(
            "{HEAD}Content-Type: multipart/mixed; boundary=o\n\n--o\nhttps://a.example.com/ x\n--o--"
        ),
        &["1 https://a.example.com/"],
        &["structure 1"],
    );
    check(
        &format!(
            "{HEAD}Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: image/png; name=x\n\n\
             x\n--o\nContent-Type: application/octet-stream; name=a.html\n\n<a href=https://a.example.com/>x\n--o--"
        ),
        &["2 https://a.example.com/"],
        &["structure 1"],
    );
}

#[test]
fn what_is_no_message_is_read_as_text() {
    check(
        "Dear customer, see https://a.example.com/",
        &["1 https://a.example.com/"],
        &["not-a-message "],
    );
    check("", &[], &["not-a-message "]);
    check(
        "Subject: x\n\nhttps://a.example.com/",
        &["1 https://a.example.com/"],
        &["header ", "header "],
    );
    check(&format!("\r\n\r\n{HEAD}Date: soon\n\nx"), &[], &["header ", "header "]);
}

#[test]
fn broken_encodings_and_charsets_are_told() {
    check(
        &format!(
            "{HEAD}Content-Transfer-Encoding: quoted-printable\n\n=ZZ https://a.example.com/?a=3Db"
        ),
        &["1 https://a.example.com/?a=b"],
        &["encoding 1"],
    );
    check(
        &format!("{HEAD}Content-Type: text/plain; charset=klingon\n\nhttps://a.example.com/"),
        &["1 https://a.example.com/"],
        &["charset 1"],
    );
}

#[test]
fn the_innermost_message_is_the_suspicious_one() {
    let mut mail = format!("Subject: s0\n{HEAD}\nbody");
    for n in 1..5 {
        mail = format!(
            "Subject: s{n}\nFrom: f{n}@example.com\nDate: x\nContent-Type: message/rfc822\n\n{mail}"
        );
    }
    let reading = read(mail.as_bytes());
    assert_eq!(reading.summary.subject.as_deref(), Some("s0"));
    assert_eq!(reading.summary.forwarded_depth, 4);
    let forwarder = reading.summary.forwarder.unwrap();
    assert_eq!(forwarder.address.as_deref(), Some("f4@example.com"));
    assert_eq!(reading.text, "body");
}

#[test]
fn every_limit_ends_in_a_defect_and_keeps_what_was_read() {
    let tight = |change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        limits
    };
    let mail = format!(
        "{HEAD}Content-Type: multipart/mixed; boundary=o\n\n{}--o--",
        "--o\n\nhttps://a.example.com/ https://b.example.com/\n".repeat(20)
    );
    for limits in [
        tight(|l| l.bytes_max = 500),
        tight(|l| l.parts_max = 3),
        tight(|l| l.links_max = 1),
        tight(|l| l.text_bytes_max = 60),
        tight(|l| l.depth_max = 0),
    ] {
        let reading = read_mail(mail.as_bytes(), &EmbeddedSuffixes, &limits);
        assert!(!reading.links.is_empty(), "{limits:?}");
        let reached = reading.defects.iter().any(|d| d.kind == DefectKind::LimitReached);
        assert!(reached, "{limits:?}: {:?}", reading.defects);
    }
}

#[test]
fn hostile_shapes_end_soon_and_in_defects() {
    let nest = |piece: &str, n: usize| format!("{HEAD}{}https://a.example.com/", piece.repeat(n));
    let multiparts: String = (0..10_000)
        .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n"))
        .collect();
    let shapes = [
        nest("Content-Type: message/rfc822\n\n", 10_000),
        format!("{HEAD}{multiparts}\nhttps://a.example.com/"),
        format!("{HEAD}Subject: {}\n\nhttps://a.example.com/", "x".repeat(1 << 20)),
        format!("{HEAD}Content-Transfer-Encoding: base64\n\n{}", "QUFB".repeat(1 << 19)),
        format!("{HEAD}\n{}", "\0".repeat(1 << 20)),
        format!(
            "{HEAD}Content-Type: text/html\n\n{}",
            "<a href=https://a.example.com/>".repeat(100_000)
        ),
        format!("{HEAD}\n{}", "a.".repeat(1 << 19)),
        format!("{HEAD}\n{}", "http://".repeat(100_000)),
        format!("{HEAD}\n{}", "a@".repeat(1 << 19)),
        format!("{HEAD}\n{}", "www.".repeat(1 << 18)),
    ];
    for shape in shapes {
        let reading = read(shape.as_bytes());
        assert!(reading.defects.len() <= 1_000 && reading.links.len() <= 10_000);
    }
}

#[test]
fn a_flood_of_distinct_links_is_bounded() {
    let links: String =
        (0..100_000).map(|n| format!("<a href=https://h{n}.example.com/>klik</a>")).collect();
    let reading = read(format!("{HEAD}Content-Type: text/html\n\n{links}").as_bytes());
    assert_eq!(reading.links.len(), 10_000);
    assert!(reading.defects.iter().any(|d| d.kind == DefectKind::LimitReached));
}

const SEED: &str = "From: a@example.com\nDate: Tue, 24 Nov 2026 10:00:00 +0100\n\
    Subject: =?utf-8?q?x=20y?=\nContent-Type: multipart/mixed; boundary=\"b\"\n\n--b\n\
    Content-Type: text/html; charset=iso-2022-jp\nContent-Transfer-Encoding: quoted-printable\n\n\
    <a href=3D\"https://a.example.com/\">https://b.example.com</a>\n--b\n\
    Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeAoKaHR0cDovL2E\n--b--\n";

proptest! {
    #[test]
    fn random_bytes_are_read(bytes: Vec<u8>) {
        read(&bytes);
    }

    #[test]
    fn a_mutated_mail_is_read(edits in prop::collection::vec((0..SEED.len(), any::<u8>()), 1..20)) {
        let mut mail = SEED.as_bytes().to_vec();
        for (at, byte) in edits {
            mail[at] = byte;
        }
        read(&mail);
    }

    #[test]
    fn a_shuffled_mail_is_read(cuts in prop::collection::vec((0..SEED.len(), 0..SEED.len()), 1..8)) {
        let mut mail = Vec::new();
        for (from, to) in cuts {
            mail.extend_from_slice(&SEED.as_bytes()[from.min(to)..from.max(to)]);
        }
        read(&mail);
    }
}

/// Hosts that are raised, sorted.
fn raised(reading: &Reading) -> Vec<&str> {
    let calls = reading.links.iter().filter(|link| link.role == crate::Role::CallToAction);
    let mut hosts: Vec<_> = calls.map(|link| link.host.as_str()).collect();
    hosts.sort_unstable();
    hosts
}

#[test]
fn each_of_several_forwards_raises_its_links() {
    let mail = |n: usize, from: &str| {
        format!(
            "From: {from}\nTo: jan.peeters@post.example\nSubject: mail {n} for \
             jan.peeters@post.example\nDate: Tue, 24 Nov 2026 10:00:00 +0100\n\
             Content-Type: text/html\n\n<a href=https://evil{n}.example/x>Pay now</a> \
             <a href=https://www.bank.example/>Bank</a>\n"
        )
    };
    let from = |n: usize| format!("Bank <info@bank{n}.example>");
    let parts: Vec<_> = (1..=3)
        .map(|n| format!("--o\nContent-Type: message/rfc822\n\n{}", mail(n, &from(n))))
        .collect();
    let parts = parts.concat();
    let report = format!(
        "{HEAD}Subject: Fwd: look\nContent-Type: multipart/mixed; boundary=o\n\n--o\n\n\
         I got these, see https://forum.example/t/1\n{parts}--o--\n"
    );
    let reading = read(report.as_bytes());
    assert_eq!(raised(&reading), ["evil1.example", "evil2.example", "evil3.example"]);
    assert_eq!(reading.summary.subject.as_deref(), Some("mail 1 for redacted--recipient"));
    let further: Vec<_> = reading.further.iter().map(|mail| &mail.summary).collect();
    assert_eq!(further.len(), 2);
    assert_eq!(further[1].subject.as_deref(), Some("mail 3 for redacted--recipient"));
    assert_eq!(further[1].forwarder.as_ref().unwrap().address.as_deref(), Some("a@example.com"));
    assert_eq!(reading.further[0].text, "Pay now Bank");
    // A mailbox and a digest are the same in another wrapping.
    let mailbox: String = (1..=3)
        .map(|n| format!("From x Tue Nov 24 10:00:00 2026\n{}\n", mail(n, &from(n))))
        .collect();
    let digest: String = (1..=3).map(|n| format!("--o\n\n{}", mail(n, &from(n)))).collect();
    let digest = format!("{HEAD}Content-Type: multipart/digest; boundary=o\n\n{digest}--o--\n");
    for report in [mailbox, digest] {
        assert_eq!(raised(&read(report.as_bytes())).len(), 3, "{report}");
    }
}

#[test]
fn a_forward_with_a_link_and_one_without_raise_that_link() {
    let part =
        |text: &str| format!("--o\nContent-Type: message/rfc822\n\n{HEAD}Subject: x\n\n{text}\n");
    let report = format!(
        "{HEAD}Content-Type: multipart/mixed; boundary=o\n\n--o\n\nhttps://own.example/a\n{}{}--o--\n",
        part("Hi mum, call me"),
        part("https://evil.example/x")
    );
    assert_eq!(raised(&read(report.as_bytes())), ["evil.example"]);
}

#[test]
fn an_attached_page_that_a_script_writes_is_read() {
    let page = |script: &str| {
        format!(
            "{HEAD}Content-Type: multipart/mixed; boundary=o\n\n--o\n\nSee the file\n--o\n\
             Content-Type: text/html\nContent-Disposition: attachment; filename=a.html\n\n\
             <script>{script}</script>\n--o--\n"
        )
    };
    let inner = "%3Cform%20action%3D%22https%3A//evil.example/x%22%3E%3Cinput%3E%3C/form%3E";
    for (script, kind) in [
        (format!("document.write(unescape('{inner}'))"), crate::LinkKind::Form),
        ("location.href='https://evil.example/x'".to_owned(), crate::LinkKind::Refresh),
        ("fetch('https://evil.example/x')".to_owned(), crate::LinkKind::Script),
    ] {
        let reading = read(page(&script).as_bytes());
        assert_eq!(raised(&reading), ["evil.example"], "{script}");
        assert_eq!(reading.links[0].kind, kind, "{script}");
    }
    let library = "document.write('<script src=https://code.jquery.com/j.js>')";
    assert!(raised(&read(page(library).as_bytes())).is_empty());
}
