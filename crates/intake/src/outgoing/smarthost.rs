//! The one way out: a mail server of ours that takes letters on.

use std::time::Duration;

use belfry_web::Secret;
use lettre::address::Envelope;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use serde::{Deserialize, Serialize};

/// How long one letter may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How the way to the smarthost is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encryption {
    /// STARTTLS, or nothing is sent.
    #[default]
    Starttls,
    /// TLS from the first octet.
    Implicit,
    /// None: for a smarthost on this machine.
    None,
}

/// The smarthost, ready to be used.
#[derive(Clone, Debug)]
pub struct Smarthost {
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

/// The smarthost can't be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SmarthostError(String);

/// What became of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// The smarthost has it.
    Taken,
    /// It was refused for now, or for good.
    Refused,
    /// There is no smarthost to be spoken to.
    Unreachable,
}

impl Smarthost {
    /// The smarthost at `host` and `port`, trusted by `roots` (PEM) or by the system's.
    ///
    /// # Errors
    /// [`SmarthostError`]: certificates that can't be used.
    pub fn new(
        host: &str,
        port: u16,
        encryption: Encryption,
        roots: Option<&[u8]>,
        login: Option<(String, Secret)>,
        hostname: &str,
    ) -> Result<Self, SmarthostError> {
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(port)
            .timeout(Some(TIMEOUT))
            .hello_name(ClientId::Domain(hostname.to_owned()))
            .tls(match encryption {
                Encryption::Starttls => Tls::Required(parameters(host, roots)?),
                Encryption::Implicit => Tls::Wrapper(parameters(host, roots)?),
                Encryption::None => Tls::None,
            });
        if let Some((user, password)) = login {
            builder = builder.credentials(Credentials::new(user, password.expose().to_owned()));
        }
        Ok(Self { transport: builder.build() })
    }

    /// Hands one letter over. What the server says may name its recipient: only its code is logged.
    pub(super) async fn send(&self, envelope: &Envelope, message: &[u8]) -> Sent {
        let sent = tokio::time::timeout(TIMEOUT, self.transport.send_raw(envelope, message)).await;
        let Ok(sent) = sent else {
            tracing::warn!("the smarthost took too long");
            return Sent::Unreachable;
        };
        let Err(error) = sent else { return Sent::Taken };
        let code = error.status().map(u16::from);
        tracing::warn!(code, timeout = error.is_timeout(), "a letter was not taken");
        // 530, 534, 535 and 538 are about our login, not about this letter.
        match code {
            Some(530..=538) | None => Sent::Unreachable,
            Some(_) => Sent::Refused,
        }
    }
}

fn parameters(host: &str, roots: Option<&[u8]>) -> Result<TlsParameters, SmarthostError> {
    let refused = |error: lettre::transport::smtp::Error| SmarthostError(error.to_string());
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(roots) = roots {
        builder = builder
            .certificate_store(CertificateStore::None)
            .add_root_certificate(Certificate::from_pem(roots).map_err(refused)?);
    }
    builder.build().map_err(refused)
}
