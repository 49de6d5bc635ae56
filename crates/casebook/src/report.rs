//! Reports: what came in, byte for byte, and what was read in it.

use belfry_journal::UnixMillis;

use crate::case::Subject;
use crate::{Casebook, StoreError};

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

/// An unguessable receipt number: 20 characters of Crockford base32 in groups
/// of five (`7K3QF-…`), 100 random bits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Receipt(pub(crate) String);

impl Receipt {
    /// Reads a receipt as people type it: any case, with or without dashes.
    pub fn parse(text: &str) -> Option<Self> {
        let _ = text;
        todo!()
    }
    /// As shown to people.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Receipt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
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
    /// When it was durable.
    pub stored_at: UnixMillis,
    /// When it was read.
    pub read_at: Option<UnixMillis>,
    /// How far it is.
    pub state: ReportState,
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
    /// Takes a report in: encrypted evidence and row are durable (fsync) when this returns.
    ///
    /// # Errors
    /// [`StoreError`]: nothing was accepted.
    pub async fn receive(&self, report: NewReport<'_>) -> Result<Receipt, StoreError> {
        let _ = report;
        todo!()
    }

    /// The oldest reports not read yet.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unread(&self, limit: u32) -> Result<Vec<Report>, StoreError> {
        let _ = limit;
        todo!()
    }

    /// The bytes of a report, decrypted and verified.
    ///
    /// # Errors
    /// [`StoreError::Evidence`] where they are damaged or erased.
    pub async fn evidence(&self, id: ReportId) -> Result<Vec<u8>, StoreError> {
        let _ = id;
        todo!()
    }

    /// Files a reading and puts the report into the case of each subject,
    /// opening those that do not exist; one transaction. Filing twice changes nothing.
    /// Answers the cases in the order of `subjects`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn file_reading(
        &self,
        id: ReportId,
        reading: &ReadingRecord,
        subjects: &[Subject],
    ) -> Result<Vec<u64>, StoreError> {
        let _ = (id, reading, subjects);
        todo!()
    }

    /// A report by its receipt.
    ///
    /// # Errors
    /// [`StoreError`] of the database only.
    pub async fn report(&self, receipt: &Receipt) -> Result<Option<Report>, StoreError> {
        let _ = receipt;
        todo!()
    }

    /// The reading of a report, as filed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reading(&self, id: ReportId) -> Result<Option<ReadingRecord>, StoreError> {
        let _ = id;
        todo!()
    }
}
