//! Each record, set of records and policy once, by a small number: a million
//! names that lead to the same warning share one policy.

use std::collections::HashMap;

use crate::rpz::policy::{Action, PolicyRecord};
use crate::rpz::{NamePolicy, Policies};

/// The numbers given so far; number 0 is the empty set, and the empty policy.
#[derive(Debug)]
pub(super) struct Interner {
    records: Numbered<PolicyRecord>,
    sets: Numbered<Box<[u32]>>,
    policies: Numbered<Box<[NamePolicy]>>,
    /// What came of adding a record to a policy.
    grown: HashMap<Growth, u32>,
    /// The last of these: most names of a zone repeat it.
    last: Option<(Growth, u32)>,
}

type Growth = (u32, u8, Side, u32);

/// Which names a policy of a name is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Side {
    /// The name itself.
    Exact,
    /// All names below it.
    Below,
}

#[derive(Debug)]
struct Numbered<T> {
    all: Vec<T>,
    numbers: HashMap<T, u32>,
}

impl<T: Clone + Eq + std::hash::Hash> Numbered<T> {
    fn new(first: Option<T>) -> Self {
        let mut this = Self { all: Vec::new(), numbers: HashMap::new() };
        if let Some(first) = first {
            this.number(first);
        }
        this
    }

    fn number(&mut self, one: T) -> u32 {
        if let Some(number) = self.numbers.get(&one) {
            return *number;
        }
        let number = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.all.push(one.clone());
        self.numbers.insert(one, number);
        number
    }

    fn get(&self, number: u32) -> &T {
        &self.all[usize::try_from(number).unwrap_or(usize::MAX)]
    }
}

impl Interner {
    /// Nothing but the two empty ones.
    pub(super) fn new() -> Self {
        Self {
            records: Numbered::new(None),
            sets: Numbered::new(Some(Box::default())),
            policies: Numbered::new(Some(Box::default())),
            grown: HashMap::new(),
            last: None,
        }
    }

    /// The number of a record.
    pub(super) fn record(&mut self, record: PolicyRecord) -> u32 {
        self.records.number(record)
    }

    /// The set with a record more.
    pub(super) fn add(&mut self, set: u32, record: u32) -> u32 {
        let records = self.sets.get(set);
        if records.contains(&record) {
            return set;
        }
        let more: Box<[u32]> = records.iter().copied().chain([record]).collect();
        self.sets.number(more)
    }

    /// The policy with a record more on one side of one zone.
    #[inline]
    pub(super) fn grow(&mut self, policy: u32, zone: u8, side: Side, record: u32) -> u32 {
        let growth = (policy, zone, side, record);
        match self.last {
            Some((last, grown)) if last == growth => grown,
            _ => {
                let grown = self.grow_anew(growth);
                self.last = Some((growth, grown));
                grown
            }
        }
    }

    fn grow_anew(&mut self, growth: Growth) -> u32 {
        if let Some(grown) = self.grown.get(&growth) {
            return *grown;
        }
        let (policy, zone, side, record) = growth;
        let mut zones = self.policies.get(policy).to_vec();
        let at = zones.iter().position(|one| one.zone == zone).unwrap_or_else(|| {
            zones.push(NamePolicy { zone, exact: 0, below: 0 });
            zones.len() - 1
        });
        let place = match side {
            Side::Exact => &mut zones[at].exact,
            Side::Below => &mut zones[at].below,
        };
        *place = self.add(*place, record);
        zones.sort_unstable();
        let grown = self.policies.number(zones.into());
        self.grown.insert(growth, grown);
        grown
    }

    /// Both policies in one: sides that both have hold the records of both.
    pub(super) fn join(&mut self, one: u32, other: u32) -> u32 {
        let mut joined = one;
        for policy in self.policies.get(other).to_vec() {
            for (side, set) in [(Side::Exact, policy.exact), (Side::Below, policy.below)] {
                for record in self.sets.get(set).to_vec() {
                    joined = self.grow(joined, policy.zone, side, record);
                }
            }
        }
        joined
    }

    /// The policy without the sides that block and are refused.
    pub(super) fn refuse(&mut self, policy: u32, exact: bool, below: bool) -> u32 {
        let mut zones = self.policies.get(policy).to_vec();
        for one in &mut zones {
            if exact && self.blocks(one.exact) {
                one.exact = 0;
            }
            if below && self.blocks(one.below) {
                one.below = 0;
            }
        }
        zones.retain(|one| (one.exact, one.below) != (0, 0));
        self.policies.number(zones.into())
    }

    fn blocks(&self, set: u32) -> bool {
        set != 0 && self.action(self.sets.get(set)).blocks()
    }

    fn action(&self, set: &[u32]) -> Action {
        Action::of(set.iter().map(|record| self.records.get(*record)))
    }

    /// All policies and all actions, by number.
    pub(super) fn finish(self) -> (Policies, Box<[Action]>) {
        let actions = self.sets.all.iter().map(|set| self.action(set)).collect();
        (self.policies.all.into(), actions)
    }
}

#[cfg(test)]
mod tests {
    use domain::base::iana::Rtype;

    use super::*;

    fn record(interner: &mut Interner, rtype: Rtype, data: &[u8]) -> u32 {
        interner.record(PolicyRecord { rtype, ttl: 60, data: data.into() })
    }

    #[test]
    fn names_with_the_same_records_share_a_policy() {
        let mut interner = Interner::new();
        let (a, b) =
            (record(&mut interner, Rtype::A, &[1; 4]), record(&mut interner, Rtype::A, &[2; 4]));
        assert_eq!(record(&mut interner, Rtype::A, &[1; 4]), a);
        let mut grow = |policy, record| interner.grow(policy, 0, Side::Exact, record);
        let both = grow(0, a);
        let both = grow(both, b);
        assert_eq!(grow(both, a), both, "a record counts once");
        let one = grow(0, a);
        assert_eq!(grow(one, b), both);
        assert_ne!(interner.grow(0, 1, Side::Exact, a), one, "another zone");
        assert_ne!(interner.grow(0, 0, Side::Below, a), one, "another side");
    }

    #[test]
    fn joining_keeps_zones_apart() {
        let mut interner = Interner::new();
        let (a, b) =
            (record(&mut interner, Rtype::A, &[1; 4]), record(&mut interner, Rtype::A, &[2; 4]));
        let first = interner.grow(0, 0, Side::Exact, a);
        let second = interner.grow(0, 1, Side::Below, b);
        let joined = interner.join(first, second);
        assert_eq!(joined, interner.join(second, first));
        let more = interner.grow(0, 0, Side::Exact, b);
        let wider = interner.join(joined, more);
        let (policies, actions) = interner.finish();
        let [zero, one] = &*policies[wider as usize] else { panic!() };
        assert_eq!(((zero.zone, zero.below), (one.zone, one.exact)), ((0, 0), (1, 0)));
        let Action::Local(local) = &actions[zero.exact as usize] else { panic!() };
        assert_eq!(local.records.len(), 2);
    }

    #[test]
    fn only_what_blocks_is_refused() {
        let mut interner = Interner::new();
        let pass = record(&mut interner, Rtype::CNAME, b"\x0crpz-passthru\0");
        let block = record(&mut interner, Rtype::CNAME, b"\0");
        let policy = interner.grow(0, 0, Side::Exact, pass);
        let policy = interner.grow(policy, 0, Side::Below, block);
        let kept = interner.refuse(policy, true, true);
        assert_eq!(kept, interner.grow(0, 0, Side::Exact, pass));
        assert_eq!(interner.refuse(policy, true, false), policy);
        let blocked = interner.grow(0, 0, Side::Exact, block);
        assert_eq!(interner.refuse(blocked, true, false), 0);
    }
}
