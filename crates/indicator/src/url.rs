//! `Url`: an `http` or `https` URL in WHATWG canonical form with a canonical host.

use crate::{Host, NameError};

/// An absolute `http`/`https` URL as a browser would read it
/// (WHATWG URL standard), with its host already a [`Host`].
#[derive(Clone, PartialEq, Eq, Hash)]
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
        let _ = text;
        todo!()
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
        todo!()
    }
}
