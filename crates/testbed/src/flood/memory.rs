//! What a process holds, as the kernel counts it, and how many files we may open.

use std::{fs, io};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The most memory that the process `id` ever had resident, octets.
pub(super) fn most_resident(id: u32) -> io::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status"))?;
    kibibytes(&status, "VmHWM:")
        .map(|kibibytes| kibibytes << 10)
        .ok_or_else(|| io::Error::other(format!("/proc/{id}/status does not say VmHWM")))
}

fn kibibytes(status: &str, field: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}

/// Lets this process open as many files as the system allows: each connection of
/// a flood is one.
pub(super) fn allow_many_files() -> io::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    Ok(setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_tells_our_own_memory() {
        assert!(most_resident(std::process::id()).unwrap() > 1 << 20);
        assert_eq!(kibibytes("VmPeak: 9 kB\nVmHWM:\t  512 kB\n", "VmHWM:"), Some(512));
        assert_eq!(kibibytes("VmPeak: 9 kB\n", "VmHWM:"), None);
    }
}
