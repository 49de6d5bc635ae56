//! The journal's rows: reading them back, the fold of them, heartbeats.
//!
//! Entries are only ever added. Every read of the whole checks what it reads:
//! that serials have no gap, that each stored leaf hash is that of its entry,
//! and that each body decodes.

mod append;
mod ledger;
mod void;

use std::sync::Arc;

use belfry_journal::merkle::Hash;
use belfry_journal::{EffectiveSet, Entry, JournalId, Serial, UnixMillis};

use crate::column::{Columns, big};
use crate::sql::journal as sql;
use crate::{Casebook, StoreError};

pub(crate) use self::ledger::{Ledger, audit_anchors, entry_of};
pub use self::void::Voided;

/// Most entries in one read.
pub const ENTRIES_MAX: u32 = 10_000;

/// Where the journal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Which journal.
    pub journal: JournalId,
    /// Its last serial.
    pub serial: Serial,
}

/// What a check of the whole journal found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many entries there are.
    pub entries: u64,
    /// The Merkle root over them.
    pub root: Hash,
}

impl Casebook {
    /// The head as committed.
    pub fn head(&self) -> Head {
        self.db().ledger().head()
    }

    /// Entries after `after`, at most `limit` (1 to [`ENTRIES_MAX`]), in order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn entries(&self, after: Serial, limit: u32) -> Result<Vec<Entry>, StoreError> {
        let mut connection = self.readers().acquire().await?;
        let rows = ledger::page(&mut connection, after, limit.clamp(1, ENTRIES_MAX)).await?;
        Ok(rows.into_iter().map(|row| row.entry).collect())
    }

    /// Leaf hashes of the entries after `after`, at most `limit`, in order: as they were
    /// checked when the journal was read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn leaves(&self, after: Serial, limit: u32) -> Result<Vec<Hash>, StoreError> {
        let rows = sqlx::query(sql::LEAVES)
            .bind(big(after.0)?)
            .bind(i64::from(limit.clamp(1, ENTRIES_MAX)))
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(|row| Columns::new("entries", row).array("leaf_hash").map(Hash)).collect()
    }

    /// What holds at the head; kept in memory, folded at each commit. Hold it
    /// briefly: a commit that finds it held copies it.
    pub fn effective(&self) -> Arc<EffectiveSet> {
        self.db().ledger().effective()
    }

    /// When the last entry was written, as it says.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn last_entry_at(&self) -> Result<Option<UnixMillis>, StoreError> {
        let last: Option<i64> =
            sqlx::query_scalar(sql::LAST_ENTRY_AT).fetch_optional(self.readers()).await?;
        Ok(last.and_then(|last| u64::try_from(last).ok()).map(UnixMillis))
    }

    /// Writes a heartbeat.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn heartbeat(&self, now: UnixMillis) -> Result<Serial, StoreError> {
        let mut write = self.db().write().await?;
        let serial = write.append_heartbeat(now).await?;
        write.commit().await?;
        Ok(serial)
    }

    /// Reads the whole journal again and recomputes every hash of it.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] names the first entry that is not as it was written.
    pub async fn verify_journal(&self) -> Result<Verified, StoreError> {
        // One transaction: one state of the database, whatever is written meanwhile.
        let mut reading = self.readers().begin().await?;
        let set = ledger::replay(&mut reading, EffectiveSet::new()).await?;
        Ok(Verified { entries: set.serial().0, root: set.frontier().root() })
    }
}

impl Casebook {
    /// How many orders hold for real or in shadow, as folded.
    pub fn effective_len(&self) -> usize {
        self.db().ledger().effective().len()
    }
}
