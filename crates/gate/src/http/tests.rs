//! Connections that ask, stay silent, never end, or are too many.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

fn limits(connections_max: usize, header_seconds: u64) -> HttpLimits {
    HttpLimits { connections_max, connections_per_address_max: 100, header_seconds }
}

async fn start(limits: HttpLimits) -> (SocketAddr, CancellationToken, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    let router = Router::new().fallback(|| async { "hello" });
    tasks.spawn(serve(listener, router, limits, HttpMetrics::default(), stop.clone()));
    (address, stop, tasks)
}

async fn talk(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    // A reset after the answer ends it as well as a close does.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_request_is_answered_and_a_vast_header_refused() {
    let (address, stop, mut tasks) = start(limits(1, 30)).await;
    let answer = talk(address, b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n");
    assert!(answer.await.ends_with("hello"));
    let vast = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(HEADER_OCTETS_MAX));
    assert!(talk(address, vast.as_bytes()).await.starts_with("HTTP/1.1 431"));
    stop.cancel();
    tasks.join_next().await.unwrap().unwrap();
}

#[tokio::test]
async fn a_header_that_never_ends_frees_its_place() {
    let (address, _stop, _tasks) = start(limits(1, 1)).await;
    let mut slow = TcpStream::connect(address).await.unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\nHost:").await.unwrap();
    // It ends, and nobody else had to come for that.
    let _ = slow.read_to_end(&mut Vec::new()).await;
    let answer = talk(address, b"GET / HTTP/1.0\r\n\r\n").await;
    assert!(answer.ends_with("hello"), "{answer}");
}

#[tokio::test]
async fn silent_connections_give_way_to_whoever_asks() {
    let (address, _stop, _tasks) = start(limits(2, 3_600)).await;
    let mut asked = TcpStream::connect(address).await.unwrap();
    asked.write_all(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n").await.unwrap();
    assert_ne!(asked.read(&mut [0; 512]).await.unwrap(), 0);
    let mut silent = Vec::new();
    for _ in 0..10 {
        silent.push(TcpStream::connect(address).await.unwrap());
    }
    let answer = talk(address, b"GET / HTTP/1.0\r\n\r\n").await;
    assert!(answer.ends_with("hello"), "{answer}");
    // Whoever has asked keeps its place.
    asked.write_all(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n").await.unwrap();
    assert_ne!(asked.read(&mut [0; 512]).await.unwrap(), 0);
}

#[tokio::test]
async fn idle_connections_do_not_hold_up_the_stop() {
    let (address, stop, mut tasks) = start(limits(4, 3_600)).await;
    let mut idle = TcpStream::connect(address).await.unwrap();
    idle.write_all(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n").await.unwrap();
    assert_ne!(idle.read(&mut [0; 512]).await.unwrap(), 0);
    stop.cancel();
    tasks.join_next().await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

/// Asks, and goes on holding the connection.
async fn hold(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n").await.unwrap();
    assert_ne!(stream.read(&mut [0; 512]).await.unwrap(), 0);
    stream
}

#[tokio::test]
async fn one_address_has_so_many_connections_and_is_told() {
    let limits = HttpLimits { connections_per_address_max: 2, ..limits(100, 30) };
    let (address, _stop, _tasks) = start(limits).await;
    let (first, _second) = (hold(address).await, hold(address).await);
    let answer = talk(address, b"GET / HTTP/1.0\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 429 "), "{answer}");
    assert!(answer.contains("Retry-After: ") && answer.contains("this address"), "{answer}");
    drop(first);
    let until = Instant::now() + Duration::from_secs(30);
    while !talk(address, b"GET / HTTP/1.0\r\n\r\n").await.ends_with("hello") {
        assert!(Instant::now() < until, "the place never comes free");
    }
}

#[tokio::test]
async fn when_all_places_are_kept_the_next_is_told_and_does_not_wait_for_ever() {
    let (address, _stop, _tasks) = start(limits(2, 3_600)).await;
    let held = [hold(address).await, hold(address).await];
    for _ in 0..3 {
        let answer = talk(address, b"GET / HTTP/1.0\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    }
    drop(held);
    let until = Instant::now() + Duration::from_secs(30);
    while !talk(address, b"GET / HTTP/1.0\r\n\r\n").await.ends_with("hello") {
        assert!(Instant::now() < until, "the place never comes free");
    }
}

#[tokio::test]
async fn what_is_held_and_refused_is_counted() {
    let (metrics, stop) = (HttpMetrics::default(), CancellationToken::new());
    let mut port = Port::new(Router::new(), limits(1, 30), metrics.clone(), stop);
    port.crowd = Crowd::new(1);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut clients = Vec::new();
    for _ in 0..2 {
        clients.push(TcpStream::connect(listener.local_addr().unwrap()).await.unwrap());
        let (stream, peer) = listener.accept().await.unwrap();
        port.admit(stream, peer).await;
    }
    assert_eq!(metrics.held.get(), 1);
    assert_eq!(port.refuser.count(Refusal::Address), 1);
    assert_eq!(port.refuser.count(Refusal::All), 0);
    port.connections.shutdown().await;
    assert_eq!(metrics.held.get(), 0);
}
