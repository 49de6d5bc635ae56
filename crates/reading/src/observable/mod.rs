//! What is in a text beside links: telephone numbers, accounts, crypto addresses and
//! mail addresses. Each holds its own check where it has one; what merely resembles a
//! number is none. One pass over the text, and one over its `@`.

mod names;
mod scan;

use std::borrow::Cow;
use std::net::Ipv4Addr;

use belfry_indicator::{Domain, Iban, Mailbox, Phone, Wallet};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

pub(crate) use self::names::within_urls;
pub(crate) use self::scan::scan;
use crate::findings::{Findings, Sighting};
use crate::limits::OBSERVABLES_MAX;
use crate::{DefectKind, LinkKind, Place};

/// Something other than a link by which a fraud can be recognised or followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observable {
    /// What it is.
    #[serde(flatten)]
    pub what: Observed,
    /// Where it was met first. The offset is that in the part's visible text.
    pub place: Place,
}

/// What was observed, in its canonical form.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "kebab-case")]
pub enum Observed {
    /// A telephone number.
    Phone(Phone),
    /// An account.
    Iban(Iban),
    /// An address of a crypto currency.
    Wallet(Wallet),
    /// A mail address other than a recipient's.
    MailAddress(Mailbox),
    /// A host that is named and not linked: within a URL's path or query, or a file
    /// whose ending is also a top-level domain.
    Host(Domain),
    /// An address that stands in the text.
    Ip(Ipv4Addr),
}

impl Observed {
    /// Its kind, for a person.
    pub fn name(&self) -> &'static str {
        match self {
            Observed::Phone(_) => "Phone",
            Observed::Iban(_) => "IBAN",
            Observed::Wallet(_) => "Wallet",
            Observed::MailAddress(_) => "Mail address",
            Observed::Host(_) => "Named host",
            Observed::Ip(_) => "IP address",
        }
    }

    /// Its canonical text.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Observed::Phone(phone) => phone.as_str().into(),
            Observed::Iban(iban) => iban.as_str().into(),
            Observed::Wallet(wallet) => wallet.as_str().into(),
            Observed::MailAddress(mailbox) => mailbox.as_str().into(),
            Observed::Host(name) => name.as_str().into(),
            Observed::Ip(address) => address.to_string().into(),
        }
    }
}

impl Findings<'_> {
    /// Notes what was seen, once.
    pub(crate) fn observe(&mut self, what: Observed, part: &str, offset: usize) {
        if !self.observed.insert(what.clone()) {
            return;
        }
        if self.observables.len() >= OBSERVABLES_MAX {
            // The set is not to grow without bound either.
            self.observed.remove(&what);
            if !std::mem::replace(&mut self.observables_full, true) {
                let detail =
                    format!("more than {OBSERVABLES_MAX} observables; the rest is not listed");
                self.defect(DefectKind::LimitReached, "", detail);
            }
            return;
        }
        let place = Place { part: part.to_owned(), offset, within: self.within() };
        self.observables.push(Observable { what, place });
    }

    /// What a link names that opens no web page: `tel:`, `sms:`, `mailto:`.
    pub(crate) fn observe_link(&mut self, sighting: &Sighting<'_>) {
        let Some((scheme, rest)) = sighting.raw.trim().split_once(':') else {
            return;
        };
        // The address that a header names for leaving a list is nobody's.
        if sighting.kind == LinkKind::Header {
            return;
        }
        let rest = percent_decode_str(rest).decode_utf8_lossy();
        let first = rest.split(['?', ',', ';']).next().unwrap_or_default();
        let what = match scheme.to_ascii_lowercase().as_str() {
            "tel" | "sms" | "smsto" | "mms" | "callto" => Phone::parse(first).map(Observed::Phone),
            "whatsapp" => {
                let phone = rest.split_once("phone=").map(|(_, phone)| phone);
                phone.and_then(messenger_number).map(Observed::Phone)
            }
            "mailto" => Mailbox::parse(first).map(Observed::MailAddress),
            _ => None,
        };
        if let Some(what) = what {
            self.observe(what, sighting.part, sighting.offset);
        }
    }

    /// The number that a link to a messenger is for: `https://wa.me/32470123456`.
    pub(crate) fn observe_messenger(&mut self, url: &str, sighting: &Sighting<'_>) {
        let number = url.strip_prefix("https://wa.me/").or_else(|| {
            let (_, number) =
                url.strip_prefix("https://api.whatsapp.com/send")?.split_once("phone=")?;
            Some(number)
        });
        if let Some(phone) = number.and_then(messenger_number) {
            self.observe(Observed::Phone(phone), sighting.part, sighting.offset);
        }
    }
}

/// Digits with a country code, perhaps a `+` before them.
fn messenger_number(text: &str) -> Option<Phone> {
    let text = text.trim_start_matches("%2B").trim_start_matches('+');
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    Phone::international(&text[..end])
}

#[cfg(test)]
mod tests;
