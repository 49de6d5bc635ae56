//! What must not keep a gate from answering: its hub gone for a day, a clock that is put
//! forward and back, a disk that is full. With the real binaries.

#![expect(clippy::unwrap_used, reason = "a test that can't go on stops here")]

mod harness;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use belfry_testbed::{peer, skip};
use harness::{Belfry, ask, send};
use tempfile::TempDir;

const BINARY: &str = env!("CARGO_BIN_EXE_belfry");
const MAIL: &[u8] = include_bytes!("../fixtures/demo.eml");
const HOST: &str = "kaart.voorbeeldbank-login.example";
const LATER: &str = "later.example";
const BLOCKED: [&str; 1] = ["127.0.0.1"];

/// A mail about another host.
fn later() -> Vec<u8> {
    let mail = format!(
        "From: A <a@from.example>\r\nTo: you@example.com\r\nSubject: s\r\nMessage-ID: \
         <1@from.example>\r\n\r\nconfirm your card at https://{LATER}/login\r\n"
    );
    mail.into_bytes()
}

fn confirm(hub: &Belfry, mail: &[u8]) {
    let id = hub.case_of(&send(hub.address("smtp"), mail))["id"].to_string();
    hub.cli(&["case", "confirm", &id, "--reason", "asks for card data"]);
}

/// A hub that blocks [`HOST`], and a token for a gate.
fn hub() -> (Belfry, String) {
    let hub = Belfry::up("hub");
    confirm(&hub, MAIL);
    let token = hub.cli(&["token", "create", "--role", "operator", "--name", "isp"]);
    (hub, token.trim().to_owned())
}

/// What makes a program see another time, where it is installed.
fn library() -> Option<PathBuf> {
    peer("faketime")?;
    let folders = fs::read_dir("/usr/lib").ok()?.filter_map(Result::ok);
    let files = folders.map(|folder| folder.path().join("faketime/libfaketime.so.1"));
    let found = files.into_iter().find(|file| file.exists());
    if found.is_none() {
        skip("libfaketime.so.1", "is not under /usr/lib");
    }
    found
}

/// A clock that is put forward and back while its reader runs. Only the time of day: that
/// which counts from the machine's start can't be put back.
struct Clock {
    library: PathBuf,
    file: PathBuf,
}

impl Clock {
    fn set(&self, offset: &str) {
        // In one step: the reader must never see an empty file.
        let new = self.file.with_extension("new");
        fs::write(&new, offset).unwrap();
        fs::rename(new, &self.file).unwrap();
    }

    fn command(&self) -> Command {
        let mut command = Command::new(BINARY);
        command.env("LD_PRELOAD", &self.library).env("FAKETIME_TIMESTAMP_FILE", &self.file);
        command.env("FAKETIME_NO_CACHE", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        command
    }
}

fn answers_and_blocks(gate: &Belfry) {
    assert_eq!(ask(gate.address("dns"), HOST).1, BLOCKED);
    assert_eq!(ask(gate.address("dns"), "localhost").0, 0);
}

#[test]
fn a_day_without_the_hub_and_a_clock_that_is_stepped() {
    let Some(library) = library() else { return };
    let folder = TempDir::new().unwrap();
    let clock = Clock { library, file: folder.path().join("time") };
    clock.set("+0");
    let (hub, token) = hub();
    let (url, http) = (hub.url(), hub.address("http"));
    let start = |data| Belfry::gate_by("gate", clock.command(), &url, &token, data);
    let gate = start(TempDir::new().unwrap());
    gate.until_blocked(HOST);
    gate.until("it has kept a snapshot", || gate.has_snapshot());
    let data = hub.stop();

    clock.set("+26h");
    gate.until("it is not fresh", || {
        gate.metrics("/metrics").contains("\nbelfry_follow_fresh 0\n")
    });
    answers_and_blocks(&gate);
    assert!(gate.metrics("/readyz").contains("alarm"), "{}", gate.metrics("/readyz"));
    clock.set("-3000d");
    answers_and_blocks(&gate);
    clock.set("+26h");
    let gate = start(gate.stop());
    gate.until("it blocks by what it has kept", || ask(gate.address("dns"), HOST).1 == BLOCKED);
    answers_and_blocks(&gate);

    clock.set("+0");
    let hub = Belfry::up_at("hub again", http, data);
    confirm(&hub, &later());
    gate.until_blocked(LATER);
    answers_and_blocks(&gate);
}

/// Runs `belfry` where `folder` is a disk of its own of a megabyte.
fn on_a_small_disk(folder: &Path) -> Command {
    fs::create_dir_all(folder).unwrap();
    let mut command = Command::new("unshare");
    let script = "mount -t tmpfs -o size=1m tmpfs \"$0\" && exec \"$@\"";
    command.args(["--map-root-user", "--mount", "sh", "-c", script]).arg(folder).arg(BINARY);
    command
}

fn may_mount() -> bool {
    let mut try_it = Command::new("unshare");
    try_it.args(["--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]);
    let may = try_it.output().is_ok_and(|output| output.status.success());
    if !may {
        skip("a disk of a gate's own", "this machine does not let us mount one");
    }
    may
}

#[test]
fn a_disk_that_is_full_delays_no_order() {
    if !may_mount() {
        return;
    }
    let (hub, token) = hub();
    let data = TempDir::new().unwrap();
    let folder = data.path().join("data");
    let gate = Belfry::gate_by("gate", on_a_small_disk(&folder), &hub.url(), &token, data);
    gate.until_blocked(HOST);
    // As the gate sees its folder.
    let seen =
        PathBuf::from(format!("/proc/{}/root", gate.id())).join(folder.strip_prefix("/").unwrap());
    gate.until("it has kept a snapshot", || {
        fs::read_dir(seen.join("gate")).is_ok_and(|mut files| files.next().is_some())
    });
    fill(&seen.join("ballast"));
    confirm(&hub, &later());
    gate.until_blocked(LATER);
    answers_and_blocks(&gate);
    assert!(fs::write(seen.join("more"), vec![1; 8_192]).is_err(), "the disk is full");
    fs::remove_file(seen.join("ballast")).unwrap();
    let state = || newest(&seen.join("gate"));
    let before = state();
    gate.until("it keeps its state again", || state() > before);
}

/// Writes until there is no room.
fn fill(path: &Path) {
    use std::io::Write;
    let mut file = fs::File::create(path).unwrap();
    for size in [4_096, 1] {
        while file.write_all(&vec![1; size]).and_then(|()| file.sync_all()).is_ok() {}
    }
}

/// When a folder's newest file was written.
fn newest(folder: &Path) -> std::time::SystemTime {
    let files = fs::read_dir(folder).unwrap().filter_map(Result::ok);
    files.filter_map(|file| file.metadata().ok()?.modified().ok()).max().unwrap()
}
