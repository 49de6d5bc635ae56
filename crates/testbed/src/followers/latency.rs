//! From an analyst's confirmation to the block at each follower, one order at a time: all
//! are asked in turn until each blocks the name.

use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use super::ask::{A, Question, Said, read};
use super::names::VERDICTS;
use super::orders::block_now;
use super::party::Party;
use super::stage::Stage;
use crate::random::Random;

/// How long an order may take before it is a failure, not a figure.
const LIMIT: Duration = Duration::from_secs(60);
const ANSWER: Duration = Duration::from_millis(200);
/// Between two rounds of questions: what asks must not take the processor from what is asked.
const PAUSE: Duration = Duration::from_millis(1);

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

/// Orders so many blocks, one after the other, and as many releases.
///
/// # Errors
/// A program that can't be started, or an order that is not enforced within a minute.
pub fn latencies(binary: &Path, folder: &Path, orders: usize) -> io::Result<Vec<Latency>> {
    let mut stage = Stage::set(binary, folder)?;
    stage.raise(&mut Random::new(1))?;
    let mut all: Vec<_> = stage
        .parties
        .iter()
        .map(|party| Latency {
            word: party.software.word(),
            blocks: Vec::new(),
            releases: Vec::new(),
        })
        .collect();
    // Everyone has the zones before the first is timed.
    block_now(&stage.analyst, "first.example", VERDICTS[0])?;
    enforced(&stage.parties, "first.example", Said::Warning, Instant::now())?;
    for order in 0..orders {
        one(&stage, &format!("order-{order}.example"), &mut all)?;
    }
    Ok(all)
}

/// One block and its release.
fn one(stage: &Stage, name: &str, all: &mut [Latency]) -> io::Result<()> {
    let body = json!({ "text": name, "reason": "a drill" });
    let raised = stage.analyst.post_json("/api/v1/imports", &body)?.json()?;
    let case = raised["items"][0]["case"].as_u64().unwrap_or_default();
    let order = |verb: &str, body: &serde_json::Value, said| {
        let begun = Instant::now();
        stage.analyst.post_json(&format!("/api/v1/cases/{case}/{verb}"), body)?.json()?;
        enforced(&stage.parties, name, said, begun)
    };
    let verdict = json!({ "verdict": VERDICTS[0], "reason": "a drill" });
    let blocks = order("verdict", &verdict, Said::Warning)?;
    let releases = order("release", &json!({ "reason": "a drill" }), Said::Truth)?;
    for ((one, block), release) in all.iter_mut().zip(blocks).zip(releases) {
        one.blocks.push(block);
        one.releases.push(release);
    }
    Ok(())
}

/// How long each took until it said so of `name`.
fn enforced(
    parties: &[Party],
    name: &str,
    said: Said,
    begun: Instant,
) -> io::Result<Vec<Duration>> {
    let question = Question { name: name.to_owned(), kind: A, signed: false };
    let mut taken = vec![None; parties.len()];
    while taken.iter().any(Option::is_none) {
        for (took, party) in taken.iter_mut().zip(parties).filter(|(took, _)| took.is_none()) {
            if ask(party, &question) == Some(said) {
                *took = Some(begun.elapsed());
            } else if begun.elapsed() > LIMIT {
                let (word, log) = (party.software.word(), party.told());
                return Err(io::Error::other(format!("{name} at {word}: no {said:?}\n{log}")));
            }
        }
        std::thread::sleep(PAUSE);
    }
    Ok(taken.into_iter().flatten().collect())
}

fn ask(party: &Party, question: &Question) -> Option<Said> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).ok()?;
    socket.set_read_timeout(Some(ANSWER)).ok()?;
    socket.connect(party.address).ok()?;
    socket.send(&question.to_wire(7)).ok()?;
    let mut buffer = [0; 4_096];
    let length = socket.recv(&mut buffer).ok()?;
    Some(read(&buffer[..length], question.kind))
}
