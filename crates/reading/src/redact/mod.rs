//! The people of a report are taken out of what is read in it: out of its links
//! always, in every form that an address can be carried in, and out of its text where
//! the address stands plainly. The original stays in the evidence alone.

use std::borrow::Cow;

use belfry_indicator::{Host, Secrets};

use crate::findings::{chars_cut, target};
use crate::suffixes::List;
use crate::{Defect, DefectKind, Forward, Link, Reading};

/// Addresses taken out of one header value.
const ADDRESSES_MAX: usize = 64;

/// Takes the people of `secrets` out of `reading`.
pub(crate) fn redact(reading: &mut Reading, secrets: &Secrets, list: List<'_>) {
    for link in &mut reading.links {
        redact_link(link, secrets, list);
    }
    if let Some(subject) = &mut reading.summary.subject {
        replace(subject, |text| secrets.redact_text(text));
    }
    for defect in reading.defects.iter_mut().filter(|d| d.kind == DefectKind::Link) {
        redact_defect(defect, secrets);
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
    let lawful = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let found = value.match_indices('@').filter_map(move |(at, _)| {
        let local =
            value[..at].chars().rev().take_while(|c| lawful(*c)).map(char::len_utf8).sum::<usize>();
        let domain =
            value[at + 1..].chars().take_while(|c| c.is_alphanumeric() || "-._".contains(*c));
        let domain = domain.map(char::len_utf8).sum::<usize>();
        let address = value[at - local..=at + domain].trim_matches('.');
        (local > 0 && domain > 0).then_some(address)
    });
    found.take(ADDRESSES_MAX)
}

#[cfg(test)]
mod tests;
