//! Letters to reporters, from a row in the casebook to a real SMTP server: our own
//! intake stands in for the smarthost.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test by panicking")]
#![expect(unreachable_pub, reason = "tests/hub is shared by test binaries")]

mod hub;
#[path = "letters/smarthosts.rs"]
mod smarthosts;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use belfry_casebook::access::{Analyst, Principal, Proof, Role};
use belfry_casebook::case::Subject;
use belfry_casebook::correspondence::{Correspondent, Waiting};
use belfry_casebook::report::{
    Channel, CheckResult, Content, NewCorrespondence, NewReport, ReadingRecord, Report, SenderCheck,
};
use belfry_casebook::verdict::{Asked, Consequence, Decision, Verdict};
use belfry_intake::IntakeMetrics;
use belfry_intake::outgoing::{Encryption, LetterSettings, Letters, Smarthost};
use belfry_intake::smtp::{SmtpServer, SmtpSettings};
use belfry_journal::UnixMillis;
use belfry_web::{Clock, Secret};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use hub::{Hub, NOW};

const DAY_MS: u64 = 86_400_000;

/// The clock of these tests, in milliseconds past `NOW`; each test takes its own casebook
/// but they share this, and only ever move it on.
static LATER: AtomicU64 = AtomicU64::new(0);

fn now() -> UnixMillis {
    UnixMillis(NOW.0 + LATER.load(Ordering::Relaxed))
}

fn wait(millis: u64) {
    LATER.fetch_add(millis, Ordering::Relaxed);
}

fn settings() -> LetterSettings {
    LetterSettings {
        sender: "Belfry <report@csirt.example>".parse().unwrap(),
        language: "de".into(),
        per_hour_max: 2,
        give_up: Duration::from_secs(5 * 86_400),
        days: 30,
        page: None,
        authority: String::new(),
    }
}

fn letters(hub: &Hub, smarthost: Smarthost) -> Letters {
    let metrics = IntakeMetrics::default();
    Letters::new(hub.casebook.clone(), Clock(now), smarthost, settings(), metrics)
}

fn plain(address: SocketAddr) -> Smarthost {
    let host = address.ip().to_string();
    Smarthost::new(&host, address.port(), Encryption::None, None, None, "mx.csirt.example").unwrap()
}

/// A mail server that takes mail for `example.com`.
async fn sink(sink: &Hub, tls: Option<Arc<rustls::ServerConfig>>) -> SocketAddr {
    let listener = TcpListener::bind((belfry_testbed::loopback(), 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let settings =
        SmtpSettings { recipients: vec!["example.com".into()], ..SmtpSettings::default() };
    let (casebook, metrics) = (sink.casebook.clone(), IntakeMetrics::default());
    let server = SmtpServer::with_envelopes(settings, casebook, sink.clock, tls, metrics, true);
    tokio::spawn(server.serve(listener, CancellationToken::new()));
    address
}

/// What the sink has, oldest first; none of it has a sender in its envelope.
async fn taken(sink: &Hub) -> Vec<String> {
    let mut mails = Vec::new();
    for report in sink.casebook.unread(100).await.unwrap() {
        let envelope = sink.casebook.envelope(report.id).await.unwrap().unwrap();
        assert_eq!(envelope.sender, None);
        mails.push(String::from_utf8(sink.casebook.evidence(report.id).await.unwrap()).unwrap());
    }
    mails
}

/// A report of `address` with a case of its own, whose sender is proven.
async fn reported(hub: &Hub, address: &str, acknowledge: bool) -> (Report, u64) {
    let report = NewReport {
        channel: Channel::Smtp,
        content: Content::Mail,
        bytes: b"Subject: x\r\n\r\nhttps://evil.example/?plant-evidence\r\n",
        reporter: Some(address),
        received_at: now(),
    };
    let receipt = hub.casebook.receive(report).await.unwrap();
    let report = hub.casebook.report(&receipt).await.unwrap().unwrap();
    let result = CheckResult::Pass;
    let check = SenderCheck { spf: result, dkim: result, dmarc: result, authentic: true };
    let correspondent = Correspondent {
        address: address.into(),
        message_id: Some("1@example.com".into()),
        language: None,
    };
    let ends_at = UnixMillis(now().0 + 30 * DAY_MS);
    let answer = NewCorrespondence { correspondent: &correspondent, acknowledge, ends_at };
    hub.casebook.record_sender(report.id, &check, Some(answer), now()).await.unwrap();
    let reading = ReadingRecord { json: "{}".into(), defects: 0, read_at: now() };
    let digest = receipt.to_string();
    let subject = Subject::Message { digest, title: "plant-title".into() };
    let cases = hub.casebook.file_reading(report.id, &reading, &[subject]).await.unwrap();
    (report, cases[0])
}

async fn found_benign(hub: &Hub, case: u64) {
    let principal =
        Principal { name: "token:ada".into(), role: Role::Analyst, proof: Proof::Token };
    let by: Analyst = principal.authorize().unwrap();
    let decision = Decision {
        case,
        version: None,
        verdict: Verdict::Benign,
        reason: "plant-reason",
        by: &by,
        at: now(),
        consequence: Consequence::Clear { until: UnixMillis(now().0 + DAY_MS) },
        asked: Asked::default(),
    };
    hub.casebook.decide(decision).await.unwrap();
}

async fn waiting(hub: &Hub) -> (u64, u64, u64) {
    let Waiting { acknowledge, awaiting, inform } = hub.casebook.correspondence().await.unwrap();
    (acknowledge, awaiting, inform)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reporter_is_told_twice_and_then_forgotten() {
    let (hub, other) = (Hub::open().await, Hub::open().await);
    let mut letters = letters(&hub, plain(sink(&other, None).await));
    let stop = CancellationToken::new();
    let (report, case) = reported(&hub, "plant-an@example.com", true).await;
    letters.look(&stop).await.unwrap();
    assert_eq!(waiting(&hub).await, (0, 1, 0));
    let [received] = &taken(&other).await[..] else { panic!("one letter") };
    assert!(received.contains("Auto-Submitted: auto-replied\r\n"), "{received}");
    assert!(received.contains(&format!("Meldung {}", report.receipt)), "{received}");
    letters.look(&stop).await.unwrap();
    assert_eq!(taken(&other).await.len(), 1, "the same is not said twice");

    found_benign(&hub, case).await;
    letters.look(&stop).await.unwrap();
    let mails = taken(&other).await;
    assert_eq!(mails.len(), 2);
    assert!(mails[1].contains("keinen Betrug"), "{}", mails[1]);
    assert!(!mails.concat().contains("plant-evidence"));
    assert!(!mails.concat().contains("plant-reason") && !mails.concat().contains("plant-title"));
    assert_eq!(waiting(&hub).await, (0, 0, 0));
    hub.finds_nothing_of("plant-an");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_decided_before_the_receipt_is_told_of_too() {
    let (hub, other) = (Hub::open().await, Hub::open().await);
    let mut letters = letters(&hub, plain(sink(&other, None).await));
    let stop = CancellationToken::new();
    letters.look(&stop).await.unwrap();
    let (_, case) = reported(&hub, "an@example.com", true).await;
    found_benign(&hub, case).await;
    for _ in 0..2 {
        letters.look(&stop).await.unwrap();
    }
    assert_eq!(taken(&other).await.len(), 2);
    assert_eq!(waiting(&hub).await, (0, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_letters_to_one_address_wait_or_are_left_out() {
    let (hub, other) = (Hub::open().await, Hub::open().await);
    let mut letters = letters(&hub, plain(sink(&other, None).await));
    let stop = CancellationToken::new();
    let mut cases = Vec::new();
    for address in ["an@example.com", "AN@example.com", "an@example.com", "bo@example.com"] {
        cases.push(reported(&hub, address, true).await.1);
    }
    letters.look(&stop).await.unwrap();
    assert_eq!(taken(&other).await.len(), 3, "two to an, one to bo");
    assert_eq!(waiting(&hub).await, (0, 4, 0));
    for case in cases {
        found_benign(&hub, case).await;
    }
    letters.look(&stop).await.unwrap();
    assert_eq!(taken(&other).await.len(), 4, "one more to bo");
    assert_eq!(waiting(&hub).await, (0, 0, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_wait_for_a_smarthost_and_are_given_up_in_time() {
    let hub = Hub::open().await;
    let nobody = belfry_testbed::free_addr();
    let mut letters = letters(&hub, plain(nobody));
    let stop = CancellationToken::new();
    let (_, case) = reported(&hub, "plant-an@example.com", false).await;
    found_benign(&hub, case).await;
    letters.look(&stop).await.unwrap();
    assert_eq!(waiting(&hub).await, (0, 0, 1));
    let due = hub.casebook.letters_due(UnixMillis(now().0 + 61_000), 10).await.unwrap();
    assert_eq!(due[0].tries, 1);
    assert!(hub.casebook.letters_due(now(), 10).await.unwrap().is_empty(), "it waits a while");
    wait(6 * DAY_MS);
    letters.look(&stop).await.unwrap();
    assert_eq!(waiting(&hub).await, (0, 0, 0));
    hub.finds_nothing_of("plant-an");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_smarthost_refuses_is_tried_again() {
    let (hub, other) = (Hub::open().await, Hub::open().await);
    let mut letters = letters(&hub, plain(sink(&other, None).await));
    let stop = CancellationToken::new();
    reported(&hub, "an@elsewhere.test", true).await;
    reported(&hub, "bo@example.com", true).await;
    letters.look(&stop).await.unwrap();
    assert_eq!(taken(&other).await.len(), 1, "one refused letter holds no other up");
    assert_eq!(waiting(&hub).await, (1, 1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_that_must_be_protected_is_or_nothing_is_sent() {
    let (hub, other) = (Hub::open().await, Hub::open().await);
    let stop = CancellationToken::new();
    let login = || Some(("user".to_owned(), Secret::new("plant-password".into())));
    let name = "mx.csirt.example";
    // Without STARTTLS on offer, nothing goes out.
    let clear = sink(&other, None).await;
    let host = clear.ip().to_string();
    let (pem, config) = certificate(&host);
    let roots = Some(pem.as_bytes());
    let smarthost =
        Smarthost::new(&host, clear.port(), Encryption::Starttls, roots, login(), name).unwrap();
    reported(&hub, "an@example.com", true).await;
    letters(&hub, smarthost).look(&stop).await.unwrap();
    assert!(taken(&other).await.is_empty());
    assert_eq!(waiting(&hub).await, (1, 0, 0));
    // With a certificate that we trust, it does; one that we don't trust is as good as none.
    for (trusted, sent) in [(false, 0), (true, 1)] {
        let address = sink(&other, Some(Arc::clone(&config))).await;
        let host = address.ip().to_string();
        let (pem, config) = certificate(&host);
        let address = if trusted { sink_at(&other, address, config).await } else { address };
        let roots = Some(pem.as_bytes());
        let encryption = Encryption::Starttls;
        let smarthost =
            Smarthost::new(&host, address.port(), encryption, roots, None, name).unwrap();
        wait(2 * 3_600_000);
        letters(&hub, smarthost).look(&stop).await.unwrap();
        assert_eq!(taken(&other).await.len(), sent, "trusted: {trusted}");
    }
}

/// A second server at the address of `first`, with this certificate.
async fn sink_at(other: &Hub, first: SocketAddr, config: Arc<rustls::ServerConfig>) -> SocketAddr {
    let listener = TcpListener::bind((first.ip(), 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (casebook, metrics) = (other.casebook.clone(), IntakeMetrics::default());
    let settings = SmtpSettings::default();
    let server =
        SmtpServer::with_envelopes(settings, casebook, other.clock, Some(config), metrics, true);
    tokio::spawn(server.serve(listener, CancellationToken::new()));
    address
}

fn certificate(host: &str) -> (String, Arc<rustls::ServerConfig>) {
    let made = rcgen::generate_simple_self_signed([host.to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let chain = vec![made.cert.der().clone()];
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    (made.cert.pem(), Arc::new(config))
}
