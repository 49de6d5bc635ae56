//! Holds the tree to its structure and budgets: what ARCHITECTURE.md calls an
//! invariant and CONTRIBUTING.md a rule is a check here, one a file.
//!
//! A check reads the [`Tree`] and returns what it found. It never changes a file.

mod dependencies;
mod documents;
mod environment;
mod functions;
mod header;
mod manifest;
mod names;
mod panics;
mod paths;
mod pure;
mod share;
mod size;
mod source;
mod todo;
mod tree;

use std::fmt;
use std::path::PathBuf;

use clap::Args;

use crate::command::Result;
use crate::tidy::tree::Tree;

/// A rule broken at a place, and what to do about it.
#[derive(Clone, Debug, PartialEq)]
struct Finding {
    file: PathBuf,
    line: usize,
    problem: String,
}

impl Finding {
    fn new(file: impl Into<PathBuf>, line: usize, problem: impl Into<String>) -> Self {
        Self { file: file.into(), line, problem: problem.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file.display(), self.line, self.problem)
    }
}

/// A check: its name, and what it finds in the tree.
type Check = (&'static str, fn(&Tree) -> Vec<Finding>);

const CHECKS: [Check; 12] = [
    ("dependencies", dependencies::check),
    ("documents", documents::check),
    ("environment", environment::check),
    ("functions", functions::check),
    ("header", header::check),
    ("manifest", manifest::check),
    ("panics", panics::check),
    ("paths", paths::check),
    ("pure", pure::check),
    ("share of tests", share::check),
    ("size", size::check),
    ("todo", todo::check),
];

/// Options of `cargo xtask tidy`.
#[derive(Args, Debug, Default)]
pub(crate) struct Options {
    /// Only this crate's files, by its folder's name: `gate`
    #[arg(long, value_name = "CRATE")]
    only: Option<String>,
}

/// Runs every check; fails when one found something.
pub(crate) fn run(options: &Options) -> Result {
    let tree = Tree::load(&belfry_testbed::workspace())?;
    let mut count = 0;
    for (name, check) in CHECKS {
        for finding in check(&tree).iter().filter(|finding| concerns(options, finding)) {
            println!("tidy: {name}: {finding}");
            count += 1;
        }
    }
    println!("tidy: {}", tree.figures());
    if count == 0 { Ok(()) } else { Err(format!("tidy: {count} findings").into()) }
}

fn concerns(options: &Options, finding: &Finding) -> bool {
    options.only.as_ref().is_none_or(|only| finding.file.iter().any(|part| part == only.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_a_place_and_what_to_do() {
        let finding = Finding::new("crates/gate/src/lib.rs", 7, "too long: split it");
        assert_eq!(finding.to_string(), "crates/gate/src/lib.rs:7: too long: split it");
    }

    #[test]
    fn findings_can_be_limited_to_one_crate() {
        let finding = Finding::new("crates/gate/src/lib.rs", 7, "x");
        assert!(concerns(&Options::default(), &finding));
        assert!(concerns(&Options { only: Some("gate".into()) }, &finding));
        assert!(!concerns(&Options { only: Some("follow".into()) }, &finding));
    }
}
