//! `POST /api/v1/reports` and its receipt, against a real casebook.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test by panicking")]
#![expect(unreachable_pub, reason = "tests/hub is shared by test binaries")]

mod hub;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, header};
use belfry_casebook::access::{Admin, Principal, Proof, Role};
use belfry_intake::{IntakeMetrics, IntakeState, REPORT_BYTES_MAX, routes};
use serde_json::Value;
use tower::ServiceExt;

use hub::{Hub, NOW};

async fn token(hub: &Hub, role: Role) -> String {
    let principal =
        Principal { name: "local:t".into(), role: Role::Admin, proof: Proof::LocalUser };
    let admin: Admin = principal.authorize().unwrap();
    hub.casebook.create_token(&admin, role.name(), role, None, NOW).await.unwrap().secret
}

fn router(hub: &Hub) -> Router {
    let (casebook, clock) = (hub.casebook.clone(), hub.clock);
    routes(IntakeState { casebook, clock, metrics: IntakeMetrics::default() }).into()
}

async fn ask(hub: &Hub, request: Request<Body>) -> (u16, HeaderMap, Value) {
    let (parts, body) = router(hub).oneshot(request).await.unwrap().into_parts();
    let bytes = to_bytes(body, 1 << 20).await.unwrap();
    (parts.status.as_u16(), parts.headers, serde_json::from_slice(&bytes).unwrap())
}

fn post(token: &str, content_type: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post("/api/v1/reports")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, content_type)
        .body(body.into())
        .unwrap()
}

fn get(token: &str, uri: &str) -> Request<Body> {
    let request = Request::get(uri).header(header::AUTHORIZATION, format!("Bearer {token}"));
    request.body(Body::empty()).unwrap()
}

#[tokio::test]
async fn a_report_is_kept_byte_for_byte_and_found_by_its_receipt() {
    let hub = Hub::open().await;
    let token = token(&hub, Role::Reporter).await;
    for (content_type, body, content, kept) in [
        ("message/rfc822", &b"Subject: x\n\n\xff\0."[..], "mail", &b"Subject: x\n\n\xff\0."[..]),
        ("application/json", br#"{"url":"https://a.example/"}"#, "url", b"https://a.example/"),
        ("application/json", br#"{"sms":{"text":"hi mum"}}"#, "sms", b"hi mum"),
    ] {
        let (status, headers, json) = ask(&hub, post(&token, content_type, body.to_vec())).await;
        assert_eq!((status, &json["status"]), (201, &Value::from("received")), "{json}");
        let receipt = json["receipt"].as_str().unwrap();
        assert_eq!(hub.report(receipt).await.1, kept);
        let location = headers[header::LOCATION].to_str().unwrap();
        let (status, _, json) = ask(&hub, get(&token, location)).await;
        assert_eq!(status, 200, "{json}");
        assert_eq!(json["receipt"], receipt);
        assert_eq!((&json["channel"], &json["content"]), (&"api".into(), &content.into()));
        assert_eq!((&json["size"], &json["status"]), (&kept.len().into(), &"received".into()));
        assert_eq!(json["received_at"], "2026-11-24T09:00:00.000Z");
        assert_eq!((&json["read_at"], &json["cases"]), (&Value::Null, &Value::Array(vec![])));
    }
}

#[tokio::test]
async fn what_is_no_report_is_refused() {
    let hub = Hub::open().await;
    let token = token(&hub, Role::Reporter).await;
    let large = vec![b'x'; REPORT_BYTES_MAX + 1];
    for (request, status, code) in [
        (post(&token, "text/plain", "x"), 415, "content-type"),
        (post(&token, "message/rfc822", ""), 422, "fields"),
        (post(&token, "message/rfc822", large), 413, "too-large"),
        (post(&token, "application/json", r#"{"url":"x","y":1}"#), 422, "fields"),
        (post(&token, "application/json", "{"), 400, "syntax"),
        (post("belfry_wrong", "message/rfc822", "x"), 401, "unauthorized"),
        (get(&token, "/api/v1/reports/nonsense"), 404, "unknown-report"),
        (get(&token, "/api/v1/reports/00000-00000-00000-00000"), 404, "unknown-report"),
    ] {
        let what = format!("{request:?}");
        let (got, _, json) = ask(&hub, request).await;
        assert_eq!(got, status, "{what}: {json}");
        assert_eq!(json["type"], format!("urn:belfry:problem:{code}"));
    }
}

#[tokio::test]
async fn an_expired_token_files_nothing() {
    let mut hub = Hub::open().await;
    let principal =
        Principal { name: "local:t".into(), role: Role::Admin, proof: Proof::LocalUser };
    let admin: Admin = principal.authorize().unwrap();
    let ends = belfry_journal::UnixMillis(NOW.0 + 1_000);
    let token =
        hub.casebook.create_token(&admin, "short", Role::Reporter, Some(ends), NOW).await.unwrap();
    let token = token.secret;
    assert_eq!(ask(&hub, post(&token, "message/rfc822", "x")).await.0, 201);
    hub.clock = belfry_web::Clock(|| belfry_journal::UnixMillis(NOW.0 + 1_000));
    assert_eq!(ask(&hub, post(&token, "message/rfc822", "x")).await.0, 401);
    assert_eq!(hub.casebook.unread(10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn reports_are_put_off_while_there_is_no_room() {
    let hub = Hub::open().await;
    let token = token(&hub, Role::Reporter).await;
    let limits = belfry_casebook::report::IntakeLimits { free_bytes_min: u64::MAX, unread_max: 9 };
    hub.casebook.limit_intake(limits);
    let (status, headers, json) = ask(&hub, post(&token, "message/rfc822", "x")).await;
    assert_eq!((status, &json["type"]), (503, &"urn:belfry:problem:busy".into()));
    assert_eq!(headers[header::RETRY_AFTER], "30");
    hub.casebook.limit_intake(belfry_casebook::report::IntakeLimits::default());
    assert_eq!(ask(&hub, post(&token, "message/rfc822", "x")).await.0, 201);
}

#[tokio::test]
async fn a_reader_files_nothing() {
    let hub = Hub::open().await;
    let token = token(&hub, Role::Reader).await;
    assert_eq!(ask(&hub, post(&token, "message/rfc822", "x")).await.0, 403);
}

#[tokio::test]
async fn a_file_is_taken_in_as_it_is() {
    let hub = Hub::open().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mail.eml");
    std::fs::write(&path, b"Subject: x\n\n\xff").unwrap();
    let content = belfry_casebook::report::Content::Mail;
    let receipt =
        belfry_intake::file::receive(&hub.casebook, hub.clock, &path, content).await.unwrap();
    assert_eq!(hub.report(receipt.as_str()).await.1, b"Subject: x\n\n\xff");
    let missing = folder.path().join("missing.eml");
    let error = belfry_intake::file::receive(&hub.casebook, hub.clock, &missing, content)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("missing.eml"), "{error}");
}
