//! The SMTP server on a socket, driven by real clients: what they sent is found
//! again byte for byte.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test by panicking")]
#![expect(unreachable_pub, reason = "tests/hub is shared by test binaries")]

mod hub;

use std::collections::HashSet;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use belfry_casebook::report::{Channel, Content, IntakeLimits};
use belfry_intake::IntakeMetrics;
use belfry_intake::smtp::{SmtpServer, SmtpSettings};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

use hub::{Hub, NOW};

/// What `send.py` says of each mail.
async fn smtplib(address: SocketAddr, connections: u32, mails: u32, tls: &str) -> Vec<Value> {
    let Some(python) = belfry_testbed::peer("python3") else { return Vec::new() };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hub/send.py");
    let output = Command::new(python)
        .arg(script)
        .args([address.ip().to_string(), address.port().to_string()])
        .args([connections.to_string(), mails.to_string(), tls.to_owned()])
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<_> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), usize::try_from(connections * mails).unwrap());
    lines
}

async fn found_again(hub: &Hub, sent: &[Value]) {
    let mut receipts = HashSet::new();
    for line in sent {
        assert_eq!(line["code"], 250);
        let receipt = line["receipt"].as_str().unwrap();
        let (report, bytes) = hub.report(receipt).await;
        assert_eq!((report.channel, report.content), (Channel::Smtp, Content::Mail));
        assert_eq!(report.received_at, NOW);
        assert_eq!(base64(&bytes), line["content"]);
        receipts.insert(receipt.to_owned());
    }
    assert_eq!(receipts.len(), sent.len());
}

/// Base64, so that a mismatch is found without decoding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        let bits = bits << (8 * (3 - group.len()));
        for digit in 0..4 {
            let index = bits >> (18 - 6 * digit) & 63;
            text.push(if digit > group.len() { '=' } else { char::from(DIGITS[index]) });
        }
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_over_eight_connections_are_found_byte_for_byte() {
    let hub = Hub::open().await;
    let stop = CancellationToken::new();
    let (address, served) = hub.smtp(SmtpSettings::default(), None, &stop).await;
    let sent = smtplib(address, 8, 50, "no").await;
    found_again(&hub, &sent).await;
    stop.cancel();
    served.await.unwrap();
}

/// A certificate that nobody trusts.
fn tls() -> Arc<rustls::ServerConfig> {
    let key = rcgen::generate_simple_self_signed(vec!["mx.belfry.example".into()]).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![key.cert.der().clone()],
            rustls::pki_types::PrivatePkcs8KeyDer::from(key.signing_key.serialize_der()).into(),
        )
        .unwrap();
    Arc::new(config)
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_from_the_first_octet_carries_mail() {
    let hub = Hub::open().await;
    let stop = CancellationToken::new();
    let listener = TcpListener::bind((belfry_testbed::loopback(), 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (casebook, metrics) = (hub.casebook.clone(), IntakeMetrics::default());
    let settings = SmtpSettings::default();
    let server = SmtpServer::new(settings, casebook, hub.clock, Some(tls()), metrics);
    let served = tokio::spawn(server.serve_implicit(listener, stop.clone()));
    let sent = smtplib(address, 1, 6, "implicit").await;
    found_again(&hub, &sent).await;
    stop.cancel();
    served.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn starttls_carries_mail() {
    let hub = Hub::open().await;
    let stop = CancellationToken::new();
    let (address, served) = hub.smtp(SmtpSettings::default(), Some(tls()), &stop).await;
    let sent = smtplib(address, 2, 6, "yes").await;
    found_again(&hub, &sent).await;
    stop.cancel();
    served.await.unwrap();
}

/// A client that says what the test wants.
struct Client(BufReader<TcpStream>);

impl Client {
    async fn connect(address: SocketAddr) -> Self {
        Self(BufReader::new(TcpStream::connect(address).await.unwrap()))
    }

    /// Sends, then reads one line of reply.
    async fn say(&mut self, bytes: &[u8]) -> String {
        self.0.get_mut().write_all(bytes).await.unwrap();
        self.line().await
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).await.unwrap();
        line
    }

    async fn begin_mail(&mut self) {
        self.line().await;
        let opening = b"HELO c.example\r\nMAIL FROM:<>\r\nRCPT TO:<r@csirt.example>\r\nDATA\r\n";
        self.say(opening).await;
        for expected in ["250", "250", "354"] {
            assert!(self.line().await.starts_with(expected));
        }
    }

    /// Whether the server hangs up and says nothing more.
    async fn ended(&mut self) -> bool {
        self.0.read_to_end(&mut Vec::new()).await.unwrap() == 0
    }
}

#[tokio::test]
async fn stopping_ends_the_mail_under_way_and_sends_idle_clients_off() {
    let hub = Hub::open().await;
    let stop = CancellationToken::new();
    let (address, served) = hub.smtp(SmtpSettings::default(), None, &stop).await;
    let mut idle = Client::connect(address).await;
    assert!(idle.line().await.starts_with("220 "));
    let mut busy = Client::connect(address).await;
    busy.begin_mail().await;
    stop.cancel();
    assert!(idle.line().await.starts_with("421 4.3.2 "));
    assert!(idle.ended().await);
    drop(idle);
    let reply = busy.say(b"the end\r\n.\r\n").await;
    let receipt = reply.trim_end().strip_prefix("250 2.0.0 received as ").unwrap();
    assert_eq!(hub.report(receipt).await.1, b"the end\r\n");
    assert!(busy.line().await.starts_with("421 4.3.2 "));
    drop(busy);
    served.await.unwrap();
}

#[tokio::test]
async fn connections_are_limited() {
    let hub = Hub::open().await;
    let stop = CancellationToken::new();
    let settings = SmtpSettings { connections_per_address_max: 1, ..SmtpSettings::default() };
    let (address, _served) = hub.smtp(settings, None, &stop).await;
    let mut first = Client::connect(address).await;
    assert!(first.line().await.starts_with("220 "));
    let mut second = Client::connect(address).await;
    assert!(second.line().await.starts_with("421 4.7.0 "));
    assert!(second.ended().await);
}

#[tokio::test]
async fn memory_in_flight_is_limited() {
    let hub = Hub::open().await;
    let stop = CancellationToken::new();
    let settings = SmtpSettings { memory_bytes_max: 64 << 10, ..SmtpSettings::default() };
    let (address, _served) = hub.smtp(settings, None, &stop).await;
    let mut client = Client::connect(address).await;
    client.begin_mail().await;
    let mut content = vec![b'x'; 512 << 10];
    content.extend_from_slice(b"\r\n.\r\n");
    assert!(client.say(&content).await.starts_with("452 4.3.1 "));
    // What was lent is given back: a small mail passes.
    client.say(b"MAIL FROM:<>\r\nRCPT TO:<r@csirt.example>\r\nDATA\r\n").await;
    client.line().await;
    client.line().await;
    assert!(client.say(b"small\r\n.\r\n").await.starts_with("250 2.0.0 received as "));
}

#[tokio::test]
async fn a_silent_client_is_sent_off() {
    let hub = Hub::open().await;
    let stop = CancellationToken::new();
    let settings = SmtpSettings { idle_seconds: 1, ..SmtpSettings::default() };
    let (address, _served) = hub.smtp(settings, None, &stop).await;
    let mut client = Client::connect(address).await;
    client.begin_mail().await;
    assert!(client.line().await.starts_with("421 4.4.2 "));
    assert!(client.ended().await);
}

#[tokio::test]
async fn mails_are_put_off_while_there_is_no_room_and_taken_again_after() {
    let hub = Hub::open().await;
    let stop = CancellationToken::new();
    let (address, _served) = hub.smtp(SmtpSettings::default(), None, &stop).await;
    let mut client = Client::connect(address).await;
    client.begin_mail().await;
    hub.casebook.limit_intake(IntakeLimits { free_bytes_min: u64::MAX, unread_max: 9 });
    // Its content was on the way already.
    assert!(client.say(b"x\r\n.\r\n").await.starts_with("451 4.3.1 "));
    assert!(client.say(b"MAIL FROM:<>\r\n").await.starts_with("451 4.3.1 "));
    hub.casebook.limit_intake(IntakeLimits::default());
    client.say(b"MAIL FROM:<>\r\nRCPT TO:<r@csirt.example>\r\nDATA\r\n").await;
    client.line().await;
    client.line().await;
    assert!(client.say(b"x\r\n.\r\n").await.starts_with("250 2.0.0 received as "));
    assert_eq!(hub.casebook.unread(10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn one_address_sends_so_many_mails_and_no_more() {
    let hub = Hub::open().await;
    let stop = CancellationToken::new();
    let settings = SmtpSettings {
        mails_burst_per_address: 2,
        mails_per_minute_per_address: 1,
        ..SmtpSettings::default()
    };
    let (address, _served) = hub.smtp(settings, None, &stop).await;
    let mut client = Client::connect(address).await;
    client.line().await;
    client.say(b"HELO c.example\r\n").await;
    let mail = b"MAIL FROM:<>\r\nRCPT TO:<r@csirt.example>\r\nDATA\r\n";
    for _ in 0..2 {
        client.say(mail).await;
        client.line().await;
        client.line().await;
        assert!(client.say(b"x\r\n.\r\n").await.starts_with("250 2.0.0 received as "));
    }
    assert!(client.say(b"MAIL FROM:<>\r\n").await.starts_with("450 4.7.1 "));
    // Another connection from the same address is the same client.
    let mut again = Client::connect(address).await;
    again.line().await;
    again.say(b"HELO c.example\r\n").await;
    assert!(again.say(b"MAIL FROM:<>\r\n").await.starts_with("450 4.7.1 "));
}

#[tokio::test(flavor = "multi_thread")]
async fn swaks_is_told_its_receipt() {
    let Some(swaks) = belfry_testbed::peer("swaks") else { return };
    let hub = Hub::open().await;
    let stop = CancellationToken::new();
    let (address, _served) = hub.smtp(SmtpSettings::default(), None, &stop).await;
    let output = Command::new(swaks)
        .args(["--server", &address.ip().to_string(), "--port", &address.port().to_string()])
        .args([
            "--from",
            "an@client.example",
            "--to",
            "report@csirt.example",
            "--ehlo",
            "c.example",
        ])
        .args(["--header", "Subject: by swaks", "--body", "a suspicious mail\n.\nits end\n"])
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let mark = "250 2.0.0 received as ";
    let receipt = said.lines().find_map(|line| line.split_once(mark)).unwrap().1.trim();
    let (_, bytes) = hub.report(receipt).await;
    let mail = String::from_utf8(bytes).unwrap();
    assert!(mail.contains("Subject: by swaks\r\n") && mail.contains("\r\n.\r\nits end"), "{mail}");
}
