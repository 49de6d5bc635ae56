//! An open transaction between the writes that share it.
//!
//! A write in it stands behind a savepoint, so that it is taken back alone. Those that are
//! done wait until all is committed; where the commit fails, it failed for each.

use std::sync::Arc;

use sqlx::{Sqlite, SqliteConnection, SqlitePool, Transaction};
use tokio::sync::oneshot;

use crate::StoreError;
use crate::sql::sqlite as sql;

/// What a write that shares its commit is told.
type Told = Result<(), StoreError>;

/// A transaction and who waits for its commit.
pub(super) struct Parked {
    transaction: Transaction<'static, Sqlite>,
    waiting: Vec<oneshot::Sender<Told>>,
    /// A write left it midway: its part is still to be taken back.
    torn: bool,
}

impl Parked {
    pub(super) async fn begin(writer: &SqlitePool) -> Result<Self, StoreError> {
        let transaction = writer.begin().await?;
        Ok(Self { transaction, waiting: Vec::new(), torn: false })
    }

    pub(super) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.transaction
    }

    /// A write begins.
    pub(super) async fn enter(&mut self) -> Result<(), StoreError> {
        self.execute(sql::ENTER).await
    }

    /// A write is done, all but for the commit. Answers whether it is the first that waits.
    pub(super) async fn leave(&mut self) -> Result<(bool, oneshot::Receiver<Told>), StoreError> {
        self.execute(sql::LEAVE).await?;
        let (tell, told) = oneshot::channel();
        let first = self.waiting.is_empty();
        self.waiting.push(tell);
        Ok((first, told))
    }

    /// As it is without a write that was left midway; `None` where it can't be mended, and
    /// those who waited know.
    pub(super) async fn mended(mut self) -> Option<Self> {
        if !self.torn {
            return Some(self);
        }
        match self.take_back().await {
            Ok(()) => Some(self),
            Err(error) => {
                self.tell(Err(error));
                None
            }
        }
    }

    /// Commits what waits, and answers what those who waited are told.
    pub(super) async fn commit(self) -> Told {
        match self.mended().await {
            Some(mended) => mended.commit_for(false).await,
            None => Err(StoreError::Closed),
        }
    }

    /// Commits, for a write in it too; `shares` where it has a savepoint.
    pub(super) async fn commit_for(mut self, shares: bool) -> Result<(), StoreError> {
        if shares {
            self.execute(sql::LEAVE).await?;
        }
        let Self { transaction, waiting, .. } = self;
        let committed = transaction.commit().await.map_err(StoreError::from);
        tell(waiting, committed)
    }

    /// Takes a write back; the rest stays open, if there is any.
    pub(super) async fn taken_back(mut self, shares: bool) -> Result<Option<Self>, StoreError> {
        if !shares || self.waiting.is_empty() {
            self.transaction.rollback().await?;
            return Ok(None);
        }
        self.take_back().await?;
        Ok(Some(self))
    }

    /// As it is after a write that was dropped midway.
    pub(super) fn torn(mut self, shares: bool) -> Option<Self> {
        // Dropped, a transaction is rolled back.
        if !shares || self.waiting.is_empty() {
            return None;
        }
        self.torn = true;
        Some(self)
    }

    async fn take_back(&mut self) -> Result<(), StoreError> {
        self.torn = false;
        self.execute(sql::TAKE_BACK).await?;
        self.execute(sql::LEAVE).await
    }

    async fn execute(&mut self, text: &'static str) -> Result<(), StoreError> {
        sqlx::query(text).execute(&mut *self.transaction).await?;
        Ok(())
    }

    fn tell(self, told: Told) {
        let _ = tell(self.waiting, told);
    }
}

/// Tells each of `waiting`, and answers the same.
fn tell(waiting: Vec<oneshot::Sender<Told>>, told: Told) -> Told {
    let Err(error) = told else {
        for each in waiting {
            let _ = each.send(Ok(()));
        }
        return Ok(());
    };
    if waiting.is_empty() {
        return Err(error);
    }
    let error = Arc::new(error);
    for each in waiting {
        let _ = each.send(Err(StoreError::Together(Arc::clone(&error))));
    }
    Err(StoreError::Together(error))
}
