//! A real `belfry up` in a folder of its own, for tests that look from outside.
//!
//! It speaks to the binary only as an administrator would: the command line,
//! the lines that it prints, SIGTERM. It never reads the data folder.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use crate::program::Program;

/// A running hub; stopped with SIGTERM when dropped.
#[derive(Debug)]
pub struct Hub {
    program: Program,
    binary: PathBuf,
    data: PathBuf,
    config: PathBuf,
}

impl Hub {
    /// Starts `binary up` on the folder `data` with `config`, the text of a
    /// TOML file, and waits until it is ready.
    ///
    /// # Errors
    /// When it can't be started, ends, or is not ready within a minute.
    pub fn start(binary: &Path, data: &Path, config: &str) -> io::Result<Self> {
        Self::start_with(binary, data, config, [""; 0])
    }

    /// The same with more `arguments`, like `--upstream`.
    ///
    /// # Errors
    /// When it can't be started, ends, or is not ready within a minute.
    pub fn start_with<S: AsRef<OsStr>>(
        binary: &Path,
        data: &Path,
        config: &str,
        arguments: impl IntoIterator<Item = S>,
    ) -> io::Result<Self> {
        let file = data.with_extension("toml");
        fs::write(&file, config)?;
        let mut command = Command::new(binary);
        command.arg("up").arg("--config").arg(&file).arg("--data").arg(data).args(arguments);
        let program = Program::start(&mut command)?;
        Ok(Self { program, binary: binary.into(), data: data.into(), config: file })
    }

    /// The address of a port by its name in the hub's output: `smtp`, `dns`.
    ///
    /// # Panics
    /// When the hub has named no such port.
    pub fn address(&self, name: &str) -> SocketAddr {
        self.program.address(name)
    }

    /// All ports by name.
    pub fn addresses(&self) -> &BTreeMap<String, SocketAddr> {
        self.program.addresses()
    }

    /// The data folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The process id of the hub.
    pub fn id(&self) -> u32 {
        self.program.id()
    }

    /// Runs the binary's command line on this hub and gives its standard
    /// output. `--config` and `--data` are added at the end.
    ///
    /// # Errors
    /// When the command fails; with what it wrote to standard error.
    pub fn command(&self, arguments: &[&str]) -> io::Result<String> {
        let output = Command::new(&self.binary)
            .args(arguments)
            .arg("--config")
            .arg(&self.config)
            .arg("--data")
            .arg(&self.data)
            .stdin(Stdio::null())
            .output()?;
        if output.status.success() {
            return String::from_utf8(output.stdout).map_err(io::Error::other);
        }
        let problem = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(io::Error::other(format!("{arguments:?}: {}: {problem}", output.status)))
    }

    /// A new API token.
    ///
    /// # Errors
    /// When the hub refuses it.
    pub fn token(&self, role: &str, name: &str) -> io::Result<String> {
        let printed = self.command(&["token", "create", "--role", role, "--name", name])?;
        Ok(printed.trim().to_owned())
    }

    /// Stops the hub with SIGTERM and waits.
    ///
    /// # Errors
    /// When it had to be killed.
    pub fn stop(&mut self) -> io::Result<ExitStatus> {
        self.program.stop()
    }

    /// Kills the hub at once, as a power cut would.
    pub fn kill(&mut self) {
        self.program.kill();
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A stand-in for the binary: a shell script.
    fn stand_in(folder: &Path, script: &str) -> PathBuf {
        let path = folder.join("belfry");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    const UP: &str = r#"
if [ "$1" = up ]; then
    trap 'exit 0' TERM
    printf 'smtp 127.0.0.1:2525\ndns [::1]:5353\nready\n'
    while :; do sleep 0.01; done
fi
[ "$3" = --bad ] && { echo refused >&2; exit 2; }
echo "$*"
"#;

    #[test]
    fn a_hub_is_started_asked_and_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let binary = stand_in(folder.path(), UP);
        let mut hub = Hub::start(&binary, &folder.path().join("data"), "a = 1\n").unwrap();

        assert_eq!(hub.address("smtp"), "127.0.0.1:2525".parse().unwrap());
        assert_eq!(hub.address("dns"), "[::1]:5353".parse().unwrap());
        let token = hub.token("analyst", "ann").unwrap();
        assert!(token.starts_with("token create --role analyst --name ann --config "), "{token}");
        let problem = hub.command(&["case", "list", "--bad"]).unwrap_err().to_string();
        assert!(problem.contains("refused"), "{problem}");
        assert_eq!(hub.stop().unwrap().code(), Some(0));
    }

    #[test]
    fn a_hub_that_ends_early_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let binary = stand_in(folder.path(), "echo smtp 127.0.0.1:1; exit 1");
        let problem = Hub::start(&binary, &folder.path().join("data"), "").unwrap_err();
        assert_eq!(problem.to_string(), "it ended before it was ready");
    }
}
