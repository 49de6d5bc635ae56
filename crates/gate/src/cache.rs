//! Answers kept for as long as their TTLs say, and longer for when no upstream
//! answers (RFC 8767). Knows no client and no order: the block set is asked before,
//! and about every target again after.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::base::iana::{Rcode, Rtype};
use quick_cache::Weighter;
use quick_cache::sync::Cache as Quick;

use crate::query::Query;
use crate::relayed::Relayed;

/// What one entry of `cache_entries_max` stands for.
const PIECE_OCTETS: usize = 512;
/// So long no upstream is asked again where an old answer has just had to do.
const RETRY: Duration = Duration::from_secs(5);

/// Name, type, class, DO and CD: all that changes an upstream's answer.
pub(crate) type Key = Box<[u8]>;

/// The key of a query in class IN, the only one that is forwarded.
pub(crate) fn key(query: &Query) -> Key {
    let mut key = Vec::new();
    let question = &query.question;
    write_key(&mut key, &question.name, question.qtype, query.dnssec_ok(), query.cd);
    key.into()
}

/// The same key in place of what `key` holds.
pub(crate) fn write_key(key: &mut Vec<u8>, name: &[u8], qtype: Rtype, dnssec_ok: bool, cd: bool) {
    key.clear();
    key.extend_from_slice(name);
    key.extend(qtype.to_int().to_be_bytes());
    key.push(u8::from(dnssec_ok) | u8::from(cd) << 1);
}

#[derive(Clone, Debug)]
struct Kept {
    answer: Arc<Relayed>,
    since: Instant,
    /// Upstreams have failed: the old answer has to do until then.
    stale_until: Option<Instant>,
}

#[derive(Clone, Debug)]
struct Pieces;

impl Weighter<Key, Kept> for Pieces {
    fn weight(&self, key: &Key, kept: &Kept) -> u64 {
        (key.len() + kept.answer.octets()).div_ceil(PIECE_OCTETS) as u64
    }
}

/// How old an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Age {
    /// Within its lifetime, by so many seconds.
    Fresh(u32),
    /// Beyond it.
    Stale,
}

/// The cache.
#[derive(Debug)]
pub(crate) struct Cache {
    kept: Quick<Key, Kept, Pieces>,
    /// How long answers are kept beyond their lifetime.
    stale: Duration,
}

impl Cache {
    /// A cache of at most `entries_max` pieces of 512 octets, which keeps answers for so
    /// many seconds beyond their lifetime.
    pub(crate) fn new(entries_max: usize, stale_seconds: u32) -> Self {
        let kept = Quick::with_weighter(entries_max, entries_max as u64, Pieces);
        Self { kept, stale: Duration::from_secs(stale_seconds.into()) }
    }

    /// The answer, while its lifetime lasts, or an old one while upstreams fail.
    pub(crate) fn get(&self, key: &[u8], now: Instant) -> Option<(Arc<Relayed>, Age)> {
        let kept = self.kept.get(key)?;
        if kept.lives(now) {
            let age = now.saturating_duration_since(kept.since).as_secs();
            return Some((kept.answer, Age::Fresh(u32::try_from(age).unwrap_or(u32::MAX))));
        }
        let must_do = kept.stale_until.is_some_and(|until| now < until);
        (must_do && self.is_usable(&kept, now)).then_some((kept.answer, Age::Stale))
    }

    /// The answer and when it came, while its lifetime lasts.
    pub(crate) fn get_since(&self, key: &[u8], now: Instant) -> Option<(Arc<Relayed>, Instant)> {
        let kept = self.kept.get(key)?;
        kept.lives(now).then_some((kept.answer, kept.since))
    }

    /// An answer that must do although it may be old, since upstreams fail.
    pub(crate) fn get_stale(&self, key: &[u8], now: Instant) -> Option<Arc<Relayed>> {
        let mut kept = self.kept.get(key)?;
        if !self.is_usable(&kept, now) {
            return None;
        }
        kept.stale_until = Some(now + RETRY);
        let answer = Arc::clone(&kept.answer);
        self.kept.insert(key.into(), kept);
        Some(answer)
    }

    /// Keeps an answer, if its TTLs allow it at all. A failure never takes the place of
    /// an answer that could still do.
    pub(crate) fn put(&self, key: Key, answer: &Arc<Relayed>, now: Instant) {
        if answer.lifetime_seconds == 0 {
            return;
        }
        let failed = !is_answer(answer.rcode());
        if failed && self.kept.get(&key).is_some_and(|kept| self.is_usable(&kept, now)) {
            return;
        }
        self.kept.insert(key, Kept { answer: Arc::clone(answer), since: now, stale_until: None });
    }

    /// How many answers are kept.
    pub(crate) fn len(&self) -> usize {
        self.kept.len()
    }

    fn is_usable(&self, kept: &Kept, now: Instant) -> bool {
        let age = now.saturating_duration_since(kept.since);
        is_answer(kept.answer.rcode()) && age < kept.lifetime() + self.stale
    }
}

fn is_answer(rcode: Rcode) -> bool {
    matches!(rcode, Rcode::NOERROR | Rcode::NXDOMAIN)
}

impl Kept {
    fn lifetime(&self) -> Duration {
        Duration::from_secs(self.answer.lifetime_seconds.into())
    }

    fn lives(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.since) < self.lifetime()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Question;
    use crate::relayed::Caps;

    const QUESTION: &[u8] = b"\x12\x34\x81\x80\0\x01\0\0\0\0\0\0\x01a\0\0\x01\0\x01";

    fn answer(rcode: u8, ttl: u8) -> Arc<Relayed> {
        let mut bytes = QUESTION.to_vec();
        bytes[3] |= rcode;
        bytes[7] = u8::from(rcode == 0);
        if rcode == 0 {
            bytes.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, ttl, 0, 4, 192, 0, 2, 1]);
        }
        let question = Question::read(QUESTION).unwrap();
        let caps = Caps { ttl: 100, negative_ttl: 100, trusts_ad: false };
        Arc::new(Relayed::read(0x1234, &question, &bytes, caps).unwrap())
    }

    fn key() -> Key {
        b"key".as_slice().into()
    }

    #[test]
    fn an_old_answer_does_while_upstreams_fail_and_no_longer() {
        let (cache, now) = (Cache::new(100, 1_000), Instant::now());
        let after = |seconds| now + Duration::from_secs(seconds);
        cache.put(key(), &answer(0, 60), now);
        assert_eq!(cache.get(&key(), after(59)).unwrap().1, Age::Fresh(59));
        assert!(cache.get(&key(), after(60)).is_none(), "asked anew first");
        assert!(cache.get_stale(&key(), after(60)).is_some());
        assert_eq!(cache.get(&key(), after(64)).unwrap().1, Age::Stale);
        assert!(cache.get(&key(), after(65)).is_none(), "upstreams are tried again");
        assert!(cache.get_stale(&key(), after(1_060)).is_none(), "too old");
        assert!(cache.get_since(&key(), after(60)).is_none());
    }

    #[test]
    fn a_failure_never_takes_the_place_of_what_could_do() {
        let (cache, now) = (Cache::new(100, 1_000), Instant::now());
        cache.put(key(), &answer(2, 0), now);
        assert_eq!(cache.get(&key(), now).unwrap().0.rcode(), Rcode::SERVFAIL);
        assert!(cache.get_stale(&key(), now).is_none(), "no answer at all");
        cache.put(key(), &answer(0, 60), now);
        let later = now + Duration::from_secs(61);
        cache.put(key(), &answer(2, 0), later);
        assert_eq!(cache.get_stale(&key(), later).unwrap().rcode(), Rcode::NOERROR);
    }
}
