//! Answers that one thread keeps for itself, beside the cache that all share: in
//! sets of four by hash, each as it will be sent. An answer that leads to other
//! names was found clean at one version of the block set; at any other it is
//! looked at again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use belfry_sys::fetch_ahead;
use domain::base::iana::Rcode;

use crate::blockset::State;
use crate::fast::ahead::fetch_octets;
use crate::fast::ask::Ask;
use crate::fast::write::{head, plain_opt};
use crate::query::HEADER_OCTETS;
use crate::relayed::Relayed;

/// Sets of answers; a power of two.
const SETS: usize = 1 << 13;
const WAYS: usize = 4;
const NANOS: u64 = 1_000_000_000;
/// Longer answers go the slow way.
const MESSAGE_OCTETS_MAX: usize = 1_232;

/// One thread's answers.
#[derive(Debug)]
pub(super) struct Kept {
    /// Part of each entry's key, so that a look-up touches no entry but its own.
    tags: Box<[[u32; WAYS]]>,
    entries: Box<[Option<Entry>]>,
    next_way: usize,
    /// Times are counted from here.
    began: Instant,
}

/// Of one line of the processor's cache, with what it holds behind it.
#[derive(Debug)]
#[repr(align(64))]
struct Entry {
    /// The version of the block set at which the answer is clean.
    version: u64,
    /// It leads to no other name: clean as long as no zone looks at addresses.
    leads_nowhere: bool,
    /// When it came, in nanoseconds.
    since: u64,
    lifetime_seconds: u32,
    ttl_cap: u32,
    rcode: Rcode,
    flags: u8,
    authentic: bool,
    name_octets: u8,
    ttls: u8,
    /// The name, the places of TTLs, then the message after its question.
    held: Box<[u8]>,
    counts: [u16; 3],
}

/// What became of a look-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// An answer of so many octets is in the buffer.
    Answer(usize),
    /// Nothing that may be sent.
    Nothing,
}

/// What all but the name decides which answer it is.
fn flags(ask: &Ask) -> u8 {
    u8::from(ask.dnssec_ok()) | u8::from(ask.cd) << 1
}

/// The hash of a question, given that of its name.
#[inline]
fn key(hash: u64, ask: &Ask) -> u64 {
    let rest = u64::from(ask.qtype.to_int()) << 8 | u64::from(flags(ask));
    hash ^ rest.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn set(key: u64) -> usize {
    let [.., a, b] = key.to_le_bytes();
    usize::from(u16::from_le_bytes([a, b])) % SETS
}

/// Never 0, which is no entry.
fn tag(key: u64) -> u32 {
    let [a, b, c, d, ..] = key.to_le_bytes();
    u32::from_le_bytes([a, b, c, d]) | 1
}

impl Kept {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        // An answer may have come shortly before its thread began.
        let now = Instant::now();
        let began = now.checked_sub(Duration::from_secs(3_600)).unwrap_or(now);
        let entries = (0..SETS * WAYS).map(|_| None).collect();
        let tags = vec![[0; WAYS]; SETS].into();
        Self { tags, entries, next_way: 0, began }
    }

    /// The key of a question without DNSSEC, given the hash of its name.
    #[inline]
    pub(super) fn usual_key(hash: u64, qtype: u16) -> u64 {
        hash ^ (u64::from(qtype) << 8).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }

    /// Has the tags of a key fetched from memory.
    #[inline]
    pub(super) fn fetch_tags(&self, key: u64) {
        fetch_ahead(&self.tags[set(key)]);
    }

    /// Has the entry of a key fetched, if there is one.
    #[inline]
    pub(super) fn fetch_entry(&self, key: u64) {
        if let Some(place) = self.place(key) {
            fetch_ahead(place);
        }
    }

    /// Has the answer of a key fetched, if there is one.
    #[inline]
    pub(super) fn fetch_answer(&self, key: u64) {
        if let Some(Some(entry)) = self.place(key) {
            fetch_octets(&entry.held);
        }
    }

    #[inline]
    fn place(&self, key: u64) -> Option<&Option<Entry>> {
        let (set, tag) = (set(key), tag(key));
        let way = self.tags[set].iter().position(|held| *held == tag)?;
        self.entries.get(set * WAYS + way)
    }

    /// The answer to `ask`, whose name has this hash, if it is clean in `state`.
    #[inline]
    pub(super) fn find(
        &self,
        octets: &mut [u8],
        ask: &Ask,
        hash: u64,
        state: &State,
        now: Instant,
    ) -> Found {
        let key = key(hash, ask);
        let (set, tag) = (set(key), tag(key));
        let ways = self.tags[set].iter().enumerate().filter(|(_, held)| **held == tag);
        let mut entries = ways.filter_map(|(way, _)| self.entries[set * WAYS + way].as_ref());
        let Some(entry) = entries.find(|entry| entry.is(ask)) else { return Found::Nothing };
        let nowhere = entry.leads_nowhere && !state.zones().looks_at_addresses();
        if entry.version != state.version && !nowhere {
            return Found::Nothing;
        }
        entry.write(octets, ask, self.nanos(now))
    }

    /// Keeps an answer that is clean at `version`.
    pub(super) fn put(
        &mut self,
        ask: &Ask,
        hash: u64,
        version: u64,
        (answer, since): (&Arc<Relayed>, Instant),
    ) {
        let key = key(hash, ask);
        let came = self.nanos(since);
        let Some(entry) = Entry::new(ask, version, answer, came) else { return };
        let (set, tag) = (set(key), tag(key));
        let entries = &mut self.entries[set * WAYS..][..WAYS];
        let same = |place: &Option<Entry>| place.as_ref().is_none_or(|one| one.is(ask));
        let over = |place: &Option<Entry>| place.as_ref().is_none_or(|one| one.is_over(came));
        let way = entries.iter().position(same).or_else(|| entries.iter().position(over));
        let way = way.unwrap_or_else(|| {
            self.next_way = (self.next_way + 1) % WAYS;
            self.next_way
        });
        entries[way] = Some(entry);
        self.tags[set][way] = tag;
    }

    fn nanos(&self, at: Instant) -> u64 {
        let since = at.saturating_duration_since(self.began);
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    }
}

impl Entry {
    fn new(ask: &Ask, version: u64, answer: &Relayed, since: u64) -> Option<Self> {
        let (message, ttls, ttl_cap) = answer.parts();
        let body = message.get(ask.end..).filter(|_| message.len() <= MESSAGE_OCTETS_MAX)?;
        let mut held = ask.name().to_vec();
        held.extend(ttls.iter().flat_map(|at| at.to_le_bytes()));
        held.extend_from_slice(body);
        let count = |at: usize| Some(u16::from_be_bytes(*message.get(at..)?.first_chunk()?));
        Some(Self {
            version,
            leads_nowhere: answer.targets.is_empty(),
            since,
            lifetime_seconds: answer.lifetime_seconds,
            ttl_cap,
            rcode: answer.rcode(),
            flags: flags(ask),
            authentic: answer.is_authentic(),
            name_octets: u8::try_from(ask.name().len()).ok()?,
            ttls: u8::try_from(ttls.len()).ok()?,
            held: held.into(),
            counts: [count(6)?, count(8)?, count(10)?],
        })
    }

    #[inline]
    fn is(&self, ask: &Ask) -> bool {
        let name = usize::from(self.name_octets);
        self.flags == flags(ask) && self.held.get(..name) == Some(ask.name())
    }

    #[inline]
    fn is_over(&self, now: u64) -> bool {
        now.saturating_sub(self.since) >= u64::from(self.lifetime_seconds) * NANOS
    }

    #[inline]
    fn write(&self, octets: &mut [u8], ask: &Ask, now: u64) -> Found {
        let (_, rest) = self.held.split_at(usize::from(self.name_octets));
        let (ttls, body) = rest.split_at(2 * usize::from(self.ttls));
        let end = ask.end + body.len();
        let opt = if ask.edns.is_some() { 11 } else { 0 };
        if self.is_over(now) || end + opt > ask.limit() {
            return Found::Nothing;
        }
        let age = now.saturating_sub(self.since) / NANOS;
        let age = u32::try_from(age).unwrap_or(u32::MAX);
        octets[ask.end..end].copy_from_slice(body);
        for at in ttls.chunks_exact(2) {
            let at = usize::from(u16::from_le_bytes([at[0], at[1]]));
            let Some(place) = octets.get_mut(at..).and_then(|rest| rest.first_chunk_mut::<4>())
            else {
                continue;
            };
            let left = u32::from_be_bytes(*place).min(self.ttl_cap).saturating_sub(age);
            *place = left.to_be_bytes();
        }
        let [answers, authority, additional] = self.counts;
        let additional = additional + u16::from(ask.edns.is_some());
        head(octets, ask, self.rcode, [answers, authority, additional]);
        octets[3] |= u8::from(self.authentic && ask.wants_ad) << 5;
        debug_assert!(ask.end > HEADER_OCTETS);
        Found::Answer(plain_opt(octets, ask, end))
    }
}
