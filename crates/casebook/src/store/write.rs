//! A write: the writer's turn, one transaction, and what follows its commit.
//!
//! Whoever holds a [`Write`] is alone. The entries it appended are folded into
//! the effective set after the commit and before the next writer's turn, so
//! that the order of folds is the order of serials. A write that is dropped
//! leaves nothing behind.
//!
//! Writes that many do at a time share a transaction, and with it the wait for the disk
//! ([`Db::write_together`]): each stands behind a savepoint, is taken back alone, and
//! is done only when the commit of all is.

mod parked;

use std::sync::{Arc, PoisonError};

use belfry_journal::Entry;
use sqlx::{SqliteConnection, SqlitePool};
use tokio::sync::{Mutex, OwnedMutexGuard};

use self::parked::Parked;
use crate::StoreError;
use crate::journal::Ledger;
use crate::report::Pressure;
use crate::sql::{journal as sql, sqlite};

/// The database: its writer, its readers, and the journal as folded.
#[derive(Clone)]
pub(crate) struct Db {
    writer: SqlitePool,
    readers: SqlitePool,
    ledger: Arc<Ledger>,
    /// The writer's turn, first come, first served; and the transaction that waits for
    /// those who share it.
    turn: Arc<Mutex<Option<Parked>>>,
    /// What the disk said to the last commit, where it failed.
    failing: Arc<std::sync::Mutex<Option<Pressure>>>,
}

impl Db {
    pub(crate) fn new(writer: SqlitePool, readers: SqlitePool, ledger: Arc<Ledger>) -> Self {
        Self { writer, readers, ledger, turn: Arc::default(), failing: Arc::default() }
    }

    pub(crate) fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What the disk said to the last commit, where it failed. Nobody is refused for it:
    /// the next commit may hold.
    pub(crate) fn failing(&self) -> Option<Pressure> {
        *self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, committed: &Result<(), StoreError>) {
        let said = committed.as_ref().err().map(Pressure::of);
        // An error that says nothing of the disk changes nothing.
        if said != Some(None) {
            *self.failing.lock().unwrap_or_else(PoisonError::into_inner) = said.flatten();
        }
    }

    /// Waits for the turn and begins a transaction of its own.
    pub(crate) async fn write(&self) -> Result<Write, StoreError> {
        let turn = self.turn_alone().await;
        let open = Parked::begin(&self.writer).await?;
        Ok(Write { open: Some(open), shares: false, appended: Vec::new(), db: self.clone(), turn })
    }

    /// Waits for the turn and joins the transaction that others have left open, or begins one.
    pub(crate) async fn write_together(&self) -> Result<Write, StoreError> {
        let mut turn = Arc::clone(&self.turn).lock_owned().await;
        let open = match turn.take() {
            Some(parked) => parked.mended().await,
            None => None,
        };
        let mut open = match open {
            Some(open) => open,
            None => Parked::begin(&self.writer).await?,
        };
        open.enter().await?;
        Ok(Write { open: Some(open), shares: true, appended: Vec::new(), db: self.clone(), turn })
    }

    /// The turn, with no transaction open: what waited in one is committed first.
    async fn turn_alone(&self) -> OwnedMutexGuard<Option<Parked>> {
        let mut turn = Arc::clone(&self.turn).lock_owned().await;
        if let Some(parked) = turn.take() {
            // In a task of its own: others wait for it, whoever goes away here.
            let db = self.clone();
            let _ = tokio::spawn(async move { db.note(&parked.commit().await) }).await;
        }
        turn
    }

    /// Moves the write-ahead log into the database and empties it, so that no page of
    /// before lies in it.
    pub(crate) async fn truncate_log(&self) -> Result<(), StoreError> {
        let _turn = self.turn_alone().await;
        sqlx::query(sqlite::TRUNCATE_LOG).execute(&self.writer).await?;
        Ok(())
    }

    /// Rewrites the database without its free pages.
    pub(crate) async fn vacuum(&self) -> Result<(), StoreError> {
        let _turn = self.turn_alone().await;
        sqlx::query(sqlite::VACUUM).execute(&self.writer).await?;
        sqlx::query(sqlite::TRUNCATE_LOG).execute(&self.writer).await?;
        Ok(())
    }

    pub(crate) async fn close(&self) {
        let _turn = self.turn_alone().await;
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// One write of the only writer: a transaction, or its part of one.
pub(crate) struct Write {
    /// Until it ends.
    open: Option<Parked>,
    /// Whether others may be in the transaction too.
    shares: bool,
    appended: Vec<Entry>,
    db: Db,
    turn: OwnedMutexGuard<Option<Parked>>,
}

impl Write {
    /// The connection inside the transaction.
    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        self.open.as_mut().expect("a write has its transaction until it ends").connection()
    }

    /// The next number of the sequence `name`.
    pub(crate) async fn draw(&mut self, name: &'static str) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar(sql::DRAW).bind(name).fetch_one(self.connection()).await?)
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.db.ledger
    }

    /// The entries of this write so far.
    pub(crate) fn appended(&self) -> &[Entry] {
        &self.appended
    }

    /// Remembers an entry, to be folded in once the transaction is committed.
    pub(crate) fn will_fold(&mut self, entry: Entry) {
        self.appended.push(entry);
    }

    /// Commits, with all that share the transaction; then folds the entries in and
    /// tells the head.
    ///
    /// In a task of its own: a caller that goes away between the commit and the
    /// fold must not leave the effective set behind the rows.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        tokio::spawn(self.finish()).await.unwrap_or(Err(StoreError::Closed))
    }

    async fn finish(mut self) -> Result<(), StoreError> {
        let open = self.open.take().ok_or(StoreError::Closed)?;
        let committed = open.commit_for(self.shares).await;
        self.db.note(&committed);
        match committed {
            Ok(()) => self.db.ledger.fold(&self.appended),
            Err(error) => {
                // The database may have committed all the same: what the rows say holds.
                if !self.appended.is_empty() {
                    self.db.ledger.catch_up(&self.db.readers).await?;
                }
                Err(error)
            }
        }
    }

    /// Leaves the transaction to those who wait for their turn, and comes back when it is
    /// committed: at the latest after those who wait now.
    pub(crate) async fn commit_together(mut self) -> Result<(), StoreError> {
        // Entries are folded in by whoever commits them.
        if !self.shares || !self.appended.is_empty() {
            return self.commit().await;
        }
        let mut open = self.open.take().ok_or(StoreError::Closed)?;
        let (first, committed) = open.leave().await?;
        *self.turn = Some(open);
        if first {
            let db = self.db.clone();
            // The turn goes round in order: this comes behind all who wait now.
            tokio::spawn(async move { drop(db.turn_alone().await) });
        }
        drop(self);
        committed.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Takes everything of this write back.
    pub(crate) async fn roll_back(mut self) -> Result<(), StoreError> {
        let open = self.open.take().ok_or(StoreError::Closed)?;
        *self.turn = open.taken_back(self.shares).await?;
        Ok(())
    }
}

impl Drop for Write {
    /// What was left midway is taken back: at once where it is alone, else by the next.
    fn drop(&mut self) {
        if let Some(open) = self.open.take() {
            *self.turn = open.torn(self.shares);
        }
    }
}

#[cfg(test)]
mod tests;
