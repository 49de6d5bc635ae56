//! `belfry operator` against a running hub, as its keeper uses it.

#[cfg(test)]
mod harness;

use std::fs;
use std::process::Command;

use harness::{Belfry, http_get, mirror, send};

#[test]
fn an_operator_is_added_configured_and_suspended() {
    let hub = Belfry::up("hub");
    assert_eq!(
        hub.cli(&["operator", "add", "isp-one", "--address", "127.0.0.0/8"]),
        "isp-one active\n"
    );
    let again = hub.refused(&["operator", "add", "isp-one"]);
    assert!(again.contains("there is a operator named isp-one already"), "{again}");
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("pdns");
    let config = |software: &str, more: &[&str]| {
        let mut arguments = vec!["operator", "config", "isp-one", "--for", software];
        arguments.extend(more);
        hub.cli(&arguments)
    };
    let shown = config("pdns", &["--dir", dir.to_str().unwrap(), "--listen", "127.71.2.1:5300"]);
    assert_eq!(std::fs::read_to_string(dir.join("recursor.conf")).unwrap(), shown);
    assert!(shown.contains("local-address=127.71.2.1:5300"), "{shown}");
    let zones = std::fs::read_to_string(dir.join("belfry.lua")).unwrap();
    assert!(zones.contains("phishing.rpz.belfry.internal"), "{zones}");
    let (primary, bind) = (hub.address("transfers"), config("bind", &[]));
    let line = format!("primaries {{ {} port {} key", primary.ip(), primary.port());
    assert!(bind.contains(&line), "{bind}");
    for software in ["unbound", "gate"] {
        assert!(config(software, &[]).contains("isp-one"), "{software}");
    }
    for software in ["kresd", "dnsdist"] {
        assert!(config(software, &[]).contains("belfry feed mirror"), "{software}");
    }
    let status = hub.cli(&["operator", "status"]);
    assert!(status.contains("allow.rpz.belfry.internal"), "{status}");
    assert_eq!(hub.cli(&["operator", "rotate", "isp-one"]), "isp-one active\n");
    assert_ne!(config("bind", &[]), bind);
    assert_eq!(hub.cli(&["operator", "suspend", "isp-one"]), "isp-one suspended\n");
    assert!(hub.cli(&["operator", "list"]).contains("suspended"));
    assert_eq!(hub.cli(&["operator", "resume", "isp-one"]), "isp-one active\n");
    assert!(hub.metrics("/metrics").contains("belfry_zones_stopped 0"));
    hub.stop();
}

#[test]
fn a_mirror_keeps_files_and_starts_again_without_its_hub() {
    let hub = Belfry::up("hub");
    let folder = tempfile::tempdir().unwrap();
    let (dir, recent) = (folder.path(), folder.path().join("belfry-recent.rpz"));
    hub.cli(&["operator", "add", "isp-one"]);
    let shown = dir.to_str().unwrap();
    hub.cli(&["operator", "config", "isp-one", "--for", "kresd", "--dir", shown]);
    let token = hub.cli(&["token", "create", "--role", "operator", "--name", "isp-one"]);
    fs::write(dir.join("hub.token"), token).unwrap();
    let (mut child, ports) = mirror(dir, &hub.url(), &["--metrics", "127.0.0.1:0"]);
    let metrics = ports.strip_prefix("metrics ").unwrap().parse().unwrap();
    assert!(fs::read_to_string(dir.join("belfry.rpz")).unwrap().contains("SOA"));
    let mail = b"From: a@shop.example\r\nSubject: pay\r\n\r\nPay: http://evil.example/x\r\n";
    let case = hub.case_of(&send(hub.address("smtp"), mail));
    let id = case["id"].to_string();
    hub.cli(&["case", "confirm", &id, "--reason", "it asks for a card number"]);
    let holds = |text: &str| fs::read_to_string(&recent).is_ok_and(|file| file.contains(text));
    hub.until("the block was in the file", || holds("\nevil.example "));
    let said = http_get(metrics, "/readyz", "localhost");
    assert!(said.ends_with("ready\n"), "{said}");
    hub.until("the hub knew", || hub.cli(&["follower", "list"]).contains("isp-one"));
    let sent = Command::new("kill").args(["-s", "TERM", &child.id().to_string()]).status().unwrap();
    assert!(sent.success() && child.wait().unwrap().success());
    let url = hub.url();
    hub.stop();
    fs::remove_file(dir.join("belfry.rpz")).unwrap();
    let (mut child, _) = mirror(dir, &url, &["--once"]);
    assert!(child.wait().unwrap().success());
    assert!(fs::read_to_string(dir.join("belfry.rpz")).unwrap().contains("\nevil.example "));
}
