//! [`Keeper`]: what a follower hands changes to, and what the writer takes them from.
//! Never waits for a disk: a slow one makes files late, not the follower.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use belfry_follow::{Apply, EffectsReport};
use belfry_journal::{Change, EffectiveSet, Serial};
use belfry_rpz::{Patch, View, ZoneAlone};
use tokio::sync::Notify;

/// What holds for one operator, and how far its files are.
#[derive(Debug)]
pub struct Keeper {
    state: Mutex<State>,
    changed: Arc<Notify>,
    instance: [u8; 16],
}

#[derive(Debug)]
struct State {
    zone: ZoneAlone,
    /// Whether this is a whole set, and not the first entries of one.
    known: bool,
    /// Whether files lack something.
    dirty: bool,
    /// The last entry taken in.
    seen: Serial,
    /// That of the files, once there are any.
    written: Option<Serial>,
    /// The one that the hub was told.
    told: Option<Serial>,
}

/// What is to be written.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) view: View,
    /// What goes before the base that was given; `None` where the base is of no use any more.
    pub(crate) patch: Option<Patch>,
    pub(crate) serial: Serial,
    /// Names that are too long for a zone.
    pub(crate) defects: usize,
}

impl Keeper {
    /// Of an empty zone.
    pub fn new(zone: ZoneAlone) -> Self {
        let mut instance = [0; 16];
        if getrandom::fill(&mut instance).is_err() {
            tracing::warn!("no random octets: the hub may take this run for another");
        }
        let (seen, written, told) = (Serial(0), None, None);
        let state = State { zone, known: false, dirty: false, seen, written, told };
        Self { state: Mutex::new(state), changed: Arc::default(), instance }
    }

    /// From now on the set counts as whole: the follower is in step.
    pub(crate) fn complete(&self) {
        let mut state = self.lock();
        if !state.known {
            state.known = true;
            state.dirty = true;
            self.changed.notify_one();
        }
    }

    /// Waits until there is something to write.
    pub(crate) async fn due(&self) {
        while !self.is_due() {
            self.changed.notified().await;
        }
    }

    pub(crate) fn is_due(&self) -> bool {
        let state = self.lock();
        state.known && state.dirty
    }

    /// What is to be written over `base`; from now on nothing is due until there is a change.
    pub(crate) fn take(&self, base: Option<&View>, names_max: usize) -> Job {
        let mut state = self.lock();
        state.dirty = false;
        Job {
            view: state.zone.view(),
            patch: base.and_then(|base| state.zone.patch(base, names_max)),
            serial: state.seen,
            defects: state.zone.zone().figures().defects,
        }
    }

    /// The files hold what was at `serial`.
    pub(crate) fn wrote(&self, serial: Serial) {
        let mut state = self.lock();
        state.written = Some(if state.dirty { serial } else { state.seen });
    }

    /// The files lack what was taken.
    pub(crate) fn failed(&self) {
        self.lock().dirty = true;
        self.changed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take(&mut self, set: &EffectiveSet, change: &Change) -> bool {
        match change {
            Change::None => false,
            Change::Removed(key) => self.zone.let_go(&key.target, key.category, key.mode),
            // A later change of the batch may have removed it again.
            Change::Set(key) => match set.get(key) {
                Some(held) => self.zone.hold(held.serial, &held.order),
                None => self.zone.let_go(&key.target, key.category, key.mode),
            },
        }
    }
}

impl Apply for Keeper {
    fn replace(&self, set: &EffectiveSet) {
        let mut state = self.lock();
        state.zone.replace(set.iter().map(|(_, held)| (held.serial, held.order)));
        state.seen = set.serial();
        state.known = true;
        state.dirty = true;
        drop(state);
        self.changed.notify_one();
    }

    fn change(&self, set: &EffectiveSet, changes: &[Change]) {
        let mut state = self.lock();
        let mut changed = false;
        for change in changes {
            changed |= state.take(set, change);
        }
        state.seen = set.serial();
        state.dirty |= changed;
        if !state.dirty && state.written.is_some() {
            state.written = Some(state.seen);
        }
        drop(state);
        if changed {
            self.changed.notify_one();
        }
    }

    /// No counts: what a server does with files is not known here. Only how far these are.
    fn effects(&self, _: Serial) -> Option<EffectsReport> {
        let state = self.lock();
        let serial = state.written.filter(|_| state.written > state.told)?;
        Some(EffectsReport { instance: self.instance, serial, effects: Vec::new() })
    }

    fn reported(&self, report: &EffectsReport) {
        self.lock().told = Some(report.serial);
    }
}

#[cfg(test)]
pub(crate) mod tests;
