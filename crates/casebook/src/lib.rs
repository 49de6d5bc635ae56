//! The casebook: reports, cases, verdicts, the journal, tokens and the audit
//! log. The only crate that knows SQL and blobs.
//!
//! One writer, many readers. What [`Casebook::receive`] has answered is on
//! disk. Only [`Casebook::decide`], [`Casebook::release`] and
//! [`Casebook::expire`] write orders, and only from a `guard::Cleared`; a
//! verdict and its order are one transaction.

pub mod access;
pub mod case;
pub mod effects;
mod error;
mod evidence;
pub mod journal;
pub mod report;
mod store;
pub mod verdict;

pub use crate::error::StoreError;
pub use crate::store::{Casebook, Settings};
