//! DNS over TLS and HTTPS with real sockets and real TLS: the same answers as over
//! TCP, and nothing but the protocol's own paths and methods.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::SocketAddr;
use std::sync::Arc;

use belfry_gate::{Gate, GateSettings, GateTls};
use belfry_journal::UnixMillis;
use data_encoding::BASE64URL_NOPAD;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_util::sync::CancellationToken;

/// `localhost` A: answered by the gate itself.
const QUERY: &[u8] = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x09localhost\0\0\x01\0\x01";

struct Stage {
    tcp: SocketAddr,
    dot: SocketAddr,
    doh: SocketAddr,
    client: Arc<ClientConfig>,
    stop: CancellationToken,
}

fn server(certificate: &rcgen::CertifiedKey<rcgen::KeyPair>, protocol: &str) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::try_from(certificate.signing_key.serialize_der()).unwrap();
    let chain = vec![certificate.cert.der().clone()];
    let mut config =
        ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
    config.alpn_protocols = vec![protocol.into()];
    Arc::new(config)
}

async fn stage() -> Stage {
    let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let tls = GateTls { dot: server(&certificate, "dot"), doh: server(&certificate, "h2") };
    let any = SocketAddr::from((belfry_testbed::loopback(), 0));
    let settings = GateSettings {
        listen: vec![any],
        dot_listen: vec![any],
        doh_listen: vec![any],
        upstreams: vec![belfry_testbed::free_addr().into()],
        ..GateSettings::default()
    };
    let gate = Gate::new(settings, || UnixMillis(1)).unwrap();
    gate.serve_zones();
    let bound = gate.bind(Some(tls)).await.unwrap();
    let tcp = bound.addresses()[0];
    let [dot, doh] = bound.tls_addresses();
    let stop = CancellationToken::new();
    tokio::spawn(bound.run(stop.clone()));
    let mut roots = RootCertStore::empty();
    roots.add(certificate.cert.der().clone()).unwrap();
    let client = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    Stage { tcp, dot: dot[0], doh: doh[0], client: Arc::new(client), stop }
}

impl Stage {
    async fn connect(&self, to: SocketAddr, protocol: &str) -> TlsStream<TcpStream> {
        let mut config = ClientConfig::clone(&self.client);
        config.alpn_protocols = vec![protocol.into()];
        let stream = TcpStream::connect(to).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn check(answer: &[u8]) {
    assert_eq!(answer[..2], QUERY[..2]);
    assert_eq!((answer[3] & 15, answer[7]), (0, 1));
    assert!(answer.ends_with(&[127, 0, 0, 1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_queries_on_one_tls_connection_are_answered() {
    let stage = stage().await;
    let mut stream = stage.connect(stage.dot, "dot").await;
    let framed = [&u16::try_from(QUERY.len()).unwrap().to_be_bytes()[..], QUERY].concat();
    stream.write_all(&framed.repeat(100)).await.unwrap();
    for _ in 0..100 {
        let length = stream.read_u16().await.unwrap();
        let mut answer = vec![0; usize::from(length)];
        stream.read_exact(&mut answer).await.unwrap();
        check(&answer);
    }
}

type Send = hyper::client::conn::http2::SendRequest<axum::body::Body>;

async fn ask(send: &mut Send, method: &str, uri: &str, body: &[u8]) -> (u16, Vec<u8>, String) {
    let request = axum::http::Request::builder()
        .method(method)
        .uri(format!("https://localhost{uri}"))
        .header("content-type", "application/dns-message")
        .body(axum::body::Body::from(body.to_vec()))
        .unwrap();
    let response = send.send_request(request).await.unwrap();
    let fresh = response.headers().get("cache-control").cloned();
    let fresh = fresh.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(axum::body::Body::new(response.into_body()), 70_000).await;
    (status, body.unwrap().to_vec(), fresh)
}

#[tokio::test(flavor = "multi_thread")]
async fn https_takes_get_and_post_on_its_path_and_nothing_else() {
    let stage = stage().await;
    let stream = stage.connect(stage.doh, "h2").await;
    let io = hyper_util::rt::TokioIo::new(stream);
    let executor = hyper_util::rt::TokioExecutor::new();
    let (mut send, connection) = hyper::client::conn::http2::handshake(executor, io).await.unwrap();
    tokio::spawn(connection);
    let get = format!("/dns-query?dns={}", BASE64URL_NOPAD.encode(QUERY));
    for (method, uri, body) in [("GET", get.as_str(), &b""[..]), ("POST", "/dns-query", QUERY)] {
        let (status, answer, fresh) = ask(&mut send, method, uri, body).await;
        assert_eq!((status, fresh.as_str()), (200, "max-age=3600"), "{method}");
        check(&answer);
    }
    for (method, uri, body, expect) in [
        ("GET", "/", &b""[..], 404),
        ("PUT", "/dns-query", QUERY, 405),
        ("GET", "/dns-query", b"", 400),
        ("POST", "/dns-query", b"short", 400),
        ("POST", "/dns-query", &[0; 5_000], 413),
    ] {
        assert_eq!(ask(&mut send, method, uri, body).await.0, expect, "{method} {uri}");
    }
}

/// Over each way that `dnsperf` has: it takes one answer for each record of TLS that it
/// reads, and many clients' questions come together.
#[tokio::test(flavor = "multi_thread")]
async fn dnsperf_loses_no_answer() {
    let Some(dnsperf) = belfry_testbed::peer("dnsperf") else { return };
    let stage = stage().await;
    let folder = tempfile::tempdir().unwrap();
    let queries = folder.path().join("queries");
    std::fs::write(&queries, "localhost A\n".repeat(1_000)).unwrap();
    for (mode, at) in [("tcp", stage.tcp), ("dot", stage.dot), ("doh", stage.doh)] {
        let mut command = tokio::process::Command::new(&dnsperf);
        command.args(["-m", mode, "-s", &at.ip().to_string(), "-p", &at.port().to_string()]);
        command
            .args(["-c", "4", "-q", "100", "-T", "1", "-n", "3", "-l", "30", "-d"])
            .arg(&queries);
        let said = command.output().await.unwrap();
        let said = String::from_utf8(said.stdout).unwrap();
        let number = |what: &str| {
            let line = said.lines().find_map(|line| line.trim().strip_prefix(what));
            let number = line.and_then(|line| line.split_whitespace().next());
            number.unwrap_or_else(|| panic!("{mode}: no {what}: {said}")).to_owned()
        };
        assert_eq!(number("Queries completed:"), "3000", "{mode}: {said}");
        assert_eq!(number("Queries lost:"), "0", "{mode}: {said}");
    }
}

/// What kdig says of the answer: its octets, and what it complains about.
async fn kdig(kdig: &std::path::Path, at: SocketAddr, options: &[&str]) -> String {
    let mut command = tokio::process::Command::new(kdig);
    command.args([&format!("@{}", at.ip()), "-p", &at.port().to_string(), "localhost", "A"]);
    let output = command.args(options).output().await.unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && !said.contains("WARNING"), "{options:?}: {said}");
    assert!(said.contains("127.0.0.1"), "{options:?}: {said}");
    let line = said.lines().find_map(|line| line.strip_prefix(";; Received ")).unwrap();
    line.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_pads_inside_tls_is_answered_in_whole_blocks() {
    let Some(program) = belfry_testbed::peer("kdig") else { return };
    let stage = stage().await;
    for (way, at) in [("+tls", stage.dot), ("+https", stage.doh), ("+https-get", stage.doh)] {
        assert_eq!(kdig(&program, at, &[way, "+padding=128"]).await, "468 B");
        assert_ne!(kdig(&program, at, &[way, "+nopadding"]).await, "468 B");
    }
    assert_ne!(kdig(&program, stage.tcp, &["+tcp", "+padding=128"]).await, "468 B");
}
