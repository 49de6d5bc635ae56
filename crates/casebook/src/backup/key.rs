//! The backup key: 32 random bytes in a file of their own, as 64 hex digits that can be
//! written down. Never in the data folder's backup, never in a log.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use data_encoding::HEXLOWER_PERMISSIVE;
use zeroize::Zeroizing;

use super::failed;
use crate::StoreError;
use crate::keys::Key;

/// What opens a backup.
pub struct BackupKey(pub(super) Key);

impl std::fmt::Debug for BackupKey {
    /// Without the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BackupKey")
    }
}

impl BackupKey {
    /// Makes a key in a new file of mode 0600.
    ///
    /// # Errors
    /// [`StoreError::File`]: the file is there already, or can't be written.
    pub fn create(path: &Path) -> Result<(), StoreError> {
        let text = Zeroizing::new(HEXLOWER_PERMISSIVE.encode(Key::random().bytes()));
        let written = || -> std::io::Result<()> {
            let mut options = OpenOptions::new();
            let mut file = options.write(true).create_new(true).mode(0o600).open(path)?;
            file.write_all(text.as_bytes())?;
            file.write_all(b"\n")?;
            file.sync_all()
        };
        written().map_err(|source| failed(path, source))
    }

    /// Reads a key.
    ///
    /// # Errors
    /// [`StoreError::Key`] or [`StoreError::File`].
    pub fn read(path: &Path) -> Result<Self, StoreError> {
        let refused = |why| StoreError::Key { path: path.into(), why };
        let mode = fs::metadata(path).map_err(|source| failed(path, source))?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(refused("others may read it; take their rights away with chmod 600"));
        }
        let text = Zeroizing::new(fs::read_to_string(path).map_err(|source| failed(path, source))?);
        let bytes = HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).map(Zeroizing::new);
        let bytes = bytes.map_err(|_| refused("it is not 64 hex digits"))?;
        let bytes = bytes.as_slice().try_into().map_err(|_| refused("it is not 64 hex digits"))?;
        Ok(Self(Key::from_bytes(bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("backup.key");
        BackupKey::create(&path).unwrap();
        assert!(BackupKey::create(&path).is_err(), "never over another");
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.len(), 65);
        let first = BackupKey::read(&path).unwrap();
        fs::write(&path, text.to_uppercase()).unwrap();
        assert_eq!(BackupKey::read(&path).unwrap().0.bytes(), first.0.bytes());
        assert!(!format!("{first:?}").contains(&text[..8]));
        for bad in ["", "abc", &"g".repeat(64), &"a".repeat(66)] {
            fs::write(&path, bad).unwrap();
            assert!(matches!(BackupKey::read(&path), Err(StoreError::Key { .. })), "{bad}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(BackupKey::read(&path), Err(StoreError::Key { .. })));
    }
}
