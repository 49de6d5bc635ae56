//! What the handlers share.

use std::sync::Arc;

use axum::extract::FromRef;
use belfry_casebook::Casebook;
use belfry_web::Clock;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// Streams that are open at once.
const STREAMS_MAX: usize = 1_000;

/// The state of this crate's routes.
#[derive(Clone, Debug)]
pub struct FeedState {
    pub(crate) casebook: Casebook,
    pub(crate) clock: Clock,
    pub(crate) stop: CancellationToken,
    pub(crate) streams: Arc<Semaphore>,
}

impl FeedState {
    /// Over `casebook`; streams end at `stop`.
    pub fn new(casebook: Casebook, clock: Clock, stop: CancellationToken) -> Self {
        Self { casebook, clock, stop, streams: Arc::new(Semaphore::new(STREAMS_MAX)) }
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
