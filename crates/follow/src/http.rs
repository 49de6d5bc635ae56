//! `HttpSource`: the hub over HTTP, by server-sent events.

use belfry_journal::{EffectiveSet, JournalId, Serial};

use crate::{Batch, EffectsReport, Source, SourceError};

/// A hub at a URL, with this follower's token.
#[derive(Debug)]
pub struct HttpSource {}

impl HttpSource {
    /// A hub at `base` (`http://127.0.0.1:8080`), with `token`.
    ///
    /// # Errors
    /// [`SourceError::Malformed`] for a base that is no URL.
    pub fn new(base: &str, token: String) -> Result<Self, SourceError> {
        let _ = (base, token);
        todo!()
    }
}

impl Source for HttpSource {
    async fn next(&self, after: Serial) -> Result<Batch, SourceError> {
        let _ = after;
        todo!()
    }
    async fn snapshot(&self) -> Result<(JournalId, EffectiveSet), SourceError> {
        todo!()
    }
    async fn report(&self, report: &EffectsReport) -> Result<(), SourceError> {
        let _ = report;
        todo!()
    }
}
