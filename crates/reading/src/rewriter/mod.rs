//! Links around links. A link protector or a known redirect is seen through: what it
//! leads to takes its place. Any other URL that carries one is kept beside what it
//! carries, since either may be the trap.
//!
//! Nothing is asked of a server: what a form does not hold stays unknown.

mod form;
mod known;
mod nested;
mod proofpoint;

use percent_encoding::percent_decode_str;

pub(crate) use self::known::peel;
pub(crate) use self::nested::nested;

/// What a link around another is, and what it leads to as it stands there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Peeled {
    /// The name of the service.
    pub(crate) by: &'static str,
    /// What it leads to.
    pub(crate) inner: String,
}

/// Percent-decoded; octets that are no UTF-8 stay undecoded.
fn unescaped(text: &str) -> String {
    match percent_decode_str(text).decode_utf8() {
        Ok(decoded) => decoded.into_owned(),
        Err(_) => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
