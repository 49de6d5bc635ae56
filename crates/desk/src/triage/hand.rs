//! The reports that triage has in hand, and which comes next.
//!
//! A report is in hand once, until it is filed or failed; all else that is known of it is in
//! the casebook. Mails with pictures go last and one at a time, so that thousands of them
//! hold no other up; what is in hand is bounded all the same.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use belfry_casebook::report::{Report, ReportId};
use belfry_casebook::{Casebook, StoreError};
use tokio::sync::Semaphore;
use tokio::task::{Id, JoinError, JoinSet};

use super::{Done, TriageError};

/// Reports fetched at once.
const BATCH: u32 = 64;
/// Reports under way at once: most of them wait for the disk together.
const JOBS: usize = 48;
/// The same while reports come in: each that waits for its turn in the database lets those who
/// hand mails in wait too.
const JOBS_BEHIND: usize = 2;
/// Mails that may wait for their pictures.
const PICTURES: usize = 256;

/// Where a report is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    /// In milliseconds, or not at all.
    AtOnce,
    /// In seconds, if need be.
    Pictures,
}

/// What is in hand.
pub(super) struct Hand {
    /// Whether there may be unread reports past the last one fetched.
    pub(super) more: bool,
    last: ReportId,
    fetched: VecDeque<Report>,
    jobs: JoinSet<Result<Done, TriageError>>,
    under_way: HashMap<Id, (Report, Lane)>,
    pictures: VecDeque<Report>,
    ids: HashSet<ReportId>,
    loads: Arc<Semaphore>,
}

impl Hand {
    /// An empty hand; `loads` reports have their bytes in memory at once.
    pub(super) fn new(loads: usize) -> Self {
        Self {
            more: true,
            last: ReportId(0),
            fetched: VecDeque::new(),
            jobs: JoinSet::new(),
            under_way: HashMap::new(),
            pictures: VecDeque::new(),
            ids: HashSet::new(),
            loads: Arc::new(Semaphore::new(loads)),
        }
    }

    /// A permit of these stands for a report's bytes in memory.
    pub(super) fn loads(&self) -> Arc<Semaphore> {
        Arc::clone(&self.loads)
    }

    /// The next report to begin; `None` while there is none, or no room.
    pub(super) async fn next(
        &mut self,
        casebook: &Casebook,
    ) -> Result<Option<(Report, Lane)>, StoreError> {
        let in_pictures = self.under_way.values().any(|(_, lane)| *lane == Lane::Pictures);
        if !in_pictures && let Some(report) = self.pictures.pop_front() {
            return Ok(Some((report, Lane::Pictures)));
        }
        let most = if casebook.intake_is_busy() { JOBS_BEHIND } else { JOBS };
        if self.under_way.len() >= most || self.pictures.len() >= PICTURES {
            return Ok(None);
        }
        if self.fetched.is_empty() && self.more {
            self.fetch(casebook).await?;
        }
        Ok(self.fetched.pop_front().map(|report| (report, Lane::AtOnce)))
    }

    async fn fetch(&mut self, casebook: &Casebook) -> Result<(), StoreError> {
        let unread = casebook.unread_after(self.last, BATCH).await?;
        self.more = unread.len() >= BATCH as usize;
        if let Some(last) = unread.last() {
            self.last = last.id;
        }
        // After a start over, some of them are in hand.
        self.fetched.extend(unread.into_iter().filter(|report| self.ids.insert(report.id)));
        Ok(())
    }

    /// Looks for unread reports from the oldest on: one has failed.
    pub(super) fn start_over(&mut self) {
        (self.more, self.last) = (true, ReportId(0));
    }

    /// Begins a report.
    pub(super) fn begin(
        &mut self,
        report: Report,
        lane: Lane,
        job: impl Future<Output = Result<Done, TriageError>> + Send + 'static,
    ) {
        let id = self.jobs.spawn(job).id();
        self.under_way.insert(id, (report, lane));
    }

    /// Waits for a report to be done; `None` where none is under way.
    pub(super) async fn put_down(&mut self) -> Option<Result<(), TriageError>> {
        let ended = self.jobs.join_next_with_id().await?;
        Some(self.settle(ended))
    }

    fn settle(
        &mut self,
        ended: Result<(Id, Result<Done, TriageError>), JoinError>,
    ) -> Result<(), TriageError> {
        let (id, outcome) = match ended {
            Ok(ended) => ended,
            Err(cut) => (cut.id(), Err(TriageError::Cut(cut))),
        };
        let Some((report, _)) = self.under_way.remove(&id) else { return outcome.map(|_| ()) };
        if matches!(outcome, Ok(Done::Pictures)) {
            self.pictures.push_back(report);
        } else {
            self.ids.remove(&report.id);
        }
        outcome.map(|_| ())
    }

    /// Waits for what is under way.
    pub(super) async fn finish(mut self) {
        while let Some(outcome) = self.put_down().await {
            if let Err(error) = outcome {
                tracing::warn!(%error, "a report is read after the next start");
            }
        }
    }
}

#[cfg(test)]
mod tests;
