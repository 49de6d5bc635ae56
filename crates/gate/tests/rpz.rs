//! Foreign zones as clients see them: a gate that follows no hub, with real
//! sockets and a zone file that changes under it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::net::{SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use belfry_gate::{Gate, GateSettings, ZoneSettings, ZonesChange};
use belfry_journal::UnixMillis;
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

struct Stage {
    address: SocketAddr,
    reload: Arc<Notify>,
    stop: CancellationToken,
    _runtime: Runtime,
}

impl Stage {
    fn new(files: &[PathBuf]) -> Self {
        let zone = |file: &PathBuf| ZoneSettings::of_file(file.clone());
        let settings = GateSettings {
            listen: vec![SocketAddr::from((belfry_testbed::loopback(), 0))],
            // Nobody answers there: what passes is SERVFAIL.
            upstreams: vec![belfry_testbed::free_addr().into()],
            upstream_timeout_ms: 50,
            zones: files.iter().map(zone).collect(),
            zones_check_seconds: 0,
            ..GateSettings::default()
        };
        let gate = Gate::new(settings, || UnixMillis(1)).unwrap();
        assert!(matches!(gate.load_zones(None, true).unwrap(), ZonesChange::Taken { .. }));
        gate.serve_zones();
        let runtime = Runtime::new().unwrap();
        let stop = CancellationToken::new();
        let bound = runtime.block_on(gate.bind(None)).unwrap();
        let address = bound.addresses()[0];
        runtime.spawn(bound.run(stop.clone()));
        let reload = Arc::new(Notify::new());
        let folder = files[0].parent().unwrap().to_owned();
        runtime.spawn(gate.watch_zones(folder, Arc::clone(&reload), stop.clone()));
        Self { address, reload, stop, _runtime: runtime }
    }

    /// The answer's code and how many records it has; none for no answer.
    fn ask(&self, name: &str) -> Option<(u8, u8)> {
        let socket = UdpSocket::bind((self.address.ip(), 0)).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(700))).unwrap();
        let mut query = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0".to_vec();
        for label in name.split('.') {
            query.push(u8::try_from(label.len()).unwrap());
            query.extend(label.bytes());
        }
        query.extend(b"\0\0\x01\0\x01");
        socket.send_to(&query, self.address).unwrap();
        let mut answer = [0; 1_232];
        let length = socket.recv(&mut answer).ok()?;
        assert!(length >= query.len() && answer[..2] == query[..2]);
        Some((answer[3] & 15, answer[7]))
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

const SERVFAIL: Option<(u8, u8)> = Some((2, 0));
const NXDOMAIN: Option<(u8, u8)> = Some((3, 0));

#[test]
fn every_action_is_taken_and_zones_come_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let files = ["one.zone", "two.zone"].map(|name| folder.path().join(name));
    fs::write(
        &files[0],
        "$TTL 60\n@ SOA a. b. 1 2 3 4 5\nlocal.test A 127.0.0.2\n*.local.test A 127.0.0.2\n\
         drop.test CNAME rpz-drop.\nnodata.test CNAME *.\npass.test CNAME rpz-passthru.\n",
    )
    .unwrap();
    fs::write(&files[1], "local.test CNAME .\npass.test CNAME .\nlast.test CNAME .\n").unwrap();
    let stage = Stage::new(&files);
    assert_eq!(stage.ask("local.test"), Some((0, 1)));
    assert_eq!(stage.ask("a.b.LOCAL.test"), Some((0, 1)));
    assert_eq!(stage.ask("drop.test"), None);
    assert_eq!(stage.ask("nodata.test"), Some((0, 0)));
    assert_eq!(stage.ask("pass.test"), SERVFAIL);
    assert_eq!(stage.ask("last.test"), NXDOMAIN);
    assert_eq!(stage.ask("free.test"), SERVFAIL);
}

#[test]
fn a_changed_file_holds_once_it_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("one.zone");
    fs::write(&file, "old.test CNAME .\n").unwrap();
    let stage = Stage::new(std::slice::from_ref(&file));
    assert_eq!((stage.ask("old.test"), stage.ask("new.test")), (NXDOMAIN, SERVFAIL));
    fs::write(&file, "new.test CNAME .\nmore.test CNAME .\n").unwrap();
    stage.reload.notify_one();
    let holds = || stage.ask("new.test") == NXDOMAIN;
    assert!(belfry_testbed::wait_until(holds, Duration::from_secs(30)));
    assert_eq!(stage.ask("old.test"), SERVFAIL);
}
