//! Snapshots on disk: temporary file, fsync, rename, directory fsync; the last
//! two are kept, and a damaged one is passed over for the one before. Never
//! hands out a snapshot that does not verify.

use std::fs::{self, DirBuilder, File};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use belfry_journal::{EffectiveSet, JournalId, Serial, snapshot};

/// A snapshot file larger than this is not read: no set we serve comes near.
const LARGEST: u64 = 1 << 30;
/// How many snapshots stay.
const KEPT: usize = 2;
const PREFIX: &str = "snapshot-";
const SUFFIX: &str = ".belfry";

/// What was wrong with a snapshot file, for the alarm.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {why}", path = path.display())]
pub struct StoreProblem {
    /// Which file.
    pub path: PathBuf,
    /// Why.
    pub why: String,
}

impl StoreProblem {
    fn new(path: &Path, why: &dyn ToString) -> Self {
        Self { path: path.to_owned(), why: why.to_string() }
    }
}

/// A folder with the last two snapshots, `snapshot-SERIAL.belfry` each.
#[derive(Clone, Debug)]
pub struct SnapshotStore {
    folder: PathBuf,
}

impl SnapshotStore {
    /// Snapshots in `folder`, created when first saved.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The newest snapshot that verifies, and what was wrong with newer ones.
    pub fn load(&self) -> (Option<(JournalId, EffectiveSet)>, Vec<StoreProblem>) {
        let mut problems = Vec::new();
        let files = match self.files() {
            Ok(files) => files,
            Err(problem) => return (None, vec![problem]),
        };
        for (serial, path) in files {
            match read(serial, &path) {
                Ok(found) => return (Some(found), problems),
                Err(problem) => problems.push(problem),
            }
        }
        (None, problems)
    }

    /// Saves a snapshot durably.
    ///
    /// # Errors
    /// [`StoreProblem`]: the previous ones still stand.
    pub fn save(&self, journal: JournalId, set: &EffectiveSet) -> Result<(), StoreProblem> {
        self.save_bytes(set.serial(), &snapshot::encode(journal, set))
    }

    /// Saves the encoded snapshot at `serial`; apart from [`Self::save`] so that
    /// the set is free again while the disk is slow.
    pub(crate) fn save_bytes(&self, serial: Serial, bytes: &[u8]) -> Result<(), StoreProblem> {
        self.create_folder()?;
        let path = self.path(serial);
        let temporary = self.folder.join(format!("{PREFIX}{serial:020}.new"));
        let written = write(&temporary, bytes)
            .and_then(|()| fs::rename(&temporary, &path))
            .and_then(|()| File::open(&self.folder)?.sync_all());
        if let Err(error) = written {
            // Best effort: a temporary file is never read, and is overwritten next time.
            let _ = fs::remove_file(&temporary);
            return Err(StoreProblem::new(&path, &error));
        }
        self.prune(serial)
    }

    fn path(&self, serial: Serial) -> PathBuf {
        self.folder.join(format!("{PREFIX}{serial:020}{SUFFIX}"))
    }

    fn create_folder(&self) -> Result<(), StoreProblem> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)
            .map_err(|error| StoreProblem::new(&self.folder, &error))
    }

    /// The snapshot files, newest first; an absent folder holds none.
    fn files(&self) -> Result<Vec<(Serial, PathBuf)>, StoreProblem> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(StoreProblem::new(&self.folder, &error)),
        };
        let mut files: Vec<_> = entries
            .filter_map(Result::ok)
            .filter_map(|entry| Some((serial_of(entry.file_name().to_str()?)?, entry.path())))
            .collect();
        files.sort_unstable_by(|a, b| b.cmp(a));
        Ok(files)
    }

    /// Leaves `saved` and the newest before it. One with a higher serial was
    /// passed over when the follower started, or it would stand there: it is
    /// set aside, once, for whoever wants to know what damaged it.
    fn prune(&self, saved: Serial) -> Result<(), StoreProblem> {
        let mut kept = 0;
        for (serial, path) in self.files()? {
            let done = if serial > saved {
                fs::rename(&path, self.folder.join("set-aside.damaged"))
            } else if kept < KEPT {
                kept += 1;
                Ok(())
            } else {
                fs::remove_file(&path)
            };
            done.map_err(|error| StoreProblem::new(&path, &error))?;
        }
        Ok(())
    }
}

/// The serial in a snapshot's file name.
fn serial_of(name: &str) -> Option<Serial> {
    let digits = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
    let all = digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
    all.then(|| digits.parse().ok().map(Serial)).flatten()
}

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn read(serial: Serial, path: &Path) -> Result<(JournalId, EffectiveSet), StoreProblem> {
    let problem = |why: &dyn ToString| StoreProblem::new(path, why);
    let file = File::open(path).map_err(|error| problem(&error))?;
    let mut bytes = Vec::new();
    let size = file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| problem(&error))?;
    if size as u64 > LARGEST {
        return Err(problem(&"larger than 1 GiB, which no snapshot is"));
    }
    let (journal, set) = snapshot::decode(&bytes).map_err(|error| problem(&error))?;
    if set.serial() != serial {
        return Err(problem(&format!(
            "holds serial {}, not the one it is named for",
            set.serial()
        )));
    }
    Ok((journal, set))
}

#[cfg(test)]
mod tests;
