//! Triage: every durable report is read by a child and put into its cases.
//!
//! Reports are taken from the casebook, never from a queue in memory: what a
//! crash interrupts is simply still unread.

mod hand;

use std::time::Duration;

use belfry_casebook::StoreError;
use belfry_casebook::report::{Content, ReadingRecord, Report};
use belfry_indicator::EmbeddedSuffixes;
use belfry_reading::{Defect, DefectKind, Reading};
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;

use self::hand::{Hand, Lane};
use crate::Desk;
use crate::grouping::subjects;
use crate::reader::{ReadError, ReadJob, Survived};

/// Reports whose senders are looked up at once; each holds its bytes meanwhile.
const CHECKS_AT_ONCE: usize = 16;
/// The pause after a failure of the database or of starting a child.
const RETRY: Duration = Duration::from_secs(1);
/// A reading of more octets than this counts as a report's bytes until it is filed.
const READING_LARGE: usize = 256 << 10;

/// What became of a report.
enum Done {
    /// It is read and in its cases.
    Filed,
    /// It has pictures whose text is to be recognised first.
    Pictures,
}

impl Desk {
    /// Reads and groups reports until `stop`; what is under way is finished first.
    pub async fn run_triage(&self, stop: CancellationToken) {
        let mut arrivals = self.casebook.watch_reports();
        let mut hand = Hand::new(self.loads_at_once());
        while !stop.is_cancelled() {
            hand.more |= arrivals.has_changed().unwrap_or(false);
            arrivals.borrow_and_update();
            let outcome = match self.take_up(&mut hand).await {
                Err(error) => Err(error),
                Ok(()) => tokio::select! {
                    () = stop.cancelled() => break,
                    Some(outcome) = hand.put_down() => outcome,
                    changed = arrivals.changed() => match changed {
                        Ok(()) => { hand.more = true; Ok(()) }
                        Err(_) => break,
                    },
                },
            };
            if let Err(error) = outcome {
                tracing::error!(%error, "reports wait to be read");
                hand.start_over();
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = tokio::time::sleep(RETRY) => {}
                }
            }
        }
        hand.finish().await;
    }

    /// Begins reports while there is room in the hand.
    async fn take_up(&self, hand: &mut Hand) -> Result<(), TriageError> {
        while let Some((report, lane)) = hand.next(&self.casebook).await? {
            let (desk, loads) = (self.clone(), hand.loads());
            hand.begin(report.clone(), lane, async move {
                // Closed by nobody; without a permit, the report would only wait for none.
                let load = loads.acquire_owned().await.ok();
                desk.triage(&report, lane, load).await
            });
        }
        Ok(())
    }

    /// How many reports have their bytes in memory: where senders are checked, more than
    /// there are readers, so that a slow look-up holds no reader up.
    fn loads_at_once(&self) -> usize {
        // One for each reader, one for pictures, and one that is next.
        self.readers.size() + 2 + if self.senders.is_some() { CHECKS_AT_ONCE } else { 0 }
    }

    async fn triage(
        &self,
        report: &Report,
        lane: Lane,
        load: Option<OwnedSemaphorePermit>,
    ) -> Result<Done, TriageError> {
        let reading = match self.casebook.evidence(report.id).await {
            Ok(bytes) => {
                let bytes = self.check_sender(report, bytes).await?;
                self.read(report, bytes, lane).await?
            }
            Err(StoreError::Evidence { why, .. }) => {
                tracing::error!(report = report.id.0, why, "evidence can't be opened");
                let detail = format!("the evidence can't be opened: {why}");
                Some(unreadable(DefectKind::NotAMessage, detail))
            }
            Err(error) => return Err(error.into()),
        };
        let Some(reading) = reading else { return Ok(Done::Pictures) };
        self.file_reading(report, reading, load).await?;
        Ok(Done::Filed)
    }

    /// Puts a report that is read into its cases.
    async fn file_reading(
        &self,
        report: &Report,
        mut reading: Reading,
        load: Option<OwnedSemaphorePermit>,
    ) -> Result<(), TriageError> {
        let lists = self.lists.load_full();
        let subjects = subjects(&mut reading, &lists, &EmbeddedSuffixes);
        let read_at = (self.now)();
        let record = ReadingRecord {
            json: serde_json::to_string(&reading).map_err(TriageError::Json)?,
            defects: u32::try_from(reading.defects.len()).unwrap_or(u32::MAX),
            read_at,
        };
        let said = self.said(&reading, report.content, &subjects, &lists, read_at);
        // The bytes are gone: the next report may be loaded while this one waits for the disk.
        let _load = load.filter(|_| record.json.len() > READING_LARGE);
        let weigh = self.scales.as_ref();
        let cases = self.casebook.file_weighed(report.id, &record, &subjects, &said, weigh).await?;
        for defect in &reading.defects {
            self.metrics.defects.get_or_create(&[("kind", defect.kind.name())]).inc();
        }
        self.metrics.stage("stored_to_read", report.stored_at, read_at);
        self.metrics.stage("read_to_case", read_at, (self.now)());
        tracing::debug!(report = report.id.0, ?cases, "read");
        self.inspect_unasked(&cases, report.content).await;
        self.apply_rules(&cases).await;
        Ok(())
    }

    /// Reads a report; `None` where it has pictures, and they are not of this lane.
    async fn read(
        &self,
        report: &Report,
        bytes: Vec<u8>,
        lane: Lane,
    ) -> Result<Option<Reading>, TriageError> {
        let job = match report.content {
            Content::Mail => ReadJob::Mail(bytes),
            Content::Sms => ReadJob::Sms(bytes),
            Content::Url => ReadJob::Url(bytes),
        };
        let read: Result<Option<Survived>, ReadError> = match lane {
            Lane::AtOnce => self.readers.read_at_once(job).await,
            Lane::Pictures => self.readers.read_surviving(job).await.map(Some),
        };
        match read {
            Ok(None) => Ok(None),
            Ok(Some((reading, None))) => Ok(Some(reading)),
            Ok(Some((reading, Some(died)))) => {
                self.metrics.reader_deaths.inc();
                tracing::warn!(receipt = %report.receipt, %died, "read again without documents");
                Ok(Some(reading))
            }
            Err(ReadError::Start(source)) => Err(TriageError::Start(source)),
            Err(died @ (ReadError::Died(_) | ReadError::Slow(_) | ReadError::Answer(_))) => {
                self.metrics.reader_deaths.inc();
                tracing::warn!(report = report.id.0, %died, "the reader's child failed");
                Ok(Some(unreadable(DefectKind::ReaderDied, died.to_string())))
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
