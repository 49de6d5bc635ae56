//! Files that are replaced whole: a reader sees the one before or the new one, never a
//! half, whatever moment this process or the machine ends at.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Replaces `folder/name` by what `write` writes.
///
/// Its time of change is at least a second past that of the file before: dnsdist tells a new
/// file by that time in whole seconds.
pub(crate) fn replace(
    folder: &Path,
    name: &str,
    now: SystemTime,
    write: impl FnOnce(BufWriter<File>) -> io::Result<BufWriter<File>>,
) -> io::Result<()> {
    let (path, new) = (folder.join(name), folder.join(format!(".{name}.new")));
    // The server is another user than we are, and reads.
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o644).open(&new)?;
    let replaced = finish(write(BufWriter::new(file)), later(&path, now))
        .and_then(|()| fs::rename(&new, &path))
        .and_then(|()| File::open(folder)?.sync_all());
    if replaced.is_err() {
        // Best effort: it is never read, and is overwritten next time.
        let _ = fs::remove_file(&new);
    }
    replaced
}

fn finish(written: io::Result<BufWriter<File>>, changed: SystemTime) -> io::Result<()> {
    let mut written = written?;
    written.flush()?;
    let file = written.get_ref();
    file.set_modified(changed)?;
    file.sync_all()
}

/// `now`, or a second past the change of the file that is there.
fn later(path: &Path, now: SystemTime) -> SystemTime {
    let seconds = |time: SystemTime| time.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let before = fs::metadata(path).and_then(|there| there.modified());
    match before {
        Ok(before) if seconds(before) >= seconds(now) => {
            UNIX_EPOCH + Duration::from_secs(seconds(before) + 1)
        }
        _ => now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(folder: &Path, text: &str, now: SystemTime) -> io::Result<()> {
        replace(folder, "x.rpz", now, |mut out| out.write_all(text.as_bytes()).map(|()| out))
    }

    #[test]
    fn each_file_is_a_whole_second_younger() {
        let folder = tempfile::tempdir().unwrap();
        let now = UNIX_EPOCH + Duration::from_millis(1_795_510_800_300);
        for n in 0..3_u64 {
            text(folder.path(), &n.to_string(), now).unwrap();
            let path = folder.path().join("x.rpz");
            assert_eq!(fs::read_to_string(&path).unwrap(), n.to_string());
            let changed = fs::metadata(path).unwrap().modified().unwrap();
            let changed = changed.duration_since(UNIX_EPOCH).unwrap().as_secs();
            assert_eq!(changed, 1_795_510_800 + n);
        }
    }

    #[test]
    fn what_fails_leaves_the_file_before_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        text(folder.path(), "good", SystemTime::now()).unwrap();
        let failed = replace(folder.path(), "x.rpz", SystemTime::now(), |mut out| {
            out.write_all(b"half")?;
            Err(io::Error::other("the disk is full"))
        });
        assert!(failed.is_err());
        let names: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(names.len(), 1);
        assert_eq!(fs::read_to_string(folder.path().join("x.rpz")).unwrap(), "good");
        assert!(text(&folder.path().join("absent"), "x", SystemTime::now()).is_err());
    }
}
