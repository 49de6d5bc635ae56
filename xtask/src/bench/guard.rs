//! What the guard says to a real feed of phishing URLs: how much can be blocked, how much
//! takes two people, and that nothing protected ever passes.
//!
//! The work is an example of the crate `guard`, so that the chores stay quick to compile.

use crate::command::{self, Result, cargo};

pub(crate) fn run() -> Result {
    let mut replay = cargo();
    replay.args(["run", "--release", "--quiet", "--package", "belfry-guard"]);
    command::run(replay.args(["--example", "replay"]))
}
