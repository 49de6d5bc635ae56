//! A scripted upstream over UDP and TCP. It fails the test when the gate lets a
//! client's option through.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use domain::base::iana::{Rcode, Rtype};

/// An upstream that knows its part.
pub(super) struct Upstream {
    address: SocketAddr,
    part: Arc<Part>,
}

#[derive(Default)]
struct Part {
    /// By `name TYPE`, in lower case.
    lines: Mutex<HashMap<String, String>>,
    asked: AtomicU64,
}

impl Upstream {
    /// Starts with an empty part: every name is refused.
    pub(super) fn start() -> Self {
        let address = belfry_testbed::free_addr();
        let part = Arc::new(Part::default());
        let socket = UdpSocket::bind(address).unwrap();
        let listener = TcpListener::bind(address).unwrap();
        let udp = Arc::clone(&part);
        thread::spawn(move || serve_udp(&socket, &udp));
        let tcp = Arc::clone(&part);
        thread::spawn(move || serve_tcp(&listener, &tcp));
        Self { address, part }
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many queries it has had.
    pub(super) fn asked(&self) -> u64 {
        self.part.asked.load(Ordering::SeqCst)
    }

    /// `NAME TYPE = WHAT`
    pub(super) fn script(&self, text: &str) {
        let (question, what) = text.split_once(" = ").unwrap();
        self.part.lines.lock().unwrap().insert(question.to_owned(), what.to_owned());
    }
}

fn serve_udp(socket: &UdpSocket, part: &Part) {
    let mut buffer = [0; 4096];
    while let Ok((length, client)) = socket.recv_from(&mut buffer) {
        let mut answers = part.answers(&buffer[..length], false);
        if part.line(&buffer[..length]).starts_with("wrong-port ") {
            // Under the right id and question, from somewhere else.
            let other = UdpSocket::bind((socket.local_addr().unwrap().ip(), 0)).unwrap();
            other.send_to(&answers.remove(0), client).unwrap();
        }
        for answer in answers {
            socket.send_to(&answer, client).unwrap();
        }
    }
}

fn serve_tcp(listener: &TcpListener, part: &Part) {
    while let Ok((mut stream, _)) = listener.accept() {
        let mut length = [0; 2];
        stream.read_exact(&mut length).unwrap();
        let mut query = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut query).unwrap();
        for answer in part.answers(&query, true) {
            stream.write_all(&u16::try_from(answer.len()).unwrap().to_be_bytes()).unwrap();
            stream.write_all(&answer).unwrap();
        }
    }
}

impl Part {
    /// What it has to say to a question.
    fn line(&self, query: &[u8]) -> String {
        let end = 12 + query[12..].iter().position(|octet| *octet == 0).unwrap() + 5;
        let rtype = Rtype::from_int(u16::from_be_bytes([query[end - 4], query[end - 3]]));
        let asked = format!("{} {rtype}", text(&query[12..end - 4]));
        self.lines.lock().unwrap().get(&asked).cloned().unwrap_or_default()
    }

    fn answers(&self, query: &[u8], tcp: bool) -> Vec<Vec<u8>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let end = 12 + query[12..].iter().position(|octet| *octet == 0).unwrap() + 5;
        let options = &query[end + 11..];
        let cookie = options.starts_with(&[0, 10]) && options.len() == 4 + usize::from(options[3]);
        assert!(
            options.is_empty() || (cookie && !tcp),
            "no option but our own cookie: {options:?}"
        );
        let line = self.line(query);
        let (trick, rest) = line.split_once(' ').unwrap_or((&line, ""));
        let honest = |what: &str| respond(query, end, what);
        match trick {
            "silent" => vec![],
            "truncated" if tcp => vec![honest(rest)],
            "truncated" => vec![changed(honest("nodata"), 2, 0x02)],
            "wrong-port" => vec![honest("evil.example A 192.0.2.66"), honest(rest)],
            "wrong-id" => vec![changed(honest("evil.example A 192.0.2.66"), 1, 0x01), honest(rest)],
            "wrong-question" => {
                vec![changed(honest("evil.example A 192.0.2.66"), 13, 0x01), honest(rest)]
            }
            _ => vec![honest(&line)],
        }
    }
}

/// Flips bits of one octet.
fn changed(mut answer: Vec<u8>, at: usize, bits: u8) -> Vec<u8> {
    answer[at] ^= bits;
    answer
}

fn respond(query: &[u8], end: usize, what: &str) -> Vec<u8> {
    let (rcode, records): (_, Vec<&str>) = match what {
        "nxdomain" => (Rcode::NXDOMAIN, vec![]),
        "nodata" => (Rcode::NOERROR, vec![]),
        "servfail" => (Rcode::SERVFAIL, vec![]),
        "" => (Rcode::REFUSED, vec![]),
        records => (Rcode::NOERROR, records.split(';').map(str::trim).collect()),
    };
    let denied = records.is_empty() && matches!(rcode, Rcode::NXDOMAIN | Rcode::NOERROR);
    let mut answer = query[..end].to_vec();
    // AA and AD are set, so that tests see the gate clear them.
    answer[2] |= 0x84;
    answer[3] |= 0xa0 | rcode.to_int();
    answer[7] = u8::try_from(records.len()).unwrap();
    answer[9] = u8::from(denied);
    for one in records {
        record(&mut answer, one);
    }
    if denied {
        record(&mut answer, "example SOA ns.example root.example 300");
    }
    answer.extend(b"\0\x00\x29\x04\xd0\x00\x00\x00\x00\x00\x00");
    answer
}

/// `OWNER TYPE DATA`
fn record(answer: &mut Vec<u8>, line: &str) {
    let words: Vec<_> = line.split(' ').collect();
    let rtype: Rtype = words[1].parse().unwrap();
    let data = match rtype {
        Rtype::A => words[2].parse::<std::net::Ipv4Addr>().unwrap().octets().to_vec(),
        Rtype::CNAME => wire(words[2]),
        Rtype::MX | Rtype::HTTPS => {
            [&words[2].parse::<u16>().unwrap().to_be_bytes()[..], &wire(words[3])].concat()
        }
        Rtype::TXT => strings(words[2]),
        Rtype::SOA => {
            let mut data = [wire(words[2]), wire(words[3])].concat();
            let minimum = words[4].parse::<u32>().unwrap();
            data.extend([1, 2, 3, 4, minimum].iter().flat_map(|number: &u32| number.to_be_bytes()));
            data
        }
        _ => panic!("the upstream can't write {rtype}"),
    };
    // As real servers do: the question's own name is a pointer to it.
    let owner = wire(words[0]);
    let question = answer[12..].get(..owner.len()).unwrap_or_default();
    let is_asked = question.eq_ignore_ascii_case(&owner);
    answer.extend(if is_asked { vec![0xc0, 12] } else { owner });
    answer.extend(rtype.to_int().to_be_bytes());
    answer.extend([0, 1]);
    answer.extend(3_600_u32.to_be_bytes());
    answer.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
    answer.extend(data);
}

/// Text, or `*N` for N times `x`.
fn strings(word: &str) -> Vec<u8> {
    let text = match word.strip_prefix('*') {
        Some(count) => "x".repeat(count.parse().unwrap()),
        None => word.to_owned(),
    };
    let string = |part: &[u8]| [&[u8::try_from(part.len()).unwrap()], part].concat();
    text.as_bytes().chunks(255).flat_map(string).collect()
}

/// A name on the wire, letter case kept.
pub(super) fn wire(name: &str) -> Vec<u8> {
    let mut wire = Vec::new();
    for label in name.split('.').filter(|label| !label.is_empty()) {
        wire.push(u8::try_from(label.len()).unwrap());
        wire.extend(label.as_bytes());
    }
    wire.push(0);
    wire
}

fn text(wire: &[u8]) -> String {
    let mut labels = Vec::new();
    let mut at = 0;
    while wire[at] != 0 {
        let next = at + 1 + usize::from(wire[at]);
        labels.push(String::from_utf8_lossy(&wire[at + 1..next]).to_ascii_lowercase());
        at = next;
    }
    labels.join(".")
}
