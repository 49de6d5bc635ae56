//! `Mailbox`: a mail address in one form.

use std::fmt;

use crate::Domain;

/// `local@domain`: the local part as written, the domain canonical.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mailbox {
    text: Box<str>,
    domain: Domain,
}

/// Octets of the longest local part (RFC 5321 section 4.5.3.1.1).
const LOCAL_MAX: usize = 64;

impl Mailbox {
    /// Reads an address without quotes and comments.
    pub fn parse(text: &str) -> Option<Self> {
        let (local, domain) = text.trim().rsplit_once('@')?;
        let lawful = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
        if local.is_empty() || local.len() > LOCAL_MAX || !local.chars().all(lawful) {
            return None;
        }
        let domain = Domain::parse(domain).ok().filter(|domain| domain.parent().is_some())?;
        Some(Self { text: format!("{local}@{domain}").into(), domain })
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What follows the `@`.
    pub fn domain(&self) -> &Domain {
        &self.domain
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mailbox({})", self.text)
    }
}

crate::text_form!(Mailbox, "a mail address");

#[cfg(test)]
mod tests {
    use super::Mailbox;

    #[test]
    fn an_address_has_one_form() {
        for (text, expect) in [
            (" Jan.P+x@POST.example ", Some("Jan.P+x@post.example")),
            ("info@bücher.example", Some("info@xn--bcher-kva.example")),
            ("a@b@c.example", None),
            ("@c.example", None),
            ("a@localhost", None),
            ("a b@c.example", None),
            ("a@192.0.2.1", None),
        ] {
            assert_eq!(Mailbox::parse(text).as_ref().map(Mailbox::as_str), expect, "{text:?}");
        }
        let long = format!("{}@c.example", "a".repeat(65));
        assert_eq!(Mailbox::parse(&long), None);
    }
}
