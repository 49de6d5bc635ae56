//! The proxy against real sockets on loopback, and names that change under way.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;

/// Each look-up of a name takes the next address, the last one for ever.
struct Rebinding(Mutex<HashMap<String, Vec<IpAddr>>>);

impl Resolve for Rebinding {
    fn resolve<'a>(&'a self, host: &'a str) -> Resolving<'a> {
        let mut names = self.0.lock().unwrap();
        let found =
            names.get_mut(host).map(|left| if left.len() > 1 { left.remove(0) } else { left[0] });
        Box::pin(async move { Ok(found.into_iter().collect()) })
    }
}

/// Answers `hello` to whatever comes.
async fn site() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 1024];
            let read = stream.read(&mut request).await.unwrap();
            let seen = String::from_utf8_lossy(&request[..read]).into_owned();
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{seen}",
                seen.len()
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    address
}

fn settings(reachable: &[IpAddr], names: &[(&str, &[&str])]) -> InspectSettings {
    let names = names
        .iter()
        .map(|(name, to)| ((*name).to_owned(), to.iter().map(|a| a.parse().unwrap()).collect()));
    InspectSettings {
        reachable: reachable.to_vec(),
        resolver: Arc::new(Rebinding(Mutex::new(names.collect()))),
        ..InspectSettings::new("/nonexistent".into())
    }
}

async fn opened(settings: &InspectSettings) -> Egress {
    let egress = Egress::start(settings).await.unwrap();
    egress.open();
    egress
}

async fn ask(egress: &Egress, request: &str) -> String {
    let mut stream = TcpStream::connect(egress.address()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ended = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

fn get(url: &str) -> String {
    let host = url.trim_start_matches("http://").split('/').next().unwrap();
    format!(
        "GET {url} HTTP/1.1\r\nHost: {host}\r\nProxy-Connection: keep-alive\r\nConnection: close\r\n\r\n"
    )
}

const HERE: &str = "127.0.0.1";

#[tokio::test]
async fn a_request_reaches_the_site_in_the_form_a_site_expects() {
    let port = site().await.port();
    let here = HERE.parse().unwrap();
    let egress = opened(&settings(&[here], &[("evil.test", &[HERE])])).await;
    let answer = ask(&egress, &get(&format!("http://evil.test:{port}/a?b=c"))).await;
    assert!(answer.contains("GET /a?b=c HTTP/1.1\r\n"), "{answer}");
    assert!(answer.to_ascii_lowercase().contains(&format!("host: evil.test:{port}")), "{answer}");
    assert!(!answer.to_ascii_lowercase().contains("proxy-connection"), "{answer}");
    assert!(egress.traffic_bytes() > 0);
    assert_eq!(egress.addresses()[0].address, Some(here));
}

#[tokio::test]
async fn what_is_not_public_is_refused_and_noted() {
    let port = site().await.port();
    let egress = opened(&settings(&[], &[("evil.test", &[HERE])])).await;
    for url in ["http://evil.test", "http://127.0.0.1", "http://[::1]", "http://169.254.169.254"] {
        let answer = ask(&egress, &get(&format!("{url}:{port}/"))).await;
        assert_eq!(answer, "", "{url}");
    }
    let connect = format!(
        "CONNECT evil.test:{port} HTTP/1.1\r\nHost: evil.test:{port}\r\nConnection: close\r\n\r\n"
    );
    assert!(ask(&egress, &connect).await.starts_with("HTTP/1.1 403"));
    let noted = egress.addresses();
    assert_eq!(noted.len(), 4, "{noted:?}");
    assert!(noted.iter().all(|note| note.refused.is_some() && note.address.is_none()));
}

#[tokio::test]
async fn a_name_that_changes_under_way_keeps_its_first_address() {
    let port = site().await.port();
    let (first, second) = ("127.0.0.1", "127.9.9.9");
    let reachable = [first.parse().unwrap()];
    let settings = settings(&reachable, &[("evil.test", &[first, second])]);
    let egress = opened(&settings).await;
    for _ in 0..3 {
        let answer = ask(&egress, &get(&format!("http://evil.test:{port}/"))).await;
        assert!(answer.contains("200 OK"), "{answer}");
    }
    assert_eq!(egress.addresses().len(), 1);
}

#[tokio::test]
async fn ports_of_other_services_are_refused() {
    let egress = opened(&settings(&[HERE.parse().unwrap()], &[])).await;
    assert_eq!(ask(&egress, &get("http://127.0.0.1:25/")).await, "");
    let refused = egress.addresses()[0].refused.clone().unwrap();
    assert_eq!(refused, "port 25 belongs to another service than the web");
}

#[tokio::test]
async fn octets_and_connections_are_bounded() {
    let port = site().await.port();
    let mut settings = settings(&[HERE.parse().unwrap()], &[]);
    settings.traffic_bytes_max = 10;
    let egress = opened(&settings).await;
    let url = format!("http://127.0.0.1:{port}/");
    ask(&egress, &get(&url)).await;
    assert_eq!(ask(&egress, &get(&url)).await, "");
    assert_eq!(egress.exceeded(), Some("it brings in more octets than a capture may"));

    settings.connections_max = 0;
    let egress = opened(&settings).await;
    assert_eq!(ask(&egress, &get(&url)).await, "");
    assert_eq!(egress.exceeded(), Some("it opens more connections than a capture may"));
}

#[tokio::test]
async fn what_the_browser_asks_for_itself_goes_nowhere_and_is_not_noted() {
    let port = site().await.port();
    let names: &[(&str, &[&str])] = &[("update.googleapis.com", &[HERE]), ("evil.test", &[HERE])];
    let egress = Egress::start(&settings(&[HERE.parse().unwrap()], names)).await.unwrap();
    assert_eq!(ask(&egress, &get(&format!("http://evil.test:{port}/"))).await, "");
    egress.open();
    assert_eq!(ask(&egress, &get(&format!("http://update.googleapis.com:{port}/"))).await, "");
    assert_eq!(egress.addresses(), []);
    assert!(ask(&egress, &get(&format!("http://evil.test:{port}/"))).await.contains("200 OK"));
}
