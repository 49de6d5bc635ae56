//! The proxy over loopback: nothing lost, doubled or out of order, whoever restarts.

#![expect(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

mod smpplib;
mod smsc;
mod tls;

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use belfry_indicator::OperatorName;
use belfry_sms::{Filter, FilterSettings, OnMatch, Proxy, ProxySettings, Without};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use crate::smsc::{Smsc, message, pdus};

/// A filter without templates, which lets all pass.
pub(crate) fn filter() -> Filter {
    Filter::new(FilterSettings {
        operator: OperatorName::parse("telco-1").unwrap(),
        on_match: OnMatch::Reject,
        templates: HashMap::new(),
        without: Without::Open,
    })
}

/// A proxy before `smsc`, and what stops it.
pub(crate) async fn proxy(smsc: SocketAddr) -> (SocketAddr, CancellationToken) {
    let settings = ProxySettings {
        smsc: belfry_sms::Smsc::plain(&smsc.to_string()),
        window_max: 64,
        connections_max: 8,
        idle: Duration::from_secs(60),
    };
    let listen = SocketAddr::from(([127, 91, 0, 1], 0));
    let proxy = Proxy::bind(listen, settings, filter(), None).await.unwrap();
    let (address, stop) = (proxy.address().unwrap(), CancellationToken::new());
    tokio::spawn(proxy.run(stop.clone()));
    (address, stop)
}

/// Sends what is left with 32 messages under way; what was answered is taken off.
/// Whether all was, or the connection ended before.
async fn send(proxy: SocketAddr, left: &mut VecDeque<u32>) -> bool {
    let Ok(mut peer) = TcpStream::connect(proxy).await else { return false };
    let (mut sent, mut waiting) = (0, Vec::new());
    while !left.is_empty() {
        let mut out = Vec::new();
        while sent < left.len().min(32) {
            out.extend(message(left[sent]));
            sent += 1;
        }
        if !out.is_empty() && peer.write_all(&out).await.is_err() {
            return false;
        }
        let mut buffer = [0; 8_192];
        match peer.read(&mut buffer).await {
            Ok(length) if length > 0 => waiting.extend_from_slice(&buffer[..length]),
            _ => return false,
        }
        for (_, status, sequence) in pdus(&mut waiting) {
            assert_eq!((status, Some(sequence)), (0, left.pop_front()), "answers are in order");
            sent -= 1;
        }
    }
    true
}

/// Whether these rise once what was sent again is left out.
fn in_order(received: &[u32], count: u32) {
    let mut seen = Vec::new();
    for sequence in received {
        if !seen.contains(sequence) || seen.last().is_none_or(|last| last < sequence) {
            seen.push(*sequence);
        }
    }
    seen.dedup();
    assert!(seen.is_sorted(), "a message overtook another");
    assert_eq!(seen, (1..=count).collect::<Vec<_>>(), "a message is lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_window_of_32_all_arrive_in_order() {
    let smsc = Smsc::start(None).await;
    let (proxy, _stop) = proxy(smsc.address).await;
    let count = 20_000;
    let mut left: VecDeque<u32> = (1..=count).collect();
    let begun = Instant::now();
    assert!(send(proxy, &mut left).await);
    let rate = f64::from(count) / begun.elapsed().as_secs_f64();
    println!("{rate:.0} messages a second, window 32, one connection");
    assert_eq!(smsc.received(), (1..=count).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_smsc_goes_away_nothing_is_lost_or_overtaken() {
    let smsc = Smsc::start(Some(700)).await;
    let (proxy, _stop) = proxy(smsc.address).await;
    let mut left: VecDeque<u32> = (1..=3_000).collect();
    let mut connections = 0;
    while !send(proxy, &mut left).await {
        connections += 1;
        assert!(connections < 50, "it never ends");
    }
    assert!(connections >= 3);
    in_order(&smsc.received(), 3_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_proxy_goes_away_nothing_is_lost_or_overtaken() {
    let smsc = Smsc::start(None).await;
    let mut left: VecDeque<u32> = (1..=5_000).collect();
    let mut rounds = 0;
    loop {
        let (proxy, stop) = proxy(smsc.address).await;
        let sending = send(proxy, &mut left);
        let stopping = async {
            tokio::time::sleep(Duration::from_millis(40)).await;
            stop.cancel();
            std::future::pending::<()>().await;
        };
        let done = tokio::select! { done = sending => done, () = stopping => false };
        stop.cancel();
        rounds += 1;
        assert!(rounds < 500, "it never ends");
        if done {
            break;
        }
    }
    in_order(&smsc.received(), 5_000);
}
