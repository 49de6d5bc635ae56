//! Ten kills at random moments under load. `cargo xtask soak` does a hundred.

use std::path::PathBuf;
use std::time::Duration;

use belfry_testbed::{crash, seed};

#[test]
fn what_was_acknowledged_survives_ten_kills_once() {
    let folder = tempfile::tempdir().expect("a folder for data");
    let plan = crash::Plan {
        binary: PathBuf::from(env!("CARGO_BIN_EXE_belfry")),
        folder: folder.path().to_owned(),
        rounds: 10,
        seed: seed(),
        load: Duration::from_millis(900),
    };
    match crash::run(&plan) {
        Ok(figures) => eprintln!("seed {}\n{figures}", plan.seed),
        Err(broken) => panic!("{broken}"),
    }
}
