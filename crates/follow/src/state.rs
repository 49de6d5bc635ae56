//! What a follower holds, and whether what comes fits it. No waiting and no
//! I/O here; a batch that does not fit never changes what holds.

use std::sync::Arc;

use belfry_journal::{Change, EffectiveSet, Entry, FoldError, JournalId, Serial};

use crate::{Batch, Health, SourceError};

/// Why a follower does not get on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Trouble {
    /// Nothing came.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The hub's journal is not the one that was followed.
    #[error(
        "the hub has journal {theirs}, this follower holds {ours}: its blocks stay; to follow the \
         other journal, stop it and empty its data folder"
    )]
    OtherJournal {
        /// What is followed.
        ours: JournalId,
        /// What the hub has.
        theirs: JournalId,
    },
    /// The hub has forgotten entries that hold here.
    #[error(
        "this follower holds entry {serial}, the hub's journal ends at {head}: the hub was set \
         back and must fill up with void entries past {serial}"
    )]
    Ahead {
        /// What holds here.
        serial: Serial,
        /// The hub's head.
        head: Serial,
    },
    /// The same journal, with another past.
    #[error(
        "heartbeat {at} commits to other entries than those that hold here: the journal's past \
         was changed"
    )]
    Forked {
        /// The heartbeat.
        at: Serial,
    },
    /// An entry is missing: a snapshot must be fetched anew.
    #[error("{0}; a snapshot is fetched anew")]
    Gap(FoldError),
    /// The hub was restored from a backup and has declared it: a snapshot must be fetched.
    #[error("{0}; the hub's snapshot is taken in place of what holds")]
    Restored(FoldError),
    /// An entry that this version should know and can't read.
    #[error("{0}; what holds is what came before it")]
    Unreadable(FoldError),
}

impl Trouble {
    /// The health of a follower that meets this, with a state or without.
    pub(crate) fn health(&self, has_state: bool) -> Health {
        match self {
            Trouble::OtherJournal { .. } | Trouble::Ahead { .. } | Trouble::Forked { .. } => {
                Health::Ahead
            }
            Trouble::Source(_)
            | Trouble::Gap(_)
            | Trouble::Restored(_)
            | Trouble::Unreadable(_) => {
                if has_state {
                    Health::Stale
                } else {
                    Health::Empty
                }
            }
        }
    }

    /// Whether trying again soon is of no use: someone has to act first.
    pub(crate) fn needs_someone(&self) -> bool {
        !matches!(
            self,
            Trouble::Source(
                SourceError::Unreachable(_) | SourceError::Malformed(_) | SourceError::Gap(_)
            )
                | Trouble::Gap(_)
                | Trouble::Ahead { .. } // its keeper may be filling it up right now
                | Trouble::Restored(_)
        )
    }

    /// Whether the hub's snapshot is to take the place of what holds.
    pub(crate) fn wants_snapshot(&self) -> bool {
        matches!(
            self,
            Trouble::Gap(_) | Trouble::Restored(_) | Trouble::Source(SourceError::Gap(_))
        )
    }
}

/// The followed journal and what holds of it.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// Which journal, once known.
    journal: Option<JournalId>,
    /// What holds. Shared with a save in progress; then a change copies it.
    set: Arc<EffectiveSet>,
}

impl State {
    /// What a snapshot holds.
    pub(crate) fn new(journal: JournalId, set: EffectiveSet) -> Self {
        Self { journal: Some(journal), set: Arc::new(set) }
    }

    pub(crate) fn journal(&self) -> Option<JournalId> {
        self.journal
    }

    pub(crate) fn serial(&self) -> Serial {
        self.set.serial()
    }

    pub(crate) fn set(&self) -> &Arc<EffectiveSet> {
        &self.set
    }

    /// Whether an answer of `journal` with `head` can continue this state.
    fn continues(&self, journal: JournalId, head: Serial) -> Result<(), Trouble> {
        if let Some(ours) = self.journal
            && ours != journal
        {
            return Err(Trouble::OtherJournal { ours, theirs: journal });
        }
        if head < self.serial() {
            return Err(Trouble::Ahead { serial: self.serial(), head });
        }
        Ok(())
    }

    /// Puts a snapshot in place of what holds, if it is of the same journal and not older.
    pub(crate) fn replace(&mut self, journal: JournalId, set: EffectiveSet) -> Result<(), Trouble> {
        self.continues(journal, set.serial())?;
        *self = Self::new(journal, set);
        Ok(())
    }

    /// Folds a batch in up to its end or the first entry that does not fit.
    /// Answers what changed, and what stopped it.
    pub(crate) fn fold(&mut self, batch: &Batch) -> (Vec<Change>, Result<(), Trouble>) {
        let mut changes = Vec::new();
        if let Err(trouble) = self.continues(batch.journal, batch.head) {
            return (changes, Err(trouble));
        }
        self.journal = Some(batch.journal);
        for entry in &batch.entries {
            match self.fold_one(entry) {
                Ok(Change::None) => {}
                Ok(change) => changes.push(change),
                Err(trouble) => return (changes, Err(trouble)),
            }
        }
        (changes, Ok(()))
    }

    fn fold_one(&mut self, entry: &Entry) -> Result<Change, Trouble> {
        Arc::make_mut(&mut self.set).apply(entry).map_err(|error| match error {
            FoldError::Gap { .. } => Trouble::Gap(error),
            FoldError::Body { .. } => Trouble::Unreadable(error),
            FoldError::History { serial } => Trouble::Forked { at: serial },
            FoldError::Restored { .. } => Trouble::Restored(error),
        })
    }
}

#[cfg(test)]
mod tests;
