//! The text of a message, with the parts of a longer one put together as they come.
//!
//! What is kept of a longer message, in memory only: its text so far, for a minute at
//! most, of at most [`OPEN_MAX`] messages of one connection.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

use belfry_reading::{SmsCoding, decode_sms};

use crate::Decision;
use crate::pdu::{Message, Part};

/// Longer messages whose parts are awaited at once.
const OPEN_MAX: usize = 4_096;
/// How long the parts of one are awaited.
const AWAITED: Duration = Duration::from_secs(60);
/// Octets of the longest text that is put together.
const TEXT_MAX: usize = 16 << 10;

/// The text of one message or part; `None` for what is no text.
pub(crate) fn text(message: &Message<'_>) -> Option<String> {
    let coding = match message.coding {
        0x00 | 0x01 | 0xf0..=0xf3 => SmsCoding::Gsm7,
        0x03 => SmsCoding::Latin1,
        0x08 | 0x18..=0x1b => SmsCoding::Ucs2,
        0x10..=0x13 => SmsCoding::Gsm7,
        _ => return None,
    };
    Some(decode_sms(message.text, coding).0)
}

/// Parts of longer messages. Who they are from and to is kept as a hash under a key that
/// never leaves memory.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    open: HashMap<u64, Open>,
    key: RandomState,
}

#[derive(Debug)]
struct Open {
    since: Instant,
    parts: Vec<(u8, String)>,
    octets: usize,
    refused: Option<Decision>,
    seen: u16,
}

/// What is known of a longer message once a part has come.
pub(crate) enum SoFar {
    /// An earlier part was refused: so is this one, in the same way.
    Refused(Decision),
    /// The text of all parts that have come, in order.
    Text(String),
}

/// What has come of a longer message that is wanted whole.
pub(crate) enum Assembled {
    /// Parts are still to come.
    Awaited,
    /// All of it.
    Whole(String),
}

impl Parts {
    /// Takes a part in; the whole text with its last one. Past the bounds a part is
    /// a message of its own, so that nothing is lost.
    pub(crate) fn assemble(
        &mut self,
        message: &Message<'_>,
        part: Part,
        text: String,
        now: Instant,
    ) -> Assembled {
        let key = self.key(message, part);
        let Some(open) = self.open_at(key, now) else { return Assembled::Whole(text) };
        let SoFar::Text(so_far) = open.take(part.number, text) else { return Assembled::Awaited };
        // One that comes twice is one.
        if open.parts.len() < usize::from(part.total) {
            return Assembled::Awaited;
        }
        self.open.remove(&key);
        Assembled::Whole(so_far)
    }

    /// The message of this key, begun anew where it was awaited for too long; `None` where
    /// too many are open.
    fn open_at(&mut self, key: u64, now: Instant) -> Option<&mut Open> {
        if !self.open.contains_key(&key) && self.open.len() >= OPEN_MAX {
            self.open.retain(|_, open| now.saturating_duration_since(open.since) < AWAITED);
            if self.open.len() >= OPEN_MAX {
                return None;
            }
        }
        let fresh = || Open { since: now, parts: Vec::new(), octets: 0, refused: None, seen: 0 };
        let open = self.open.entry(key).or_insert_with(fresh);
        if now.saturating_duration_since(open.since) >= AWAITED {
            *open = fresh();
        }
        Some(open)
    }

    /// Takes a part in.
    pub(crate) fn add(
        &mut self,
        message: &Message<'_>,
        part: Part,
        text: String,
        now: Instant,
    ) -> SoFar {
        let key = self.key(message, part);
        let Some(open) = self.open_at(key, now) else { return SoFar::Text(text) };
        open.seen = open.seen.saturating_add(1);
        let is_last = open.seen >= u16::from(part.total);
        let so_far = open.take(part.number, text);
        if is_last && !matches!(so_far, SoFar::Refused(_)) {
            // A verdict on this text is the last that is needed of it.
            open.parts.clear();
        }
        so_far
    }

    /// Remembers that the message of this part is refused, all of it.
    pub(crate) fn refuse(&mut self, message: &Message<'_>, part: Part, decision: Decision) {
        let key = self.key(message, part);
        if let Some(open) = self.open.get_mut(&key) {
            open.refused = Some(decision);
            open.parts.clear();
        }
    }

    fn key(&self, message: &Message<'_>, part: Part) -> u64 {
        self.key.hash_one((message.source, message.destination, part.reference, part.total))
    }
}

impl Open {
    fn take(&mut self, number: u8, text: String) -> SoFar {
        if let Some(decision) = self.refused {
            return SoFar::Refused(decision);
        }
        if self.octets + text.len() <= TEXT_MAX && !self.parts.iter().any(|(n, _)| *n == number) {
            self.octets += text.len();
            self.parts.push((number, text));
            self.parts.sort_by_key(|(number, _)| *number);
        }
        SoFar::Text(self.parts.iter().map(|(_, text)| text.as_str()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(number: u8) -> Part {
        Part { reference: 9, total: 2, number }
    }

    fn so_far(parts: &mut Parts, number: u8, text: &str, now: Instant) -> Option<String> {
        match parts.add(&Message::default(), part(number), text.to_owned(), now) {
            SoFar::Refused(_) => None,
            SoFar::Text(text) => Some(text),
        }
    }

    #[test]
    fn codings_are_read_and_binary_is_not() {
        let of =
            |coding, octets: &[u8]| text(&Message { coding, text: octets, ..Message::default() });
        assert_eq!(of(0, b"h\x00i\x1b\x65").as_deref(), Some("h@i€"));
        assert_eq!(of(3, b"\xe9").as_deref(), Some("é"));
        assert_eq!(of(8, b"\x04\x30").as_deref(), Some("а"));
        assert_eq!(of(4, b"ab"), None);
        assert_eq!(of(0xf5, b"ab"), None);
    }

    #[test]
    fn parts_are_put_together_in_any_order() {
        let (mut parts, now) = (Parts::default(), Instant::now());
        assert_eq!(so_far(&mut parts, 2, "world", now).unwrap(), "world");
        assert_eq!(so_far(&mut parts, 1, "hello ", now).unwrap(), "hello world");
        assert_eq!(so_far(&mut parts, 1, "again", now + AWAITED).unwrap(), "again");
    }

    #[test]
    fn once_refused_all_parts_are() {
        let (mut parts, now) = (Parts::default(), Instant::now());
        so_far(&mut parts, 1, "bad", now);
        parts.refuse(&Message::default(), part(1), Decision::Reject(belfry_journal::Serial(1)));
        assert_eq!(so_far(&mut parts, 2, "rest", now), None);
        let other = Message { source: b"x", ..Message::default() };
        assert!(matches!(parts.add(&other, part(2), "y".into(), now), SoFar::Text(_)));
    }

    #[test]
    fn memory_is_bounded() {
        let (mut parts, now) = (Parts::default(), Instant::now());
        for reference in 0..6_000 {
            let part = Part { reference, total: 2, number: 1 };
            let long = "x".repeat(TEXT_MAX + 1);
            parts.add(&Message::default(), part, long, now);
        }
        assert_eq!(parts.open.len(), OPEN_MAX);
        assert!(parts.open.values().all(|open| open.octets == 0));
    }
}
