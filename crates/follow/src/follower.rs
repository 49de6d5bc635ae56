//! The follower's loop: snapshot, replay, apply, save, report. It stops for
//! nothing but its stop token: a hub that is gone, an entry that can't be read
//! and a disk that fails leave the last good state in force, with an alarm.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use belfry_journal::{Change, EffectiveSet, Serial, UnixMillis, snapshot};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::backoff::Backoff;
use crate::state::{State, Trouble};
use crate::status::Board;
use crate::{EffectsReport, Health, SnapshotStore, Source, SourceError, Status};

/// How long the last save and the last report may take after the stop, each.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// How soon a save that failed is tried again, at the soonest.
const RETRY_SAVE: Duration = Duration::from_secs(5);

/// What carries the effective set out: the gate's block set, the SMS filter.
pub trait Apply: Send + Sync + 'static {
    /// The whole set at once: at start, and after a new snapshot.
    fn replace(&self, set: &EffectiveSet);
    /// What one batch changed; it holds for the next query when this returns.
    fn change(&self, set: &EffectiveSet, changes: &[Change]);
    /// Totals that changed since the upload before, if any; without totals where only
    /// `serial` has moved on, which the hub must know too.
    fn effects(&self, serial: Serial) -> Option<EffectsReport>;
    /// That report reached the hub.
    fn reported(&self, report: &EffectsReport);
}

/// The loop.
#[derive(Debug)]
pub struct Follower<S, A> {
    source: S,
    apply: Arc<A>,
    store: SnapshotStore,
    now: fn() -> UnixMillis,
    report_every: Duration,
    save_every: Duration,
    /// What holds, with the first status of a restored follower until it runs.
    held: Mutex<(State, Option<Status>)>,
    /// Rung when what holds is newer than what is on disk.
    unsaved: Notify,
}

impl<S: Source, A: Apply> Follower<S, A> {
    /// A follower that saves after at most `save_every` and reports each `report_every`.
    pub fn new(
        source: S,
        apply: Arc<A>,
        store: SnapshotStore,
        now: fn() -> UnixMillis,
        report_every: Duration,
        save_every: Duration,
    ) -> Self {
        let held = Mutex::new((State::default(), None));
        let unsaved = Notify::new();
        Self { source, apply, store, now, report_every, save_every, held, unsaved }
    }

    /// Loads the last good snapshot and applies it; the block set holds when this returns.
    /// Reads the disk: call it before the runtime has other work.
    pub fn restore(&self) -> Status {
        let (found, problems) = self.store.load();
        for problem in &problems {
            tracing::error!(%problem, "a snapshot was passed over");
        }
        let mut held = self.held();
        let health = match found {
            Some((journal, set)) => {
                tracing::info!(%journal, serial = %set.serial(), orders = set.len(), "restored");
                self.apply.replace(&set);
                held.0 = State::new(journal, set);
                Health::Stale
            }
            None => Health::Empty,
        };
        let status = Status {
            health,
            serial: held.0.serial(),
            head: held.0.serial(),
            heard_at: None,
            problem: problems.first().map(ToString::to_string),
        };
        held.1 = Some(status.clone());
        status
    }

    /// Follows until `stop`, then saves and reports once more (at most a few
    /// seconds). Restores first where [`Self::restore`] was not called.
    pub async fn run(self, status: watch::Sender<Status>, stop: CancellationToken) {
        let restored = self.held().1.take();
        let first = restored.unwrap_or_else(|| self.restore());
        let on_disk = first.serial;
        let board = Mutex::new(Board::new(status, first));
        tokio::join!(
            self.follow(&board, &stop),
            self.save_loop(on_disk, &board, &stop),
            self.report_loop(&stop)
        );
    }

    fn held(&self) -> MutexGuard<'_, (State, Option<Status>)> {
        lock(&self.held)
    }

    async fn follow(&self, board: &Mutex<Board>, stop: &CancellationToken) {
        let mut backoff = Backoff::new();
        let mut wants_snapshot = self.held().0.journal().is_none();
        loop {
            let step = self.step(&mut wants_snapshot, board);
            let Some(outcome) = stop.run_until_cancelled(step).await else { return };
            let Err(trouble) = outcome else {
                backoff.reset();
                continue;
            };
            wants_snapshot |= trouble.wants_snapshot();
            self.alarm(&trouble, board);
            if trouble.needs_someone() {
                backoff.slow();
            }
            let pause = tokio::time::sleep(backoff.pause());
            if stop.run_until_cancelled(pause).await.is_none() {
                return;
            }
        }
    }

    /// One wait for the source, and what it brought applied.
    async fn step(&self, wants_snapshot: &mut bool, board: &Mutex<Board>) -> Result<(), Trouble> {
        if *wants_snapshot {
            self.fetch_snapshot(board).await?;
            *wants_snapshot = false;
        }
        let after = self.held().0.serial();
        let batch = self.source.next(after).await?;
        let mut held = self.held();
        let (changes, outcome) = held.0.fold(&batch);
        let serial = held.0.serial();
        if serial > after {
            self.apply.change(held.0.set(), &changes);
            self.unsaved.notify_one();
        }
        drop(held);
        outcome?;
        lock(board).heard(serial, batch.head, (self.now)());
        Ok(())
    }

    /// Takes the hub's snapshot in place of what holds. A follower that holds
    /// nothing can do without one: it replays from the first entry.
    async fn fetch_snapshot(&self, board: &Mutex<Board>) -> Result<(), Trouble> {
        let (journal, set) = match self.source.snapshot().await {
            Ok(found) => found,
            Err(SourceError::Malformed(why)) if self.held().0.journal().is_none() => {
                tracing::error!(why, "no usable snapshot from the hub: replaying from entry 1");
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        let mut held = self.held();
        let (before, after) = (held.0.set().len(), set.len());
        held.0.replace(journal, set)?;
        let serial = held.0.serial();
        self.apply.replace(held.0.set());
        self.unsaved.notify_one();
        drop(held);
        tracing::info!(%journal, %serial, before, after, "took the hub's snapshot");
        lock(board).heard(serial, serial, (self.now)());
        Ok(())
    }

    fn alarm(&self, trouble: &Trouble, board: &Mutex<Board>) {
        let held = self.held();
        let health = trouble.health(held.0.journal().is_some());
        let serial = held.0.serial();
        drop(held);
        match trouble {
            Trouble::Source(SourceError::Unreachable(_)) => tracing::warn!(%serial, "{trouble}"),
            _ => tracing::error!(%serial, "{trouble}"),
        }
        lock(board).trouble(health, serial, trouble.to_string());
    }

    /// Saves `save_every` after the first change that is not on disk yet, and once at the end.
    async fn save_loop(&self, mut on_disk: Serial, board: &Mutex<Board>, stop: &CancellationToken) {
        let mut pause = self.save_every;
        loop {
            let due = async {
                self.unsaved.notified().await;
                tokio::time::sleep(pause).await;
            };
            if stop.run_until_cancelled(due).await.is_none() {
                break;
            }
            let saved = self.save().await;
            pause = if saved.is_ok() { self.save_every } else { self.save_every.max(RETRY_SAVE) };
            on_disk = self.after_save(saved, on_disk, board);
        }
        if self.held().0.serial() == on_disk {
            return;
        }
        match tokio::time::timeout(LAST_WORDS, self.save()).await {
            Ok(saved) => drop(self.after_save(saved, on_disk, board)),
            Err(_) => tracing::error!("the last snapshot was not saved in time"),
        }
    }

    /// Shows how a save went; answers the serial that is on disk now. A disk
    /// that fails is an alarm and never stops the follower.
    fn after_save(
        &self,
        saved: Result<Serial, String>,
        before: Serial,
        board: &Mutex<Board>,
    ) -> Serial {
        let problem = saved.as_ref().err().cloned();
        if let Some(problem) = &problem {
            tracing::error!(problem, "the snapshot was not saved; the one before stands");
            self.unsaved.notify_one();
        }
        lock(board).saved(problem);
        saved.unwrap_or(before)
    }

    /// Encodes what holds and writes it, both off the runtime's threads. The
    /// set is shared only while it is encoded.
    async fn save(&self) -> Result<Serial, String> {
        let (journal, set) = {
            let held = self.held();
            let Some(journal) = held.0.journal() else { return Ok(held.0.serial()) };
            (journal, Arc::clone(held.0.set()))
        };
        let store = self.store.clone();
        let work = tokio::task::spawn_blocking(move || {
            let (serial, bytes) = (set.serial(), snapshot::encode(journal, &set));
            drop(set);
            store.save_bytes(serial, &bytes).map(|()| serial)
        });
        match work.await {
            Ok(saved) => saved.map_err(|problem| problem.to_string()),
            Err(error) => Err(format!("saving a snapshot failed: {error}")),
        }
    }

    /// Reports each `report_every`, and once at the end.
    async fn report_loop(&self, stop: &CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(self.report_every)).await.is_some() {
            self.report().await;
        }
        if tokio::time::timeout(LAST_WORDS, self.report()).await.is_err() {
            tracing::warn!("the last report did not reach the hub in time");
        }
    }

    async fn report(&self) {
        let serial = self.held().0.serial();
        let Some(report) = self.apply.effects(serial) else { return };
        match self.source.report(&report).await {
            Ok(()) => self.apply.reported(&report),
            Err(error) => tracing::warn!(%error, "effects not reported; the totals are kept"),
        }
    }
}

/// A lock whose holder panicked is taken all the same: what holds must go on holding.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
