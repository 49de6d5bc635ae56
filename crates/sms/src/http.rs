//! The decision API, for platforms that call out: `POST /v1/decide`.
//!
//! It answers what becomes of a text and keeps nothing of it.

use axum::extract::{DefaultBodyLimit, State};
use axum::routing::post;
use axum::{Json, Router};
use belfry_likeness::Scratch;
use serde::{Deserialize, Serialize};

use crate::{Decision, Filter};

/// Octets of a question.
const BODY_MAX: usize = 64 << 10;

/// One question.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    /// The whole text of a message.
    text: String,
}

/// Its answer.
#[derive(Debug, Serialize)]
struct Answer {
    /// `pass`, `reject`, `drop` or `unavailable`.
    decision: &'static str,
    /// The entry of the template that matched.
    template: Option<u64>,
}

/// The routes.
pub fn routes(filter: Filter) -> Router {
    Router::new()
        .route("/v1/decide", post(decide))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(filter)
}

async fn decide(State(filter): State<Filter>, Json(question): Json<Question>) -> Json<Answer> {
    let (decision, template) = match filter.decide(&question.text, &mut Scratch::default()) {
        Decision::Pass => ("pass", None),
        Decision::Counted(serial) => ("pass", Some(serial.0)),
        Decision::Reject(serial) => ("reject", Some(serial.0)),
        Decision::Drop(serial) => ("drop", Some(serial.0)),
        Decision::Unavailable => ("unavailable", None),
    };
    Json(Answer { decision, template })
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::{Request, StatusCode, header};
    use serde_json::{Value, json};
    use tower::ServiceExt;

    use super::*;
    use crate::OnMatch;
    use crate::live::tests::{FRAUD, filter};

    async fn ask(body: Value) -> (StatusCode, Value) {
        let request = Request::post("/v1/decide")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        let answer = routes(filter(OnMatch::Reject)).oneshot(request).await.unwrap();
        let status = answer.status();
        let body = to_bytes(answer.into_body(), 4_096).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    #[tokio::test]
    async fn a_text_is_decided_on() {
        let (status, answer) = ask(json!({ "text": FRAUD })).await;
        assert_eq!(
            (status, answer),
            (StatusCode::OK, json!({"decision": "reject", "template": 1}))
        );
        let (_, answer) = ask(json!({ "text": "Tot straks!" })).await;
        assert_eq!(answer, json!({"decision": "pass", "template": null}));
        let (status, _) = ask(json!({ "text": "x", "from": "y" })).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}
