//! The binary that benchmarks start.

use std::path::PathBuf;

use crate::command::{self, Result, cargo, target};

/// Builds a release of the binary and gives its path.
pub(crate) fn release() -> Result<PathBuf> {
    command::run(cargo().args(["build", "--release", "--package", "belfry", "--quiet"]))?;
    Ok(target().join("release").join("belfry"))
}

/// A configuration with every port on an address of its own, chosen by the
/// system. The gate's upstream is given on the command line where one is needed.
pub(crate) fn configuration() -> String {
    let address = belfry_testbed::loopback();
    format!(
        "[listen]\nsmtp = [\"{address}:0\"]\nhttp = \"{address}:0\"\nmetrics = \"{address}:0\"\n\
         [transfers]\nlisten = [\"{address}:0\"]\n\
         [gate]\nlisten = [\"{address}:0\"]\nupstreams = [\"{address}:9\"]\n\
         clients = [\"127.0.0.0/8\"]\nwarning = {{ ipv4 = \"127.0.0.1\" }}\n\
         [warning]\nlisten = \"{address}:0\"\n"
    )
}
