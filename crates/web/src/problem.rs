//! `Problem`: every error answer (RFC 9457, application/problem+json).

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// An error answer: what was refused, why, what to do. What goes into the log
/// and not to the client is logged where the Problem is made.
#[derive(Clone, Debug)]
pub struct Problem {
    /// HTTP status.
    pub status: StatusCode,
    /// Stable, for programs: `unknown-case`, `guard`…; the document's `type` is `urn:belfry:problem:CODE`.
    pub code: &'static str,
    /// One line, for people.
    pub title: String,
    /// What to do.
    pub detail: Option<String>,
    /// The guard's rule, in a 422 of the guard.
    pub rule: Option<&'static str>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        todo!()
    }
}

impl From<belfry_casebook::StoreError> for Problem {
    fn from(error: belfry_casebook::StoreError) -> Self {
        let _ = error;
        todo!()
    }
}
