//! The ledger: the journal as folded in memory, one step behind no commit.

use std::sync::{Arc, PoisonError, RwLock};

use belfry_journal::merkle::Hash;
use belfry_journal::{EffectiveSet, Entry, JournalId, Kind, Serial};
use sqlx::sqlite::SqliteRow;
use sqlx::{SqliteConnection, SqlitePool};
use tokio::sync::watch;

use super::{ENTRIES_MAX, Head, sql};
use crate::StoreError;
use crate::column::{Columns, big};

/// The journal's identity, what holds at its head, and who waits for more.
pub(crate) struct Ledger {
    journal: JournalId,
    effective: RwLock<Arc<EffectiveSet>>,
    head: watch::Sender<Serial>,
}

/// An entry with the leaf hash stored beside it.
pub(super) struct EntryRow {
    pub(super) entry: Entry,
    leaf_hash: Hash,
}

impl Ledger {
    /// Reads and checks the whole journal.
    pub(crate) async fn load(readers: &SqlitePool) -> Result<Self, StoreError> {
        let mut connection = readers.begin().await?;
        let head = sqlx::query(sql::HEAD).fetch_one(&mut *connection).await?;
        let journal = JournalId(Columns::new("journal_head", &head).array("journal")?);
        let set = replay(&mut connection, EffectiveSet::new()).await?;
        let head = watch::Sender::new(set.serial());
        Ok(Self { journal, effective: RwLock::new(Arc::new(set)), head })
    }

    pub(crate) fn head(&self) -> Head {
        Head { journal: self.journal, serial: *self.head.borrow() }
    }

    pub(crate) fn watch(&self) -> watch::Receiver<Serial> {
        self.head.subscribe()
    }

    pub(crate) fn effective(&self) -> Arc<EffectiveSet> {
        Arc::clone(&self.effective.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Folds committed entries in; called in the writer's turn only.
    pub(crate) fn fold(&self, entries: &[Entry]) -> Result<(), StoreError> {
        if entries.is_empty() {
            return Ok(());
        }
        let serial = {
            let mut held = self.effective.write().unwrap_or_else(PoisonError::into_inner);
            let set = Arc::make_mut(&mut held);
            for entry in entries {
                apply(set, entry)?;
            }
            set.serial()
        };
        self.head.send_replace(serial);
        Ok(())
    }

    /// Folds in whatever the rows have past the head; for a commit that may or may not have held.
    pub(crate) async fn catch_up(&self, readers: &SqlitePool) -> Result<(), StoreError> {
        let mut connection = readers.acquire().await?;
        loop {
            let rows = page(&mut connection, self.head().serial, ENTRIES_MAX).await?;
            if rows.is_empty() {
                return Ok(());
            }
            let entries: Vec<Entry> = rows.into_iter().map(|row| row.entry).collect();
            self.fold(&entries)?;
        }
    }
}

/// Folds every entry after `set` into it, checking each, and that the head row agrees.
pub(super) async fn replay(
    connection: &mut SqliteConnection,
    mut set: EffectiveSet,
) -> Result<EffectiveSet, StoreError> {
    loop {
        let rows = page(connection, set.serial(), ENTRIES_MAX).await?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            if row.entry.leaf_hash() != row.leaf_hash {
                let why = "its leaf hash is not that of its content".to_owned();
                return Err(StoreError::Damaged { serial: row.entry.serial, why });
            }
            apply(&mut set, &row.entry)?;
        }
    }
    let head = sqlx::query(sql::HEAD).fetch_one(connection).await?;
    let head = Columns::new("journal_head", &head).serial("serial")?;
    if head != set.serial() {
        let why = format!("the head says {head}, the last entry is {}", set.serial());
        return Err(StoreError::Damaged { serial: set.serial().next(), why });
    }
    Ok(set)
}

/// Entries after `after`, with the leaf hashes stored beside them.
pub(super) async fn page(
    connection: &mut SqliteConnection,
    after: Serial,
    limit: u32,
) -> Result<Vec<EntryRow>, StoreError> {
    let rows = sqlx::query(sql::ENTRIES)
        .bind(big(after.0)?)
        .bind(i64::from(limit))
        .fetch_all(connection)
        .await?;
    rows.iter().map(entry_row).collect()
}

/// The latest entries that say how far the audit log was, the last first.
pub(crate) async fn audit_anchors(
    connection: &mut SqliteConnection,
    limit: i64,
) -> Result<Vec<Entry>, StoreError> {
    let rows = sqlx::query(sql::AUDIT_ANCHORS).bind(limit).fetch_all(connection).await?;
    rows.iter().map(|row| entry_row(row).map(|row| row.entry)).collect()
}

pub(crate) fn entry_of(row: &SqliteRow) -> Result<Entry, StoreError> {
    entry_row(row).map(|row| row.entry)
}

fn entry_row(row: &SqliteRow) -> Result<EntryRow, StoreError> {
    let columns = Columns::new("entries", row);
    let kind = columns.number("kind")?;
    let kind = u16::try_from(kind).map_err(|_| columns.unknown("kind", kind.to_string()))?;
    let entry = Entry {
        serial: columns.serial("serial")?,
        kind: Kind::from_number(kind),
        salt: columns.array("salt")?,
        body: columns.bytes("body")?,
        sealed: None,
    };
    Ok(EntryRow { entry, leaf_hash: Hash(columns.array("leaf_hash")?) })
}

fn apply(set: &mut EffectiveSet, entry: &Entry) -> Result<(), StoreError> {
    set.apply(entry)
        .map(|_| ())
        .map_err(|error| StoreError::Damaged { serial: entry.serial, why: error.to_string() })
}
