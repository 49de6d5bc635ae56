//! A long-running `belfry` command: started, waited for until `ready`, stopped.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::process::Child;

/// How long it has until it says `ready`.
const START: Duration = Duration::from_secs(60);
/// How long it has to drain after SIGTERM.
const STOP: Duration = Duration::from_secs(30);

/// A running command; stopped with SIGTERM when dropped.
#[derive(Debug)]
pub struct Program {
    child: Child,
    addresses: BTreeMap<String, SocketAddr>,
}

impl Program {
    /// Starts `command` and waits until it is ready.
    ///
    /// # Errors
    /// When it can't be started, ends, or is not ready within a minute.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        let mut child = Child::spawn(command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
        let addresses = wait_until_ready(&mut child, START)?;
        Ok(Self { child, addresses })
    }

    /// The address of a port by its name in the output: `smtp`, `dns`.
    ///
    /// # Panics
    /// When no such port was named.
    pub fn address(&self, name: &str) -> SocketAddr {
        *self
            .addresses
            .get(name)
            .unwrap_or_else(|| panic!("no port `{name}` among {:?}", self.addresses))
    }

    /// All ports by name.
    pub fn addresses(&self) -> &BTreeMap<String, SocketAddr> {
        &self.addresses
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it is still running.
    pub fn is_running(&mut self) -> bool {
        self.child.is_running()
    }

    /// Stops it with SIGTERM and waits.
    ///
    /// # Errors
    /// When it had to be killed.
    pub fn stop(&mut self) -> io::Result<ExitStatus> {
        self.child.terminate(STOP)
    }

    /// Kills it at once, as a power cut would.
    pub fn kill(&mut self) {
        self.child.kill();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.stop();
    }
}

/// Reads `NAME ADDRESS` lines until `ready`.
fn wait_until_ready(
    child: &mut Child,
    timeout: Duration,
) -> io::Result<BTreeMap<String, SocketAddr>> {
    let stdout = child.inner().stdout.take().ok_or_else(|| io::Error::other("no stdout"))?;
    let (ready, found) = mpsc::channel();
    // The thread goes on to empty the pipe, so that the program never blocks on it.
    thread::spawn(move || {
        let mut addresses = BTreeMap::new();
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if line.trim() == "ready" {
                let _ = ready.send(std::mem::take(&mut addresses));
            } else if let Some((name, address)) = port(&line) {
                addresses.insert(name, address);
            }
        }
    });
    found.recv_timeout(timeout).map_err(|problem| match problem {
        mpsc::RecvTimeoutError::Timeout => {
            io::Error::new(io::ErrorKind::TimedOut, format!("not ready within {timeout:?}"))
        }
        mpsc::RecvTimeoutError::Disconnected => io::Error::other("it ended before it was ready"),
    })
}

fn port(line: &str) -> Option<(String, SocketAddr)> {
    let (name, address) = line.trim().split_once(' ')?;
    Some((name.to_owned(), address.trim().parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_lines_are_passed_over() {
        assert_eq!(
            port("smtp 127.0.0.1:25"),
            Some(("smtp".into(), "127.0.0.1:25".parse().unwrap()))
        );
        assert_eq!(port("data /var/lib/belfry"), None);
        assert_eq!(port("ready"), None);
    }

    #[test]
    fn a_killed_program_is_gone_without_a_drain() {
        let script =
            "trap '' TERM; echo dns 127.0.0.1:53; echo ready; while :; do sleep 0.01; done";
        let mut program = Program::start(Command::new("sh").args(["-c", script])).unwrap();
        assert!(program.is_running());
        program.kill();
        assert!(!program.is_running());
        assert_eq!(program.addresses().len(), 1);
    }
}
