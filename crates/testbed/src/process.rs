//! Child processes that never outlive their test.

use std::io;
use std::process::{self, Command, ExitStatus};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::wait::wait_for;

/// A child process, killed by its own id when dropped.
#[derive(Debug)]
pub struct Child {
    inner: process::Child,
}

impl Child {
    /// Starts `command`.
    ///
    /// # Errors
    /// When the program can't be started.
    pub fn spawn(command: &mut Command) -> io::Result<Self> {
        command.spawn().map(|inner| Self { inner })
    }

    /// The process itself, for its pipes.
    pub fn inner(&mut self) -> &mut process::Child {
        &mut self.inner
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.inner.id()
    }

    /// Whether it is still running.
    pub fn is_running(&mut self) -> bool {
        matches!(self.inner.try_wait(), Ok(None))
    }

    /// Asks it to stop (SIGTERM) and waits; kills it when `timeout` passes.
    ///
    /// # Errors
    /// `TimedOut` when it had to be killed; else what the system said.
    pub fn terminate(&mut self, timeout: Duration) -> io::Result<ExitStatus> {
        if let Some(status) = self.inner.try_wait()? {
            return Ok(status);
        }
        // Not yet waited for, so the id is still this process's own.
        kill_process(Pid::from_child(&self.inner), Signal::TERM)?;
        match wait_for(|| self.inner.try_wait().transpose(), timeout) {
            Some(status) => status,
            None => {
                self.kill();
                let problem = format!("still running {timeout:?} after SIGTERM, so it was killed");
                Err(io::Error::new(io::ErrorKind::TimedOut, problem))
            }
        }
    }

    /// Kills it at once (SIGKILL) and waits. Does nothing when it has ended.
    pub fn kill(&mut self) {
        let _ = self.inner.kill();
        let _ = self.inner.wait();
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.kill();
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::process::Stdio;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn shell(script: &str) -> Child {
        Child::spawn(Command::new("sh").args(["-c", script]).stdout(Stdio::piped())).unwrap()
    }

    /// Waits until the script has written a line, so its traps are set.
    fn first_line(child: &mut Child) -> String {
        let mut line = String::new();
        let stdout = child.inner().stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        line
    }

    fn exists(pid: Pid) -> bool {
        rustix::process::test_kill_process(pid).is_ok()
    }

    #[test]
    fn a_dropped_child_is_dead() {
        let child = shell("exec sleep 600");
        let pid = Pid::from_child(&child.inner);
        assert!(exists(pid));
        drop(child);
        assert!(!exists(pid));
    }

    #[test]
    fn a_child_that_obeys_ends_with_its_own_status() {
        let mut child = shell("trap 'exit 7' TERM; echo up; while :; do sleep 0.01; done");
        assert_eq!(first_line(&mut child), "up\n");
        assert!(child.is_running());
        assert_eq!(child.terminate(LONG).unwrap().code(), Some(7));
        assert!(!child.is_running());
        assert_eq!(child.terminate(LONG).unwrap().code(), Some(7));
    }

    #[test]
    fn a_child_that_refuses_is_killed_and_told_on() {
        let mut child = shell("trap '' TERM; echo up; while :; do sleep 0.01; done");
        first_line(&mut child);
        let problem = child.terminate(Duration::from_millis(50)).unwrap_err();
        assert_eq!(problem.kind(), io::ErrorKind::TimedOut);
        assert!(!child.is_running());
    }
}
