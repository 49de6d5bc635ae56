//! The block set: which order, or which policy of a foreign zone, decides about
//! a name. Readers never wait for a writer, and an order costs what the order
//! weighs: three levels lie over one another, a small one that each order makes
//! anew, a middle one, and the base, which takes the middle one in shard by shard.
//! Knows nothing of DNS messages, clients or answers.
//!
//! Precedence (DESIGN 4): an `Allow` that covers the name wins; then the
//! category, in its own order; then the more specific target. Foreign zones come
//! after all orders.

mod beside;

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::{ArcSwap, Guard};
use belfry_journal::Category;

use crate::names::{Labels, Level, Seed};
use crate::rpz::{Ruling, ZoneSet};
use crate::rule::rules;
pub(crate) use crate::rule::{Effect, Rule, Slot};

/// Names in the level that every order makes anew.
const TOP_NAMES_MAX: usize = 128;
/// Names in the middle level, at least and at most; in between, a share of the base.
const MIDDLE_NAMES: std::ops::RangeInclusive<usize> = 4_096..=65_536;
const MIDDLE_SHARE: usize = 16;
/// Shards that are merged before readers get the result: more copies at once would
/// cost memory, fewer would publish more often.
const SHARDS_AT_ONCE: usize = 16;

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
    /// What foreign zones say, if no order decides.
    pub(crate) zones: Ruling,
    /// The hash of the whole name.
    pub(crate) hash: u64,
}

/// All that holds at one moment.
#[derive(Debug)]
pub(crate) struct State {
    /// Grows with every change: equal numbers mean an equal state.
    pub(crate) version: u64,
    /// From the newest to the oldest; what a name holds in one hides it in the next.
    levels: [Level; 3],
    rules: usize,
    zones: Arc<ZoneSet>,
    /// Nothing is found while this is set.
    paused: bool,
}

/// The set. One writer at a time, any number of readers.
pub(crate) struct BlockSet {
    seed: Seed,
    state: Arc<ArcSwap<State>>,
    versions: AtomicU64,
    writer: Mutex<()>,
}

impl BlockSet {
    /// The empty set, hashing with a seed from these octets.
    pub(crate) fn new(seed: [u8; 16]) -> Self {
        let seed = Seed::new(seed);
        let levels = [Level::empty(seed), Level::empty(seed), Level::empty(seed)];
        let zones = Arc::new(ZoneSet::empty(seed));
        let state = State { version: 1, levels, rules: 0, zones, paused: false };
        Self {
            seed,
            state: Arc::new(ArcSwap::from_pointee(state)),
            versions: AtomicU64::new(1),
            writer: Mutex::new(()),
        }
    }

    /// What holds for a name in wire form and lower case.
    #[cfg(test)]
    pub(crate) fn find(&self, name: &[u8]) -> Finding {
        self.state.load().find(name)
    }

    /// What holds now, for look-ups that must agree with one another.
    pub(crate) fn now(&self) -> Guard<Arc<State>> {
        self.state.load()
    }

    /// What holds, for a reader that looks often.
    pub(crate) fn watch(&self) -> arc_swap::Cache<Arc<ArcSwap<State>>, Arc<State>> {
        arc_swap::Cache::new(Arc::clone(&self.state))
    }

    /// Puts other rules in the place of all.
    pub(crate) fn replace(&self, rules: impl Iterator<Item = (Vec<u8>, Rule)>) {
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut entries: Vec<(Vec<u8>, Rule)> = rules.collect();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        let mut held: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
        let mut count = 0;
        for group in entries.chunk_by(|a, b| a.0 == b.0) {
            let mut rules = Vec::new();
            for (_, rule) in group {
                put(&mut rules, *rule);
            }
            count += rules.len();
            held.push((group[0].0.clone(), octets(&rules)));
        }
        drop(entries);
        let size = held.iter().map(|(name, held)| name.len() + held.len()).sum();
        let entries = || held.iter().map(|(name, held)| (name.clone(), &held[..]));
        let base = Level::of(self.seed, size, entries);
        self.publish([Level::empty(self.seed), Level::empty(self.seed), base], count);
    }

    /// Puts other foreign zones in the place of all.
    pub(crate) fn replace_zones(&self, zones: Arc<ZoneSet>) {
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.state.load();
        let (levels, rules, paused) = (before.levels.clone(), before.rules, before.paused);
        self.state.store(Arc::new(State { version: self.next(), levels, rules, zones, paused }));
    }

    /// Finds nothing from now on, or what it holds again.
    pub(crate) fn pause(&self, paused: bool) {
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.state.load();
        let (levels, rules) = (before.levels.clone(), before.rules);
        let zones = Arc::clone(&before.zones);
        self.state.store(Arc::new(State { version: self.next(), levels, rules, zones, paused }));
    }

    /// Whether it finds nothing.
    pub(crate) fn is_paused(&self) -> bool {
        self.state.load().paused
    }

    /// Sets one rule in its slot; it holds for the next look-up. Returns the rule before.
    pub(crate) fn set(&self, name: &[u8], rule: Rule) -> Option<Rule> {
        self.change(name, |rules| put(rules, rule))
    }

    /// Empties one slot, and returns what it held.
    pub(crate) fn remove(&self, name: &[u8], slot: Slot) -> Option<Rule> {
        self.change(name, |rules| take(rules, slot))
    }

    /// How many rules there are.
    pub(crate) fn len(&self) -> usize {
        self.state.load().rules
    }

    fn change(
        &self,
        name: &[u8],
        edit: impl FnOnce(&mut Vec<Rule>) -> Option<Rule>,
    ) -> Option<Rule> {
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let state = self.state.load_full();
        let hash = self.seed.name(name)?;
        let mut rules: Vec<Rule> = rules(state.held(hash, name).unwrap_or_default()).collect();
        let counted = rules.len();
        let before = edit(&mut rules);
        let held = octets(&rules);
        let count = state.rules - counted + rules.len();
        let [top, middle, base] = state.levels.clone();
        let top = with(&top, name, &held);
        self.publish([top, middle, base], count);
        drop(state);
        self.settle();
        before
    }

    /// Moves names down from levels that have grown; what holds stays the same.
    fn settle(&self) {
        let state = self.state.load_full();
        let [top, middle, base] = &state.levels;
        if top.len() <= TOP_NAMES_MAX {
            return;
        }
        let (empty, rules) = (Level::empty(self.seed), state.rules);
        let middle = over(top, middle);
        let share = (base.len() / MIDDLE_SHARE).clamp(*MIDDLE_NAMES.start(), *MIDDLE_NAMES.end());
        if middle.len() <= share {
            return self.publish([empty, middle, base.clone()], rules);
        }
        let mut base = base.clone();
        if !base.has_room_for(&middle) {
            base = without_empty(&over(&middle, &base));
            return self.publish([empty.clone(), empty, base], rules);
        }
        self.publish([empty.clone(), middle.clone(), base.clone()], rules);
        drop(state);
        for shard in 0..base.shards() {
            // A shard too large for its positions: all are cut anew.
            let Ok(merged) = base.with_shard_merged(shard, &middle) else {
                base = without_empty(&over(&middle, &base));
                break;
            };
            base = merged;
            if (shard + 1) % SHARDS_AT_ONCE == 0 {
                self.publish([empty.clone(), middle.clone(), base.clone()], rules);
            }
        }
        self.publish([empty.clone(), empty, base], rules);
    }

    fn publish(&self, levels: [Level; 3], rules: usize) {
        let before = self.state.load();
        let (zones, paused) = (Arc::clone(&before.zones), before.paused);
        self.state.store(Arc::new(State { version: self.next(), levels, rules, zones, paused }));
    }

    fn next(&self) -> u64 {
        self.versions.fetch_add(1, Ordering::Relaxed) + 1
    }
}

impl State {
    /// What holds for a name in wire form and lower case.
    pub(crate) fn find(&self, name: &[u8]) -> Finding {
        Labels::of(name).map_or_else(Finding::default, |labels| self.find_labels(name, &labels))
    }

    /// The same, where the labels are known.
    #[inline]
    pub(crate) fn find_labels(&self, name: &[u8], labels: &Labels) -> Finding {
        let mut finding = Finding::default();
        if self.paused {
            finding.hash = labels.hash(self.zones.seed(), name);
            return finding;
        }
        if self.rules > 0 {
            self.find_orders(name, labels, &mut finding);
        }
        if self.zones.is_empty() {
            if self.rules == 0 {
                finding.hash = labels.hash(self.levels[2].seed(), name);
            }
        } else {
            (finding.zones, finding.hash) = self.zones.find(name, labels);
        }
        if finding.allow.is_some() {
            finding.block = None;
            finding.shadow = None;
            finding.zones = Ruling::default();
        }
        finding
    }

    #[inline]
    fn find_orders(&self, name: &[u8], labels: &Labels, finding: &mut Finding) {
        let seed = self.levels[2].seed();
        let least = self.levels.iter().map(Level::labels_min).min().unwrap_or_default();
        let mut hash = seed.root();
        for (depth, (at, next)) in labels.root_first().enumerate() {
            hash = seed.label(hash, &name[at..next]);
            if depth + 1 < least {
                continue;
            }
            for rule in self.held(hash, &name[at..]).into_iter().flat_map(rules) {
                if at == 0 || rule.slot.subtree {
                    finding.consider(Hit { rule, at });
                }
            }
        }
        finding.hash = hash;
    }

    /// What a name holds in the newest level that knows it.
    #[inline]
    fn held(&self, hash: u64, name: &[u8]) -> Option<&[u8]> {
        self.levels.iter().filter(|level| level.len() > 0).find_map(|level| level.find(hash, name))
    }

    /// Whether nothing is found.
    pub(crate) fn is_paused(&self) -> bool {
        self.paused
    }

    /// What the zones say about a query of `client` whose name has this finding.
    pub(crate) fn ruling(&self, finding: &Finding, client: Option<IpAddr>) -> Ruling {
        if self.paused || finding.allow.is_some() {
            return finding.zones;
        }
        self.zones.of_client(client, finding.zones)
    }

    /// The level that holds most orders.
    pub(crate) fn base(&self) -> &Level {
        &self.levels[2]
    }

    /// The foreign zones.
    pub(crate) fn zones(&self) -> &ZoneSet {
        &self.zones
    }

    /// The same, to be held on to.
    pub(crate) fn zones_shared(&self) -> &Arc<ZoneSet> {
        &self.zones
    }
}

/// `level` with what one name holds.
fn with(level: &Level, name: &[u8], held: &[u8]) -> Level {
    let change = || std::iter::once((name.to_vec(), held));
    let octets = level.octets() + name.len() + held.len();
    Level::of(level.seed(), octets, || level.iter().chain(change()))
}

/// All names of both, those of `upper` as it has them.
fn over(upper: &Level, lower: &Level) -> Level {
    let octets = upper.octets() + lower.octets();
    Level::of(upper.seed(), octets, || lower.iter().chain(upper.iter()))
}

/// A level less the names that hold nothing.
fn without_empty(level: &Level) -> Level {
    let entries = || level.iter().filter(|(_, held)| !held.is_empty());
    Level::of(level.seed(), level.octets(), entries)
}

fn octets(rules: &[Rule]) -> Vec<u8> {
    let mut held = Vec::new();
    for rule in rules {
        rule.push(&mut held);
    }
    held
}

/// Sets the rule in its slot, and returns what was there.
fn put(rules: &mut Vec<Rule>, rule: Rule) -> Option<Rule> {
    let before = take(rules, rule.slot);
    rules.push(rule);
    before
}

/// Empties the slot, and returns what was there.
fn take(rules: &mut Vec<Rule>, slot: Slot) -> Option<Rule> {
    let at = rules.iter().position(|rule| rule.slot == slot)?;
    Some(rules.remove(at))
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
