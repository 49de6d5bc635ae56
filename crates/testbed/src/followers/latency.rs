//! From an analyst's request to what each follower answers: orders come at random moments,
//! and each follower is asked again and again until it answers by them.
//!
//! The clock starts before the HTTP request is sent. Moments are random because servers
//! look at steady ones: orders that wait for the one before would all meet the same.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::ask::{A, Question, Said, read};
use super::check;
use super::names::VERDICTS;
use super::stage::Stage;
use crate::random::Random;

/// How long an order may take before it is a failure, not a figure.
const LIMIT: Duration = Duration::from_secs(60);
const ANSWER: Duration = Duration::from_millis(200);
/// Between two rounds of questions: what asks must not take the processor from what is asked.
const PAUSE: Duration = Duration::from_millis(1);
/// Between two orders, in milliseconds.
const GAP_MS: std::ops::Range<u64> = 300..1_200;

/// What one follower took.
#[derive(Clone, Debug)]
pub struct Latency {
    /// Who: `bind`, `unbound`, `pdns`, `gate`.
    pub word: &'static str,
    /// From the request that confirms to the first blocked answer, for each order.
    pub blocks: Vec<Duration>,
    /// From the request that releases to the first true answer.
    pub releases: Vec<Duration>,
}

/// An order that a follower is to answer by.
#[derive(Clone, Debug)]
struct Awaited {
    name: String,
    said: Said,
    begun: Instant,
}

/// Orders so many blocks, then as many releases.
///
/// # Errors
/// A program that can't be started, or an order that is not enforced within a minute.
pub fn latencies(binary: &Path, folder: &Path, orders: usize) -> io::Result<Vec<Latency>> {
    let mut random = Random::new(1);
    let mut stage = Stage::set(binary, folder)?;
    stage.raise(&mut random)?;
    check::first(&stage)?;
    let names: Vec<String> = (0..orders).map(|order| format!("order-{order}.example")).collect();
    let body = json!({ "text": names.join("\n"), "reason": "a drill" });
    let raised = stage.analyst.post_json("/api/v1/imports", &body)?.json()?;
    let cases: Vec<_> = raised["items"].as_array().into_iter().flatten().collect();
    let cases: Vec<u64> = cases.iter().filter_map(|item| item["case"].as_u64()).collect();
    let verdict = json!({ "verdict": VERDICTS[0], "reason": "a drill" });
    let pass = |verb, body: &Value, said, random: &mut Random| {
        pass(&stage, &names, &cases, (verb, body, said), random)
    };
    let blocks = pass("verdict", &verdict, Said::Warning, &mut random)?;
    let reason = json!({ "reason": "a drill" });
    let releases = pass("release", &reason, Said::Truth, &mut random)?;
    let parties = stage.parties.iter().zip(blocks).zip(releases);
    Ok(parties
        .map(|((party, blocks), releases)| Latency {
            word: party.software.word(),
            blocks,
            releases,
        })
        .collect())
}

/// Gives one order for each name; how long each follower took for each.
fn pass(
    stage: &Stage,
    names: &[String],
    cases: &[u64],
    (verb, body, said): (&str, &Value, Said),
    random: &mut Random,
) -> io::Result<Vec<Vec<Duration>>> {
    thread::scope(|scope| {
        let mut waits = Vec::new();
        let mut told: Vec<Sender<Awaited>> = Vec::new();
        for party in &stage.parties {
            let (tell, hear) = channel();
            told.push(tell);
            let (address, word) = (party.address, party.software.word());
            waits.push(scope.spawn(move || {
                until_answered(address, &hear)
                    .map_err(|error| io::Error::other(format!("{word}: {error}")))
            }));
        }
        for (name, case) in names.iter().zip(cases) {
            thread::sleep(Duration::from_millis(random.within(GAP_MS)));
            let awaited = Awaited { name: name.clone(), said, begun: Instant::now() };
            told.iter().for_each(|one| drop(one.send(awaited.clone())));
            let path = format!("/api/v1/cases/{case}/{verb}");
            stage.analyst.post_json(&path, body)?.json()?;
        }
        drop(told);
        let ends = waits.into_iter().map(thread::ScopedJoinHandle::join);
        ends.map(|end| end.unwrap_or_else(|_| Err(io::Error::other("a client panicked")))).collect()
    })
}

/// Asks for what is awaited until all of it is answered and nothing more comes.
fn until_answered(server: SocketAddr, hear: &Receiver<Awaited>) -> io::Result<Vec<Duration>> {
    let (mut taken, mut awaited): (Vec<_>, Vec<Awaited>) = (Vec::new(), Vec::new());
    let mut more = true;
    while more || !awaited.is_empty() {
        loop {
            match hear.try_recv() {
                Ok(one) => awaited.push(one),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => {
                    more = false;
                    break;
                }
            }
        }
        awaited.retain(|one| {
            let is_so = ask(server, &one.name) == Some(one.said);
            taken.extend(is_so.then(|| one.begun.elapsed()));
            !is_so
        });
        if let Some(one) = awaited.iter().find(|one| one.begun.elapsed() > LIMIT) {
            return Err(io::Error::other(format!("{one:?} is not so after {LIMIT:?}")));
        }
        thread::sleep(PAUSE);
    }
    Ok(taken)
}

fn ask(server: SocketAddr, name: &str) -> Option<Said> {
    let question = Question { name: name.to_owned(), kind: A, signed: false };
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).ok()?;
    socket.set_read_timeout(Some(ANSWER)).ok()?;
    socket.connect(server).ok()?;
    socket.send(&question.to_wire(7)).ok()?;
    let mut buffer = [0; 4_096];
    let length = socket.recv(&mut buffer).ok()?;
    Some(read(&buffer[..length], A))
}

#[cfg(test)]
mod tests {
    use super::super::upstream::Upstream;
    use super::*;

    #[test]
    fn each_order_is_waited_for_once() {
        let upstream = Upstream::start(crate::loopback()).unwrap();
        let (tell, hear) = channel();
        for name in ["a.example", "b.example"] {
            let begun = Instant::now();
            tell.send(Awaited { name: name.into(), said: Said::Truth, begun }).unwrap();
        }
        drop(tell);
        assert_eq!(until_answered(upstream.address, &hear).unwrap().len(), 2);
    }

    #[test]
    fn what_never_comes_is_an_error() {
        let upstream = Upstream::start(crate::loopback()).unwrap();
        let (tell, hear) = channel();
        let begun = Instant::now().checked_sub(LIMIT * 2).unwrap();
        tell.send(Awaited { name: "a.example".into(), said: Said::Warning, begun }).unwrap();
        drop(tell);
        assert!(until_answered(upstream.address, &hear).is_err());
    }
}
