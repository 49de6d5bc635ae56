//! The hub and those who follow it: always on the same addresses, whoever is restarted.

use std::fs::{self, OpenOptions};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::ask::WARNING;
use super::party::{Key, Party, Software, clocked};
use crate::client::Api;
use crate::net::loopback;
use crate::program::Program;
use crate::random::Random;

/// All programs of a run.
#[derive(Debug)]
pub(super) struct Stage {
    binary: PathBuf,
    folder: PathBuf,
    address: Ipv4Addr,
    hub: Option<Program>,
    pub(super) parties: Vec<Party>,
    pub(super) analyst: Api,
    pub(super) admin: Api,
    /// How often the hub was restored: its data lie in a new folder each time.
    restored: u32,
}

impl Stage {
    /// Starts the hub; its followers come with [`Stage::raise`].
    pub(super) fn set(binary: &Path, folder: &Path) -> io::Result<Self> {
        let address = loopback();
        let http = SocketAddr::from((address, 8080));
        let nobody = Api::new(http, "");
        let mut stage = Self {
            binary: binary.to_owned(),
            folder: folder.to_owned(),
            address,
            hub: None,
            parties: Vec::new(),
            analyst: nobody.clone(),
            admin: nobody,
            restored: 0,
        };
        fs::write(folder.join("hub.toml"), hub_config(address))?;
        stage.start_hub(None)?;
        stage.analyst = Api::new(http, &stage.token("analyst")?);
        stage.admin = Api::new(http, &stage.token("admin")?);
        Ok(stage)
    }

    /// Makes every operator, and starts its server.
    pub(super) fn raise(&mut self, random: &mut Random) -> io::Result<()> {
        for software in Software::ALL {
            let hub = self.hub_of(software);
            let seed = random.number();
            let party = Party::new(software, &self.binary, &self.folder, hub, seed)?;
            let Some(party) = party else { continue };
            if software == Software::Gate {
                fs::write(party.token_file(), self.token("operator")?)?;
            } else {
                self.admin.post_json("/api/v1/operators", &party.operator())?.json()?;
            }
            self.parties.push(party);
            self.start_party(self.parties.len() - 1, Key::Right, None)?;
        }
        Ok(())
    }

    /// Where the hub serves zones.
    pub(super) fn transfers(&self) -> SocketAddr {
        self.hub_of(Software::Bind)
    }

    /// Which of the hub's ports it follows.
    fn hub_of(&self, software: Software) -> SocketAddr {
        let port = if software == Software::Gate { 8080 } else { 5354 };
        SocketAddr::from((self.address, port))
    }

    /// Starts a follower anew with what the hub says of it now.
    pub(super) fn start_party(
        &mut self,
        index: usize,
        key: Key,
        ahead: Option<Duration>,
    ) -> io::Result<()> {
        let hub = self.hub_of(self.parties[index].software);
        self.parties[index].start(&self.admin, hub, key, ahead)
    }

    /// Stops the hub, by SIGTERM or at once, and starts it with a clock so far ahead.
    pub(super) fn restart_hub(&mut self, at_once: bool, ahead: Option<Duration>) -> io::Result<()> {
        self.stop_hub(at_once)?;
        self.start_hub(ahead)
    }

    fn stop_hub(&mut self, at_once: bool) -> io::Result<()> {
        match self.hub.take() {
            Some(mut hub) if at_once => hub.kill(),
            Some(mut hub) => drop(hub.stop()?),
            None => {}
        }
        Ok(())
    }

    fn start_hub(&mut self, ahead: Option<Duration>) -> io::Result<()> {
        let mut command = clocked(&self.binary, ahead)?;
        let log = self.folder.join("hub.log");
        command.arg("hub").stderr(OpenOptions::new().create(true).append(true).open(log)?);
        self.hub = Some(Program::start(self.placed(&mut command))?);
        Ok(())
    }

    fn data(&self) -> PathBuf {
        self.folder.join(format!("hub-{}", self.restored))
    }

    fn placed<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.arg("--config").arg(self.folder.join("hub.toml")).arg("--data").arg(self.data())
    }

    /// Runs a command of the hub's; what it prints, or what it complains of.
    fn command(&self, arguments: &[&str]) -> io::Result<String> {
        let mut command = Command::new(&self.binary);
        let output = self.placed(command.args(arguments).stdin(Stdio::null())).output()?;
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

    /// Backs the running hub up.
    pub(super) fn back_up(&self) -> io::Result<()> {
        let (key, to) = (self.file("backup.key"), self.file("backup"));
        self.command(&["backup", "--new-key", &key])?;
        self.command(&["backup", "--to", &to, "--key-file", &key]).map(drop)
    }

    /// Loses the hub's data at once, and starts it from the backup, as docs/backup.md says.
    pub(super) fn restore(&mut self) -> io::Result<()> {
        let passed = self.data().join("passed").display().to_string();
        let (key, from) = (self.file("backup.key"), self.file("backup"));
        self.stop_hub(true)?;
        self.restored += 1;
        self.command(&["restore", "--from", &from, "--key-file", &key, "--passed-file", &passed])?;
        self.start_hub(None)
    }

    fn file(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// The last lines of the hub's log.
    pub(super) fn told(&self) -> String {
        let log = fs::read_to_string(self.folder.join("hub.log")).unwrap_or_default();
        let last: Vec<_> = log.lines().rev().take(12).collect();
        last.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

/// One analyst orders faster than clients may.
fn hub_config(at: Ipv4Addr) -> String {
    format!(
        "[listen]\nsmtp = [\"{at}:2525\"]\nhttp = \"{at}:8080\"\nmetrics = \"{at}:9090\"\n\
         [transfers]\nlisten = [\"{at}:5354\"]\nwarning_ipv4 = \"{WARNING}\"\n\
         connections_per_address_max = 200\n\
         [http]\nclient_burst = 1000000\n\
         client_per_minute = 100000000\ntoken_burst = 1000000\ntoken_per_minute = 100000000\n"
    )
}
