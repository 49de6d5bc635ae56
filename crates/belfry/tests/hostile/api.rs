//! Hostile requests.

use std::io::{Read, Write};
use std::net::TcpStream;

use belfry_testbed::client::{Api, Reply};
use serde_json::json;

use crate::doors::{Doors, PATIENCE};

fn problem(reply: &Reply) -> (u16, String) {
    let json: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
    let code = json["type"].as_str().unwrap().trim_start_matches("urn:belfry:problem:");
    (reply.status, code.to_owned())
}

#[test]
fn what_is_no_report_is_refused_in_words() {
    let doors = Doors::open("");
    let api = &doors.api;
    let check = |reply: Reply, status: u16, code: &str| {
        assert_eq!(problem(&reply), (status, code.to_owned()));
    };
    let unknown = json!({"url": "https://a.example/", "verdict": "benign"});
    check(api.post_json("/api/v1/reports", &unknown).unwrap(), 422, "fields");
    let nested = format!("{{\"url\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let reply = api.post("/api/v1/reports", "application/json", nested.as_bytes()).unwrap();
    assert!(matches!(reply.status, 400 | 422), "{reply:?}");
    let reply = api.post("/api/v1/reports", "application/json", b"{\"url\":\"\xff\"}").unwrap();
    check(reply, 400, "syntax");
    let wrong = Api::new(doors.hub.address("http"), "belfry_wrong");
    check(wrong.post("/api/v1/reports", "message/rfc822", b"x").unwrap(), 401, "unauthorized");
    let none = Api::new(doors.hub.address("http"), "");
    check(none.post("/api/v1/reports", "message/rfc822", b"x").unwrap(), 401, "unauthorized");
    let reader = Api::new(doors.hub.address("http"), &doors.hub.token("reader", "r").unwrap());
    check(reader.post("/api/v1/reports", "message/rfc822", b"x").unwrap(), 403, "forbidden");
    doors.still_serves();
}

/// Sends a head, then `body`, and reads the answer to its end.
fn raw(doors: &Doors, head: &str, body: &[u8]) -> String {
    let address = doors.hub.address("http");
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let token = doors.hub.token("reporter", &format!("raw-{}", body.len())).unwrap();
    let head = format!(
        "POST /api/v1/reports HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n{head}\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    // A refusal may come before all of it is sent.
    let _ = stream.write_all(body);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn large_bodies_are_refused_by_their_length_and_by_count() {
    let doors = Doors::open("");
    let announced = "content-type: message/rfc822\r\ncontent-length: 60000000\r\n";
    let answer = raw(&doors, announced, b"");
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("too-large"), "{answer}");
    let json = format!("{{\"url\":\"{}\"}}", "x".repeat(2 << 20));
    let announced = format!("content-type: application/json\r\ncontent-length: {}\r\n", json.len());
    let answer = raw(&doors, &announced, b"{");
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("too-large"), "{answer}");
    // In chunks nobody knows how long it is.
    let mut chunks = Vec::new();
    for _ in 0..3 {
        chunks.extend_from_slice(b"80000\r\n");
        chunks.extend(vec![b' '; 0x80000]);
        chunks.extend_from_slice(b"\r\n");
    }
    let chunked = "content-type: application/json\r\ntransfer-encoding: chunked\r\n";
    let answer = raw(&doors, chunked, &chunks);
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("too-large"), "{answer}");
    doors.still_serves();
}

#[test]
fn a_body_that_drips_is_given_up() {
    let doors = Doors::open("[http]\nbody_seconds = 1\n");
    for kind in ["message/rfc822", "application/json"] {
        let head = format!("content-type: {kind}\r\ncontent-length: 1000\r\n");
        let answer = raw(&doors, &head, kind.split('/').next().unwrap().as_bytes());
        assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("too-slow"), "{answer}");
    }
    doors.still_serves();
}

/// Every `$ref` within `value`.
fn references<'v>(value: &'v serde_json::Value, found: &mut Vec<&'v str>) {
    match value {
        serde_json::Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(|to| to.as_str()));
            fields.values().for_each(|value| references(value, found));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn whatever_the_document_refers_to_is_in_it() {
    let doors = Doors::open("");
    let document = doors.api.get_json("/api/v1/openapi.json").unwrap();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 100, "{}", found.len());
    for to in found {
        let place = to.strip_prefix('#').unwrap();
        assert!(document.pointer(place).is_some(), "{to}");
    }
    let problem = &document["components"]["schemas"]["Problem"]["properties"];
    assert!(problem["title"].is_object(), "{problem}");
}
