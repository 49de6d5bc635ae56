//! The two tasks behind the intake: one makes batches durable, the other moves what
//! is in the spool to the evidence store. Both end when the casebook closes, after
//! what is under way.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::SqlitePool;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::{Intake, Pending};
use crate::StoreError;
use crate::evidence::{Depot, Left, ObjectName, Writer};
use crate::report::pressure::{Gauge, Pressure};
use crate::sql::{erasure, reports as sql};
use crate::store::Db;

/// Rows in one commit.
const BATCH: usize = 64;
/// How often an old segment is looked for, and the unread are counted.
const TICK: Duration = Duration::from_secs(10);
/// How long moving waits after it failed.
const MOVE_RETRY: Duration = Duration::from_secs(5);

/// The tasks, until they are stopped.
#[derive(Debug)]
pub(crate) struct Tasks {
    stop: watch::Sender<bool>,
    running: Mutex<Vec<JoinHandle<()>>>,
}

impl Tasks {
    /// Lets what waits become durable, and ends them.
    pub(crate) async fn stop(&self) {
        self.stop.send_replace(true);
        let running =
            std::mem::take(&mut *self.running.lock().unwrap_or_else(PoisonError::into_inner));
        for task in running {
            // One that panicked has said so.
            let _ = task.await;
        }
    }
}

/// Starts the tasks; they end with the casebook's last clone too.
pub(crate) fn start(
    db: Db,
    depot: Depot,
    writer: Writer,
    gauge: Arc<Gauge>,
    reports: watch::Sender<u64>,
) -> (Intake, Tasks) {
    let (intake, queue) = Intake::new();
    let (stop, stopped) = watch::channel(false);
    // One place is enough: who is woken looks for all there is.
    let (wake, woken) = mpsc::channel(1);
    let mover = tokio::spawn(run_mover(depot.clone(), woken, stopped.clone()));
    let writer = Some(writer);
    let batches = Batches { db, depot, writer, gauge, reports, wake, told: None };
    let batches = tokio::spawn(batches.run(queue, stopped));
    (intake, Tasks { stop, running: Mutex::new(vec![batches, mover]) })
}

/// What makes batches durable.
struct Batches {
    db: Db,
    depot: Depot,
    /// Away while a batch is appended on another thread.
    writer: Option<Writer>,
    gauge: Arc<Gauge>,
    reports: watch::Sender<u64>,
    wake: mpsc::Sender<()>,
    /// The pressure that the log was last told of.
    told: Option<Pressure>,
}

impl Batches {
    async fn run(mut self, mut queue: mpsc::Receiver<Pending>, mut stopped: watch::Receiver<bool>) {
        let mut batch = Vec::with_capacity(BATCH);
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut open = true;
        loop {
            tokio::select! {
                biased;
                // Whoever waits is still answered; then the queue is at its end.
                () = told_to_stop(&mut stopped), if open => {
                    open = false;
                    queue.close();
                }
                came = queue.recv_many(&mut batch, BATCH) => {
                    if came == 0 {
                        break;
                    }
                    self.make_durable(&mut batch).await;
                }
                _ = tick.tick() => self.tidy_up().await,
            }
        }
        if let Some(writer) = &mut self.writer {
            writer.close();
        }
    }

    async fn make_durable(&mut self, batch: &mut Vec<Pending>) {
        let written = self.write(batch).await;
        if written.is_ok() {
            self.gauge.came(batch.len());
            self.reports.send_modify(|count| *count += batch.len() as u64);
        }
        self.wake_mover();
        answer(batch, written);
    }

    /// Bytes, then rows.
    async fn write(&mut self, batch: &mut [Pending]) -> Result<(), StoreError> {
        let objects: Vec<_> = batch.iter_mut().map(Pending::take_object).collect();
        self.with_writer(move |writer| writer.append(&objects)).await?.map_err(|source| {
            let path = "the spool".into();
            StoreError::File { path, source }
        })?;
        let written = write_rows(&self.db, batch).await;
        if written.is_err() {
            self.take_back(batch).await;
        }
        written
    }

    /// Withdraws a batch whose commit failed, but for rows that are there all the same.
    async fn take_back(&mut self, batch: &[Pending]) {
        let mut all = true;
        for pending in batch {
            // Where the database does not even answer that, the object is kept.
            if has_row(self.db.readers(), &pending.object).await.unwrap_or(true) {
                all = false;
            } else {
                self.depot.spool().withdraw(&pending.object);
            }
        }
        if all {
            let _ = self.with_writer(Writer::take_back).await;
        }
    }

    /// Runs `work` where it may wait for the disk.
    async fn with_writer<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Writer) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let mut writer = self.writer.take().ok_or(StoreError::Closed)?;
        let worked = tokio::task::spawn_blocking(move || {
            let worked = work(&mut writer);
            (writer, worked)
        });
        let (writer, worked) = worked.await.map_err(|_| StoreError::Closed)?;
        self.writer = Some(writer);
        Ok(worked)
    }

    async fn tidy_up(&mut self) {
        if let Some(writer) = &mut self.writer {
            writer.close_if_old();
        }
        self.wake_mover();
        if let Ok(unread) = count_unread(self.db.readers()).await {
            self.gauge.counted(unread);
        }
        let pressure = self.gauge.figures().pressure;
        if pressure != self.told {
            match pressure {
                Some(why) => tracing::error!(why = why.explain(), "reports are put off"),
                None => tracing::info!("reports are taken in again"),
            }
            self.told = pressure;
        }
    }

    fn wake_mover(&self) {
        if self.depot.spool().oldest_closed().is_some() {
            // Full means that it is awake already.
            let _ = self.wake.try_send(());
        }
    }
}

/// Waits for the stop, or for the casebook's last clone to go.
async fn told_to_stop(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stop| *stop).await;
}

/// Tells each sender; one that has gone away keeps its report all the same.
fn answer(batch: &mut Vec<Pending>, written: Result<(), StoreError>) {
    let busy = written.as_ref().err().and_then(Pressure::of);
    if let Err(error) = &written {
        tracing::error!(%error, reports = batch.len(), "reports could not be stored");
    }
    let failed = written.err().map(Arc::new);
    for pending in batch.drain(..) {
        let answer = match (&failed, busy) {
            (None, _) => Ok(()),
            (Some(_), Some(pressure)) => Err(StoreError::Busy(pressure)),
            (Some(error), None) => Err(StoreError::Intake(Arc::clone(error))),
        };
        let _ = pending.answer.send(answer);
    }
}

async fn write_rows(db: &Db, batch: &[Pending]) -> Result<(), StoreError> {
    let mut write = db.write_together().await?;
    let count = i64::try_from(batch.len()).unwrap_or(i64::MAX);
    let last: i64 = sqlx::query_scalar(sql::DRAW).bind(count).fetch_one(write.connection()).await?;
    for (id, pending) in (last - count + 1..).zip(batch) {
        pending.insert(id, &mut write).await?;
    }
    write.commit().await
}

/// Admits what the last process left in the spool, where it has a row.
pub(crate) async fn recover(db: &Db, depot: &Depot, left: Left) -> Result<Writer, StoreError> {
    let mut rows = HashSet::new();
    for name in left.names() {
        if has_row(db.readers(), name).await? {
            rows.insert(name.clone());
        }
    }
    Ok(depot.recover(left, |name| rows.contains(name)))
}

/// Whether a report has this object.
async fn has_row(readers: &SqlitePool, object: &ObjectName) -> Result<bool, StoreError> {
    let query = sqlx::query_scalar(erasure::HAS_OBJECT).bind(object.as_str());
    let reports: i64 = query.fetch_one(readers).await?;
    Ok(reports > 0)
}

/// How many reports wait to be read.
pub(crate) async fn count_unread(readers: &SqlitePool) -> Result<u64, StoreError> {
    let unread: i64 = sqlx::query_scalar(sql::COUNT_UNREAD).fetch_one(readers).await?;
    Ok(unread.unsigned_abs())
}

/// Moves closed segments to the store, oldest first, until told to stop.
async fn run_mover(depot: Depot, mut woken: mpsc::Receiver<()>, stopped: watch::Receiver<bool>) {
    while woken.recv().await.is_some() {
        while let Some(number) = depot.spool().oldest_closed() {
            if *stopped.borrow() {
                return;
            }
            let depot = depot.clone();
            let moving = tokio::task::spawn_blocking(move || depot.move_segment(number));
            match moving.await {
                Ok(Ok(())) => tracing::debug!(number, "a spool segment is in the store"),
                Ok(Err(error)) => {
                    tracing::error!(%error, "a spool segment can't be moved to the store yet");
                    tokio::time::sleep(MOVE_RETRY).await;
                    break;
                }
                Err(_) => return,
            }
        }
    }
}
