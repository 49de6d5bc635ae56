//! Rounds of `kill -9`: a real hub and an operator's gate, killed at a random
//! moment under load, started again and held to every promise they made.
//!
//! A promise is a `250` with a receipt, a `201`, a `200` to a verdict or a
//! release. After each round every promise is there once, with equal bytes; what
//! was asked and never answered is there once or not at all. All of it is looked
//! at from outside: ports, API, command line; never the data folder.

mod check;
mod figures;
mod journal;
mod ledger;
mod load;
mod mail;
mod stage;

use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

pub use self::figures::Figures;

use self::check::Checker;
use self::ledger::Ledger;
use self::stage::{Stage, Victim};
use crate::random::Random;

/// What to do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The binary under test.
    pub binary: PathBuf,
    /// An empty folder for data, configuration and logs.
    pub folder: PathBuf,
    /// How many kills.
    pub rounds: u32,
    /// Decides victims, moments and mails.
    pub seed: u64,
    /// The longest that a round's load lasts before the kill.
    pub load: Duration,
}

/// Runs the rounds.
///
/// # Errors
/// In words, with the seed and the figures so far: a promise broken, or a
/// program that does not come up again.
pub fn run(plan: &Plan) -> Result<Figures, String> {
    let mut figures = Figures::default();
    let outcome = rounds(plan, &mut figures);
    let told = |what: String| format!("seed {}: {what}\n{figures}", plan.seed);
    match outcome {
        Err(problem) => Err(told(problem.to_string())),
        Ok(broken) if !broken.is_empty() => Err(told(broken.join("\n"))),
        Ok(_) if !figures.is_telling() => {
            Err(told("nothing was promised, so nothing shown".into()))
        }
        Ok(_) => Ok(figures),
    }
}

/// Every broken promise, in words.
fn rounds(plan: &Plan, figures: &mut Figures) -> io::Result<Vec<String>> {
    let mut random = Random::new(plan.seed);
    let mut stage = Stage::set(plan)?;
    let mut ledger = Ledger::new(plan.seed);
    let mut checker = Checker::default();
    for round in 1..=plan.rounds {
        let first = ledger.next_mail();
        let victim = Victim::draw(&mut random);
        let longest = u64::try_from(plan.load.as_millis()).unwrap_or(u64::MAX);
        let moment = Duration::from_millis(random.within(20..longest.max(21)));
        let mut anomalies =
            load::until_killed(&mut stage, &mut ledger, victim, moment, random.number())?;
        let begun = Instant::now();
        if victim.takes_hub() && random.chance(30) {
            stage.kill_while_starting(Duration::from_millis(random.within(0..400)))?;
            figures.kills_while_starting += 1;
        }
        let took = stage.restart()?;
        figures.round(victim, took);
        let broken = checker.check(&stage, &ledger, first, figures)?;
        figures.checking += begun.elapsed();
        anomalies.extend(broken);
        if !anomalies.is_empty() {
            return Ok(anomalies.into_iter().map(|one| format!("round {round}: {one}")).collect());
        }
    }
    checker.check_all(&stage, &ledger, figures)
}
