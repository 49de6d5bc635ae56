//! The file with the furthest serial that any follower may have: what a restore from an
//! older backup must not give out again. That is the journal's head, for secondaries of zones
//! take an entry within milliseconds and acknowledge nothing, or what a follower acknowledged
//! where that is past it. It may lie on another disk than the data.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use belfry_casebook::Casebook;
use belfry_journal::{JournalId, Serial};
use tokio_util::sync::CancellationToken;

/// How often it is written at most.
const PAUSE: Duration = Duration::from_secs(1);

/// Entries that may have gone out after the file was written last, a second and some before
/// the hub was lost: a restore by the file fills up past them too.
pub(crate) const UNWRITTEN_MAX: u64 = 1_000;

/// Writes `file` whenever a follower may be further, until `stop`, and once more then.
pub(crate) async fn keep(casebook: Casebook, file: PathBuf, stop: CancellationToken) {
    let (mut furthest, mut head) = (casebook.watch_furthest(), casebook.watch_head());
    furthest.mark_changed();
    let mut running = true;
    while running {
        let next = async {
            let changed = tokio::select! {
                changed = furthest.changed() => changed,
                changed = head.changed() => changed,
            };
            tokio::time::sleep(PAUSE).await;
            changed.is_ok()
        };
        running = stop.run_until_cancelled(next).await.unwrap_or(false);
        let serial = (*furthest.borrow_and_update()).max(*head.borrow_and_update());
        let (journal, path) = (casebook.head().journal, file.clone());
        let written = tokio::task::spawn_blocking(move || write(&path, journal, serial)).await;
        if let Ok(Err(error)) = written {
            tracing::error!(file = %file.display(), %error, "how far followers are is not kept");
        }
    }
}

fn write(path: &Path, journal: JournalId, serial: Serial) -> std::io::Result<()> {
    // Never lower than what it says already of this journal: a follower may be forgotten.
    let serial =
        read(path).filter(|(known, _)| *known == journal).map_or(serial, |(_, s)| s.max(serial));
    let whole = path.with_extension("new");
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&whole)?;
    writeln!(file, "{journal} {serial}")?;
    file.sync_all()?;
    fs::rename(&whole, path)?;
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// What such a file says: of which journal, and how far.
pub(crate) fn read(path: &Path) -> Option<(JournalId, Serial)> {
    let text = fs::read_to_string(path).ok()?;
    let (journal, serial) = text.trim_end().split_once(' ')?;
    Some((journal.parse().ok()?, Serial(serial.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_only_grows_and_knows_its_journal() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("passed");
        assert_eq!(read(&path), None);
        let (one, other) = (JournalId([1; 16]), JournalId([2; 16]));
        write(&path, one, Serial(7)).unwrap();
        write(&path, one, Serial(3)).unwrap();
        assert_eq!(read(&path), Some((one, Serial(7))));
        write(&path, other, Serial(2)).unwrap();
        assert_eq!(read(&path), Some((other, Serial(2))));
        fs::write(&path, "cut").unwrap();
        assert_eq!(read(&path), None);
    }
}
