//! The `belfry` command: parses the command line, and hands over.

use std::process::ExitCode;

use clap::Parser;

mod address;
mod cli;
mod client;
mod clock;
mod commands;
mod config;
mod gate;
mod hub;
mod telemetry;
mod tls;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    commands::run(cli::Cli::parse())
}
