//! The search for numbers and addresses in running text.

use belfry_indicator::{Iban, Mailbox, Phone, WALLET_CHARS_MAX, Wallet};

use super::Observed;
use crate::findings::Findings;
use crate::redact::addresses_at;

/// Octets of the longest telephone number as people write it.
const PHONE_BYTES_MAX: usize = 32;
/// Groups at the end of a run of digits that may belong to what follows.
const GROUPS_DROPPED_MAX: usize = 4;
/// The shortest address of a crypto currency.
const WALLET_CHARS_MIN: usize = 25;
/// Octets before a number in which a word may say what it is.
const LABEL_BYTES: usize = 24;
/// Words that announce a telephone number.
const LABELS: [&str; 14] = [
    "tel", "gsm", "phone", "mobile", "mobiel", "call", "bel", "appel", "nummer", "numéro", "handy",
    "ruf", "whatsapp", "sms",
];

/// Finds what is in `text`, the visible text of `part`, whose first octet is `offset`.
pub(crate) fn scan(findings: &mut Findings<'_>, text: &str, part: &str, offset: usize) {
    for (at, address) in addresses_at(text) {
        if let Some(mailbox) = Mailbox::parse(address.trim_end_matches(['.', '-', '_'])) {
            findings.observe(Observed::MailAddress(mailbox), part, offset + at);
        }
    }
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let step = match bytes[at] {
            b'+' | b'0' => phone(text, at),
            b'3' => phone(text, at).or_else(|| wallet(text, at)),
            b'A'..=b'Z' | b'a'..=b'z' => iban(text, at).or_else(|| wallet(text, at)),
            b'1' | b'4' | b'8' => wallet(text, at),
            _ => None,
        };
        let step = step.or_else(|| address(text, at));
        let step = step.or_else(|| if bytes[at] == b'0' { wallet(text, at) } else { None });
        if let Some((what, length)) = step {
            findings.observe(what, part, offset + at);
            at += length;
        } else {
            at = next_word(bytes, at);
        }
    }
}

/// Where the next word, or a `+`, begins behind `at`.
fn next_word(bytes: &[u8], at: usize) -> usize {
    let of_word = |b: &u8| b.is_ascii_alphanumeric() || *b >= 0x80;
    // Behind what was found it stands between words already.
    let rest = &bytes[at + 1..];
    let within =
        if of_word(&bytes[at]) { rest.iter().take_while(|b| of_word(b)).count() } else { 0 };
    let between =
        rest[within..].iter().take_while(|b| !b.is_ascii_alphanumeric() && **b != b'+').count();
    // A letter beyond ASCII begins no number; the next word may follow it.
    at + 1 + within + between
}

/// An IPv4 address that stands by itself: `192.0.2.7`, not the version `1.2.3.4-beta`.
fn address(text: &str, at: usize) -> Option<(Observed, usize)> {
    const LONGEST: usize = "255.255.255.255".len();
    let rest = &text.as_bytes()[at..];
    if !rest.first()?.is_ascii_digit() || !rest.iter().take(4).any(|b| *b == b'.') {
        return None;
    }
    let lawful = |b: &&u8| b.is_ascii_digit() || **b == b'.';
    let mut length = rest.iter().take(LONGEST + 2).take_while(lawful).count();
    if rest[..length].ends_with(b".") {
        length -= 1;
    }
    let before = at.checked_sub(1).and_then(|at| text.as_bytes().get(at));
    let glued = |b: &u8| b.is_ascii_alphanumeric() || b"-_=/".contains(b);
    let behind = rest.get(length).filter(|b| **b != b'/');
    if before.is_some_and(|b| glued(b) || *b == b'.') || behind.is_some_and(glued) {
        return None;
    }
    let address: std::net::Ipv4Addr = text[at..at + length].parse().ok()?;
    Some((Observed::Ip(address), length))
}

fn iban(text: &str, at: usize) -> Option<(Observed, usize)> {
    let digits = text.as_bytes().get(at + 2..at + 4)?;
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let (iban, length) = Iban::at_start(&text[at..])?;
    Some((Observed::Iban(iban), length))
}

fn wallet(text: &str, at: usize) -> Option<(Observed, usize)> {
    let rest = &text.as_bytes()[at..];
    let length =
        rest.iter().take(WALLET_CHARS_MAX + 1).take_while(|b| b.is_ascii_alphanumeric()).count();
    if length < WALLET_CHARS_MIN {
        return None;
    }
    let wallet = Wallet::parse(&text[at..at + length])?;
    Some((Observed::Wallet(wallet), length))
}

/// A number in the form of a country, or one that a word announces.
fn phone(text: &str, at: usize) -> Option<(Observed, usize)> {
    // Digits in a URL or an amount are no number to call.
    let before = text[..at].chars().next_back();
    if before.is_some_and(|c| c.is_alphanumeric() || "/=&?_-#@%.,+".contains(c)) {
        return None;
    }
    let rest = &text[at..];
    let run =
        rest.char_indices().find(|(_, c)| !c.is_ascii_digit() && !"+ \u{a0}.-/()–".contains(*c));
    let run = &rest[..run.map_or(rest.len(), |(end, _)| end)];
    let mut run = &run[..run.floor_char_boundary(PHONE_BYTES_MAX)];
    for _ in 0..GROUPS_DROPPED_MAX {
        run = run.trim_end_matches(|c: char| !c.is_ascii_digit());
        if run.len() < 8 {
            return None;
        }
        let follows = rest[run.len()..].chars().next();
        let whole = !follows.is_some_and(|c| c.is_alphanumeric() || matches!(c, '@' | '%' | '='))
            && !is_amount(&rest[run.len()..]);
        if whole && let Some(phone) = read(run, text, at) {
            return Some((Observed::Phone(phone), run.len()));
        }
        run = run.trim_end_matches(|c: char| c.is_ascii_digit());
    }
    None
}

fn read(run: &str, text: &str, at: usize) -> Option<Phone> {
    let bare = run.bytes().all(|b| b.is_ascii_digit());
    if bare && run.starts_with('3') {
        return Phone::international(run)
            .filter(|phone| phone.as_str().starts_with("+324") || announced(text, at));
    }
    let phone = Phone::parse(run)?;
    // A bare row of digits is a number only where it can be little else.
    let clear =
        !bare || run.starts_with("00") || (phone.as_str().starts_with("+324") && run.len() == 10);
    (clear || announced(text, at)).then_some(phone)
}

/// `,00` after digits.
fn is_amount(follows: &str) -> bool {
    follows.strip_prefix(',').is_some_and(|cents| cents.starts_with(|c: char| c.is_ascii_digit()))
}

/// Whether a word before `at` says that a telephone number follows.
fn announced(text: &str, at: usize) -> bool {
    let start = text.ceil_char_boundary(at.saturating_sub(LABEL_BYTES));
    let before = text[start..at].to_lowercase();
    LABELS.iter().any(|label| before.contains(label))
}
