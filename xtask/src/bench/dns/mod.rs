//! The gate beside the servers that operators have: the same names, the same
//! queries, one core each for server and load, all measured in turn within one run.
//!
//! All servers run at the same time; those that are not asked use nothing. The
//! kernel's work for an answer counts for the server, that for a query for the load.

mod data;
mod measure;
mod process;
mod server;
mod streams;
mod table;

use std::fs;
use std::path::Path;
use std::process::Command;

use belfry_testbed::{Child, target};

use self::measure::Loaded;
use self::server::{Kind, Place};
use self::table::{Results, WORKLOADS};
use crate::bench::block;
use crate::command::{self, Result, cargo};

/// The core that servers run on, and the one for everything else.
const SERVER_CORE: &str = "0";
const LOAD_CORE: &str = "1";
/// Names for our gate alone, without `--quick`.
const MANY_NAMES: usize = 10_000_000;

/// Options of `bench dns`.
#[derive(Clone, Debug, clap::Args)]
// The options around it have a group of this name.
#[group(skip)]
pub(super) struct Options {
    /// `dns`: names that are blocked
    #[arg(long, default_value_t = 1_000_000)]
    names: usize,
    /// `dns`: start each server once, and load it for a second at a time
    #[arg(long)]
    quick: bool,
    /// `dns`: only these servers: bare, belfry, dnsdist, pdns, unbound, kresd, bind
    #[arg(long, value_delimiter = ',')]
    servers: Vec<String>,
    /// `dns`: queries a second of the steady load
    #[arg(long, default_value = "20000")]
    rate: String,
}

impl Options {
    /// Everything, in full.
    pub(super) fn full() -> Self {
        Self { names: 1_000_000, quick: false, servers: Vec::new(), rate: "20000".to_owned() }
    }

    /// How often each load is put on each server; the table has the medians.
    fn rounds(&self) -> usize {
        if self.quick { 3 } else { 5 }
    }

    /// How often each server is started.
    fn starts(&self) -> usize {
        if self.quick { 1 } else { 5 }
    }

    fn seconds(&self) -> f64 {
        if self.quick { 1.0 } else { 3.0 }
    }

    fn chosen(&self) -> impl Iterator<Item = Kind> + use<'_> {
        let names = &self.servers;
        let is_chosen = move |kind: &Kind| {
            let name = format!("{kind:?}").to_lowercase();
            names.is_empty() || names.contains(&name)
        };
        Kind::ALL.into_iter().filter(is_chosen)
    }
}

/// Measures and prints the table.
pub(super) fn run(belfry: &Path, options: &Options) -> Result {
    crate::setup::programs_if_possible();
    let place = place(belfry, options.names)?;
    let _upstream = server::upstream(&place)?;
    let mut results = Results::default();
    let mut running = Vec::new();
    for kind in options.chosen() {
        match started(&place, kind, options, &mut results) {
            Ok(child) => running.push((kind, child)),
            Err(problem) => println!("{}: not measured: {problem}", kind.name()),
        }
    }
    let rounds = options.rounds();
    for round in 1..=rounds {
        println!("round {round} of {rounds}");
        for (kind, child) in &running {
            measure_one(&place, (*kind, child), options, &mut results)?;
        }
    }
    for (kind, child) in &running {
        let after = process::memory_mb(child.id())?;
        results.memory.entry(*kind).or_default().1 = after;
        if kind.is_ours() {
            for _ in 0..options.starts().min(3) {
                results.swaps.push(measure::swap(&place, child, &options.rate)?);
            }
        }
    }
    streams::measure(&place, &running, options, &mut results)?;
    // Their places are taken now: what comes is our gate alone.
    drop(running);
    for _ in 0..options.starts().min(3) {
        results.orders.push(measure::orders(&place, "1000", &options.rate)?);
    }
    alone(&place, options, &mut results)?;
    println!("\n{}", results.table());
    block::run(belfry, if options.quick { 60 } else { 200 })
}

/// What only our gate is asked: two threads, and many more names.
fn alone(place: &Place, options: &Options, results: &mut Results) -> Result {
    if !options.chosen().any(Kind::is_ours) {
        return Ok(());
    }
    let two = Place { threads: ("2", "0,1"), ..place.clone() };
    let (child, _) = measure::start(&two, Kind::Belfry, false)?;
    let server = (Kind::Belfry, &child);
    measure::load(&two, server, &place.data.warm, 2.0, ["window", "50"])?;
    for _ in 0..options.rounds() {
        for (number, queries) in place.data.workloads.iter().enumerate() {
            let pace = ["window", "400"];
            let loaded = measure::load(&two, server, queries, options.seconds(), pace)?;
            results.two_threads.entry(number).or_default().push(loaded);
        }
    }
    drop(child);
    if options.quick {
        return Ok(());
    }
    let many = Place { data: data::make(&place.folder, MANY_NAMES)?, ..place.clone() };
    let (child, file) = measure::start(&many, Kind::Belfry, false)?;
    let memory = process::memory_mb(child.id())?;
    drop(child);
    let (child, snapshot) = measure::start(&many, Kind::Belfry, true)?;
    results.many = Some((MANY_NAMES, memory, file.as_secs_f64(), snapshot.as_secs_f64()));
    drop(child);
    Ok(())
}

/// Starts a server as often as is asked, and leaves the last one running.
fn started(place: &Place, kind: Kind, options: &Options, results: &mut Results) -> Result<Child> {
    let starts = results.starts.entry(kind).or_default();
    let (mut child, took) = measure::start(place, kind, false)?;
    starts.push(took.as_secs_f64());
    for _ in 1..options.starts() {
        drop(child);
        let (next, took) = measure::start(place, kind, false)?;
        starts.push(took.as_secs_f64());
        child = next;
    }
    if kind.is_ours() {
        for _ in 0..options.rounds() {
            drop(child);
            let (next, took) = measure::start(place, kind, true)?;
            results.snapshot_starts.push(took.as_secs_f64());
            child = next;
        }
    }
    std::thread::sleep(std::time::Duration::from_secs(1));
    results.memory.insert(kind, (process::memory_mb(child.id())?, 0.0));
    let warm = measure::load(place, (kind, &child), &place.data.warm, 2.0, ["window", "50"])?;
    let took = table::median(results.starts.get(&kind).into_iter().flatten().copied());
    println!("{}: started in {took:.2} s, warm at {:.0} answers/s", kind.name(), warm.rate);
    Ok(child)
}

fn measure_one(
    place: &Place,
    server: (Kind, &Child),
    options: &Options,
    results: &mut Results,
) -> Result {
    for (number, queries) in place.data.workloads.iter().enumerate() {
        let seconds = options.seconds();
        let full = measure::load(place, server, queries, seconds, ["window", "400"])?;
        let steady = match number {
            2 => measure::load(place, server, queries, seconds, ["rate", &options.rate])?,
            // The table has only the last.
            _ => Loaded::default(),
        };
        println!(
            "{} {}: {:.2} µs ({:.2} user), {:.0} answers/s, {:.3} answered, {:.3} blocked; \
             steady: p50 {:.0} µs, p99 {:.0} µs, gap {:.1} ms",
            server.0.name(),
            WORKLOADS[number],
            full.total_us,
            full.user_us,
            full.rate,
            full.answered,
            full.blocked,
            steady.p50_us,
            steady.p99_us,
            steady.gap_ms,
        );
        let key = (server.0, number);
        results.full.entry(key).or_default().push(full);
        results.steady.entry(key).or_default().push(steady);
    }
    Ok(())
}

/// Builds what is needed and makes the data.
fn place(belfry: &Path, names: usize) -> Result<Place> {
    let examples = ["--example", "dnsload", "--example", "bare"];
    command::run(
        cargo().args(["build", "--release", "--package", "belfry-testbed"]).args(examples),
    )?;
    let orders = ["build", "--release", "--package", "belfry-gate", "--example", "orders"];
    command::run(cargo().args(orders))?;
    let folder = target().join("bench-dns");
    fs::create_dir_all(&folder)?;
    Ok(Place {
        data: data::make(&folder, names)?,
        certificate: streams::certificate(&folder)?,
        threads: ("1", SERVER_CORE),
        folder,
        belfry: belfry.to_owned(),
        examples: target().join("release").join("examples"),
    })
}

/// A command whose output is wanted, on the load's core.
fn on_load_core(program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", LOAD_CORE]).arg(program);
    command
}
