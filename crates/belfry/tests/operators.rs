//! `belfry operator` against a running hub, as its keeper uses it.

#[cfg(test)]
mod harness;

use harness::Belfry;

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
        let said = hub.refused(&["operator", "config", "isp-one", "--for", software]);
        assert!(said.contains("reads zones from files"), "{said}");
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
