//! Connections that say nothing, then too many reports at once.

use std::io;
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use super::figures::Phase;
use super::{CONNECTIONS_MAX, FACTOR, Target};
use crate::client::Api;

/// How long one connection of the flood waits to be let in.
const CONNECT: Duration = Duration::from_millis(500);

/// Holds ten times as many silent connections as are allowed; opens new ones as
/// the old are closed.
pub(super) fn connections(target: &Target, phase: &mut Phase) -> io::Result<()> {
    let until = Instant::now() + target.each;
    let address = target.address("http");
    let mut held: Vec<TcpStream> = Vec::new();
    while Instant::now() < until {
        held.retain(is_open);
        while held.len() < CONNECTIONS_MAX * FACTOR && Instant::now() < until {
            phase.came += 1;
            match TcpStream::connect_timeout(&address, CONNECT) {
                Ok(stream) => {
                    stream.set_nonblocking(true)?;
                    phase.served += 1;
                    held.push(stream);
                }
                Err(_) => phase.unanswered += 1,
            }
        }
        thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

fn is_open(stream: &TcpStream) -> bool {
    let mut octet = [0];
    matches!(stream.peek(&mut octet), Err(error) if error.kind() == io::ErrorKind::WouldBlock)
}

/// Reports from as many clients as connections are allowed.
pub(super) fn reports(target: &Target, phase: &mut Phase) -> io::Result<()> {
    let until = Instant::now() + target.each;
    let counted = thread::scope(|scope| {
        let threads: Vec<_> = (0..CONNECTIONS_MAX * FACTOR / 5)
            .map(|_| scope.spawn(|| report_until(&target.api, until)))
            .collect();
        threads.into_iter().map(thread::ScopedJoinHandle::join).collect::<Vec<_>>()
    });
    counted.iter().flatten().for_each(|one| phase.add(one));
    Ok(())
}

fn report_until(api: &Api, until: Instant) -> Phase {
    let mut phase = Phase::new("");
    let mail = [b"Subject: a report\r\n\r\n", &[b'x'; 200_000][..]].concat();
    while Instant::now() < until {
        phase.came += 1;
        match api.post("/api/v1/reports", "message/rfc822", &mail) {
            Ok(reply) if reply.status == 201 => {
                phase.served += 1;
                phase.received += 1;
            }
            Ok(reply) if matches!(reply.status, 429 | 503) => phase.refused += 1,
            Ok(reply) => phase.unclear(&reply.to_string()),
            Err(_) => phase.unanswered += 1,
        }
    }
    phase
}
