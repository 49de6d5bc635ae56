//! TLS on both sides of the proxy, with real handshakes: a certificate that is right, one of
//! another name, one that is over, one that nobody trusted signed; peers with and without
//! one of their own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use belfry_sms::{Proxy, ProxySettings, Smsc as Way};
use prometheus_client::registry::Registry;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, ServerName};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig, crypto};
use tokio_rustls::{TlsAcceptor, TlsConnector};
use tokio_util::sync::CancellationToken;

use crate::filter;
use crate::smsc::{Smsc, message, pdus};

/// An authority of our own.
struct Authority(Issuer<'static, KeyPair>, RootCertStore);

/// A certificate's chain and its key.
type Own = (Vec<tokio_rustls::rustls::pki_types::CertificateDer<'static>>, PrivateKeyDer<'static>);

impl Authority {
    fn new() -> Self {
        let _ = crypto::aws_lc_rs::default_provider().install_default();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "authority of a test");
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(certificate.der().clone()).unwrap();
        Self(Issuer::new(params, key), roots)
    }

    /// A certificate for `name` that holds to the end of `year`.
    fn signed(&self, name: &str, year: i32) -> Own {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(year, 12, 31);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        (vec![certificate.der().clone()], key)
    }

    fn client(&self) -> Arc<ClientConfig> {
        let builder = ClientConfig::builder().with_root_certificates(self.1.clone());
        Arc::new(builder.with_no_client_auth())
    }
}

/// An SMSC within TLS: what comes in goes on to one without.
async fn within(own: Own, smsc: &Smsc) -> SocketAddr {
    let config = ServerConfig::builder().with_no_client_auth();
    let acceptor = TlsAcceptor::from(Arc::new(config.with_single_cert(own.0, own.1).unwrap()));
    let listener = TcpListener::bind(("127.91.0.3", 0)).await.unwrap();
    let (address, behind) = (listener.local_addr().unwrap(), smsc.address);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut behind = TcpStream::connect(behind).await.unwrap();
            let _ = tokio::io::copy_bidirectional(&mut stream, &mut behind).await;
        }
    });
    address
}

/// A proxy on that way to an SMSC, and its figures.
async fn proxy(way: Way, tls: Option<TlsAcceptor>) -> (SocketAddr, Registry) {
    let settings = ProxySettings {
        smsc: way,
        window_max: 64,
        connections_max: 8,
        idle: Duration::from_secs(60),
    };
    let listen = SocketAddr::from(([127, 91, 0, 1], 0));
    let proxy = Proxy::bind(listen, settings, filter(), tls).await.unwrap();
    let (address, mut registry) = (proxy.address().unwrap(), Registry::default());
    proxy.register(&mut registry);
    tokio::spawn(proxy.run(CancellationToken::new()));
    (address, registry)
}

/// Sends one message; whether it was answered before the connection ended.
async fn sends(mut peer: impl AsyncRead + AsyncWrite + Unpin) -> bool {
    if peer.write_all(&message(1)).await.is_err() {
        return false;
    }
    let mut buffer = [0; 4_096];
    match tokio::time::timeout(Duration::from_secs(30), peer.read(&mut buffer)).await.unwrap() {
        Ok(length) if length > 0 => pdus(&mut buffer[..length].to_vec()) == [(0x8000_0004, 0, 1)],
        _ => false,
    }
}

fn figures(registry: &Registry) -> String {
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, registry).unwrap();
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_goes_to_an_smsc_whose_certificate_is_not_in_order() {
    let (ours, strange) = (Authority::new(), Authority::new());
    let checks = [
        (ours.signed("smsc.example", 2090), "smsc.example", true),
        (ours.signed("127.91.0.3", 2090), "", true),
        (ours.signed("other.example", 2090), "smsc.example", false),
        (ours.signed("smsc.example", 2021), "smsc.example", false),
        (strange.signed("smsc.example", 2090), "smsc.example", false),
    ];
    for (nth, (own, name, expect)) in checks.into_iter().enumerate() {
        let smsc = Smsc::start(None).await;
        let address = within(own, &smsc).await.to_string();
        let name = Some(name).filter(|name| !name.is_empty());
        let way = Way::within_tls(&address, ours.client(), name).unwrap();
        let (proxy, registry) = proxy(way, None).await;
        let peer = TcpStream::connect(proxy).await.unwrap();
        assert_eq!(sends(peer).await, expect, "check {nth}");
        assert_eq!(smsc.received().len(), usize::from(expect), "check {nth}");
        let told = figures(&registry).contains("sms_connections_unreachable_total 1");
        assert_eq!(told, !expect, "check {nth}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_smsc_without_tls_gets_nothing_where_it_is_asked_for() {
    let (ours, smsc) = (Authority::new(), Smsc::start(None).await);
    let way = Way::within_tls(&smsc.address.to_string(), ours.client(), None).unwrap();
    let (proxy, _) = proxy(way, None).await;
    let peer = TcpStream::connect(proxy).await.unwrap();
    let sent = tokio::time::timeout(Duration::from_secs(30), sends(peer)).await.unwrap();
    assert!(!sent && smsc.received().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn peers_check_our_certificate_and_show_theirs_where_one_is_asked_for() {
    let (ours, strange) = (Authority::new(), Authority::new());
    let own = ours.signed("filter.example", 2090);
    let verifier = WebPkiClientVerifier::builder(Arc::new(ours.1.clone())).build().unwrap();
    let config = ServerConfig::builder().with_client_cert_verifier(verifier);
    let tls = TlsAcceptor::from(Arc::new(config.with_single_cert(own.0, own.1).unwrap()));
    let smsc = Smsc::start(None).await;
    let (proxy, registry) = proxy(Way::plain(&smsc.address.to_string()), Some(tls)).await;
    let name = ServerName::try_from("filter.example").unwrap();
    let mut came = Vec::new();
    for shown in
        [Some(ours.signed("peer.example", 2090)), Some(strange.signed("x.example", 2090)), None]
    {
        let builder = ClientConfig::builder().with_root_certificates(ours.1.clone());
        let config = match shown {
            Some((chain, key)) => builder.with_client_auth_cert(chain, key).unwrap(),
            None => builder.with_no_client_auth(),
        };
        let stream = TcpStream::connect(proxy).await.unwrap();
        let shaken = TlsConnector::from(Arc::new(config)).connect(name.clone(), stream).await;
        came.push(match shaken {
            Ok(peer) => sends(peer).await,
            Err(_) => false,
        });
    }
    assert_eq!((came, smsc.received().len()), (vec![true, false, false], 1));
    assert!(figures(&registry).contains("sms_connections_strange_total 2"));
}
