//! The long runs: every benchmark in full, and the tests many times over.

use clap::Args;

use crate::bench;
use crate::command::{self, Result};
use crate::tools::NEXTEST;

/// Options of `cargo xtask soak`.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// How often the tests run
    #[arg(long, default_value_t = 10)]
    rounds: u32,
}

/// Runs the tests over and over, then every benchmark.
pub(crate) fn run(options: &Options) -> Result {
    for round in 1..=options.rounds {
        println!("soak: tests, round {round} of {}", options.rounds);
        let mut nextest = NEXTEST.command()?;
        nextest.args(["run", "--workspace", "--status-level", "fail", "--cargo-quiet"]);
        command::run(&mut nextest)?;
    }
    bench::run(&bench::Options::full())
}
