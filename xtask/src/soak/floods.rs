//! Ten times capacity on each port of the release build. What is looked at is in
//! `belfry_testbed::flood`.

use std::time::Duration;

use belfry_testbed::flood;

use crate::command::Result;
use crate::hub;

/// Floods each port for so many seconds.
pub(super) fn run(seconds: u64) -> Result {
    let folder = tempfile::tempdir()?;
    let plan = flood::Plan {
        binary: hub::release()?,
        folder: folder.path().to_owned(),
        each: Duration::from_secs(seconds),
    };
    println!("{}", flood::run(&plan)?);
    Ok(())
}
