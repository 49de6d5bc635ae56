//! The key files in `keys/`: what opens evidence, names its objects, and turns
//! reporters into pseudonyms.
//!
//! Each is 32 random bytes in a file of mode 0600, made at the first open. A key
//! that is gone while reports exist is never made anew: that would make what is
//! stored unreadable for good while looking well.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::StoreError;

/// 32 secret bytes, wiped when dropped.
#[derive(Clone)]
pub(crate) struct Key(Zeroizing<[u8; 32]>);

impl Key {
    /// A fresh key.
    pub(crate) fn random() -> Self {
        Self(Zeroizing::new(random()))
    }

    pub(crate) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// HMAC-SHA256 of `text` under this key.
    pub(crate) fn hmac(&self, text: &[u8]) -> [u8; 32] {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(self.bytes())
            .expect("HMAC takes keys of every length");
        mac.update(text);
        mac.finalize().into_bytes().into()
    }
}

/// The keys of one data folder.
pub(crate) struct Keys {
    /// Wraps the key of each piece of evidence.
    pub(crate) evidence: Key,
    /// Names evidence objects.
    pub(crate) names: Key,
    /// Turns reporters into pseudonyms.
    pub(crate) reporters: Key,
}

impl Keys {
    /// Reads the keys in `folder`; makes missing ones where `fresh` says that nothing depends on
    /// them yet.
    ///
    /// # Errors
    /// [`StoreError::Key`] or [`StoreError::File`].
    pub(crate) fn open(folder: &Path, fresh: bool) -> Result<Self, StoreError> {
        Ok(Self {
            evidence: open_key(&folder.join("evidence.key"), fresh)?,
            names: open_key(&folder.join("names.key"), fresh)?,
            reporters: open_key(&folder.join("reporters.key"), fresh)?,
        })
    }

    /// Each with the name of its file, for a backup.
    pub(crate) fn named(&self) -> [(&'static str, &Key); 3] {
        [("evidence", &self.evidence), ("names", &self.names), ("reporters", &self.reporters)]
    }

    /// The secret of an operator's key: made of this folder's keys and the key's own salt.
    pub(crate) fn transfer_secret(&self, name: &str, salt: &[u8; 16]) -> [u8; 32] {
        let transfers = Key::from_bytes(self.names.hmac(b"belfry zone transfer keys, version 1"));
        transfers.hmac(&[salt, name.as_bytes()].concat())
    }

    /// The secret that posts to a hook are signed by, made likewise.
    pub(crate) fn hook_secret(&self, name: &str, salt: &[u8; 16]) -> [u8; 32] {
        let hooks = Key::from_bytes(self.names.hmac(b"belfry warning hooks, version 1"));
        hooks.hmac(&[salt, name.as_bytes()].concat())
    }

    /// The pseudonym of a reporter; letter case and space around it do not matter.
    pub(crate) fn pseudonym(&self, reporter: &str) -> [u8; 32] {
        self.reporters.hmac(reporter.trim().to_lowercase().as_bytes())
    }
}

/// Random bytes from the operating system.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// The seed of the signing key, made where it is missing.
pub(crate) fn signing_key(folder: &Path) -> Result<[u8; 32], StoreError> {
    Ok(*open_key(&folder.join("signing.key"), true)?.bytes())
}

/// The same for a backup: `None` where nothing was signed yet.
pub(crate) fn signing_key_made(folder: &Path) -> Result<Option<Key>, StoreError> {
    let path = folder.join("signing.key");
    match fs::read(&path) {
        Ok(bytes) => read_key(&path, &bytes).map(Some),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StoreError::File { path, source }),
    }
}

fn open_key(path: &Path, fresh: bool) -> Result<Key, StoreError> {
    match fs::read(path) {
        Ok(bytes) => read_key(path, &bytes),
        Err(error) if error.kind() == ErrorKind::NotFound && fresh => make_key(path),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(StoreError::Key {
            path: path.into(),
            why: "it is missing while reports exist; put it back from the backup, it is not made \
                  anew",
        }),
        Err(source) => Err(StoreError::File { path: path.into(), source }),
    }
}

fn read_key(path: &Path, bytes: &[u8]) -> Result<Key, StoreError> {
    let refused = |why| StoreError::Key { path: path.into(), why };
    let mode = fs::metadata(path)
        .map_err(|source| StoreError::File { path: path.into(), source })?
        .permissions()
        .mode();
    if mode & 0o077 != 0 {
        return Err(refused("others may read it; take their rights away with chmod 600"));
    }
    let bytes = bytes.try_into().map_err(|_| refused("it is not 32 bytes long"))?;
    Ok(Key::from_bytes(bytes))
}

fn make_key(path: &Path) -> Result<Key, StoreError> {
    let key = Key::random();
    let whole = path.with_extension("new");
    let written = || -> std::io::Result<()> {
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&whole)?;
        file.write_all(key.bytes())?;
        file.sync_all()?;
        fs::rename(&whole, path)?;
        path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    };
    written().map_err(|source| StoreError::File { path: path.into(), source })?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let first = Keys::open(folder.path(), true).unwrap();
        let again = Keys::open(folder.path(), false).unwrap();
        assert_eq!(first.evidence.bytes(), again.evidence.bytes());
        assert_ne!(first.evidence.bytes(), first.names.bytes());
        let mode = fs::metadata(folder.path().join("evidence.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_missing_key_is_not_made_anew_once_reports_exist() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(Keys::open(folder.path(), false), Err(StoreError::Key { .. })));
    }

    #[test]
    fn a_key_that_is_cut_or_open_to_others_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        Keys::open(folder.path(), true).unwrap();
        let path = folder.path().join("names.key");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(Keys::open(folder.path(), true), Err(StoreError::Key { .. })));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, [1; 31]).unwrap();
        assert!(matches!(Keys::open(folder.path(), true), Err(StoreError::Key { .. })));
    }

    #[test]
    fn a_pseudonym_ignores_case_and_depends_on_the_key() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let one = Keys::open(one.path(), true).unwrap();
        let two = Keys::open(two.path(), true).unwrap();
        assert_eq!(one.pseudonym("An@Example.com "), one.pseudonym("an@example.com"));
        assert_ne!(one.pseudonym("an@example.com"), one.pseudonym("bo@example.com"));
        assert_ne!(one.pseudonym("an@example.com"), two.pseudonym("an@example.com"));
    }
}
