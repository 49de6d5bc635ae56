//! Path and query parameters with rejections as [`crate::Problem`], and the
//! fallbacks for requests that no route takes.

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use serde::de::DeserializeOwned;

use crate::Problem;

/// Parameters of the path.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

/// Parameters of the query. `T` carries `#[serde(deny_unknown_fields)]`, so that an option
/// we do not know is refused and never silently ignored.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

/// How many items a page may have.
#[derive(Clone, Copy, Debug)]
pub struct PageLimit {
    /// Unless asked otherwise.
    pub default: u32,
    /// At most.
    pub most: u32,
}

impl PageLimit {
    /// The number of items asked for.
    ///
    /// # Errors
    /// [`Problem`] 400 where it is out of bounds.
    pub fn of(self, asked: Option<u32>) -> Result<u32, Problem> {
        let limit = asked.unwrap_or(self.default);
        if (1..=self.most).contains(&limit) {
            return Ok(limit);
        }
        Err(Problem::query(format!("limit is {limit}: give 1 to {}", self.most)))
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let axum::extract::Path(value) =
            axum::extract::Path::from_request_parts(parts, state).await?;
        Ok(Self(value))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let axum::extract::Query(value) =
            axum::extract::Query::from_request_parts(parts, state).await?;
        Ok(Self(value))
    }
}

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        Self::new(rejection.status(), "path", "a part of the path can't be read")
            .detail(rejection.body_text())
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(rejection.status(), "query", "the query can't be read")
            .detail(rejection.body_text())
    }
}

/// The fallback where no route has the path.
pub async fn not_found(OriginalUri(uri): OriginalUri) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not-found", format!("there is no {}", uri.path()))
        .detail("GET /api/v1/openapi.json lists what there is.")
}

/// The fallback where the path's routes do not take the method; axum adds `Allow`.
pub async fn method_not_allowed(method: Method, OriginalUri(uri): OriginalUri) -> Problem {
    let title = format!("{} does not take {method}", uri.path());
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", title)
        .detail("The Allow header lists what it takes.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_one_item_up_to_its_most() {
        let page = PageLimit { default: 10, most: 50 };
        let asked = |limit| page.of(limit).ok();
        assert_eq!(asked(None), Some(10));
        assert_eq!((asked(Some(1)), asked(Some(50))), (Some(1), Some(50)));
        assert_eq!((asked(Some(0)), asked(Some(51))), (None, None));
        let problem = page.of(Some(51)).unwrap_err();
        assert_eq!(problem.detail.as_deref(), Some("limit is 51: give 1 to 50"));
    }
}
