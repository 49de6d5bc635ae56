//! Names and queries for the DNS benchmark: invented, and the same on every run.
//! A million names as phishing has them, each blocked with all below it, and ten
//! thousand others that a resolver keeps.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use belfry_testbed::Random;

use crate::command::Result;

/// Names that resolvers keep.
const KEPT_NAMES: usize = 10_000;
/// Queries of one workload.
const QUERIES: usize = 400_000;
const SEED: u64 = 20_261_124;

const HOUSES: [&str; 24] = [
    "bank", "parcel", "post", "tax", "tele", "pay", "stream", "mail", "cloud", "chat", "shop",
    "toll", "energy", "health", "rail", "coin", "wallet", "insure", "rent", "ticket", "auction",
    "school", "city", "fines",
];
const WORDS: [&str; 28] = [
    "secure", "login", "verify", "account", "update", "support", "service", "confirm", "billing",
    "invoice", "portal", "online", "help", "alert", "notice", "unlock", "restore", "track",
    "refund", "bonus", "mobile", "id", "client", "session", "recover", "reset", "share", "fee",
];
const ENDS: [&str; 16] = [
    "com",
    "com",
    "com",
    "com",
    "net",
    "org",
    "top",
    "xyz",
    "shop",
    "info",
    "online",
    "site",
    "ru",
    "co.uk",
    "pages.dev",
    "github.io",
];
const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// The files of one size.
#[derive(Clone, Debug)]
pub(super) struct Data {
    /// One blocked name a line.
    pub(super) names: PathBuf,
    /// The same as an RPZ zone, with all below each.
    pub(super) zone: PathBuf,
    /// Each name that is kept, once.
    pub(super) warm: PathBuf,
    /// All blocked; all kept; one in a hundred blocked.
    pub(super) workloads: [PathBuf; 3],
}

/// Makes the files in `folder`, unless they are there.
pub(super) fn make(folder: &Path, count: usize) -> Result<Data> {
    let folder = folder.join(count.to_string());
    let file = |name: &str| folder.join(name);
    let data = Data {
        names: file("names.txt"),
        zone: file("rpz.zone"),
        warm: file("warm.txt"),
        workloads: ["a.txt", "b.txt", "c.txt"].map(file),
    };
    if data.workloads[2].exists() {
        return Ok(data);
    }
    fs::create_dir_all(&folder)?;
    let mut random = Random::new(SEED);
    let blocked = blocked(&mut random, count);
    let kept: Vec<_> = (0..KEPT_NAMES).map(|number| kept(&mut random, number)).collect();
    fs::write(&data.names, blocked.join("\n") + "\n")?;
    fs::write(&data.zone, zone(&blocked))?;
    fs::write(&data.warm, kept.join("\n") + "\n")?;
    for (path, percent) in data.workloads.iter().zip([100, 0, 1]) {
        fs::write(path, queries(&mut random, &blocked, &kept, percent))?;
    }
    Ok(data)
}

fn blocked(random: &mut Random, count: usize) -> Vec<String> {
    let (mut names, mut seen) = (Vec::with_capacity(count), HashSet::with_capacity(count));
    while names.len() < count {
        let mut name = String::new();
        if random.chance(12) {
            name += WORDS[random.index(WORDS.len())];
            name.push('.');
        }
        name += HOUSES[random.index(HOUSES.len())];
        if random.chance(60) {
            name.push('-');
        }
        name += WORDS[random.index(WORDS.len())];
        name.push('-');
        letters(random, &mut name, 3, 8);
        name.push('.');
        name += ENDS[random.index(ENDS.len())];
        if seen.insert(name.clone()) {
            names.push(name);
        }
    }
    names
}

fn kept(random: &mut Random, number: usize) -> String {
    let mut name = ["www.", "", "api.", "cdn."][random.index(4)].to_owned();
    letters(random, &mut name, 4, 14);
    let _ = write!(
        name,
        ".fine{number}.{}",
        ["example", "test", "invalid-example.com"][random.index(3)]
    );
    name
}

fn letters(random: &mut Random, into: &mut String, least: u64, most: u64) {
    for _ in 0..random.within(least..most + 1) {
        into.push(char::from(ALPHABET[random.index(ALPHABET.len())]));
    }
}

fn zone(blocked: &[String]) -> String {
    let mut zone =
        "$ORIGIN rpz.\n$TTL 60\n@ IN SOA localhost. root.localhost. 1 3600 600 86400 60\n\
                    @ IN NS localhost.\n"
            .to_owned();
    for name in blocked {
        let _ = write!(zone, "{name} A 127.0.0.2\n*.{name} A 127.0.0.2\n");
    }
    zone
}

fn queries(random: &mut Random, blocked: &[String], kept: &[String], percent: u64) -> String {
    let mut queries = String::new();
    for _ in 0..QUERIES {
        if random.chance(percent) {
            if random.chance(50) {
                letters(random, &mut queries, 1, 8);
                queries.push('.');
            }
            queries += &blocked[random.index(blocked.len())];
        } else {
            queries += &kept[random.index(kept.len())];
        }
        queries += " A\n";
    }
    queries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_is_the_same_on_every_run_and_fits_together() {
        let folder = tempfile::tempdir().unwrap();
        let data = make(folder.path(), 200).unwrap();
        let read = |path: &PathBuf| fs::read_to_string(path).unwrap();
        let names = read(&data.names);
        assert_eq!(names.lines().count(), 200);
        assert_eq!(read(&data.zone).lines().count(), 4 + 400);
        let [all, none, few] = data.workloads.each_ref().map(|path| {
            let set: HashSet<_> = names.lines().collect();
            let is_blocked = |name: &str| {
                set.contains(name) || name.split_once('.').is_some_and(|(_, up)| set.contains(up))
            };
            let lines = read(path);
            lines.lines().filter(|line| is_blocked(line.trim_end_matches(" A"))).count()
        });
        assert_eq!((all, none), (QUERIES, 0));
        assert!((QUERIES / 200..QUERIES / 50).contains(&few), "{few}");
        let before = read(&data.workloads[2]);
        fs::remove_file(&data.workloads[2]).unwrap();
        make(folder.path(), 200).unwrap();
        assert_eq!(read(&data.workloads[2]), before);
    }
}
