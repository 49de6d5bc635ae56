//! DNS over TCP, TLS and HTTPS: `dnsperf` asks each server that speaks them.

use std::fs;
use std::path::{Path, PathBuf};

use belfry_testbed::{Child, peer};

use crate::bench::dns::server::{HTTPS_PORT, Kind, PORT, Place, TLS_PORT};
use crate::bench::dns::table::Results;
use crate::bench::dns::{Options, on_load_core};
use crate::command::{self, Result};

/// Who speaks all three.
const SPEAK: [Kind; 3] = [Kind::Belfry, Kind::Dnsdist, Kind::Unbound];

/// A certificate for the servers, made once; `dnsperf` does not check it.
pub(super) fn certificate(folder: &Path) -> Result<(PathBuf, PathBuf)> {
    let files = (folder.join("cert.pem"), folder.join("key.pem"));
    if !files.1.exists() {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
        fs::write(&files.0, made.cert.pem())?;
        fs::write(&files.1, made.signing_key.serialize_pem())?;
    }
    Ok(files)
}

/// Asks over each, in turn.
pub(super) fn measure(
    place: &Place,
    running: &[(Kind, Child)],
    options: &Options,
    results: &mut Results,
) -> Result {
    let Some(dnsperf) = peer("dnsperf") else { return Ok(()) };
    for _ in 0..Options::ROUNDS {
        for (kind, _) in running.iter().filter(|(kind, _)| SPEAK.contains(kind)) {
            for (mode, port) in [("tcp", PORT), ("dot", TLS_PORT), ("doh", HTTPS_PORT)] {
                let mut asking = on_load_core(&dnsperf);
                asking.args(["-m", mode, "-s", &kind.address().to_string()]);
                asking.args(["-p", &port.to_string(), "-d"]).arg(&place.data.workloads[2]);
                asking.args(["-l", &format!("{:.0}", options.seconds())]);
                asking.args(["-c", "8", "-T", "1", "-q", "200"]);
                let said = command::output(&mut asking).unwrap_or_default();
                let rate = rate(&String::from_utf8_lossy(&said));
                println!("{} over {mode}: {:.0} answers/s", kind.name(), rate);
                if rate > 0.0 {
                    results.streams.entry((*kind, mode)).or_default().push(rate);
                }
            }
        }
    }
    Ok(())
}

/// Answers a second, as `dnsperf` says them; 0 where it got none.
fn rate(said: &str) -> f64 {
    let line = said.lines().find_map(|line| line.trim().strip_prefix("Queries per second:"));
    line.and_then(|number| number.trim().parse().ok()).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_read_off() {
        let said = "Statistics:\n\n  Queries sent:  10\n  Queries per second:   12345.678900\n";
        assert!((rate(said) - 12_345.678_9).abs() < 1e-6);
        assert!(rate("Queries per second: nan?").abs() < 1e-9);
        assert!(rate("").abs() < 1e-9);
    }

    #[test]
    fn a_certificate_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key) = certificate(folder.path()).unwrap();
        let before = fs::read(&key).unwrap();
        assert!(fs::read_to_string(certificate).unwrap().starts_with("-----BEGIN CERTIFICATE"));
        super::certificate(folder.path()).unwrap();
        assert_eq!(fs::read(key).unwrap(), before);
    }
}
