//! A hundred kills of the release build; `crates/belfry/tests/crash.rs` does ten
//! of the debug build. What is looked at is in `belfry_testbed::crash`.

use std::time::Duration;

use belfry_testbed::{crash, seed};

use crate::command::Result;
use crate::hub;

/// The longest that a round's load lasts.
const LOAD: Duration = Duration::from_millis(1_500);

/// Runs `rounds` kills; `named` brings an earlier run's back.
pub(super) fn run(rounds: u32, named: Option<u64>) -> Result {
    let folder = tempfile::tempdir()?;
    let seed = named.unwrap_or_else(seed);
    println!("kills: seed {seed}");
    let plan = crash::Plan {
        binary: hub::release()?,
        folder: folder.path().to_owned(),
        rounds,
        seed,
        load: LOAD,
    };
    let figures = crash::run(&plan)?;
    println!("{figures}");
    Ok(())
}
