//! Real servers and clients that a test talks to: BIND, Unbound, `kdig`, `swaks`.

use std::env;
use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::skip::skip;

/// Debian keeps servers here, and a user's PATH often leaves it out.
const SERVERS: [&str; 3] = ["/usr/sbin", "/usr/local/sbin", "/sbin"];

/// The path of a peer's program, or `None` with the skip recorded.
pub fn peer(program: &str) -> Option<PathBuf> {
    find(&env::var_os("PATH").unwrap_or_default(), program).or_else(|| {
        skip(&format!("peer {program}"), "is not installed (run `cargo xtask setup`)");
        None
    })
}

fn find(path: &OsStr, program: &str) -> Option<PathBuf> {
    env::split_paths(path)
        .chain(SERVERS.map(PathBuf::from))
        .map(|folder| folder.join(program))
        .find(|candidate| is_program(candidate))
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};

    use super::*;

    #[test]
    fn only_an_executable_file_is_a_peer() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("belfry-test-peer");
        let path = folder.path().as_os_str();

        assert_eq!(find(path, "belfry-test-peer"), None);
        fs::write(&program, b"#!/bin/sh\n").unwrap();
        fs::set_permissions(&program, Permissions::from_mode(0o644)).unwrap();
        assert_eq!(find(path, "belfry-test-peer"), None);
        fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
        assert_eq!(find(path, "belfry-test-peer"), Some(program));
    }

    #[test]
    fn the_shell_is_a_peer() {
        assert!(peer("sh").is_some());
    }
}
