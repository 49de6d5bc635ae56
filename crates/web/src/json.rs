//! `Json<T>`: axum's, with rejections as [`crate::Problem`].

use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};

use crate::Problem;

/// A JSON body in or out. `T` carries `#[serde(deny_unknown_fields)]`.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: serde::de::DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let _ = (request, state);
        todo!()
    }
}

impl<T: serde::Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}
