//! Lists as integrators poll them.

use std::io::Read;

use axum::body::{Body as Octets, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use crate::tests::bench::Bench;

async fn get(bench: &Bench, file: &str, headers: &[(header::HeaderName, &str)]) -> Response {
    let mut request = Request::get(format!("/api/v1/lists/{file}"));
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    bench.send(request.body(Octets::empty()).unwrap()).await
}

async fn text(bench: &Bench, file: &str) -> String {
    let answer = get(bench, file, &[]).await;
    assert_eq!(answer.status(), StatusCode::OK, "{file}");
    let bytes = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

async fn changes(bench: &Bench, since: u64) -> Value {
    serde_json::from_str(&text(bench, &format!("all/changes?since={since}")).await).unwrap()
}

#[tokio::test]
async fn a_list_is_what_holds_and_who_has_it_is_told_so() {
    let bench = Bench::new().await;
    assert_eq!(text(&bench, "all/domains.txt").await, "");
    bench.block("a.example").await;
    let case = bench.block_as("b.example", true).await;
    assert_eq!(text(&bench, "all/domains.txt").await, "a.example\nb.example\n");
    assert_eq!(text(&bench, "phishing/hosts.txt").await, "0.0.0.0 a.example\n0.0.0.0 b.example\n");
    assert_eq!(text(&bench, "malware/domains.txt").await, "");
    let answer = get(&bench, "all/domains.txt", &[]).await;
    let etag = answer.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(answer.headers()["belfry-serial"], bench.casebook.head().serial.to_string());
    // A heartbeat changes the serial and not the list.
    bench.casebook.heartbeat(crate::tests::bench::NOW).await.unwrap();
    let again = get(&bench, "all/domains.txt", &[(header::IF_NONE_MATCH, &etag)]).await;
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    bench.free(case).await;
    let again = get(&bench, "all/domains.txt", &[(header::IF_NONE_MATCH, &etag)]).await;
    assert_eq!(again.status(), StatusCode::OK);
    assert_eq!(text(&bench, "all/domains.txt").await, "a.example\n");
    let rows: Value = serde_json::from_str(&text(&bench, "all/domains.json").await).unwrap();
    assert_eq!(rows[0]["DeleteDate"], Value::Null);
    assert_eq!(rows[1]["DomainAddress"], "b.example");
    assert_eq!(rows[1]["DeleteDate"], "2026-11-24T09:00:00", "a deletion is told");
}

#[tokio::test]
async fn who_takes_it_packed_gets_the_same() {
    let bench = Bench::new().await;
    bench.block("a.example").await;
    let answer = get(&bench, "all/domains.txt", &[(header::ACCEPT_ENCODING, "br, gzip;q=1")]).await;
    assert_eq!(answer.headers()["content-encoding"], "gzip");
    assert_eq!(answer.headers()["vary"], "accept-encoding");
    let bytes = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    let mut plain = String::new();
    flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut plain).unwrap();
    assert_eq!(plain, text(&bench, "all/domains.txt").await);
}

#[tokio::test]
async fn changes_bring_a_list_of_before_up_to_date() {
    let bench = Bench::new().await;
    bench.block("a.example").await;
    let case = bench.block_as("b.example", false).await;
    let since = bench.casebook.head().serial.0;
    assert_eq!(
        changes(&bench, since).await,
        json!({ "from": since, "to": since, "whole": false, "added": [], "removed": [] })
    );
    bench.free(case).await;
    bench.block("c.example").await;
    let told = changes(&bench, since).await;
    assert_eq!((&told["added"], &told["removed"]), (&json!(["c.example"]), &json!(["b.example"])));
    let all = changes(&bench, 0).await;
    assert_eq!(all["added"], json!(["a.example", "c.example"]));
    let ahead = get(&bench, "all/changes?since=999", &[]).await;
    assert_eq!(ahead.status(), StatusCode::CONFLICT);
}

#[tokio::test]
async fn what_is_no_list_is_not_there() {
    let bench = Bench::new().await;
    for file in ["all/domains.xml", "weather/domains.txt", "weather/changes?since=0"] {
        assert_eq!(get(&bench, file, &[]).await.status(), StatusCode::NOT_FOUND, "{file}");
    }
}
