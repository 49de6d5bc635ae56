//! A write: the writer's turn, one transaction, and what follows its commit.
//!
//! Whoever holds a [`Write`] is alone. The entries it appended are folded into
//! the effective set after the commit and before the next writer's turn, so
//! that the order of folds is the order of serials. A write that is dropped
//! leaves nothing behind.

use std::sync::Arc;

use belfry_journal::Entry;
use sqlx::{Sqlite, SqliteConnection, SqlitePool, Transaction};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::StoreError;
use crate::journal::Ledger;
use crate::sql::{journal as sql, sqlite};

/// The database: its writer, its readers, and the journal as folded.
#[derive(Clone)]
pub(crate) struct Db {
    writer: SqlitePool,
    readers: SqlitePool,
    ledger: Arc<Ledger>,
    /// The writer's turn; first come, first served.
    turn: Arc<Mutex<()>>,
}

impl Db {
    pub(crate) fn new(writer: SqlitePool, readers: SqlitePool, ledger: Arc<Ledger>) -> Self {
        Self { writer, readers, ledger, turn: Arc::default() }
    }

    pub(crate) fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Waits for the turn and begins a transaction.
    pub(crate) async fn write(&self) -> Result<Write, StoreError> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let transaction = self.writer.begin().await?;
        Ok(Write { transaction, appended: Vec::new(), db: self.clone(), _turn: turn })
    }

    /// Moves the write-ahead log into the database and empties it, so that no page of
    /// before lies in it.
    pub(crate) async fn truncate_log(&self) -> Result<(), StoreError> {
        let _turn = self.turn.lock().await;
        sqlx::query(sqlite::TRUNCATE_LOG).execute(&self.writer).await?;
        Ok(())
    }

    /// Rewrites the database without its free pages.
    pub(crate) async fn vacuum(&self) -> Result<(), StoreError> {
        let _turn = self.turn.lock().await;
        sqlx::query(sqlite::VACUUM).execute(&self.writer).await?;
        sqlx::query(sqlite::TRUNCATE_LOG).execute(&self.writer).await?;
        Ok(())
    }

    pub(crate) async fn close(&self) {
        let _turn = self.turn.lock().await;
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// One transaction of the only writer.
pub(crate) struct Write {
    // Dropped before the turn is given on: fields drop in this order.
    transaction: Transaction<'static, Sqlite>,
    appended: Vec<Entry>,
    db: Db,
    _turn: OwnedMutexGuard<()>,
}

impl Write {
    /// The connection inside the transaction.
    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.transaction
    }

    /// The next number of the sequence `name`.
    pub(crate) async fn draw(&mut self, name: &'static str) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar(sql::DRAW).bind(name).fetch_one(self.connection()).await?)
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.db.ledger
    }

    /// The entries of this transaction so far.
    pub(crate) fn appended(&self) -> &[Entry] {
        &self.appended
    }

    /// Remembers an entry, to be folded in once the transaction is committed.
    pub(crate) fn will_fold(&mut self, entry: Entry) {
        self.appended.push(entry);
    }

    /// Commits, then folds the entries in and tells the head.
    ///
    /// In a task of its own: a caller that goes away between the commit and the
    /// fold must not leave the effective set behind the rows.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        tokio::spawn(self.finish()).await.unwrap_or(Err(StoreError::Closed))
    }

    async fn finish(self) -> Result<(), StoreError> {
        let Self { transaction, appended, db, _turn } = self;
        match transaction.commit().await {
            Ok(()) => db.ledger.fold(&appended),
            Err(error) => {
                // The database may have committed all the same: what the rows say holds.
                if !appended.is_empty() {
                    db.ledger.catch_up(&db.readers).await?;
                }
                Err(error.into())
            }
        }
    }

    /// Takes everything back.
    pub(crate) async fn roll_back(self) -> Result<(), StoreError> {
        Ok(self.transaction.rollback().await?)
    }
}

#[cfg(test)]
mod tests {
    use belfry_journal::{Serial, UnixMillis};

    use crate::{Casebook, Settings};

    #[tokio::test]
    async fn a_write_dropped_midway_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings { data: folder.path().into() };
        let casebook = Casebook::open(&settings, UnixMillis(1)).await.unwrap();
        let mut write = casebook.db().write().await.unwrap();
        assert_eq!(write.append_heartbeat(UnixMillis(1)).await.unwrap(), Serial(1));
        assert_eq!(write.draw("cases").await.unwrap(), 1);
        drop(write);
        assert_eq!(casebook.head().serial, Serial(0));
        assert!(casebook.entries(Serial(0), 10).await.unwrap().is_empty());
        let mut write = casebook.db().write().await.unwrap();
        assert_eq!(write.draw("cases").await.unwrap(), 1, "the number was given back");
        write.roll_back().await.unwrap();
        assert_eq!(casebook.heartbeat(UnixMillis(2)).await.unwrap(), Serial(1));
    }
}
