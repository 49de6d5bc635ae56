//! Backups, and coming back from one.
//!
//! A backup folder holds two things apart, so that erasing reaches backups too:
//!
//! | in the folder | holds | kept |
//! |---|---|---|
//! | `books/NAME.sealed` | the database, without reports' keys and without texts out of reports | the last few |
//! | `evidence/` | the encrypted objects, one a report | as long as the report |
//! | `keys.sealed` | keys of reports and objections, the hub's own keys, names, titles, URLs and reasons of cases, reporters' addresses, revoked tokens | one, replaced by each backup |
//!
//! An erased report's key is in no `keys.sealed` from the next backup on: nothing opens its
//! bytes in older books any more, and a restore from them erases the rest of it again.
//! Both sealed files need the backup key, which is never in the folder.

mod key;
mod make;
mod restore;
mod sealed_file;

pub use self::key::BackupKey;
pub(crate) use self::make::WORKSHOP;
pub use self::make::{BackedUp, BackupOrder};
pub use self::restore::{RestoreOrder, Restored, restore};
pub use self::sealed_file::unseal_file;

use std::fs::{self, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use crate::StoreError;

const BOOKS: &str = "books";
const EVIDENCE: &str = "evidence";
const KEYS: &str = "keys.sealed";
const SEALED: &str = ".sealed";
/// Says whose backups these are.
const MARKER: &str = "belfry-backup";

/// Whether a name of books fits a file: letters, digits, `-`, `.`; at most 64.
fn check_name(name: &str) -> Result<(), StoreError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    if name.is_empty() || name.len() > 64 || name.starts_with('.') || !name.bytes().all(allowed) {
        let why = "it must have 1 to 64 letters, digits, '-' and '.'";
        return Err(StoreError::Invalid { what: "backup's name", why });
    }
    Ok(())
}

/// The names of the books in a folder, oldest first.
fn names_in(folder: &Path) -> Result<Vec<String>, StoreError> {
    let path = folder.join(BOOKS);
    let listed = fs::read_dir(&path).map_err(|source| failed(&path, source))?;
    let mut names: Vec<String> = listed
        .filter_map(Result::ok)
        .filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(SEALED)?.to_owned()))
        .collect();
    names.sort();
    Ok(names)
}

fn books(folder: &Path, name: &str) -> PathBuf {
    folder.join(BOOKS).join(format!("{name}{SEALED}"))
}

/// Where an object lies under `folder/evidence`.
fn object_in(folder: &Path, object: &str) -> Option<PathBuf> {
    let name = crate::evidence::ObjectName::parse(object)?;
    let (head, tail) = name.as_str().split_at(2);
    Some(folder.join(EVIDENCE).join(head).join(tail))
}

fn failed(path: &Path, source: std::io::Error) -> StoreError {
    StoreError::File { path: path.to_owned(), source }
}

fn make_folder(path: &Path) -> Result<(), StoreError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(0o700).create(path).map_err(|source| failed(path, source))
}

fn sync_folder(path: &Path) -> std::io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_in_its_folder() {
        for good in ["20261124T090000Z", "before-the-move", "a.b"] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        for bad in ["", "../x", "a/b", ".hidden", "a b", &"x".repeat(65)] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }
}
