//! `EffectiveSet`: the fold of the journal, what holds now.
//!
//! At most one order is effective for a target, category and mode; a later one
//! replaces it. The set never looks at a clock: expiry is an entry.

use std::collections::BTreeMap;

use belfry_indicator::Target;

use self::orders::Orders;
use crate::merkle::{Frontier, Hash};
use crate::{
    Action, Body, Category, DecodeError, Entry, Mode, Order, Serial, TemplateEntry, TemplateOrder,
};

mod arena;
mod held;
mod orders;
mod sorted;

pub use self::held::Held;

/// What at most one order can be effective for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// The target.
    pub target: Target,
    /// The category.
    pub category: Category,
    /// Live or shadow.
    pub mode: Mode,
}

/// An order that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    /// Its entry.
    pub serial: Serial,
    /// The order: a Block or an Allow.
    pub order: Order,
}

/// What one entry changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing that a block set shows.
    None,
    /// An order holds now, in place of any other for its key.
    Set(Key),
    /// The order for this key no longer holds.
    Removed(Key),
}

/// Why an entry does not fold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// A serial is missing or comes twice.
    #[error("entry {got} came where {expected} was expected")]
    Gap {
        /// The next serial of the set.
        expected: Serial,
        /// What came.
        got: Serial,
    },
    /// The body is malformed.
    #[error("entry {serial} can't be read: {source}")]
    Body {
        /// Which entry.
        serial: Serial,
        /// Why.
        source: DecodeError,
    },
    /// A heartbeat commits to other entries than those folded in here.
    #[error(
        "heartbeat {serial} commits to another history than the one followed here; \
         start again from a snapshot, and ask the hub's keeper why"
    )]
    History {
        /// The heartbeat.
        serial: Serial,
    },
    /// The hub was restored from a backup, and says so; what was folded in here is
    /// another past than the one it kept.
    #[error(
        "entry {serial} says that the hub was restored from a backup up to entry {kept}; what \
         was followed past that is void"
    )]
    Restored {
        /// The entry that says so.
        serial: Serial,
        /// The last entry of the backup.
        kept: Serial,
    },
}

impl Key {
    /// The key of `order`.
    pub fn of(order: &Order) -> Self {
        Self { target: order.target.clone(), category: order.category, mode: order.mode }
    }
}

/// What holds after all entries up to [`EffectiveSet::serial`].
///
/// Audiences are not looked at here: one set serves every operator, and each
/// view filters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EffectiveSet {
    /// Its size is the last serial.
    frontier: Frontier,
    unknown_kinds: u64,
    orders: Orders,
    /// Texts to look for, each with its entry.
    templates: BTreeMap<Serial, TemplateOrder>,
    templates_changed: Serial,
}

impl EffectiveSet {
    /// The empty set, before entry 1.
    pub fn new() -> Self {
        Self::default()
    }

    /// Folds the next entry in; on error the set is unchanged.
    ///
    /// # Errors
    /// [`FoldError`]: the entry is not the next one, can't be read, or is a
    /// heartbeat or a restore over another history.
    pub fn apply(&mut self, entry: &Entry) -> Result<Change, FoldError> {
        let (expected, serial) = (self.serial().next(), entry.serial);
        if serial != expected {
            return Err(FoldError::Gap { expected, got: serial });
        }
        let body = entry.decode().map_err(|source| FoldError::Body { serial, source })?;
        let change = match body {
            Body::Order(order) => self.fold_order(serial, &order),
            Body::Heartbeat(beat) if !self.is_ours(beat.tree_size, beat.root) => {
                return Err(FoldError::History { serial });
            }
            Body::Restored(restored) if !self.is_ours(restored.tree_size, restored.root) => {
                return Err(FoldError::Restored { serial, kept: restored.kept });
            }
            Body::Template(entry) => {
                self.fold_template(serial, entry);
                Change::None
            }
            Body::Heartbeat(_)
            | Body::Restored(_)
            | Body::Audit(_)
            | Body::View(_)
            | Body::Withdrawn(_)
            | Body::Void => Change::None,
            // Of a kind that is known, and for others.
            Body::Unknown if entry.sealed.is_some() => Change::None,
            Body::Unknown => {
                self.unknown_kinds += 1;
                Change::None
            }
        };
        self.frontier.push(entry.leaf_hash());
        Ok(change)
    }

    fn fold_order(&mut self, serial: Serial, order: &Order) -> Change {
        match order.action {
            Action::Block | Action::Allow => {
                self.orders.hold(serial, order);
                Change::Set(Key::of(order))
            }
            Action::Release { of } => match self.orders.remove(of) {
                Some(key) => Change::Removed(key),
                None => Change::None,
            },
        }
    }

    fn fold_template(&mut self, serial: Serial, entry: TemplateEntry) {
        let changed = match entry {
            TemplateEntry::Match(order) => self.templates.insert(serial, *order).is_none(),
            TemplateEntry::Release { of, .. } => self.templates.remove(&of).is_some(),
        };
        if changed {
            self.templates_changed = serial;
        }
    }

    /// Texts to look for as a snapshot holds them; false where that can't be.
    pub(crate) fn hold_template(&mut self, serial: Serial, order: TemplateOrder) -> bool {
        let numbered = (Serial(1)..=self.serial()).contains(&serial);
        let rises = self.templates.last_key_value().is_none_or(|(last, _)| *last < serial);
        if numbered && rises {
            self.templates.insert(serial, order);
            self.templates_changed = self.serial();
        }
        numbered && rises
    }

    /// The texts that operators are to look for, by their entries.
    pub fn templates(&self) -> impl Iterator<Item = (Serial, &TemplateOrder)> {
        self.templates.iter().map(|(serial, order)| (*serial, order))
    }

    /// The last entry that changed [`EffectiveSet::templates`], as far as known.
    pub fn templates_changed(&self) -> Serial {
        self.templates_changed
    }

    fn is_ours(&self, tree_size: u64, root: Hash) -> bool {
        tree_size == self.frontier.size() && root == self.frontier.root()
    }

    /// A set as a snapshot holds it; `None` where its parts contradict each
    /// other: a release, keys or serials that repeat or do not rise, a serial past the head.
    pub(crate) fn from_parts(
        frontier: Frontier,
        unknown_kinds: u64,
        orders: impl Iterator<Item = Result<Effective, DecodeError>>,
    ) -> Result<Option<Self>, DecodeError> {
        let mut set = Self { frontier, unknown_kinds, ..Self::default() };
        let mut last = None;
        for effective in orders {
            let effective = effective?;
            let key = Key::of(&effective.order);
            let holds = !matches!(effective.order.action, Action::Release { .. });
            let numbered = (Serial(1)..=set.serial()).contains(&effective.serial);
            let rises = last.is_none_or(|last| last < key);
            if !holds || !numbered || !rises {
                return Ok(None);
            }
            set.orders.append(effective.serial, &effective.order);
            last = Some(key);
        }
        Ok(set.orders.number().then_some(set))
    }

    /// The last entry folded in.
    pub fn serial(&self) -> Serial {
        Serial(self.frontier.size())
    }

    /// Entries of kinds not known here, skipped.
    pub fn unknown_kinds(&self) -> u64 {
        self.unknown_kinds
    }

    /// The Merkle frontier over all entries folded in.
    pub fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// The order that holds for `key`.
    pub fn get(&self, key: &Key) -> Option<Effective> {
        self.orders.get(key).map(|held| held.effective())
    }

    /// The effective order with this serial.
    pub fn by_serial(&self, serial: Serial) -> Option<Effective> {
        self.orders.by_serial(serial).map(|held| held.effective())
    }

    /// All that holds, in key order, each decoded when it is asked.
    pub fn held(&self) -> impl Iterator<Item = Held<'_>> {
        self.orders.iter()
    }

    /// All that holds, in key order.
    pub fn iter(&self) -> impl Iterator<Item = (Key, Effective)> {
        self.held().map(|held| {
            let effective = held.effective();
            (Key::of(&effective.order), effective)
        })
    }

    /// How many hold.
    pub fn len(&self) -> usize {
        self.orders.len()
    }

    /// Whether none holds.
    pub fn is_empty(&self) -> bool {
        self.orders.len() == 0
    }
}

#[cfg(test)]
mod tests;
