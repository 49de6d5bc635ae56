//! What the handlers share.

use std::sync::Arc;

use axum::extract::FromRef;
use belfry_casebook::Casebook;
use belfry_web::Clock;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::lists::Lists;
use crate::record::Record;
use crate::transfer::Transfers;

/// Streams that are open at once.
const STREAMS_MAX: usize = 1_000;
/// Snapshots that are put together or sent at once: each is as large as all that holds.
const SNAPSHOTS_MAX: usize = 4;

/// The state of this crate's routes.
#[derive(Clone, Debug)]
pub struct FeedState {
    pub(crate) casebook: Casebook,
    pub(crate) clock: Clock,
    pub(crate) stop: CancellationToken,
    pub(crate) streams: Arc<Semaphore>,
    pub(crate) snapshots: Arc<Semaphore>,
    pub(crate) transfers: Option<Transfers>,
    pub(crate) record: Record,
    pub(crate) lists: Lists,
}

impl FeedState {
    /// Over `casebook`; streams end at `stop`.
    pub fn new(casebook: Casebook, clock: Clock, stop: CancellationToken) -> Self {
        let places = |most| Arc::new(Semaphore::new(most));
        let (streams, snapshots) = (places(STREAMS_MAX), places(SNAPSHOTS_MAX));
        Self {
            casebook,
            clock,
            stop,
            streams,
            snapshots,
            transfers: None,
            record: Record::default(),
            lists: Lists::default(),
        }
    }

    /// With the zones that are served, which operators' routes tell of and change.
    #[must_use]
    pub fn with_transfers(self, transfers: Option<Transfers>) -> Self {
        Self { transfers, ..self }
    }
}

impl FromRef<FeedState> for Casebook {
    fn from_ref(state: &FeedState) -> Self {
        state.casebook.clone()
    }
}

impl FromRef<FeedState> for Clock {
    fn from_ref(state: &FeedState) -> Self {
        state.clock
    }
}
