//! The block set: which order decides about a name. Readers never wait for a
//! writer; one order costs a copy of the few names that share its shard, not of
//! the set. Knows nothing of DNS messages, clients or answers.
//!
//! Precedence (DESIGN 4): an `Allow` that covers the name wins; then the
//! category, in its own order; then the more specific target.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use belfry_journal::{Category, PublicReason, Serial, UnixMillis};

use crate::name::ancestors;

/// Shards of the map, a power of two: a million names make 61 a shard, which is
/// what one order copies; empty shards cost 8 octets each.
const SHARDS: usize = 1 << 14;

/// Whether a rule acts, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Effect {
    /// Never block.
    Allow,
    /// Answer with the warning.
    Block,
    /// Count what a block would have done.
    Shadow,
}

/// What at most one order holds at a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Slot {
    /// Names below are meant too.
    pub(crate) subtree: bool,
    /// The category.
    pub(crate) category: Category,
    /// Counted only.
    pub(crate) shadow: bool,
}

/// An order as the gate holds it at its target's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// Its place at the name.
    pub(crate) slot: Slot,
    /// What it does.
    pub(crate) effect: Effect,
    /// MX and TXT go on being answered.
    pub(crate) keeps_mail: bool,
    /// Its entry.
    pub(crate) serial: Serial,
    /// What the public may read.
    pub(crate) reason: PublicReason,
    /// When it was ordered.
    pub(crate) issued_at: UnixMillis,
    /// Until when.
    pub(crate) valid_until: UnixMillis,
}

/// A rule that covers a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    /// The rule.
    pub(crate) rule: Rule,
    /// Where its target starts in the name's wire form.
    pub(crate) at: usize,
}

/// What the set says about a name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Finding {
    /// An `Allow` that covers it: nothing else counts then.
    pub(crate) allow: Option<Hit>,
    /// The block that decides, if no `Allow` does.
    pub(crate) block: Option<Hit>,
    /// The shadow order that would decide if it were live and alone.
    pub(crate) shadow: Option<Hit>,
}

type Shard = HashMap<Box<[u8]>, Box<[Rule]>>;

struct Table {
    shards: Box<[ArcSwap<Shard>]>,
    rules: AtomicUsize,
}

/// The set. One writer at a time, any number of readers.
pub(crate) struct BlockSet {
    hasher: RandomState,
    table: ArcSwap<Table>,
    writer: Mutex<()>,
}

impl BlockSet {
    /// The empty set.
    pub(crate) fn new() -> Self {
        let table = Table::of(vec![Shard::new(); SHARDS], 0);
        Self {
            hasher: RandomState::new(),
            table: ArcSwap::from_pointee(table),
            writer: Mutex::new(()),
        }
    }

    /// What holds for a name in wire form and lower case.
    pub(crate) fn find(&self, name: &[u8]) -> Finding {
        let table = self.table.load();
        let mut finding = Finding::default();
        for (at, ancestor) in ancestors(name) {
            let shard = table.shards[self.shard(ancestor)].load();
            for rule in shard.get(ancestor).into_iter().flatten() {
                if at == 0 || rule.slot.subtree {
                    finding.consider(Hit { rule: *rule, at });
                }
            }
        }
        if finding.allow.is_some() {
            finding.block = None;
            finding.shadow = None;
        }
        finding
    }

    /// Puts other rules in the place of all.
    pub(crate) fn replace(&self, rules: impl Iterator<Item = (Vec<u8>, Rule)>) {
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut shards = vec![Shard::new(); SHARDS];
        let mut count = 0;
        for (name, rule) in rules {
            count += usize::from(put(&mut shards[self.shard(&name)], &name, rule).is_none());
        }
        self.table.store(Arc::new(Table::of(shards, count)));
    }

    /// Sets one rule in its slot; it holds for the next look-up. Returns the rule before.
    pub(crate) fn set(&self, name: &[u8], rule: Rule) -> Option<Rule> {
        self.change(name, |shard, rules| {
            let before = put(shard, name, rule);
            rules.fetch_add(usize::from(before.is_none()), Ordering::Relaxed);
            before
        })
    }

    /// Empties one slot, and returns what it held.
    pub(crate) fn remove(&self, name: &[u8], slot: Slot) -> Option<Rule> {
        self.change(name, |shard, rules| {
            let before = take(shard, name, slot);
            rules.fetch_sub(usize::from(before.is_some()), Ordering::Relaxed);
            before
        })
    }

    /// How many rules there are.
    pub(crate) fn len(&self) -> usize {
        self.table.load().rules.load(Ordering::Relaxed)
    }

    fn change<T>(&self, name: &[u8], edit: impl FnOnce(&mut Shard, &AtomicUsize) -> T) -> T {
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let table = self.table.load();
        let place = &table.shards[self.shard(name)];
        let mut shard = Shard::clone(&place.load());
        let before = edit(&mut shard, &table.rules);
        place.store(Arc::new(shard));
        before
    }

    fn shard(&self, name: &[u8]) -> usize {
        let [low, high, ..] = self.hasher.hash_one(name).to_le_bytes();
        usize::from(u16::from_le_bytes([low, high])) % SHARDS
    }
}

impl Table {
    fn of(shards: Vec<Shard>, rules: usize) -> Self {
        let empty = Arc::new(Shard::new());
        let place = |shard: Shard| {
            ArcSwap::new(if shard.is_empty() { Arc::clone(&empty) } else { Arc::new(shard) })
        };
        Self { shards: shards.into_iter().map(place).collect(), rules: AtomicUsize::new(rules) }
    }
}

/// Sets the rule in its slot, and returns what was there.
fn put(shard: &mut Shard, name: &[u8], rule: Rule) -> Option<Rule> {
    let before = take(shard, name, rule.slot);
    let mut rules = shard.remove(name).unwrap_or_default().into_vec();
    rules.push(rule);
    shard.insert(name.into(), rules.into());
    before
}

/// Empties the slot, and returns what was there.
fn take(shard: &mut Shard, name: &[u8], slot: Slot) -> Option<Rule> {
    let rules = shard.get(name)?;
    let taken = *rules.iter().find(|rule| rule.slot == slot)?;
    let rest: Box<[Rule]> = rules.iter().filter(|rule| rule.slot != slot).copied().collect();
    if rest.is_empty() {
        shard.remove(name);
    } else {
        shard.insert(name.into(), rest);
    }
    Some(taken)
}

impl Finding {
    fn consider(&mut self, hit: Hit) {
        let place = match hit.rule.effect {
            Effect::Allow => &mut self.allow,
            Effect::Block => &mut self.block,
            Effect::Shadow => &mut self.shadow,
        };
        if place.is_none_or(|best| hit.rank() < best.rank()) {
            *place = Some(hit);
        }
    }
}

impl Hit {
    /// Less comes first: category, then the longer name, then exactly the name.
    fn rank(&self) -> (Category, usize, bool) {
        (self.rule.slot.category, self.at, self.rule.slot.subtree)
    }
}

impl std::fmt::Debug for BlockSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BlockSet").field("rules", &self.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
