//! `Secrets`: the mail addresses of the people that a report must not give away,
//! found in a text however they are written there.
//!
//! Phishers carry the victim's address in the link: plain, percent-encoded, in
//! base64, hex or base32, reversed, by ROT13, with `-at-` for the sign. Each form is
//! undone, a few layers deep; nothing is guessed that does not decode.

mod layers;
mod shape;

use std::borrow::Cow;

use self::layers::any_layer;
use self::shape::{Secret, any_address};

/// What stands where a secret stood. It is a lawful label of a host name and needs
/// no escape in a path or query, so that what is redacted is still a URL.
pub const MARK: &str = "redacted--recipient";

/// Addresses of one report that are looked for.
const ADDRESSES_MAX: usize = 64;

/// The addresses that a report must not give away. Even without any, each mail
/// address in a URL counts as one: it is hardly ever the phisher's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Secrets(Vec<Secret>);

impl Secrets {
    /// Takes `local@host` texts; what is none is left out.
    pub fn new<'a>(addresses: impl IntoIterator<Item = &'a str>) -> Self {
        let mut secrets: Vec<Secret> = Vec::new();
        for secret in addresses.into_iter().filter_map(Secret::new) {
            if secrets.len() < ADDRESSES_MAX && !secrets.contains(&secret) {
                secrets.push(secret);
            }
        }
        Self(secrets)
    }

    /// Whether no address is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `address` is one of them.
    pub fn contains(&self, address: &str) -> bool {
        self.0.iter().any(|secret| secret.is(address))
    }

    /// Whether `text`, a URL or part of one, gives somebody away.
    pub fn in_url(&self, text: &str) -> bool {
        any_layer(text.as_bytes(), &mut |bytes| any_address(bytes) || self.known(bytes))
    }

    /// Whether the labels of a host name, joined by dots, give somebody away.
    pub(crate) fn in_labels(&self, labels: &str) -> bool {
        labels.split('.').any(|label| {
            self.0.iter().any(|secret| secret.is_label(label))
                || (label.len() >= 8 && self.in_url(label))
        }) || self.known(labels.as_bytes())
    }

    /// Whether `field` is a telling local part and no more.
    pub(crate) fn is_local(&self, field: &str) -> bool {
        self.0.iter().any(|secret| secret.is_local(field))
    }

    fn known(&self, bytes: &[u8]) -> bool {
        self.0.iter().any(|secret| secret.stands_in(bytes))
    }

    /// What follows the host of a URL, with [`MARK`] for each piece that gives
    /// somebody away.
    pub(crate) fn redact_tail<'t>(&self, tail: &'t str) -> Cow<'t, str> {
        let plain = self.redact_locals(tail);
        if !self.in_url(&plain) {
            return plain;
        }
        let redacted = self.redact_piece(&plain, 0);
        // What shows only over two pieces is not worth keeping either.
        Cow::Owned(if self.in_url(&redacted) { format!("/{MARK}") } else { redacted })
    }

    /// Fields that are a telling local part, replaced.
    fn redact_locals<'t>(&self, tail: &'t str) -> Cow<'t, str> {
        if self.is_empty() || !pieces(tail, LEVELS - 1).any(|(field, _)| self.is_local(field)) {
            return Cow::Borrowed(tail);
        }
        let fields = pieces(tail, LEVELS - 1);
        let fields =
            fields.flat_map(|(field, by)| [if self.is_local(field) { MARK } else { field }, by]);
        Cow::Owned(fields.collect())
    }

    /// `piece` holds a secret. It is replaced as narrowly as its delimiters allow.
    fn redact_piece(&self, piece: &str, level: usize) -> String {
        if level >= LEVELS {
            return MARK.to_owned();
        }
        let mut out = String::with_capacity(piece.len());
        let mut found = false;
        for (part, by) in pieces(piece, level) {
            if part.len() == piece.len() {
                return self.redact_piece(piece, level + 1);
            }
            if self.in_url(part) {
                found = true;
                out.push_str(&self.redact_piece(part, level + 1));
            } else {
                out.push_str(part);
            }
            out.push_str(by);
        }
        if found && !self.in_url(&out) { out } else { MARK.to_owned() }
    }

    /// Running text with [`MARK`] for each known address, and within URLs for
    /// whatever gives somebody away. Other addresses stay: a fraud's own is evidence.
    pub fn redact_text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.redact_addresses(text) {
            Cow::Borrowed(text) => self.redact_urls(text),
            Cow::Owned(text) => Cow::Owned(self.redact_urls(&text).into_owned()),
        }
    }

    /// Running text with the URLs in it redacted, and nothing else.
    pub fn redact_urls<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut out = String::new();
        let mut done = 0;
        while let Some(at) = text[done..].find("://") {
            let rest = &text[done + at + 3..];
            let end = rest.find(|c: char| c.is_whitespace() || "<>\"".contains(c));
            let url = &rest[..end.unwrap_or(rest.len())];
            out.push_str(&text[done..done + at + 3]);
            out.push_str(&self.redact_written(url));
            done += at + 3 + url.len();
        }
        out.push_str(&text[done..]);
        if out == text { Cow::Borrowed(text) } else { Cow::Owned(out) }
    }

    /// What follows `://` in running text.
    fn redact_written(&self, url: &str) -> String {
        let (authority, tail) = url.split_at(url.find(['/', '?', '#']).unwrap_or(url.len()));
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, _)) => authority.split_at(user.len() + 1),
            None => ("", authority),
        };
        let user = if self.in_url(user.trim_end_matches('@'))
            || self.is_local(user.trim_end_matches('@'))
        {
            format!("{MARK}@")
        } else {
            user.to_owned()
        };
        // Without a suffix list the last two labels are taken for the owner's.
        let owner = host.rmatch_indices('.').nth(1).map_or(0, |(at, _)| at);
        let host = if owner > 0 && self.in_labels(&host[..owner].to_ascii_lowercase()) {
            format!("{MARK}{}", &host[owner..])
        } else {
            host.to_owned()
        };
        [&user, &host, self.redact_tail(tail).as_ref()].concat()
    }

    fn redact_addresses<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut out = String::new();
        let mut done = 0;
        for at in memchr::memchr_iter(b'@', text.as_bytes()) {
            let found = self
                .0
                .iter()
                .filter_map(|secret| secret.around(text, at))
                .max_by_key(ExactSizeIterator::len);
            if let Some(range) = found.filter(|range| range.start >= done) {
                out.push_str(&text[done..range.start]);
                out.push_str(MARK);
                done = range.end;
            }
        }
        if done == 0 {
            return Cow::Borrowed(text);
        }
        out.push_str(&text[done..]);
        Cow::Owned(out)
    }
}

/// Levels of delimiters, the coarsest first.
const LEVELS: usize = 5;

/// The pieces of `text` between the delimiters of `level`, each with what ends it.
/// The last level knows percent-encoded delimiters too.
fn pieces(text: &str, level: usize) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let found = match level {
            0 => text.find(['?', '#']).map(|at| (at, 1)),
            1 => text.find(['&', ';']).map(|at| (at, 1)),
            2 => text.find('/').map(|at| (at, 1)),
            3 => text.find('=').map(|at| (at, 1)),
            _ => delimiter(text),
        };
        let (at, length) = found.unwrap_or((text.len(), 0));
        rest = found.map(|_| &text[at + length..]);
        Some((&text[..at], &text[at..at + length]))
    })
}

/// The first delimiter of any kind, with its length: `/`, `%2F`, `%252F`…
fn delimiter(text: &str) -> Option<(usize, usize)> {
    const PLAIN: &[u8] = b"/?&=#;,|!$'()*:\"{}[]<> ";
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if PLAIN.contains(&byte) {
            return Some((at, 1));
        }
        if byte == b'%' {
            let mut end = at + 1;
            while bytes[end..].starts_with(b"25") {
                end += 2;
            }
            let code = text.get(end..end + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
            if code.is_some_and(|code| PLAIN.contains(&code)) {
                return Some((at, end + 2 - at));
            }
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests;
