//! What a process has used, from `/proc`: processor time in and outside the
//! kernel, and memory.

use std::fs;
use std::time::Duration;

use crate::command::Result;

/// What `/proc` counts in, everywhere that we run (`getconf CLK_TCK`).
const MILLIS_A_TICK: u64 = 10;

/// Processor time of a process and all its threads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cpu {
    /// Outside the kernel.
    pub(super) user: Duration,
    /// All of it.
    pub(super) total: Duration,
}

impl Cpu {
    /// What a process has used so far.
    pub(super) fn of(process: u32) -> Result<Self> {
        let text = fs::read_to_string(format!("/proc/{process}/stat"))?;
        parse(&text).ok_or_else(|| format!("/proc/{process}/stat can't be read: {text}").into())
    }

    /// What was used since `before`.
    pub(super) fn since(self, before: Self) -> Self {
        Self {
            user: self.user.saturating_sub(before.user),
            total: self.total.saturating_sub(before.total),
        }
    }
}

fn parse(text: &str) -> Option<Cpu> {
    let (_, fields) = text.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    let (user, system) = (ticks()?, ticks()?);
    let time = |ticks: u64| Duration::from_millis(ticks * MILLIS_A_TICK);
    Some(Cpu { user: time(user), total: time(user + system) })
}

/// Resident memory in MB (of a million octets).
pub(super) fn memory_mb(process: u32) -> Result<f64> {
    let text = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    Ok(kib.ok_or("no VmRSS")? * 1_024.0 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_come_after_the_name_whatever_is_in_it() {
        let stat = "7 (a b) c) S 1 7 7 0 -1 4194560 0 0 0 0 250 150 1 2 20 0 1 0 0 0 0";
        let expect = Cpu { user: Duration::from_millis(2_500), total: Duration::from_secs(4) };
        assert_eq!(parse(stat), Some(expect));
        assert_eq!(parse("7 (x) S"), None);
        assert_eq!(expect.since(expect), Cpu::default());
    }

    #[test]
    fn this_process_has_memory() {
        assert!(memory_mb(std::process::id()).unwrap() > 1.0);
        assert!(Cpu::of(std::process::id()).is_ok());
    }
}
