//! Answers kept for as long as their TTLs say. Knows no client and no order:
//! the block set is asked before, and about every target again after.

use std::sync::Arc;
use std::time::{Duration, Instant};

use quick_cache::Weighter;
use quick_cache::sync::Cache as Quick;

use crate::query::Query;
use crate::relayed::Relayed;

/// What one entry of `cache_entries_max` stands for.
const PIECE_OCTETS: usize = 512;

/// Name, type, class, DO and CD: all that changes an upstream's answer.
pub(crate) type Key = Box<[u8]>;

/// The key of a query.
pub(crate) fn key(query: &Query) -> Key {
    let question = &query.question;
    let mut key = question.name.clone();
    key.extend(question.qtype.to_int().to_be_bytes());
    key.extend(question.qclass.to_int().to_be_bytes());
    key.push(u8::from(query.dnssec_ok()) | u8::from(query.cd) << 1);
    key.into()
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
        let kept = self.kept.get(key)?;
        let age = now.saturating_duration_since(kept.since);
        if age >= Duration::from_secs(kept.answer.lifetime_seconds.into()) {
            return None;
        }
        Some((kept.answer, u32::try_from(age.as_secs()).unwrap_or(u32::MAX)))
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
