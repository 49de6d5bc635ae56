//! Mails over SMTP: first from Python's `smtplib`, a client that is not ours, to see
//! that every octet is kept; then the same mails into Belfry and into Postfix from
//! Debian, in turn, for the ratio of the two on whatever machine this is.

mod cpu;
mod sender;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use belfry_testbed::client::Api;
use belfry_testbed::postfix::{self, Postfix};
use belfry_testbed::{Hub, corpus, peer, skip, untar_xz, wait_for};

use crate::command::{self, Result};
use crate::hub::configuration;

use self::cpu::seconds_of_tree;

const CORPUS: &str = "emails_phishing_pot/dev.tar.xz";
/// How long a server may take to be done with all mails.
const PATIENCE: Duration = Duration::from_secs(300);

/// What one server made of all mails.
#[derive(Clone, Copy, Debug)]
struct Outcome {
    /// Mails accepted a second, until the last reply.
    accepted: f64,
    /// Mails a second until 19 of 20 were read into cases, or lay in the Maildir: mails
    /// whose pictures are recognised come last.
    most_done: f64,
    /// The same until all were.
    done: f64,
    /// Processor time a mail until the last reply, of the server and its children.
    accepted_cpu_ms: f64,
    /// The same until all was done.
    done_cpu_ms: f64,
}

/// Sends the development mails over `connections` connections at once, `rounds` times
/// into each server.
pub(super) fn run(binary: &Path, connections: usize, rounds: usize) -> Result {
    let Some(archive) = corpus(CORPUS) else { return Ok(()) };
    let folder = tempfile::tempdir()?;
    let mails = folder.path().join("mails");
    fs::create_dir(&mails)?;
    let mut all = Vec::new();
    for (name, bytes) in untar_xz(&archive)? {
        let name = Path::new(&name).file_name().ok_or("a member without a name")?;
        fs::write(mails.join(name), &bytes)?;
        all.push(sender::on_the_wire(&bytes));
    }
    kept_octet_for_octet(binary, folder.path(), &mails, connections)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let data = folder.path().join(format!("data-{round}"));
        ours.push(into_belfry(binary, &data, &all, connections)?);
        println!("intake: belfry  {}", ours[round]);
        if let Some(outcome) = into_postfix(&all, connections)? {
            println!("intake: postfix {outcome}");
            theirs.push(outcome);
        }
    }
    println!("intake: belfry, median of {rounds}:  {}", median(&ours));
    if !theirs.is_empty() {
        println!("intake: postfix, median of {rounds}: {}", median(&theirs));
        let (ours, theirs) = (median(&ours), median(&theirs));
        println!(
            "intake: belfry takes {:.2} times as many mails a second as postfix, for {:.2} times \
             the processor time",
            ours.accepted / theirs.accepted,
            ours.accepted_cpu_ms / theirs.accepted_cpu_ms
        );
    }
    Ok(())
}

fn kept_octet_for_octet(binary: &Path, folder: &Path, mails: &Path, connections: usize) -> Result {
    let Some(python) = peer("python3") else { return Ok(()) };
    let script = folder.join("send.py");
    fs::write(&script, include_str!("send.py"))?;
    let hub = Hub::start(binary, &folder.join("data"), &unlimited(connections))?;
    let smtp = hub.address("smtp");
    let mut send = Command::new(python);
    send.arg(&script).arg(smtp.ip().to_string()).arg(smtp.port().to_string());
    send.arg(connections.to_string()).arg(mails).arg(hub.address("http").to_string());
    command::run(send.env("BELFRY_TOKEN", hub.token("analyst", "bench")?))
}

/// The configuration with room for all that comes from one address.
fn unlimited(connections: usize) -> String {
    format!(
        "{}[smtp]\nconnections_per_address_max = {}\nmails_burst_per_address = 0\n",
        configuration(),
        connections + 1
    )
}

fn into_belfry(binary: &Path, data: &Path, all: &[Vec<u8>], connections: usize) -> Result<Outcome> {
    let hub = Hub::start(binary, data, &unlimited(connections))?;
    let api = Api::new(hub.address("http"), &hub.token("analyst", "bench")?);
    let read = || {
        let unread = api.get_json("/api/v1/statistics").ok()?.get("unread")?.as_u64()?;
        Some(all.len().saturating_sub(usize::try_from(unread).ok()?))
    };
    measure(hub.id(), all.len(), || sender::send(hub.address("smtp"), all, connections), read)
}

fn into_postfix(all: &[Vec<u8>], connections: usize) -> Result<Option<Outcome>> {
    let Some(program) = peer("postfix") else { return Ok(None) };
    if !postfix::may_run() {
        skip("peer postfix", "an instance of one's own needs root");
        return Ok(None);
    }
    let mut postfix = Postfix::start(&program, "belfry.example", None)?;
    let maildir: PathBuf = postfix.maildir();
    let delivered = || Some(fs::read_dir(&maildir).ok()?.count());
    let address = postfix.address();
    let outcome =
        measure(postfix.id(), all.len(), || sender::send(address, all, connections), delivered)?;
    postfix.stop()?;
    Ok(Some(outcome))
}

fn measure(
    process: u32,
    mails: usize,
    send: impl FnOnce() -> Result,
    mut done: impl FnMut() -> Option<usize>,
) -> Result<Outcome> {
    let (begun, before) = (Instant::now(), seconds_of_tree(process)?);
    send()?;
    let (accepted, accepted_cpu) = (begun.elapsed(), seconds_of_tree(process)? - before);
    let mut until = |count| wait_for(|| done().filter(|done| *done >= count), PATIENCE);
    let late = "not all mails were read or delivered";
    until(mails - mails / 20).ok_or(late)?;
    let most = begun.elapsed();
    until(mails).ok_or(late)?;
    let (whole, whole_cpu) = (begun.elapsed(), seconds_of_tree(process)? - before);
    // A few thousand mails: exact in a float.
    let mails = f64::from(u32::try_from(mails)?);
    Ok(Outcome {
        accepted: mails / accepted.as_secs_f64(),
        most_done: 0.95 * mails / most.as_secs_f64(),
        done: mails / whole.as_secs_f64(),
        accepted_cpu_ms: accepted_cpu * 1e3 / mails,
        done_cpu_ms: whole_cpu * 1e3 / mails,
    })
}

/// The median of each figure by itself.
fn median(outcomes: &[Outcome]) -> Outcome {
    let of = |figure: fn(&Outcome) -> f64| {
        let mut figures: Vec<f64> = outcomes.iter().map(figure).collect();
        figures.sort_by(f64::total_cmp);
        figures.get(figures.len() / 2).copied().unwrap_or_default()
    };
    Outcome {
        accepted: of(|outcome| outcome.accepted),
        most_done: of(|outcome| outcome.most_done),
        done: of(|outcome| outcome.done),
        accepted_cpu_ms: of(|outcome| outcome.accepted_cpu_ms),
        done_cpu_ms: of(|outcome| outcome.done_cpu_ms),
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { accepted, most_done, done, accepted_cpu_ms, done_cpu_ms } = self;
        write!(
            f,
            "{accepted:.0} mails/s accepted ({accepted_cpu_ms:.2} ms of processor a mail), \
             {most_done:.0} mails/s until 19 of 20 were done, {done:.0} mails/s until all were \
             ({done_cpu_ms:.2} ms)"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_figure_has_its_own_median() {
        let outcome = |accepted, done| Outcome {
            accepted,
            most_done: 2.0 * done,
            done,
            accepted_cpu_ms: 1.0,
            done_cpu_ms: accepted + done,
        };
        let median = median(&[outcome(1.0, 9.0), outcome(3.0, 1.0), outcome(2.0, 5.0)]);
        assert_eq!(
            median.to_string(),
            "2 mails/s accepted (1.00 ms of processor a mail), 10 mails/s until 19 of 20 were done, \
             5 mails/s until all were (7.00 ms)"
        );
    }
}
