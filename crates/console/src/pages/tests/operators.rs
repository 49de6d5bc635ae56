//! The operators' page over an API of the test's own: what is asked of it, in whose name,
//! and how its answers and refusals look.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use belfry_casebook::access::Role;
use serde_json::json;

use super::{Answer, Pages};

/// What the API was asked: method and path, and whether a session's token came along.
type Asked = Arc<Mutex<Vec<(String, bool)>>>;

/// An API that answers as the feed does.
fn api(pages: &Pages) -> Asked {
    let asked = Asked::default();
    let told = Arc::clone(&asked);
    let answer = move |request: Request| {
        let line = format!("{} {}", request.method(), request.uri());
        let headers = request.headers();
        let signed = headers.contains_key("cookie") && headers.contains_key("x-belfry-csrf");
        told.lock().unwrap().push((line.clone(), signed));
        async move {
            if line.contains("/bad/") {
                let problem = json!({ "title": "no such operator", "detail": "Look again." });
                return (StatusCode::NOT_FOUND, axum::Json(problem)).into_response();
            }
            if line.contains("/config") {
                let file = json!({ "name": "named.conf", "text": "secret \"<b>\";" });
                return axum::Json(json!({ "files": [file] })).into_response();
            }
            axum::Json(list()).into_response()
        }
    };
    pages.site.serve_by(Router::new().fallback(answer));
    asked
}

fn list() -> serde_json::Value {
    let standing = json!({ "address": "192.0.2.1", "zone": "phishing.rpz.example",
        "transferred": 7, "acknowledged": 9, "asked_at": "2026-11-24T09:00:00.000Z",
        "state": "behind" });
    let probe = json!({ "resolver": "192.0.2.2:53", "state": "claims",
        "findings": [{ "text": "it says 9 <b> and enforces 7" }],
        "latency": { "median_ms": 1200 } });
    json!({ "zones": [{ "zone": "phishing.rpz.example", "serial": 11, "names": 3 }],
        "items": [{ "name": "telco-1", "addresses": [], "notify": ["192.0.2.1:53"],
            "zones": ["phishing.rpz.example"], "standings": [standing], "probed": [probe] },
            { "name": "telco-2", "suspended_at": "2026-11-24T09:00:00.000Z" }] })
}

async fn send(pages: &Pages, who: &str, fields: &[(&str, &str)]) -> Answer {
    let csrf = pages.get("/console", who).await.csrf();
    let mut all = vec![("csrf", csrf.as_str())];
    all.extend_from_slice(fields);
    pages.post("/console/operators", who, &all).await
}

#[tokio::test]
async fn a_reader_sees_who_is_in_step_and_changes_nothing() {
    let pages = Pages::new().await;
    let rita = pages.person("rita", Role::Reader).await;
    assert_eq!(pages.get("/console/operators", &rita).await.status, 503, "nothing is served yet");
    let asked = api(&pages);
    let page = pages.get("/console/operators?lang=en", &rita).await.body;
    for part in
        ["telco-1", "192.0.2.1", "behind", "it says 9 &#60;b&#62;", "1200", "Suspended since"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("name=\"act\""), "a reader changes nothing");
    assert_eq!(*asked.lock().unwrap(), [("GET /api/v1/operators".to_owned(), true)]);
    assert_eq!(send(&pages, &rita, &[("act", "suspend"), ("name", "x")]).await.status, 403);
    assert_eq!(pages.get("/console/operators/telco-1", &rita).await.status, 403);
    let operator = pages.person("op", Role::Operator).await;
    assert_eq!(pages.get("/console/operators", &operator).await.status, 403);
}

#[tokio::test]
async fn an_administrator_does_what_the_command_line_does() {
    let pages = Pages::new().await;
    let asked = api(&pages);
    let root = pages.person("root", Role::Admin).await;
    for (fields, said, line) in [
        (
            vec![("act", "add"), ("name", "telco-3"), ("notify", "192.0.2.1:53, 192.0.2.9:53")],
            "added",
            "POST /api/v1/operators",
        ),
        (
            vec![("act", "rotate"), ("name", "telco-1"), ("hours", "24")],
            "rotate",
            "POST /api/v1/operators/telco-1/rotate",
        ),
        (
            vec![("act", "suspend"), ("name", "a/../b")],
            "suspend",
            "POST /api/v1/operators/a%2F..%2Fb/suspend",
        ),
        (
            vec![("act", "resume"), ("name", "telco-1")],
            "resume",
            "POST /api/v1/operators/telco-1/resume",
        ),
    ] {
        let answer = send(&pages, &root, &fields).await;
        let to = answer.headers["location"].to_str().unwrap();
        assert_eq!(to, format!("/console/operators?said={said}"), "{}", answer.body);
        assert_eq!(asked.lock().unwrap().last().unwrap(), &(line.to_owned(), true));
    }
    let refused = send(&pages, &root, &[("act", "suspend"), ("name", "bad")]).await;
    assert_eq!(refused.status, 404);
    assert!(refused.body.contains("no such operator") && refused.body.contains("Look again."));
    let config = pages.get("/console/operators/telco-1?for=unbound&lang=en", &root).await.body;
    assert!(config.contains("secret &#34;&#60;b&#62;&#34;;"), "{config}");
    let line = asked.lock().unwrap().last().unwrap().0.clone();
    assert_eq!(line, "GET /api/v1/operators/telco-1/config?for=unbound");
    pages.get("/console/operators/telco-1?for=%26listen%3Dx", &root).await;
    assert!(asked.lock().unwrap().last().unwrap().0.ends_with("?for=bind"), "nothing is smuggled");
}
