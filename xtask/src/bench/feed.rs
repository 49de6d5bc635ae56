//! How soon an order holds at the resolvers of Debian and at a gate, and what the history
//! of a real feed takes as differences of zones beside whole ones.
//!
//! The first is `belfry_testbed::followers`, the second an example of the crate `rpz`, so that
//! the chores stay quick to compile.

use std::path::Path;

use belfry_testbed::followers::latencies;

use crate::bench::figures::Figures;
use crate::command::{self, Result, cargo};

/// Times so many orders, then replays the feed.
pub(super) fn run(binary: &Path, orders: usize) -> Result {
    let folder = tempfile::tempdir()?;
    for follower in latencies(binary, folder.path(), orders)? {
        println!("feed, {}, block: {}", follower.word, Figures::new(follower.blocks));
        println!("feed, {}, release: {}", follower.word, Figures::new(follower.releases));
    }
    let mut replay = cargo();
    replay.args(["run", "--release", "--quiet", "--package", "belfry-rpz"]);
    command::run(replay.args(["--example", "replay"]))
}
