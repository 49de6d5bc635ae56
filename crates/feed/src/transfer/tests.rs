//! Zones over real sockets: who gets them, how, and that real resolvers answer by them.

mod malformed;
mod mirrored;
mod resolvers;
mod secondary;
mod signed;

use std::net::SocketAddr;

use axum::http::StatusCode;
use belfry_casebook::access::Role;
use belfry_rpz::secondary::{Ask, Update};
use serde_json::json;

use self::secondary::Secondary;
use super::TransferSettings;
use crate::tests::bench::Bench;

fn settings(host: u8) -> TransferSettings {
    TransferSettings {
        listen: vec![SocketAddr::from(([127, 71, host, 1], 0))],
        origin: "rpz.test".to_owned(),
        warning_ipv4: Some([192, 0, 2, 80].into()),
        connections_per_address_max: 3,
        ..TransferSettings::default()
    }
}

async fn add(bench: &Bench, body: serde_json::Value) {
    let (status, answer) = bench.post("/api/v1/operators", Role::Admin, &body).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
}

#[tokio::test]
async fn a_secondary_follows_by_differences_and_is_seen_to() {
    let bench = Bench::with_transfers(settings(10)).await;
    add(&bench, json!({ "name": "isp", "addresses": ["127.71.0.0/16"] })).await;
    bench.block("a.example").await;
    let mut secondary = Secondary::connect(&bench, "phishing", None).await;
    secondary.until_serial(bench.casebook.head().serial).await;
    assert!(secondary.names().contains(&"a.example".to_owned()));
    for n in 0..30 {
        bench.block(&format!("n{n}.example")).await;
    }
    secondary.until_serial(bench.casebook.head().serial).await;
    let case = bench.block_as("b.example", true).await;
    secondary.until_serial(bench.casebook.head().serial).await;
    assert!(matches!(secondary.last, Some(Update::Changes { .. })), "{:?}", secondary.last);
    assert!(secondary.names().contains(&"*.b.example".to_owned()));
    bench.free(case).await;
    secondary.until_serial(bench.casebook.head().serial).await;
    assert!(!secondary.names().contains(&"b.example".to_owned()));
    assert_eq!(secondary.ask(Ask::Since(secondary.serial())).await, Ok(Update::UpToDate));
    let (_, shown) = bench.get("/api/v1/operators/isp", Role::Reader).await;
    let standing = &shown["standings"][0];
    assert_eq!(
        (&standing["state"], &standing["zone"]),
        (&json!("in-step"), &json!("phishing.rpz.test"))
    );
    assert_eq!(standing["acknowledged"], json!(secondary.serial()));
}

#[tokio::test]
async fn a_key_opens_what_an_address_does_not_and_its_change_leaves_no_gap() {
    let bench = Bench::with_transfers(settings(11)).await;
    add(&bench, json!({ "name": "isp" })).await;
    bench.block("a.example").await;
    let head = bench.casebook.head().serial;
    let mut stranger = Secondary::connect(&bench, "phishing", None).await;
    assert!(stranger.ask(Ask::Whole).await.is_err());
    let old = bench.casebook.operator_keys(crate::tests::bench::NOW).await.unwrap().remove(0);
    let mut secondary = Secondary::connect(&bench, "phishing", Some(&old)).await;
    secondary.until_serial(head).await;
    let (status, _) = bench.post("/api/v1/operators/isp/rotate", Role::Admin, &json!({})).await;
    assert_eq!(status, StatusCode::OK);
    let keys = bench.casebook.operator_keys(crate::tests::bench::NOW).await.unwrap();
    for key in &keys {
        let mut secondary = Secondary::connect(&bench, "phishing", Some(key)).await;
        secondary.until_serial(head).await;
    }
    assert_eq!(keys.len(), 2);
    let (status, _) = bench.post("/api/v1/operators/isp/suspend", Role::Admin, &json!({})).await;
    assert_eq!(status, StatusCode::OK);
    assert!(secondary.ask(Ask::Whole).await.is_err());
    bench.post("/api/v1/operators/isp/resume", Role::Admin, &json!({})).await;
    assert!(secondary.ask(Ask::Whole).await.is_ok());
}

#[tokio::test]
async fn an_operators_own_zone_is_its_own() {
    let bench = Bench::with_transfers(settings(12)).await;
    let here = json!(["127.71.0.0/16"]);
    add(&bench, json!({ "name": "isp", "addresses": here, "categories": ["malware"] })).await;
    bench.block("a.example").await;
    let mut own = Secondary::connect(&bench, "isp.operator", None).await;
    own.until_serial(own.published(&bench)).await;
    assert_eq!(own.names().iter().filter(|name| name.ends_with("example")).count(), 0);
    let set = json!({ "addresses": here, "categories": ["phishing"] });
    let (status, shown) = bench.put("/api/v1/operators/isp", &set).await;
    assert_eq!(status, StatusCode::OK, "{shown}");
    own.until_serial(bench.casebook.head().serial).await;
    assert!(own.names().contains(&"a.example".to_owned()));
    let other = json!({ "name": "other" });
    add(&bench, other).await;
    let key = bench.casebook.operator_keys(crate::tests::bench::NOW).await.unwrap();
    let key = key.iter().find(|key| key.operator.as_str() == "other").unwrap();
    let mut stranger = Secondary::connect(&bench, "isp.operator", Some(key)).await;
    assert!(stranger.ask(Ask::Whole).await.is_err());
}

#[tokio::test]
async fn connections_of_one_address_are_bounded() {
    let bench = Bench::with_transfers(settings(13)).await;
    add(&bench, json!({ "name": "isp", "addresses": ["127.71.0.0/16"] })).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut one = Secondary::connect(&bench, "phishing", None).await;
        one.ask(Ask::Whole).await.unwrap();
        held.push(one);
    }
    let mut more = Secondary::connect(&bench, "phishing", None).await;
    assert!(more.ask(Ask::Whole).await.is_err());
    held.clear();
    let mut again = loop {
        let mut one = Secondary::connect(&bench, "phishing", None).await;
        if one.ask(Ask::Whole).await.is_ok() {
            break one;
        }
    };
    assert!(again.ask(Ask::Serial).await.is_ok());
}

#[tokio::test]
async fn what_an_operator_can_not_be_is_refused() {
    let bench = Bench::with_transfers(settings(14)).await;
    for body in [
        json!({ "name": "Not Plain" }),
        json!({ "name": "isp", "addresses": ["192.0.2.0/33"] }),
        json!({ "name": "isp", "notify": ["192.0.2.1"] }),
        json!({ "name": "isp", "categories": ["weather"] }),
    ] {
        let (status, problem) = bench.post("/api/v1/operators", Role::Admin, &body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert_eq!(problem["type"], "urn:belfry:problem:operator");
    }
    add(&bench, json!({ "name": "isp" })).await;
    let (status, _) = bench.get("/api/v1/operators/isp/config?for=windows", Role::Admin).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let (status, _) = bench.get("/api/v1/operators/isp/config?for=bind", Role::Operator).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let uri = "/api/v1/operators/isp/config?for=bind&dir=/tmp/%22;x";
    assert_eq!(bench.get(uri, Role::Admin).await.0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn servers_are_told_until_they_have_heard() {
    let bench = Bench::with_transfers(settings(15)).await;
    let server = tokio::net::UdpSocket::bind("127.71.15.9:0").await.unwrap();
    let at = server.local_addr().unwrap().to_string();
    add(&bench, json!({ "name": "isp", "notify": [at] })).await;
    bench.block("a.example").await;
    let serial = bench.casebook.head().serial;
    let mut buffer = [0; 512];
    let (mut heard, mut tries) = (false, 0);
    while !heard {
        let (length, from) = server.recv_from(&mut buffer).await.unwrap();
        assert_eq!(from.ip().to_string(), "127.71.15.1");
        let message = &buffer[..length];
        let record = belfry_rpz::wire::Reader::after_header(message);
        let mut reader = record;
        let question = reader.question().unwrap();
        let record = reader.record().unwrap();
        let said = belfry_rpz::wire::soa_serial(message, &record).unwrap();
        if question.name.starts_with(b"\x08phishing") && u64::from(said) == serial.0 {
            tries += 1;
            // Only the second try is answered.
            heard = tries == 2;
        }
        let mut reply = message.to_vec();
        reply[2] |= 0x80;
        if heard || !question.name.starts_with(b"\x08phishing") {
            server.send_to(&reply, from).await.unwrap();
        }
    }
    let of = belfry_journal::OperatorName::parse("isp").unwrap();
    let noted = || {
        let all = bench.transfers().standings(&of);
        all.iter()
            .any(|one| one.zone.as_str() == "phishing.rpz.test" && one.notified == Some(serial))
    };
    while !noted() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn who_may_do_what_with_operators() {
    let bench = Bench::with_transfers(settings(16)).await;
    add(&bench, json!({ "name": "isp" })).await;
    let roles = [Role::Reader, Role::Reporter, Role::Analyst, Role::Approver, Role::Operator];
    let mut readers = Vec::new();
    for role in roles {
        let (status, _) = bench.get("/api/v1/operators", role).await;
        let (one, _) = bench.get("/api/v1/operators/isp", role).await;
        assert_eq!(status, one, "{role:?}");
        if status == StatusCode::OK {
            readers.push(role);
        }
        let new = json!({ "name": "other" });
        let mut refusals = vec![bench.post("/api/v1/operators", role, &new).await.0];
        for act in ["suspend", "resume", "rotate"] {
            let uri = format!("/api/v1/operators/isp/{act}");
            refusals.push(bench.post(&uri, role, &json!({})).await.0);
        }
        assert_eq!(refusals, [StatusCode::FORBIDDEN; 4], "{role:?}");
    }
    assert_eq!(readers, [Role::Reader, Role::Analyst, Role::Approver]);
    assert_eq!(bench.casebook.operator_keys(crate::tests::bench::NOW).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_was_set_is_shown_and_a_key_never_is() {
    let bench = Bench::with_transfers(settings(17)).await;
    let body = json!({
        "name": "isp", "addresses": ["192.0.2.0/24", "2001:db8::/32"],
        "notify": ["127.71.17.9:53"], "probes": ["127.71.17.9:53"], "categories": ["phishing"],
    });
    add(&bench, body.clone()).await;
    let (_, list) = bench.get("/api/v1/operators", Role::Reader).await;
    let shown = &list["items"][0];
    for field in ["name", "addresses", "notify", "probes", "categories"] {
        assert_eq!(shown[field], body[field], "{field}");
    }
    assert_eq!(shown["zones"], json!(["isp.operator.rpz.test", "shadow.rpz.test"]));
    let zones: Vec<&str> =
        list["zones"].as_array().unwrap().iter().filter_map(|zone| zone["zone"].as_str()).collect();
    assert!(zones.starts_with(&["allow.rpz.test"]), "{zones:?}");
    let key = bench.casebook.operator_keys(crate::tests::bench::NOW).await.unwrap().remove(0);
    let secret = data_encoding::BASE64.encode(&key.secret);
    assert!(!list.to_string().contains(&secret));
    let (status, config) = bench.get("/api/v1/operators/isp/config?for=pdns", Role::Admin).await;
    assert_eq!(status, StatusCode::OK, "{config}");
    assert!(config.to_string().contains(&secret));
    assert_eq!(bench.get("/api/v1/operators/none", Role::Reader).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_old_key_holds_no_longer_than_its_bound() {
    let bench = Bench::with_transfers(settings(18)).await;
    add(&bench, json!({ "name": "isp" })).await;
    let rotate = async |body| bench.post("/api/v1/operators/isp/rotate", Role::Admin, &body).await;
    let (status, problem) = rotate(json!({ "old_hours": 2_161 })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("give 0 to 2160"), "{problem}");
    let (status, _) = rotate(json!({ "hours": 1 })).await;
    assert!(status.is_client_error(), "an unknown field is refused: {status}");
    assert_eq!(rotate(json!({ "old_hours": 0 })).await.0, StatusCode::OK);
    let now = (bench.state_clock())();
    let keys = bench.casebook.operator_keys(now).await.unwrap();
    assert_eq!(keys.len(), 1, "the first ended at once");
    let mut secondary = Secondary::connect(&bench, "phishing", Some(&keys[0])).await;
    assert!(secondary.ask(Ask::Whole).await.is_ok());
}
