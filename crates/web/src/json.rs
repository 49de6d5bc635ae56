//! `Json<T>`: axum's, with rejections as [`crate::Problem`].

use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::{Named, Problem};

/// A JSON object in or out. `T` carries `#[serde(deny_unknown_fields)]`, and structs within
/// it are [`Named`].
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: serde::de::DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let axum::Json(Named(value)) = axum::Json::from_request(request, state).await?;
        Ok(Self(value))
    }
}

impl<T: serde::Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        if let Some(slow) = Self::of_slow_body(&rejection) {
            return slow;
        }
        let status = rejection.status();
        let (code, title) = match status {
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                ("content-type", "the body must be of Content-Type application/json")
            }
            StatusCode::PAYLOAD_TOO_LARGE => ("too-large", "the body is too large"),
            StatusCode::UNPROCESSABLE_ENTITY => ("fields", "the body's fields are wrong"),
            _ => ("syntax", "the body is not JSON"),
        };
        Self::new(status, code, title).detail(rejection.body_text())
    }
}
