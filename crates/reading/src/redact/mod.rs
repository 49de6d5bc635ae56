//! The people of a report are taken out of what is read in it: out of its links
//! always, in every form that an address can be carried in, and out of its text where
//! the address stands plainly. The original stays in the evidence alone.

use std::borrow::Cow;

use belfry_indicator::{Host, Secrets};

use crate::findings::{chars_cut, target};
use crate::limits::{HEADER_VALUE_BYTES_MAX, cut};
use crate::suffixes::List;
use crate::{Defect, DefectKind, Forward, FurtherMail, Link, Observed, Reading, Summary};

/// Addresses taken out of one header value.
const ADDRESSES_MAX: usize = 64;

/// Takes the people of `secrets` out of `links`, before anything is said of them.
pub(crate) fn redact_links(links: &mut [Link], secrets: &Secrets, list: List<'_>) {
    for link in links {
        redact_link(link, secrets, list);
    }
}

/// Takes the people of `secrets` out of `reading`, whose links hold them no more.
pub(crate) fn redact(reading: &mut Reading, secrets: &Secrets) {
    reading.observables.retain(|observable| match &observable.what {
        Observed::MailAddress(mailbox) => !secrets.contains(mailbox.as_str()),
        // A recipient's own domain tells where they work.
        Observed::Host(host) => !secrets.in_url(host.as_str()),
        Observed::Phone(_) | Observed::Iban(_) | Observed::Wallet(_) | Observed::Ip(_) => true,
    });
    redact_subject(&mut reading.summary, secrets);
    for defect in reading.defects.iter_mut().filter(|d| d.kind == DefectKind::Link) {
        redact_defect(defect, secrets);
    }
}

/// Takes the people out of a mail beside the first.
pub(crate) fn redact_further(mail: &mut FurtherMail, secrets: &Secrets) {
    redact_subject(&mut mail.summary, secrets);
    replace(&mut mail.text, |text| secrets.redact_text(text));
}

fn redact_subject(summary: &mut Summary, secrets: &Secrets) {
    if let Some(subject) = &mut summary.subject {
        replace(subject, |text| secrets.redact_text(text));
        subject.truncate(cut(subject, HEADER_VALUE_BYTES_MAX).len());
    }
}

fn redact_link(link: &mut Link, secrets: &Secrets, list: List<'_>) {
    // Without a name to look for, all was done when the link was found.
    if !secrets.is_empty() {
        link.url.redact(secrets, &list);
        for through in &mut link.through {
            through.url.redact(secrets, &list);
        }
    }
    if link.raw.as_deref().is_some_and(|raw| link.url.is_redacted() || secrets.in_url(raw)) {
        link.raw = None;
    }
    if let Some(text) = &mut link.text {
        replace(text, |text| secrets.redact_text(text));
        // A mark may be longer than the name that it stands for.
        *text = chars_cut(text);
    }
    let host = link.url.nameable_host();
    if matches!(&host, Host::Domain(name) if name.as_str() != link.host) {
        link.host = link.url.host().to_string();
        (link.target, link.registrable, link.why_not_blockable) = target(&host, list);
    }
}

/// Takes the people out of the links of a forward, at all its levels. Its words stay:
/// who it was for is part of what it says.
pub(crate) fn redact_forward(forward: &mut Forward, secrets: &Secrets) {
    let mut next = Some(forward);
    while let Some(level) = next {
        replace(&mut level.body, |text| secrets.redact_urls(text));
        for text in level.note.iter_mut().chain(&mut level.subject) {
            replace(text, |text| secrets.redact_urls(text));
        }
        next = level.inner.as_deref_mut();
    }
}

/// A defect quotes the link that it is about.
fn redact_defect(defect: &mut Defect, secrets: &Secrets) {
    if secrets.in_url(&defect.detail) {
        let (_, why) = defect.detail.rsplit_once(": ").unwrap_or_default();
        defect.detail = format!("a link that names its recipient: {why}");
    }
}

fn replace(text: &mut String, redacted: impl FnOnce(&str) -> Cow<'_, str>) {
    if let Cow::Owned(new) = redacted(text) {
        *text = new;
    }
}

/// The mail addresses in the value of a header field, whatever its grammar.
pub(crate) fn addresses(value: &str) -> impl Iterator<Item = &str> {
    addresses_at(value).map(|(_, address)| address).take(ADDRESSES_MAX)
}

/// What looks like a mail address in `text`, with its place.
pub(crate) fn addresses_at(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lawful = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    memchr::memchr_iter(b'@', text.as_bytes()).filter_map(move |at| {
        let before = text[..at].chars().rev().take(64).take_while(|c| lawful(*c));
        let local: usize = before.map(char::len_utf8).sum();
        let after = text[at + 1..].chars().take(253);
        let after = after.take_while(|c| c.is_alphanumeric() || "-._".contains(*c));
        let domain: usize = after.map(char::len_utf8).sum();
        let whole = &text[at - local..=at + domain];
        let address = whole.trim_start_matches(['.', '\'', '=', '/']);
        let start = at - local + whole.len() - address.len();
        let lawful = domain > 0 && !address.starts_with('@');
        lawful.then(|| (start, address.trim_end_matches('.')))
    })
}

#[cfg(test)]
mod tests;
