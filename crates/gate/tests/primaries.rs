//! The gate as a secondary of real primaries: names that are added and removed while queries
//! run, NOTIFY, keys, and either side gone and back.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use belfry_gate::{Gate, GateSettings, PrimaryStatus, Stance, ZoneSettings};
use belfry_indicator::Domain;
use belfry_journal::UnixMillis;
use belfry_testbed::client::ask;
use belfry_testbed::{Child, free_port, peer, wait_until};
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_secs(30);
const ZONE: &str = "rpz.test";
const KEY: &str = "key \"gate\" {\n\talgorithm hmac-sha256;\n\tsecret \"cGFzc3dvcmRwYXNzd29yZHBhc3N3b3Jk\";\n};\n";
const OTHER: &str =
    "key \"gate\" { algorithm hmac-sha256; secret \"b3RoZXJvdGhlcm90aGVyb3RoZXJvdGhlcg==\"; };";

fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    UnixMillis(u64::try_from(since.as_millis()).unwrap())
}

/// The software of a primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Software {
    Bind,
    Knot,
}

/// A primary with one zone, which is changed by writing its file.
struct Primary {
    software: Software,
    program: PathBuf,
    folder: PathBuf,
    address: SocketAddr,
    child: Option<Child>,
}

impl Primary {
    /// One in this folder that tells `gate`; `None` where it is not installed.
    fn new(software: Software, folder: &Path, gate: SocketAddr) -> Option<Self> {
        let program = peer(match software {
            Software::Bind => "named",
            Software::Knot => "knotd",
        })?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let folder = folder.to_owned();
        let (dir, port) = (folder.display(), address.port());
        let (ip, gate_port) = (gate.ip(), gate.port());
        let text = match software {
            Software::Bind => format!(
                "{KEY}options {{ directory \"{dir}\"; listen-on port {port} {{ 127.0.0.1; }};\n\
                 listen-on-v6 {{ none; }}; pid-file none; session-keyfile \"{dir}/s.key\";\n\
                 managed-keys-directory \"{dir}\"; recursion no; notify explicit; notify-delay 0;\n\
                 allow-transfer {{ key gate; }}; also-notify {{ {ip} port {gate_port} key gate; }};\n\
                 }};\ncontrols {{ }};\nzone \"{ZONE}\" {{ type primary; file \"{dir}/zone\";\n\
                 ixfr-from-differences yes; journal \"{dir}/zone.jnl\"; }};\n"
            ),
            Software::Knot => format!(
                "server:\n  listen: 127.0.0.1@{port}\n  rundir: {dir}\ndatabase:\n  \
                 storage: {dir}\nkey:\n  - id: gate\n    algorithm: hmac-sha256\n    \
                 secret: cGFzc3dvcmRwYXNzd29yZHBhc3N3b3Jk\nremote:\n  - id: gate\n    \
                 address: {ip}@{gate_port}\n    key: gate\nacl:\n  - id: gate\n    key: gate\n    \
                 action: transfer\nzone:\n  - domain: {ZONE}\n    storage: {dir}\n    file: zone\n    \
                 notify: gate\n    acl: gate\n    zonefile-load: difference\n    \
                 zonefile-sync: -1\n    journal-content: changes\n"
            ),
        };
        fs::write(folder.join("server.conf"), text).unwrap();
        Some(Self { software, program, folder, address, child: None })
    }

    fn start(&mut self) {
        let mut command = Command::new(&self.program);
        if self.software == Software::Bind {
            command.args(["-f", "-n", "1"]);
        }
        command.arg("-c").arg(self.folder.join("server.conf"));
        command.stdout(Stdio::null()).stderr(Stdio::null());
        self.child = Some(Child::spawn(&mut command).unwrap());
    }

    fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.terminate(PATIENCE).unwrap();
        }
    }

    /// Writes the zone, and has it loaded where the server runs.
    fn publish(&self, serial: u32, expire: u32, names: impl IntoIterator<Item = u32>) {
        let mut text = format!(
            "$ORIGIN {ZONE}.\n$TTL 30\n@ SOA localhost. root.localhost. {serial} 3600 1 {expire} 30\n\
             @ NS localhost.\n"
        );
        for name in names {
            text += &format!("n{name}.example CNAME .\n*.n{name}.example CNAME .\n");
        }
        let new = self.folder.join("zone.new");
        fs::write(&new, text).unwrap();
        fs::rename(new, self.folder.join("zone")).unwrap();
        if self.child.is_none() {
            // BIND takes no file that its journal does not lead to.
            let _ = fs::remove_file(self.folder.join("zone.jnl"));
        }
        if let Some(child) = &self.child {
            let id = child.id().to_string();
            assert!(Command::new("kill").args(["-HUP", &id]).status().unwrap().success());
        }
    }
}

/// A gate that follows a primary; what it keeps outlives it.
struct Follower {
    gate: Gate,
    address: SocketAddr,
    stop: CancellationToken,
    running: Option<tokio::task::JoinHandle<()>>,
    runtime: Runtime,
}

impl Follower {
    fn start(listen: SocketAddr, folder: &Path, primary: SocketAddr, key: Option<&str>) -> Self {
        let mut zone = ZoneSettings::of_primary(primary, &Domain::parse(ZONE).unwrap());
        zone.key_file = key.map(|_| PathBuf::from("gate.key"));
        let settings = GateSettings {
            listen: vec![listen],
            // Nobody answers there: what passes is SERVFAIL.
            upstreams: vec![belfry_testbed::free_addr().into()],
            upstream_timeout_ms: 50,
            first_sync_seconds: 600,
            zones_change_percent_max: 100,
            zones: vec![zone],
            threads: 1,
            ..GateSettings::default()
        };
        let gate = Gate::new(settings, now).unwrap();
        gate.load_zones(Some(folder), true).unwrap();
        gate.serve_zones();
        let (runtime, stop) = (Runtime::new().unwrap(), CancellationToken::new());
        let bound = runtime.block_on(gate.bind(None)).unwrap();
        let address = bound.addresses()[0];
        let running = Some(runtime.spawn(bound.run(stop.clone())));
        let keys = key.map(|key| (PathBuf::from("gate.key"), key.parse().unwrap()));
        let keys: BTreeMap<_, _> = keys.into_iter().collect();
        let folder = folder.to_owned();
        runtime.spawn(gate.clone().follow_primaries(folder.clone(), keys, stop.clone()));
        let reload = Arc::new(Notify::new());
        runtime.spawn(gate.clone().watch_zones(folder, reload, stop.clone()));
        Self { gate, address, stop, running, runtime }
    }

    /// The code of the answer about a name; none for no answer.
    fn code(&self, name: &str) -> Option<u8> {
        let answer = ask(self.address, name, Duration::from_secs(1));
        answer.ok().map(|answer| answer.rcode)
    }

    fn blocks(&self, name: u32) -> bool {
        self.code(&format!("n{name}.example")) == Some(3)
            && self.code(&format!("www.n{name}.example")) == Some(3)
    }

    fn status(&self) -> PrimaryStatus {
        self.gate.primaries().remove(0)
    }

    /// Waits until exactly these names of the first twenty are blocked.
    fn until(&self, names: &[u32]) {
        let right = || (1..=20).all(|name| self.blocks(name) == names.contains(&name));
        assert!(wait_until(right, PATIENCE), "{names:?}: {}", self.status());
    }

    fn until_problem(&self, part: &str) {
        let told = || self.status().problem.is_some_and(|problem| problem.contains(part));
        assert!(wait_until(told, PATIENCE), "{part}: {}", self.status());
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.stop.cancel();
        // The next one takes its address.
        if let Some(running) = self.running.take() {
            let _ = self.runtime.block_on(running);
        }
    }
}

/// Where the gate listens; BIND tells only addresses of its own family and machine.
fn listen() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()))
}

fn follows(software: Software) {
    let folder = tempfile::tempdir().unwrap();
    let (of_primary, of_gate) = (folder.path().join("primary"), folder.path().join("gate"));
    fs::create_dir(&of_primary).unwrap();
    let listen = listen();
    let Some(mut primary) = Primary::new(software, &of_primary, listen) else { return };
    primary.publish(1, 3_600, 1..=12);
    // Nobody is there yet: nothing is answered, and nothing is made of it.
    let gate = Follower::start(listen, &of_gate, primary.address, Some(KEY));
    gate.until_problem("can't be reached over TCP");
    assert_eq!((gate.gate.readiness(), gate.code("n1.example")), (Stance::Silent, None));
    primary.start();
    gate.until(&(1..=12).collect::<Vec<_>>());
    assert_eq!((gate.status().serial, gate.status().problem), (Some(1), None));
    // Refresh is an hour: what comes now comes by NOTIFY.
    for (serial, names) in [(2, 2..=13), (3, 4..=14)] {
        primary.publish(serial, 3_600, names.clone());
        gate.until(&names.collect::<Vec<_>>());
    }
    let told = gate.gate.explain(&Domain::parse("www.n7.example").unwrap()).to_string();
    let expect = format!("zone rpz.test (live, serial 3, heard from {}", primary.address);
    assert!(told.contains(&expect) && told.contains("nxdomain for *.n7.example"), "{told}");
    let looks = figure(&gate, "gate_zone_looks_total{zone=\"rpz.test\",outcome=\"difference\"}");
    assert_eq!(looks.as_deref(), Some("2"), "both changes came as differences");
    assert_eq!(figure(&gate, "gate_zone_serial{zone=\"rpz.test\"}").as_deref(), Some("3"));
    // The gate goes and comes while the primary is away: it answers by what it kept.
    primary.stop();
    drop(gate);
    let gate = Follower::start(listen, &of_gate, primary.address, Some(KEY));
    assert_eq!(gate.gate.readiness(), Stance::Filtering);
    gate.until(&(4..=14).collect::<Vec<_>>());
    assert_eq!(gate.status().serial, Some(3));
    primary.publish(4, 3_600, [7, 10]);
    primary.start();
    gate.until(&[7, 10]);
    // And the primary goes and comes while the gate stays.
    primary.stop();
    primary.publish(5, 3_600, [11]);
    primary.start();
    gate.until(&[11]);
    assert!(gate.status().problem.is_none(), "{}", gate.status());
}

fn figure(gate: &Follower, name: &str) -> Option<String> {
    let mut registry = prometheus_client::registry::Registry::default();
    gate.gate.register(&mut registry);
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
    let value = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(value.trim().to_owned())
}

#[test]
fn a_real_bind_is_followed() {
    follows(Software::Bind);
}

#[test]
fn a_real_knot_is_followed() {
    follows(Software::Knot);
}

#[test]
fn a_key_that_is_missing_or_wrong_is_told_and_the_right_one_mends_it() {
    let folder = tempfile::tempdir().unwrap();
    let listen = listen();
    let Some(mut primary) = Primary::new(Software::Bind, folder.path(), listen) else { return };
    primary.publish(1, 3_600, 1..=2);
    primary.start();
    for (key, part) in [
        (None, "set the key that it asks for"),
        (Some(OTHER), "the key's secret is another there"),
        (Some("key none { algorithm hmac-sha256; secret \"AAAA\"; };"), "does not know the key"),
    ] {
        let gate = Follower::start(listen, &folder.path().join("gate"), primary.address, key);
        gate.until_problem(part);
        assert_eq!(gate.gate.readiness(), Stance::Silent);
        assert!(gate.status().alarm().unwrap().contains(part));
    }
    let gate = Follower::start(listen, &folder.path().join("gate"), primary.address, Some(KEY));
    gate.until(&[1, 2]);
}

#[test]
fn past_its_expire_a_zone_goes_on_holding_with_an_alarm() {
    let folder = tempfile::tempdir().unwrap();
    let listen = listen();
    let Some(mut primary) = Primary::new(Software::Bind, folder.path(), listen) else { return };
    primary.publish(1, 2, 1..=2);
    primary.start();
    let gate = Follower::start(listen, &folder.path().join("gate"), primary.address, Some(KEY));
    gate.until(&[1, 2]);
    assert_eq!(gate.status().alarm(), None);
    primary.stop();
    assert!(wait_until(|| gate.status().expired, PATIENCE));
    let alarm = gate.status().alarm().unwrap();
    assert!(alarm.contains("past its EXPIRE; serial 1 goes on holding"), "{alarm}");
    gate.until(&[1, 2]);
    // Over a restart too.
    drop(gate);
    let gate = Follower::start(listen, &folder.path().join("gate"), primary.address, Some(KEY));
    gate.until(&[1, 2]);
    assert!(gate.status().expired, "{}", gate.status());
}
