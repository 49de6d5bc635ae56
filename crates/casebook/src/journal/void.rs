//! Filling the journal up after a restore: void entries take the numbers that a
//! follower has seen before, and one entry declares it.

use belfry_journal::{Serial, UnixMillis};

use crate::access::Admin;
use crate::audit::Act;
use crate::store::Write;
use crate::{Casebook, StoreError};

/// Most voids in one call: about 1 GB of journal. A follower further than that says what can't be.
const VOIDS_MAX: u64 = 5_000_000;
/// Voids in one transaction, so that a verdict waits for one of them at most.
const VOIDS_A_WRITE: u64 = 2_000;

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Voided {
    /// The head before: the last entry that the restored journal had.
    pub kept: Serial,
    /// How many voids.
    pub voids: u64,
    /// The entry that declares the restore.
    pub serial: Serial,
}

impl Casebook {
    /// Fills the journal up with void entries to `through` and declares the restore, so
    /// that no serial which a follower has passed is given out again, and followers that
    /// hold another past take a snapshot. Stopped halfway, it is called again.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for more than 5,000,000 voids, or the database's.
    pub async fn void_through(
        &self,
        by: &Admin,
        through: Serial,
        why: &str,
        now: UnixMillis,
    ) -> Result<Voided, StoreError> {
        let kept = self.head().serial;
        if through.0.saturating_sub(kept.0) > VOIDS_MAX {
            let why =
                "it is over 5,000,000 entries past the head: forget the follower that says so";
            return Err(StoreError::Invalid { what: "serial", why });
        }
        let mut voids = 0;
        // The last voids and the declaration are one transaction: the furthest follower
        // never sees a head that it could take for its own.
        while through.0.saturating_sub(self.head().serial.0) > VOIDS_A_WRITE {
            let mut write = self.db().write().await?;
            voids += self.append_voids(&mut write, through, now).await?;
            write.commit().await?;
        }
        let mut write = self.db().write().await?;
        voids += self.append_voids(&mut write, through, now).await?;
        let serial = write.append_restored(kept, now).await?;
        let detail = format!("{voids} voids after entry {kept}, declared by entry {serial}: {why}");
        let who = &by.principal().name;
        let act = Act { who, action: "void-journal", object: "journal", detail: &detail };
        write.audit(&act, now).await?;
        write.commit().await?;
        Ok(Voided { kept, voids, serial })
    }

    /// Voids up to `through`, or as many as fit into one transaction; answers how many.
    async fn append_voids(
        &self,
        write: &mut Write,
        through: Serial,
        now: UnixMillis,
    ) -> Result<u64, StoreError> {
        // Looked at within the writer's turn: nobody else appends meanwhile.
        let missing = through.0.saturating_sub(self.head().serial.0).min(VOIDS_A_WRITE);
        for _ in 0..missing {
            write.append_void(now).await?;
        }
        Ok(missing)
    }
}
