//! The hub and the gate of the rounds: the same ports and folders at each start.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::Plan;
use crate::client::Api;
use crate::net::loopback;
use crate::process::Child;
use crate::program::Program;
use crate::random::Random;

/// Who is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Victim {
    Hub,
    Gate,
    Both,
}

impl Victim {
    /// Mostly the hub: it has the most to lose.
    pub(super) fn draw(random: &mut Random) -> Self {
        match random.within(0..10) {
            0..6 => Self::Hub,
            6..8 => Self::Gate,
            _ => Self::Both,
        }
    }

    pub(super) fn takes_hub(self) -> bool {
        self != Self::Gate
    }

    pub(super) fn takes_gate(self) -> bool {
        self != Self::Hub
    }
}

/// Both programs, and how to reach them.
#[derive(Debug)]
pub(super) struct Stage {
    binary: PathBuf,
    folder: PathBuf,
    address: Ipv4Addr,
    hub: Option<Program>,
    gate: Option<Program>,
    analyst: Api,
    reporter: Api,
}

impl Stage {
    /// Starts both for the first time.
    pub(super) fn set(plan: &Plan) -> io::Result<Self> {
        let address = loopback();
        let nobody = Api::new(SocketAddr::from((address, 0)), "");
        let mut stage = Self {
            binary: plan.binary.clone(),
            folder: plan.folder.clone(),
            address,
            hub: None,
            gate: None,
            analyst: nobody.clone(),
            reporter: nobody,
        };
        fs::write(stage.folder.join("hub.toml"), hub_config(address))?;
        fs::write(stage.folder.join("gate.toml"), gate_config(address))?;
        stage.start_hub()?;
        let http = SocketAddr::from((address, 8080));
        stage.analyst = Api::new(http, &stage.token("analyst")?);
        stage.reporter = Api::new(http, &stage.token("reporter")?);
        fs::write(stage.folder.join("gate.token"), stage.token("operator")?)?;
        stage.start_gate()?;
        Ok(stage)
    }

    pub(super) fn smtp(&self) -> SocketAddr {
        SocketAddr::from((self.address, 2525))
    }

    pub(super) fn dns(&self) -> SocketAddr {
        SocketAddr::from((self.address, 5353))
    }

    /// The API as an analyst.
    pub(super) fn analyst(&self) -> &Api {
        &self.analyst
    }

    /// The API as a reporter.
    pub(super) fn reporter(&self) -> &Api {
        &self.reporter
    }

    /// The gate's metrics.
    pub(super) fn gate_metrics(&self) -> Api {
        Api::new(SocketAddr::from((self.address, 9091)), "")
    }

    /// Runs a command of the hub's; what it prints, or what it complains of.
    pub(super) fn command(&self, arguments: &[&str]) -> io::Result<String> {
        let output = self.belfry("hub", arguments)?.output()?;
        if output.status.success() {
            return String::from_utf8(output.stdout).map_err(io::Error::other);
        }
        let why = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(io::Error::other(format!("{arguments:?}: {}: {why}", output.status)))
    }

    fn token(&self, role: &str) -> io::Result<String> {
        let printed = self.command(&["token", "create", "--role", role, "--name", role])?;
        Ok(printed.trim().to_owned())
    }

    /// `kill -9`, with nothing said before.
    pub(super) fn kill(&mut self, victim: Victim) {
        if victim.takes_hub()
            && let Some(mut hub) = self.hub.take()
        {
            hub.kill();
        }
        if victim.takes_gate()
            && let Some(mut gate) = self.gate.take()
        {
            gate.kill();
        }
    }

    /// Starts the dead hub and kills it `after` so long, ready or not.
    pub(super) fn kill_while_starting(&mut self, after: Duration) -> io::Result<()> {
        let mut hub = Child::spawn(self.belfry("hub", &["hub"])?.stdout(Stdio::null()))?;
        thread::sleep(after);
        hub.kill();
        Ok(())
    }

    /// Starts whoever is dead; how long until ready.
    pub(super) fn restart(&mut self) -> io::Result<Duration> {
        let begun = Instant::now();
        if self.hub.is_none() {
            self.start_hub()?;
        }
        if self.gate.is_none() {
            self.start_gate()?;
        }
        Ok(begun.elapsed())
    }

    fn start_hub(&mut self) -> io::Result<()> {
        let mut command = self.belfry("hub", &["hub"])?;
        self.hub = Some(Program::start(&mut command).map_err(|error| self.told("hub", &error))?);
        Ok(())
    }

    fn start_gate(&mut self) -> io::Result<()> {
        let url = format!("http://{}:8080", self.address);
        let token = self.folder.join("gate.token").display().to_string();
        let arguments = ["gate", "--hub", &url, "--token-file", &token];
        let mut command = self.belfry("gate", &arguments)?;
        self.gate = Some(Program::start(&mut command).map_err(|error| self.told("gate", &error))?);
        Ok(())
    }

    /// `belfry ARGUMENTS` over the folder of `who`; its log goes to a file there.
    fn belfry(&self, who: &str, arguments: &[&str]) -> io::Result<Command> {
        let mut command = Command::new(&self.binary);
        command
            .args(arguments)
            .arg("--config")
            .arg(self.folder.join(format!("{who}.toml")))
            .arg("--data")
            .arg(self.folder.join(who))
            .stdin(Stdio::null())
            .stderr(self.log(who)?);
        Ok(command)
    }

    fn log(&self, who: &str) -> io::Result<File> {
        OpenOptions::new().create(true).append(true).open(self.folder.join(format!("{who}.log")))
    }

    /// An error with the last of the log behind it.
    fn told(&self, who: &str, error: &io::Error) -> io::Error {
        let log = fs::read_to_string(self.folder.join(format!("{who}.log"))).unwrap_or_default();
        let last: Vec<_> = log.lines().rev().take(10).collect();
        let last: Vec<_> = last.into_iter().rev().collect();
        io::Error::other(format!("{who}: {error}\n{}", last.join("\n")))
    }
}

/// One analyst looks at everything after each kill, faster than clients may.
fn hub_config(at: Ipv4Addr) -> String {
    format!(
        "[listen]\nsmtp = [\"{at}:2525\"]\nhttp = \"{at}:8080\"\nmetrics = \"{at}:9090\"\n\
         [transfers]\nlisten = [\"{at}:5354\"]\n[desk]\nheartbeat_seconds = 1\n[http]\nclient_burst = 1000000\n\
         client_per_minute = 100000000\ntoken_burst = 1000000\ntoken_per_minute = 100000000\n"
    )
}

/// No upstream answers: what is not blocked is a failure, at once.
fn gate_config(at: Ipv4Addr) -> String {
    format!(
        "[listen]\nmetrics = \"{at}:9091\"\n[follow]\nreport_seconds = 1\nsave_seconds = 1\n\
         [gate]\nlisten = [\"{at}:5353\"]\nupstreams = [\"{at}:9\"]\n\
         warning = {{ ipv4 = \"127.0.0.1\" }}\n[warning]\nlisten = \"{at}:8081\"\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_is_killed_in_time() {
        let mut random = Random::new(1);
        let drawn: Vec<_> = (0..100).map(|_| Victim::draw(&mut random)).collect();
        for victim in [Victim::Hub, Victim::Gate, Victim::Both] {
            assert!(drawn.contains(&victim), "{victim:?}");
            assert!(victim.takes_hub() || victim.takes_gate());
        }
    }
}
