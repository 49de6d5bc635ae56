//! DNS enforcement at the operator, and the warning page.
//!
//! A query's way: over UDP, `fast` answers what is usual and blocked or cached
//! in the thread that received it. All else, and what other `transport`s receive,
//! `answer` reads (`query`), asks `access`, the `blockset` and then the `cache`,
//! and has the answer's octets (`compose`, `zoned`) or the need to `forward` it to an
//! `upstream`, whose answer (`relayed`) is looked at again for names that are blocked.
//! The block set and foreign zones (`rpz`, kept up by `zones`, fetched from their
//! primaries by `primary`) are made of `names`.
//! An order's way: the follower hands it to `follow`, which holds it against the
//! `lastline` and puts it into the block set; it holds for the next query.
//!
//! The gate answers with the hub, the journal, the disk or an upstream gone. It
//! never writes a client's address anywhere.

mod access;
mod answer;
mod blockset;
mod brake;
mod cache;
mod compose;
#[cfg(test)]
mod conformance;
mod cookies;
mod effects;
mod errors;
mod explain;
mod fast;
mod follow;
mod forward;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod gate;
pub mod http;
mod lastline;
mod limit;
mod metrics;
mod name;
mod names;
mod primary;
mod proxy;
mod query;
mod readiness;
mod relayed;
mod rpz;
mod rule;
mod settings;
mod silent;
mod special;
mod transport;
mod upstream;
mod visits;
pub mod warning;
mod zoned;
mod zones;

pub use crate::access::{Prefix, PrefixError};
pub use crate::errors::{BlockKind, CategoryError, CategoryErrors, StructuredErrors};
pub use crate::explain::{BlockedBy, Explanation, ZoneSays};
pub use crate::follow::Followed;
pub use crate::gate::{BoundGate, Gate, GateError, GateTls};
pub use crate::lastline::Skipped;
pub use crate::primary::{KeyError, PrimaryStatus, ZoneKey};
pub use crate::readiness::Stance;
pub use crate::rpz::{LoadError, Unhonoured, ZoneAction, ZoneActionError};
pub use crate::settings::{
    AnswerMode, CategoryAnswers, GateSettings, SettingError, WarningHost, WithoutState, ZoneMode,
    ZoneSettings,
};
pub use crate::upstream::{UpstreamSettings, UpstreamTransport};
pub use crate::zones::{ZonesChange, ZonesError};
