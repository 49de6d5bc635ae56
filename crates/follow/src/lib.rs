//! How a follower keeps up with the journal and reports back what it did.
//!
//! A [`Follower`] starts from the last verified snapshot on disk, replays from
//! there whatever its [`Source`] brings, hands each change to its [`Apply`], and
//! works on with its last good state when the hub, the disk or both are gone.
//! It never depends on the hub's crates: an operator runs it alone.

mod backoff;
mod effects;
mod follower;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod http;
mod source;
mod state;
mod status;
mod store;
#[cfg(test)]
mod testing;

pub use crate::effects::{Effect, EffectsReport};
pub use crate::follower::{Apply, Follower};
pub use crate::http::HttpSource;
pub use crate::source::{Batch, Source, SourceError};
pub use crate::status::{Health, Status};
pub use crate::store::{SnapshotStore, StoreProblem};
