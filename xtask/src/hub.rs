//! The binary that benchmarks start.

use std::path::PathBuf;

use crate::command::{self, Result, cargo, target};

/// Builds a release of the binary and gives its path.
pub(crate) fn release() -> Result<PathBuf> {
    command::run(cargo().args(["build", "--release", "--package", "belfry", "--quiet"]))?;
    Ok(target().join("release").join("belfry"))
}

/// A configuration with every port on an own address, chosen by the system.
pub(crate) fn configuration() -> String {
    String::new()
}
