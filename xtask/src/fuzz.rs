//! Fuzzing by coverage: the targets of `fuzz/`, with libFuzzer.
//!
//! The compiler is the stable one; RUSTC_BOOTSTRAP lets it take the flags that
//! cargo-fuzz sets. Without a sanitizer, since no code of ours is unsafe: what is
//! looked for are panics, broken properties, and bounds that do not hold.

use std::path::PathBuf;
use std::process::Command;

use clap::Args;

use crate::command::{self, Result, target};
use crate::tools::FUZZ;

/// Runs of each target in `ci`.
const SMOKE_RUNS: u64 = 20_000;
/// The longest input, octets.
const LENGTH_MAX: u32 = 16 << 10;
/// The most memory, and the longest time for one input.
const BOUNDS: [&str; 2] = ["-rss_limit_mb=2048", "-timeout=20"];

/// Options of `cargo xtask fuzz`.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Which targets; every one when left out
    targets: Vec<String>,
    /// Runs of each; a million unless seconds are given
    #[arg(long)]
    runs: Option<u64>,
    /// Seconds for each
    #[arg(long)]
    seconds: Option<u64>,
    /// `none`, or `address` for unsafe code in dependencies
    #[arg(long, default_value = "none")]
    sanitizer: String,
}

/// How a target is built and run.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Plan {
    runs: Option<u64>,
    seconds: Option<u64>,
    sanitizer: String,
}

/// Runs the chosen targets.
pub(crate) fn run(options: &Options) -> Result {
    let runs = options.runs.or(options.seconds.is_none().then_some(1_000_000));
    let sanitizer = options.sanitizer.clone();
    each(&options.targets, &Plan { runs, seconds: options.seconds, sanitizer })
}

/// A short run of each target by coverage, where that has been built before or is
/// asked for: it compiles every dependency once more. Without it, each target's
/// body has run over changed seeds with the tests.
pub(crate) fn smoke(build: bool) -> Result {
    if !build && !target().join("fuzz").is_dir() {
        let why = "is not built here: `cargo xtask ci --fuzz`; changed seeds ran with the tests";
        belfry_testbed::skip("fuzz smoke by coverage", why);
        return Ok(());
    }
    soak(SMOKE_RUNS, None)
}

/// `runs` of each target, in a release build; at most `seconds` each, where they are given.
pub(crate) fn soak(runs: u64, seconds: Option<u64>) -> Result {
    each(&[], &Plan { runs: Some(runs), seconds, sanitizer: "none".into() })
}

/// Runs `chosen`, or all; one that fails does not hide the others.
fn each(chosen: &[String], plan: &Plan) -> Result {
    let targets = targets()?;
    if let Some(unknown) = chosen.iter().find(|one| !targets.contains(one)) {
        return Err(format!("no target {unknown}: one of {}", targets.join(", ")).into());
    }
    let chosen = if chosen.is_empty() { &targets } else { chosen };
    let (mut failed, mut figures) = (Vec::new(), Vec::new());
    for target in chosen {
        println!("\nfuzz: {target}");
        let mut seen = Figures::default();
        if let Err(failure) = fuzz(target, plan, &mut seen) {
            println!("xtask: {target}: {failure}");
            failed.push(target.as_str());
        }
        figures.push((target, seen));
    }
    println!();
    for (target, seen) in figures {
        println!("fuzz: {target:<12} {seen}");
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("found in {}", failed.join(", ")).into()) }
}

/// What libFuzzer says of a run at its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Figures {
    runs: u64,
    each_second: u64,
    megabytes: u64,
}

impl Figures {
    /// Takes what one line of its output says.
    fn see(&mut self, line: &str) {
        let Some((name, value)) =
            line.trim().strip_prefix("stat::").and_then(|l| l.split_once(':'))
        else {
            return;
        };
        let Ok(value) = value.trim().parse() else { return };
        match name {
            "number_of_executed_units" => self.runs = value,
            "average_exec_per_sec" => self.each_second = value,
            "peak_rss_mb" => self.megabytes = value,
            _ => {}
        }
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { runs, each_second, megabytes } = self;
        write!(f, "{runs:>10} runs, {each_second:>6} a second, {megabytes:>5} MB")
    }
}

fn fuzz(target: &str, plan: &Plan, seen: &mut Figures) -> Result {
    let corpus = folder().join("corpus").join(target);
    std::fs::create_dir_all(&corpus)?;
    let mut fuzz = cargo_fuzz()?;
    fuzz.args(["run", "--sanitizer", &plan.sanitizer, target])
        .arg(corpus)
        .arg(folder().join("seeds").join(target));
    fuzz.arg("--").args(bounds(plan));
    command::watch(&mut fuzz, |line| seen.see(line))
}

/// What libFuzzer is told.
fn bounds(plan: &Plan) -> Vec<String> {
    let mut bounds: Vec<_> = BOUNDS.iter().map(ToString::to_string).collect();
    bounds.push(format!("-max_len={LENGTH_MAX}"));
    bounds.extend(plan.runs.map(|runs| format!("-runs={runs}")));
    bounds.extend(plan.seconds.map(|seconds| format!("-max_total_time={seconds}")));
    bounds.extend(["-print_final_stats=1", "-verbosity=0"].map(str::to_owned));
    bounds
}

/// Every target, as the folder of its seeds is called: without seeds, none.
fn targets() -> Result<Vec<String>> {
    let entries = std::fs::read_dir(folder().join("seeds"))?;
    let mut names: Vec<_> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names)
}

fn folder() -> PathBuf {
    belfry_testbed::workspace().join("fuzz")
}

fn cargo_fuzz() -> Result<Command> {
    let mut fuzz = FUZZ.command()?;
    // Its flags would throw the other builds away.
    fuzz.env("CARGO_TARGET_DIR", target().join("fuzz")).env("RUSTC_BOOTSTRAP", "1");
    Ok(fuzz)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(runs: Option<u64>, seconds: Option<u64>) -> Plan {
        Plan { runs, seconds, sanitizer: "none".into() }
    }

    #[test]
    fn every_target_has_a_program_and_seeds() {
        for target in targets().unwrap() {
            let program = folder().join("fuzz_targets").join(format!("{target}.rs"));
            assert!(program.is_file(), "{}", program.display());
        }
        let programs = std::fs::read_dir(folder().join("fuzz_targets")).unwrap().count();
        assert_eq!(programs, targets().unwrap().len());
    }

    #[test]
    fn figures_are_taken_from_the_last_lines() {
        let mut seen = Figures::default();
        for line in [
            "stat::number_of_executed_units: 20000",
            "stat::average_exec_per_sec:     4000",
            "stat::new_units_added:          7",
            "stat::peak_rss_mb:              47",
            "stat::peak_rss_mb: many",
            "Done 20000 runs in 5 second(s)",
        ] {
            seen.see(line);
        }
        assert_eq!(seen.to_string(), "     20000 runs,   4000 a second,    47 MB");
    }

    #[test]
    fn the_bounds_are_always_told() {
        let told = bounds(&plan(Some(5), None));
        assert!(
            told.contains(&"-runs=5".to_owned()) && told.contains(&"-max_len=16384".to_owned())
        );
        let told = bounds(&plan(None, Some(9))).join(" ");
        assert!(told.contains("-max_total_time=9") && !told.contains("-runs"), "{told}");
        assert!(told.contains("-rss_limit_mb=2048 -timeout=20"), "{told}");
    }

    #[test]
    fn an_unknown_target_is_refused_with_the_known_ones() {
        let refused = each(&["nothing".into()], &plan(Some(1), None)).unwrap_err();
        assert!(refused.to_string().contains("dns-query, html"), "{refused}");
    }
}
