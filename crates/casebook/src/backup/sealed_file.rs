//! A file sealed in pieces, so that none has to fit into memory.
//!
//! Form, integers big-endian: `"BELFRYB1" pieces(8)` and, for each piece, `length(4)
//! sealed(length)`. Each piece is bound to the file's name, its own number and the number
//! of all: cut, swapped and foreign pieces are refused.

use std::fs::{self, File, OpenOptions};
use std::io::{BufReader, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::{BackupKey, failed, sync_folder};
use crate::StoreError;
use crate::evidence::{seal, unseal};

const MAGIC: &[u8; 8] = b"BELFRYB1";
/// Clear octets in one piece.
const PIECE: u64 = 1 << 20;
/// A sealed piece is a little longer.
const SEALED_MAX: u32 = (1 << 20) + 1024;

fn context(name: &str, piece: u64, pieces: u64) -> String {
    format!("backup {name}: piece {piece} of {pieces}")
}

/// Seals the file `from` as `to`, which is whole and durable under its name when this returns.
pub(super) fn seal_file(
    key: &BackupKey,
    name: &str,
    from: &Path,
    to: &Path,
) -> Result<u64, StoreError> {
    let half = to.with_extension("new");
    let sealed = || -> std::io::Result<u64> {
        let input = File::open(from)?;
        let pieces = input.metadata()?.len().div_ceil(PIECE).max(1);
        let mut input = BufReader::new(input);
        let mut options = OpenOptions::new();
        let output = options.write(true).create(true).truncate(true).mode(0o600).open(&half)?;
        let mut output = BufWriter::new(output);
        output.write_all(MAGIC)?;
        output.write_all(&pieces.to_be_bytes())?;
        let mut written = 16;
        for piece in 1..=pieces {
            let mut clear = Vec::new();
            input.by_ref().take(PIECE).read_to_end(&mut clear)?;
            let sealed = seal(&key.0, &context(name, piece, pieces), &clear);
            let length = u32::try_from(sealed.len()).expect("a piece is about 1 MiB");
            output.write_all(&length.to_be_bytes())?;
            output.write_all(&sealed)?;
            written += 4 + u64::from(length);
        }
        output.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(&half, to)?;
        to.parent().map_or(Ok(()), sync_folder)?;
        Ok(written)
    };
    sealed().map_err(|source| failed(to, source))
}

/// Opens the sealed file `from` as `to` (mode 0600); `name` is what it was sealed as.
///
/// # Errors
/// [`StoreError::Backup`] for another key or name or a damaged file, or [`StoreError::File`].
pub fn unseal_file(key: &BackupKey, name: &str, from: &Path, to: &Path) -> Result<(), StoreError> {
    let refused = |why| StoreError::Backup { path: from.to_owned(), why };
    let io = |source| failed(from, source);
    let mut input = BufReader::new(File::open(from).map_err(io)?);
    let mut head = [0; 16];
    input.read_exact(&mut head).map_err(|_| refused("it is cut short"))?;
    let (magic, pieces) = head.split_at(8);
    if magic != MAGIC {
        return Err(refused("it is no sealed file of this version"));
    }
    let pieces = u64::from_be_bytes(pieces.try_into().expect("8 of 16 octets"));
    let mut options = OpenOptions::new();
    let output = options.write(true).create_new(true).mode(0o600).open(to);
    let mut output = BufWriter::new(output.map_err(|source| failed(to, source))?);
    for piece in 1..=pieces {
        let mut length = [0; 4];
        input.read_exact(&mut length).map_err(|_| refused("it is cut short"))?;
        let length = u32::from_be_bytes(length);
        if length > SEALED_MAX {
            return Err(refused("a piece of it is too long"));
        }
        let mut sealed = Vec::new();
        let read = input.by_ref().take(u64::from(length)).read_to_end(&mut sealed).map_err(io)?;
        if read as u64 != u64::from(length) {
            return Err(refused("it is cut short"));
        }
        let clear = unseal(&key.0, &context(name, piece, pieces), &sealed)
            .map_err(|_| refused("it was changed, or the backup key is another one"))?;
        output.write_all(&clear).map_err(|source| failed(to, source))?;
    }
    if input.read(&mut [0; 1]).map_err(io)? != 0 {
        return Err(refused("something follows its end"));
    }
    let file = output.into_inner().map_err(|error| failed(to, error.into_error()))?;
    file.sync_all().map_err(|source| failed(to, source))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Key;

    fn sealed(bytes: &[u8]) -> (tempfile::TempDir, BackupKey) {
        let folder = tempfile::tempdir().unwrap();
        let key = BackupKey(Key::random());
        fs::write(folder.path().join("clear"), bytes).unwrap();
        let (from, to) = (folder.path().join("clear"), folder.path().join("sealed"));
        let size = seal_file(&key, "books", &from, &to).unwrap();
        assert_eq!(size, fs::metadata(&to).unwrap().len());
        (folder, key)
    }

    fn opened(folder: &Path, key: &BackupKey, name: &str) -> Result<Vec<u8>, StoreError> {
        let to = folder.join("opened");
        let _ = fs::remove_file(&to);
        unseal_file(key, name, &folder.join("sealed"), &to).map(|()| fs::read(to).unwrap())
    }

    #[test]
    fn what_was_sealed_opens_whatever_its_length() {
        for length in [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20] {
            let bytes: Vec<u8> = (0..length).map(|n: usize| n.to_le_bytes()[0]).collect();
            let (folder, key) = sealed(&bytes);
            assert_eq!(opened(folder.path(), &key, "books").unwrap(), bytes, "{length}");
        }
    }

    #[test]
    fn cut_changed_renamed_and_foreign_files_are_refused() {
        let (folder, key) = sealed(&vec![7; (1 << 20) + 10]);
        let path = folder.path().join("sealed");
        let whole = fs::read(&path).unwrap();
        assert!(opened(folder.path(), &key, "keys").is_err());
        assert!(opened(folder.path(), &BackupKey(Key::random()), "books").is_err());
        let lengths = (0..30).chain((0..whole.len()).step_by(37_123)).chain([whole.len() - 1]);
        for length in lengths {
            fs::write(&path, &whole[..length]).unwrap();
            assert!(opened(folder.path(), &key, "books").is_err(), "cut at {length}");
        }
        for at in [0, 15, 16, 19, 20, 60, whole.len() - 1] {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            fs::write(&path, changed).unwrap();
            assert!(opened(folder.path(), &key, "books").is_err(), "changed at {at}");
        }
        fs::write(&path, [&whole[..], b"x"].concat()).unwrap();
        assert!(opened(folder.path(), &key, "books").is_err(), "longer");
    }
}
