//! Everything that a submission must pass, cheapest first. Each step is timed;
//! a failed step does not hide what the later ones would say.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;

use crate::command::{self, Result, cargo, target};
use crate::counts::Counts;
use crate::tools::{DENY, MACHETE, NEXTEST};
use crate::{api, demo, fuzz, setup, tidy};

/// Options of `cargo xtask ci`.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Stop at the first step that fails
    #[arg(long)]
    fail_fast: bool,
    /// Build the fuzz targets, where they are not, and run each for a moment
    #[arg(long)]
    fuzz: bool,
}

/// A step: its name, and what it does with the state of this run.
type Step = (&'static str, fn(&mut Run) -> Result);

const STEPS: [Step; 12] = [
    ("setup", set_up),
    ("fmt", |_| command::run(cargo().args(["fmt", "--all", "--check"]))),
    ("clippy", |_| clippy()),
    ("tidy", |_| tidy::run(&tidy::Options::default())),
    ("test", Run::test),
    ("doc tests", Run::doc_tests),
    ("rustdoc", |_| rustdoc()),
    ("deny", |_| deny()),
    ("machete", |_| machete()),
    ("fuzz smoke", |run| fuzz::smoke(run.fuzz)),
    ("api", |_| api::run(&api::Options::default())),
    ("demo", |_| demo::run(&demo::Options::default())),
];

/// What the steps of one run add up.
#[derive(Debug)]
struct Run {
    /// Where tests record what they skipped.
    skips: PathBuf,
    counts: Counts,
    /// Whether the fuzz targets are built.
    fuzz: bool,
}

/// How one step went.
#[derive(Debug)]
struct Outcome {
    name: &'static str,
    took: Duration,
    failure: Option<String>,
}

/// Runs every step, then prints what was skipped and the sums.
pub(crate) fn run(options: &Options) -> Result {
    let mut run =
        Run { skips: target().join("skips.txt"), counts: Counts::default(), fuzz: options.fuzz };
    run.forget_skips()?;
    let mut outcomes = Vec::new();
    for (name, step) in STEPS {
        let outcome = timed(name, || step(&mut run));
        let stop = options.fail_fast && outcome.failure.is_some();
        outcomes.push(outcome);
        if stop {
            break;
        }
    }
    report(&outcomes, &skips(&run.skips), run.counts)
}

fn timed(name: &'static str, step: impl FnOnce() -> Result) -> Outcome {
    println!("\n== {name}");
    let start = Instant::now();
    let failure = step().err().map(|failure| failure.to_string());
    if let Some(failure) = &failure {
        println!("xtask: {name} failed: {failure}");
    }
    Outcome { name, took: start.elapsed(), failure }
}

/// Prints the closing lines; fails when a step did.
fn report(outcomes: &[Outcome], skips: &[String], counts: Counts) -> Result {
    println!("\n== steps");
    for outcome in outcomes {
        let word = if outcome.failure.is_some() { "FAILED" } else { "ok" };
        println!("{:>8.1} s  {:<11} {word}", outcome.took.as_secs_f64(), outcome.name);
    }
    println!("\n== skipped ({})", skips.len());
    for skip in skips {
        println!("skipped: {skip}");
    }
    let failed: Vec<_> =
        outcomes.iter().filter(|one| one.failure.is_some()).map(|one| one.name).collect();
    println!("\n{counts}");
    if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", ")).into()) }
}

/// What tests recorded as skipped, each once.
fn skips(list: &Path) -> Vec<String> {
    let text = fs::read_to_string(list).unwrap_or_default();
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    lines.sort();
    lines.dedup();
    lines
}

impl Run {
    fn forget_skips(&self) -> Result {
        if let Some(folder) = self.skips.parent() {
            fs::create_dir_all(folder)?;
        }
        Ok(fs::write(&self.skips, "")?)
    }

    fn test(&mut self) -> Result {
        let mut nextest = NEXTEST.command()?;
        nextest
            .args(["run", "--workspace", "--no-fail-fast", "--status-level", "slow"])
            .args(["--final-status-level", "fail", "--cargo-quiet"])
            .env("BELFRY_SKIPS", &self.skips);
        command::watch(&mut nextest, |line| self.counts.add_nextest(line))
    }

    fn doc_tests(&mut self) -> Result {
        let mut tests = cargo();
        tests.args(["test", "--workspace", "--doc", "--quiet"]).env("BELFRY_SKIPS", &self.skips);
        command::watch(&mut tests, |line| self.counts.add_libtest(line))
    }
}

#[expect(clippy::unnecessary_wraps, reason = "a step's type; this one never fails")]
fn set_up(_: &mut Run) -> Result {
    setup::programs_if_possible();
    Ok(())
}

fn clippy() -> Result {
    let arguments = ["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"];
    command::run(cargo().args(arguments))
}

fn rustdoc() -> Result {
    let arguments = ["doc", "--workspace", "--no-deps", "--quiet"];
    command::run(cargo().args(arguments).env("RUSTDOCFLAGS", "-D warnings"))
}

/// cargo-machete takes its own name for a folder where `cargo run` has named a package.
fn machete() -> Result {
    command::run(MACHETE.command()?.env_remove("CARGO_PKG_NAME").args(["--skip-target-dir"]))
}

fn deny() -> Result {
    let arguments = ["--log-level", "error", "check", "--hide-inclusion-graph"];
    command::run(DENY.command()?.args(arguments).args(["bans", "licenses", "sources"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(failure: Option<&str>) -> Outcome {
        Outcome { name: "x", took: Duration::ZERO, failure: failure.map(str::to_owned) }
    }

    #[test]
    fn a_failed_step_fails_the_run() {
        assert!(report(&[outcome(None)], &[], Counts::default()).is_ok());
        let failed = report(&[outcome(None), outcome(Some("bad"))], &[], Counts::default());
        assert_eq!(failed.unwrap_err().to_string(), "failed: x");
    }

    #[test]
    fn a_step_keeps_what_went_wrong() {
        assert_eq!(timed("x", || Err("bad".into())).failure.as_deref(), Some("bad"));
        assert_eq!(timed("x", || Ok(())).failure, None);
    }

    #[test]
    fn skips_are_listed_once() {
        let folder = tempfile::tempdir().unwrap();
        let run = Run {
            skips: folder.path().join("a/skips.txt"),
            counts: Counts::default(),
            fuzz: false,
        };
        assert!(skips(&run.skips).is_empty());
        run.forget_skips().unwrap();
        fs::write(&run.skips, "b\na\nb\n").unwrap();
        assert_eq!(skips(&run.skips), ["a", "b"]);
        run.forget_skips().unwrap();
        assert!(skips(&run.skips).is_empty());
    }
}
