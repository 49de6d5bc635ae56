//! A hub and everyone who follows it: BIND, Unbound, PowerDNS Recursor and our gate, each
//! with the configuration that the hub gives out for it. Blocks and releases come in random
//! order while servers restart, wires are cut, keys and clocks are wrong and the hub comes
//! back from a backup. In the end each must answer exactly as what holds says.
//!
//! All of it is looked at from outside: API, command line, DNS. What holds is read
//! from the journal by a few lines of our own, which share nothing with the zones.

mod ask;
mod check;
mod crowd;
mod figures;
mod latency;
mod names;
mod orders;
mod party;
mod proxy;
mod stage;
mod trials;
mod upstream;
mod watch;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

pub use self::crowd::{Crowd, crowd};
pub use self::figures::Figures;
pub use self::latency::{Latency, latencies};

use self::ask::Question;
use self::figures::PartyFigures;
use self::orders::Ledger;
use self::party::Software;
use self::stage::Stage;
use self::trials::{Memory, Trial};
use self::watch::Client;
use crate::random::Random;

/// How much goes wrong on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// A restart of the hub and a cut.
    Short,
    /// Everything, at each follower.
    Full,
}

/// What to do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The binary under test.
    pub binary: PathBuf,
    /// An empty folder for data, configurations and logs; other users must be able to reach it.
    pub folder: PathBuf,
    /// How many blocks are ordered.
    pub blocks: usize,
    /// How many of them are released again.
    pub releases: usize,
    /// How much goes wrong.
    pub depth: Depth,
    /// Decides names, order and moments.
    pub seed: u64,
}

impl Plan {
    /// Domains with five names each: some more than can be blocked at once.
    fn domains(&self) -> usize {
        (self.blocks - self.releases.min(self.blocks)) * 6 / 25 + 4
    }
}

/// Runs it.
///
/// # Errors
/// In words, with the seed and the figures so far: an answer that is not as what holds
/// says, or a program that does not come up again.
pub fn run(plan: &Plan) -> Result<Figures, String> {
    let mut figures = Figures::default();
    let broken = match follow(plan, &mut figures) {
        Err(problem) => vec![problem.to_string()],
        Ok(broken) => broken,
    };
    if broken.is_empty() {
        return Ok(figures);
    }
    Err(format!("seed {}: {}\n{figures}", plan.seed, broken.join("\n")))
}

/// Every answer that is not as it should be, in words.
fn follow(plan: &Plan, figures: &mut Figures) -> io::Result<Vec<String>> {
    let mut random = Random::new(plan.seed);
    let mut stage = Stage::set(&plan.binary, &plan.folder)?;
    let ledger = Ledger::raise(&stage.analyst, &names::targets(plan.domains()))?;
    stage.raise(&mut random)?;
    check::first(&stage)?;
    let asked = names::asked(plan.domains());
    let questions: Arc<Vec<_>> =
        Arc::new(Question::all(asked.iter().map(String::as_str)).collect());
    let clients: Vec<_> = stage
        .parties
        .iter()
        .map(|party| Client::start(party.address, Arc::clone(&questions), random.number()))
        .collect();
    let mut memory = Memory { ledger, kept: None, random };
    let ordered = order(plan, &mut stage, &mut memory, figures);
    let watched: Vec<_> = clients.into_iter().map(Client::stop).collect();
    for (party, watched) in stage.parties.iter().zip(watched) {
        let (word, cuts) = (party.software.word(), party.wire.cuts());
        let octets = party.wire.carried();
        figures.parties.push(PartyFigures { word, cuts, octets, watched, ..Default::default() });
    }
    ordered.map_err(|error| io::Error::other(format!("{error}\n{}", stage.told())))?;
    check::all(&stage, &memory.ledger, &asked, figures)
}

/// Orders in random order, each trial in its part of them.
fn order(
    plan: &Plan,
    stage: &mut Stage,
    memory: &mut Memory,
    figures: &mut Figures,
) -> io::Result<()> {
    let software: Vec<Software> = stage.parties.iter().map(|party| party.software).collect();
    let trials = Trial::plan(plan.depth, &software, &mut memory.random);
    let begun = Instant::now();
    let steps = plan.blocks + plan.releases;
    for (place, trial) in trials.iter().enumerate() {
        let until = |part: usize| steps * (3 * place + part) / (3 * trials.len());
        step(plan, stage, memory, figures, until(1))?;
        trial.begin(stage, memory).map_err(|error| told(*trial, &error))?;
        *figures.trials.entry(trial.word()).or_default() += 1;
        step(plan, stage, memory, figures, until(2))?;
        trial.end(stage).map_err(|error| told(*trial, &error))?;
    }
    step(plan, stage, memory, figures, steps)?;
    figures.ordering = begun.elapsed();
    Ok(())
}

fn told(trial: Trial, error: &io::Error) -> io::Error {
    io::Error::other(format!("{trial:?}: {error}"))
}

/// Orders until so many were made in all.
fn step(
    plan: &Plan,
    stage: &Stage,
    memory: &mut Memory,
    figures: &mut Figures,
    until: usize,
) -> io::Result<()> {
    while figures.blocks + figures.releases < until {
        let (blocks, releases) = (plan.blocks - figures.blocks, plan.releases - figures.releases);
        let frees = memory.random.index(blocks + releases) >= blocks;
        if frees && memory.ledger.release(&stage.analyst, &mut memory.random)? {
            figures.releases += 1;
        } else if blocks > 0 {
            memory.ledger.block(&stage.analyst, &mut memory.random)?;
            figures.blocks += 1;
        } else {
            return Err(io::Error::other("there is nothing left to release"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_more_names_than_blocks_that_stay() {
        for (blocks, releases) in [(10_000, 3_000), (300, 100), (10, 0), (5, 5)] {
            let (binary, folder) = (PathBuf::new(), PathBuf::new());
            let plan = Plan { binary, folder, blocks, releases, depth: Depth::Short, seed: 1 };
            assert!(names::targets(plan.domains()).len() > blocks - releases);
        }
    }
}
