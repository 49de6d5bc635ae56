//! `Domain`: a DNS name in canonical form. Never holds an IP address, the root
//! or an empty label.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

/// The longest text that is worth mapping: U-labels shrink little under
/// Punycode, so nothing longer can end in 253 octets.
const MAX_TEXT: usize = 4096;

/// Octets of the longest name as text; 255 on the wire.
const MAX_NAME: usize = 253;

/// Octets of the longest label.
const MAX_LABEL: usize = 63;

/// A DNS name: lower-case ASCII with A-labels, no trailing dot, 1 to 253
/// octets, each label 1 to 63 octets of letters, digits, `-` and `_`
/// (RFC 1035 section 2.3.4, UTS 46 for the mapping of U-labels).
///
/// Where hyphens stand is free: real hosts hold `r3---sn` and `-x`, and a
/// phisher's may too. Ordering is that of the text. A clone shares the text.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Domain(Arc<str>);

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
    /// Reads a name as people write it: any case, U-labels, full-width letters
    /// and dots, one trailing dot.
    ///
    /// A name all in ASCII is only lowered, as the URL standard has it: an `xn--`
    /// label that decodes to nothing is still a name that resolves.
    ///
    /// # Errors
    /// A [`NameError`] that says what no name may hold.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text.len() > MAX_TEXT {
            return Err(NameError::Long);
        }
        let mapped = if text.is_ascii() {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Uts46::new()
                .to_ascii(text.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow, DnsLength::Ignore)
                .map_err(|_| NameError::Idna)?
        };
        Self::from_canonical(mapped.strip_suffix('.').unwrap_or(&mapped))
    }

    /// Reads exactly what [`Domain::as_str`] writes, and maps nothing: for
    /// formats in which a name has one spelling.
    ///
    /// # Errors
    /// A [`NameError`]; an upper-case letter is [`NameError::Character`].
    pub fn from_canonical(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if let Some(refused) = text.chars().find(|c| !is_name_character(*c)) {
            return Err(NameError::Character(refused));
        }
        for label in text.split('.') {
            if label.is_empty() {
                return Err(NameError::EmptyLabel);
            }
            if label.len() > MAX_LABEL {
                return Err(NameError::LongLabel(label.to_owned()));
            }
        }
        if text.len() > MAX_NAME {
            return Err(NameError::Long);
        }
        if ends_in_a_number(text) {
            return Err(NameError::Address);
        }
        Ok(Self(text.into()))
    }

    /// Reads an uncompressed wire form, including the final zero octet, all of
    /// `wire`. Upper case is lowered.
    ///
    /// # Errors
    /// [`NameError::Wire`] or what a label breaks.
    pub fn from_wire(wire: &[u8]) -> Result<Self, NameError> {
        if wire.len() > MAX_NAME + 2 {
            return Err(NameError::Long);
        }
        let mut text = String::with_capacity(wire.len());
        let mut rest = wire;
        loop {
            let (&length, tail) = rest.split_first().ok_or(NameError::Wire)?;
            let length = usize::from(length);
            if length == 0 {
                if !tail.is_empty() {
                    return Err(NameError::Wire);
                }
                return Self::from_canonical(&text);
            }
            if length > MAX_LABEL || tail.len() < length {
                return Err(NameError::Wire);
            }
            let (label, tail) = tail.split_at(length);
            if !text.is_empty() {
                text.push('.');
            }
            for octet in label {
                let letter = char::from(octet.to_ascii_lowercase());
                if letter == '.' || !is_name_character(letter) {
                    return Err(NameError::Character(letter));
                }
                text.push(letter);
            }
            rest = tail;
        }
    }

    /// The uncompressed wire form (RFC 1035 section 3.1), with the root label.
    pub fn to_wire(&self) -> Vec<u8> {
        let mut wire = Vec::with_capacity(self.0.len() + 2);
        for label in self.labels() {
            wire.push(u8::try_from(label.len()).expect("a label has at most 63 octets"));
            wire.extend_from_slice(label.as_bytes());
        }
        wire.push(0);
        wire
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
        self.0.split_once('.').map(|(_, rest)| Domain(rest.into()))
    }

    /// This name and every name above it, this one first, the top-level domain last.
    pub fn ancestors(&self) -> impl Iterator<Item = Domain> {
        std::iter::successors(Some(self.clone()), Domain::parent)
    }

    /// Whether this is `ancestor` or below it.
    pub fn is_within(&self, ancestor: &Domain) -> bool {
        self.0
            .strip_suffix(&*ancestor.0)
            .is_some_and(|below| below.is_empty() || below.ends_with('.'))
    }

    /// For people to read, U-labels where they are safe to show.
    ///
    /// A label is shown in Unicode only if UTS 46 finds it valid and all of it
    /// is ASCII or a Latin letter with a mark that a Western European keyboard
    /// writes (U+00DF to U+017E, without the dotless `ı` and `ĸ`, which pass for
    /// `i` and `k`). Every other label stays an A-label: a Cyrillic `аррӏе` must
    /// not read as a brand, and an analyst can always copy what is shown.
    pub fn to_unicode(&self) -> String {
        self.labels().map(shown_label).collect::<Vec<_>>().join(".")
    }

    /// For messages, never clickable: `evil[.]example`.
    pub fn defanged(&self) -> String {
        self.0.replace('.', "[.]")
    }
}

fn is_name_character(c: char) -> bool {
    matches!(c, 'a'..='z' | '0'..='9' | '-' | '_' | '.')
}

/// A label by itself: idna 1.1 asserts, in debug builds, that no label before an ASCII one is
/// invalid.
fn shown_label(label: &str) -> Cow<'_, str> {
    if !label.starts_with("xn--") {
        return Cow::Borrowed(label);
    }
    let (shown, valid) = Uts46::new().to_user_interface(
        label.as_bytes(),
        AsciiDenyList::EMPTY,
        Hyphens::Allow,
        |label, _, _| label.iter().copied().all(is_safe_to_show),
    );
    if valid.is_ok() { shown } else { Cow::Borrowed(label) }
}

fn is_safe_to_show(c: char) -> bool {
    c.is_ascii() || (matches!(c, '\u{df}'..='\u{17e}') && c.is_lowercase() && !"ıĸ".contains(c))
}

/// The WHATWG URL standard's "ends in a number" checker: a browser reads such
/// a host as an IPv4 address or refuses it, whatever stands before.
fn ends_in_a_number(canonical: &str) -> bool {
    let last = canonical.rsplit('.').next().unwrap_or(canonical);
    match last.strip_prefix("0x") {
        Some(hex) => hex.bytes().all(|b| b.is_ascii_hexdigit()),
        None => last.bytes().all(|b| b.is_ascii_digit()),
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
        let text = <Cow<'de, str>>::deserialize(d)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
