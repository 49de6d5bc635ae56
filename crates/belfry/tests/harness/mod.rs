//! The real binary under test, on ports of its own, spoken to as a user would.

#![allow(dead_code, reason = "each of the tests uses a part of it")]

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

const BINARY: &str = env!("CARGO_BIN_EXE_belfry");
const PATIENCE: Duration = Duration::from_secs(60);
const CONFIG: &str = "[listen]\nsmtp = [\"127.0.0.1:0\"]\nhttp = \"127.0.0.1:0\"\n\
                      metrics = \"127.0.0.1:0\"\n[transfers]\nlisten = [\"127.0.0.1:0\"]\n[follow]\nreport_seconds = 1\nsave_seconds = 1\n\
                      [gate]\nlisten = [\"127.0.0.1:0\"]\nupstreams = [\"127.0.0.1:9\"]\n\
                      warning = { ipv4 = \"127.0.0.1\" }\n[warning]\nlisten = \"127.0.0.1:0\"\n";

/// A running `belfry`, stopped by its own id when dropped.
pub(crate) struct Belfry {
    name: &'static str,
    child: Child,
    addresses: HashMap<String, SocketAddr>,
    data: Option<TempDir>,
}

impl Belfry {
    /// `belfry up` over a new data folder.
    pub(crate) fn up(name: &'static str) -> Self {
        Self::up_again(name, TempDir::new().unwrap())
    }

    /// `belfry up` over a folder that was used before.
    pub(crate) fn up_again(name: &'static str, data: TempDir) -> Self {
        Self::start(name, &["up"], data, "")
    }

    /// `belfry up` with more of a configuration, its log at trace level in the file `log`.
    pub(crate) fn up_with(name: &'static str, more: &str, data: TempDir) -> Self {
        Self::start(name, &["--log", "trace", "up"], data, more)
    }

    /// `belfry gate` following the hub at `url`, which `certificate` vouches for.
    pub(crate) fn gate_trusting(
        name: &'static str,
        url: &str,
        token: &str,
        certificate: &Path,
    ) -> Self {
        let data = TempDir::new().unwrap();
        let file = data.path().join("token");
        fs::write(&file, token).unwrap();
        let (file, certificate) = (file.to_str().unwrap(), certificate.to_str().unwrap());
        let arguments = ["gate", "--hub", url, "--token-file", file, "--ca-file", certificate];
        Self::start(name, &arguments, data, "")
    }

    /// `belfry gate` following `hub`.
    pub(crate) fn gate(name: &'static str, hub: &Belfry, token: &str) -> Self {
        Self::gate_again(name, &hub.url(), token, TempDir::new().unwrap())
    }

    /// `belfry gate` over a folder that was used before.
    pub(crate) fn gate_again(name: &'static str, url: &str, token: &str, data: TempDir) -> Self {
        let file = data.path().join("token");
        fs::write(&file, token).unwrap();
        let file = file.to_str().unwrap().to_owned();
        Self::start(name, &["gate", "--hub", url, "--token-file", &file], data, "")
    }

    /// `belfry sms` of the operator telco-1 following `hub`, without an SMSC behind it; its log
    /// at trace level in the file `log`.
    pub(crate) fn sms(name: &'static str, url: &str, token: &str, data: TempDir) -> Self {
        let file = data.path().join("token");
        fs::write(&file, token).unwrap();
        let file = file.to_str().unwrap().to_owned();
        Self::sms_at(name, url, &["--smsc", "127.0.0.1:9"], &file, data)
    }

    /// The same with more arguments, its SMSC among them.
    pub(crate) fn sms_at(
        name: &'static str,
        url: &str,
        more: &[&str],
        file: &str,
        data: TempDir,
    ) -> Self {
        let ports = ["--decide", "127.0.0.1:0", "--listen", "127.0.0.1:0"];
        let ports = if more.contains(&"--listen") { &ports[..2] } else { &ports[..] };
        let follows = ["--operator", "telco-1", "--hub", url, "--token-file", file];
        let arguments = [&["--log", "trace", "sms"][..], more, ports, &follows].concat();
        Self::start(name, &arguments, data, "")
    }

    /// `belfry sms`, by its configuration alone.
    pub(crate) fn sms_by(name: &'static str, more: &str, data: TempDir) -> Self {
        Self::start(name, &["--log", "trace", "sms"], data, more)
    }

    /// `belfry gate`, run by a command of the caller's own.
    pub(crate) fn gate_by(
        name: &'static str,
        command: Command,
        url: &str,
        token: &str,
        data: TempDir,
    ) -> Self {
        let file = data.path().join("token");
        fs::write(&file, token).unwrap();
        let arguments = ["gate", "--hub", url, "--token-file", file.to_str().unwrap()];
        Self::start_command(name, command, &arguments, data, CONFIG)
    }

    /// `belfry up` with its API at a given address, over a folder that was used before.
    pub(crate) fn up_at(name: &'static str, http: SocketAddr, data: TempDir) -> Self {
        let config = CONFIG.replace("http = \"127.0.0.1:0\"", &format!("http = \"{http}\""));
        Self::start_by(name, &["up"], data, &config)
    }

    fn start(name: &'static str, arguments: &[&str], data: TempDir, more: &str) -> Self {
        Self::start_by(name, arguments, data, &format!("{CONFIG}{more}"))
    }

    fn start_by(name: &'static str, arguments: &[&str], data: TempDir, text: &str) -> Self {
        Self::start_command(name, Command::new(BINARY), arguments, data, text)
    }

    fn start_command(
        name: &'static str,
        mut command: Command,
        arguments: &[&str],
        data: TempDir,
        text: &str,
    ) -> Self {
        let config = data.path().join("belfry.toml");
        fs::write(&config, text).unwrap();
        let log = fs::File::create(data.path().join("log")).unwrap();
        let log = if arguments.contains(&"--log") { log.into() } else { Stdio::inherit() };
        let mut child = command
            .args(arguments)
            .arg("--config")
            .arg(&config)
            .arg("--data")
            .arg(data.path().join("data"))
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut addresses = HashMap::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            let Some((port, address)) = line.split_once(' ') else {
                assert_eq!(line, "ready", "{name}");
                return Self { name, child, addresses, data: Some(data) };
            };
            addresses.insert(port.to_owned(), address.parse().unwrap());
        }
        panic!("{name} ended before it was ready");
    }

    /// Stops it as an administrator would; it must exit 0. Gives its folder back.
    pub(crate) fn stop(mut self) -> TempDir {
        self.terminate();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{} ended with {status}", self.name);
        self.data.take().unwrap()
    }

    fn terminate(&self) {
        self.signal("TERM");
    }

    /// Sends it a signal, by its own id.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Its process's id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn address(&self, port: &str) -> SocketAddr {
        *self.addresses.get(port).unwrap_or_else(|| panic!("{} has no {port}", self.name))
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address("http"))
    }

    /// The data folder.
    pub(crate) fn folder(&self) -> std::path::PathBuf {
        self.data.as_ref().unwrap().path().join("data")
    }

    /// What a port of metrics answers.
    pub(crate) fn metrics(&self, path: &str) -> String {
        http_get(self.address("metrics"), path, "localhost")
    }

    pub(crate) fn has_snapshot(&self) -> bool {
        fs::read_dir(self.folder().join("gate")).is_ok_and(|mut files| files.next().is_some())
    }

    /// A CLI command against this hub; it must succeed.
    pub(crate) fn cli(&self, arguments: &[&str]) -> String {
        String::from_utf8(self.cli_bytes(arguments)).unwrap()
    }

    pub(crate) fn cli_bytes(&self, arguments: &[&str]) -> Vec<u8> {
        cli(&self.folder(), arguments)
    }

    /// A CLI command against this hub that must be refused; answers what it said.
    pub(crate) fn refused(&self, arguments: &[&str]) -> String {
        let output =
            Command::new(BINARY).args(arguments).arg("--data").arg(self.folder()).output().unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    /// A CLI command with `--json`.
    pub(crate) fn api(&self, arguments: &[&str]) -> Value {
        let mut arguments = arguments.to_vec();
        arguments.push("--json");
        serde_json::from_slice(&self.cli_bytes(&arguments)).unwrap()
    }

    /// A CLI command over the folder of a hub that has been stopped.
    pub(crate) fn offline(data: &Path, arguments: &[&str]) -> String {
        String::from_utf8(cli(&data.join("data"), arguments)).unwrap()
    }

    /// Waits until the report is read; answers its first case.
    pub(crate) fn case_of(&self, receipt: &str) -> Value {
        let mut case = Value::Null;
        self.until("the report was read", || {
            let report = self.api(&["report", "show", receipt]);
            case = report["cases"][0].clone();
            report["status"] == "read"
        });
        self.api(&["case", "show", &case.to_string()])
    }

    pub(crate) fn until_blocked(&self, host: &str) {
        self.until("the block held", || ask(self.address("dns"), host).1 == ["127.0.0.1"]);
    }

    /// Waits for `condition`, not for ever.
    pub(crate) fn until(&self, what: &str, mut condition: impl FnMut() -> bool) {
        let start = Instant::now();
        while !condition() {
            assert!(start.elapsed() < PATIENCE, "{}: not until {what}", self.name);
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The warning page as a browser asks for it.
    pub(crate) fn get_page(&self, host: &str) -> String {
        http_get(self.address("warning"), "/", host)
    }
}

impl Drop for Belfry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn cli(data: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(BINARY).args(arguments).arg("--data").arg(data).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
    output.stdout
}

/// Runs `belfry feed mirror` until it prints `ready`.
pub(crate) fn mirror(folder: &Path, url: &str, more: &[&str]) -> (Child, String) {
    let mut child = Command::new(BINARY)
        .args(["feed", "mirror", "--hub", url, "--config"])
        .arg(folder.join("mirror.toml"))
        .arg("--token-file")
        .arg(folder.join("hub.token"))
        .args(more)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let lines: Vec<String> =
        lines.by_ref().map_while(Result::ok).take_while(|l| l != "ready").collect();
    (child, lines.join("\n"))
}

/// One GET over a connection of its own.
pub(crate) fn http_get(at: SocketAddr, path: &str, host: &str) -> String {
    let mut stream = TcpStream::connect(at).unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Sends a mail byte for byte (BDAT); answers its receipt.
pub(crate) fn send(server: SocketAddr, mail: &[u8]) -> String {
    send_from(server, "citizen@mail.example", mail)
}

/// The same, of this sender.
pub(crate) fn send_from(server: SocketAddr, sender: &str, mail: &[u8]) -> String {
    let mut stream = BufReader::new(TcpStream::connect(server).unwrap());
    let mut say = |bytes: &[u8]| {
        stream.get_mut().write_all(bytes).unwrap();
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).unwrap();
            assert!(line.starts_with('2'), "{line}");
            if line.as_bytes()[3] == b' ' {
                return line.trim_end().to_owned();
            }
        }
    };
    say(b"");
    say(b"EHLO test.localhost\r\n");
    say(format!("MAIL FROM:<{sender}>\r\n").as_bytes());
    say(b"RCPT TO:<suspicious@csirt.example>\r\n");
    let mut content = format!("BDAT {} LAST\r\n", mail.len()).into_bytes();
    content.extend_from_slice(mail);
    let accepted = say(&content);
    accepted.strip_prefix("250 2.0.0 received as ").expect("a receipt").to_owned()
}

/// Asks for A over UDP with plain octets: answer code, and addresses.
pub(crate) fn ask(server: SocketAddr, name: &str) -> (u8, Vec<String>) {
    let mut query = vec![0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        query.push(u8::try_from(label.len()).unwrap());
        query.extend_from_slice(label.as_bytes());
    }
    query.extend_from_slice(&[0, 0, 1, 0, 1]);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    socket.send_to(&query, server).unwrap();
    let mut answer = [0; 512];
    let Ok(length) = socket.recv(&mut answer) else { return (2, Vec::new()) };
    let count = u16::from_be_bytes([answer[6], answer[7]]);
    // Each answer of ours is a pointer, type, class, TTL, length and four octets.
    let records = answer[query.len()..length].chunks_exact(16).take(count.into());
    let addresses = records.map(|r| format!("{}.{}.{}.{}", r[12], r[13], r[14], r[15])).collect();
    (answer[3] & 15, addresses)
}
