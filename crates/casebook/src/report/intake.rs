//! Taking reports in: evidence first, then the row, many rows a commit.
//!
//! A commit waits for the disk. Reports that come while one commit is under way
//! wait in a bounded queue and share the next, so that eight senders cost
//! little more than one. Nothing is answered before its commit.

use std::sync::Arc;
use std::time::Instant;

use belfry_journal::UnixMillis;
use tokio::sync::{mpsc, oneshot, watch};

use super::{Arrival, Channel, Content, NewReport, Receipt};
use crate::column::{Word, big, millis};
use crate::evidence::{self, ObjectName};
use crate::keys::Key;
use crate::sql::reports as sql;
use crate::store::{Db, Write};
use crate::{Casebook, StoreError};

/// Reports that may wait for their commit.
const QUEUE: usize = 256;
/// Rows in one commit.
const BATCH: usize = 64;

/// A report whose evidence is on disk, waiting for its row.
pub(crate) struct Pending {
    receipt: Receipt,
    channel: Channel,
    content: Content,
    size: u64,
    reporter: Option<[u8; 32]>,
    object: ObjectName,
    wrapped_key: Vec<u8>,
    envelope: Option<Vec<u8>>,
    mailbox: Option<String>,
    received_at: UnixMillis,
    started: Instant,
    answer: oneshot::Sender<Result<(), StoreError>>,
}

impl Casebook {
    /// Takes a report in: encrypted evidence and row are durable (fsync) when this returns.
    ///
    /// # Errors
    /// [`StoreError`]: nothing was accepted.
    pub async fn receive(&self, report: NewReport<'_>) -> Result<Receipt, StoreError> {
        self.take_in(report, Arrival::default()).await
    }

    pub(super) async fn take_in(
        &self,
        report: NewReport<'_>,
        arrival: Arrival<'_>,
    ) -> Result<Receipt, StoreError> {
        let started = Instant::now();
        let receipt = Receipt::draw();
        let object = ObjectName::of_receipt(self.keys(), receipt.as_str());
        let key = Key::random();
        let wrapped_key = evidence::wrap(self.keys(), &object, &key);
        let envelope = arrival.envelope.map(|envelope| envelope.seal(&key, object.as_str()));
        self.write_evidence(&object, key, report.bytes).await?;
        let (answer, answered) = oneshot::channel();
        let pending = Pending {
            receipt: receipt.clone(),
            channel: report.channel,
            content: report.content,
            size: report.bytes.len() as u64,
            reporter: report.reporter.map(|reporter| self.keys().pseudonym(reporter)),
            object,
            wrapped_key,
            envelope,
            mailbox: arrival.mailbox.map(ToOwned::to_owned),
            received_at: report.received_at,
            started,
            answer,
        };
        self.intake().send(pending).await.map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)??;
        Ok(receipt)
    }

    async fn write_evidence(
        &self,
        object: &ObjectName,
        key: Key,
        bytes: &[u8],
    ) -> Result<(), StoreError> {
        let (folder, object, bytes) =
            (self.evidence_folder().clone(), object.clone(), bytes.to_vec());
        tokio::task::spawn_blocking(move || {
            let sealed = evidence::seal(&key, object.as_str(), &bytes);
            folder.write(&object, &sealed)
        })
        .await
        .map_err(|_| StoreError::Closed)?
    }
}

/// Starts the task that writes rows; it ends when the casebook's last clone goes.
pub(crate) fn start(db: Db, reports: watch::Sender<u64>) -> mpsc::Sender<Pending> {
    let (sender, mut queue) = mpsc::channel(QUEUE);
    tokio::spawn(async move {
        let mut batch = Vec::with_capacity(BATCH);
        while queue.recv_many(&mut batch, BATCH).await > 0 {
            let written = write_batch(&db, &batch).await;
            if written.is_ok() {
                reports.send_modify(|count| *count += batch.len() as u64);
            }
            answer(&mut batch, written);
        }
    });
    sender
}

/// Tells each sender; one that has gone away keeps its report all the same.
fn answer(batch: &mut Vec<Pending>, written: Result<(), StoreError>) {
    let failed = written.err().map(Arc::new);
    for pending in batch.drain(..) {
        let answer = match &failed {
            None => Ok(()),
            Some(error) => Err(StoreError::Intake(Arc::clone(error))),
        };
        let _ = pending.answer.send(answer);
    }
}

async fn write_batch(db: &Db, batch: &[Pending]) -> Result<(), StoreError> {
    let mut write = db.write().await?;
    for pending in batch {
        insert(&mut write, pending).await?;
    }
    write.commit().await
}

async fn insert(write: &mut Write, pending: &Pending) -> Result<(), StoreError> {
    let id = write.draw("reports").await?;
    // No clock of its own: the time the report came in, and how long it has taken since.
    let stored_at = pending.received_at.plus(pending.started.elapsed());
    sqlx::query(sql::INSERT)
        .bind(id)
        .bind(pending.receipt.as_str())
        .bind(pending.channel.word())
        .bind(pending.content.word())
        .bind(big(pending.size)?)
        .bind(millis(pending.received_at)?)
        .bind(millis(stored_at)?)
        .bind(pending.reporter.map(|pseudonym| pseudonym.to_vec()))
        .bind(pending.object.as_str())
        .bind(pending.wrapped_key.as_slice())
        .bind(pending.envelope.as_deref())
        .bind(pending.mailbox.as_deref())
        .execute(write.connection())
        .await?;
    Ok(())
}
