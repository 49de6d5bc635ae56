//! A deadline for the bodies of requests: whoever sends one a drop at a time is told
//! so, however patient the route behind is. Reads nothing by itself.

use std::error::Error;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use futures_util::StreamExt;
use tokio::time::{Instant, timeout_at};

use crate::Problem;

/// How long the body of a request may take to come; the state of [`limit_body_time`].
#[derive(Clone, Copy, Debug)]
pub struct BodyTime(pub Duration);

/// What reading a body ends in that took too long.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the body took too long")]
pub struct BodyTooSlow;

/// The middleware: [`axum::middleware::from_fn_with_state`] with [`BodyTime`].
pub async fn limit_body_time(
    State(BodyTime(most)): State<BodyTime>,
    request: Request,
    next: Next,
) -> Response {
    let deadline = Instant::now() + most;
    let (parts, body) = request.into_parts();
    let parts_of_it =
        futures_util::stream::unfold(Some(body.into_data_stream()), move |stream| async move {
            let mut stream = stream?;
            match timeout_at(deadline, stream.next()).await {
                Ok(None) => None,
                Ok(Some(Ok(bytes))) => Some((Ok(bytes), Some(stream))),
                Ok(Some(Err(error))) => Some((Err(axum::Error::new(error)), None)),
                Err(_) => Some((Err(axum::Error::new(BodyTooSlow)), None)),
            }
        });
    next.run(Request::from_parts(parts, Body::from_stream(parts_of_it))).await
}

impl Problem {
    /// 408, where `error` comes of a body that took too long.
    pub fn of_slow_body(error: &(dyn Error + 'static)) -> Option<Self> {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if error.is::<BodyTooSlow>() {
                let title = "the body took too long";
                let problem = Self::new(StatusCode::REQUEST_TIMEOUT, "too-slow", title);
                return Some(problem.detail("Send it faster, or smaller."));
            }
            cause = error.source();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::post;
    use tower::ServiceExt;

    use super::*;
    use crate::Json;

    async fn answer(body: Body) -> StatusCode {
        let layer = axum::middleware::from_fn_with_state(
            BodyTime(Duration::from_millis(50)),
            limit_body_time,
        );
        let ok = |Json(_): Json<serde_json::Map<String, serde_json::Value>>| async { "ok" };
        let router: Router = Router::new().route("/", post(ok)).layer(layer);
        let request = Request::post("/").header("content-type", "application/json");
        router.oneshot(request.body(body).unwrap()).await.unwrap().status()
    }

    #[tokio::test]
    async fn a_body_in_time_passes_and_one_that_drips_is_refused() {
        assert_eq!(answer(Body::from("{}")).await, StatusCode::OK);
        let drip = futures_util::stream::unfold(0, |n| async move {
            tokio::time::sleep(Duration::from_millis(10)).await;
            Some((Ok::<_, std::io::Error>(" "), n + 1))
        });
        assert_eq!(answer(Body::from_stream(drip)).await, StatusCode::REQUEST_TIMEOUT);
        let broken = futures_util::stream::iter([Err::<&str, _>(std::io::Error::other("gone"))]);
        assert_eq!(answer(Body::from_stream(broken)).await, StatusCode::BAD_REQUEST);
    }
}
