//! The gate as real clients see it, and with a real resolver behind it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod conversation;

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use conversation::Stage;

fn run(program: &Path, gate: SocketAddr, arguments: &str) -> String {
    let server = format!("@{}", gate.ip());
    let port = gate.port().to_string();
    let output = Command::new(program)
        .args([&server, "-p", &port])
        .args(arguments.split(' '))
        .output()
        .unwrap();
    assert!(output.status.success(), "{program:?} {arguments}: {output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    let complaint = said.lines().find(|line| line.contains("WARNING") || line.contains("arning:"));
    assert_eq!(complaint, None, "{program:?} {arguments}:\n{said}");
    said
}

fn blocking_stage() -> Stage {
    let mut stage = Stage::new("");
    stage.play("order block domain evil.example phishing").unwrap();
    stage
}

/// `kdig` and `dig` take the same arguments here, and both complain in words
/// about a malformed message.
fn check_client(program: &str) {
    let Some(client) = belfry_testbed::peer(program) else { return };
    let stage = blocking_stage();
    let ask = |arguments: &str| run(&client, stage.address(), arguments);
    let redirect = ask("www.evil.example A +dnssec +retry=0");
    assert!(
        redirect.contains("192.0.2.80") && redirect.contains("phishing; order 1"),
        "{redirect}"
    );
    assert!(!redirect.contains("RRSIG"), "{redirect}");
    assert!(ask("evil.example AAAA +dnssec").contains("2001:db8::80"));
    for rtype in ["TYPE65", "MX", "TXT", "NS", "DS", "DNSKEY", "CAA"] {
        let said = ask(&format!("evil.example {rtype} +dnssec +edns=0"));
        assert!(said.contains("NOERROR") && said.contains("SOA"), "{said}");
    }
    assert!(ask("evil.example ANY +tcp +dnssec").contains("SOA"));
    assert!(ask("evil.example A +tcp").contains("192.0.2.80"));
    assert!(ask("evil.example A +noedns").contains("192.0.2.80"));
}

#[test]
fn kdig_reads_blocked_answers() {
    check_client("kdig");
}

#[test]
fn dig_reads_blocked_answers() {
    check_client("dig");
}

/// An Unbound that knows a few names by itself and asks nobody.
fn unbound_config(address: SocketAddr, folder: &Path) -> String {
    let (ip, port, folder) = (address.ip(), address.port(), folder.display());
    format!(
        "server:\n interface: {ip}\n port: {port}\n do-daemonize: no\n chroot: \"\"\n username: \"\"\n \
         directory: \"{folder}\"\n pidfile: \"\"\n use-syslog: no\n do-not-query-localhost: no\n \
         access-control: 127.0.0.0/8 allow\n local-zone: example. static\n \
         local-data: \"www.example. 3600 IN A 192.0.2.1\"\n \
         local-data: \"www.example. 3600 IN TXT 'a real resolver'\"\n\
         remote-control:\n control-enable: no\n"
    )
}

#[test]
fn a_real_unbound_answers_what_is_not_blocked() {
    let Some(unbound) = belfry_testbed::peer("unbound") else { return };
    let Some(kdig) = belfry_testbed::peer("kdig") else { return };
    let folder = tempfile::tempdir().unwrap();
    let address = belfry_testbed::free_addr();
    let config = folder.path().join("unbound.conf");
    fs::write(&config, unbound_config(address, folder.path())).unwrap();
    let mut command = Command::new(unbound);
    command.arg("-c").arg(&config).stderr(Stdio::null());
    let _unbound = belfry_testbed::Child::spawn(&mut command).unwrap();
    let stage = Stage::new(&format!("set upstreams [\"{address}\"]"));
    let up = || run(&kdig, stage.address(), "www.example A").contains("192.0.2.1");
    assert!(belfry_testbed::wait_until(up, Duration::from_secs(30)));
    let said = run(&kdig, stage.address(), "www.example TXT +dnssec");
    assert!(said.contains("a real resolver"), "{said}");
    assert!(run(&kdig, stage.address(), "none.example A").contains("NXDOMAIN"));
}
