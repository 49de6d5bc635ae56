//! The servers that are measured: how each is configured and started, all with the
//! same names, one thread, the same upstream, and answers kept. Every one is
//! stopped by the id that it was started under.

use std::fs::{self, File};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use belfry_testbed::{Child, peer};

use crate::bench::dns::data::Data;
use crate::command::Result;

/// All servers answer here, each at an address of its own.
pub(super) const PORT: u16 = 5_300;
/// DNS over TLS and HTTPS, where a server has them.
pub(super) const TLS_PORT: u16 = 8_853;
/// The same for HTTPS.
pub(super) const HTTPS_PORT: u16 = 8_443;

/// What a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// The ceiling: a bare responder.
    Bare,
    Belfry,
    Dnsdist,
    Pdns,
    Unbound,
    Kresd,
    Bind,
}

/// Where everything is.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Scratch.
    pub(super) folder: PathBuf,
    /// The names.
    pub(super) data: Data,
    /// The release build of Belfry.
    pub(super) belfry: PathBuf,
    /// Where the release builds of the examples are.
    pub(super) examples: PathBuf,
    /// A certificate and its key, for those that speak TLS.
    pub(super) certificate: (PathBuf, PathBuf),
    /// Threads of our gate, and the cores that servers run on.
    pub(super) threads: (&'static str, &'static str),
}

impl Kind {
    /// In the order of the table.
    pub(super) const ALL: [Self; 7] = [
        Self::Bare,
        Self::Belfry,
        Self::Dnsdist,
        Self::Pdns,
        Self::Unbound,
        Self::Kresd,
        Self::Bind,
    ];

    /// Its name in the table.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare responder",
            Self::Belfry => "Belfry",
            Self::Dnsdist => "dnsdist",
            Self::Pdns => "PowerDNS Recursor",
            Self::Unbound => "Unbound",
            Self::Kresd => "Knot Resolver",
            Self::Bind => "BIND",
        }
    }

    /// Its address.
    pub(super) fn address(self) -> Ipv4Addr {
        if self == Self::Bind {
            // It listens only at addresses that an interface names.
            return Ipv4Addr::LOCALHOST;
        }
        Ipv4Addr::new(127, 61, 7, 1 + self as u8)
    }

    /// Whether it is ours, and can be configured at will.
    pub(super) fn is_ours(self) -> bool {
        self == Self::Belfry
    }

    fn command(self, place: &Place, folder: &Path) -> Result<Command> {
        let program = |name: &str| peer(name).ok_or_else(|| format!("{name} is not installed"));
        let write = |name: &str, text: &str| -> Result<PathBuf> {
            let path = folder.join(name);
            fs::write(&path, self.fill(text, place, folder))?;
            Ok(path)
        };
        let mut command;
        match self {
            Self::Bare => {
                command = Command::new(place.examples.join("bare"));
                command.arg(format!("{}:{PORT}", self.address()));
            }
            Self::Belfry => {
                let config = write("belfry.toml", include_str!("conf/belfry.toml"))?;
                command = Command::new(&place.belfry);
                command.args(["gate", "--threads", place.threads.0, "--rpz"]).arg(&place.data.zone);
                command.arg("--config").arg(config).arg("--data").arg(folder);
            }
            Self::Dnsdist => {
                let config = write("dnsdist.conf", include_str!("conf/dnsdist.conf"))?;
                command = Command::new(program("dnsdist")?);
                command.args(["--supervised", "--disable-syslog", "-C"]).arg(config);
            }
            Self::Pdns => {
                write("rpz.lua", include_str!("conf/pdns.lua"))?;
                write("recursor.conf", include_str!("conf/pdns.conf"))?;
                command = Command::new(program("pdns_recursor")?);
                command.arg(format!("--config-dir={}", folder.display()));
            }
            Self::Unbound => {
                let config = write("unbound.conf", include_str!("conf/unbound.conf"))?;
                command = Command::new(program("unbound")?);
                command.args(["-d", "-c"]).arg(config);
            }
            Self::Kresd => {
                let config = write("kresd.conf", include_str!("conf/kresd.conf"))?;
                command = Command::new(program("kresd")?);
                command.args(["-n", "-c"]).arg(config).arg(folder);
            }
            Self::Bind => {
                let config = write("named.conf", include_str!("conf/bind.conf"))?;
                command = Command::new(program("named")?);
                command.args(["-f", "-n", "1", "-c"]).arg(config);
            }
        }
        Ok(command)
    }

    fn fill(self, text: &str, place: &Place, folder: &Path) -> String {
        let shown = |path: &Path| path.display().to_string();
        [
            ("@PORT@", PORT.to_string()),
            ("@IP@", self.address().to_string()),
            ("@UPSTREAM@", upstream_address().to_string()),
            ("@DIR@", shown(folder)),
            ("@ZONE@", shown(&place.data.zone)),
            ("@NAMES@", shown(&place.data.names)),
            ("@CERT@", shown(&place.certificate.0)),
            ("@KEY@", shown(&place.certificate.1)),
        ]
        .iter()
        .fold(text.to_owned(), |text, (mark, value)| text.replace(mark, value))
    }

    /// Starts it on the servers' core, in a folder that is empty unless `again`.
    pub(super) fn start(self, place: &Place, again: bool) -> Result<Child> {
        let folder = place.folder.join(format!("{self:?}").to_lowercase());
        if !again {
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir_all(&folder)?;
        }
        let command = self.command(place, &folder)?;
        start(&command, place.threads.1, &folder.join("log"))
    }
}

/// Where the upstream answers.
pub(super) fn upstream_address() -> Ipv4Addr {
    Ipv4Addr::new(127, 61, 7, 53)
}

/// Starts the upstream that all forward to, on the load's core.
pub(super) fn upstream(place: &Place) -> Result<Child> {
    let config = place.folder.join("upstream.conf");
    let text = include_str!("conf/upstream.conf")
        .replace("@IP@", &upstream_address().to_string())
        .replace("@PORT@", &PORT.to_string());
    fs::write(&config, text)?;
    let mut command = Command::new(peer("unbound").ok_or("unbound is not installed")?);
    command.args(["-d", "-c"]).arg(config);
    start(&command, super::LOAD_CORE, &place.folder.join("upstream.log"))
}

fn start(command: &Command, core: &str, log: &Path) -> Result<Child> {
    let mut pinned = Command::new("taskset");
    pinned.args(["-c", core]).arg(command.get_program()).args(command.get_args());
    let log = File::create(log)?;
    pinned.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    Ok(Child::spawn(&mut pinned)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_mark_is_left_in_any_configuration() {
        let file = |name: &str| PathBuf::from(name);
        let place = Place {
            folder: file("scratch"),
            data: Data {
                names: file("names"),
                zone: file("zone"),
                warm: file("warm"),
                workloads: [file("a"), file("b"), file("c")],
            },
            belfry: file("belfry"),
            examples: file("examples"),
            certificate: (file("cert"), file("key")),
            threads: ("1", "0"),
        };
        for text in [
            include_str!("conf/belfry.toml"),
            include_str!("conf/dnsdist.conf"),
            include_str!("conf/pdns.conf"),
            include_str!("conf/pdns.lua"),
            include_str!("conf/unbound.conf"),
            include_str!("conf/kresd.conf"),
            include_str!("conf/bind.conf"),
        ] {
            let filled = Kind::Bind.fill(text, &place, Path::new("folder"));
            let without = filled.replace("@5300", "").replace("@8853", "").replace("@8443", "");
            assert!(!without.contains('@'), "{without}");
        }
    }

    #[test]
    fn each_server_has_an_address_of_its_own() {
        let mut all: Vec<_> = Kind::ALL.iter().map(|kind| kind.address()).collect();
        all.push(upstream_address());
        all.sort();
        all.dedup();
        assert_eq!(all.len(), Kind::ALL.len() + 1);
    }
}
