//! How many letters go to one reporter within an hour. Kept in the database, since whoever
//! can make the hub start anew must not be able to flood others through it.

use belfry_journal::UnixMillis;

use crate::column::big;
use crate::sql::letters_sent as sql;
use crate::{Casebook, StoreError};

const HOUR_MS: u64 = 3_600_000;

impl Casebook {
    /// Whether one more letter may go to `pseudonym` in this hour, of which there are at
    /// most `most`; counts it if so, durably, before it is sent.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn count_letter(
        &self,
        pseudonym: &[u8],
        most: u32,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        let mut write = self.db().write().await?;
        let counted = sqlx::query(sql::COUNT)
            .bind(pseudonym)
            .bind(big(now.0 / HOUR_MS)?)
            .bind(i64::from(most))
            .execute(write.connection())
            .await?;
        write.commit().await?;
        Ok(counted.rows_affected() == 1)
    }

    /// Forgets how many letters went in the hours before.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn forget_letters(&self, now: UnixMillis) -> Result<(), StoreError> {
        let mut write = self.db().write().await?;
        let hour = big(now.0 / HOUR_MS)?;
        sqlx::query(sql::DELETE_PAST).bind(hour).execute(write.connection()).await?;
        write.commit().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;

    async fn open(folder: &tempfile::TempDir) -> Casebook {
        let settings = Settings { data: folder.path().into() };
        Casebook::open(&settings, UnixMillis(1)).await.unwrap()
    }

    #[tokio::test]
    async fn an_address_gets_so_many_an_hour_and_a_start_anew_gives_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let casebook = open(&folder).await;
        let (now, later) = (UnixMillis(7 * HOUR_MS), UnixMillis(8 * HOUR_MS));
        assert!(casebook.count_letter(b"a", 2, now).await.unwrap());
        assert!(casebook.count_letter(b"a", 2, now).await.unwrap());
        assert!(!casebook.count_letter(b"a", 2, now).await.unwrap());
        casebook.close().await;
        let casebook = open(&folder).await;
        casebook.forget_letters(now).await.unwrap();
        assert!(!casebook.count_letter(b"a", 2, now).await.unwrap(), "forgotten by the restart");
        assert!(casebook.count_letter(b"b", 2, now).await.unwrap());
        assert!(casebook.count_letter(b"a", 2, later).await.unwrap());
        casebook.forget_letters(later).await.unwrap();
        let rows: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM letters_sent")
            .fetch_one(casebook.readers())
            .await
            .unwrap();
        assert_eq!(rows, 1, "b's hour is over");
    }
}
