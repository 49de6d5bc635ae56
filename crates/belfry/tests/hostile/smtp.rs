//! Hostile mails and connections.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use belfry_testbed::client::{Sent, Smtp};
use belfry_testbed::{skip, wait_for};
use tokio::io::AsyncReadExt;
use tokio::net::TcpSocket;

use crate::doors::{Doors, PATIENCE};

/// Says `opening`, then reads replies until one begins with `until` or the end.
fn say(smtp: &mut TcpStream, opening: &[u8], until: &str) -> String {
    smtp.set_read_timeout(Some(PATIENCE)).unwrap();
    smtp.write_all(opening).unwrap();
    let mut said = String::new();
    let mut reader = BufReader::new(smtp);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap() == 0 {
            return said;
        }
        said.push_str(&line);
        if line.starts_with(until) {
            return said;
        }
    }
}

const OPENING: &[u8] =
    b"EHLO c.example\r\nMAIL FROM:<a@c.example>\r\nRCPT TO:<r@csirt.example>\r\nDATA\r\n";

#[test]
fn a_mail_of_60_mb_is_refused_by_its_announced_size_and_by_count() {
    let doors = Doors::open("");
    let mut smtp = TcpStream::connect(doors.hub.address("smtp")).unwrap();
    let said = say(&mut smtp, b"EHLO c\r\nMAIL FROM:<a@c.example> SIZE=60000000\r\n", "5");
    assert!(said.ends_with("552 5.3.4 the mail is larger than we take\r\n"), "{said}");
    let mut smtp = TcpStream::connect(doors.hub.address("smtp")).unwrap();
    say(&mut smtp, OPENING, "354");
    let line = [b"x".repeat(998).as_slice(), b"\r\n"].concat();
    for _ in 0..60_000 {
        // Past the limit it is read on for a while only, then hung up on.
        if smtp.write_all(&line).is_err() {
            break;
        }
    }
    let said = say(&mut smtp, b".\r\n", "5");
    assert!(said.contains("552 5.3.4"), "{said}");
    let mut smtp = doors.smtp();
    let said = smtp.say(b"MAIL FROM:<>\r\n").unwrap();
    assert!(said.starts_with("250"), "{said}");
    smtp.say(b"RCPT TO:<r@csirt.example>\r\n").unwrap();
    let said = smtp.say(b"BDAT 60000000 LAST\r\n").unwrap();
    assert!(said.starts_with("552 5.3.4"), "{said}");
    doors.still_serves();
}

#[test]
fn ten_thousand_nested_parts_are_read_within_bounds() {
    let doors = Doors::open("");
    let mut mail = b"Subject: nested\r\n".to_vec();
    for part in 0..10_000 {
        let head = format!("Content-Type: multipart/mixed; boundary=b{part}\r\n\r\n--b{part}\r\n");
        mail.extend_from_slice(head.as_bytes());
    }
    mail.extend_from_slice(b"Content-Type: text/plain\r\n\r\nhttps://deep.example/\r\n");
    let receipt = doors.send(&mail);
    doors.read(&receipt);
    let mut flat = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n".to_vec();
    flat.extend(
        b"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ny\r\n".repeat(10_000),
    );
    let receipt = doors.send(&flat);
    doors.read(&receipt);
    doors.still_serves();
}

#[test]
fn half_a_mail_is_none() {
    let doors = Doors::open("");
    let mut smtp = TcpStream::connect(doors.hub.address("smtp")).unwrap();
    say(&mut smtp, OPENING, "354");
    smtp.write_all(b"Subject: half\r\n\r\nhttps://half.example/\r\n").unwrap();
    drop(smtp);
    let mut smtp = doors.smtp();
    smtp.say(b"MAIL FROM:<>\r\n").unwrap();
    smtp.say(b"RCPT TO:<r@csirt.example>\r\n").unwrap();
    drop(smtp);
    doors.still_serves();
    let cases = doors.api.get_json("/api/v1/cases?status=open").unwrap();
    let targets: Vec<_> =
        cases["items"].as_array().unwrap().iter().map(|case| case["target"].clone()).collect();
    assert_eq!(targets, ["after.example"]);
}

#[test]
fn nul_is_kept_in_a_mail_and_refused_in_a_command() {
    let doors = Doors::open("");
    let mut smtp = TcpStream::connect(doors.hub.address("smtp")).unwrap();
    let said = say(&mut smtp, b"EHLO c\r\nMAIL FROM:<a\0@c.example>\r\n", "5");
    assert!(said.ends_with("500 5.5.2 NUL in a command\r\n"), "{said}");
    let mail = b"Subject: nul\0\r\n\r\n\0https://nul.example/\0\r\n";
    let receipt = doors.send(mail);
    doors.read(&receipt);
    let report = doors.api.get_json(&format!("/api/v1/reports/{receipt}")).unwrap();
    assert_eq!(report["size"], mail.len());
    doors.still_serves();
}

#[test]
fn a_smuggled_end_is_refused_and_its_commands_are_not_obeyed() {
    let doors = Doors::open("");
    for end in ["\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r\r\n"] {
        let mut smtp = TcpStream::connect(doors.hub.address("smtp")).unwrap();
        say(&mut smtp, OPENING, "354");
        let smuggled =
            format!("one{end}MAIL FROM:<x@evil.example>\r\nRCPT TO:<r@csirt.example>\r\n");
        let said = say(&mut smtp, format!("{smuggled}DATA\r\ntwo\r\n.\r\n").as_bytes(), "5");
        assert!(said.starts_with("554 5.6.0 "), "{end:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{end:?}: {said}");
    }
    let reports = doors.api.get_json("/api/v1/cases?status=open").unwrap();
    assert_eq!(reports["items"].as_array().unwrap().len(), 0);
    doors.still_serves();
}

#[test]
fn a_command_of_1_mb_is_hung_up_on() {
    let doors = Doors::open("");
    let mut smtp = TcpStream::connect(doors.hub.address("smtp")).unwrap();
    // The end of it may meet a closed connection.
    let _ = smtp.write_all(&b"x".repeat(1 << 20));
    let mut said = Vec::new();
    let _ = smtp.read_to_end(&mut said);
    let said = String::from_utf8(said).unwrap();
    assert!(said.starts_with("220 ") && !said.contains("250"), "{said}");
    let mut smtp = TcpStream::connect(doors.hub.address("smtp")).unwrap();
    let long = format!("EHLO {}\r\n", "x".repeat(4_000));
    let said = say(&mut smtp, long.as_bytes(), "5");
    assert!(said.ends_with("500 5.5.2 line too long, at most 2048 octets\r\n"), "{said}");
    doors.still_serves();
}

const IDLE: usize = 10_000;
/// Octets that the hub may hold while they are there.
const MEMORY_MAX_KB: u64 = 512 << 10;

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_idle_connections_keep_nobody_out() {
    let open_files = std::fs::read_to_string("/proc/self/limits").unwrap();
    let open_files = open_files.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let soft: usize = open_files.split_whitespace().nth(3).unwrap().parse().unwrap_or(usize::MAX);
    if soft < IDLE + 500 {
        return skip("10,000 idle connections", "this user may open too few files (ulimit -n)");
    }
    let doors = Doors::open("");
    let server = doors.hub.address("smtp");
    let mut idle = Vec::new();
    for number in 0..IDLE {
        // 250 addresses with twice as many connections as one may have.
        let [.., low] = (number % 250 + 1).to_be_bytes();
        if let Ok(stream) = connect(Ipv4Addr::new(127, 200, 1, low), server).await {
            idle.push(stream);
        }
    }
    assert!(idle.len() > IDLE / 2, "only {} connected", idle.len());
    let memory = resident_kb(doors.hub.id());
    assert!(memory < MEMORY_MAX_KB, "{memory} kB");
    let served = tokio::task::spawn_blocking(move || {
        let mail = b"Subject: through\r\n\r\nhttps://through.example/\r\n";
        let send = || match Smtp::connect(server).ok()?.send(mail).ok()? {
            Sent::Received(receipt) => Some(receipt),
            Sent::Refused(_) => None,
        };
        let receipt = wait_for(send, PATIENCE).expect("nobody else is served");
        doors.read(&receipt);
        doors
    });
    served.await.unwrap();
    drop(idle);
}

async fn connect(from: Ipv4Addr, server: SocketAddr) -> std::io::Result<tokio::net::TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(IpAddr::V4(from), 0))?;
    let mut stream = tokio::time::timeout(Duration::from_secs(5), socket.connect(server)).await??;
    // What it is greeted with, so that the server has come to it.
    let _ = tokio::time::timeout(Duration::from_secs(5), stream.read(&mut [0; 128])).await;
    Ok(stream)
}

fn resident_kb(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
