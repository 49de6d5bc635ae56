//! The software of operators: how each is started with the hub's own configuration for it,
//! and with a key or a clock that is wrong.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::proxy::Wire;
use super::upstream::Upstream;
use crate::client::Api;
use crate::net::{free_port, loopback};
use crate::peer::peer;
use crate::process::Child;
use crate::program::Program;
use crate::skip::skip;

/// How long a server has to stop.
const STOP: Duration = Duration::from_secs(20);
/// A secret that nobody has.
const WRONG: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// What an operator runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Software {
    Bind,
    Unbound,
    PowerDns,
    Gate,
}

impl Software {
    pub(super) const ALL: [Self; 4] = [Self::Bind, Self::Unbound, Self::PowerDns, Self::Gate];

    /// Its word in `belfry operator config --for`, which is its operator's name here too.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Bind => "bind",
            Self::Unbound => "unbound",
            Self::PowerDns => "pdns",
            Self::Gate => "gate",
        }
    }

    /// Whether its transfers are signed.
    pub(super) fn signs(self) -> bool {
        matches!(self, Self::Bind | Self::PowerDns)
    }

    fn program(self, binary: &Path) -> Option<PathBuf> {
        match self {
            Self::Bind => peer("named"),
            Self::Unbound => peer("unbound"),
            Self::PowerDns => peer("pdns_recursor"),
            Self::Gate => Some(binary.to_owned()),
        }
    }
}

/// The key that a server is configured with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// Its operator's newest.
    Right,
    Wrong,
    Missing,
}

/// One server with its own wire to the hub and its own upstream.
#[derive(Debug)]
pub(super) struct Party {
    pub(super) software: Software,
    pub(super) address: SocketAddr,
    pub(super) wire: Wire,
    upstream: Upstream,
    program: PathBuf,
    folder: PathBuf,
    process: Process,
}

#[derive(Debug)]
enum Process {
    None,
    Daemon(Child),
    Belfry(Program),
}

impl Party {
    /// Lays its wire; `None`, with the skip recorded, where it is not installed.
    pub(super) fn new(
        software: Software,
        binary: &Path,
        folder: &Path,
        hub: SocketAddr,
        seed: u64,
    ) -> io::Result<Option<Self>> {
        let Some(program) = software.program(binary) else { return Ok(None) };
        let own = loopback();
        // BIND listens on addresses of interfaces only, and the loopback's is this one.
        let address = match software {
            Software::Bind => SocketAddr::from((Ipv4Addr::LOCALHOST, free_port())),
            _ => SocketAddr::from((own, 5300)),
        };
        let folder = folder.join(software.word());
        fs::create_dir_all(&folder)?;
        let (wire, upstream) = (Wire::lay(own, hub, seed)?, Upstream::start(own)?);
        let process = Process::None;
        Ok(Some(Self { software, address, wire, upstream, program, folder, process }))
    }

    /// Its operator, as the hub's API takes it.
    pub(super) fn operator(&self) -> Value {
        // Unbound signs nothing: it is known by where it comes from.
        let addresses = match self.software {
            Software::Unbound => vec![self.wire.address.ip().to_string()],
            _ => Vec::new(),
        };
        let notify = match self.software {
            Software::Bind | Software::Unbound => vec![self.address.to_string()],
            _ => Vec::new(),
        };
        let name = self.software.word();
        serde_json::json!({ "name": name, "addresses": addresses, "notify": notify })
    }

    /// Starts it with the configuration that the hub gives out now.
    pub(super) fn start(
        &mut self,
        admin: &Api,
        hub: SocketAddr,
        key: Key,
        ahead: Option<Duration>,
    ) -> io::Result<()> {
        self.stop(false)?;
        if self.software == Software::Gate {
            return self.start_gate(ahead);
        }
        let uri = format!(
            "/api/v1/operators/{}/config?for={0}&listen={}&dir={}&upstream={}",
            self.software.word(),
            self.address,
            self.folder.display(),
            self.upstream.address
        );
        let answer = admin.get_json(&uri)?;
        for file in answer["files"].as_array().into_iter().flatten() {
            let (name, text) = (file["name"].as_str(), file["text"].as_str());
            let text = mended(text.unwrap_or_default(), hub, self.wire.address, key);
            fs::write(self.folder.join(name.unwrap_or_default()), text)?;
        }
        let log = self.log()?;
        let mut command = clocked(&self.program, ahead)?;
        command.args(self.arguments()).stdin(Stdio::null());
        command.stdout(Stdio::from(log.try_clone()?)).stderr(Stdio::from(log));
        self.process = Process::Daemon(Child::spawn(&mut command)?);
        Ok(())
    }

    fn arguments(&self) -> Vec<String> {
        let file = |name| self.folder.join(name).display().to_string();
        match self.software {
            Software::Bind => vec!["-g".into(), "-c".into(), file("named.conf")],
            Software::Unbound => vec!["-d".into(), "-c".into(), file("unbound.conf")],
            _ => vec![format!("--config-dir={}", self.folder.display())],
        }
    }

    fn start_gate(&mut self, ahead: Option<Duration>) -> io::Result<()> {
        let ip = self.address.ip();
        let config = format!(
            "[listen]\nmetrics = \"{ip}:9091\"\n[follow]\nreport_seconds = 1\nsave_seconds = 1\n\
             [gate]\nlisten = [\"{}\"]\nupstreams = [\"{}\"]\nlimit_per_second = 0\n\
             orders_change_percent_max = 100\nwarning = {{ ipv4 = \"{}\" }}\n\
             [warning]\nlisten = \"{ip}:8081\"\n",
            self.address,
            self.upstream.address,
            super::ask::WARNING
        );
        fs::write(self.folder.join("gate.toml"), config)?;
        let mut command = clocked(&self.program, ahead)?;
        command.args(["gate", "--hub", &format!("http://{}", self.wire.address)]);
        command.arg("--token-file").arg(self.folder.join("token"));
        command.arg("--config").arg(self.folder.join("gate.toml"));
        command.arg("--data").arg(self.folder.join("data")).stderr(self.log()?);
        self.process = Process::Belfry(Program::start(&mut command)?);
        Ok(())
    }

    /// Stops it, by SIGTERM or at once; does nothing where it does not run.
    pub(super) fn stop(&mut self, at_once: bool) -> io::Result<()> {
        match std::mem::replace(&mut self.process, Process::None) {
            Process::Daemon(mut child) if !at_once => drop(child.terminate(STOP)?),
            Process::Belfry(mut program) if !at_once => drop(program.stop()?),
            Process::Daemon(mut child) => child.kill(),
            Process::Belfry(mut program) => program.kill(),
            Process::None => {}
        }
        Ok(())
    }

    /// Where the gate's token is read from.
    pub(super) fn token_file(&self) -> PathBuf {
        self.folder.join("token")
    }

    /// The last lines of its log.
    pub(super) fn told(&self) -> String {
        let log = fs::read(self.folder.join("log")).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let last: Vec<_> = log.lines().rev().take(12).collect();
        last.into_iter().rev().collect::<Vec<_>>().join("\n")
    }

    fn log(&self) -> io::Result<File> {
        OpenOptions::new().create(true).append(true).open(self.folder.join("log"))
    }
}

/// A command whose clock is ahead. The program `faketime` would run it as a child of its own,
/// which outlives it; so its library is loaded here.
pub(super) fn clocked(program: &Path, ahead: Option<Duration>) -> io::Result<Command> {
    let mut command = Command::new(program);
    let Some(ahead) = ahead else { return Ok(command) };
    let library = fake_clock().ok_or_else(|| io::Error::other("no libfaketime"))?;
    command.env("LD_PRELOAD", library).env("FAKETIME", format!("+{}s", ahead.as_secs()));
    // Only the clock on the wall is wrong: what waits goes on waiting.
    command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("DONT_FAKE_MONOTONIC", "1");
    Ok(command)
}

/// Debian's libfaketime for programs with threads; `None` with the skip recorded.
pub(super) fn fake_clock() -> Option<PathBuf> {
    let machines = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let library = machines
        .map(|machine| machine.path().join("faketime/libfaketimeMT.so.1"))
        .find(|library| library.exists());
    if library.is_none() {
        skip("peer libfaketime", "is not installed (apt-get install libfaketime)");
    }
    library
}

/// The hub's configuration with the wire in the hub's place, no validation (the upstream
/// signs nothing), and this key.
fn mended(text: &str, hub: SocketAddr, wire: SocketAddr, key: Key) -> String {
    let (to, via, port) = (hub.ip(), wire.ip(), hub.port());
    let mut text = text
        .replace(&format!("primaries {{ {to} port"), &format!("primaries {{ {via} port"))
        .replace(&format!("{to}@{port}"), &format!("{via}@{port}"))
        .replace(&format!("{to}:{port}"), &format!("{via}:{port}"))
        .replace("recursion yes;", "recursion yes;\n    dnssec-validation no;")
        .replace("trust-anchor-file:", "# trust-anchor-file:")
        .replace("daemon=no", "daemon=no\ndnssec=off");
    for mark in ["secret \"", "tsigsecret = \""] {
        if key == Key::Wrong
            && let Some((_, rest)) = text.split_once(mark)
            && let Some((secret, _)) = rest.split_once('"')
        {
            text = text.replace(&secret.to_owned(), WRONG);
        }
    }
    if key == Key::Missing {
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("tsigname ="));
        text = lines.map(unsigned).collect();
    }
    text
}

/// A line of BIND's `primaries` without its key.
fn unsigned(line: &str) -> String {
    match line.split_once(" key \"") {
        Some((before, _)) if line.contains("primaries {") => format!("{before}; }};\n"),
        _ => format!("{line}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BIND: &str = "key \"k1\" {\n  secret \"c2VjcmV0\";\n};\noptions { recursion yes;\n};\n\
        primaries { 127.9.9.9 port 5354 key \"k1\"; };\nallow-notify { 127.9.9.9; };\n";
    const PDNS: &str = "rpzPrimary({\"127.9.9.9:5354\"}, \"z\", {\n  tsigname = \"k1\", tsigsecret \
        = \"c2VjcmV0\",\n  refresh = 1,\n})\n";

    fn mend(text: &str, key: Key) -> String {
        let at = |text: &str| text.parse::<SocketAddr>().unwrap();
        mended(text, at("127.9.9.9:5354"), at("127.8.8.8:5354"), key)
    }

    #[test]
    fn the_wire_takes_the_hubs_place_and_notify_still_comes_from_the_hub() {
        let text = mend(BIND, Key::Right);
        assert!(text.contains("primaries { 127.8.8.8 port 5354 key \"k1\"; };"), "{text}");
        assert!(text.contains("allow-notify { 127.9.9.9; };") && text.contains("c2VjcmV0"));
        assert!(mend(PDNS, Key::Right).contains("{\"127.8.8.8:5354\"}"));
        assert_eq!(mend("primary: 127.9.9.9@5354", Key::Right), "primary: 127.8.8.8@5354");
    }

    #[test]
    fn a_key_is_wrong_or_missing() {
        for text in [BIND, PDNS] {
            let wrong = mend(text, Key::Wrong);
            assert!(wrong.contains(WRONG) && !wrong.contains("c2VjcmV0"), "{wrong}");
        }
        let missing = mend(BIND, Key::Missing);
        assert!(missing.contains("primaries { 127.8.8.8 port 5354; };"), "{missing}");
        let missing = mend(PDNS, Key::Missing);
        assert!(!missing.contains("tsig") && missing.contains("refresh = 1"), "{missing}");
    }

    #[test]
    fn a_clock_is_ahead_by_as_much_as_said() {
        if fake_clock().is_none() {
            return;
        }
        let mut command = clocked(Path::new("date"), Some(Duration::from_secs(7_200))).unwrap();
        let told = command.arg("+%s").output().unwrap();
        let told: u64 = String::from_utf8(told.stdout).unwrap().trim().parse().unwrap();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        assert!((7_000..7_300).contains(&(told - now.as_secs())));
    }
}
