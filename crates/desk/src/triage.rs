//! Triage: every durable report is read by a child and put into its cases.
//!
//! Reports are taken from the casebook, never from a queue in memory: what a
//! crash interrupts is simply still unread.

use std::time::Duration;

use belfry_casebook::StoreError;
use belfry_casebook::report::{Content, ReadingRecord, Report};
use belfry_indicator::EmbeddedSuffixes;
use belfry_reading::{Defect, DefectKind, Reading};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::Desk;
use crate::grouping::subjects;
use crate::reader::{ReadError, ReadJob};

/// Reports fetched at once.
const BATCH: u32 = 64;
/// Reports whose senders are looked up at once; each holds its bytes meanwhile.
const CHECKS_AT_ONCE: usize = 16;
/// The pause after a failure of the database or of starting a child.
const RETRY: Duration = Duration::from_secs(1);

impl Desk {
    /// Reads and groups reports until `stop`; the batch in hand is finished first.
    pub async fn run_triage(&self, stop: CancellationToken) {
        let mut arrivals = self.casebook.watch_reports();
        while !stop.is_cancelled() {
            arrivals.borrow_and_update();
            match self.triage_batch(&stop).await {
                Ok(0) => {
                    tokio::select! {
                        () = stop.cancelled() => return,
                        changed = arrivals.changed() => if changed.is_err() { return },
                    }
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(%error, "reports wait to be read");
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = tokio::time::sleep(RETRY) => {}
                    }
                }
            }
        }
    }

    /// Reads and files one batch of unread reports; answers how many.
    async fn triage_batch(&self, stop: &CancellationToken) -> Result<usize, TriageError> {
        let unread = self.casebook.unread(BATCH).await?;
        let count = unread.len();
        let mut running = JoinSet::new();
        let mut outcome = Ok(count);
        for report in unread {
            if stop.is_cancelled() {
                break;
            }
            if running.len() >= self.jobs_at_once()
                && let Some(done) = running.join_next().await
            {
                outcome = outcome.and(flatten(done).map(|()| count));
            }
            let desk = self.clone();
            running.spawn(async move { desk.triage(&report).await });
        }
        while let Some(done) = running.join_next().await {
            outcome = outcome.and(flatten(done).map(|()| count));
        }
        outcome
    }

    /// How many reports are under way: where senders are checked, more than there are
    /// readers, so that a slow look-up holds no reader up.
    fn jobs_at_once(&self) -> usize {
        self.readers.size() + if self.senders.is_some() { CHECKS_AT_ONCE } else { 0 }
    }

    async fn triage(&self, report: &Report) -> Result<(), TriageError> {
        let mut reading = match self.casebook.evidence(report.id).await {
            Ok(bytes) => {
                let bytes = self.check_sender(report, bytes).await?;
                self.read(report, bytes).await?
            }
            Err(StoreError::Evidence { why, .. }) => {
                tracing::error!(report = report.id.0, why, "evidence can't be opened");
                unreadable(DefectKind::NotAMessage, format!("the evidence can't be opened: {why}"))
            }
            Err(error) => return Err(error.into()),
        };
        let lists = self.lists.load_full();
        let subjects = subjects(&mut reading, &lists, &EmbeddedSuffixes);
        let read_at = (self.now)();
        let record = ReadingRecord {
            json: serde_json::to_string(&reading).map_err(TriageError::Json)?,
            defects: u32::try_from(reading.defects.len()).unwrap_or(u32::MAX),
            read_at,
        };
        let cases = self.casebook.file_reading(report.id, &record, &subjects).await?;
        for defect in &reading.defects {
            self.metrics.defects.get_or_create(&[("kind", defect.kind.name())]).inc();
        }
        self.metrics.stage("stored_to_read", report.stored_at, read_at);
        self.metrics.stage("read_to_case", read_at, (self.now)());
        tracing::debug!(report = report.id.0, ?cases, "read");
        Ok(())
    }

    async fn read(&self, report: &Report, bytes: Vec<u8>) -> Result<Reading, TriageError> {
        let job = match report.content {
            Content::Mail => ReadJob::Mail(bytes),
            Content::Sms => ReadJob::Sms(bytes),
            Content::Url => ReadJob::Url(bytes),
        };
        match self.readers.read_surviving(job).await {
            Ok((reading, None)) => Ok(reading),
            Ok((reading, Some(died))) => {
                self.metrics.reader_deaths.inc();
                tracing::warn!(receipt = %report.receipt, %died, "read again without documents");
                Ok(reading)
            }
            Err(ReadError::Start(source)) => Err(TriageError::Start(source)),
            Err(died @ (ReadError::Died(_) | ReadError::Slow(_) | ReadError::Answer(_))) => {
                self.metrics.reader_deaths.inc();
                tracing::warn!(report = report.id.0, %died, "the reader's child failed");
                Ok(unreadable(DefectKind::ReaderDied, died.to_string()))
            }
        }
    }
}

/// A reading that says only why there is none; grouped by that reason's report, not lost.
fn unreadable(kind: DefectKind, detail: String) -> Reading {
    Reading {
        defects: vec![Defect { kind, place: String::new(), detail }],
        text_digest: format!("unreadable-{kind:?}").to_lowercase(),
        ..Reading::default()
    }
}

#[derive(Debug, thiserror::Error)]
enum TriageError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the reader's child could not be started: {0}")]
    Start(std::io::Error),
    #[error("a reading could not be written as JSON: {0}")]
    Json(serde_json::Error),
    #[error("reading a report was cut off: {0}")]
    Cut(tokio::task::JoinError),
}

fn flatten(
    done: Result<Result<(), TriageError>, tokio::task::JoinError>,
) -> Result<(), TriageError> {
    done.map_err(TriageError::Cut)?
}
