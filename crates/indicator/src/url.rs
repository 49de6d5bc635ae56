//! `Url`: an `http` or `https` URL in WHATWG canonical form with a canonical host.

use std::fmt;
use std::str::FromStr;

use ::url::Position;

use crate::{Domain, Host, NameError};

/// Octets of the longest URL that is read; what is longer is no link that
/// anybody follows, and is not worth its storage.
const MAX_URL: usize = 8192;

/// An absolute `http`/`https` URL as a browser would read it
/// (WHATWG URL standard), with its host already a [`Host`].
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Url {
    inner: ::url::Url,
    host: Host,
}

/// Why a text is not a [`Url`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// The WHATWG parser refuses it.
    #[error("not a URL: {0}")]
    Syntax(String),
    /// Another scheme than `http` or `https`.
    #[error("the scheme {0:?} is not http or https")]
    Scheme(String),
    /// No host, or one that is neither name nor address.
    #[error("the host is not usable: {0}")]
    Host(NameError),
    /// Longer than 8,192 octets.
    #[error("the URL is longer than 8192 octets")]
    Long,
}

impl Url {
    /// Reads a URL as a browser would.
    ///
    /// # Errors
    /// A [`UrlError`] that says why a browser would not open it.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        if text.len() > MAX_URL {
            return Err(UrlError::Long);
        }
        let inner = ::url::Url::parse(text).map_err(|e| UrlError::Syntax(e.to_string()))?;
        if !matches!(inner.scheme(), "http" | "https") {
            return Err(UrlError::Scheme(inner.scheme().to_owned()));
        }
        // Percent-encoding can triple what was read.
        if inner.as_str().len() > MAX_URL {
            return Err(UrlError::Long);
        }
        let host = match inner.host() {
            Some(::url::Host::Domain(name)) => Domain::parse(name).map(Host::Domain),
            Some(::url::Host::Ipv4(address)) => Ok(Host::Ipv4(address)),
            Some(::url::Host::Ipv6(address)) => Ok(Host::Ipv6(address)),
            None => Err(NameError::Empty),
        }
        .map_err(UrlError::Host)?;
        Ok(Self { inner, host })
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        self.inner.as_str()
    }

    /// The host.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// For messages, never clickable: `hxxps://evil[.]example/login`.
    pub fn defanged(&self) -> String {
        let scheme = if self.inner.scheme() == "https" { "hxxps" } else { "hxxp" };
        let authority = self.inner[Position::AfterScheme..Position::AfterHost].replace('.', "[.]");
        format!("{scheme}{authority}{}", &self.inner[Position::AfterHost..])
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Url({})", self.as_str())
    }
}

impl FromStr for Url {
    type Err = UrlError;
    fn from_str(text: &str) -> Result<Self, UrlError> {
        Self::parse(text)
    }
}

impl serde::Serialize for Url {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for Url {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}
