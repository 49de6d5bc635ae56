//! Ten thousand blocks and three thousand releases, followed by BIND, Unbound, PowerDNS
//! Recursor and our gate while everything goes wrong that can. What is looked at is in
//! `belfry_testbed::followers`.

use belfry_testbed::followers::{self, Depth};
use belfry_testbed::seed;
use clap::Args;

use crate::command::Result;
use crate::hub;

/// Sizes of `cargo xtask soak followers`.
#[derive(Args, Clone, Debug)]
pub(super) struct Sizes {
    /// How many blocks `followers` orders; 10,000 unless given
    #[arg(long)]
    blocks: Option<usize>,
    /// How many of them it releases again; 3,000 unless given
    #[arg(long)]
    releases: Option<usize>,
}

/// Runs it; `named` brings an earlier run's order back.
pub(super) fn run(sizes: &Sizes, quick: bool, named: Option<u64>) -> Result {
    let folder = tempfile::tempdir()?;
    let seed = named.unwrap_or_else(seed);
    println!("followers: seed {seed}");
    let (blocks, releases) = if quick { (1_000, 300) } else { (10_000, 3_000) };
    let plan = followers::Plan {
        binary: hub::release()?,
        folder: folder.path().to_owned(),
        blocks: sizes.blocks.unwrap_or(blocks),
        releases: sizes.releases.unwrap_or(releases),
        depth: Depth::Full,
        seed,
    };
    println!("{}", followers::run(&plan)?);
    Ok(())
}
