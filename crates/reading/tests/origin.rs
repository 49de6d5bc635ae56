//! The sending host against what a large provider wrote into each mail of a corpus
//! when it took it in. Skipped by name without the corpus.

use belfry_indicator::EmbeddedSuffixes;
use belfry_reading::{Limits, SignKind, read_mail};
use belfry_testbed::{corpus, untar_xz};

/// The value of a header of one line, found without our parsers.
fn field<'m>(mail: &'m str, name: &str) -> Option<&'m str> {
    let head = mail.split("\n\n").next().unwrap_or_default();
    let head = head.split("\r\n\r\n").next().unwrap_or_default();
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
}

#[test]
fn the_sending_host_is_the_one_that_the_provider_saw() {
    let test = "reading: the sending host of a thousand mails";
    let Some(archive) = corpus("emails_phishing_pot/dev.tar.xz") else {
        return belfry_testbed::skip(test, "the corpus emails_phishing_pot is not there");
    };
    let (mut told, mut right, mut wrong) = (0, 0, Vec::new());
    for (name, mail) in untar_xz(&archive).expect("the archive is sound") {
        let text = String::from_utf8_lossy(&mail);
        let Some(seen) = field(&text, "X-Sender-IP") else {
            continue;
        };
        let reading = read_mail(&mail, &EmbeddedSuffixes, &Limits::default());
        // A forward says nothing of the way that its original took.
        if reading.summary.forwarded_depth > 0 {
            continue;
        }
        told += 1;
        let ip = reading.origin.sending.as_ref().map(|host| host.ip.to_string());
        if ip.as_deref() == Some(seen) {
            right += 1;
        } else {
            wrong.push(format!("{name}: {ip:?} is not {seen}"));
        }
    }
    println!("sending host right in {right} of {told} mails");
    assert!(told > 500, "only {told} mails say it");
    assert!(right * 100 >= told * 98, "only {right} of {told}: {:?}", &wrong[..5]);
}

#[test]
fn an_origin_is_told_with_its_reasons() {
    let mail = b"Return-Path: <b@bulk.example.net>\r\n\
        Received: from mail.evil.example.net (mail.evil.example.net [203.0.113.9])\r\n by mx.example.com; Tue, 24 Nov 2026 10:00:00 +0100\r\n\
        Authentication-Results: mx.example.com; spf=pass smtp.mailfrom=bulk.example.net; dmarc=fail\r\n\
        From: \"help@bank.be\" <x@evil.example.net>\r\nReply-To: y@other.be\r\n\
        Date: Tue, 24 Nov 2026 10:00:00 +0100\r\nSubject: x\r\n\r\nx";
    let origin = read_mail(mail, &EmbeddedSuffixes, &Limits::default()).origin;
    assert_eq!(origin.hops.len(), 1);
    assert_eq!(origin.hops[0].date.as_deref(), Some("2026-11-24T10:00:00+01:00"));
    assert_eq!(origin.authentication.len(), 2);
    let kinds: Vec<_> = origin.signs.iter().map(|sign| sign.kind).collect();
    assert_eq!(
        kinds,
        [SignKind::NameShowsAddress, SignKind::ReplyElsewhere, SignKind::VerificationFailed,]
    );
}
