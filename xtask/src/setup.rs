//! Installs what the chores need and is missing. Does nothing when all is there.
//!
//! Debian starts a server as it installs it; tests want to start their own, so
//! starting is forbidden while we install.

use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::command::{self, Result};
use crate::tools::TOOLS;

/// Programs that chores run, each with the Debian package that has it.
const PROGRAMS: [(&str, &str); 21] = [
    ("chromium", "chromium"),
    ("npm", "npm"),
    ("cc", "build-essential"),
    ("python3", "python3"),
    ("curl", "curl"),
    ("swaks", "swaks"),
    ("kdig", "knot-dnsutils"),
    ("dig", "bind9-dnsutils"),
    ("unbound", "unbound"),
    ("named", "bind9"),
    ("pdns_recursor", "pdns-recursor"),
    ("kresd", "knot-resolver"),
    ("knotd", "knot"),
    ("dnsdist", "dnsdist"),
    ("dnsperf", "dnsperf"),
    ("h2load", "nghttp2-client"),
    ("faketime", "faketime"),
    ("postfix", "postfix"),
    ("bearerbox", "kannel"),
    ("aiosmtpd", "python3-aiosmtpd"),
    ("initdb", "postgresql"),
];

/// Where Debian keeps servers; a user's PATH often leaves these out.
const SERVERS: [&str; 3] = ["/usr/sbin", "/sbin", "/usr/lib/postgresql/15/bin"];

/// Tells Debian's packages not to start anything; see invoke-rc.d(8).
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// Options of `cargo xtask setup`.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Only say what is missing
    #[arg(long)]
    dry_run: bool,
}

/// Installs every program and every helper of Cargo that is missing.
pub(crate) fn run(options: &Options) -> Result {
    let missing = missing(is_there);
    if options.dry_run {
        println!("setup: missing Debian packages: {}", missing.join(" "));
        return Ok(());
    }
    programs(&missing)?;
    TOOLS.iter().try_for_each(|tool| tool.install())
}

/// Installs the programs that are missing, or says which are, and that tests
/// that need them will be skipped. Never fails.
pub(crate) fn programs_if_possible() {
    if let Err(failure) = programs(&missing(is_there)) {
        println!("setup: {failure}; tests that need them are skipped");
    }
}

fn programs(missing: &[&str]) -> Result {
    if missing.is_empty() {
        println!("setup: every program is there");
        return Ok(());
    }
    let Some(root) = Root::become_root() else {
        return Err(format!("needs root to install: {}", missing.join(" ")).into());
    };
    let _policy = Policy::forbid_starting(&root)?;
    command::run(root.command("apt-get").args(["update", "-q"]))?;
    command::run(
        root.command("apt-get")
            .args(["install", "-q", "--yes", "--no-install-recommends"])
            .args(missing),
    )
}

/// The packages of the programs that are not there.
fn missing(is_there: impl Fn(&str) -> bool) -> Vec<&'static str> {
    PROGRAMS.iter().filter(|(program, _)| !is_there(program)).map(|(_, package)| *package).collect()
}

fn is_there(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(SERVERS.map(PathBuf::from))
        .any(|folder| folder.join(program).is_file())
}

/// The means to run a command as root.
#[derive(Clone, Copy, Debug)]
enum Root {
    Already,
    Sudo,
}

impl Root {
    fn become_root() -> Option<Self> {
        let id = command::output(Command::new("id").arg("-u")).ok()?;
        if id.trim_ascii() == b"0" {
            return Some(Self::Already);
        }
        // `-n`: a chore must not stop to ask for a password.
        command::succeeds(Command::new("sudo").args(["-n", "true"])).then_some(Self::Sudo)
    }

    fn command(self, program: &str) -> Command {
        let mut command = match self {
            Self::Already => Command::new("env"),
            Self::Sudo => {
                let mut sudo = Command::new("sudo");
                sudo.args(["-n", "env"]);
                sudo
            }
        };
        command.arg("DEBIAN_FRONTEND=noninteractive").arg(program);
        command
    }
}

/// While this lives, no package starts a server.
#[derive(Debug)]
struct Policy {
    /// Whether the file is ours to remove.
    ours: Option<Root>,
}

impl Policy {
    fn forbid_starting(root: &Root) -> Result<Self> {
        if Path::new(POLICY).exists() {
            return Ok(Self { ours: None });
        }
        let script = tempfile::NamedTempFile::new()?;
        fs::write(script.path(), "#!/bin/sh\nexit 101\n")?;
        fs::set_permissions(script.path(), Permissions::from_mode(0o755))?;
        command::run(root.command("cp").arg(script.path()).arg(POLICY))?;
        let policy = Self { ours: Some(*root) };
        command::run(root.command("chmod").args(["755", POLICY]))?;
        Ok(policy)
    }
}

impl Drop for Policy {
    fn drop(&mut self) {
        if let Some(root) = self.ours {
            let _ = command::run(root.command("rm").args(["-f", POLICY]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_missing_is_installed() {
        assert!(missing(|_| true).is_empty());
        assert_eq!(missing(|program| program != "kdig"), ["knot-dnsutils"]);
        assert_eq!(missing(|_| false).len(), PROGRAMS.len());
    }

    #[test]
    fn a_program_is_looked_for_where_servers_are() {
        assert!(is_there("sh"));
        assert!(!is_there("no-such-program-of-belfry"));
    }

    #[test]
    fn root_never_asks_a_question() {
        let arguments: Vec<_> =
            Root::Sudo.command("apt-get").get_args().map(ToOwned::to_owned).collect();
        assert_eq!(arguments, ["-n", "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    }
}
