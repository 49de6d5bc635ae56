//! `Domain`: a DNS name in canonical form. Never holds an IP address, the root
//! or an empty label.

use std::fmt;
use std::str::FromStr;

/// A DNS name: lower-case ASCII with A-labels, no trailing dot, 1 to 253
/// octets, each label 1 to 63 octets of letters, digits, `-` and `_`
/// (RFC 1035 section 2.3.4, UTS 46 for the mapping of U-labels).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Domain(Box<str>);

/// Why a text is not a [`Domain`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing, or only the root.
    #[error("the name is empty")]
    Empty,
    /// A label is empty: `a..b`.
    #[error("the name has an empty label")]
    EmptyLabel,
    /// A label exceeds 63 octets.
    #[error("the label {0:?} is longer than 63 octets")]
    LongLabel(String),
    /// The whole exceeds 253 octets as text, 255 on the wire.
    #[error("the name is longer than 253 octets")]
    Long,
    /// A character that no host name holds.
    #[error("the name holds {0:?}, which no domain name may")]
    Character(char),
    /// IDNA (UTS 46) refuses it.
    #[error("the name is not valid under IDNA (UTS 46)")]
    Idna,
    /// It is an IP address, not a name.
    #[error("an IP address is not a domain name")]
    Address,
    /// The wire form is cut short, too long or compressed.
    #[error("the wire form of the name is malformed")]
    Wire,
}

impl Domain {
    /// Reads a name as people write it: any case, U-labels, one trailing dot.
    ///
    /// # Errors
    /// A [`NameError`] that says what no name may hold.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let _ = text;
        todo!()
    }

    /// Reads an uncompressed wire form, including the final zero octet, all of `wire`.
    ///
    /// # Errors
    /// [`NameError::Wire`] or what a label breaks.
    pub fn from_wire(wire: &[u8]) -> Result<Self, NameError> {
        let _ = wire;
        todo!()
    }

    /// The uncompressed wire form (RFC 1035 section 3.1), with the root label.
    pub fn to_wire(&self) -> Vec<u8> {
        todo!()
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Labels from the left, `www` first.
    pub fn labels(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('.')
    }

    /// The name without its leftmost label, if anything is left.
    pub fn parent(&self) -> Option<Domain> {
        todo!()
    }

    /// Whether this is `ancestor` or below it.
    pub fn is_within(&self, ancestor: &Domain) -> bool {
        let _ = ancestor;
        todo!()
    }

    /// For people to read, U-labels where they are safe to show.
    pub fn to_unicode(&self) -> String {
        todo!()
    }

    /// For messages, never clickable: `evil[.]example`.
    pub fn defanged(&self) -> String {
        self.0.replace('.', "[.]")
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Domain({})", self.0)
    }
}

impl FromStr for Domain {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::parse(text)
    }
}

impl serde::Serialize for Domain {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Domain {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}
