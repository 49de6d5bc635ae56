//! [`Holdings`]: what holds, by name from the root down. The same fold as
//! `EffectiveSet`, arranged so that all orders at and below a name are together,
//! and without what no zone shows.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use belfry_indicator::Target;
use belfry_journal::{Action, Audience, Category, Mode, OperatorName, Order, Serial};

use crate::name::Path;

/// An order that holds, without its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) serial: Serial,
    /// The name and all below it, or only the name.
    pub(crate) whole: bool,
    pub(crate) category: Category,
    pub(crate) mode: Mode,
    pub(crate) allows: bool,
    /// Whom it is for; everyone without.
    pub(crate) operators: Option<Arc<BTreeSet<OperatorName>>>,
}

impl Held {
    pub(crate) fn of(serial: Serial, order: &Order) -> Self {
        let operators = match &order.audience {
            Audience::Everyone => None,
            Audience::Operators(names) => Some(Arc::new(names.clone())),
        };
        Self {
            serial,
            whole: matches!(order.target, Target::Domain(_)),
            category: order.category,
            mode: order.mode,
            allows: matches!(order.action, Action::Allow),
            operators,
        }
    }

    /// Whether at most one of the two can hold at a name.
    fn has_key_of(&self, other: &Self) -> bool {
        (self.whole, self.category, self.mode) == (other.whole, other.category, other.mode)
    }
}

/// Every order that holds.
#[derive(Clone, Debug, Default)]
pub struct Holdings {
    names: BTreeMap<Path, Vec<Held>>,
    serials: HashMap<Serial, Path>,
}

impl Holdings {
    /// Takes an order in; answers the name at which something changed.
    pub fn fold(&mut self, serial: Serial, order: &Order) -> Option<Path> {
        match order.action {
            Action::Block | Action::Allow => Some(self.hold(serial, order)),
            Action::Release { of } => self.release(of),
        }
    }

    fn hold(&mut self, serial: Serial, order: &Order) -> Path {
        let path = Path::of(order.target.name());
        let held = Held::of(serial, order);
        let here = self.names.entry(path.clone()).or_default();
        if let Some(at) = here.iter().position(|other| other.has_key_of(&held)) {
            let replaced = here.swap_remove(at);
            self.serials.remove(&replaced.serial);
        }
        here.push(held);
        self.serials.insert(serial, path.clone());
        path
    }

    fn release(&mut self, of: Serial) -> Option<Path> {
        let path = self.serials.remove(&of)?;
        if let Some(here) = self.names.get_mut(&path) {
            here.retain(|held| held.serial != of);
            if here.is_empty() {
                self.names.remove(&path);
            }
        }
        Some(path)
    }

    /// Drops what holds for a key; answers the name, if anything did.
    pub(crate) fn let_go(
        &mut self,
        target: &Target,
        category: Category,
        mode: Mode,
    ) -> Option<Path> {
        let whole = matches!(target, Target::Domain(_));
        let key = (whole, category, mode);
        let here = self.names.get(Path::of(target.name()).as_bytes())?;
        let held = here.iter().find(|held| (held.whole, held.category, held.mode) == key)?;
        self.release(held.serial)
    }

    /// What holds at a name.
    pub(crate) fn at(&self, path: &[u8]) -> &[Held] {
        self.names.get(path).map_or(&[], Vec::as_slice)
    }

    /// What holds at a name and below it, in order; all for an empty path.
    pub(crate) fn within<'a>(
        &'a self,
        path: &'a [u8],
    ) -> impl Iterator<Item = (&'a Path, &'a [Held])> {
        let from = (Bound::Included(path), Bound::Unbounded);
        let names = self.names.range::<[u8], _>(from);
        names
            .take_while(move |(name, _)| name.as_bytes().starts_with(path))
            .map(|(name, held)| (name, held.as_slice()))
    }

    /// How many orders hold.
    pub fn len(&self) -> usize {
        self.serials.len()
    }

    /// Whether none holds.
    pub fn is_empty(&self) -> bool {
        self.serials.is_empty()
    }
}

#[cfg(test)]
mod tests;
