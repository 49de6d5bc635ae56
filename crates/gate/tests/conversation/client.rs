//! A query in words, and its answer in lines.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;

use domain::base::iana::Rtype;
use domain::base::opt::{AllOptData, Opt};
use domain::base::{Message, ParsedRecord};
use domain::rdata::AllRecordData;

use super::upstream::wire;

/// Nothing in this time is no answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A query.
pub(super) struct Ask {
    packet: Vec<u8>,
    /// What a load balancer says first.
    preface: Vec<u8>,
    tcp: bool,
    name: String,
}

impl Ask {
    /// `NAME TYPE [+OPTION]…`
    pub(super) fn read(text: &str) -> Self {
        let mut words = text.split(' ').filter(|word| !word.is_empty());
        let name = words.next().unwrap().to_owned();
        let rtype: Rtype = words.next().unwrap().parse().unwrap();
        let options: Vec<_> = words.collect();
        let has = |option: &str| options.contains(&option);
        let number = |option: &str| {
            let value = options.iter().find_map(|word| word.strip_prefix(option));
            value.map(|value| value.parse::<u16>().unwrap())
        };
        let version = number("+version=");
        let size = number("+edns=").or((has("+edns") || version.is_some()).then_some(1232));
        let flags = [
            u8::from(!has("+norec")) | u8::try_from(number("+opcode=").unwrap_or(0) << 3).unwrap(),
            if has("+cd") { 0x10 } else { 0 },
        ];
        let mut packet = vec![0x12, 0x34, flags[0], flags[1], 0, 1, 0, 0, 0, 0, 0];
        packet.push(u8::from(size.is_some()));
        packet.extend(wire(&name));
        packet.extend(rtype.to_int().to_be_bytes());
        packet.extend(number("+class=").unwrap_or(1).to_be_bytes());
        if let Some(size) = size {
            packet.extend([0, 0, 41]);
            packet.extend(size.to_be_bytes());
            let version = u8::try_from(version.unwrap_or(0)).unwrap();
            packet.extend([0, version, if has("+do") { 0x80 } else { 0 }, 0]);
            // A client subnet, which no upstream may ever see.
            let mut more = vec![0, 8, 0, 7, 0, 1, 24, 0, 192, 0, 2];
            for option in options.iter().filter_map(|word| word.strip_prefix("+option=")) {
                let (code, data) = option.split_once(':').unwrap_or((option, ""));
                let data = data.as_bytes();
                more.extend(code.parse::<u16>().unwrap().to_be_bytes());
                more.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
                more.extend(data);
            }
            packet.extend(u16::try_from(more.len()).unwrap().to_be_bytes());
            packet.extend(more);
        }
        let proxied = options.iter().find_map(|word| word.strip_prefix("+proxy="));
        let preface = proxied.map_or(Vec::new(), |client| proxy_header(client.parse().unwrap()));
        Self { packet, preface, tcp: has("+tcp"), name }
    }

    /// The gate's answer, in lines.
    pub(super) fn answer(&self, gate: SocketAddr) -> Vec<String> {
        let answer = if self.tcp { self.over_tcp(gate) } else { self.over_udp(gate) };
        answer.map_or_else(|| vec!["nothing".to_owned()], |bytes| self.lines(bytes))
    }

    fn over_udp(&self, gate: SocketAddr) -> Option<Vec<u8>> {
        let socket = UdpSocket::bind((gate.ip(), 0)).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket.send_to(&[&self.preface[..], &self.packet].concat(), gate).unwrap();
        let mut buffer = [0; 65_535];
        let (length, from) = socket.recv_from(&mut buffer).ok()?;
        assert_eq!(from, gate);
        Some(buffer[..length].to_vec())
    }

    fn over_tcp(&self, gate: SocketAddr) -> Option<Vec<u8>> {
        let mut stream = TcpStream::connect(gate).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(&self.preface).unwrap();
        stream.write_all(&u16::try_from(self.packet.len()).unwrap().to_be_bytes()).unwrap();
        stream.write_all(&self.packet).unwrap();
        let mut length = [0; 2];
        stream.read_exact(&mut length).ok()?;
        let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut answer).ok()?;
        Some(answer)
    }

    fn lines(&self, bytes: Vec<u8>) -> Vec<String> {
        let message = Message::from_octets(bytes).unwrap();
        let header = message.header();
        assert_eq!(header.id(), 0x1234);
        let flags = [
            (header.qr(), "qr"),
            (header.aa(), "aa"),
            (header.tc(), "tc"),
            (header.rd(), "rd"),
            (header.ra(), "ra"),
            (header.ad(), "ad"),
            (header.cd(), "cd"),
        ];
        let flags = flags.iter().filter(|(set, _)| *set).map(|(_, name)| *name);
        let head = std::iter::once(header.rcode().to_string().as_str())
            .chain(flags)
            .collect::<Vec<_>>()
            .join(" ");
        let mut lines = vec![head];
        if let Some(question) = message.first_question() {
            let name = format!("{}.", self.name);
            assert_eq!(question.qname().to_string(), self.name);
            if name.chars().any(char::is_uppercase) {
                lines.push(format!("question {name}"));
            }
        }
        let (_, answer, authority, additional) = message.sections().unwrap();
        lines.extend(answer.map(|record| format!("answer {}", line(&record.unwrap()))));
        lines.extend(authority.map(|record| format!("authority {}", line(&record.unwrap()))));
        for record in additional.map(|record| record.unwrap()) {
            if record.rtype() == Rtype::OPT {
                opt_lines(&record, &mut lines);
            } else {
                lines.push(format!("additional {}", line(&record)));
            }
        }
        lines
    }
}

/// The PROXY protocol, version 2, about a client over IPv4.
fn proxy_header(client: std::net::Ipv4Addr) -> Vec<u8> {
    let mut header = b"\r\n\r\n\0\r\nQUIT\n\x21\x12\0\x0c".to_vec();
    header.extend(client.octets());
    header.extend([127, 0, 0, 1, 0x12, 0x34, 0, 53]);
    header
}

/// A record as in a zone file. The upstream's TTL of 3600 may have run down a little.
fn line(record: &ParsedRecord<'_, Vec<u8>>) -> String {
    let ttl = match record.ttl().as_secs() {
        3_500..=3_600 => 3_600,
        270..=300 => 300,
        ttl => ttl,
    };
    let owner = record.owner();
    let rtype = record.rtype();
    let any = record.to_any_record::<AllRecordData<_, _>>().unwrap();
    let mut data = any.data().to_string();
    if rtype == Rtype::TXT && data.len() > 300 {
        let octets = data.bytes().filter(|octet| *octet == b'x').count();
        data = format!("*{octets}");
    }
    format!("{owner}. {ttl} IN {rtype} {data}").trim_end().to_owned()
}

fn opt_lines(record: &ParsedRecord<'_, Vec<u8>>, lines: &mut Vec<String>) {
    let [high, version, flags, _] = record.ttl().as_secs().to_be_bytes();
    assert_eq!(version, 0);
    let dnssec_ok = if flags & 0x80 == 0 { "" } else { " do" };
    let extended = if high == 0 { String::new() } else { format!(" extended-rcode={high}") };
    lines.push(format!("opt {}{dnssec_ok}{extended}", record.class().to_int()));
    let opt = record.to_record::<Opt<_>>().unwrap().unwrap();
    for option in opt.data().iter::<AllOptData<_, _>>() {
        match option.unwrap() {
            AllOptData::ExtendedError(error) => {
                let text = error.text().map(|text| text.unwrap().to_string()).unwrap_or_default();
                lines.push(format!("ede {} {text}", error.code().to_int()).trim_end().to_owned());
            }
            AllOptData::Cookie(cookie) => {
                let server = cookie.server().map_or(0, |server| server.as_ref().len());
                lines.push(format!("cookie {} octets", 8 + server));
            }
            other => lines.push(format!("option {other:?}")),
        }
    }
}
