//! Requests through a router as `belfry` builds it: what a client sees of each refusal.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test by panicking")]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::http::{Request, header};
use axum::routing::{get, post};
use belfry_casebook::access::{
    Admin, Analyst, Approver, Follower, NewPasskey, Principal, Proof, Reader, Role,
};
use belfry_casebook::{Casebook, Settings};
use belfry_journal::UnixMillis;
use belfry_web::{
    Authorized, AuthorizedAny, Clock, Fresh, Json, LocalUser, Path, Query, SignedIn,
    method_not_allowed, not_found,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tower::ServiceExt;

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    number: u64,
}

struct Answer {
    status: u16,
    headers: axum::http::HeaderMap,
    json: Value,
}

async fn ask(router: Router, request: Request<Body>) -> Answer {
    let response = router.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, 1 << 20).await.unwrap();
    let json = serde_json::from_slice(&bytes).unwrap();
    Answer { status: parts.status.as_u16(), headers: parts.headers, json }
}

fn plain() -> Router {
    Router::new()
        .route("/echo", post(|Json(fields): Json<Fields>| async move { Json(fields) }))
        .route("/query", get(|Query(fields): Query<Fields>| async move { Json(fields) }))
        .route(
            "/path/{number}",
            get(|Path(number): Path<u64>| async move { Json(Fields { number }) }),
        )
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(64))
}

async fn check(request: Request<Body>, status: u16, code: &str, words: &str) {
    let answer = ask(plain(), request).await;
    assert_eq!(answer.status, status, "{}", answer.json);
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json");
    assert_eq!(answer.json["type"], format!("urn:belfry:problem:{code}"));
    assert_eq!(answer.json["status"], status);
    assert!(answer.json.to_string().contains(words), "{}", answer.json);
}

fn body(content_type: &str, body: &str) -> Request<Body> {
    let request = Request::post("/echo").header(header::CONTENT_TYPE, content_type);
    request.body(Body::from(body.to_owned())).unwrap()
}

fn uri(uri: &str) -> Request<Body> {
    Request::get(uri).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn bodies_queries_and_paths_are_refused_in_words() {
    let json = "application/json";
    check(body("text/plain", r#"{"number":1}"#), 415, "content-type", "application/json").await;
    check(body(json, "{"), 400, "syntax", "EOF").await;
    check(body(json, r#"{"number":1,"x":2}"#), 422, "fields", "unknown field `x`").await;
    check(body(json, r#"{"number":"1"}"#), 422, "fields", "invalid type").await;
    check(body(json, " [1]"), 422, "fields", "expected an object with named fields").await;
    check(body(json, &" ".repeat(65)), 413, "too-large", "too large").await;
    check(uri("/query?number=1&nummer=2"), 400, "query", "unknown field `nummer`").await;
    check(uri("/query?number=one"), 400, "query", "invalid digit").await;
    check(uri("/path/one"), 400, "path", "one").await;
    check(uri("/nowhere"), 404, "not-found", "there is no /nowhere").await;
    check(uri("/echo"), 405, "method", "/echo does not take GET").await;
}

#[tokio::test]
async fn good_requests_pass() {
    for request in
        [body("application/json", r#"{"number":7}"#), uri("/query?number=7"), uri("/path/7")]
    {
        let answer = ask(plain(), request).await;
        assert_eq!((answer.status, &answer.json["number"]), (200, &Value::from(7)));
    }
}

#[tokio::test]
async fn a_405_lists_the_methods() {
    assert_eq!(ask(plain(), uri("/echo")).await.headers[header::ALLOW], "POST");
}

#[derive(Clone)]
struct Hub {
    casebook: Casebook,
    clock: Clock,
}

impl FromRef<Hub> for Casebook {
    fn from_ref(hub: &Hub) -> Self {
        hub.casebook.clone()
    }
}

impl FromRef<Hub> for Clock {
    fn from_ref(hub: &Hub) -> Self {
        hub.clock
    }
}

const NOW: UnixMillis = UnixMillis(1_795_510_800_000);

async fn hub(folder: &tempfile::TempDir) -> Hub {
    let settings = Settings { data: folder.path().to_owned() };
    let casebook = Casebook::open(&settings, NOW).await.unwrap();
    Hub { casebook, clock: Clock(|| NOW) }
}

fn guarded(hub: Hub) -> Router {
    Router::new()
        .route(
            "/judge",
            get(|Authorized(analyst): Authorized<Analyst>| async move {
                Json(analyst.principal().name.clone())
            }),
        )
        .route(
            "/orders",
            get(|bearer: AuthorizedAny<Follower, Reader>| async move {
                Json(match bearer {
                    AuthorizedAny::First(follower) => follower.principal().name.clone(),
                    AuthorizedAny::Second(reader) => reader.principal().name.clone(),
                })
            }),
        )
        .with_state(hub)
}

async fn token(hub: &Hub, name: &str, role: Role, expires_at: Option<UnixMillis>) -> String {
    let principal =
        Principal { name: "local:test".into(), role: Role::Admin, proof: Proof::LocalUser };
    let admin: Admin = principal.authorize().unwrap();
    hub.casebook.create_token(&admin, name, role, expires_at, NOW).await.unwrap().secret
}

#[tokio::test]
async fn only_a_fresh_person_is_the_second_of_two() {
    let folder = tempfile::tempdir().unwrap();
    let hub = hub(&folder).await;
    let router = Router::new()
        .route(
            "/approve",
            get(|Fresh(approver): Fresh<Approver>| async move {
                Json(approver.principal().name.clone())
            }),
        )
        .route(
            "/notes",
            get(|SignedIn(analyst): SignedIn<Analyst>| async move {
                Json(analyst.principal().name.clone())
            }),
        )
        .with_state(hub.clone());
    let token = token(&hub, "ci", Role::Admin, None).await;
    let touched = session(&hub, "ann", Role::Approver, NOW).await;
    let long_ago = UnixMillis(NOW.0 - 301_000);
    let stale = session(&hub, "bob", Role::Approver, long_ago).await;
    let low = session(&hub, "eve", Role::Analyst, NOW).await;
    let by_cookie = |uri: &str, cookie: &str| {
        Request::get(uri).header(header::COOKIE, cookie).body(Body::empty()).unwrap()
    };
    let check = async |request: Request<Body>, status: u16, expect: &str| {
        let answer = ask(router.clone(), request).await;
        let said = answer.json.to_string();
        assert!(answer.status == status && said.contains(expect), "{status} {expect}: {said}");
    };
    check(with_token("/approve", &token), 403, "person-needed").await;
    check(with_token("/notes", &token), 403, "person-needed").await;
    check(by_cookie("/approve", &stale), 403, "stale-sign-in").await;
    check(by_cookie("/approve", &low), 403, "forbidden").await;
    check(by_cookie("/approve", &touched), 200, "person:ann").await;
    check(by_cookie("/notes", &stale), 200, "person:bob").await;
}

/// Someone signed in since `at`: the cookie.
async fn session(hub: &Hub, name: &str, role: Role, at: UnixMillis) -> String {
    let principal =
        Principal { name: "local:test".into(), role: Role::Admin, proof: Proof::LocalUser };
    let admin: Admin = principal.authorize().unwrap();
    let link = hub.casebook.invite(&admin, name, role, at).await.unwrap();
    let passkey = NewPasskey { credential: name.as_bytes(), cose_key: b"k", sign_count: 0 };
    let session = hub.casebook.enrol(&link.secret, passkey, at).await.unwrap();
    format!("belfry_session={}", session.secret)
}

fn with_token(uri: &str, token: &str) -> Request<Body> {
    let request = Request::get(uri).header(header::AUTHORIZATION, format!("Bearer {token}"));
    request.body(Body::empty()).unwrap()
}

#[tokio::test]
async fn without_a_good_token_nothing_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let hub = hub(&folder).await;
    let ended = token(&hub, "ended", Role::Analyst, Some(UnixMillis(NOW.0 - 1))).await;
    for request in [uri("/judge"), with_token("/judge", "belfry_x"), with_token("/judge", &ended)] {
        let answer = ask(guarded(hub.clone()), request).await;
        assert_eq!(answer.status, 401);
        assert_eq!(answer.headers[header::WWW_AUTHENTICATE], "Bearer");
        assert_eq!(answer.json["type"], "urn:belfry:problem:unauthorized");
    }
}

#[tokio::test]
async fn roles_decide() {
    let folder = tempfile::tempdir().unwrap();
    let hub = hub(&folder).await;
    for (role, judges, follows) in [
        (Role::Reader, 403, 200),
        (Role::Reporter, 403, 403),
        (Role::Analyst, 200, 200),
        (Role::Operator, 403, 200),
        (Role::Admin, 200, 200),
    ] {
        let token = token(&hub, role.name(), role, None).await;
        for (uri, status) in [("/judge", judges), ("/orders", follows)] {
            let answer = ask(guarded(hub.clone()), with_token(uri, &token)).await;
            assert_eq!(answer.status, status, "{role:?} {uri}: {}", answer.json);
        }
    }
}

#[tokio::test]
async fn the_local_user_needs_no_token() {
    let folder = tempfile::tempdir().unwrap();
    let hub = hub(&folder).await;
    let mut request = uri("/judge");
    request.extensions_mut().insert(LocalUser("ann".into()));
    assert_eq!(ask(guarded(hub), request).await.json, "local:ann");
}
