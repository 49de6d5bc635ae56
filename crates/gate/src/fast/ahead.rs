//! Looks ahead over a batch: what its queries will be held against is fetched from
//! memory for all of them together, so that none waits for its own. Decides
//! nothing: a query that is looked at wrongly is only slower.

use belfry_sys::{SLOTS, fetch_ahead};

use crate::blockset::State;
use crate::fast::kept::Kept;
use crate::names::{Labels, Level};
use crate::query::HEADER_OCTETS;

/// Names of a query, itself and those above it, that are looked ahead for.
const NAMES: usize = 4;

/// What is known of one query.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// Hashes of the longest names, the query's own last.
    hashes: [u64; NAMES],
    names: usize,
    /// Where a thread's own answer would be.
    key: u64,
}

/// Room for a batch.
#[derive(Debug)]
pub(super) struct Ahead {
    seen: [Seen; SLOTS],
    labels: Labels,
    name: [u8; 256],
}

impl Ahead {
    /// Made once.
    pub(super) fn room() -> Box<Self> {
        Box::new(Self { seen: [Seen::default(); SLOTS], labels: Labels::none(), name: [0; 256] })
    }

    /// Looks at one query of the batch.
    #[inline]
    pub(super) fn look(&mut self, slot: usize, packet: &[u8], state: &State, kept: &Kept) {
        let Some(seen) = self.seen.get_mut(slot) else { return };
        seen.names = 0;
        let Some(body) = packet.get(HEADER_OCTETS..) else { return };
        if !self.labels.read(body) {
            return;
        }
        let octets = self.labels.octets();
        for (lower, octet) in self.name.iter_mut().zip(&body[..octets]) {
            *lower = octet.to_ascii_lowercase();
        }
        let Some(level) = state.largest() else { return };
        let mut hash = level.seed().root();
        for (depth, (at, next)) in self.labels.root_first().enumerate() {
            hash = level.seed().label(hash, &self.name[at..next]);
            if depth + 1 >= level.labels_min() {
                level.fetch_slot(hash);
                seen.hashes[seen.names % NAMES] = hash;
                seen.names += 1;
            }
        }
        let qtype =
            body.get(octets..octets + 2).map_or(0, |two| u16::from_be_bytes([two[0], two[1]]));
        seen.key = Kept::usual_key(hash, qtype);
        kept.fetch_tags(seen.key);
    }

    /// Fetches what the first look has found the places of.
    #[inline]
    pub(super) fn fetch(&self, count: usize, state: &State, kept: &Kept) {
        let Some(level) = state.largest() else { return };
        for seen in self.seen.iter().take(count) {
            for hash in seen.hashes.iter().take(seen.names) {
                level.fetch_entry(*hash);
            }
            kept.fetch_entry(seen.key);
        }
        for seen in self.seen.iter().take(count) {
            kept.fetch_answer(seen.key);
        }
    }
}

impl State {
    /// The level that is worth looking ahead for: the others fit in the cache.
    #[inline]
    fn largest(&self) -> Option<&Level> {
        let (orders, zones) = (self.base(), self.zones().names());
        let largest = if zones.len() >= orders.len() { zones } else { orders };
        (largest.len() > LEAST_NAMES).then_some(largest)
    }
}

/// Fewer names are in the processor's cache anyway.
const LEAST_NAMES: usize = 4_096;

/// Batches this small are answered at once.
pub(super) const LEAST_QUERIES: usize = 4;

/// Fetches the start of some octets, and the line after it.
#[inline]
pub(super) fn fetch_octets(octets: &[u8]) {
    if let Some(first) = octets.first() {
        fetch_ahead(first);
    }
    if let Some(later) = octets.get(64) {
        fetch_ahead(later);
    }
}

#[cfg(test)]
mod tests {
    use belfry_journal::{Category, PublicReason, Serial, UnixMillis};

    use super::*;
    use crate::blockset::{BlockSet, Effect, Rule, Slot};

    fn rule(number: u64) -> Rule {
        Rule {
            slot: Slot { subtree: true, category: Category::Phishing, shadow: false },
            effect: Effect::Block,
            keeps_mail: false,
            serial: Serial(number),
            reason: PublicReason::Impersonation,
            issued_at: UnixMillis(1),
            valid_until: UnixMillis(2),
        }
    }

    #[test]
    fn whatever_comes_is_looked_at_without_harm() {
        let set = BlockSet::new([7; 16]);
        let rules = (0..5_000_u64).map(|number| {
            let name = format!("n{number}.example");
            let wire = belfry_indicator::Domain::parse(&name).unwrap().to_wire();
            (wire, rule(number))
        });
        set.replace(rules);
        let (state, kept, mut ahead) = (set.now(), Kept::new(), Ahead::room());
        let query = b"\0\0\x01\0\0\x01\0\0\0\0\0\0\x02n7\x07example\0\0\x01\0\x01";
        let deep = [&query[..12], &b"\x01a".repeat(127), b"\0\0\x01\0\x01"].concat();
        let packets = [&query[..], b"", &query[..15], &[0xff; 60], &deep];
        for (slot, packet) in packets.into_iter().enumerate() {
            ahead.look(slot, packet, &state, &kept);
        }
        ahead.look(SLOTS, query, &state, &kept);
        ahead.fetch(SLOTS + 1, &state, &kept);
        assert_eq!(ahead.seen[0].names, 1);
        assert_eq!(ahead.seen[4].names, 126, "the last names of a deep one");
        assert!(state.largest().is_some_and(|level| level.len() == 5_000));
    }
}
