//! How soon an order holds at the resolvers of Debian and at a gate, and what the history
//! of a real feed takes as differences of zones beside whole ones; whether an analyst waits
//! while a hundred secondaries take zones.
//!
//! The replay is an example of the crate `rpz`, so that the chores stay quick to compile.

use std::path::Path;

use belfry_testbed::followers::{crowd, latencies};

use crate::bench::figures::Figures;
use crate::command::{self, Result, cargo};

/// Times so many orders, lets a crowd take zones, then replays the feed.
pub(super) fn run(binary: &Path, orders: usize) -> Result {
    let folder = tempfile::tempdir()?;
    for follower in latencies(binary, folder.path(), orders)? {
        println!("feed, {}, block: {}", follower.word, Figures::new(follower.blocks));
        println!("feed, {}, release: {}", follower.word, Figures::new(follower.releases));
    }
    let folder = tempfile::tempdir()?;
    let taken = crowd(binary, folder.path())?;
    println!(
        "feed, {} secondaries took {} whole zones in {:.1} s, {} MB; a page of cases meanwhile: {}",
        taken.secondaries,
        taken.transfers,
        taken.lasted.as_secs_f64(),
        taken.octets >> 20,
        Figures::new(taken.meanwhile)
    );
    println!("feed, a page of cases with nobody else there: {}", Figures::new(taken.quiet));
    let mut replay = cargo();
    replay.args(["run", "--release", "--quiet", "--package", "belfry-rpz"]);
    command::run(replay.args(["--example", "replay"]))
}
