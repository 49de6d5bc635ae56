//! Spool and store as one: an object is read and removed wherever it lies, and moved
//! from one to the other a segment at a time.

use std::io::{self, ErrorKind};
use std::path::Path;

use super::ObjectName;
use super::folder::Folder;
use super::spool::{Recovered, Spool, Writer};
use crate::StoreError;

/// Where all evidence is; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Depot {
    folder: Folder,
    spool: Spool,
}

/// The records that the last process left in the spool.
#[derive(Debug)]
pub(crate) struct Left {
    recovered: Recovered,
}

impl Left {
    /// Whose records they are.
    pub(crate) fn names(&self) -> impl Iterator<Item = &ObjectName> {
        self.recovered.records.iter().map(|(name, _)| name)
    }
}

impl Depot {
    /// Makes `evidence/` and `spool/` in `data` and reads what the spool holds.
    ///
    /// # Errors
    /// [`StoreError::File`].
    pub(crate) fn open(data: &Path) -> Result<(Self, Left), StoreError> {
        let folder = Folder::prepare(data.join("evidence"))?;
        let path = data.join("spool");
        let (spool, recovered) =
            Spool::open(path.clone()).map_err(|source| StoreError::File { path, source })?;
        Ok((Self { folder, spool }, Left { recovered }))
    }

    /// Whether there is no object at all.
    pub(crate) fn is_empty(&self) -> Result<bool, StoreError> {
        Ok(self.spool.is_empty() && self.folder.is_empty()?)
    }

    /// Admits of what was left the objects that have a row, and gives the only writer.
    /// The others were never acknowledged: they go with their segments.
    pub(crate) fn recover(&self, left: Left, has_row: impl Fn(&ObjectName) -> bool) -> Writer {
        let Recovered { records, next } = left.recovered;
        self.spool.admit(records.into_iter().filter(|(name, _)| has_row(name)));
        Writer::new(self.spool.clone(), next)
    }

    pub(crate) fn spool(&self) -> &Spool {
        &self.spool
    }

    /// The sealed bytes of an object.
    pub(crate) fn read(&self, name: &ObjectName) -> io::Result<Vec<u8>> {
        if let Some(place) = self.spool.place(name) {
            match self.spool.read(place) {
                // Moved between the two looks.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                read => return read,
            }
        }
        self.folder.read(name)
    }

    /// Puts an object straight into the store, durably: one that is no report in acceptance.
    ///
    /// # Errors
    /// [`StoreError::File`]; there is no such object then.
    pub(crate) fn put(&self, name: &ObjectName, sealed: &[u8]) -> Result<(), StoreError> {
        let written = || -> io::Result<()> {
            self.folder.write_new(name, sealed)?;
            self.folder.sync()?;
            self.folder.publish(name)?;
            self.folder.sync()
        };
        written().map_err(|source| StoreError::File { path: name.as_str().into(), source })
    }

    /// Removes an object; one that is gone already is no error.
    pub(crate) fn remove(&self, name: &ObjectName) -> Result<(), StoreError> {
        // In this order: what leaves the index is not given a name by a move under way,
        // and what was given one before is removed here.
        self.spool.withdraw(name);
        self.folder.remove(name)
    }

    /// The objects of the store whose names begin with `head` and that were moved there at
    /// least `age` ago. What lies in the spool without a row goes with its segment.
    ///
    /// # Errors
    /// [`StoreError::File`].
    pub(crate) fn older_than(
        &self,
        head: u8,
        age: std::time::Duration,
    ) -> Result<Vec<ObjectName>, StoreError> {
        self.folder.older_than(head, age)
    }

    /// Moves the objects of a closed segment to the store and removes the segment. A
    /// crash anywhere leaves the segment, or all of its objects in the store: doing it
    /// again does no harm.
    ///
    /// # Errors
    /// [`StoreError::File`]; the segment is still there and complete.
    pub(crate) fn move_segment(&self, number: u64) -> Result<(), StoreError> {
        let failed = |source| StoreError::File { path: self.spool.path(number), source };
        let names = self.copy(number).map_err(failed)?;
        self.publish(&names).map_err(failed)?;
        self.spool.remove_segment(number).map_err(failed)
    }

    /// Writes the objects of a segment beside the store's, durably.
    fn copy(&self, number: u64) -> io::Result<Vec<ObjectName>> {
        let objects = self.spool.objects_of(number);
        let mut names = Vec::with_capacity(objects.len());
        for (name, place) in objects {
            let Some(sealed) = self.spool.read_checked(&name, place)? else {
                self.spool.keep_damaged(number)?;
                continue;
            };
            self.folder.write_new(&name, &sealed)?;
            names.push(name);
        }
        if !names.is_empty() {
            self.folder.sync()?;
        }
        Ok(names)
    }

    /// Gives the copies their names, durably, but for those that were erased meanwhile.
    fn publish(&self, names: &[ObjectName]) -> io::Result<()> {
        for name in names {
            let index = self.spool.lock();
            if index.holds(name) {
                self.folder.publish(name)?;
            } else {
                self.folder.discard_new(name)?;
            }
        }
        if names.is_empty() { Ok(()) } else { self.folder.sync() }
    }
}

#[cfg(test)]
mod tests;
