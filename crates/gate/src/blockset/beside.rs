//! One set beside another: what waits to be confirmed is kept up like what holds, shares
//! with it what both have, and takes its place in one step.

use std::collections::HashSet;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use belfry_journal::Serial;

use crate::blockset::{BlockSet, Effect, Level, Rule, Slot, State, ZoneSet, rules};

impl BlockSet {
    /// A set of its own with what this one holds of orders.
    pub(crate) fn beside(&self) -> Self {
        let now = self.now();
        self.of(now.levels.clone(), now.rules)
    }

    /// An empty set that can take this one's place.
    pub(crate) fn empty_beside(&self) -> Self {
        self.of(std::array::from_fn(|_| Level::empty(self.seed)), 0)
    }

    fn of(&self, levels: [Level; 3], rules: usize) -> Self {
        let zones = Arc::new(ZoneSet::empty(self.seed));
        let state = State { version: 1, levels, rules, zones, paused: false };
        Self {
            seed: self.seed,
            state: Arc::new(ArcSwap::from_pointee(state)),
            versions: AtomicU64::new(1),
            writer: Mutex::new(()),
        }
    }

    /// Holds what `other`, a set beside this one, holds of orders.
    pub(crate) fn adopt(&self, other: &Self) {
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let other = other.now();
        self.publish(other.levels.clone(), other.rules);
    }

    /// Names about which the two say something else, whatever order says it.
    pub(crate) fn names_changed(&self, other: &Self) -> usize {
        let (ours, theirs) = (self.now(), other.now());
        let beyond = |from: &State, to: &State, unknown_only: bool| {
            let mut count = 0;
            from.each(|name, held| {
                let hash = self.seed.name(name);
                let there = hash.and_then(|hash| to.held(hash, name)).unwrap_or_default();
                let counts = !unknown_only || there.is_empty();
                count += usize::from(counts && meaning(held) != meaning(there));
            });
            count
        };
        beyond(&theirs, &ours, false) + beyond(&ours, &theirs, true)
    }

    /// The orders that hold.
    pub(crate) fn serials(&self) -> HashSet<Serial> {
        let mut serials = HashSet::new();
        self.now().each(|_, held| serials.extend(rules(held).map(|rule| rule.serial)));
        serials
    }
}

impl State {
    /// Goes over what each name holds.
    fn each(&self, mut visit: impl FnMut(&[u8], &[u8])) {
        for (depth, level) in self.levels.iter().enumerate() {
            for (name, held) in level.iter().filter(|(_, held)| !held.is_empty()) {
                let hash = level.seed().name(&name);
                let newer =
                    |hash| self.levels[..depth].iter().any(|l| l.find(hash, &name).is_some());
                if !hash.is_some_and(newer) {
                    visit(&name, held);
                }
            }
        }
    }
}

/// What rules come to for those who ask: no shadow, no numbers.
fn meaning(held: &[u8]) -> Vec<(Slot, Effect)> {
    let live = rules(held).filter(|rule: &Rule| rule.effect != Effect::Shadow);
    let mut meaning: Vec<_> = live.map(|rule| (rule.slot, rule.effect)).collect();
    meaning.sort_by_key(|(slot, effect)| (slot.subtree, slot.category, *effect as u8));
    meaning
}

#[cfg(test)]
mod tests {
    use belfry_journal::{Category, PublicReason, UnixMillis};

    use super::*;

    fn rule(serial: u64, effect: Effect) -> Rule {
        Rule {
            slot: Slot {
                subtree: true,
                category: Category::Phishing,
                shadow: effect == Effect::Shadow,
            },
            effect,
            keeps_mail: false,
            serial: Serial(serial),
            reason: PublicReason::Impersonation,
            issued_at: UnixMillis(1),
            valid_until: UnixMillis(2),
        }
    }

    fn name(number: u64) -> Vec<u8> {
        belfry_indicator::Domain::parse(&format!("n{number}.example")).unwrap().to_wire()
    }

    fn set(names: std::ops::Range<u64>) -> BlockSet {
        let set = BlockSet::new([7; 16]);
        set.replace(names.map(|number| (name(number), rule(number, Effect::Block))));
        set
    }

    #[test]
    fn changes_are_names_not_counts() {
        let ours = set(0..1_000);
        let other = ours.empty_beside();
        assert_eq!(ours.names_changed(&other), 1_000);
        other.replace((500..1_500).map(|n| (name(n), rule(n, Effect::Block))));
        assert_eq!(ours.names_changed(&other), 1_000, "as many, and half of them others");
        let beside = ours.beside();
        beside.set(&name(3), rule(9_000, Effect::Block));
        beside.set(&name(4), rule(9_001, Effect::Shadow));
        assert_eq!(ours.names_changed(&beside), 0, "another order that says the same, a shadow");
        beside.set(&name(3), rule(9_002, Effect::Allow));
        beside.remove(&name(5), rule(5, Effect::Block).slot);
        beside.set(&name(2_000), rule(2_000, Effect::Block));
        assert_eq!((ours.names_changed(&beside), beside.names_changed(&ours)), (3, 3));
    }

    #[test]
    fn a_set_beside_takes_the_place_and_changes_nothing_before() {
        let ours = set(0..10);
        let beside = ours.beside();
        beside.set(&name(50), rule(50, Effect::Block));
        assert!(ours.find(&name(50)).block.is_none());
        let version = ours.now().version;
        ours.adopt(&beside);
        assert!(ours.find(&name(50)).block.is_some() && ours.now().version > version);
        assert_eq!((ours.len(), ours.serials().len()), (11, 11));
        assert_eq!(ours.names_changed(&beside), 0);
    }
}
