//! DNS over TCP, TLS and HTTPS: `dnsperf` asks each server that speaks them, and over
//! HTTPS `h2load` too, which takes several answers at once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use belfry_testbed::{Child, peer};

use crate::bench::dns::process::Cpu;
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

/// What one load came to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asked {
    /// Answers a second.
    pub(super) rate: f64,
    /// Microseconds of the server's processor time an answer.
    pub(super) total_us: f64,
}

/// The ways, in the order of the table: what asks, and over what.
pub(super) const WAYS: [(&str, &str); 4] =
    [("dnsperf", "tcp"), ("dnsperf", "dot"), ("dnsperf", "doh"), ("h2load", "doh")];
/// Queries that `h2load` asks over and over.
const ADDRESSES: usize = 2_000;

/// Asks over each, in turn.
pub(super) fn measure(
    place: &Place,
    running: &[(Kind, Child)],
    options: &Options,
    results: &mut Results,
) -> Result {
    for _ in 0..options.rounds() {
        for (kind, child) in running.iter().filter(|(kind, _)| SPEAK.contains(kind)) {
            for way in WAYS {
                let Some(program) = peer(way.0) else { continue };
                let seconds = options.seconds();
                let mut asking = on_load_core(&program);
                match way.0 {
                    "dnsperf" => dnsperf(&mut asking, *kind, way.1, (place, seconds)),
                    _ => h2load(&mut asking, *kind, (place, seconds))?,
                }
                let before = Cpu::of(child.id())?;
                let said = command::output(&mut asking).unwrap_or_default();
                let used = Cpu::of(child.id())?.since(before);
                let (rate, answers) = answered(&String::from_utf8_lossy(&said));
                let total_us = used.total.as_secs_f64() * 1e6 / answers.max(1.0);
                println!("{} over {way:?}: {rate:.0} answers/s, {total_us:.1} µs", kind.name());
                if rate > 0.0 {
                    results.streams.entry((*kind, way)).or_default().push(Asked { rate, total_us });
                }
            }
        }
    }
    Ok(())
}

fn dnsperf(asking: &mut Command, kind: Kind, mode: &str, (place, seconds): (&Place, f64)) {
    let port = match mode {
        "tcp" => PORT,
        "dot" => TLS_PORT,
        _ => HTTPS_PORT,
    };
    asking.args(["-m", mode, "-s", &kind.address().to_string()]);
    asking.args(["-p", &port.to_string(), "-d"]).arg(&place.data.workloads[2]);
    asking.args(["-l", &format!("{seconds:.0}"), "-c", "8", "-T", "1", "-q", "200"]);
}

fn h2load(asking: &mut Command, kind: Kind, (place, seconds): (&Place, f64)) -> Result {
    let queries = fs::read_to_string(&place.data.workloads[2])?;
    let server = format!("https://{}:{HTTPS_PORT}", kind.address());
    let address = |line: &str| format!("{server}/dns-query?dns={}\n", encoded(line));
    let file = place.folder.join("addresses.txt");
    fs::write(&file, queries.lines().take(ADDRESSES).map(address).collect::<String>())?;
    asking
        .args(["-D", &format!("{seconds:.0}s"), "-c", "8", "-m", "25", "-t", "1", "-i"])
        .arg(file);
    Ok(())
}

/// A query for the name that begins a line, as DNS over HTTPS has it in an address.
fn encoded(line: &str) -> String {
    let name = line.split_whitespace().next().unwrap_or_default();
    let mut query = b"\0\0\x01\0\0\x01\0\0\0\0\0\0".to_vec();
    for label in name.split('.') {
        query.push(u8::try_from(label.len()).unwrap_or_default());
        query.extend(label.bytes());
    }
    query.extend(b"\0\0\x01\0\x01");
    data_encoding::BASE64URL_NOPAD.encode(&query)
}

/// Answers a second and how many there were, as either program says them; 0 where it got
/// none.
fn answered(said: &str) -> (f64, f64) {
    let number = |before: &str, after: &str| -> f64 {
        let found = said.lines().find_map(|line| {
            let (_, rest) = line.split_once(before)?;
            rest.split_once(after).map_or(Some(rest), |(number, _)| Some(number))
        });
        found.and_then(|number| number.trim().parse().ok()).unwrap_or(0.0)
    };
    if said.contains("status codes:") {
        return (number("s, ", " req/s"), number("status codes:", " 2xx"));
    }
    (number("Queries per second:", "\n"), number("Queries completed:", "("))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_read_off() {
        let check = |said: &str, rate: f64, count: f64| {
            let got = answered(said);
            assert!((got.0 - rate).abs() < 1e-6 && (got.1 - count).abs() < 1e-6, "{got:?}");
        };
        let said = "  Queries sent:  10\n  Queries completed:    9 (90.00%)\n  \
                    Queries per second:   12345.678900\n";
        check(said, 12_345.678_9, 9.0);
        let said = "finished in 4.00s, 150285.67 req/s, 11.04MB/s\nrequests: 450857 total\n\
                    status codes: 450857 2xx, 0 3xx, 0 4xx, 0 5xx\n";
        check(said, 150_285.67, 450_857.0);
        check("Queries per second: nan?", 0.0, 0.0);
        check("", 0.0, 0.0);
    }

    #[test]
    fn a_query_is_encoded_as_dns_over_https_has_it() {
        assert_eq!(encoded("www.example.com A"), "AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB");
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
