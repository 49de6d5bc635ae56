//! What is out on one socket: by id, when it was sent. Ids go round; one that
//! comes again while its query is still out takes its place.

use std::time::Duration;

/// No query has this id now.
const NONE: u64 = u64::MAX;

/// When each query that is out was sent.
#[derive(Debug)]
pub(super) struct Outstanding {
    /// Nanoseconds since the run began.
    sent: Box<[u64]>,
    next: u16,
}

impl Outstanding {
    /// Nothing is out.
    pub(super) fn new() -> Self {
        Self { sent: vec![NONE; 1 << 16].into(), next: 0 }
    }

    /// The id for a query that is sent at `now`.
    pub(super) fn sends(&mut self, now: Duration) -> u16 {
        let id = self.next;
        self.next = id.wrapping_add(1);
        self.sent[usize::from(id)] = u64::try_from(now.as_nanos()).unwrap_or(NONE);
        id
    }

    /// When the query was sent that `octets` answer; `None` for no answer to any.
    pub(super) fn answered(&mut self, octets: &[u8]) -> Option<Duration> {
        let &[high, low, flags, ..] = octets else { return None };
        if octets.len() < 12 || flags & 0x80 == 0 {
            return None;
        }
        let place = &mut self.sent[usize::from(u16::from_be_bytes([high, low]))];
        let sent = std::mem::replace(place, NONE);
        (sent != NONE).then(|| Duration::from_nanos(sent))
    }

    /// Nothing is out any more.
    pub(super) fn forget(&mut self) {
        self.sent.fill(NONE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: Duration = Duration::from_nanos(7);

    fn answer(id: u16) -> Vec<u8> {
        [&id.to_be_bytes()[..], &[0x80; 10]].concat()
    }

    #[test]
    fn an_answer_counts_once() {
        let mut out = Outstanding::new();
        assert_eq!((out.sends(MOMENT), out.sends(MOMENT)), (0, 1));
        assert_eq!(out.answered(&answer(1)), Some(MOMENT));
        assert_eq!(out.answered(&answer(1)), None);
        assert_eq!(out.answered(&answer(9)), None);
        assert_eq!(out.answered(b"\0\0\x80"), None);
        assert_eq!(out.answered(&[0; 12]), None, "a query is no answer");
        out.forget();
        assert_eq!(out.answered(&answer(0)), None);
    }
}
