//! The one place that sets TLS up for our own ports: rustls on aws-lc-rs, TLS 1.3 and
//! 1.2, post-quantum key exchange preferred, certificates from files (read again on
//! SIGHUP) or made for a test.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use rustls_platform_verifier::BuilderVerifierExt;

use crate::config::{ConfigError, TlsKeys};

/// Makes aws-lc-rs the process's provider; later calls change nothing.
pub(crate) fn install() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

/// A port's TLS.
#[derive(Clone, Debug)]
pub(crate) struct Tls {
    /// What the port serves by, for as long as it runs.
    pub(crate) config: Arc<ServerConfig>,
    certificate: Arc<Certificate>,
}

/// A certificate that can be exchanged while ports serve by it.
#[derive(Debug)]
struct Certificate {
    /// Where it is read again from; `None` for one that was made here.
    files: Option<(PathBuf, PathBuf)>,
    current: ArcSwap<CertifiedKey>,
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.load_full())
    }
}

impl Tls {
    /// The TLS that `keys` ask for, `None` where they ask for none. `made` is where the
    /// certificate made for a test is written, for clients to trust.
    pub(crate) fn of(
        keys: &TlsKeys,
        hostname: &str,
        made: &Path,
        protocol: Option<&str>,
    ) -> Result<Option<Self>, ConfigError> {
        let (files, current) = match (&keys.certificate, &keys.key) {
            (Some(certificate), Some(key)) => {
                (Some((certificate.clone(), key.clone())), load(certificate, key)?)
            }
            _ if keys.self_signed => (None, self_signed(hostname, made)?),
            _ => return Ok(None),
        };
        let certificate = Arc::new(Certificate { files, current: ArcSwap::from_pointee(current) });
        let resolver = Arc::clone(&certificate);
        let mut config = ServerConfig::builder().with_no_client_auth().with_cert_resolver(resolver);
        config.alpn_protocols.extend(protocol.map(|name| name.as_bytes().to_vec()));
        Ok(Some(Self { config: Arc::new(config), certificate }))
    }

    /// The same certificate for another protocol.
    pub(crate) fn speaking(&self, protocol: &str) -> Arc<ServerConfig> {
        let mut config = ServerConfig::clone(&self.config);
        config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
        Arc::new(config)
    }

    /// The same for clients that show a certificate of their own, signed by one in `ca_file`.
    pub(crate) fn asking(&self, ca_file: &Path) -> Result<Arc<ServerConfig>, ConfigError> {
        let refused = |message| ConfigError::Refused { path: ca_file.to_owned(), message };
        let verifier = WebPkiClientVerifier::builder(Arc::new(roots(ca_file)?)).build();
        let verifier = verifier.map_err(|error| refused(error.to_string()))?;
        let resolver = Arc::clone(&self.certificate);
        let builder = ServerConfig::builder().with_client_cert_verifier(verifier);
        Ok(Arc::new(builder.with_cert_resolver(resolver)))
    }

    /// Reads the files again; connections from now on are served by what they hold. Where
    /// they can't be used, the old certificate stays.
    pub(crate) fn reload(&self) -> Result<(), ConfigError> {
        if let Some((certificate, key)) = &self.certificate.files {
            self.certificate.current.store(Arc::new(load(certificate, key)?));
        }
        Ok(())
    }
}

/// A certificate chain and its key, both PEM; the key must be the certificate's.
fn load(certificate: &Path, key: &Path) -> Result<CertifiedKey, ConfigError> {
    let refused =
        |path: &Path, message: String| ConfigError::Refused { path: path.to_owned(), message };
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| refused(certificate, error.to_string()))?;
    let key_der =
        PrivateKeyDer::from_pem_file(key).map_err(|error| refused(key, error.to_string()))?;
    CertifiedKey::from_der(chain, key_der, &provider())
        .map_err(|error| refused(certificate, error.to_string()))
}

/// How others' ports are spoken with inside TLS: by the certificates in `ca_file`, else by
/// those that the system trusts.
pub(crate) fn client(ca_file: Option<&Path>) -> Result<Arc<ClientConfig>, ConfigError> {
    let system = || {
        let refused = |error: rustls::Error| ConfigError::value("gate_tls", error.to_string());
        let builder = ClientConfig::builder().with_platform_verifier().map_err(refused)?;
        Ok(Arc::new(builder.with_no_client_auth()))
    };
    let Some(path) = ca_file else { return system() };
    let builder = ClientConfig::builder().with_root_certificates(roots(path)?);
    Ok(Arc::new(builder.with_no_client_auth()))
}

/// The certificates of a PEM file, to trust; it must hold one.
fn roots(path: &Path) -> Result<RootCertStore, ConfigError> {
    let refused = |message| ConfigError::Refused { path: path.to_owned(), message };
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(path);
    for certificate in certificates.map_err(|error| refused(error.to_string()))? {
        let certificate = certificate.map_err(|error| refused(error.to_string()))?;
        roots.add(certificate).map_err(|error| refused(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(refused("holds no certificate".to_owned()));
    }
    Ok(roots)
}

fn provider() -> CryptoProvider {
    rustls::crypto::aws_lc_rs::default_provider()
}

/// A certificate for tests: of `hostname` and loopback, with a key that never touches the disk.
fn self_signed(hostname: &str, made: &Path) -> Result<CertifiedKey, ConfigError> {
    let names = [hostname, "localhost", "127.0.0.1", "::1"].map(ToOwned::to_owned);
    let refused = |message: String| ConfigError::value("self_signed", message);
    let certified = rcgen::generate_simple_self_signed(names)
        .map_err(|error| refused(format!("can't be made: {error}")))?;
    let written = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o644)
        .open(made)
        .and_then(|mut file| file.write_all(certified.cert.pem().as_bytes()));
    written.map_err(|source| ConfigError::File { path: made.to_owned(), source })?;
    tracing::warn!(file = %made.display(), "serving by a certificate made for tests");
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der())
        .map_err(|error| refused(error.to_owned()))?;
    CertifiedKey::from_der(vec![certified.cert.der().clone()], key, &provider())
        .map_err(|error| refused(error.to_string()))
}

#[cfg(test)]
mod tests;
