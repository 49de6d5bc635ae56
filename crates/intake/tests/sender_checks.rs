//! Senders checked against a DNS server of our own, with mails signed here.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test by panicking")]
#![expect(unreachable_pub, reason = "tests/hub and tests/dns are shared by test binaries")]

mod dns;
mod hub;

use std::sync::Arc;

use belfry_casebook::correspondence::Correspondent;
use belfry_casebook::report::{CheckResult, Envelope, NewCorrespondence};
use belfry_desk::sender::{CheckSender, Checked};
use belfry_intake::IntakeMetrics;
use belfry_intake::auth::{AuthenticationSettings, SenderChecker, Whom};
use belfry_intake::smtp::{SmtpServer, SmtpSettings};
use belfry_journal::UnixMillis;
use data_encoding::BASE64;
use mail_auth::common::crypto::Ed25519Key;
use mail_auth::common::headers::HeaderWriter;
use mail_auth::dkim::DkimSigner;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use hub::{Hub, NOW};

const MAIL: &str = "From: An <an@example.com>\r\nTo: report@csirt.example\r\n\
    Subject: TR: votre colis\r\nMessage-ID: <1@example.com>\r\n\r\nvoir ci-dessous\r\n";

/// A key pair, its secret half as PKCS#8.
struct Keys {
    secret: Vec<u8>,
    record: String,
}

impl Keys {
    fn new() -> Self {
        let secret = Ed25519Key::generate_pkcs8().unwrap();
        let public = Ed25519Key::from_pkcs8_der(&secret).unwrap().public_key();
        Self { secret, record: format!("v=DKIM1; k=ed25519; p={}", BASE64.encode(&public)) }
    }

    /// `mail` signed for `domain` over `fields`.
    fn sign(&self, domain: &str, fields: &[&str], mail: &str) -> String {
        let key = Ed25519Key::from_pkcs8_der(&self.secret).unwrap();
        let signer =
            DkimSigner::from_key(key).domain(domain).selector("s").headers(fields.iter().copied());
        format!("{}{mail}", signer.sign(mail.as_bytes()).unwrap().to_header())
    }
}

async fn checker(texts: &[(&str, &str)]) -> SenderChecker {
    let resolvers = vec![dns::serve(texts).await];
    let settings = AuthenticationSettings { resolvers, seconds_max: 2, relays: vec![] };
    let whom = Whom { own: vec!["csirt.example".into()], acknowledge: true, days: 30 };
    SenderChecker::new(&settings, "mx.csirt.example", Some(whom), IntakeMetrics::default()).unwrap()
}

async fn check(checker: &SenderChecker, sender: &str, mail: &str) -> Checked {
    let envelope = Envelope {
        peer: "127.0.0.9".parse().unwrap(),
        helo: "mail.example.com".into(),
        sender: (!sender.is_empty()).then(|| sender.to_owned()),
    };
    checker.check(envelope, Arc::new(mail.as_bytes().to_vec())).await
}

/// SPF, DKIM, DMARC, and whether it proves the sender.
fn words(checked: &Checked) -> (&str, &str, &str, bool) {
    let check = &checked.check;
    (check.spf.name(), check.dkim.name(), check.dmarc.name(), check.authentic)
}

const SPF_PASS: (&str, &str) = ("example.com", "v=spf1 ip4:127.0.0.9 -all");
const DMARC: (&str, &str) = ("_dmarc.example.com", "v=DMARC1; p=reject");

#[tokio::test(flavor = "multi_thread")]
async fn spf_proves_the_domain_in_from_and_no_other() {
    let checker = checker(&[
        SPF_PASS,
        ("evil.test", "v=spf1 ip4:127.0.0.9 -all"),
        ("no.test", "v=spf1 -all"),
    ])
    .await;
    let checked = check(&checker, "an@example.com", MAIL).await;
    assert_eq!(words(&checked), ("pass", "none", "none", true));
    let answer = checked.answer.unwrap();
    assert_eq!(answer.correspondent.address, "an@example.com");
    assert_eq!(answer.correspondent.language.as_deref(), Some("fr"));
    // Who sends under another name proves only that one.
    let checked = check(&checker, "an@evil.test", MAIL).await;
    assert_eq!(words(&checked), ("pass", "none", "none", false));
    assert!(checked.answer.is_none());
    let checked = check(&checker, "an@no.test", &MAIL.replace("example.com", "no.test")).await;
    assert_eq!(words(&checked), ("fail", "none", "none", false));
    let checked = check(&checker, "", MAIL).await;
    assert_eq!(words(&checked), ("none", "none", "none", false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_proves_what_it_covers() {
    let keys = Keys::new();
    let checker = checker(&[
        ("s._domainkey.example.com", &keys.record),
        ("s._domainkey.evil.test", &keys.record),
        DMARC,
        ("example.com", "v=spf1 -all"),
    ])
    .await;
    let all = ["From", "To", "Subject"];
    let signed = keys.sign("example.com", &all, MAIL);
    let checked = check(&checker, "an@example.com", &signed).await;
    assert_eq!(words(&checked), ("fail", "pass", "pass", true));
    assert!(checked.answer.is_some());
    let forged = [
        ("changed", signed.replace("ci-dessous", "ailleurs")),
        ("signed by another", keys.sign("evil.test", &all, MAIL)),
        ("a second From", format!("From: Bank <x@bank.example>\r\n{signed}")),
        ("not signed", MAIL.to_owned()),
    ];
    for (what, mail) in forged {
        let checked = check(&checker, "an@example.com", &mail).await;
        assert!(!checked.check.authentic && checked.answer.is_none(), "{what}: {checked:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_that_leaves_from_out_proves_nothing() {
    let keys = Keys::new();
    let checker = checker(&[("s._domainkey.example.com", &keys.record)]).await;
    let checked =
        check(&checker, "an@example.com", &keys.sign("example.com", &["Subject"], MAIL)).await;
    assert!(!checked.check.authentic, "{checked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_dns_does_not_answer_is_a_temporary_error() {
    let keys = Keys::new();
    let checker = checker(&[]).await;
    let mail = MAIL.replace("example.com", "slow.test");
    let checked = check(&checker, "an@slow.test", &keys.sign("slow.test", &["From"], &mail)).await;
    assert_eq!(words(&checked), ("temperror", "temperror", "temperror", false));
    assert!(checked.answer.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_heads_are_bounded() {
    let keys = Keys::new();
    let checker = checker(&[SPF_PASS, ("s._domainkey.example.com", &keys.record)]).await;
    let signed = keys.sign("example.com", &["From"], MAIL);
    let signature = signed.split("From:").next().unwrap();
    let many = format!("{}{MAIL}", signature.repeat(9));
    let checked = check(&checker, "an@example.com", &many).await;
    assert_eq!(checked.check.dkim, CheckResult::PermError);
    let long = format!("X: {}\r\n{MAIL}", "x".repeat(300 << 10));
    assert!(!check(&checker, "an@example.com", &long).await.check.authentic);
    for mail in ["", "\r\n", "DKIM-Signature: v=1; h=\u{0}; bh=;;;\r\n\r\n", "From\r\n:\r\n"] {
        assert!(!check(&checker, "an@example.com", mail).await.check.authentic, "{mail:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_envelope_is_kept_sealed_until_its_sender_is_checked() {
    let hub = Hub::open().await;
    let stop = CancellationToken::new();
    let listener = TcpListener::bind((belfry_testbed::loopback(), 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let settings =
        SmtpSettings { recipients: vec!["csirt.example".into()], ..SmtpSettings::default() };
    let (casebook, metrics) = (hub.casebook.clone(), IntakeMetrics::default());
    let server = SmtpServer::with_envelopes(settings, casebook, hub.clock, None, metrics, true);
    let served = tokio::spawn(server.serve(listener, stop.clone()));
    let mut client = TcpStream::connect(address).await.unwrap();
    let said = format!(
        "EHLO plant-helo.example\r\nMAIL FROM:<plant-sender@example.com>\r\n\
         RCPT TO:<plant-recipient@csirt.example>\r\nDATA\r\n{MAIL}.\r\nQUIT\r\n"
    );
    client.write_all(said.as_bytes()).await.unwrap();
    client.read_to_end(&mut Vec::new()).await.unwrap();
    let report = hub.casebook.unread(1).await.unwrap().remove(0);
    assert_eq!((report.mailbox.as_deref(), report.sender), (Some("csirt.example"), None));
    let envelope = hub.casebook.envelope(report.id).await.unwrap().unwrap();
    assert_eq!(envelope.sender.as_deref(), Some("plant-sender@example.com"));
    assert_eq!(envelope.helo, "plant-helo.example");
    hub.finds_nothing_of("plant-");

    let correspondent = Correspondent {
        address: "plant-sender@example.com".into(),
        message_id: None,
        language: None,
    };
    let (checker, ends_at) = (checker(&[SPF_PASS]).await, UnixMillis(NOW.0 + 1_000));
    let check = checker.check(envelope, Arc::new(MAIL.into())).await.check;
    let answer = NewCorrespondence { correspondent: &correspondent, acknowledge: true, ends_at };
    hub.casebook.record_sender(report.id, &check, Some(answer), NOW).await.unwrap();
    hub.casebook.record_sender(report.id, &check, Some(answer), NOW).await.unwrap();
    assert!(hub.casebook.envelope(report.id).await.unwrap().is_none());
    assert_eq!(hub.casebook.unread(1).await.unwrap()[0].sender, Some(check));
    let due = hub.casebook.letters_due(NOW, 10).await.unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].correspondent, correspondent);
    hub.finds_nothing_of("plant-");
    assert_eq!(hub.casebook.end_correspondence_by(ends_at).await.unwrap(), 1);
    stop.cancel();
    served.await.unwrap();
}
