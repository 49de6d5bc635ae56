//! Ten times capacity on every port for a second each. `cargo xtask soak` does it
//! for longer, with the release build.

use std::path::PathBuf;
use std::time::Duration;

use belfry_testbed::flood;

#[test]
fn floods_end_in_clear_refusals_and_everybody_else_is_served() {
    let folder = tempfile::tempdir().expect("a folder for data");
    let plan = flood::Plan {
        binary: PathBuf::from(env!("CARGO_BIN_EXE_belfry")),
        folder: folder.path().to_owned(),
        each: Duration::from_secs(1),
    };
    match flood::run(&plan) {
        Ok(figures) => eprintln!("{figures}"),
        Err(broken) => panic!("{broken}"),
    }
}
