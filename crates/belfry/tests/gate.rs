//! `belfry gate` as an operator runs it: asked, paused and reloaded while it answers,
//! and what it keeps over a restart, over a disk that is gone, and without its hub.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use belfry_testbed::client::ask;
use belfry_testbed::{Child, Program, wait_until};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use tempfile::TempDir;

const BINARY: &str = env!("CARGO_BIN_EXE_belfry");
const PATIENCE: Duration = Duration::from_secs(30);

struct Stage {
    folder: TempDir,
    gate: Option<Program>,
    arguments: Vec<String>,
}

impl Stage {
    /// A gate of one zone with `names`, more of its configuration, and more arguments.
    fn start(names: usize, config: &str, arguments: &[String]) -> Self {
        let folder = TempDir::new().unwrap();
        let mut stage = Self { folder, gate: None, arguments: arguments.to_vec() };
        stage.write_zone(0..names);
        let certificates = stage.path("cert.pem");
        stage.write_certificate();
        let text = format!(
            "[listen]\nmetrics = \"127.61.1.1:0\"\n[gate_tls]\ncertificate = {certificates:?}\n\
             key = {:?}\n[warning]\nlisten = \"127.61.1.1:0\"\n[follow]\nreport_seconds = 1\n\
             save_seconds = 1\n[gate]\nlisten = [\"127.61.1.1:0\"]\ndot_listen = [\"127.61.1.1:0\"]\n\
             doh_listen = []\nupstreams = [\"127.61.1.1:9\"]\nupstream_timeout_ms = 200\n{config}",
            stage.path("key.pem"),
        );
        fs::write(stage.path("belfry.toml"), text).unwrap();
        stage.run();
        stage
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command.arg("gate").args(arguments);
        command.args(["--config", &self.path("belfry.toml"), "--data", &self.path("data")]);
        command.stderr(Stdio::null());
        command
    }

    fn run(&mut self) {
        let zone = self.path("rpz.test.zone");
        let mut command = self.command(&["--rpz", &zone, "--threads", "1"]);
        command.args(&self.arguments);
        self.gate = Some(Program::start(&mut command).unwrap());
    }

    fn restart(&mut self) {
        let ended = self.gate.take().unwrap().stop().unwrap();
        assert!(ended.success(), "{ended}");
        self.run();
    }

    fn write_zone(&self, names: std::ops::Range<usize>) {
        let zone = names.fold("$TTL 60\n".to_owned(), |mut text, number| {
            writeln!(text, "evil-{number}.example CNAME .").unwrap();
            text
        });
        let new = self.path("new.zone");
        fs::write(&new, zone).unwrap();
        fs::rename(new, self.path("rpz.test.zone")).unwrap();
    }

    /// A certificate in the gate's files; the same as a root for clients.
    fn write_certificate(&self) -> RootCertStore {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        fs::write(self.path("cert.pem"), made.cert.pem()).unwrap();
        fs::write(self.path("key.pem"), made.signing_key.serialize_pem()).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone()).unwrap();
        roots
    }

    fn address(&self, name: &str) -> SocketAddr {
        self.gate.as_ref().unwrap().address(name)
    }

    /// What a verb of `belfry gate` prints; an error is what it says when it refuses.
    fn verb(&self, arguments: &[&str]) -> Result<String, String> {
        let output = self.command(arguments).stderr(Stdio::piped()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
    }

    /// The code of the answer about a name.
    fn code(&self, name: &str) -> Option<u8> {
        let answer = ask(self.address("dns"), name, Duration::from_secs(5));
        answer.ok().map(|answer| answer.rcode)
    }

    fn hang_up(&self) {
        let id = self.gate.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args(["-HUP", &id]).status().unwrap().success());
    }

    fn is_trusted_by(&self, roots: &RootCertStore) -> bool {
        let config = ClientConfig::builder().with_root_certificates(roots.clone());
        let config = Arc::new(config.with_no_client_auth());
        let name = ServerName::try_from("localhost").unwrap();
        let mut client = ClientConnection::new(config, name).unwrap();
        let mut stream = TcpStream::connect(self.address("dot")).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        while client.is_handshaking() {
            if client.complete_io(&mut stream).is_err() {
                return false;
            }
        }
        true
    }
}

/// A BIND with the zone `rpz.primary.test`, given to whoever has the key.
fn bind(folder: &Path) -> Option<(Child, SocketAddr, String)> {
    let program = belfry_testbed::peer("named")?;
    let address = SocketAddr::from(([127, 0, 0, 1], belfry_testbed::free_port()));
    let (dir, port, key) = (folder.display(), address.port(), folder.join("rpz.key"));
    let text =
        "key \"gate\" {\n\talgorithm hmac-sha256;\n\tsecret \"cGFzc3dvcmRwYXNzd29yZA==\";\n};\n";
    fs::write(&key, text).unwrap();
    let config = format!(
        "{text}options {{ directory \"{dir}\"; listen-on port {port} {{ 127.0.0.1; }};\n\
         listen-on-v6 {{ none; }}; pid-file none; session-keyfile \"{dir}/s.key\";\n\
         managed-keys-directory \"{dir}\"; recursion no; allow-transfer {{ key gate; }}; }};\n\
         controls {{ }};\nzone \"rpz.primary.test\" {{ type primary; file \"{dir}/zone\"; }};\n"
    );
    fs::write(folder.join("named.conf"), config).unwrap();
    let zone = "$TTL 30\n@ SOA localhost. root.localhost. 42 3600 1 3600 30\n@ NS localhost.\n\
                far.example CNAME .\nevil-1.example CNAME rpz-passthru.\n";
    fs::write(folder.join("zone"), zone).unwrap();
    let mut command = Command::new(program);
    command.args(["-f", "-n", "1", "-c"]).arg(folder.join("named.conf")).stderr(Stdio::null());
    Some((Child::spawn(&mut command).unwrap(), address, key.to_str().unwrap().to_owned()))
}

#[test]
fn a_primary_is_followed_beside_a_file() {
    let folder = TempDir::new().unwrap();
    let Some((mut bind, primary, key)) = bind(folder.path()) else { return };
    let zone = format!("{primary}#rpz.primary.test");
    let arguments = ["--rpz", &zone, "--rpz-key", &key].map(ToOwned::to_owned);
    let mut stage = Stage::start(3, "first_sync_seconds = 600\n", &arguments);
    assert!(wait_until(|| stage.code("far.example") == NXDOMAIN, PATIENCE));
    assert_eq!(stage.code("evil-1.example"), NXDOMAIN, "the file comes first");
    let told = stage.verb(&["explain", "far.example"]).unwrap();
    let expect = format!("zone rpz.primary.test (live, serial 42, heard from {primary} ");
    assert!(told.contains(&expect), "{told}");
    let status = stage.verb(&["status"]).unwrap();
    let expect = format!("filtering\nzone rpz.primary.test: serial 42, heard from {primary} ");
    assert!(status.starts_with(&expect), "{status}");
    bind.terminate(PATIENCE).unwrap();
    stage.restart();
    assert_eq!(stage.code("far.example"), NXDOMAIN, "by what is kept");
    let unread = stage.command(&["--rpz", &zone, "--rpz-key", &stage.path("belfry.toml")]);
    let refused = { unread }.stderr(Stdio::piped()).output().unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && said.contains("tsig-keygen"), "{said}");
}

const NXDOMAIN: Option<u8> = Some(3);
const SERVFAIL: Option<u8> = Some(2);

#[test]
fn a_running_gate_is_asked_paused_and_goes_on_over_a_restart() {
    let mut stage = Stage::start(3, "", &[]);
    let told = stage.verb(&["explain", "evil-1.example"]).unwrap();
    assert!(told.contains("zone rpz.test (live) says nxdomain for evil-1.example"), "{told}");
    assert_eq!(stage.verb(&["status"]).unwrap(), "filtering\n");
    assert_eq!(stage.code("evil-1.example"), NXDOMAIN);
    stage.verb(&["pause"]).unwrap();
    assert_eq!(stage.code("evil-1.example"), SERVFAIL, "asked upstream, where nobody is");
    stage.restart();
    assert_eq!(stage.verb(&["status"]).unwrap(), "filtering, paused\n");
    assert_eq!(stage.code("evil-1.example"), SERVFAIL);
    stage.verb(&["resume"]).unwrap();
    assert_eq!(stage.code("evil-1.example"), NXDOMAIN);
    assert!(stage.verb(&["confirm"]).unwrap_err().contains("no change of the orders is held"));
    assert!(stage.verb(&["explain", "..."]).is_err());
    drop(stage.gate.take());
    assert!(stage.verb(&["status"]).unwrap_err().contains("no gate runs on this data folder"));
}

#[test]
fn a_hangup_reads_zones_and_certificates_again_and_takes_what_is_held() {
    let stage = Stage::start(300, "zones_check_seconds = 1\n", &[]);
    assert_eq!(stage.code("evil-299.example"), NXDOMAIN);
    stage.write_zone(0..20);
    std::thread::sleep(Duration::from_millis(2_500));
    assert_eq!(stage.code("evil-299.example"), NXDOMAIN, "too many would go: held");
    let new = stage.write_certificate();
    assert!(!stage.is_trusted_by(&new));
    stage.hang_up();
    assert!(wait_until(|| stage.is_trusted_by(&new), PATIENCE));
    assert!(wait_until(|| stage.code("evil-299.example") == SERVFAIL, PATIENCE));
    assert_eq!(stage.code("evil-19.example"), NXDOMAIN);
    fs::write(stage.path("cert.pem"), "no certificate").unwrap();
    stage.hang_up();
    std::thread::sleep(Duration::from_millis(500));
    assert!(stage.is_trusted_by(&new), "the old one stays");
}

#[test]
fn without_hub_and_disk_the_gate_answers() {
    let nowhere = belfry_testbed::free_addr();
    let token = TempDir::new().unwrap();
    let file = token.path().join("token");
    fs::write(&file, "a token").unwrap();
    let hub = [
        "--hub".to_owned(),
        format!("http://{nowhere}"),
        "--token-file".to_owned(),
        file.to_str().unwrap().to_owned(),
    ];
    let config = "first_sync_seconds = 0\n";
    let stage = Stage::start(3, config, &hub);
    let filters = || stage.code("evil-1.example") == NXDOMAIN;
    assert!(wait_until(filters, PATIENCE), "the zones hold without the hub");
    take_away(&stage.folder.path().join("data"));
    assert!(filters());
    assert_eq!(stage.code("localhost"), Some(0));
    let told = stage.verb(&["status"]);
    assert!(told.is_err(), "its socket went with the folder: {told:?}");
    assert!(filters());
}

/// Takes a folder away, as a disk does that fails.
fn take_away(folder: &Path) {
    fs::remove_dir_all(folder).unwrap();
    fs::write(folder, "in its place").unwrap();
}
