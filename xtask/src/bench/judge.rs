//! How well URLs, SMS and mails are judged, on later examples than those learnt from.
//!
//! The work is an example of the crate `judge`, since a model needs a release build and
//! the chores should stay quick to compile.

use crate::command::{self, Result, cargo};

/// Runs the trainer: `measure` prints figures, `write` writes the built-in models.
pub(crate) fn run(what: &str) -> Result {
    let mut trainer = cargo();
    trainer.args(["run", "--release", "--quiet", "--package", "belfry-judge"]);
    command::run(trainer.args(["--example", "train", "--", what]))
}
