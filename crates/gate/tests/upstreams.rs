//! Upstreams over each transport and of each kind of bad: real sockets, real TLS.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use belfry_gate::{Gate, GateSettings, UpstreamSettings, UpstreamTransport};
use belfry_journal::UnixMillis;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_util::sync::CancellationToken;

struct Stage {
    runtime: Runtime,
    stop: CancellationToken,
}

impl Stage {
    fn new() -> Self {
        Self { runtime: Runtime::new().unwrap(), stop: CancellationToken::new() }
    }

    /// A gate before these upstreams.
    fn gate(
        &self,
        listen: SocketAddr,
        upstreams: Vec<UpstreamSettings>,
        tls: Option<ClientConfig>,
    ) -> SocketAddr {
        let settings = GateSettings {
            listen: vec![listen],
            upstreams,
            upstream_timeout_ms: 2_000,
            threads: 1,
            ..GateSettings::default()
        };
        let tls = tls.map(Arc::new);
        let gate = Gate::with_tls(settings, tls.as_ref(), || UnixMillis(1)).unwrap();
        gate.serve_zones();
        let bound = self.runtime.block_on(gate.bind(None)).unwrap();
        let address = bound.addresses()[0];
        self.runtime.spawn(bound.run(self.stop.clone()));
        address
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn any() -> SocketAddr {
    SocketAddr::from((belfry_testbed::loopback(), 0))
}

fn upstream(address: SocketAddr, transport: UpstreamTransport) -> UpstreamSettings {
    UpstreamSettings { transport, ..address.into() }
}

/// The answer's first flags, code and how many records it has.
fn ask(gate: SocketAddr, name: &str, ad: bool) -> (u8, u8, u8) {
    let socket = UdpSocket::bind((gate.ip(), 0)).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut query = vec![0x12, 0x34, 1, if ad { 0x20 } else { 0 }, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        query.push(u8::try_from(label.len()).unwrap());
        query.extend(label.bytes());
    }
    query.extend(b"\0\0\x01\0\x01");
    socket.send_to(&query, gate).unwrap();
    let mut answer = [0; 1_232];
    let length = socket.recv(&mut answer).unwrap();
    assert!(length >= query.len() && answer[..2] == query[..2]);
    (answer[3] & 0x20, answer[3] & 15, answer[7])
}

/// One A record, whatever is asked; AD set.
fn answer(query: &[u8]) -> Vec<u8> {
    let end = 12 + query[12..].iter().position(|octet| *octet == 0).unwrap() + 5;
    let mut answer = query[..end].to_vec();
    answer[2] |= 0x80;
    answer[3] |= 0xa0;
    answer[7] = 1;
    answer[8..12].fill(0);
    answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1]);
    answer
}

async fn converse(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    while let Ok(length) = stream.read_u16().await {
        let mut query = vec![0; usize::from(length)];
        stream.read_exact(&mut query).await.unwrap();
        let answer = answer(&query);
        stream.write_u16(u16::try_from(answer.len()).unwrap()).await.unwrap();
        stream.write_all(&answer).await.unwrap();
        stream.flush().await.unwrap();
    }
}

#[test]
fn an_upstream_over_tcp_keeps_its_connection() {
    let stage = Stage::new();
    let listener = stage.runtime.block_on(TcpListener::bind(any())).unwrap();
    let at = listener.local_addr().unwrap();
    stage.runtime.spawn(async move {
        // One connection only: a second is never accepted.
        let (stream, _) = listener.accept().await.unwrap();
        converse(stream).await;
        std::future::pending::<()>().await;
    });
    let gate = stage.gate(any(), vec![upstream(at, UpstreamTransport::Tcp)], None);
    for number in 0..20 {
        assert_eq!(ask(gate, &format!("n{number}.example"), true), (0, 0, 1));
    }
}

#[test]
fn an_upstream_inside_tls_is_checked_and_its_ad_believed() {
    let stage = Stage::new();
    let certificate = rcgen::generate_simple_self_signed(["dns.example".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(certificate.signing_key.serialize_der()).unwrap();
    let chain = vec![certificate.cert.der().clone()];
    let server = ServerConfig::builder().with_no_client_auth();
    let acceptor = TlsAcceptor::from(Arc::new(server.with_single_cert(chain, key).unwrap()));
    let listener = stage.runtime.block_on(TcpListener::bind(any())).unwrap();
    let at = listener.local_addr().unwrap();
    stage.runtime.spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    converse(stream).await;
                }
            });
        }
    });
    let mut roots = RootCertStore::empty();
    roots.add(certificate.cert.der().clone()).unwrap();
    let client = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let named = |name: &str| UpstreamSettings {
        tls_name: Some(name.to_owned()),
        trust_ad: true,
        ..upstream(at, UpstreamTransport::Tls)
    };
    let gate = stage.gate(any(), vec![named("dns.example")], Some(client.clone()));
    assert_eq!(ask(gate, "www.example", true), (0x20, 0, 1));
    assert_eq!(ask(gate, "www.example", true), (0x20, 0, 1), "from the cache");
    assert_eq!(ask(gate, "www.example", false), (0, 0, 1), "who does not ask is not told");
    let wrong = stage.gate(any(), vec![named("other.example")], Some(client));
    assert_eq!(ask(wrong, "www.example", true), (0, 2, 0));
    let refused = Gate::new(
        GateSettings { upstreams: vec![named("dns.example")], ..GateSettings::default() },
        || UnixMillis(1),
    );
    assert!(refused.unwrap_err().to_string().contains("upstreams"));
}

#[test]
fn gates_that_ask_each_other_come_to_an_end() {
    let stage = Stage::new();
    let [one, two] = [belfry_testbed::free_addr(), belfry_testbed::free_addr()];
    for (at, other) in [(one, two), (two, one)] {
        stage.gate(at, vec![other.into()], None);
    }
    assert_eq!(ask(one, "www.example", false), (0, 2, 0));
    assert_eq!(ask(one, "localhost", false), (0, 0, 1));
}

#[test]
fn a_slow_upstream_gives_way_to_the_next() {
    let stage = Stage::new();
    let slow = UdpSocket::bind(any()).unwrap();
    let quick = UdpSocket::bind(any()).unwrap();
    let upstreams = [&slow, &quick].map(|socket| socket.local_addr().unwrap().into()).to_vec();
    let serve = move || {
        let mut buffer = [0; 512];
        while let Ok((length, from)) = quick.recv_from(&mut buffer) {
            quick.send_to(&answer(&buffer[..length]), from).unwrap();
        }
    };
    std::thread::spawn(serve);
    let gate = stage.gate(any(), upstreams, None);
    // The slow one is passed over once it has failed a few times.
    for number in 0..6 {
        assert_eq!(ask(gate, &format!("n{number}.example"), false), (0, 0, 1));
    }
}

#[test]
fn an_upstream_is_told_who_asks() {
    let stage = Stage::new();
    let socket = UdpSocket::bind(any()).unwrap();
    let at = socket.local_addr().unwrap();
    let told = UpstreamSettings { proxy: true, ..at.into() };
    let gate = stage.gate(any(), vec![told], None);
    let heard = std::thread::spawn(move || {
        let mut buffer = [0; 512];
        let (length, from) = socket.recv_from(&mut buffer).unwrap();
        let header = buffer[..28].to_vec();
        socket.send_to(&answer(&buffer[28..length]), from).unwrap();
        header
    });
    assert_eq!(ask(gate, "www.example", false), (0, 0, 1));
    let header = heard.join().unwrap();
    assert!(header.starts_with(b"\r\n\r\n\0\r\nQUIT\n\x21\x12\0\x0c"));
    assert_eq!(
        header[16..20],
        [
            127,
            gate.ip().to_string().split('.').nth(1).unwrap().parse().unwrap(),
            header[18],
            header[19]
        ]
    );
}
