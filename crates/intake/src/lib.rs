//! Intake: how a report comes in, by SMTP ([`smtp`]), by HTTP ([`http`]) or from
//! a file ([`mod@file`]), until its bytes are durable in the casebook.
//!
//! Once a mail is accepted, [`auth`] finds out whether its sender is who it says;
//! [`outgoing`] writes to those who are proven.
//!
//! Nothing here reads a report's content: its bytes go into evidence exactly as they
//! came, without a trace header, and no channel says "received" before
//! [`belfry_casebook::Casebook::receive`] has answered. No log line holds an
//! address, a receipt or content.

pub mod auth;
pub mod file;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod http;
mod metrics;
pub mod outgoing;
pub mod smtp;

pub use crate::http::{IntakeState, routes};
pub use crate::metrics::{IntakeMetrics, Refusal};

/// The most octets a report may have, unless a setting says less.
pub const REPORT_BYTES_MAX: usize = 50 << 20;
