//! Questions faster than they can be answered, to an upstream that is silent.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

use super::figures::Phase;
use super::{BLOCKED, CONNECTIONS_MAX, FACTOR, Target};
use crate::client::query;
use crate::net::loopback;
use crate::random::{Random, seed};

const SENDERS: u64 = 4;
/// Questions sent before answers are looked for.
const BURST: usize = 32;

/// An address that takes questions and never answers, for this process's life.
pub(super) fn black_hole() -> SocketAddr {
    let hole = UdpSocket::bind((loopback(), 0));
    let hole = hole.expect("this machine has a free port on its loopback");
    let address = hole.local_addr();
    // Never closed, or the system would answer in its place.
    std::mem::forget(hole);
    address.expect("a bound socket has an address")
}

/// Names that nobody asked before, as fast as they can be sent.
pub(super) fn udp(target: &Target, phase: &mut Phase) -> io::Result<()> {
    let (dns, until, seed) = (target.address("dns"), Instant::now() + target.each, seed());
    let counted = thread::scope(|scope| {
        let threads: Vec<_> = (0..SENDERS)
            .map(|sender| scope.spawn(move || ask_until(dns, until, Random::new(seed ^ sender))))
            .collect();
        threads.into_iter().map(thread::ScopedJoinHandle::join).collect::<Vec<_>>()
    });
    for one in counted.into_iter().flatten() {
        phase.add(&one?);
    }
    Ok(())
}

fn ask_until(dns: SocketAddr, until: Instant, mut random: Random) -> io::Result<Phase> {
    let mut phase = Phase::new("");
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.connect(dns)?;
    socket.set_nonblocking(true)?;
    while Instant::now() < until {
        for _ in 0..BURST {
            // One in four is malformed, one in eight is blocked.
            let mut question = match random.within(0..8) {
                0 => query(7, BLOCKED),
                _ => query(7, &format!("n{:x}.flood.example", random.number())),
            };
            if random.chance(25) {
                let at = random.index(question.len());
                question[at] = random.octet();
            }
            phase.came += u64::from(socket.send(&question).is_ok());
        }
        let mut answer = [0; 1232];
        while let Ok(length) = socket.recv(&mut answer) {
            count(answer.get(..length).unwrap_or_default(), &mut phase);
        }
    }
    phase.unanswered = phase.came - phase.served - phase.refused - phase.unclear;
    Ok(phase)
}

/// Server failure, refusal, "malformed" and "not implemented" are clear words.
fn count(answer: &[u8], phase: &mut Phase) {
    match answer.get(3).map(|flags| flags & 15) {
        Some(0 | 3) => phase.served += 1,
        Some(1 | 2 | 4 | 5) => phase.refused += 1,
        other => phase.unclear(&format!("answer code {other:?}")),
    }
}

/// Holds ten times as many TCP connections as are allowed; each asks once.
pub(super) fn tcp(target: &Target, phase: &mut Phase) -> io::Result<()> {
    let mut held = Vec::new();
    for _ in 0..CONNECTIONS_MAX * FACTOR {
        phase.came += 1;
        match TcpStream::connect_timeout(&target.address("dns"), Duration::from_millis(500)) {
            Ok(stream) => held.push(stream),
            Err(_) => phase.unanswered += 1,
        }
    }
    for stream in &held {
        match over_tcp(stream, Duration::from_millis(20)) {
            Ok(true) => phase.served += 1,
            Ok(false) => phase.unclear("another answer over TCP"),
            Err(_) => phase.unanswered += 1,
        }
    }
    thread::sleep(target.each);
    Ok(())
}

/// One question over TCP that must be answered.
pub(super) fn one_over_tcp(target: &Target) -> io::Result<()> {
    let stream = TcpStream::connect_timeout(&target.address("dns"), Duration::from_secs(2))?;
    if over_tcp(&stream, Duration::from_secs(2))? { Ok(()) } else { Err(io::Error::other("odd")) }
}

/// Asks for the blocked host; whether the answer is a warning.
fn over_tcp(mut stream: &TcpStream, timeout: Duration) -> io::Result<bool> {
    stream.set_read_timeout(Some(timeout))?;
    stream.set_write_timeout(Some(timeout))?;
    let question = query(9, BLOCKED);
    let length = u16::try_from(question.len()).map_err(io::Error::other)?;
    stream.write_all(&[&length.to_be_bytes(), &question[..]].concat())?;
    let mut length = [0; 2];
    stream.read_exact(&mut length)?;
    let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut answer)?;
    Ok(answer.get(3).is_some_and(|flags| flags & 15 == 0) && answer.get(7) == Some(&1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_black_hole_takes_and_never_gives() {
        let hole = black_hole();
        assert!(crate::client::ask(hole, "a.example", Duration::from_millis(20)).is_err());
    }

    #[test]
    fn answers_are_told_apart() {
        let mut phase = Phase::new("");
        for code in [0, 3, 1, 2, 4, 5, 9] {
            count(&[0, 0, 0x81, 0x80 | code], &mut phase);
        }
        count(&[1], &mut phase);
        assert_eq!((phase.served, phase.refused, phase.unclear), (2, 4, 2));
    }
}
