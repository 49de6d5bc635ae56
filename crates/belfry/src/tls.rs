//! The one place that sets TLS up: rustls on aws-lc-rs, post-quantum key
//! exchange preferred, certificates from files.

use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::ConfigError;

/// Makes aws-lc-rs the process's provider; later calls change nothing.
pub(crate) fn install() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

/// A server's side from a certificate chain and its key, both PEM.
pub(crate) fn server(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, ConfigError> {
    let refused =
        |path: &Path, message: String| ConfigError::Refused { path: path.to_owned(), message };
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| refused(certificate, error.to_string()))?;
    let key_der =
        PrivateKeyDer::from_pem_file(key).map_err(|error| refused(key, error.to_string()))?;
    ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key_der)
        .map(Arc::new)
        .map_err(|error| refused(certificate, error.to_string()))
}
