//! One command for every chore: `cargo xtask ci`, `tidy`, `demo`, `api`, `bench`, `fuzz`, `soak`, `setup`.
//!
//! Each command is a file of its own. None of them is part of what we ship, so
//! they may print and end the process; they must never leave one running.

#![expect(clippy::print_stdout, reason = "a chore talks to the person who runs it")]

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod api;
mod bench;
mod ci;
mod command;
mod counts;
mod demo;
mod fuzz;
mod hub;
mod setup;
mod soak;
mod tidy;
mod tools;

/// Chores of the Belfry workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Everything a submission must pass, cheapest first
    Ci(ci::Options),
    /// Hold the tree to its structure and budgets
    Tidy(tidy::Options),
    /// One phishing mail from report to blocked DNS answer
    Demo(demo::Options),
    /// Requests made up from the OpenAPI document: no 500, no undocumented answer
    Api(api::Options),
    /// Measure a release build
    Bench(bench::Options),
    /// Fuzz by coverage: `cargo xtask fuzz mail --runs 1000000`
    Fuzz(fuzz::Options),
    /// Train the built-in models of `belfry judge` and write their card
    Train,
    /// The long runs: all figures, many rounds
    Soak(soak::Options),
    /// Install what the chores need and is missing
    Setup(setup::Options),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().chore {
        Chore::Ci(options) => ci::run(&options),
        Chore::Tidy(options) => tidy::run(&options),
        Chore::Demo(options) => demo::run(&options),
        Chore::Api(options) => api::run(&options),
        Chore::Bench(options) => bench::run(&options),
        Chore::Fuzz(options) => fuzz::run(&options),
        Chore::Train => bench::train(),
        Chore::Soak(options) => soak::run(&options),
        Chore::Setup(options) => setup::run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            println!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}
