//! How well and how fast mutations of SMS texts are found, beside other ways.
//!
//! The work is an example of the crate `likeness`, for the same reasons as `judge`'s.

use crate::command::{self, Result, cargo};

/// Prints the figures of docs/sms.md.
pub(crate) fn run() -> Result {
    let mut measure = cargo();
    measure.args(["run", "--release", "--quiet", "--package", "belfry-likeness"]);
    command::run(measure.args(["--example", "measure"]))
}
