//! `Problem`: every error answer (RFC 9457, application/problem+json). What only
//! an operator should see (SQL, paths, keys) never enters one: it is logged.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::error::Error;

use crate::rfc3339;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use belfry_casebook::StoreError;
use belfry_casebook::report::Pressure;
use serde::Serialize;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder, Schema};
use utoipa::{IntoResponses, PartialSchema, ToSchema};

/// When to try again where there was no room.
const BUSY_SECONDS: u64 = 30;

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
    /// In how many seconds to try again, in a 429: the header Retry-After.
    pub retry_after_seconds: Option<u64>,
}

/// A [`Problem`] as it is written.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
struct Document<'a> {
    /// `urn:belfry:problem:CODE`; stable, for programs.
    #[schema(example = "urn:belfry:problem:unauthorized")]
    r#type: String,
    /// One line, for people.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    /// The guard's rule that refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'a str>,
}

impl Problem {
    /// A problem with neither detail nor rule.
    pub fn new(status: StatusCode, code: &'static str, title: impl Into<String>) -> Self {
        Self {
            status,
            code,
            title: title.into(),
            detail: None,
            rule: None,
            retry_after_seconds: None,
        }
    }

    /// 400: a parameter of the query has a value that can't be used.
    pub fn query(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "query", "the query can't be used").detail(detail)
    }

    /// 422: the request is well-formed and asks for what can't be.
    pub fn unprocessable(
        code: &'static str,
        title: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, title).detail(detail)
    }

    /// With what to do about it.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// With the guard's rule.
    #[must_use]
    pub fn rule(mut self, rule: &'static str) -> Self {
        self.rule = Some(rule);
        self
    }

    /// 500, for a fault of ours: `error` and its causes go to the log, nothing to the client.
    pub fn internal(error: &dyn Error) -> Self {
        let mut chain = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            chain = format!("{chain}: {cause}");
            source = cause.source();
        }
        tracing::error!(error = %chain, "a request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the hub failed")
            .detail("Try again; if it stays so, the hub's log says why.")
    }
}

impl Problem {
    /// 503: the disk does not take it. Which disk and why goes to the log.
    fn no_disk(error: &StoreError) -> Self {
        tracing::error!(%error, "a request failed: the disk can't be written");
        let title = "the hub's disk can't be written just now";
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "disk", title)
            .detail("Look whether it was done before you try again; the hub's log says more.");
        Self { retry_after_seconds: Some(BUSY_SECONDS), ..problem }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let document = Document {
            r#type: format!("urn:belfry:problem:{}", self.code),
            title: &self.title,
            status: self.status.as_u16(),
            detail: self.detail.as_deref(),
            rule: self.rule,
        };
        let body = serde_json::to_vec(&document).expect("strings and a number are always JSON");
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Missing { what, .. } => {
                let code = match *what {
                    "case" => "unknown-case",
                    "report" => "unknown-report",
                    _ => "unknown",
                };
                Self::new(StatusCode::NOT_FOUND, code, error.to_string())
            }
            StoreError::Stale { .. } => {
                Self::new(StatusCode::CONFLICT, "stale", "the case has changed meanwhile")
                    .detail(error.to_string())
            }
            StoreError::Move { .. } => {
                Self::new(StatusCode::CONFLICT, "move", "the case's state does not allow this")
                    .detail(error.to_string())
            }
            StoreError::Ahead { .. } => Self::new(StatusCode::CONFLICT, "ahead", error.to_string())
                .detail(
                    "This follower has entries that this journal never had: it followed another \
                     hub, or the hub was restored from a backup. Do not treat it as up to date. \
                     The hub's keeper fills the journal up with `belfry journal void`.",
                ),
            StoreError::ListsChanged => {
                Self::new(StatusCode::CONFLICT, "lists-changed", error.to_string())
            }
            StoreError::OtherAudience { .. } => {
                Self::new(StatusCode::CONFLICT, "other-audience", error.to_string())
            }
            StoreError::Held { since, .. } => {
                Self::new(StatusCode::CONFLICT, "held", error.to_string())
                    .detail(format!("Held since {}; lift the hold first.", rfc3339(*since)))
            }
            StoreError::Audit { .. } => {
                tracing::error!(%error, "the audit log can't be trusted");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "audit-damaged", error.to_string())
                    .detail("Someone changed the database by hand, or the disk did. Keep a copy.")
            }
            StoreError::Changed { .. } => {
                Self::new(StatusCode::CONFLICT, "changed", error.to_string())
            }
            StoreError::Taken { .. } => Self::new(StatusCode::CONFLICT, "taken", error.to_string()),
            StoreError::Busy(_) => {
                let title = "no report is taken in just now";
                let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", title)
                    .detail("Nothing was taken in. Try again, as the Retry-After header says.");
                Self { retry_after_seconds: Some(BUSY_SECONDS), ..problem }
            }
            StoreError::Invalid { .. } => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", error.to_string())
            }
            _ if Pressure::of(&error).is_some() => Self::no_disk(&error),
            _ => Self::internal(&error),
        }
    }
}

impl PartialSchema for Problem {
    fn schema() -> RefOr<Schema> {
        Document::schema()
    }
}

impl ToSchema for Problem {
    fn name() -> Cow<'static, str> {
        "Problem".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Self::name().into_owned(), Self::schema()));
        Document::schemas(schemas);
    }
}

/// So that a route documents all its errors with one word: `responses((status = 200, …), Problem)`.
impl IntoResponses for Problem {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let content =
            ContentBuilder::new().schema(Some(Ref::from_schema_name(Self::name()))).build();
        let response = ResponseBuilder::new()
            .description("Any error")
            .content("application/problem+json", content)
            .build();
        BTreeMap::from([("default".to_owned(), response.into())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(error: StoreError, status: u16, code: &str) {
        let problem = Problem::from(error);
        assert_eq!((problem.status.as_u16(), problem.code), (status, code));
    }

    #[test]
    fn store_errors_have_their_status() {
        check(StoreError::Missing { what: "case", id: "7".into() }, 404, "unknown-case");
        check(StoreError::Missing { what: "token", id: "x".into() }, 404, "unknown");
        check(StoreError::Stale { case: 7, expected: 1, now: 2 }, 409, "stale");
        check(StoreError::Move { case: 7, state: "blocked", hint: "release it" }, 409, "move");
        check(StoreError::ListsChanged, 409, "lists-changed");
        check(
            StoreError::OtherAudience { serial: belfry_journal::Serial(7) },
            409,
            "other-audience",
        );
        let busy = StoreError::Busy(Pressure::DiskFull);
        assert_eq!(Problem::from(busy).into_response().headers()[header::RETRY_AFTER], "30");
    }

    #[test]
    fn a_fault_of_ours_is_not_told_to_the_client() {
        let source = std::io::Error::other("disk on fire");
        let problem = Problem::from(StoreError::File { path: "/var/lib/secret".into(), source });
        assert_eq!((problem.status.as_u16(), problem.code), (500, "internal"));
        let told = format!("{} {:?}", problem.title, problem.detail);
        assert!(!told.contains("secret") && !told.contains("fire"), "{told}");
    }
}
