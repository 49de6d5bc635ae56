//! Reports: what came in, byte for byte, and what was read in it.
//!
//! Bytes and readings are encrypted under the report's own key; a reporter is
//! kept as a keyed pseudonym only. Nothing here reads what the bytes say.

mod erase;
mod filing;
mod hold;
pub(crate) mod intake;
pub(crate) mod pressure;
mod receipt;
mod retention;
mod reveal;
pub(crate) mod sealed;
mod sender;
mod split;

use belfry_journal::UnixMillis;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::column::{Columns, Word, big};
use crate::evidence;
use crate::sql::reports as sql;
use crate::{Casebook, StoreError};

pub use self::erase::{Erased, Erasure};
use self::filing::cases_of;
pub use self::hold::Hold;
pub use self::pressure::{IntakeFigures, IntakeLimits, Pressure};
pub use self::receipt::Receipt;
pub use self::retention::{Class, cutoff};
use self::sealed::Sealed;
pub use self::sender::{Arrival, CheckResult, Envelope, NewCorrespondence, SenderCheck};

/// Most reports in one read.
pub const REPORTS_MAX: u32 = 1_000;

/// By which channel a report came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    /// SMTP.
    Smtp,
    /// The HTTP API.
    Api,
    /// A file given to the CLI.
    File,
}

/// What the bytes of a report are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Content {
    /// An RFC 5322 message.
    Mail,
    /// The UTF-8 text of an SMS, its sender on the first line as `From: SENDER` where known.
    Sms,
    /// One URL, UTF-8.
    Url,
}

/// A report to be taken in.
#[derive(Clone, Copy, Debug)]
pub struct NewReport<'a> {
    /// Channel.
    pub channel: Channel,
    /// What `bytes` are.
    pub content: Content,
    /// Byte for byte.
    pub bytes: &'a [u8],
    /// The address or number it came from, kept only as a keyed pseudonym.
    pub reporter: Option<&'a str>,
    /// When its last byte came in.
    pub received_at: UnixMillis,
}

/// A report's number inside the casebook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReportId(pub u64);

/// How far a report is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportState {
    /// Durable, not read yet.
    Received,
    /// Read and grouped.
    Read,
}

/// A report without its bytes.
#[derive(Clone, Debug)]
pub struct Report {
    /// Number.
    pub id: ReportId,
    /// Receipt.
    pub receipt: Receipt,
    /// Channel.
    pub channel: Channel,
    /// What its bytes are.
    pub content: Content,
    /// Octets.
    pub size: u64,
    /// When it came in.
    pub received_at: UnixMillis,
    /// When it was handed to the disk, to be durable a moment later.
    pub stored_at: UnixMillis,
    /// When it was read.
    pub read_at: Option<UnixMillis>,
    /// How far it is.
    pub state: ReportState,
    /// Which of our reporting addresses it came to, where that is known.
    pub mailbox: Option<String>,
    /// What is known of its sender, once that was checked.
    pub sender: Option<SenderCheck>,
    /// The cases it belongs to.
    pub cases: Vec<u64>,
}

/// What reading a report yielded, as JSON of `belfry_reading::Reading`.
#[derive(Clone, Debug)]
pub struct ReadingRecord {
    /// The reading.
    pub json: String,
    /// Defects in it.
    pub defects: u32,
    /// When it was done.
    pub read_at: UnixMillis,
}

impl Casebook {
    /// The oldest reports not read yet, at most `limit` (1 to [`REPORTS_MAX`]).
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unread(&self, limit: u32) -> Result<Vec<Report>, StoreError> {
        self.unread_after(ReportId(0), limit).await
    }

    /// The same past number `after`. Numbers rise with the order in which reports became durable.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unread_after(
        &self,
        after: ReportId,
        limit: u32,
    ) -> Result<Vec<Report>, StoreError> {
        let rows = sqlx::query(sql::UNREAD)
            .bind(big(after.0)?)
            .bind(i64::from(limit.clamp(1, REPORTS_MAX)))
            .fetch_all(self.readers())
            .await?;
        // A report that is not read has no case yet.
        rows.iter().map(|row| report_of(row, Vec::new())).collect()
    }

    /// The bytes of a report, decrypted and verified.
    ///
    /// # Errors
    /// [`StoreError::Evidence`] where they are damaged or erased.
    pub async fn evidence(&self, id: ReportId) -> Result<Vec<u8>, StoreError> {
        let sealed = Sealed::load(&mut *self.readers().acquire().await?, id).await?;
        let key = sealed.key(self.keys())?;
        let folder = self.evidence_folder().clone();
        tokio::task::spawn_blocking(move || {
            let bytes = folder
                .read(&sealed.object)
                .map_err(|error| sealed.unusable(format!("its object: {error}")))?;
            evidence::unseal(&key, sealed.object.as_str(), &bytes)
                .map_err(|why| sealed.unusable(why.to_owned()))
        })
        .await
        .map_err(|_| StoreError::Closed)?
    }

    /// A report by its receipt.
    ///
    /// # Errors
    /// [`StoreError`] of the database only.
    pub async fn report(&self, receipt: &Receipt) -> Result<Option<Report>, StoreError> {
        let mut reading = self.readers().begin().await?;
        let row = sqlx::query(sql::BY_RECEIPT)
            .bind(receipt.as_str())
            .fetch_optional(&mut *reading)
            .await?;
        match row {
            None => Ok(None),
            Some(row) => Ok(Some(with_cases(&mut reading, &row).await?)),
        }
    }

    /// The reading of a report, as filed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reading(&self, id: ReportId) -> Result<Option<ReadingRecord>, StoreError> {
        let sealed = Sealed::load(&mut *self.readers().acquire().await?, id).await?;
        let Some(reading) = &sealed.reading else { return Ok(None) };
        let key = sealed.key(self.keys())?;
        let json = evidence::unseal(&key, &sealed.reading_context(), &reading.sealed)
            .map_err(|why| sealed.unusable(format!("its reading: {why}")))?;
        let json = String::from_utf8(json)
            .map_err(|_| sealed.unusable("its reading is not UTF-8".to_owned()))?;
        Ok(Some(ReadingRecord { json, defects: reading.defects, read_at: reading.read_at }))
    }
}

/// What the latest reports of a case are.
pub(crate) async fn reports_of_case(
    connection: &mut SqliteConnection,
    case: u64,
    limit: u32,
) -> Result<Vec<Report>, StoreError> {
    let rows = sqlx::query(sql::BY_CASE)
        .bind(big(case)?)
        .bind(i64::from(limit))
        .fetch_all(&mut *connection)
        .await?;
    let mut reports = Vec::with_capacity(rows.len());
    for row in &rows {
        reports.push(with_cases(connection, row).await?);
    }
    Ok(reports)
}

async fn with_cases(
    connection: &mut SqliteConnection,
    row: &SqliteRow,
) -> Result<Report, StoreError> {
    let mut report = report_of(row, Vec::new())?;
    report.cases = cases_of(connection, report.id).await?;
    Ok(report)
}

fn report_of(row: &SqliteRow, cases: Vec<u64>) -> Result<Report, StoreError> {
    let columns = Columns::new("reports", row);
    let receipt = columns.text("receipt")?;
    let receipt =
        Receipt::parse(&receipt).ok_or_else(|| columns.unknown("receipt", "no receipt number"))?;
    let read_at = columns.time_maybe("read_at")?;
    Ok(Report {
        id: ReportId(columns.number("id")?),
        receipt,
        channel: columns.word("channel")?,
        content: columns.word("content")?,
        size: columns.number("size")?,
        received_at: columns.time("received_at")?,
        stored_at: columns.time("stored_at")?,
        read_at,
        mailbox: columns.text_maybe("mailbox")?,
        sender: sender::sender_of(&columns)?,
        state: if read_at.is_some() { ReportState::Read } else { ReportState::Received },
        cases,
    })
}

impl Word for Channel {
    const ALL: &'static [Self] = &[Channel::Smtp, Channel::Api, Channel::File];
    fn word(self) -> &'static str {
        match self {
            Channel::Smtp => "smtp",
            Channel::Api => "api",
            Channel::File => "file",
        }
    }
}

impl Word for Content {
    const ALL: &'static [Self] = &[Content::Mail, Content::Sms, Content::Url];
    fn word(self) -> &'static str {
        match self {
            Content::Mail => "mail",
            Content::Sms => "sms",
            Content::Url => "url",
        }
    }
}
