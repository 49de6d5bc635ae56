//! What people rely on, with the real binary: a restore that followers survive, and an
//! erasure after which nothing of a report is left anywhere.

#![expect(clippy::unwrap_used, reason = "a test that can't go on stops here")]

mod harness;

use std::fs;
use std::path::Path;

use harness::{Belfry, ask, send};
use tempfile::TempDir;

const MAIL: &[u8] = include_bytes!("../fixtures/demo.eml");
const HOST: &str = "kaart.voorbeeldbank-login.example";

/// A mail about `host`, which a person can confirm.
fn mail_about(host: &str) -> Vec<u8> {
    format!(
        "From: Planted Sender <planted-sender@planted-from.example>\r\n\
         To: you@example.com\r\nSubject: planted-subject\r\n\
         Message-ID: <planted-message-id@planted-from.example>\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n\
         planted-body: confirm your card at\r\n\
         https://{host}/planted-path/login?token=planted-token#planted-fragment\r\n"
    )
    .into_bytes()
}

fn confirm(hub: &Belfry, mail: &[u8]) -> String {
    let id = hub.case_of(&send(hub.address("smtp"), mail))["id"].to_string();
    hub.cli(&["case", "confirm", &id, "--reason", "asks for card data"]);
    id
}

/// A hub with an operator's gate, backed up, then gone on: the backup does not know the
/// second block, nor the entries up to 41.
struct Lost {
    gate: Belfry,
    http: std::net::SocketAddr,
    /// The hub's folder of before.
    old: TempDir,
    backups: TempDir,
}

impl Lost {
    fn new() -> Self {
        let hub = Belfry::up("lost-hub");
        confirm(&hub, MAIL);
        let token = hub.cli(&["token", "create", "--role", "operator", "--name", "isp"]);
        let gate = Belfry::gate("lost-gate", &hub, token.trim());
        gate.until_blocked(HOST);
        let backups = TempDir::new().unwrap();
        let (to, key) = (backups.path().join("to"), backups.path().join("key"));
        let (to, key) = (to.to_str().unwrap(), key.to_str().unwrap());
        hub.cli(&["backup", "--new-key", key]);
        let said = hub.cli(&["backup", "--to", to, "--key-file", key]);
        assert!(said.contains("1 new, 0 removed, 0 missing"), "{said}");
        confirm(&hub, &mail_about("later.example"));
        hub.cli(&["journal", "void", "--through", "40", "--reason", "to be far ahead"]);
        gate.until_blocked("later.example");
        gate.until("it is at 41", || {
            gate.metrics("/metrics").contains("\nbelfry_follow_serial 41\n")
        });
        hub.until("the hub knows", || {
            fs::read_to_string(hub.folder().join("passed"))
                .is_ok_and(|text| text.ends_with(" 41\n"))
        });
        let http = hub.address("http");
        Self { gate, http, old: hub.stop(), backups }
    }

    /// Restores into a new folder and starts a hub there, where the old one was.
    fn restore(&self, flag: &str, value: &str) -> (Belfry, String) {
        let folder = TempDir::new().unwrap();
        let (from, key) = (self.backups.path().join("to"), self.backups.path().join("key"));
        let said = Belfry::offline(
            folder.path(),
            &[
                "restore",
                "--from",
                from.to_str().unwrap(),
                "--key-file",
                key.to_str().unwrap(),
                flag,
                value,
            ],
        );
        (Belfry::up_at("restored", self.http, folder), said)
    }
}

#[test]
fn a_restore_that_knows_how_far_followers_are_brings_them_back_by_itself() {
    let lost = Lost::new();
    let passed = lost.old.path().join("data/passed");
    let (hub, said) = lost.restore("--passed-file", passed.to_str().unwrap());
    // A thousand past what the file says: it is a second behind at times.
    assert!(said.contains("voids follow, entry 1042 declares it"), "{said}");
    lost.gate.until("it took the restored state", || {
        ask(lost.gate.address("dns"), "later.example").1 != ["127.0.0.1"]
    });
    lost.gate.until_blocked(HOST);
    lost.gate.until("it is in step", || {
        lost.gate.metrics("/metrics").contains("\nbelfry_follow_fresh 1\n")
    });
    confirm(&hub, &mail_about("after.example"));
    lost.gate.until_blocked("after.example");
    assert!(hub.cli(&["journal", "verify"]).contains("without gaps"));
    assert!(hub.cli(&["audit", "verify"]).contains("each as it was written"));
}

#[test]
fn a_follower_ahead_of_a_restored_hub_is_an_alarm_until_the_journal_is_filled_up() {
    let lost = Lost::new();
    let (hub, _) = lost.restore("--passed", "0");
    lost.gate
        .until("it alarms", || lost.gate.metrics("/readyz").contains("alarm: gate: this follower"));
    assert!(lost.gate.metrics("/metrics").contains("\nbelfry_follow_ahead 1\n"));
    assert_eq!(ask(lost.gate.address("dns"), "later.example").1, ["127.0.0.1"], "it blocks on");
    hub.until("the hub alarms", || {
        hub.metrics("/readyz").contains("alarm: a follower is at entry 41")
    });
    assert!(hub.metrics("/metrics").contains("\nbelfry_followers_ahead 1\n"));
    let listed = hub.cli(&["follower", "list"]);
    assert!(listed.contains("token:isp") && listed.contains("AHEAD OF THE JOURNAL"), "{listed}");
    hub.cli(&["journal", "void", "--reason", "restored this morning"]);
    lost.gate.until("it is in step", || {
        lost.gate.metrics("/metrics").contains("\nbelfry_follow_fresh 1\n")
    });
    assert_ne!(ask(lost.gate.address("dns"), "later.example").1, ["127.0.0.1"]);
    lost.gate.until_blocked(HOST);
    assert!(!hub.metrics("/readyz").contains("alarm"), "{}", hub.metrics("/readyz"));
}

/// Where `needle` is found under `folder`, in any letter case.
fn found(folder: &Path, needle: &str) -> Option<String> {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if let Some(at) = found(&path, needle) {
                return Some(at);
            }
        } else if let Ok(bytes) = fs::read(&path)
            && bytes.to_ascii_lowercase().windows(needle.len()).any(|w| w == needle.as_bytes())
        {
            return Some(path.display().to_string());
        }
    }
    None
}

#[test]
fn after_an_erasure_no_byte_of_a_report_is_found() {
    let hub = Belfry::up_with("erasure", "", TempDir::new().unwrap());
    let host = "planted-host.planted-domain.example";
    let receipt = send(hub.address("smtp"), &mail_about(host));
    let case = hub.case_of(&receipt);
    assert_eq!(case["target"], host);
    let other = send(hub.address("smtp"), MAIL);
    hub.case_of(&other);
    hub.cli(&["report", "original", &receipt]);
    let reason = "planted-reason: it names a bank";
    hub.cli(&["case", "benign", &case["id"].to_string(), "--reason", reason]);
    ask(hub.address("dns"), host);
    assert!(found(&hub.folder(), "planted-host").is_some(), "the search finds what is there");

    hub.cli(&["report", "hold", &receipt, "--reason", "planted-hold"]);
    let held = hub.refused(&["report", "erase", &receipt]);
    assert!(held.contains("is held by local:") && held.contains("planted-hold"), "{held}");
    hub.cli(&["report", "unhold", &receipt]);
    let said = hub.cli(&["report", "erase", &receipt]);
    assert_eq!(said, "erased, with 1 cases that only it raised\n");
    assert!(hub.refused(&["report", "show", &receipt]).contains("there is no report"));
    assert!(hub.cli(&["audit", "list"]).contains("erase report 1  asked for"));
    assert!(hub.cli(&["audit", "verify"]).contains("each as it was written"));
    assert!(hub.metrics("/metrics").contains("belfry_reports_erased_total{why=\"asked\"} 1"));

    let metrics = hub.metrics("/metrics").to_lowercase();
    let everything = hub.stop();
    for planted in [
        "planted-sender",
        "planted sender",
        "planted-from",
        "planted-subject",
        "planted-message",
        "planted-body",
        "planted-path",
        "planted-token",
        "planted-fragment",
        "planted-host",
        "planted-domain",
        "planted-reason",
        "planted-hold",
        "citizen@mail",
    ] {
        assert!(!metrics.contains(planted), "{planted} is in the metrics");
        assert_eq!(found(everything.path(), planted), None, "{planted}, in data or log");
    }
    let again = Belfry::up_again("erased", everything);
    assert_eq!(again.api(&["report", "show", &other])["status"], "read", "others are untouched");
}

#[test]
fn tokens_expire_and_tell_when_they_were_used() {
    let hub = Belfry::up("tokens");
    let create =
        ["token", "create", "--role", "reader", "--name", "firm", "--expires", "2100-01-31"];
    let refused = hub.refused(&create);
    assert!(refused.contains("within 3660 days"), "{refused}");
    let past = hub.refused(&[
        "token",
        "create",
        "--role",
        "reader",
        "--name",
        "x",
        "--expires",
        "2020-01-01",
    ]);
    assert!(past.contains("must lie ahead"), "{past}");
    hub.cli(&["token", "create", "--role", "reader", "--name", "firm", "--days", "30"]);
    let listed = hub.api(&["token", "list"]);
    assert!(listed["items"][0]["expires_at"].is_string(), "{listed}");
    assert!(listed["items"][0]["last_used_at"].is_null(), "{listed}");
    let upkeep = hub.cli(&["upkeep", "show"]);
    assert!(upkeep.contains("stopped  nothing"), "{upkeep}");
}
