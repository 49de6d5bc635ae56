//! The follower's loop: snapshot, replay, apply, save, report.

use std::sync::Arc;
use std::time::Duration;

use belfry_journal::{Change, EffectiveSet, Serial, UnixMillis};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{EffectsReport, SnapshotStore, Source};

/// What carries the effective set out: the gate's block set, the SMS filter.
pub trait Apply: Send + Sync + 'static {
    /// The whole set at once: at start, and after a new snapshot.
    fn replace(&self, set: &EffectiveSet);
    /// What one batch changed; it holds for the next query when this returns.
    fn change(&self, set: &EffectiveSet, changes: &[Change]);
    /// Totals that changed since the upload before, if any.
    fn effects(&self, serial: Serial) -> Option<EffectsReport>;
    /// That report reached the hub.
    fn reported(&self, report: &EffectsReport);
}

/// How a follower is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// No verified state yet.
    Empty,
    /// A verified state, the hub not reached (since when the last entry came).
    Stale,
    /// In step with the head as last heard.
    Fresh,
    /// Ahead of the hub's head, or of another journal: an alarm, never "up to date".
    Ahead,
}

/// A follower's state for `/readyz`, metrics and status.
#[derive(Clone, Debug)]
pub struct Status {
    /// How it is doing.
    pub health: Health,
    /// The last entry that holds.
    pub serial: Serial,
    /// The hub's head as last heard.
    pub head: Serial,
    /// When the hub was last heard.
    pub heard_at: Option<UnixMillis>,
    /// The last thing that went wrong, in words.
    pub problem: Option<String>,
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
        Self { source, apply, store, now, report_every, save_every }
    }

    /// Loads the last good snapshot and applies it; the block set holds when this returns.
    pub fn restore(&self) -> Status {
        let _ = (&self.source, &self.apply, &self.store, self.now, self.report_every, self.save_every);
        todo!()
    }

    /// Follows until `stop`, then saves and reports once more (at most a few seconds).
    pub async fn run(self, status: watch::Sender<Status>, stop: CancellationToken) {
        let _ = (status, stop);
        todo!()
    }
}
