//! `EffectiveSet`: the fold of the journal, what holds now.
//!
//! At most one order is effective for a target, category and mode; a later one
//! replaces it. The set never looks at a clock: expiry is an entry.

use belfry_indicator::Target;

use crate::{Category, DecodeError, Entry, Mode, Order, Serial};

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
}

/// What holds after all entries up to [`EffectiveSet::serial`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EffectiveSet {}

impl EffectiveSet {
    /// The empty set, before entry 1.
    pub fn new() -> Self {
        todo!()
    }

    /// Folds the next entry in; on error the set is unchanged.
    ///
    /// # Errors
    /// [`FoldError`]: the entry is not the next one or can't be read.
    pub fn apply(&mut self, entry: &Entry) -> Result<Change, FoldError> {
        let _ = entry;
        todo!()
    }

    /// The last entry folded in.
    pub fn serial(&self) -> Serial {
        todo!()
    }

    /// Entries of kinds not known here, skipped.
    pub fn unknown_kinds(&self) -> u64 {
        todo!()
    }

    /// The Merkle frontier over all entries folded in.
    pub fn frontier(&self) -> &crate::merkle::Frontier {
        todo!()
    }

    /// The order that holds for `key`.
    pub fn get(&self, key: &Key) -> Option<&Effective> {
        let _ = key;
        todo!()
    }

    /// The effective order with this serial.
    pub fn by_serial(&self, serial: Serial) -> Option<&Effective> {
        let _ = serial;
        todo!()
    }

    /// All that holds, in key order.
    pub fn iter(&self) -> impl Iterator<Item = (&Key, &Effective)> {
        std::iter::empty()
    }

    /// How many hold.
    pub fn len(&self) -> usize {
        todo!()
    }

    /// Whether none holds.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
