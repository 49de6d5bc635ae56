//! Where entries come from: the hub over HTTP, or the journal in one process.
//! A source brings entries and judges nothing: whether they fit is the
//! follower's question.

use std::future::Future;

use belfry_journal::{EffectiveSet, Entry, JournalId, Serial};

use crate::EffectsReport;

/// Entries in order; none where the source only heard how far the journal is.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Which journal they are of.
    pub journal: JournalId,
    /// The journal's head when the batch was made; a follower ahead of it alarms.
    pub head: Serial,
    /// Consecutive entries.
    pub entries: Vec<Entry>,
}

/// Why a source brought nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// Not reachable now: tried again with growing pauses.
    #[error("the hub is not reachable: {0}")]
    Unreachable(String),
    /// It refuses us: wrong or expired token. Tried again slowly.
    #[error("the hub refuses this follower: {0}")]
    Refused(String),
    /// Entries are missing in what it sends, after asking for them anew.
    #[error("the hub's stream has a gap: {0}; a snapshot is fetched anew")]
    Gap(String),
    /// It answers what no hub would.
    #[error("the hub's answer can't be read: {0}")]
    Malformed(String),
}

/// A journal that can be followed.
pub trait Source: Send + Sync + 'static {
    /// The next entries after `after`, as soon as there is at least one, or a
    /// batch without entries as a sign of life. A source that hears nothing
    /// for 45 s says [`SourceError::Unreachable`]. Dropping the future loses
    /// no entry: the next call names its own `after`.
    fn next(&self, after: Serial) -> impl Future<Output = Result<Batch, SourceError>> + Send;

    /// A snapshot at the head, for a follower that starts with nothing.
    fn snapshot(
        &self,
    ) -> impl Future<Output = Result<(JournalId, EffectiveSet), SourceError>> + Send;

    /// Takes the follower's totals back to the hub.
    fn report(
        &self,
        report: &EffectsReport,
    ) -> impl Future<Output = Result<(), SourceError>> + Send;
}
