//! The journal's rows: reading them back, the fold of them, heartbeats.

use std::sync::Arc;

use belfry_journal::{EffectiveSet, Entry, JournalId, Serial, UnixMillis};

use crate::{Casebook, StoreError};

/// Where the journal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Which journal.
    pub journal: JournalId,
    /// Its last serial.
    pub serial: Serial,
}

impl Casebook {
    /// The head as committed.
    pub fn head(&self) -> Head {
        todo!()
    }

    /// Entries after `after`, at most `limit` (1 to 10,000), in order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn entries(&self, after: Serial, limit: u32) -> Result<Vec<Entry>, StoreError> {
        let _ = (after, limit);
        todo!()
    }

    /// What holds at the head; kept in memory, folded at each commit.
    pub fn effective(&self) -> Arc<EffectiveSet> {
        todo!()
    }

    /// Writes a heartbeat.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn heartbeat(&self, now: UnixMillis) -> Result<Serial, StoreError> {
        let _ = now;
        todo!()
    }
}
