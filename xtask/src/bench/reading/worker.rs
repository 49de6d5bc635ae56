//! One reader child, driven as the hub drives it.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::command::Result;

/// Clock ticks a second in `/proc`, fixed on Linux.
const TICKS: f64 = 100.0;

/// A running `belfry read-worker`.
pub(super) struct Worker {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
}

/// What it has used.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spent {
    pub(super) cpu_seconds: f64,
    pub(super) peak_bytes: u64,
}

impl Worker {
    /// Starts one with the limits that the hub sets by default.
    pub(super) fn start(binary: &Path) -> Result<Self> {
        let mut child = Command::new(binary)
            .args(["read-worker", "--memory-bytes", "1073741824", "--cpu-seconds", "600"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let input = child.stdin.take().ok_or("no pipe to the reader")?;
        let output = child.stdout.take().ok_or("no pipe from the reader")?;
        Ok(Self { child, input, output })
    }

    /// Reads one mail; its reading as JSON.
    pub(super) fn read(&mut self, kind: u8, mail: &[u8]) -> Result<Vec<u8>> {
        self.input.write_all(&[kind])?;
        self.input.write_all(&u32::try_from(mail.len())?.to_le_bytes())?;
        self.input.write_all(mail)?;
        self.input.flush()?;
        let mut length = [0; 4];
        self.output.read_exact(&mut length)?;
        let mut answer = vec![0; u32::from_le_bytes(length) as usize];
        self.output.read_exact(&mut answer)?;
        Ok(answer)
    }

    /// CPU time and the most memory so far.
    pub(super) fn spent(&self) -> Result<Spent> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name in parentheses may hold anything; user and system time follow it.
        let (_, fields) = stat.rsplit_once(") ").ok_or("no such process")?;
        let fields: Vec<_> = fields.split(' ').collect();
        let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok());
        let (user, system) = (ticks(11).unwrap_or_default(), ticks(12).unwrap_or_default());
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak =
            peak.and_then(|rest| rest.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
        let peak_bytes = peak.unwrap_or_default() << 10;
        Ok(Spent { cpu_seconds: (user + system) / TICKS, peak_bytes })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
