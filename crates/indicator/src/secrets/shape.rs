//! What an address looks like: any address at all, or a known one in the forms by
//! which it is carried.

use std::ops::Range;

use memchr::{memchr_iter, memmem};

/// Local parts that tell of nobody.
const GENERIC: [&str; 24] = [
    "abuse",
    "accounting",
    "accounts",
    "admin",
    "billing",
    "contact",
    "customer",
    "finance",
    "helpdesk",
    "hello",
    "invoice",
    "marketing",
    "newsletter",
    "no-reply",
    "noreply",
    "phishing",
    "postmaster",
    "report",
    "security",
    "service",
    "support",
    "suspicious",
    "verdacht",
    "webmaster",
];
/// What is written for the sign between local part and domain.
const SIGNS: [&str; 17] = [
    "@", "%40", "%2540", "-at-", "_at_", ".at.", "(at)", "[at]", "=40", "=", "-", "_", ".", "+",
    "|", "~", "",
];

/// One person's address, in lower case, with what is searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Secret {
    local: String,
    domain: String,
    /// The first label of the domain; backwards, and by ROT13.
    label: [Vec<u8>; 3],
    /// The local part alone tells who it is.
    telling: bool,
}

impl Secret {
    pub(super) fn new(address: &str) -> Option<Self> {
        let address = address.trim().to_ascii_lowercase();
        let (local, domain) = address.rsplit_once('@')?;
        if local.is_empty() || domain.is_empty() || address.len() > 320 {
            return None;
        }
        let label = domain.split('.').next()?.as_bytes().to_vec();
        let marked = local.contains(|c: char| !c.is_ascii_alphabetic());
        let telling =
            (local.len() >= 8 || (local.len() >= 5 && marked)) && !GENERIC.contains(&local);
        Some(Self {
            label: [label.clone(), label.iter().rev().copied().collect(), rot13(&label)],
            local: local.to_owned(),
            domain: domain.to_owned(),
            telling,
        })
    }

    pub(super) fn is(&self, address: &str) -> bool {
        address.rsplit_once('@').is_some_and(|(local, domain)| {
            local.eq_ignore_ascii_case(&self.local) && domain.eq_ignore_ascii_case(&self.domain)
        })
    }

    /// Whether `field` is the local part, dots perhaps written otherwise.
    pub(super) fn is_local(&self, field: &str) -> bool {
        self.telling
            && field.len() == self.local.len()
            && starts_with(&field.as_bytes().to_ascii_lowercase(), &self.local).is_some()
    }

    /// As [`Secret::is_local`]; stricter, since a name of a host is the case's target.
    pub(super) fn is_label(&self, label: &str) -> bool {
        let marked = self.local.contains(|c: char| !c.is_ascii_alphabetic());
        (marked || self.local.len() >= 12) && self.is_local(label)
    }

    /// Whether the address stands in `bytes`: as it is, backwards or by ROT13.
    pub(super) fn stands_in(&self, bytes: &[u8]) -> bool {
        if bytes.len() < self.local.len() + self.domain.len() {
            return false;
        }
        let lower = bytes.to_ascii_lowercase();
        let [label, reversed, turned] = &self.label;
        self.plainly(&lower, label)
            || (memmem::find(&lower, reversed).is_some()
                && self.plainly(&lower.iter().rev().copied().collect::<Vec<_>>(), label))
            || (memmem::find(&lower, turned).is_some() && self.plainly(&rot13(&lower), label))
    }

    fn plainly(&self, lower: &[u8], label: &[u8]) -> bool {
        memmem::find_iter(lower, label).any(|at| {
            starts_with(&lower[at..], &self.domain).is_some()
                && SIGNS.iter().any(|sign| {
                    let before = lower[..at].strip_suffix(sign.as_bytes());
                    before.is_some_and(|before| ends_with(before, &self.local))
                })
        })
    }

    /// The address around the `@` at `at` of running text.
    pub(super) fn around(&self, text: &str, at: usize) -> Option<Range<usize>> {
        let start = at.checked_sub(self.local.len())?;
        let end = at + 1 + self.domain.len();
        let local = text.get(start..at)?.eq_ignore_ascii_case(&self.local);
        (local && text.get(at + 1..end)?.eq_ignore_ascii_case(&self.domain)).then_some(start..end)
    }
}

/// Whether `lower` begins with `pattern`, whose dots may be written `-` or `_`.
fn starts_with(lower: &[u8], pattern: &str) -> Option<()> {
    let head = lower.get(..pattern.len())?;
    head.iter().zip(pattern.bytes()).all(|(a, b)| is_same(*a, b)).then_some(())
}

fn ends_with(lower: &[u8], pattern: &str) -> bool {
    lower.len() >= pattern.len()
        && starts_with(&lower[lower.len() - pattern.len()..], pattern).is_some()
}

fn is_same(written: u8, meant: u8) -> bool {
    written == meant
        || (matches!(meant, b'.' | b'+' | b'_') && matches!(written, b'-' | b'_' | b'.' | b' '))
}

fn rot13(bytes: &[u8]) -> Vec<u8> {
    let turned = bytes.iter().map(|byte| match byte.to_ascii_lowercase() {
        letter @ b'a'..=b'm' => letter + 13,
        letter @ b'n'..=b'z' => letter - 13,
        other => other,
    });
    turned.collect()
}

/// Whether any mail address stands in `bytes`.
pub(super) fn any_address(bytes: &[u8]) -> bool {
    memchr_iter(b'@', bytes).any(|at| {
        let local = bytes[..at].last();
        local.is_some_and(|b| b.is_ascii_alphanumeric() || b"._-+%".contains(b))
            && is_domain(&bytes[at + 1..])
    })
}

/// Whether `bytes` begin with a name of two labels or more, the last one of letters.
fn is_domain(bytes: &[u8]) -> bool {
    let end = bytes.iter().position(|b| !b.is_ascii_alphanumeric() && !b"-.".contains(b));
    let name = &bytes[..end.unwrap_or(bytes.len()).min(255)];
    let mut labels = name.split(|b| *b == b'.').filter(|label| !label.is_empty());
    let first = labels.next();
    let last = labels.next_back();
    first.is_some()
        && name.first().is_some_and(u8::is_ascii_alphanumeric)
        && last.is_some_and(|label| {
            label.len() >= 2
                && (label.iter().all(u8::is_ascii_alphabetic) || label.starts_with(b"xn--"))
        })
}
