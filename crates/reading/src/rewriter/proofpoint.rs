//! Proofpoint's three forms. They are read from the link as it stands in the source:
//! a browser's canonical form has already changed some of their characters.

use data_encoding::BASE64URL_NOPAD;

use super::{Peeled, unescaped};

const HOSTS: [&str; 4] =
    ["urldefense.proofpoint.com", "urldefense.com", "urldefense.us", "urldefense.io"];
/// Lengths of a run, as the third form writes them: `A` is two.
const LENGTHS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// What a link of Proofpoint's leads to.
pub(super) fn peel(raw: &str, host: &str) -> Option<Peeled> {
    if !HOSTS.contains(&host) {
        return None;
    }
    let inner = if let Some((_, rest)) = raw.split_once("/v3/__") {
        third(rest)?
    } else {
        let (_, rest) = raw.split_once("u=")?;
        let value = rest.split('&').next()?;
        if raw.contains("/v1/") {
            unescaped(value)
        } else {
            unescaped(&value.replace('-', "%").replace('_', "/"))
        }
    };
    (!inner.is_empty()).then_some(Peeled { by: "Proofpoint", inner })
}

/// `URL__;REPLACED!!TOKEN$`: each `*` in the URL stands for the next of the replaced
/// characters, `**` and a digit for a run of them.
fn third(rest: &str) -> Option<String> {
    let end = rest.rfind("__;")?;
    let (url, replaced) = (&rest[..end], rest[end + 3..].split('!').next()?);
    let replaced = replaced.trim_end_matches('=');
    let replaced = BASE64URL_NOPAD.decode(replaced.as_bytes()).ok()?;
    let replaced = String::from_utf8(replaced).ok()?;
    let mut replaced = replaced.chars();
    let mut inner = String::with_capacity(url.len());
    let mut characters = url.chars().peekable();
    while let Some(c) = characters.next() {
        if c != '*' {
            inner.push(c);
        } else if characters.next_if_eq(&'*').is_some() {
            let digit = characters.next()?;
            let length = LENGTHS.iter().position(|known| char::from(*known) == digit)? + 2;
            inner.extend(replaced.by_ref().take(length));
        } else {
            inner.extend(replaced.next());
        }
    }
    Some(inner)
}
