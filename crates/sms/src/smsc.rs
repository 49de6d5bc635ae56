//! The way to the SMSC: a connection of TCP, within TLS where that is asked for.
//!
//! What went wrong is said so that a person can act on it. Nothing goes to an SMSC whose
//! certificate is not in order: there is no way to leave the check out.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{CertificateError, ClientConfig, Error as TlsError};

/// How long a connection, or a TLS handshake, may take.
pub(crate) const BEGIN: Duration = Duration::from_secs(10);

/// Octets both ways, whatever they are within.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// Where the SMSC is, and how it is spoken with.
#[derive(Clone)]
pub struct Smsc {
    address: String,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

/// A name that no certificate can be for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no name that a certificate is for: give the SMSC's host name or IP address")]
pub struct SmscNameError(String);

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreachable {
    #[error("the SMSC at {0} can't be reached: {1}")]
    Tcp(String, io::Error),
    #[error("the SMSC at {0} did not answer within 10 seconds")]
    Silent(String),
    #[error("no TLS with the SMSC at {0}: {1}")]
    Tls(String, String),
}

impl Smsc {
    /// One at HOST:PORT, without TLS.
    pub fn plain(address: &str) -> Self {
        Self { address: address.to_owned(), tls: None }
    }

    /// One within TLS, whose certificate must be for `name`, or else for the host of the
    /// address, and signed by whom `config` trusts.
    ///
    /// # Errors
    /// [`SmscNameError`] where no certificate can be for that name.
    pub fn within_tls(
        address: &str,
        config: Arc<ClientConfig>,
        name: Option<&str>,
    ) -> Result<Self, SmscNameError> {
        let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
        let name = name.unwrap_or_else(|| host.trim_start_matches('[').trim_end_matches(']'));
        let unusable = |_| SmscNameError(name.to_owned());
        let name = ServerName::try_from(name.to_owned()).map_err(unusable)?;
        Ok(Self { address: address.to_owned(), tls: Some((TlsConnector::from(config), name)) })
    }

    /// A connection.
    pub(crate) async fn connect(&self) -> Result<Box<dyn Duplex>, Unreachable> {
        let at = || self.address.clone();
        let connecting = tokio::time::timeout(BEGIN, TcpStream::connect(&self.address)).await;
        let connected = connecting.map_err(|_| Unreachable::Silent(at()))?;
        let stream = connected.map_err(|error| Unreachable::Tcp(at(), error))?;
        stream.set_nodelay(true).map_err(|error| Unreachable::Tcp(at(), error))?;
        let Some((tls, name)) = &self.tls else { return Ok(Box::new(stream)) };
        let shaking = tokio::time::timeout(BEGIN, tls.connect(name.clone(), stream)).await;
        let shaken = shaking.map_err(|_| Unreachable::Silent(at()))?;
        let why = |error| Unreachable::Tls(at(), why(&error, &name.to_str()));
        Ok(Box::new(shaken.map_err(why)?))
    }
}

impl fmt::Display for Smsc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

impl fmt::Debug for Smsc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Smsc");
        shown.field("address", &self.address).field("tls", &self.tls.is_some()).finish()
    }
}

/// Why a handshake failed, and what to do about it.
fn why(error: &io::Error, name: &str) -> String {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<TlsError>());
    let Some(tls) = inner else {
        return format!("it ended the handshake ({error}); it may want none, or another port");
    };
    let certificate = match tls {
        TlsError::InvalidCertificate(certificate) => certificate,
        TlsError::InvalidMessage(_) => {
            return "it answers something else: leave smsc_tls out, or give its port for TLS"
                .into();
        }
        other => return other.to_string(),
    };
    match certificate {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "its certificate has expired: whoever runs it must renew it".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet: look at the clocks of both machines".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!("its certificate is not for {name}: give a name that it is for as smsc_name")
        }
        CertificateError::UnknownIssuer => {
            "its certificate is signed by nobody that is trusted: give the certificate that signs \
             it as smsc_ca_file"
                .to_owned()
        }
        other => format!("its certificate is refused: {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name_of(address: &str, name: Option<&str>) -> Result<String, SmscNameError> {
        let roots = tokio_rustls::rustls::RootCertStore::empty();
        let _ = tokio_rustls::rustls::crypto::aws_lc_rs::default_provider().install_default();
        let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        let smsc = Smsc::within_tls(address, Arc::new(config), name)?;
        Ok(smsc.tls.unwrap().1.to_str().into_owned())
    }

    #[test]
    fn a_certificate_is_for_the_host_unless_told_otherwise() {
        let check = |address, name, expect: &str| {
            assert_eq!(name_of(address, name).unwrap(), expect, "{address} {name:?}");
        };
        check("smsc.example:2775", None, "smsc.example");
        check("192.0.2.1:2775", None, "192.0.2.1");
        check("[2001:db8::1]:2775", None, "2001:db8::1");
        check("192.0.2.1:2775", Some("smsc.example"), "smsc.example");
        for wrong in ["", "a b", "-"] {
            assert!(name_of("192.0.2.1:2775", Some(wrong)).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_what_to_do() {
        let check = |error, expect: &str| {
            let said = why(&io::Error::new(io::ErrorKind::InvalidData, error), "smsc.example");
            assert!(said.contains(expect), "{said}");
        };
        let bad = TlsError::InvalidCertificate;
        check(bad(CertificateError::Expired), "has expired: whoever runs it");
        check(bad(CertificateError::NotValidYet), "look at the clocks");
        check(bad(CertificateError::NotValidForName), "not for smsc.example: give a name");
        check(bad(CertificateError::UnknownIssuer), "as smsc_ca_file");
        check(bad(CertificateError::Revoked), "refused: ");
        let other = tokio_rustls::rustls::InvalidMessage::InvalidContentType;
        check(TlsError::InvalidMessage(other), "leave smsc_tls out");
        let ended = why(&io::Error::from(io::ErrorKind::UnexpectedEof), "smsc.example");
        assert!(ended.contains("ended the handshake"), "{ended}");
    }
}
