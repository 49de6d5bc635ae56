//! What is negotiated, and that certificates are exchanged without a pause.

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, NamedGroup, ProtocolVersion, RootCertStore};
use rustls::{ServerConnection, SupportedProtocolVersion};

use super::*;

struct Made {
    folder: tempfile::TempDir,
    keys: TlsKeys,
}

impl Made {
    fn new() -> Self {
        install();
        let folder = tempfile::tempdir().unwrap();
        let certificate = Some(folder.path().join("chain.pem"));
        let key = Some(folder.path().join("key.pem"));
        let made = Self { folder, keys: TlsKeys { certificate, key, self_signed: false } };
        made.write();
        made
    }

    /// A new certificate of `localhost` in place of the one before; answers it.
    fn write(&self) -> CertificateDer<'static> {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(self.keys.certificate.as_ref().unwrap(), made.cert.pem()).unwrap();
        std::fs::write(self.keys.key.as_ref().unwrap(), made.signing_key.serialize_pem()).unwrap();
        made.cert.der().clone()
    }

    fn tls(&self) -> Tls {
        let made = self.folder.path().join("made.pem");
        Tls::of(&self.keys, "localhost", &made, Some("http/1.1")).unwrap().unwrap()
    }
}

/// A handshake in memory; the certificate that was shown, or why there was none.
fn shake(
    tls: &Tls,
    trusted: &CertificateDer<'static>,
    versions: &[&'static SupportedProtocolVersion],
) -> Result<ClientConnection, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let config = ClientConfig::builder_with_protocol_versions(versions)
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let mut client = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut server = ServerConnection::new(Arc::clone(&tls.config)).unwrap();
    let mut wire = Vec::new();
    while client.is_handshaking() || server.is_handshaking() {
        wire.clear();
        client.write_tls(&mut wire).unwrap();
        server.read_tls(&mut wire.as_slice()).unwrap();
        server.process_new_packets()?;
        wire.clear();
        server.write_tls(&mut wire).unwrap();
        client.read_tls(&mut wire.as_slice()).unwrap();
        client.process_new_packets()?;
    }
    Ok(client)
}

const BOTH: &[&SupportedProtocolVersion] = rustls::ALL_VERSIONS;

#[test]
fn the_key_exchange_is_post_quantum() {
    let made = Made::new();
    let certificate = made.write();
    let client = shake(&made.tls(), &certificate, BOTH).unwrap();
    let group = client.negotiated_key_exchange_group().unwrap().name();
    assert_eq!(group, NamedGroup::X25519MLKEM768);
    assert_eq!(client.protocol_version(), Some(ProtocolVersion::TLSv1_3));
}

#[test]
fn an_old_client_is_served_too() {
    let made = Made::new();
    let certificate = made.write();
    let client = shake(&made.tls(), &certificate, &[&rustls::version::TLS12]).unwrap();
    assert_eq!(client.protocol_version(), Some(ProtocolVersion::TLSv1_2));
}

#[test]
fn files_are_read_again_and_bad_ones_change_nothing() {
    let made = Made::new();
    let first = made.write();
    let tls = made.tls();
    assert!(shake(&tls, &first, BOTH).is_ok());
    let second = made.write();
    assert!(shake(&tls, &second, BOTH).is_err(), "not before it is asked to");
    tls.reload().unwrap();
    assert!(shake(&tls, &second, BOTH).is_ok());
    assert!(shake(&tls, &first, BOTH).is_err());

    // A certificate with another's key, and no certificate at all.
    let other = Made::new();
    std::fs::copy(other.keys.key.as_ref().unwrap(), made.keys.key.as_ref().unwrap()).unwrap();
    assert!(tls.reload().is_err());
    std::fs::write(made.keys.certificate.as_ref().unwrap(), "nothing").unwrap();
    assert!(tls.reload().is_err());
    assert!(shake(&tls, &second, BOTH).is_ok());
}

#[test]
fn a_certificate_for_tests_is_made_and_its_key_is_not_written() {
    install();
    let folder = tempfile::tempdir().unwrap();
    let made = folder.path().join("made.pem");
    let keys = TlsKeys { self_signed: true, ..TlsKeys::default() };
    let tls = Tls::of(&keys, "mx.example", &made, None).unwrap().unwrap();
    let certificate = CertificateDer::from_pem_file(&made).unwrap();
    assert!(shake(&tls, &certificate, BOTH).is_ok());
    assert!(!std::fs::read_to_string(&made).unwrap().contains("PRIVATE"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    assert!(Tls::of(&TlsKeys::default(), "x", &made, None).unwrap().is_none());
}
