//! Snapshots on disk: temporary file, fsync, rename, directory fsync; the last
//! two are kept, and a damaged one is passed over for the one before.

use std::path::PathBuf;

use belfry_journal::{EffectiveSet, JournalId};

/// What was wrong with a snapshot file, for the alarm.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {why}")]
pub struct StoreProblem {
    /// Which file.
    pub path: PathBuf,
    /// Why.
    pub why: String,
}

/// A folder with the last two snapshots.
#[derive(Clone, Debug)]
pub struct SnapshotStore {
    folder: PathBuf,
}

impl SnapshotStore {
    /// Snapshots in `folder`, created when first saved.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The newest snapshot that verifies, and what was wrong with newer ones.
    pub fn load(&self) -> (Option<(JournalId, EffectiveSet)>, Vec<StoreProblem>) {
        let _ = &self.folder;
        todo!()
    }

    /// Saves a snapshot durably.
    ///
    /// # Errors
    /// [`StoreProblem`]: the previous ones still stand.
    pub fn save(&self, journal: JournalId, set: &EffectiveSet) -> Result<(), StoreProblem> {
        let _ = (journal, set);
        todo!()
    }
}
