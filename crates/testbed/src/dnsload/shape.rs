//! What came back: counts, how long answers took, and the longest time without one.

use std::time::Duration;

use serde_json::{Value, json};

/// Answers are sorted by the microsecond up to here.
const BUCKETS: usize = 2_000_000;
/// The address that blocked names get in benchmarks.
const BLOCKED: [u8; 4] = [127, 0, 0, 2];

/// What came back.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Queries sent.
    pub sent: u64,
    /// Answers to them.
    pub answered: u64,
    /// Answers with the address of blocked names.
    pub blocked: u64,
    /// Answers that say SERVFAIL or REFUSED.
    pub failed: u64,
    /// Answers to nothing that is out.
    pub strays: u64,
    elapsed: Duration,
    last: Duration,
    longest_gap: Duration,
    by_microsecond: Vec<u32>,
}

impl Shape {
    pub(super) fn new() -> Self {
        Self {
            sent: 0,
            answered: 0,
            blocked: 0,
            failed: 0,
            strays: 0,
            elapsed: Duration::ZERO,
            last: Duration::ZERO,
            longest_gap: Duration::ZERO,
            by_microsecond: vec![0; BUCKETS + 1],
        }
    }

    /// An answer that came at `now` to what was sent at `sent`.
    pub(super) fn answer(&mut self, octets: &[u8], sent: Duration, now: Duration) {
        self.answered += 1;
        self.failed += u64::from(matches!(octets[3] & 15, 2 | 5));
        let blocked = octets[7] > 0 && octets[12..].windows(4).rev().any(|four| four == BLOCKED);
        self.blocked += u64::from(blocked);
        let took = now.saturating_sub(sent).as_micros();
        let bucket = usize::try_from(took).unwrap_or(BUCKETS).min(BUCKETS);
        self.by_microsecond[bucket] += 1;
        self.answered_late(now);
    }

    /// The time without an answer is over.
    pub(super) fn answered_late(&mut self, now: Duration) {
        self.longest_gap = self.longest_gap.max(now.saturating_sub(self.last));
        self.last = now;
    }

    pub(super) fn last_answer(&self) -> Duration {
        self.last
    }

    pub(super) fn end(&mut self, now: Duration) {
        self.longest_gap = self.longest_gap.max(now.saturating_sub(self.last));
        self.elapsed = now;
    }

    /// The longest time without an answer.
    pub fn longest_gap(&self) -> Duration {
        self.longest_gap
    }

    /// How long `thousandths` of the answers took at most.
    pub fn percentile(&self, thousandths: u64) -> Duration {
        let need = (self.answered * thousandths).div_ceil(1_000);
        let mut seen = 0;
        let bucket = self.by_microsecond.iter().position(|count| {
            seen += u64::from(*count);
            seen >= need && seen > 0
        });
        Duration::from_micros(bucket.and_then(|bucket| u64::try_from(bucket).ok()).unwrap_or(0))
    }

    /// Everything as one object, times in microseconds.
    pub fn to_json(&self) -> Value {
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let elapsed = micros(self.elapsed).max(1);
        json!({
            "sent": self.sent,
            "answered": self.answered,
            "blocked": self.blocked,
            "failed": self.failed,
            "strays": self.strays,
            "a_second": self.answered.saturating_mul(1_000_000) / elapsed,
            "p50_us": micros(self.percentile(500)),
            "p99_us": micros(self.percentile(990)),
            "p999_us": micros(self.percentile(999)),
            "most_us": micros(self.percentile(1_000)),
            "gap_us": micros(self.longest_gap),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_and_ranked() {
        let mut shape = Shape::new();
        let blocked = [&[0, 0, 0x80, 0, 0, 0, 0, 1, 0, 0, 0, 0][..], &BLOCKED].concat();
        let failed = [0, 0, 0x80, 2, 0, 0, 0, 0, 0, 0, 0, 0];
        for micros in 1..=100 {
            let octets = if micros > 90 { &failed[..] } else { &blocked };
            shape.answer(octets, Duration::ZERO, Duration::from_micros(micros));
        }
        shape.end(Duration::from_micros(1_000));
        assert_eq!((shape.answered, shape.blocked, shape.failed), (100, 90, 10));
        assert_eq!(shape.percentile(500), Duration::from_micros(50));
        assert_eq!(shape.percentile(1_000), Duration::from_micros(100));
        assert_eq!(shape.longest_gap(), Duration::from_micros(900));
        assert_eq!(shape.to_json()["a_second"], 100_000);
        assert_eq!(Shape::new().percentile(990), Duration::ZERO);
    }
}
