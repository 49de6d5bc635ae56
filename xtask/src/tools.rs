//! Cargo's helpers that the chores need: taken from the PATH, else built once
//! into `target/tools`.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{Result, cargo, run, target};

/// A helper that `cargo install` builds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tool {
    /// The package, which is also its program: `cargo-deny`.
    pub(crate) name: &'static str,
    /// The version that is built where none is installed.
    version: &'static str,
}

pub(crate) const NEXTEST: Tool = Tool { name: "cargo-nextest", version: "0.9.151" };
pub(crate) const DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2" };
pub(crate) const MACHETE: Tool = Tool { name: "cargo-machete", version: "0.9.2" };
pub(crate) const FUZZ: Tool = Tool { name: "cargo-fuzz", version: "0.13.2" };

/// All that `cargo xtask setup` installs.
pub(crate) const TOOLS: [Tool; 4] = [NEXTEST, DENY, MACHETE, FUZZ];

impl Tool {
    /// The command `cargo NAME`, after building the helper where it is missing.
    pub(crate) fn command(self) -> Result<Command> {
        self.install()?;
        let mut command = cargo();
        command.env("PATH", search_path()?);
        command.arg(self.name.trim_start_matches("cargo-"));
        Ok(command)
    }

    /// Builds the helper if it is missing.
    pub(crate) fn install(self) -> Result {
        if self.is_installed()? {
            return Ok(());
        }
        let folder = folder();
        let mut install = cargo();
        install
            .env("CARGO_TARGET_DIR", folder.join("build"))
            // A debug build takes a fifth of the time and runs for seconds only.
            .args(["install", "--locked", "--profile", "dev", "--version", self.version])
            .arg("--root")
            .arg(&folder)
            .arg(self.name);
        run(&mut install)
    }

    fn is_installed(self) -> Result<bool> {
        Ok(env::split_paths(&search_path()?).any(|folder| folder.join(self.name).is_file()))
    }
}

fn folder() -> PathBuf {
    target().join("tools")
}

/// Our own helpers, then the user's.
fn search_path() -> Result<OsString> {
    joined(&folder().join("bin"), &env::var_os("PATH").unwrap_or_default())
}

fn joined(first: &Path, rest: &OsStr) -> Result<OsString> {
    let folders = std::iter::once(first.to_path_buf()).chain(env::split_paths(rest));
    Ok(env::join_paths(folders)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_helpers_come_first() {
        let path = joined(Path::new("/tools/bin"), OsStr::new("/usr/bin:/bin")).unwrap();
        assert_eq!(path, "/tools/bin:/usr/bin:/bin");
    }

    #[test]
    fn a_helper_is_called_through_cargo() {
        assert!(TOOLS.iter().all(|tool| tool.name.starts_with("cargo-")));
    }
}
