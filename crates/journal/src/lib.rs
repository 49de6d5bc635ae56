//! The journal: an append-only, numbered sequence of entries in canonical
//! bytes, folded to the effective set and committed to by a Merkle tree.
//!
//! One number rules everything: a [`Serial`] counts entries from 1 without
//! gaps, and the Merkle leaf of an entry is `serial - 1`. This crate knows no
//! clock, no storage and no transport. Entries never change once written.

pub mod checkpoint;
mod codec;
mod effective;
mod entry;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
#[cfg(test)]
mod generate;
mod hex;
pub mod merkle;
mod names;
mod order;
pub mod snapshot;
mod template;

pub use crate::codec::DecodeError;
pub use crate::effective::{Change, Effective, EffectiveSet, FoldError, Held, Key};
pub use crate::entry::{
    AuditAnchor, Body, Entry, Heartbeat, JournalId, Kind, Restored, Serial, ViewChange, Withdrawn,
    leaf_bytes,
};
pub use crate::hex::HexError;
pub use crate::order::{Action, Audience, Category, Cause, Mode, Order, PublicReason};
pub use crate::template::{TemplateEntry, TemplateOrder};
pub use belfry_indicator::{OperatorName, OperatorNameError, UnixMillis};
