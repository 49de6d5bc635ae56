//! The long runs: kills, floods, followers, fuzzing, benchmarks, tests many times over. Each part can be run
//! alone, and all of them shortened; a failed part does not hide the others.

mod floods;
mod followers;
mod kills;

use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};

use crate::command::{self, Result};
use crate::tools::NEXTEST;
use crate::{bench, fuzz};

/// Options of `cargo xtask soak`.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// What to run; everything when left out
    parts: Vec<Part>,
    /// A tenth or less of everything: minutes instead of hours
    #[arg(long)]
    quick: bool,
    /// How many kills; 100 unless given
    #[arg(long)]
    rounds: Option<u32>,
    /// Runs of each fuzz target; ten million unless given
    #[arg(long)]
    runs: Option<u64>,
    /// At most so many seconds for each fuzz target, whatever the runs
    #[arg(long)]
    fuzz_seconds: Option<u64>,
    /// Brings the kills, or the followers, of an earlier run back
    #[arg(long)]
    seed: Option<u64>,
    #[command(flatten)]
    followers: followers::Sizes,
}

/// A part of the soak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// All tests, ten times over
    Tests,
    /// `kill -9` at random moments under load
    Kills,
    /// Ten times capacity on SMTP, HTTP and DNS
    Floods,
    /// Resolvers and a gate in step, whatever goes wrong
    Followers,
    /// A million changed packets at the gate
    Packets,
    /// Ten million runs of each fuzz target
    Fuzz,
    /// Every benchmark in full
    Bench,
}

impl Part {
    const ALL: [Self; 7] = [
        Self::Kills,
        Self::Floods,
        Self::Followers,
        Self::Packets,
        Self::Fuzz,
        Self::Bench,
        Self::Tests,
    ];

    fn run(self, options: &Options) -> Result {
        let full = |long: u32, short: u32| if options.quick { short } else { long };
        match self {
            Self::Tests => tests(full(10, 1)),
            Self::Kills => kills::run(options.rounds.unwrap_or(full(100, 10)), options.seed),
            Self::Floods => floods::run(full(20, 3).into()),
            Self::Followers => followers::run(&options.followers, options.quick, options.seed),
            Self::Packets => packets(),
            Self::Fuzz => {
                let runs = options.runs.unwrap_or(full(10_000_000, 200_000).into());
                fuzz::soak(runs, options.fuzz_seconds)
            }
            Self::Bench => bench::run(&bench::Options::full()),
        }
    }
}

/// How one part went.
struct Outcome {
    part: Part,
    took: Duration,
    failure: Option<String>,
}

/// Runs the parts, then prints how each went.
pub(crate) fn run(options: &Options) -> Result {
    let parts = if options.parts.is_empty() { &Part::ALL[..] } else { &options.parts[..] };
    let outcomes: Vec<_> = parts.iter().map(|part| timed(*part, || part.run(options))).collect();
    report(&outcomes)
}

fn timed(part: Part, run: impl FnOnce() -> Result) -> Outcome {
    println!("\n== {part:?}");
    let begun = Instant::now();
    let failure = run().err().map(|failure| failure.to_string());
    if let Some(failure) = &failure {
        println!("xtask: {failure}");
    }
    Outcome { part, took: begun.elapsed(), failure }
}

fn report(outcomes: &[Outcome]) -> Result {
    println!("\n== soak");
    for outcome in outcomes {
        let word = if outcome.failure.is_some() { "FAILED" } else { "ok" };
        println!(
            "{:>8.1} s  {:<9} {word}",
            outcome.took.as_secs_f64(),
            format!("{:?}", outcome.part)
        );
    }
    match outcomes.iter().filter(|outcome| outcome.failure.is_some()).count() {
        0 => Ok(()),
        failed => Err(format!("{failed} of {} parts failed", outcomes.len()).into()),
    }
}

fn packets() -> Result {
    let mut nextest = NEXTEST.command()?;
    nextest.args(["run", "--package", "belfry-gate", "--run-ignored", "only", "million"]);
    command::run(&mut nextest)
}

fn tests(rounds: u32) -> Result {
    for round in 1..=rounds {
        println!("soak: tests, round {round} of {rounds}");
        let mut nextest = NEXTEST.command()?;
        nextest.args(["run", "--workspace", "--status-level", "fail", "--cargo-quiet"]);
        command::run(&mut nextest)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_part_fails_the_soak_and_the_others_still_run() {
        let good = timed(Part::Kills, || Ok(()));
        let bad = timed(Part::Bench, || Err("lost".into()));
        assert!(report(&[good]).is_ok());
        assert_eq!(bad.failure.as_deref(), Some("lost"));
        let good = timed(Part::Tests, || Ok(()));
        assert_eq!(report(&[bad, good]).unwrap_err().to_string(), "1 of 2 parts failed");
    }
}
