//! Everyone in step after a restart and a cut. `cargo xtask soak followers` does it with ten
//! thousand blocks and everything else that can go wrong.

use std::path::PathBuf;

use belfry_testbed::{followers, seed};

#[test]
fn everyone_answers_as_what_holds_says_after_a_restart_and_a_cut() {
    let folder = tempfile::tempdir().expect("a folder for data");
    let plan = followers::Plan {
        binary: PathBuf::from(env!("CARGO_BIN_EXE_belfry")),
        folder: folder.path().to_owned(),
        blocks: 220,
        releases: 80,
        depth: followers::Depth::Short,
        seed: seed(),
    };
    match followers::run(&plan) {
        Ok(figures) => eprintln!("seed {}\n{figures}", plan.seed),
        Err(broken) => panic!("{broken}"),
    }
}
