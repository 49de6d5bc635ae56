//! The short fuzzing that needs no special compiler: seeds of our own, changed at
//! random, given to the same function that libFuzzer calls.
//!
//! It sees no coverage, so it finds less than `cargo xtask fuzz`; but it runs
//! with every test run, on every machine.

use std::fs;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;

use crate::corpus::workspace;
use crate::random::{Random, seed};

/// No input gets longer than this.
const OCTETS_MAX: usize = 16 << 10;
/// Changes to one input.
const CHANGES_MAX: u64 = 6;
/// Octets that parsers of all kinds stop at.
const TELLING: [&[u8]; 12] = [
    b"\r\n",
    b"\n.\r\n",
    b"\0",
    b"\xff",
    b"\x80",
    b"\xc0\x0c",
    b"--",
    b"\"",
    b"{",
    b"<",
    b"=",
    b"\xff\xff\xff\xff",
];

/// Calls `body` with each seed of `target` and with `runs` changed ones.
///
/// # Panics
/// When `body` does, after telling the input and the seed; when there are no seeds.
pub fn smoke(target: &str, runs: u32, body: impl Fn(&[u8])) {
    let seeds = seeds(target);
    assert!(!seeds.is_empty(), "no seeds in fuzz/seeds/{target}");
    let seed = seed();
    let mut random = Random::new(seed);
    let changed = (0..runs).map(|_| change(&seeds, &mut random)).collect::<Vec<_>>();
    for input in seeds.iter().chain(&changed) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| body(input))) {
            let shown = input.escape_ascii();
            // Not `eprintln!`: it panics when standard error is closed.
            let _ = writeln!(io::stderr(), "target {target}, seed {seed}, input \"{shown}\"");
            resume_unwind(panic);
        }
    }
}

/// The seeds of `target`, in the order of their names.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = workspace().join("fuzz").join("seeds").join(target);
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.sort();
    files.iter().filter_map(|file| fs::read(file).ok()).collect()
}

/// One of `seeds`, changed a few times.
fn change(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut input = seeds[random.index(seeds.len())].clone();
    for _ in 0..random.within(1..CHANGES_MAX) {
        change_once(&mut input, seeds, random);
    }
    input.truncate(OCTETS_MAX);
    input
}

fn change_once(input: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Random) {
    let at = random.index(input.len() + 1);
    let end = at + random.index(input.len() - at + 1).min(64);
    match random.within(0..8) {
        0 | 1 => {
            if let Some(octet) = input.get_mut(at) {
                *octet ^= 1 << random.within(0..8);
            }
        }
        2 => {
            if let Some(octet) = input.get_mut(at) {
                *octet = random.octet();
            }
        }
        3 => drop(input.drain(at..end)),
        4 => {
            let again = input[at..end].to_vec();
            insert(input, at, &again);
        }
        5 => insert(input, at, TELLING[random.index(TELLING.len())]),
        6 => {
            let other = &seeds[random.index(seeds.len())];
            input.truncate(at);
            input.extend_from_slice(&other[random.index(other.len() + 1)..]);
        }
        _ => {
            let times = random.index(200);
            let again = input[at..end].repeat(times);
            insert(input, at, &again);
        }
    }
}

fn insert(input: &mut Vec<u8>, at: usize, octets: &[u8]) {
    input.splice(at..at, octets.iter().copied());
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn changes_differ_and_are_bounded() {
        let seeds = vec![b"GET / HTTP/1.1\r\n\r\n".to_vec(), b"x".to_vec()];
        let mut random = Random::new(3);
        let inputs: HashSet<_> = (0..1000).map(|_| change(&seeds, &mut random)).collect();
        assert!(inputs.len() > 700, "{}", inputs.len());
        assert!(inputs.iter().all(|input| input.len() <= OCTETS_MAX));
    }

    #[test]
    fn an_empty_seed_can_be_changed() {
        let mut random = Random::new(3);
        let longest = (0..1000).map(|_| change(&[Vec::new()], &mut random).len()).max();
        assert!(longest > Some(0));
    }

    #[test]
    fn seeds_come_first_then_changed_ones_and_a_panic_is_passed_on() {
        let seen = RefCell::new(Vec::new());
        smoke("journal", 5, |input| seen.borrow_mut().push(input.to_vec()));
        assert_eq!(seen.borrow().len(), seeds("journal").len() + 5);
        assert_eq!(seen.borrow()[0], seeds("journal")[0]);
        assert!(catch_unwind(|| smoke("journal", 0, |_| panic!("found"))).is_err());
        assert!(catch_unwind(|| smoke("no-such-target", 0, |_| {})).is_err());
    }
}
