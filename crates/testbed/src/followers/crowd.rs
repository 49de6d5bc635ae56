//! A hundred secondaries take a whole zone over and over while an analyst works: how long the
//! hub's API takes for a page of cases, quiet and meanwhile.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::stage::Stage;
use crate::client::Api;

/// Secondaries at once.
const CROWD: usize = 100;
/// Blocked names, in imports of some hundred.
const NAMES: usize = 10_000;
/// How long the API is asked quiet, and how long meanwhile.
const EACH: Duration = Duration::from_secs(10);
/// A secondary that gets nothing for so long has failed.
const PATIENCE: Duration = Duration::from_secs(60);
const ZONE: &str = "phishing.rpz.belfry.internal";

/// What the crowd took, and what the analyst waited.
#[derive(Clone, Debug, Default)]
pub struct Crowd {
    /// Secondaries.
    pub secondaries: usize,
    /// Whole zones taken.
    pub transfers: u64,
    /// Their octets.
    pub octets: u64,
    /// How long it went on.
    pub lasted: Duration,
    /// Answers of the API with nobody else there.
    pub quiet: Vec<Duration>,
    /// Answers of the API meanwhile.
    pub meanwhile: Vec<Duration>,
}

/// Runs it on a hub of its own.
///
/// # Errors
/// A hub that can't be started, an answer of the API that is no success, a transfer that
/// does not end.
pub fn crowd(binary: &Path, folder: &Path) -> io::Result<Crowd> {
    let stage = Stage::set(binary, folder)?;
    let all: Vec<String> = (0..NAMES).map(|name| format!("h.shop-{name}.example")).collect();
    for some in all.chunks(250) {
        let body = json!({ "text": some.join("\n"), "verdict": "phishing", "reason": "a drill" });
        stage.analyst.post_json("/api/v1/imports", &body)?.json()?;
    }
    let operator = json!({ "name": "crowd", "addresses": ["127.0.0.0/8"] });
    stage.admin.post_json("/api/v1/operators", &operator)?.json()?;
    let quiet = pages(&stage.analyst)?;
    let (stop, transfers, octets) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
    let (hub, begun) = (stage.transfers(), Instant::now());
    let meanwhile = thread::scope(|scope| {
        let take = || take_over_and_over(hub, &stop, &transfers, &octets);
        let crowd: Vec<_> = (0..CROWD).map(|_| scope.spawn(take)).collect();
        let meanwhile = pages(&stage.analyst);
        stop.store(true, Ordering::SeqCst);
        for one in crowd {
            one.join().unwrap_or_else(|_| Err(io::Error::other("a secondary panicked")))?;
        }
        meanwhile
    })?;
    Ok(Crowd {
        secondaries: CROWD,
        transfers: transfers.into_inner(),
        octets: octets.into_inner(),
        lasted: begun.elapsed(),
        quiet,
        meanwhile,
    })
}

/// Asks for a page of cases again and again: how long each took.
fn pages(api: &Api) -> io::Result<Vec<Duration>> {
    let (until, mut taken) = (Instant::now() + EACH, Vec::new());
    while Instant::now() < until {
        let begun = Instant::now();
        api.get_json("/api/v1/cases?limit=20")?;
        taken.push(begun.elapsed());
        thread::sleep(Duration::from_millis(10));
    }
    Ok(taken)
}

fn take_over_and_over(
    hub: SocketAddr,
    stop: &AtomicBool,
    transfers: &AtomicU64,
    octets: &AtomicU64,
) -> io::Result<()> {
    let mut stream = TcpStream::connect(hub)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    while !stop.load(Ordering::SeqCst) {
        octets.fetch_add(take(&mut stream)?, Ordering::SeqCst);
        transfers.fetch_add(1, Ordering::SeqCst);
    }
    Ok(())
}

/// Takes the zone once; its octets. One connection is answered in order, so the zone is whole
/// when the answer to the question behind it comes.
fn take(stream: &mut TcpStream) -> io::Result<u64> {
    const AXFR: u16 = 252;
    const SOA: u16 = 6;
    stream.write_all(&[question(1, AXFR), question(2, SOA)].concat())?;
    let (mut octets, mut message) = (0, Vec::new());
    loop {
        let mut length = [0; 2];
        stream.read_exact(&mut length)?;
        message.resize(usize::from(u16::from_be_bytes(length)), 0);
        stream.read_exact(&mut message)?;
        let head = message.get(..4).ok_or_else(|| io::Error::other("a short message"))?;
        match (head[1], head[3] & 15) {
            (1, 0) => octets += message.len() as u64 + 2,
            (2, 0) => return Ok(octets),
            (_, code) => return Err(io::Error::other(format!("refused: code {code}"))),
        }
    }
}

fn question(id: u16, kind: u16) -> Vec<u8> {
    let mut wire = crate::client::query(id, ZONE);
    let at = wire.len() - 4;
    wire[at..at + 2].copy_from_slice(&kind.to_be_bytes());
    let mut framed = u16::try_from(wire.len()).unwrap_or_default().to_be_bytes().to_vec();
    framed.extend(wire);
    framed
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// A hub that answers both questions at once with these messages.
    fn hub(messages: &[&[u8]]) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let framed = |message: &&[u8]| {
            [&u16::try_from(message.len()).unwrap().to_be_bytes()[..], message].concat()
        };
        let all: Vec<u8> = messages.iter().flat_map(framed).collect();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = vec![0; question(1, 252).len() * 2];
            stream.read_exact(&mut asked).unwrap();
            stream.write_all(&all).unwrap();
        });
        at
    }

    #[test]
    fn a_zone_is_whole_when_the_next_answer_comes() {
        let part = [0, 1, 0x84, 0, 0, 1, 0, 9, 0, 0, 0, 0];
        let next = [0, 2, 0x84, 0, 0, 1, 0, 1, 0, 0, 0, 0];
        let mut stream = TcpStream::connect(hub(&[&part, &part, &next])).unwrap();
        assert_eq!(take(&mut stream).unwrap(), 28);
    }

    #[test]
    fn a_refusal_and_a_cut_are_no_zone() {
        let refused = [0, 1, 0x84, 5, 0, 1, 0, 0, 0, 0, 0, 0];
        let mut stream = TcpStream::connect(hub(&[&refused])).unwrap();
        assert_eq!(take(&mut stream).unwrap_err().to_string(), "refused: code 5");
        for cut in [&[0, 1, 0x84][..], &[0, 1, 0x84, 0, 0, 1, 0, 9, 0, 0, 0, 0]] {
            assert!(take(&mut TcpStream::connect(hub(&[cut])).unwrap()).is_err());
        }
    }
}
