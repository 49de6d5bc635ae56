//! The one way a test says that it did not run, and why.
//!
//! A skip goes to standard error and, as one line, to the file that
//! `BELFRY_SKIPS` names (else `skips.txt` where Cargo builds). It must never make a test
//! fail: a list that can't be written loses a line, nothing more.

use std::env;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::corpus::target;

/// Records that `what` was skipped, and `why`, with what to do about it.
pub fn skip(what: &str, why: &str) {
    let line = line(what, why);
    // Not `eprintln!`: it panics when standard error is closed.
    let _ = writeln!(io::stderr(), "skipped: {line}");
    let _ = append(&list(), &line);
}

/// The file that collects the skips of one run.
fn list() -> PathBuf {
    match env::var_os("BELFRY_SKIPS") {
        Some(path) if !path.is_empty() => PathBuf::from(path),
        _ => target().join("skips.txt"),
    }
}

/// One skip as one line: a reason with line breaks would look like several.
fn line(what: &str, why: &str) -> String {
    format!("{what} {why}").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn append(list: &Path, line: &str) -> io::Result<()> {
    if let Some(folder) = list.parent() {
        fs::create_dir_all(folder)?;
    }
    // One write of a short line in append mode: tests run in parallel
    // processes, and their lines must not mix.
    let mut file = OpenOptions::new().create(true).append(true).open(list)?;
    file.write_all(format!("{line}\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skip_is_one_line() {
        assert_eq!(line("corpus x", "is not there\n (set  Y)"), "corpus x is not there (set Y)");
    }

    #[test]
    fn skips_add_up_in_a_folder_made_on_the_way() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("deep").join("skips.txt");
        append(&list, "first").unwrap();
        append(&list, "second").unwrap();
        assert_eq!(fs::read_to_string(&list).unwrap(), "first\nsecond\n");
    }

    #[test]
    fn a_list_that_cannot_be_written_is_an_error_not_a_panic() {
        let folder = tempfile::tempdir().unwrap();
        assert!(append(folder.path(), "a folder is no file").is_err());
    }
}
