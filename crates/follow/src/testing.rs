//! What this crate's tests share: a journal made by hand, an `Apply` that
//! remembers what it was told, and a source whose faults a test chooses.

use std::collections::VecDeque;
use std::sync::Mutex;

use belfry_indicator::{Domain, Target};
use belfry_journal::{
    Action, Audience, Body, Category, Cause, Change, EffectiveSet, Entry, Heartbeat, JournalId,
    Mode, Order, PublicReason, Restored, Serial, UnixMillis,
};
use tokio::sync::watch;

use crate::{Apply, Batch, EffectsReport, Source, SourceError};

pub(crate) const JOURNAL: JournalId = JournalId([7; 16]);

pub(crate) fn now() -> UnixMillis {
    UnixMillis(1_764_000_000_000)
}

/// An order about host `name`.
pub(crate) fn order(action: Action, name: &str) -> Body {
    Body::Order(Order {
        action,
        target: Target::Host(Domain::parse(name).expect("a test's name")),
        category: Category::Phishing,
        mode: Mode::Live,
        issued_at: UnixMillis(1_000),
        valid_until: UnixMillis(2_000),
        audience: Audience::Everyone,
        cause: Cause::Verdict { case: 1 },
        reason: PublicReason::Impersonation,
        keeps_mail: false,
    })
}

/// A journal in the making.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journal {
    pub(crate) entries: Vec<Entry>,
    set: EffectiveSet,
}

impl Journal {
    pub(crate) fn push(&mut self, body: &Body) -> Serial {
        let serial = self.set.serial().next();
        let salt = [u8::try_from(serial.0 % 251).expect("below 251"); 32];
        let entry = Entry::new(serial, salt, body);
        self.set.apply(&entry).expect("the next entry");
        self.entries.push(entry);
        serial
    }

    pub(crate) fn block(&mut self, name: &str) -> Serial {
        self.push(&order(Action::Block, name))
    }

    pub(crate) fn heartbeat(&mut self) -> Serial {
        let frontier = self.set.frontier();
        let (tree_size, root) = (frontier.size(), frontier.root());
        self.push(&Body::Heartbeat(Heartbeat { at: UnixMillis(5), tree_size, root }))
    }

    /// As a hub does that was restored at the present serial: voids up to `through`, then
    /// the declaration.
    pub(crate) fn restored(&mut self, through: u64) -> Serial {
        let kept = self.set.serial();
        while self.set.serial().0 < through {
            self.push(&Body::Void);
        }
        let frontier = self.set.frontier();
        let (tree_size, root) = (frontier.size(), frontier.root());
        self.push(&Body::Restored(Restored { at: UnixMillis(6), kept, tree_size, root }))
    }

    /// `count` blocks of `hostN.example`.
    pub(crate) fn of_blocks(count: u64) -> Self {
        let mut journal = Self::default();
        for n in 1..=count {
            journal.block(&format!("host{n}.example"));
        }
        journal
    }

    pub(crate) fn set(&self) -> &EffectiveSet {
        &self.set
    }

    /// The set as it was at `serial`.
    pub(crate) fn set_at(&self, serial: u64) -> EffectiveSet {
        let mut set = EffectiveSet::new();
        for entry in self.entries.iter().filter(|entry| entry.serial.0 <= serial) {
            set.apply(entry).expect("the journal's own entries fold");
        }
        set
    }

    pub(crate) fn batch(&self, after: Serial, most: usize) -> Batch {
        let later = self.entries.iter().filter(|entry| entry.serial > after);
        Batch {
            journal: JOURNAL,
            head: self.set.serial(),
            entries: later.take(most).cloned().collect(),
        }
    }
}

/// Remembers what it was told, and checks that changes tell the truth.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    pub(crate) set: Mutex<EffectiveSet>,
    pub(crate) replaced: Mutex<u32>,
    pub(crate) changes: Mutex<Vec<Vec<Change>>>,
    pub(crate) pending: Mutex<Option<EffectsReport>>,
    pub(crate) reported: Mutex<Vec<EffectsReport>>,
}

impl Apply for Recorder {
    fn replace(&self, set: &EffectiveSet) {
        *self.replaced.lock().unwrap() += 1;
        *self.set.lock().unwrap() = set.clone();
    }
    fn change(&self, set: &EffectiveSet, changes: &[Change]) {
        for change in changes {
            match change {
                Change::Set(key) => assert!(set.get(key).is_some(), "{key:?} does not hold"),
                // A later entry of the batch may have set it again.
                Change::Removed(_) | Change::None => {}
            }
        }
        self.changes.lock().unwrap().push(changes.to_vec());
        *self.set.lock().unwrap() = set.clone();
    }
    fn effects(&self, serial: Serial) -> Option<EffectsReport> {
        let report = self.pending.lock().unwrap().clone();
        report.map(|report| EffectsReport { serial, ..report })
    }
    fn reported(&self, report: &EffectsReport) {
        *self.pending.lock().unwrap() = None;
        self.reported.lock().unwrap().push(report.clone());
    }
}

/// What a fake source answers instead of the truth, once each.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    Error(SourceError),
    Answer(Batch),
}

/// A journal in memory that is followed through a watch, as in one process.
#[derive(Clone, Debug)]
pub(crate) struct Fake {
    inner: std::sync::Arc<Inner>,
    changed: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Inner {
    journal: Mutex<Journal>,
    faults: Mutex<VecDeque<Fault>>,
    snapshot_fault: Mutex<Option<SourceError>>,
    snapshots: Mutex<u32>,
    reports: Mutex<Vec<EffectsReport>>,
    most: Mutex<Option<usize>>,
}

impl Fake {
    pub(crate) fn new(journal: Journal) -> Self {
        let inner = Inner { journal: Mutex::new(journal), ..Inner::default() };
        Self { inner: std::sync::Arc::new(inner), changed: watch::channel(0).0 }
    }

    /// Changes the journal; followers hear of it at once.
    pub(crate) fn write<R>(&self, change: impl FnOnce(&mut Journal) -> R) {
        change(&mut self.inner.journal.lock().unwrap());
        self.changed.send_modify(|version| *version += 1);
    }

    pub(crate) fn fault(&self, fault: Fault) {
        self.inner.faults.lock().unwrap().push_back(fault);
        self.changed.send_modify(|version| *version += 1);
    }

    pub(crate) fn break_snapshot(&self, error: Option<SourceError>) {
        *self.inner.snapshot_fault.lock().unwrap() = error;
    }

    pub(crate) fn batches_of(&self, most: usize) {
        *self.inner.most.lock().unwrap() = Some(most);
    }

    pub(crate) fn snapshots(&self) -> u32 {
        *self.inner.snapshots.lock().unwrap()
    }

    pub(crate) fn reports(&self) -> Vec<EffectsReport> {
        self.inner.reports.lock().unwrap().clone()
    }
}

impl Source for Fake {
    async fn next(&self, after: Serial) -> Result<Batch, SourceError> {
        let mut changed = self.changed.subscribe();
        let mut first = true;
        loop {
            changed.borrow_and_update();
            if let Some(fault) = self.inner.faults.lock().unwrap().pop_front() {
                return match fault {
                    Fault::Error(error) => Err(error),
                    Fault::Answer(batch) => Ok(batch),
                };
            }
            let most = self.inner.most.lock().unwrap().unwrap_or(1_000);
            let batch = self.inner.journal.lock().unwrap().batch(after, most);
            if !batch.entries.is_empty() || batch.head < after {
                return Ok(batch);
            }
            if !std::mem::take(&mut first) {
                return Ok(batch); // a sign of life
            }
            if changed.changed().await.is_err() {
                return Err(SourceError::Unreachable("the fake is gone".into()));
            }
        }
    }

    async fn snapshot(&self) -> Result<(JournalId, EffectiveSet), SourceError> {
        *self.inner.snapshots.lock().unwrap() += 1;
        match self.inner.snapshot_fault.lock().unwrap().clone() {
            Some(error) => Err(error),
            None => Ok((JOURNAL, self.inner.journal.lock().unwrap().set().clone())),
        }
    }

    async fn report(&self, report: &EffectsReport) -> Result<(), SourceError> {
        self.inner.reports.lock().unwrap().push(report.clone());
        Ok(())
    }
}
