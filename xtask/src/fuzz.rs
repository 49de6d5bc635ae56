//! A short run of each fuzz target. It needs `cargo-fuzz` and a compiler that
//! takes its sanitizer flags; where they are missing, it says so.

use std::process::Command;

use crate::command::{self, Result, cargo, succeeds};

/// Seconds for each target.
const SECONDS: u32 = 10;

/// Runs each target of `fuzz/` for some seconds, where the tools are there.
pub(crate) fn smoke() -> Result {
    let folder = belfry_testbed::workspace().join("fuzz");
    if !folder.is_dir() {
        return skip("there are no fuzz targets yet");
    }
    if !succeeds(cargo().args(["+nightly", "fuzz", "--version"])) {
        return skip("it needs a nightly compiler and cargo-fuzz");
    }
    let mut list = Command::new("cargo");
    list.current_dir(belfry_testbed::workspace()).args(["+nightly", "fuzz", "list"]);
    let targets = String::from_utf8(command::output(&mut list)?)?;
    targets.lines().try_for_each(|target| {
        let mut run = Command::new("cargo");
        run.current_dir(belfry_testbed::workspace());
        run.args(["+nightly", "fuzz", "run", target, "--"]);
        command::run(run.arg(format!("-max_total_time={SECONDS}")))
    })
}

#[expect(clippy::unnecessary_wraps, reason = "a smoke test that can't run is no failure")]
fn skip(why: &str) -> Result {
    belfry_testbed::skip("fuzz smoke", why);
    Ok(())
}
