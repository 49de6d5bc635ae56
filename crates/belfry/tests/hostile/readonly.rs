//! A disk that turns read-only under a running hub, as ext4 does after an error of the
//! device: what was acknowledged is there, what comes is refused, and blocks hold.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use belfry_testbed::client::{Api, Sent, Smtp, ask};
use belfry_testbed::{Program, skip, wait_for};
use serde_json::json;

use crate::doors::{BINARY, PATIENCE, configuration};

const BLOCKED: &str = "blocked.example";

/// A small ext4 in a file, with a folder to see it in.
struct Disk {
    image: PathBuf,
    data: PathBuf,
}

impl Disk {
    /// Answers `None` where this user or system can't make and mount one.
    fn make(folder: &Path) -> Option<Self> {
        let disk = Self { image: folder.join("image"), data: folder.join("data") };
        fs::create_dir(&disk.data).unwrap();
        fs::File::create(&disk.image).unwrap().set_len(96 << 20).unwrap();
        let can =
            |command: &mut Command| command.output().is_ok_and(|output| output.status.success());
        let mut make = Command::new("mkfs.ext4");
        if can(make.args(["-q", "-F"]).arg(&disk.image)) && can(disk.command().arg("true")) {
            return Some(disk);
        }
        skip("a disk that turns read-only", "needs root, mkfs.ext4 and a loop device");
        None
    }

    /// A command in a mount namespace of its own in which the disk is mounted.
    fn command(&self) -> Command {
        let mut command = Command::new("unshare");
        let script = "mount -o loop,errors=remount-ro \"$0\" \"$1\" && shift && exec \"$@\"";
        command.args(["-m", "sh", "-c", script]).arg(&self.image).arg(&self.data);
        command
    }

    fn hub(&self, config: &Path) -> Program {
        let mut command = self.command();
        command.arg(BINARY).arg("up").arg("--config").arg(config);
        Program::start(command.arg("--data").arg(self.data.join("belfry"))).unwrap()
    }

    /// Has the kernel meet an error on the disk that `hub` sees; ext4 does the rest.
    fn break_under(&self, hub: &Program) {
        let mounts = fs::read_to_string(format!("/proc/{}/mounts", hub.id())).unwrap();
        let own = format!(" {} ext4 ", self.data.display());
        let line = mounts.lines().find(|line| line.contains(&own)).expect("it is mounted");
        let device = line.split(' ').next().unwrap().trim_start_matches("/dev/");
        fs::write(format!("/sys/fs/ext4/{device}/trigger_fs_error"), "1").unwrap();
    }

    fn repair(&self) {
        let checked = Command::new("e2fsck").args(["-f", "-y"]).arg(&self.image).output().unwrap();
        // 0: nothing wrong, 1: wrong and put right.
        assert!(matches!(checked.status.code(), Some(0 | 1)), "{checked:?}");
    }
}

fn token(hub: &Program, disk: &Disk, name: &str) -> String {
    let inside = format!("/proc/{}/root{}", hub.id(), disk.data.join("belfry").display());
    let created = Command::new(BINARY)
        .args(["token", "create", "--role", "analyst", "--name", name, "--data", &inside])
        .output()
        .unwrap();
    assert!(created.status.success(), "{}", String::from_utf8_lossy(&created.stderr));
    String::from_utf8(created.stdout).unwrap().trim().to_owned()
}

fn send(hub: &Program, host: &str) -> Sent {
    let mail = format!("Subject: x\r\n\r\nhttps://{host}/\r\n");
    Smtp::connect(hub.address("smtp")).unwrap().send(mail.as_bytes()).unwrap()
}

fn case(api: &Api, host: &str) -> u64 {
    let find = || {
        let cases = api.get_json("/api/v1/cases").ok()?;
        let mut items = cases["items"].as_array()?.iter();
        items.find(|case| case["target"] == host)?["id"].as_u64()
    };
    wait_for(find, PATIENCE).unwrap_or_else(|| panic!("{host} has no case"))
}

fn blocks(hub: &Program) -> Option<()> {
    let answer = ask(hub.address("dns"), BLOCKED, Duration::from_millis(500)).ok()?;
    (answer.addresses == [std::net::Ipv4Addr::LOCALHOST]).then_some(())
}

#[test]
fn a_disk_that_turns_read_only_loses_nothing_and_blocks_hold() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::make(folder.path()) else { return };
    let config = folder.path().join("belfry.toml");
    fs::write(&config, configuration("[intake]\nfree_bytes_min = 0\n")).unwrap();
    let hub = disk.hub(&config);
    let api = Api::new(hub.address("http"), &token(&hub, &disk, "before"));
    let mut receipts = Vec::new();
    for host in [BLOCKED, "open.example"] {
        let Sent::Received(receipt) = send(&hub, host) else { panic!("{host} is refused") };
        receipts.push(receipt);
    }
    let verdict = json!({"verdict": "phishing", "reason": "a drill"});
    let confirm = |case: u64| api.post_json(&format!("/api/v1/cases/{case}/verdict"), &verdict);
    assert_eq!(confirm(case(&api, BLOCKED)).unwrap().status, 200);
    wait_for(|| blocks(&hub), PATIENCE).expect("it is blocked");
    let open = case(&api, "open.example");

    disk.break_under(&hub);
    for _ in 0..3 {
        let Sent::Refused(words) = send(&hub, "late.example") else { panic!("it is taken") };
        assert!(words.starts_with("451 4.3."), "{words}");
        let reply = api.post("/api/v1/reports", "message/rfc822", b"Subject: x\r\n\r\ny\r\n");
        assert_eq!(reply.unwrap().status, 503);
    }
    let refused = confirm(open).unwrap();
    assert_eq!(refused.status, 503, "{refused}");
    blocks(&hub).expect("it is blocked still");
    let ready = Api::new(hub.address("metrics"), "").get("/readyz").unwrap();
    assert_eq!(ready.status, 503, "{ready}");

    drop(hub);
    disk.repair();
    let hub = disk.hub(&config);
    let api = Api::new(hub.address("http"), &token(&hub, &disk, "after"));
    for receipt in &receipts {
        let read = || {
            let report = api.get_json(&format!("/api/v1/reports/{receipt}")).ok()?;
            (report["status"] == "read").then_some(())
        };
        wait_for(read, PATIENCE).unwrap_or_else(|| panic!("{receipt} is lost"));
    }
    wait_for(|| blocks(&hub), PATIENCE).expect("the order is lost");
    let status = api.get_json(&format!("/api/v1/cases/{open}")).unwrap()["status"].clone();
    assert_eq!(status, "open", "a verdict that was refused holds");
    assert!(matches!(send(&hub, "again.example"), Sent::Received(_)));
}
