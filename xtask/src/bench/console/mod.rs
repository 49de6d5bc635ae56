//! How long each page of the console and of the citizens takes with 100,000 cases and a
//! million reports in the database, asked by two people at once.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use belfry_testbed::client::Api;
use belfry_testbed::{Hub, peer, wait_until};
use clap::Args;
use serde_json::json;

use crate::command::{self, Result};
use crate::hub::configuration;

use super::figures::Figures;

/// What the session's cookie holds: 43 characters, as real ones have.
const SECRET: &str = "benchbenchbenchbenchbenchbenchbenchbenchben";
/// People who ask at once.
const PEOPLE: usize = 2;
const PATIENCE: Duration = Duration::from_secs(60);

/// Options of `cargo xtask bench console`.
#[derive(Args, Debug)]
pub(super) struct Sizes {
    /// How many cases `console` fills in
    #[arg(long, default_value_t = 100_000)]
    cases: u64,
    /// How many reports `console` fills in
    #[arg(long, default_value_t = 1_000_000)]
    reports: u64,
    /// How often `console` asks for each page
    #[arg(long, default_value_t = 200)]
    asked: usize,
    /// A binary to measure instead of a release
    #[arg(long)]
    pub(super) binary: Option<PathBuf>,
}

impl Sizes {
    /// A year of a country.
    pub(super) fn full() -> Self {
        Self { cases: 100_000, reports: 1_000_000, asked: 200, binary: None }
    }
}

pub(super) fn run(binary: &Path, options: &Sizes) -> Result {
    let Some(python) = peer("python3") else { return Ok(()) };
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let real = report(binary, &data)?;
    let script = folder.path().join("fill.py");
    std::fs::write(&script, include_str!("fill.py"))?;
    let begun = Instant::now();
    let mut fill = Command::new(python);
    fill.arg(&script).arg(data.join("casebook.sqlite"));
    fill.args([options.cases.to_string(), options.reports.to_string(), SECRET.to_owned()]);
    let middle = String::from_utf8(command::output(&mut fill)?)?.trim().to_owned();
    let (cases, reports) = (options.cases, options.reports);
    println!("console: {cases} cases, {reports} reports, filled in {:.0?}", begun.elapsed());
    let hub = Hub::start(binary, &data, &configuration())?;
    let address = hub.address("http");
    for (name, path) in pages(&middle, real) {
        let figures = measure(address, &path, options.asked)?;
        println!("console: {name:<22} {figures}");
    }
    Ok(())
}

/// A report that really came in, so that one page has a reading: its case.
fn report(binary: &Path, data: &Path) -> Result<u64> {
    let mut hub = Hub::start(binary, data, &configuration())?;
    let api = Api::new(hub.address("http"), &hub.token("analyst", "bench")?);
    let body = json!({ "url": "https://kaart.real-report.example/verify" });
    let receipt = api.post_json("/api/v1/reports", &body)?.json()?;
    let path = format!("/api/v1/reports/{}", receipt["receipt"].as_str().unwrap_or_default());
    let mut case = 0;
    let read = || {
        case = api.get_json(&path).ok().and_then(|one| one["cases"][0].as_u64()).unwrap_or(0);
        case > 0
    };
    if !wait_until(read, PATIENCE) {
        return Err("the report was not read".into());
    }
    hub.stop()?;
    Ok(case)
}

fn pages(middle: &str, real: u64) -> Vec<(&'static str, String)> {
    let paths: [(&str, &str); 21] = [
        ("queue", "/console"),
        ("queue, a later page", "/console?status=open&before=MIDDLE"),
        ("queue, all states", "/console?status=all"),
        ("queue, closed", "/console?status=closed"),
        ("search, a name", "/console?q=login77.name77.example"),
        ("search, a domain", "/console?q=name77.example"),
        ("search, nothing", "/console?q=nothing.example"),
        ("news", "/console/live"),
        ("case, filled in", "/console/cases/MIDDLE"),
        ("case, reported", "/console/cases/REAL"),
        ("approvals", "/console/approvals"),
        ("campaigns", "/console/campaigns"),
        ("campaign", "/console/campaigns/1000007"),
        ("shift", "/console/shift"),
        ("rules", "/console/rules"),
        ("lists", "/console/lists?name=evil.example"),
        ("people", "/console/people"),
        ("audit log", "/console/audit"),
        ("citizen, home", "/"),
        ("citizen, look-up", "/lookup?name=login77.name77.example"),
        ("citizen, statistics", "/statistics"),
    ];
    let real = real.to_string();
    paths.map(|(name, path)| (name, path.replace("MIDDLE", middle).replace("REAL", &real))).into()
}

/// Asks `asked` times by two people at once.
fn measure(address: SocketAddr, path: &str, asked: usize) -> Result<Figures> {
    let each = asked.div_ceil(PEOPLE);
    let one = || -> io::Result<Vec<Duration>> { (0..each).map(|_| ask(address, path)).collect() };
    // Once beforehand: what is measured is not the first look after a start.
    ask(address, path)?;
    let taken: io::Result<Vec<Vec<Duration>>> = thread::scope(|scope| {
        let people: Vec<_> = (0..PEOPLE).map(|_| scope.spawn(one)).collect();
        people.into_iter().map(|person| person.join().unwrap_or_else(|_| Ok(vec![]))).collect()
    });
    Ok(Figures::new(taken?.concat()))
}

/// One page, whole: how long it took. A page that is no page is an error.
fn ask(address: SocketAddr, path: &str) -> io::Result<Duration> {
    let begun = Instant::now();
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let cookie = format!("belfry_session={SECRET}");
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let took = begun.elapsed();
    check(path, &answer)?;
    Ok(took)
}

fn check(path: &str, answer: &[u8]) -> io::Result<()> {
    if answer.starts_with(b"HTTP/1.1 200") {
        return Ok(());
    }
    let line = String::from_utf8_lossy(answer).lines().next().unwrap_or_default().to_owned();
    Err(io::Error::other(format!("{path}: {line}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_page_is_no_figure() {
        assert!(check("/x", b"HTTP/1.1 200 OK\r\n").is_ok());
        let error = check("/x", b"HTTP/1.1 303 See Other\r\n\r\n").unwrap_err().to_string();
        assert_eq!(error, "/x: HTTP/1.1 303 See Other");
        assert!(check("/x", b"").is_err());
    }

    #[test]
    fn every_page_has_its_case() {
        let pages = pages("50", 7);
        let of = |name| pages.iter().find(|(one, _)| *one == name).map(|(_, path)| path.as_str());
        assert_eq!(of("case, filled in"), Some("/console/cases/50"));
        assert_eq!(of("case, reported"), Some("/console/cases/7"));
        assert!(pages.iter().all(|(_, path)| !path.contains("MIDDLE") && !path.contains("REAL")));
    }

    #[test]
    fn a_session_is_as_long_as_a_real_one() {
        assert_eq!(SECRET.len(), 43);
    }
}
