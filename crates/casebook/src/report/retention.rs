//! How long reports are kept, by what became of them, and the objects that no
//! report's row names any more.

use std::time::Duration;

use belfry_journal::UnixMillis;
use sqlx::Row;

use super::ReportId;
use super::erase::{Erased, Erasure};
use crate::column::millis;
use crate::sql::erasure as sql;
use crate::{Casebook, StoreError};

/// Reports erased in one call.
const BATCH: i64 = 100;

/// What became of a report: what its keeping depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Not read, or a case of it is open.
    Undecided,
    /// A case of it was blocked.
    Fraud,
    /// All its cases are decided, and none was ever blocked.
    Harmless,
}

impl Class {
    /// All of them.
    pub const ALL: [Class; 3] = [Class::Undecided, Class::Fraud, Class::Harmless];

    /// Its name in metrics and logs.
    pub fn name(self) -> &'static str {
        match self {
            Class::Undecided => "undecided",
            Class::Fraud => "fraud",
            Class::Harmless => "harmless",
        }
    }

    fn ended(self) -> &'static str {
        match self {
            Class::Undecided => sql::ENDED_UNDECIDED,
            Class::Fraud => sql::ENDED_FRAUD,
            Class::Harmless => sql::ENDED_HARMLESS,
        }
    }
}

impl Casebook {
    /// Erases reports of `class` that came in before `before` and are not held, at most
    /// 100; call it again until it answers none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn erase_ended(
        &self,
        class: Class,
        before: UnixMillis,
        now: UnixMillis,
    ) -> Result<Erased, StoreError> {
        let rows = sqlx::query(class.ended())
            .bind(millis(before)?)
            .bind(BATCH)
            .fetch_all(self.readers())
            .await?;
        let reports = rows
            .iter()
            .map(|row| Ok(ReportId(u64::try_from(row.try_get::<i64, _>(0)?).unwrap_or_default())))
            .collect::<Result<Vec<_>, sqlx::Error>>()?;
        if reports.is_empty() {
            return Ok(Erased::default());
        }
        self.erase_by_rule(&reports, Erasure::Retention(class), now).await
    }

    /// Forgets the pseudonyms of who reported what is decided, for reports that came in and
    /// cases that changed before `before`; the counts of reporters stay. Answers how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_reporters(&self, before: UnixMillis) -> Result<u64, StoreError> {
        let mut write = self.db().write().await?;
        let mut forgotten = 0;
        for text in [sql::FORGET_REPORTERS, sql::FORGET_CASE_REPORTERS] {
            let gone = sqlx::query(text).bind(millis(before)?).execute(write.connection()).await?;
            forgotten += gone.rows_affected();
        }
        write.commit().await?;
        Ok(forgotten)
    }

    /// Removes evidence that no report names: a crash came between its file and its row, or
    /// between an erasure's commit and its file. Younger than `age` it may be on its way in.
    /// Answers how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn collect_orphans(&self, age: Duration) -> Result<u64, StoreError> {
        let mut removed = 0;
        for head in 0..=u8::MAX {
            let folder = self.evidence_folder().clone();
            let old = tokio::task::spawn_blocking(move || folder.older_than(head, age));
            for object in old.await.map_err(|_| StoreError::Closed)?? {
                let named: i64 = sqlx::query(sql::HAS_OBJECT)
                    .bind(object.as_str())
                    .fetch_one(self.readers())
                    .await?
                    .try_get(0)?;
                if named == 0 {
                    let folder = self.evidence_folder().clone();
                    let gone = tokio::task::spawn_blocking(move || folder.remove(&object));
                    gone.await.map_err(|_| StoreError::Closed)??;
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }

    /// Rewrites the database without its free pages, where remains of what was erased may
    /// lie. Takes the writer's turn for as long as that takes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sweep(&self) -> Result<(), StoreError> {
        self.db().vacuum().await
    }
}

/// What came in before this has been kept for `days` by `now`.
pub fn cutoff(now: UnixMillis, days: u32) -> UnixMillis {
    UnixMillis(now.0.saturating_sub(u64::from(days) * 86_400_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cutoff_lies_days_back_and_never_before_time_began() {
        assert_eq!(cutoff(UnixMillis(10 * 86_400_000), 3), UnixMillis(7 * 86_400_000));
        assert_eq!(cutoff(UnixMillis(5), 3), UnixMillis(0));
    }
}
