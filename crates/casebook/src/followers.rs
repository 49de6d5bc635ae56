//! How far followers are, as they acknowledged it; never what they count.
//!
//! A follower past the head has a past that this journal has not: the hub was
//! restored from a backup, or follows nobody knows what. That is an alarm until
//! the journal is filled up past it ([`Casebook::void_through`]).

use belfry_journal::{Serial, UnixMillis};
use sqlx::SqlitePool;
use tokio::sync::watch;

use crate::access::{Admin, Follower};
use crate::audit::Act;
use crate::column::{Columns, big, millis};
use crate::sql::followers as sql;
use crate::store::Write;
use crate::{Casebook, StoreError};

/// Stands for a follower's run of counters where only its cursor was seen.
pub const NO_INSTANCE: [u8; 16] = [0; 16];
/// Runs that are remembered of one follower.
const RUNS_KEPT: i64 = 100;
/// Runs in one list.
const LISTED_MAX: i64 = 10_000;

/// One run of one follower.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowerRecord {
    /// Its token's name, as [`crate::access::Principal::name`].
    pub name: String,
    /// Its run of counters, or [`NO_INSTANCE`].
    pub instance: [u8; 16],
    /// The last entry that it acknowledged.
    pub serial: Serial,
    /// When it did.
    pub seen_at: UnixMillis,
}

impl Casebook {
    /// Notes that `by` holds everything up to `serial`.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn acknowledge(
        &self,
        by: &Follower,
        instance: [u8; 16],
        serial: Serial,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let mut write = self.db().write().await?;
        write.acknowledge(&by.principal().name, instance, serial, now).await?;
        write.commit().await?;
        self.note_furthest(&by.principal().name, serial);
        Ok(())
    }

    /// The furthest serial that any follower acknowledged.
    pub fn furthest(&self) -> Serial {
        *self.furthest_sender().borrow()
    }

    /// Told at each follower that is further than any before.
    pub fn watch_furthest(&self) -> watch::Receiver<Serial> {
        self.furthest_sender().subscribe()
    }

    /// The furthest follower's serial, where it is past the head: an alarm.
    pub fn ahead(&self) -> Option<Serial> {
        Some(self.furthest()).filter(|furthest| *furthest > self.head().serial)
    }

    /// Every follower known, the furthest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn followers(&self) -> Result<Vec<FollowerRecord>, StoreError> {
        let rows = sqlx::query(sql::LIST).bind(LISTED_MAX).fetch_all(self.readers()).await?;
        rows.iter()
            .map(|row| {
                let columns = Columns::new("followers", row);
                Ok(FollowerRecord {
                    name: columns.text("name")?,
                    instance: columns.array("instance")?,
                    serial: columns.serial("serial")?,
                    seen_at: columns.time("seen_at")?,
                })
            })
            .collect()
    }

    /// Forgets a follower: one that is gone for good, or that said what can't be.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where none has this name, or the database's.
    pub async fn forget_follower(
        &self,
        by: &Admin,
        name: &str,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let mut write = self.db().write().await?;
        let gone = sqlx::query(sql::FORGET).bind(name).execute(write.connection()).await?;
        if gone.rows_affected() == 0 {
            return Err(StoreError::Missing { what: "follower", id: name.to_owned() });
        }
        let object = format!("follower {name}");
        let who = &by.principal().name;
        write
            .audit(&Act { who, action: "forget-follower", object: &object, detail: "" }, now)
            .await?;
        write.commit().await?;
        self.furthest_sender().send_replace(furthest(self.readers()).await?);
        Ok(())
    }

    /// Keeps the furthest serial in mind, and says so where it is past the head.
    pub(crate) fn note_furthest(&self, follower: &str, serial: Serial) {
        let grew = self.furthest_sender().send_if_modified(|furthest| {
            let grew = serial > *furthest;
            *furthest = serial.max(*furthest);
            grew
        });
        let head = self.head().serial;
        if grew && serial > head {
            tracing::error!(
                follower, %serial, %head,
                "a follower is ahead of the journal: it was set back, and must be filled up with \
                 `belfry journal void`"
            );
        }
    }
}

impl Write {
    /// Notes how far a follower is.
    pub(crate) async fn acknowledge(
        &mut self,
        follower: &str,
        instance: [u8; 16],
        serial: Serial,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query(sql::UPSERT)
            .bind(follower)
            .bind(instance.to_vec())
            .bind(big(serial.0)?)
            .bind(millis(now)?)
            .execute(self.connection())
            .await?;
        sqlx::query(sql::PRUNE)
            .bind(follower)
            .bind(RUNS_KEPT - 1)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

/// The furthest serial as the rows have it.
pub(crate) async fn furthest(readers: &SqlitePool) -> Result<Serial, StoreError> {
    let row = sqlx::query(sql::FURTHEST).fetch_one(readers).await?;
    Columns::new("followers", &row).serial("serial")
}
