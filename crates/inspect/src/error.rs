//! Why there is no capture at all. A page that misbehaves is no error: see
//! [`Seen`](crate::Seen).

use std::io;

/// A capture that could not be tried.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    /// Chromium can't be started.
    #[error("Chromium at {program} could not be started: {why}")]
    Start {
        /// Its path.
        program: String,
        /// What it said, or what the system said.
        why: String,
    },
    /// The proxy or the profile folder can't be made.
    #[error("no capture could be prepared: {0}")]
    Prepare(#[from] io::Error),
    /// What was given is nothing a browser opens.
    #[error("`{0}` is no http or https URL")]
    Url(String),
    /// Chromium does not speak as it should.
    #[error("Chromium answered unusably: {0}")]
    Protocol(String),
}
