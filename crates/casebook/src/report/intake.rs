//! Taking reports in: bytes into the spool, then the row, many of both a sync of the disk.
//!
//! A commit waits for the disk. Reports that come while one commit is under way
//! wait in a bounded queue and share the next, so that eight senders cost
//! little more than one. Nothing is answered before its commit.

mod task;

use std::sync::Arc;
use std::time::Instant;

use belfry_journal::UnixMillis;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use super::{Arrival, Channel, Content, NewReport, Receipt};
use crate::column::{Word, big, millis};
use crate::evidence::{self, ObjectName, SealedObject};
use crate::keys::Key;
use crate::sql::reports as sql;
use crate::store::Write;
use crate::{Casebook, StoreError};

pub(crate) use self::task::{Tasks, count_unread, recover, start};

/// Reports that may wait for their commit.
const QUEUE: usize = 256;
/// Octets of them all; whoever comes when these are taken waits before the queue.
const QUEUE_BYTES: usize = 256 << 20;
/// The unit in which these octets are lent.
const UNIT_BYTES: usize = 1 << 10;
/// Up to here encrypting takes less time than handing the bytes to another thread.
const SEALED_HERE: usize = 64 << 10;

/// The way to the intake's task.
#[derive(Debug)]
pub(crate) struct Intake {
    queue: mpsc::Sender<Pending>,
    room: Arc<Semaphore>,
}

impl Intake {
    fn new() -> (Self, mpsc::Receiver<Pending>) {
        let (queue, receiver) = mpsc::channel(QUEUE);
        (Self { queue, room: Arc::new(Semaphore::new(QUEUE_BYTES / UNIT_BYTES)) }, receiver)
    }

    /// Waits for room for `bytes` in the queue.
    async fn room_for(&self, bytes: usize) -> Result<OwnedSemaphorePermit, StoreError> {
        let units = bytes.div_ceil(UNIT_BYTES).min(QUEUE_BYTES / UNIT_BYTES);
        let units = u32::try_from(units).unwrap_or(u32::MAX);
        Arc::clone(&self.room).acquire_many_owned(units).await.map_err(|_| StoreError::Closed)
    }
}

/// A report that waits for its bytes and row to be durable.
#[derive(Debug)]
pub(crate) struct Pending {
    receipt: Receipt,
    channel: Channel,
    content: Content,
    size: u64,
    reporter: Option<[u8; 32]>,
    object: ObjectName,
    /// Taken out when it is appended.
    sealed: Vec<u8>,
    wrapped_key: Vec<u8>,
    envelope: Option<Vec<u8>>,
    mailbox: Option<String>,
    received_at: UnixMillis,
    started: Instant,
    answer: oneshot::Sender<Result<(), StoreError>>,
    _room: OwnedSemaphorePermit,
}

impl Casebook {
    /// Takes a report in: encrypted evidence and row are durable (fsync) when this returns.
    ///
    /// # Errors
    /// [`StoreError::Busy`] where there is no room just now; any other [`StoreError`]
    /// likewise: nothing was accepted.
    pub async fn receive(&self, report: NewReport<'_>) -> Result<Receipt, StoreError> {
        self.take_in(report, Arrival::default()).await
    }

    pub(super) async fn take_in(
        &self,
        report: NewReport<'_>,
        arrival: Arrival<'_>,
    ) -> Result<Receipt, StoreError> {
        if let Some(pressure) = self.pressure() {
            return Err(StoreError::Busy(pressure));
        }
        let started = Instant::now();
        let room = self.intake().room_for(report.bytes.len()).await?;
        let receipt = Receipt::draw();
        let object = ObjectName::of_receipt(self.keys(), receipt.as_str());
        let key = Key::random();
        let wrapped_key = evidence::wrap(self.keys(), &object, &key);
        let envelope = arrival.envelope.map(|envelope| envelope.seal(&key, object.as_str()));
        let sealed = seal(key, &object, report.bytes).await?;
        let (answer, answered) = oneshot::channel();
        let pending = Pending {
            receipt: receipt.clone(),
            channel: report.channel,
            content: report.content,
            size: report.bytes.len() as u64,
            reporter: report.reporter.map(|reporter| self.keys().pseudonym(reporter)),
            object,
            sealed,
            wrapped_key,
            envelope,
            mailbox: arrival.mailbox.map(ToOwned::to_owned),
            received_at: report.received_at,
            started,
            answer,
            _room: room,
        };
        self.intake().queue.send(pending).await.map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)??;
        Ok(receipt)
    }
}

async fn seal(key: Key, object: &ObjectName, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    if bytes.len() <= SEALED_HERE {
        return Ok(evidence::seal(&key, object.as_str(), bytes));
    }
    let (object, bytes) = (object.clone(), bytes.to_vec());
    tokio::task::spawn_blocking(move || evidence::seal(&key, object.as_str(), &bytes))
        .await
        .map_err(|_| StoreError::Closed)
}

impl Pending {
    /// Its bytes, to be appended to the spool; once.
    fn take_object(&mut self) -> SealedObject {
        SealedObject { name: self.object.clone(), bytes: std::mem::take(&mut self.sealed) }
    }

    async fn insert(&self, id: i64, write: &mut Write) -> Result<(), StoreError> {
        // No clock of its own: the time the report came in, and how long it has taken since.
        let stored_at = self.received_at.plus(self.started.elapsed());
        sqlx::query(sql::INSERT)
            .bind(id)
            .bind(self.receipt.as_str())
            .bind(self.channel.word())
            .bind(self.content.word())
            .bind(big(self.size)?)
            .bind(millis(self.received_at)?)
            .bind(millis(stored_at)?)
            .bind(self.reporter.map(|pseudonym| pseudonym.to_vec()))
            .bind(self.object.as_str())
            .bind(self.wrapped_key.as_slice())
            .bind(self.envelope.as_deref())
            .bind(self.mailbox.as_deref())
            .execute(write.connection())
            .await?;
        Ok(())
    }
}
