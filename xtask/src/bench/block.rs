//! From an analyst's confirmation to the first blocked answer, at the gate in the hub's
//! process and at a gate of its own that follows the stream. The answers for every other
//! host are in both gates' caches by then.
//!
//! The clock starts before the HTTP request is sent and stops when the blocked
//! answer is there, so it holds the round trips that an analyst would see too.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use belfry_testbed::{Hub, Program, wait_for};
use serde_json::{Value, json};

use crate::bench::figures::Figures;
use crate::command::Result;
use crate::hub::configuration;

/// How long an order may take before it is a failure, not a figure.
const LIMIT: Duration = Duration::from_secs(10);
/// How long the gate waits for an answer.
const ANSWER: Duration = Duration::from_millis(500);

/// The upstream's address for every name.
const FREE: [u8; 4] = [192, 0, 2, 9];

/// Reports `orders` hosts, confirms each and waits for its block at both gates.
pub(super) fn run(binary: &Path, orders: usize) -> Result {
    let folder = tempfile::tempdir()?;
    let upstream = Upstream::start()?;
    let upstream = upstream.address.to_string();
    let arguments = ["--upstream", &upstream];
    let hub = Hub::start_with(binary, &folder.path().join("data"), &configuration(), arguments)?;
    let api = Api { address: hub.address("http"), token: hub.token("analyst", "bench")? };
    let follower = follower(binary, folder.path(), &hub, &upstream)?;
    let gates = [hub.address("dns"), follower.address("dns")];
    wait_for(|| blocked(gates[1], "none.example").ok(), LIMIT).ok_or("the gate does not answer")?;
    let mut taken: [[Vec<Duration>; 2]; 2] = Default::default();
    for order in 0..orders {
        let (host, cached) = (format!("host-{order}.shop-{order}.example"), order % 2);
        let case = open_case(&api, &host)?;
        for gate in gates.iter().filter(|_| cached == 1) {
            if blocked(*gate, &host)? {
                return Err(format!("{host} is blocked before it was confirmed").into());
            }
        }
        for (took, gate) in confirm(&api, &case, &host, gates)?.into_iter().zip(&mut taken) {
            gate[cached].push(took);
        }
    }
    for (way, taken) in ["in process", "over the stream"].iter().zip(taken) {
        for (what, taken) in ["a name not asked for yet", "a cached name"].iter().zip(taken) {
            println!("block, {way}, {what}: {}", Figures::new(taken));
        }
    }
    Ok(())
}

/// A gate of its own that follows the hub.
fn follower(binary: &Path, folder: &Path, hub: &Hub, upstream: &str) -> Result<Program> {
    let (token, config) = (folder.join("token"), folder.join("gate.toml"));
    std::fs::write(&token, hub.token("operator", "bench-gate")?)?;
    std::fs::write(&config, configuration())?;
    let mut command = Command::new(binary);
    command.args(["gate", "--hub", &format!("http://{}", hub.address("http"))]);
    command.arg("--token-file").arg(token).arg("--config").arg(config);
    command.args(["--upstream", upstream, "--data"]).arg(folder.join("gate"));
    Ok(Program::start(command.stderr(Stdio::null()))?)
}

/// Confirms a case, and waits until each gate blocks its host: how long that took.
fn confirm(api: &Api, case: &Value, host: &str, gates: [SocketAddr; 2]) -> Result<[Duration; 2]> {
    let start = Instant::now();
    let verdict = json!({"verdict": "phishing", "reason": "a benchmark"});
    api.post(&format!("/api/v1/cases/{case}/verdict"), &verdict)?;
    let mut taken = [None; 2];
    while taken.iter().any(Option::is_none) {
        for (took, gate) in taken.iter_mut().zip(gates).filter(|(took, _)| took.is_none()) {
            if blocked(gate, host)? {
                *took = Some(start.elapsed());
            }
        }
        if start.elapsed() > LIMIT {
            return Err(format!("{host} is not blocked {LIMIT:?} after confirmation").into());
        }
    }
    Ok(taken.map(Option::unwrap_or_default))
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

/// Whether the gate blocks `host`: an address that is not the upstream's, or NXDOMAIN.
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
    code == Some(3) || (code == Some(0) && answers != [0, 0] && !answer.ends_with(&FREE))
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

/// An upstream with one address for every name, for five minutes; until it is dropped.
struct Upstream {
    address: SocketAddr,
}

impl Upstream {
    fn start() -> Result<Self> {
        let socket = UdpSocket::bind((belfry_testbed::loopback(), 0))?;
        let address = socket.local_addr()?;
        std::thread::spawn(move || {
            let mut message = [0; 1232];
            while let Ok((length, from)) = socket.recv_from(&mut message) {
                if let Some(answer) = message.get(..length).and_then(answer) {
                    let _ = socket.send_to(&answer, from);
                }
            }
        });
        Ok(Self { address })
    }
}

/// The upstream's answer: the question, and its address under it.
fn answer(query: &[u8]) -> Option<Vec<u8>> {
    let name = query.get(12..)?.iter().position(|octet| *octet == 0)?;
    let mut answer = query.get(..12 + name + 5)?.to_vec();
    answer[2..12].copy_from_slice(&[0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
    answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4]);
    answer.extend(FREE);
    Some(answer)
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
    fn the_upstream_of_the_benchmark_answers_and_blocks_nothing() {
        let upstream = Upstream::start().unwrap();
        assert!(!blocked(upstream.address, "a.example").unwrap());
        let answer = answer(&query("a.example")).unwrap();
        assert_eq!(&answer[..8], [0x42, 0x42, 0x81, 0x80, 0, 1, 0, 1]);
        assert!(answer.ends_with(&FREE));
        assert_eq!(super::answer(&[0; 5]), None);
    }

    #[test]
    fn headers_say_how_long_the_body_is() {
        let mut headers = &b"Server: x\r\nContent-Length: 12\r\n\r\nbody"[..];
        assert_eq!(content_length(&mut headers).unwrap(), 12);
        assert_eq!(headers, b"body");
        assert_eq!(content_length(&mut &b"\r\n"[..]).unwrap(), u64::MAX);
    }
}
