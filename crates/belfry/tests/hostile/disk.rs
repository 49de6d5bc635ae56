//! Disks that are full, low or read-only, and a key that is gone.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use belfry_testbed::client::{Api, Sent, Smtp};
use belfry_testbed::{Program, skip, wait_for};

use crate::doors::{BINARY, Doors, PATIENCE, configuration};

/// A command in a mount namespace of its own in which `data` is a small disk.
fn on_a_small_disk(data: &Path, options: &str, run: &str) -> Command {
    let mut command = Command::new("unshare");
    let script = format!("mount -t tmpfs -o {options} tmpfs \"$0\" && {run} exec \"$@\"");
    command.args(["-Urm", "sh", "-c"]).arg(script).arg(data);
    command
}

fn has_small_disks(data: &Path) -> bool {
    let tried = on_a_small_disk(data, "size=1m", "").arg("true").output();
    let can = tried.is_ok_and(|output| output.status.success());
    if !can {
        skip("small disks", "this user can't mount one in a namespace of its own");
    }
    can
}

/// Fills the disk of `folder` to the last block.
fn fill(folder: &Path) -> PathBuf {
    let filler = folder.join("filler");
    let mut file = fs::File::create(&filler).unwrap();
    for size in [1 << 16, 1 << 12, 1] {
        while file.write_all(&vec![b'x'; size]).is_ok() {}
    }
    filler
}

#[test]
fn a_full_disk_puts_mails_off_loses_none_and_is_got_over() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    if !has_small_disks(&data) {
        return;
    }
    let config = folder.path().join("belfry.toml");
    fs::write(&config, configuration("[intake]\nfree_bytes_min = 0\n")).unwrap();
    let mut command = on_a_small_disk(&data, "size=48m,mode=0700", "");
    command.arg(BINARY).arg("up").arg("--config").arg(&config).arg("--data").arg(&data);
    let hub = Program::start(&mut command).unwrap();
    let inside = PathBuf::from(format!("/proc/{}/root{}", hub.id(), data.display()));
    let token = Command::new(BINARY)
        .args(["token", "create", "--role", "analyst", "--name", "full", "--data"])
        .arg(&inside)
        .output()
        .unwrap();
    assert!(token.status.success(), "{}", String::from_utf8_lossy(&token.stderr));
    let api = Api::new(hub.address("http"), String::from_utf8(token.stdout).unwrap().trim());
    let mail = |number: u32| {
        let mut mail = format!("Subject: {number}\r\n\r\nhttps://h{number}.example/\r\n");
        mail.push_str(&"x".repeat(64 << 10));
        mail.into_bytes()
    };
    let send = |number| Smtp::connect(hub.address("smtp")).ok()?.send(&mail(number)).ok();

    let mut receipts = Vec::new();
    for round in 0..3 {
        let filler = fill(&inside);
        let mut put_off = 0;
        for number in 0..100 {
            match send(round * 1_000 + number).expect("an answer") {
                Sent::Received(receipt) => receipts.push(receipt),
                Sent::Refused(words) => {
                    assert!(words.starts_with("451 4.3.1 "), "{words}");
                    put_off += 1;
                }
            }
            if put_off == 5 {
                break;
            }
        }
        assert_eq!(put_off, 5, "a full disk took everything");
        fs::remove_file(filler).unwrap();
        let taken = || match send(round * 1_000 + 500)? {
            Sent::Received(receipt) => Some(receipt),
            Sent::Refused(_) => None,
        };
        receipts.push(wait_for(taken, PATIENCE).expect("it is not got over"));
    }
    for receipt in &receipts {
        let read = || {
            let report = api.get_json(&format!("/api/v1/reports/{receipt}")).ok()?;
            let in_case = report["cases"].as_array().is_some_and(|cases| !cases.is_empty());
            (report["status"] == "read" && in_case).then_some(())
        };
        wait_for(read, PATIENCE)
            .unwrap_or_else(|| panic!("{receipt} was acknowledged and is lost"));
    }
}

#[test]
fn below_the_floor_reports_are_put_off_and_it_is_said() {
    let doors = Doors::open("[intake]\nfree_bytes_min = 9000000000000000000\n");
    let words = doors.smtp().say(b"MAIL FROM:<a@c.example>\r\n").unwrap();
    assert!(words.starts_with("451 4.3.1 "), "{words}");
    let reply = doors.api.post("/api/v1/reports", "message/rfc822", b"x").unwrap();
    assert_eq!(reply.status, 503);
    let metrics = Api::new(doors.hub.address("metrics"), "");
    let ready = metrics.get("/readyz").unwrap();
    assert_eq!(ready.status, 503);
    let words = String::from_utf8(ready.body).unwrap();
    assert!(words.contains("intake.free_bytes_min"), "{words}");
    let text = String::from_utf8(metrics.get("/metrics").unwrap().body).unwrap();
    assert!(text.contains("belfry_intake_put_off_disk_low 1\n"), "{text}");
}

#[test]
fn a_read_only_disk_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    if !has_small_disks(&data) {
        return;
    }
    let remount = "mount -o remount,ro \"$0\" &&";
    let mut command = on_a_small_disk(&data, "size=8m", remount);
    let output = command.arg(BINARY).args(["up", "--data"]).arg(&data).output().unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && words.contains("Read-only file system"), "{words}");
    assert!(words.contains(data.to_str().unwrap()), "{words}");
}

#[test]
fn a_missing_key_is_refused_at_the_start_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let config = configuration("");
    let mut hub = belfry_testbed::Hub::start(Path::new(BINARY), &data, &config).unwrap();
    let sent =
        Smtp::connect(hub.address("smtp")).unwrap().send(b"Subject: x\r\n\r\ny\r\n").unwrap();
    assert!(matches!(sent, Sent::Received(_)), "{sent:?}");
    hub.stop().unwrap();
    for key in ["evidence.key", "names.key", "reporters.key"] {
        let (path, aside) = (data.join("keys").join(key), folder.path().join("aside"));
        fs::rename(&path, &aside).unwrap();
        let output = Command::new(BINARY).args(["up", "--data"]).arg(&data).output().unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{key}");
        assert!(words.contains(key) && words.contains("backup"), "{words}");
        assert!(!path.exists(), "{key} was made anew");
        fs::rename(&aside, &path).unwrap();
    }
    let hub = belfry_testbed::Hub::start(Path::new(BINARY), &data, &config).unwrap();
    assert!(Smtp::connect(hub.address("smtp")).is_ok());
}
