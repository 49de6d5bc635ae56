//! `cargo xtask demo`: one phishing mail from report to blocked DNS answer.

use std::path::PathBuf;

use clap::Args;

use crate::command::{self, Result, cargo};

/// Options of `cargo xtask demo`.
#[derive(Args, Debug, Default)]
pub(crate) struct Options {
    /// A mail to report instead of our own sample
    file: Option<PathBuf>,
    /// Print the timings as JSON
    #[arg(long)]
    json: bool,
}

/// Builds the binary and runs its demo.
pub(crate) fn run(options: &Options) -> Result {
    let mut demo = cargo();
    demo.args(["run", "--quiet", "--package", "belfry", "--", "demo"]);
    demo.args(options.json.then_some("--json"));
    if let Some(file) = &options.file {
        // Cargo runs in the workspace, the person perhaps elsewhere.
        demo.arg(std::path::absolute(file)?);
    }
    command::run(&mut demo)
}
