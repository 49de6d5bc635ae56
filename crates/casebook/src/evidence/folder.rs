//! The evidence store: one file an object, in 256 folders by the first byte of its name.
//!
//! An object has its name only when all of it is written. Nothing here knows keys.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;

use super::ObjectName;
use crate::StoreError;

/// The folder of objects.
#[derive(Clone, Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Makes the folder and its 256 subfolders, and removes what a crash left half written.
    pub(super) fn prepare(path: PathBuf) -> Result<Self, StoreError> {
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
    pub(super) fn is_empty(&self) -> Result<bool, StoreError> {
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

    /// Writes an object beside the others, under no name of its own yet.
    pub(super) fn write_new(&self, name: &ObjectName, sealed: &[u8]) -> std::io::Result<()> {
        let mut options = OpenOptions::new();
        let mut file = options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(self.new_path(name))?;
        file.write_all(sealed)
    }

    /// Gives what [`Self::write_new`] wrote its name; durable after the next [`Self::sync`].
    pub(super) fn publish(&self, name: &ObjectName) -> std::io::Result<()> {
        fs::rename(self.new_path(name), self.path(name))
    }

    /// Takes back what [`Self::write_new`] wrote.
    pub(super) fn discard_new(&self, name: &ObjectName) -> std::io::Result<()> {
        fs::remove_file(self.new_path(name))
    }

    /// Makes all of the file system that this folder lies on durable: files, names, sizes.
    /// One call for many objects costs what a few calls of fsync do.
    pub(super) fn sync(&self) -> std::io::Result<()> {
        Ok(rustix::fs::syncfs(File::open(&self.0)?)?)
    }

    /// The sealed bytes of an object.
    pub(super) fn read(&self, name: &ObjectName) -> std::io::Result<Vec<u8>> {
        fs::read(self.path(name))
    }

    /// Removes an object; one that is gone already is no error.
    pub(super) fn remove(&self, name: &ObjectName) -> Result<(), StoreError> {
        let path = self.path(name);
        let removed = match fs::remove_file(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
            Ok(()) => path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all()),
        };
        removed.map_err(|source| StoreError::File { path, source })
    }

    /// The objects whose names begin with `head` and that were written at least `age` ago.
    pub(super) fn older_than(
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

    fn path(&self, name: &ObjectName) -> PathBuf {
        let (head, tail) = name.as_str().split_at(2);
        self.0.join(head).join(tail)
    }

    fn new_path(&self, name: &ObjectName) -> PathBuf {
        self.0.join("new").join(name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name() -> ObjectName {
        ObjectName::parse(&"a1".repeat(32)).unwrap()
    }

    #[test]
    fn an_object_has_its_name_only_once_published() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::prepare(root.path().join("evidence")).unwrap();
        folder.write_new(&name(), b"sealed").unwrap();
        assert!(folder.is_empty().unwrap() && folder.read(&name()).is_err());
        folder.publish(&name()).unwrap();
        folder.sync().unwrap();
        assert_eq!(folder.read(&name()).unwrap(), b"sealed");
        assert!(!folder.is_empty().unwrap());
        assert!(root.path().join("evidence/a1").join("a1".repeat(31)).exists());
        folder.remove(&name()).unwrap();
        folder.remove(&name()).unwrap();
        assert!(folder.is_empty().unwrap());
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
}
