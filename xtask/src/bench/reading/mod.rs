//! Reading, as the hub does it: mails through the pipe of `belfry read-worker`, one
//! after another, on one core. Beside it, what Python's own libraries need for less,
//! what could not be read, and what the worst mails cost. The figures go to
//! `docs/reading.md`, below its marker.

mod python;
mod worker;
mod worst;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use belfry_testbed::{corpus, untar_xz};

use self::worker::{Spent, Worker};
use crate::command::Result;

const PHISHING: &str = "emails_phishing_pot/dev.tar.xz";
const HAM: &str = "emails_spamassassin/dev.tar.xz";
/// What stands before the figures in the document.
const MARKER: &str = "<!-- figures: written by `cargo xtask bench reading` -->";
/// Rounds over the mails, of which the fastest counts.
const ROUNDS: usize = 5;

/// Measures all and writes the document.
pub(super) fn run(binary: &Path) -> Result {
    let (Some(phishing), Some(ham)) = (corpus(PHISHING), corpus(HAM)) else {
        return Ok(());
    };
    let phishing = mails(&phishing)?;
    let ham = mails(&ham)?;
    let mut out = String::new();
    let ours = speed(binary, &phishing, &mut out)?;
    python::compare(&phishing, ours, &mut out)?;
    for (name, mails) in [("phishing", &phishing), ("ham", &ham)] {
        defects(binary, name, mails, &mut out)?;
    }
    worst::measure(binary, &mut out)?;
    println!("{out}");
    write(&out)
}

fn mails(archive: &Path) -> Result<Vec<Vec<u8>>> {
    Ok(untar_xz(archive)?.into_iter().map(|(_, bytes)| bytes).collect())
}

/// Mails a second; answers the CPU seconds a mail with everything but OCR.
fn speed(binary: &Path, mails: &[Vec<u8>], out: &mut String) -> Result<f64> {
    let bytes: usize = mails.iter().map(Vec::len).sum();
    writeln!(out, "## Speed\n")?;
    writeln!(
        out,
        "{} mails of the development set, {:.1} MB, one core, the best of {ROUNDS} rounds; JSON and \
         pipe are in it.\n",
        mails.len(),
        bytes as f64 / 1e6
    )?;
    writeln!(out, "| | mails/s of CPU | MB/s | ms a mail |\n|---|---|---|---|")?;
    let mut last = 0.0;
    for (name, kind) in
        [("without PDF, pictures and QR codes", b't'), ("with them, without OCR", b'm')]
    {
        let mut worker = Worker::start(binary)?;
        let mut best = f64::MAX;
        for _ in 0..ROUNDS {
            let before = worker.spent()?;
            for mail in mails {
                worker.read(kind, mail)?;
            }
            best = best.min(worker.spent()?.cpu_seconds - before.cpu_seconds);
        }
        let count = mails.len() as f64;
        writeln!(
            out,
            "| {name} | {:.0} | {:.0} | {:.3} |",
            count / best,
            bytes as f64 / 1e6 / best,
            best / count * 1e3
        )?;
        last = best / count;
    }
    Ok(last)
}

/// How many mails have defects, and of which kinds.
fn defects(binary: &Path, name: &str, mails: &[Vec<u8>], out: &mut String) -> Result {
    let mut worker = Worker::start(binary)?;
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let mut with = 0;
    for mail in mails {
        let reading: serde_json::Value = serde_json::from_slice(&worker.read(b'm', mail)?)?;
        let found = reading["defects"].as_array().cloned().unwrap_or_default();
        with += usize::from(!found.is_empty());
        let mut own: Vec<_> = found.iter().filter_map(|d| d["kind"].as_str()).collect();
        own.sort_unstable();
        own.dedup();
        for kind in own {
            *kinds.entry(kind.to_owned()).or_default() += 1;
        }
    }
    let share = |count: usize| count as f64 * 100.0 / mails.len() as f64;
    writeln!(out, "\n## Defects: {name}\n")?;
    writeln!(
        out,
        "{} mails, none lost, none on which the reader died; {with} ({:.1} %) have a defect.\n",
        mails.len(),
        share(with)
    )?;
    writeln!(out, "| kind | mails | share |\n|---|---|---|")?;
    for (kind, count) in kinds {
        writeln!(out, "| {kind} | {count} | {:.1} % |", share(count))?;
    }
    Ok(())
}

/// Puts the figures below the marker.
fn write(figures: &str) -> Result {
    let path = belfry_testbed::workspace().join("docs/reading.md");
    let document = fs::read_to_string(&path)?;
    let (before, _) = document.split_once(MARKER).ok_or("docs/reading.md has lost its marker")?;
    fs::write(&path, format!("{before}{MARKER}\n\n{}", figures.trim_start()))?;
    println!("written to {}", path.display());
    Ok(())
}

/// `12.3 MB`.
fn megabytes(spent: Spent) -> String {
    format!("{:.0} MB", spent.peak_bytes as f64 / 1e6)
}
