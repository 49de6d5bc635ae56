//! From an analyst's confirmation to the first blocked answer.
//!
//! The clock starts before the HTTP request is sent and stops when the blocked
//! answer is there, so it holds the round trips that an analyst would see too.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::time::{Duration, Instant};

use belfry_testbed::{Hub, wait_for};
use serde_json::{Value, json};

use crate::bench::figures::Figures;
use crate::command::Result;
use crate::hub::configuration;

/// How long an order may take before it is a failure, not a figure.
const LIMIT: Duration = Duration::from_secs(10);
/// How long the gate waits for an answer.
const ANSWER: Duration = Duration::from_millis(500);

/// Reports `orders` hosts, confirms each and waits for its block.
pub(super) fn run(binary: &Path, orders: usize) -> Result {
    let folder = tempfile::tempdir()?;
    // An upstream that refuses every query at once: what is not blocked fails fast.
    let upstream = Refuser::start()?;
    let upstream = upstream.address.to_string();
    let arguments = ["--upstream", &upstream];
    let hub = Hub::start_with(binary, &folder.path().join("data"), &configuration(), arguments)?;
    let api = Api { address: hub.address("http"), token: hub.token("analyst", "bench")? };
    let dns = hub.address("dns");

    let mut taken = Vec::new();
    for order in 0..orders {
        let host = format!("host-{order}.shop-{order}.example");
        let case = open_case(&api, &host)?;
        if blocked(dns, &host)? {
            return Err(format!("{host} is blocked before it was confirmed").into());
        }
        let start = Instant::now();
        let verdict = json!({"verdict": "phishing", "reason": "a benchmark"});
        api.post(&format!("/api/v1/cases/{case}/verdict"), &verdict)?;
        while !blocked(dns, &host)? {
            if start.elapsed() > LIMIT {
                return Err(format!("{host} is not blocked {LIMIT:?} after confirmation").into());
            }
        }
        taken.push(start.elapsed());
    }
    println!("block: {}", Figures::new(taken));
    Ok(())
}

/// Reports a URL on `host` and waits for its case.
fn open_case(api: &Api, host: &str) -> Result<Value> {
    api.post("/api/v1/reports", &json!({"url": format!("https://{host}/login")}))?;
    let find = || {
        let cases = api.get("/api/v1/cases?status=open").ok()?;
        let items = cases.get("items")?.as_array()?;
        items
            .iter()
            .find(|case| case.get("target").is_some_and(|target| target == host))?
            .get("id")
            .cloned()
    };
    wait_for(find, LIMIT).ok_or_else(|| format!("no case for {host} within {LIMIT:?}").into())
}

/// Whether the gate blocks `host`: an address, or NXDOMAIN. The upstream gives
/// neither.
fn blocked(dns: SocketAddr, host: &str) -> Result<bool> {
    let socket = UdpSocket::bind((dns.ip(), 0))?;
    socket.set_read_timeout(Some(ANSWER))?;
    socket.connect(dns)?;
    socket.send(&query(host))?;
    let mut answer = [0; 1232];
    let Ok(length) = socket.recv(&mut answer) else { return Ok(false) };
    Ok(answer.get(..length).is_some_and(is_blocked))
}

fn is_blocked(answer: &[u8]) -> bool {
    let code = answer.get(3).map(|flags| flags & 0x0f);
    let answers = answer.get(6..8).unwrap_or_default();
    code == Some(3) || (code == Some(0) && answers != [0, 0])
}

/// A query for the A records of `host`.
fn query(host: &str) -> Vec<u8> {
    let mut query = vec![0x42, 0x42, 0x01, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in host.split('.') {
        query.push(u8::try_from(label.len()).unwrap_or_default());
        query.extend(label.bytes());
    }
    query.extend([0, 0, 1, 0, 1]);
    query
}

/// An upstream that answers REFUSED to everything, until it is dropped.
struct Refuser {
    address: SocketAddr,
}

impl Refuser {
    fn start() -> Result<Self> {
        let socket = UdpSocket::bind((belfry_testbed::loopback(), 0))?;
        let address = socket.local_addr()?;
        std::thread::spawn(move || {
            let mut message = [0; 1232];
            while let Ok((length, from)) = socket.recv_from(&mut message) {
                let Some(answer) = message.get_mut(..length).filter(|answer| answer.len() >= 12)
                else {
                    continue;
                };
                if let [_, _, flags, code, ..] = answer {
                    (*flags, *code) = (*flags | 0x80, 0x85);
                }
                let _ = socket.send_to(answer, from);
            }
        });
        Ok(Self { address })
    }
}

/// Just enough HTTP for JSON to and from the hub.
struct Api {
    address: SocketAddr,
    token: String,
}

impl Api {
    fn get(&self, path: &str) -> Result<Value> {
        self.exchange("GET", path, "")
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.exchange("POST", path, &body.to_string())
    }

    fn exchange(&self, method: &str, path: &str, body: &str) -> Result<Value> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(LIMIT))?;
        let (token, length) = (&self.token, body.len());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\
             connection: close\r\n\r\n{body}",
            self.address
        );
        stream.write_all(request.as_bytes())?;
        let mut reader = BufReader::new(stream);
        let mut status = String::new();
        reader.read_line(&mut status)?;
        let length = content_length(&mut reader)?;
        let mut answer = Vec::new();
        reader.take(length).read_to_end(&mut answer)?;
        if status.split(' ').nth(1).is_some_and(|code| code.starts_with('2')) {
            return Ok(serde_json::from_slice(&answer)?);
        }
        let answer = String::from_utf8_lossy(&answer).into_owned();
        Err(format!("{method} {path}: {} {answer}", status.trim()).into())
    }
}

/// Reads the headers, and how long the body is; to the stream's end unless said.
fn content_length(reader: &mut impl BufRead) -> Result<u64> {
    let mut length = u64::MAX;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if line.trim().is_empty() {
            return Ok(length);
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse()?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_or_nxdomain_is_a_block() {
        let answer =
            |code: u8, answers: u8| [0x42, 0x42, 0x81, 0x80 | code, 0, 1, 0, answers, 0, 0, 0, 0];
        assert!(is_blocked(&answer(0, 1)) && is_blocked(&answer(3, 0)));
        assert!(!is_blocked(&answer(5, 0)) && !is_blocked(&answer(2, 0)));
        assert!(!is_blocked(&answer(0, 0)) && !is_blocked(&[]));
    }

    #[test]
    fn a_query_names_the_host() {
        let query = query("a.example");
        assert_eq!(&query[12..], b"\x01a\x07example\x00\x00\x01\x00\x01");
    }

    #[test]
    fn the_upstream_of_the_benchmark_refuses() {
        let upstream = Refuser::start().unwrap();
        assert!(!blocked(upstream.address, "a.example").unwrap());
        let socket = UdpSocket::bind((upstream.address.ip(), 0)).unwrap();
        socket.send_to(&query("a.example"), upstream.address).unwrap();
        let mut answer = [0; 64];
        socket.recv(&mut answer).unwrap();
        assert_eq!(&answer[..4], [0x42, 0x42, 0x81, 0x85]);
    }

    #[test]
    fn headers_say_how_long_the_body_is() {
        let mut headers = &b"Server: x\r\nContent-Length: 12\r\n\r\nbody"[..];
        assert_eq!(content_length(&mut headers).unwrap(), 12);
        assert_eq!(headers, b"body");
        assert_eq!(content_length(&mut &b"\r\n"[..]).unwrap(), u64::MAX);
    }
}
