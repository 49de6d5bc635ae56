//! Answers kept for as long as their TTLs say. Knows no client and no order:
//! the block set is asked before, and about every target again after.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::base::iana::Rtype;
use quick_cache::Weighter;
use quick_cache::sync::Cache as Quick;

use crate::query::Query;
use crate::relayed::Relayed;

/// What one entry of `cache_entries_max` stands for.
const PIECE_OCTETS: usize = 512;

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
}

#[derive(Clone, Debug)]
struct Pieces;

impl Weighter<Key, Kept> for Pieces {
    fn weight(&self, key: &Key, kept: &Kept) -> u64 {
        (key.len() + kept.answer.octets()).div_ceil(PIECE_OCTETS) as u64
    }
}

/// The cache.
#[derive(Debug)]
pub(crate) struct Cache {
    kept: Quick<Key, Kept, Pieces>,
}

impl Cache {
    /// A cache of at most `entries_max` pieces of 512 octets.
    pub(crate) fn new(entries_max: usize) -> Self {
        Self { kept: Quick::with_weighter(entries_max, entries_max as u64, Pieces) }
    }

    /// The answer and its age in seconds, while its lifetime lasts.
    pub(crate) fn get(&self, key: &[u8], now: Instant) -> Option<(Arc<Relayed>, u32)> {
        let (answer, since) = self.get_since(key, now)?;
        let age = now.saturating_duration_since(since).as_secs();
        Some((answer, u32::try_from(age).unwrap_or(u32::MAX)))
    }

    /// The answer and when it came, while its lifetime lasts.
    pub(crate) fn get_since(&self, key: &[u8], now: Instant) -> Option<(Arc<Relayed>, Instant)> {
        let kept = self.kept.get(key)?;
        let age = now.saturating_duration_since(kept.since);
        let lives = age < Duration::from_secs(kept.answer.lifetime_seconds.into());
        lives.then_some((kept.answer, kept.since))
    }

    /// Keeps an answer, if its TTLs allow it at all.
    pub(crate) fn put(&self, key: Key, answer: &Arc<Relayed>, now: Instant) {
        if answer.lifetime_seconds > 0 {
            self.kept.insert(key, Kept { answer: Arc::clone(answer), since: now });
        }
    }

    /// How many answers are kept.
    pub(crate) fn len(&self) -> usize {
        self.kept.len()
    }
}
