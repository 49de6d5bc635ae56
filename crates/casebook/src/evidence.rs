//! Evidence: one encrypted object a report (XChaCha20-Poly1305, a key of its
//! own, wrapped by the master key), named by keyed hash.
//!
//! The key of an object exists only in its report's row, wrapped: an object
//! without a row (a crash came between the two) can't be opened by anyone and
//! is left alone. Nothing here is ever written in clear.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use data_encoding::HEXLOWER;

use crate::StoreError;
use crate::keys::{Key, Keys, random};

/// First byte of every sealed run of bytes: how it is sealed.
const SEAL_VERSION: u8 = 1;
const NONCE_LEN: usize = 24;

/// The name of an object: 64 hex digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ObjectName(String);

impl ObjectName {
    /// The name of a report's evidence. Receipts are random, so two equal mails have two names.
    pub(crate) fn of_receipt(keys: &Keys, receipt: &str) -> Self {
        Self(HEXLOWER.encode(&keys.names.hmac(receipt.as_bytes())))
    }

    /// A name as a row holds it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (text.len() == 64 && text.bytes().all(hex)).then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    fn path_in(&self, folder: &Path) -> PathBuf {
        let (head, tail) = self.0.split_at(2);
        folder.join(head).join(tail)
    }
}

/// Encrypts `clear`; `context` says what it is, and must be the same to open it.
pub(crate) fn seal(key: &Key, context: &str, clear: &[u8]) -> Vec<u8> {
    let nonce: [u8; NONCE_LEN] = random();
    let sealed = cipher(key)
        .encrypt(&XNonce::from(nonce), Payload { msg: clear, aad: context.as_bytes() })
        .expect("evidence is far below the cipher's limit of 256 GiB");
    let mut bytes = Vec::with_capacity(1 + NONCE_LEN + sealed.len());
    bytes.push(SEAL_VERSION);
    bytes.extend_from_slice(&nonce);
    bytes.extend_from_slice(&sealed);
    bytes
}

/// Opens what [`seal`] made, or says why not.
pub(crate) fn unseal(key: &Key, context: &str, sealed: &[u8]) -> Result<Vec<u8>, &'static str> {
    let (&version, rest) = sealed.split_first().ok_or("it is empty")?;
    if version != SEAL_VERSION {
        return Err("it is sealed in a way that this version does not know");
    }
    let (nonce, body) = rest.split_at_checked(NONCE_LEN).ok_or("it is cut short")?;
    let nonce: [u8; NONCE_LEN] = nonce.try_into().map_err(|_| "it is cut short")?;
    cipher(key)
        .decrypt(&XNonce::from(nonce), Payload { msg: body, aad: context.as_bytes() })
        .map_err(|_| "it was changed or its key is another one")
}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&(*key.bytes()).into())
}

/// A data key as its row holds it.
pub(crate) fn wrap(keys: &Keys, object: &ObjectName, key: &Key) -> Vec<u8> {
    seal(&keys.evidence, &wrap_context(object), key.bytes())
}

/// The data key of a row.
pub(crate) fn unwrap_key(
    keys: &Keys,
    object: &ObjectName,
    wrapped: &[u8],
) -> Result<Key, &'static str> {
    let clear = zeroize::Zeroizing::new(unseal(&keys.evidence, &wrap_context(object), wrapped)?);
    let bytes = clear.as_slice().try_into().map_err(|_| "its key is not 32 bytes long")?;
    Ok(Key::from_bytes(bytes))
}

fn wrap_context(object: &ObjectName) -> String {
    format!("key of {}", object.as_str())
}

/// The folder of objects.
#[derive(Clone, Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Makes the folder and its 256 subfolders, and removes what a crash left half written.
    pub(crate) fn prepare(path: PathBuf) -> Result<Self, StoreError> {
        let made = || -> std::io::Result<()> {
            let mut builder = fs::DirBuilder::new();
            builder.recursive(true).mode(0o700);
            for head in 0..=u8::MAX {
                builder.create(path.join(format!("{head:02x}")))?;
            }
            builder.create(path.join("new"))?;
            for half_written in fs::read_dir(path.join("new"))? {
                fs::remove_file(half_written?.path())?;
            }
            File::open(&path)?.sync_all()
        };
        made().map_err(|source| StoreError::File { path: path.clone(), source })?;
        Ok(Self(path))
    }

    /// Whether there is no object at all.
    pub(crate) fn is_empty(&self) -> Result<bool, StoreError> {
        for head in 0..=u8::MAX {
            let path = self.0.join(format!("{head:02x}"));
            let mut entries = fs::read_dir(&path)
                .map_err(|source| StoreError::File { path: path.clone(), source })?;
            if entries.next().is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Writes an object; it is durable under its name when this returns.
    pub(crate) fn write(&self, name: &ObjectName, sealed: &[u8]) -> Result<(), StoreError> {
        let target = name.path_in(&self.0);
        let half = self.0.join("new").join(name.as_str());
        let written = || -> std::io::Result<()> {
            let mut file =
                OpenOptions::new().write(true).create_new(true).mode(0o600).open(&half)?;
            file.write_all(sealed)?;
            file.sync_all()?;
            fs::rename(&half, &target)?;
            target.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
        };
        written().map_err(|source| StoreError::File { path: target.clone(), source })
    }

    /// Removes an object; one that is gone already is no error.
    pub(crate) fn remove(&self, name: &ObjectName) -> Result<(), StoreError> {
        let path = name.path_in(&self.0);
        let removed = match fs::remove_file(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
            Ok(()) => path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all()),
        };
        removed.map_err(|source| StoreError::File { path, source })
    }

    /// The objects whose names begin with `head` and that were written at least `age` ago.
    pub(crate) fn older_than(
        &self,
        head: u8,
        age: std::time::Duration,
    ) -> Result<Vec<ObjectName>, StoreError> {
        let head = format!("{head:02x}");
        let path = self.0.join(&head);
        let listed = || -> std::io::Result<Vec<ObjectName>> {
            let mut names = Vec::new();
            for entry in fs::read_dir(&path)? {
                let entry = entry?;
                let Some(tail) = entry.file_name().to_str().map(ToOwned::to_owned) else {
                    continue;
                };
                let Some(name) = ObjectName::parse(&format!("{head}{tail}")) else { continue };
                // A clock that went back makes a file of the future: it is young.
                if entry.metadata()?.modified()?.elapsed().is_ok_and(|since| since >= age) {
                    names.push(name);
                }
            }
            Ok(names)
        };
        listed().map_err(|source| StoreError::File { path: path.clone(), source })
    }

    /// The sealed bytes of an object.
    pub(crate) fn read(&self, name: &ObjectName) -> std::io::Result<Vec<u8>> {
        fs::read(name.path_in(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name() -> ObjectName {
        ObjectName::parse(&"a1".repeat(32)).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_only_with_its_key_and_context() {
        let (key, other) = (Key::random(), Key::random());
        let sealed = seal(&key, "here", b"clear text");
        assert_eq!(unseal(&key, "here", &sealed).unwrap(), b"clear text");
        assert!(unseal(&key, "there", &sealed).is_err());
        assert!(unseal(&other, "here", &sealed).is_err());
        for cut in 0..sealed.len() {
            assert!(unseal(&key, "here", &sealed[..cut]).is_err(), "cut at {cut}");
        }
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(unseal(&key, "here", &changed).is_err(), "changed at {at}");
        }
    }

    #[test]
    fn an_object_reads_back_and_is_written_once() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::prepare(root.path().join("evidence")).unwrap();
        assert!(folder.is_empty().unwrap());
        folder.write(&name(), b"sealed").unwrap();
        assert_eq!(folder.read(&name()).unwrap(), b"sealed");
        assert!(!folder.is_empty().unwrap());
        assert!(root.path().join("evidence/a1").join("a1".repeat(31)).exists());
    }

    #[test]
    fn half_written_objects_go_at_the_next_open() {
        let root = tempfile::tempdir().unwrap();
        Folder::prepare(root.path().into()).unwrap();
        fs::write(root.path().join("new/half"), b"half").unwrap();
        let folder = Folder::prepare(root.path().into()).unwrap();
        assert_eq!(fs::read_dir(root.path().join("new")).unwrap().count(), 0);
        assert!(folder.is_empty().unwrap());
    }

    #[test]
    fn a_name_that_could_leave_the_folder_is_refused() {
        for bad in ["", "../../../etc/passwd", &"A1".repeat(32), &"a1".repeat(33)] {
            assert_eq!(ObjectName::parse(bad), None);
        }
    }
}
