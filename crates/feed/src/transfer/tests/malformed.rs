//! Requests that are broken, forged or out of time, over real sockets: refused, and the
//! next good one is answered.

use std::time::Duration;

use axum::http::StatusCode;
use belfry_casebook::access::Role;
use belfry_indicator::Domain;
use belfry_rpz::secondary::{Ask, request};
use belfry_rpz::tsig::{Algorithm, Key};
use belfry_rpz::wire::{Header, rcode};
use belfry_testbed::Random;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream, UdpSocket};

use super::secondary::Secondary;
use super::{add, settings};
use crate::tests::bench::Bench;

/// How long an answer is waited for; a refusal by silence takes it whole.
const PATIENCE: Duration = Duration::from_secs(10);

fn soa() -> Vec<u8> {
    request(7, &Domain::parse("phishing.rpz.test").unwrap(), Ask::Serial)
}

async fn open(bench: &Bench) -> TcpStream {
    let to = bench.transfers().address().unwrap();
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((to.ip(), 0).into()).unwrap();
    socket.connect(to).await.unwrap()
}

/// The code of the answer over TCP; `None` where the connection ends instead.
async fn code(bench: &Bench, message: &[u8]) -> Option<u8> {
    let mut stream = open(bench).await;
    stream.write_u16(u16::try_from(message.len()).unwrap()).await.ok()?;
    stream.write_all(message).await.ok()?;
    let answer = async {
        let length = stream.read_u16().await.ok()?;
        let mut answer = vec![0; usize::from(length)];
        stream.read_exact(&mut answer).await.ok()?;
        Header::read(&answer).ok()
    };
    let header = tokio::time::timeout(PATIENCE, answer).await.expect("an answer or an end")?;
    Some(header.rcode)
}

async fn is_well(bench: &Bench) {
    let mut secondary = Secondary::connect(bench, "phishing", None).await;
    secondary.until_serial(secondary.published(bench)).await;
    assert_eq!(code(bench, &soa()).await, Some(rcode::NOERROR));
}

#[tokio::test]
async fn broken_requests_leave_the_next_one_answered() {
    let bench = Bench::with_transfers(super::TransferSettings {
        connections_per_address_max: 50,
        idle_seconds: 1,
        ..settings(30)
    })
    .await;
    add(&bench, json!({ "name": "isp", "addresses": ["127.71.0.0/16"] })).await;
    bench.block("a.example").await;
    let socket = UdpSocket::bind((bench.transfers().address().unwrap().ip(), 0)).await.unwrap();
    socket.connect(bench.transfers().address().unwrap()).await.unwrap();
    let (good, mut random) = (soa(), Random::new(11));
    for round in 0..300 {
        let mut broken = good.clone();
        for _ in 0..=random.index(3) {
            let at = random.index(broken.len());
            broken[at] = u8::try_from(random.index(256)).unwrap();
        }
        broken.truncate(random.index(broken.len() + 1));
        socket.send(&broken).await.unwrap();
        if round % 30 == 0 {
            let _ = code(&bench, &broken).await;
        }
    }
    is_well(&bench).await;
    // A length that is only claimed, and one of nothing.
    let mut claims = open(&bench).await;
    claims.write_all(&[0xFF, 0xFF, 0, 7]).await.unwrap();
    let mut nothing = open(&bench).await;
    nothing.write_all(&[0, 0]).await.unwrap();
    is_well(&bench).await;
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(PATIENCE, claims.read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "a connection that says nothing is ended");
}

#[tokio::test]
async fn a_signature_that_is_missing_wrong_or_out_of_time_opens_nothing() {
    let bench = Bench::with_transfers(super::TransferSettings {
        connections_per_address_max: 50,
        ..settings(31)
    })
    .await;
    add(&bench, json!({ "name": "isp" })).await;
    bench.block("a.example").await;
    let now = (bench.state_clock())();
    let held = bench.casebook.operator_keys(now).await.unwrap().remove(0);
    let name = Domain::parse(&held.name).unwrap().to_wire();
    let key = |name: &[u8], secret: &[u8]| {
        Key::new(name.to_vec(), Algorithm::from_name(&held.algorithm).unwrap(), secret.to_vec())
    };
    let right = key(&name, &held.secret);
    let seconds = now.0 / 1_000;
    let signed = |key: &Key, at: u64| {
        let mut message = soa();
        key.sign_request(&mut message, at);
        message
    };
    assert_eq!(code(&bench, &signed(&right, seconds)).await, Some(rcode::NOERROR));
    assert_eq!(code(&bench, &signed(&right, seconds - 200)).await, Some(rcode::NOERROR));
    for (what, message) in [
        ("a secret of another", signed(&key(&name, &[9; 32]), seconds)),
        ("a name of nobody", signed(&key(b"\x04none\0", &held.secret), seconds)),
        ("an hour ago", signed(&right, seconds - 3_600)),
        ("in an hour", signed(&right, seconds + 3_600)),
        ("not signed", soa()),
    ] {
        let code = code(&bench, &message).await;
        assert!(code != Some(rcode::NOERROR) && code.is_some(), "{what}: {code:?}");
    }
    let suspend = "/api/v1/operators/isp/suspend";
    assert_eq!(bench.post(suspend, Role::Admin, &json!({})).await.0, StatusCode::OK);
    assert_ne!(code(&bench, &signed(&right, seconds)).await, Some(rcode::NOERROR));
}
