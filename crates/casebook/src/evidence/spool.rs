//! The spool: where an accepted object lies first, many of them a sync of the disk.
//!
//! What is durable when:
//! 1. [`Writer::append`] writes a batch's records to the open segment and syncs the
//!    file; at a segment's first batch the folder as well, so that the name is there.
//! 2. The batch's rows are committed. Only now is anything acknowledged.
//! 3. Later all objects of a closed segment are moved to the evidence store
//!    ([`super::Depot::move_segment`]), and the segment is removed.
//!
//! So a row always has its object, and a record without a row was never
//! acknowledged: at the next open it is not admitted, and it goes with its segment.
//! An object erased while it lies here leaves the index at once; its bytes, which
//! nothing opens without the key of the row, go with the segment.

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::ObjectName;
use super::segment::{self, RECORD_HEAD};

/// A segment this large is closed.
const SEGMENT_BYTES: u64 = 16 << 20;
/// A segment this old is closed, however small.
const SEGMENT_AGE: Duration = Duration::from_secs(60);

/// Where an object lies in the spool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    segment: u64,
    at: u64,
    length: u32,
}

/// The segments, and what lies where; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Spool {
    folder: Arc<PathBuf>,
    index: Arc<Mutex<Index>>,
}

#[derive(Debug, Default)]
pub(super) struct Index {
    places: HashMap<ObjectName, Place>,
    /// Segments to be moved, and their octets.
    closed: BTreeSet<u64>,
    bytes: HashMap<u64, u64>,
}

/// An object on its way into the spool.
#[derive(Debug)]
pub(crate) struct SealedObject {
    pub(crate) name: ObjectName,
    pub(crate) bytes: Vec<u8>,
}

/// What was found at the opening.
#[derive(Debug, Default)]
pub(crate) struct Recovered {
    /// Every record that checks, acknowledged or not.
    pub(super) records: Vec<(ObjectName, Place)>,
    /// The next segment's number.
    pub(super) next: u64,
}

impl Spool {
    /// Makes the folder and reads what is in it.
    pub(super) fn open(folder: PathBuf) -> io::Result<(Self, Recovered)> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        let mut recovered = Recovered { records: Vec::new(), next: 1 };
        let mut index = Index::default();
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let Some(number) = number_of(&path) else { continue };
            let bytes = fs::read(&path)?;
            let scan = segment::scan(number, &bytes);
            if scan.damaged > 0 {
                let kept = path.with_extension("damaged");
                tracing::error!(kept = %kept.display(), "a spool segment is damaged");
                fs::copy(&path, &kept)?;
            } else if scan.torn > 0 {
                let torn = scan.torn;
                tracing::warn!(number, torn, "a spool segment ends in what was never accepted");
            }
            recovered.records.extend(scan.records.into_iter().map(|found| {
                (found.name, Place { segment: number, at: found.at, length: found.length })
            }));
            recovered.next = recovered.next.max(number.saturating_add(1));
            index.closed.insert(number);
            index.bytes.insert(number, bytes.len().try_into().unwrap_or(u64::MAX));
        }
        File::open(&folder)?.sync_all()?;
        Ok((Self { folder: Arc::new(folder), index: Arc::new(Mutex::new(index)) }, recovered))
    }

    /// The objects can be read from here on, until they are moved or withdrawn.
    pub(super) fn admit(&self, objects: impl IntoIterator<Item = (ObjectName, Place)>) {
        self.lock().places.extend(objects);
    }

    /// An object is not to be read or moved from here.
    pub(crate) fn withdraw(&self, name: &ObjectName) {
        self.lock().places.remove(name);
    }

    pub(super) fn place(&self, name: &ObjectName) -> Option<Place> {
        self.lock().places.get(name).copied()
    }

    /// The sealed bytes at `place`.
    pub(super) fn read(&self, place: Place) -> io::Result<Vec<u8>> {
        let file = File::open(self.path(place.segment))?;
        // The place is one that was written or that checked: its length is not a mere claim.
        let mut bytes = vec![0; usize::try_from(place.length).unwrap_or(usize::MAX)];
        file.read_exact_at(&mut bytes, place.at)?;
        Ok(bytes)
    }

    /// The sealed bytes of `name` at `place`; `None` where they were damaged since.
    pub(super) fn read_checked(
        &self,
        name: &ObjectName,
        place: Place,
    ) -> io::Result<Option<Vec<u8>>> {
        let head = Place {
            at: place.at.saturating_sub(RECORD_HEAD as u64),
            length: place.length.saturating_add(u32::try_from(RECORD_HEAD).unwrap_or(0)),
            ..place
        };
        let record = self.read(head)?;
        Ok(segment::sealed_of(place.segment, name, &record).map(<[u8]>::to_vec))
    }

    /// Keeps a copy of a damaged segment for a person to look at.
    pub(super) fn keep_damaged(&self, number: u64) -> io::Result<()> {
        let path = self.path(number);
        let kept = path.with_extension("damaged");
        tracing::error!(kept = %kept.display(), "a spool segment is damaged");
        fs::copy(&path, &kept).map(drop)
    }

    /// Octets of all segments.
    pub(crate) fn bytes(&self) -> u64 {
        self.lock().bytes.values().sum()
    }

    /// The oldest segment that is to be moved.
    pub(crate) fn oldest_closed(&self) -> Option<u64> {
        self.lock().closed.first().copied()
    }

    /// What of segment `number` is to be moved.
    pub(super) fn objects_of(&self, number: u64) -> Vec<(ObjectName, Place)> {
        let index = self.lock();
        let places = index.places.iter().filter(|(_, place)| place.segment == number);
        places.map(|(name, place)| (name.clone(), *place)).collect()
    }

    /// Removes a segment whose objects are in the store.
    pub(super) fn remove_segment(&self, number: u64) -> io::Result<()> {
        {
            let mut index = self.lock();
            index.places.retain(|_, place| place.segment != number);
            index.closed.remove(&number);
            index.bytes.remove(&number);
        }
        match fs::remove_file(self.path(number)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lock().bytes.is_empty()
    }

    pub(super) fn path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number:016x}.spool"))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Index {
    pub(super) fn holds(&self, name: &ObjectName) -> bool {
        self.places.contains_key(name)
    }
}

/// The only one who appends.
#[derive(Debug)]
pub(crate) struct Writer {
    spool: Spool,
    next: u64,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    number: u64,
    file: File,
    length: u64,
    /// The length before the last batch.
    before: u64,
    since: Instant,
    /// Whether the folder was synced since the file was made.
    named: bool,
}

impl Writer {
    pub(super) fn new(spool: Spool, next: u64) -> Self {
        Self { spool, next, open: None }
    }

    /// Appends a batch and admits it; it is durable when this returns.
    ///
    /// # Errors
    /// Nothing of the batch is admitted then, and nothing before it is touched.
    pub(crate) fn append(&mut self, batch: &[SealedObject]) -> io::Result<()> {
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.begin()?,
        };
        match open.append(&self.spool.folder, batch) {
            Ok(places) => {
                self.spool.lock().bytes.insert(open.number, open.length);
                self.spool.admit(batch.iter().map(|object| object.name.clone()).zip(places));
                self.open = Some(open);
                if self.open.as_ref().is_some_and(|open| open.length >= SEGMENT_BYTES) {
                    self.close();
                }
                Ok(())
            }
            Err(error) => {
                // What a failed sync has left in memory can't be trusted: the segment takes
                // no more. What was acknowledged of it was synced before.
                open.length = open.before;
                let _ = open.file.set_len(open.before);
                self.open = Some(open);
                self.close();
                Err(error)
            }
        }
    }

    /// Takes the last batch back: none of it was acknowledged, and all of it is withdrawn.
    pub(crate) fn take_back(&mut self) {
        if let Some(open) = &mut self.open
            && open.file.set_len(open.before).is_ok()
        {
            open.length = open.before;
            self.spool.lock().bytes.insert(open.number, open.length);
        }
    }

    /// Closes a segment that is old enough to be moved.
    pub(crate) fn close_if_old(&mut self) {
        if self.open.as_ref().is_some_and(|open| open.since.elapsed() >= SEGMENT_AGE) {
            self.close();
        }
    }

    /// Closes the open segment.
    pub(crate) fn close(&mut self) {
        if let Some(open) = self.open.take() {
            self.spool.lock().closed.insert(open.number);
        }
    }

    fn begin(&mut self) -> io::Result<Open> {
        let number = self.next;
        self.next = self.next.saturating_add(1);
        let path = self.spool.path(number);
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(0o600).open(&path)?;
        let head = segment::head(number);
        if let Err(error) = file.write_all(&head) {
            let _ = fs::remove_file(&path);
            return Err(error);
        }
        let length = head.len().try_into().unwrap_or(u64::MAX);
        self.spool.lock().bytes.insert(number, length);
        Ok(Open { number, file, length, before: length, since: Instant::now(), named: false })
    }
}

impl Open {
    fn append(&mut self, folder: &Path, batch: &[SealedObject]) -> io::Result<Vec<Place>> {
        self.before = self.length;
        let mut places = Vec::with_capacity(batch.len());
        // Small records share a write, large ones pass through.
        let mut out = AtEnd { file: &self.file, at: self.length };
        let mut buffered = io::BufWriter::with_capacity(256 << 10, &mut out);
        let mut at = self.length;
        for object in batch {
            let head = segment::record_head(self.number, &object.name, &object.bytes)
                .ok_or_else(|| io::Error::other("an object of over 4 GiB"))?;
            buffered.write_all(&head)?;
            buffered.write_all(&object.bytes)?;
            at += RECORD_HEAD as u64;
            let length = u32::try_from(object.bytes.len()).unwrap_or(u32::MAX);
            places.push(Place { segment: self.number, at, length });
            at += u64::from(length);
        }
        buffered.flush()?;
        drop(buffered);
        self.file.sync_data()?;
        if !self.named {
            File::open(folder)?.sync_all()?;
            self.named = true;
        }
        self.length = at;
        Ok(places)
    }
}

/// Writes from an offset on: after a batch was taken back, a file's own offset is behind it.
struct AtEnd<'a> {
    file: &'a File,
    at: u64,
}

impl Write for AtEnd<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write_at(bytes, self.at)?;
        self.at += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn number_of(path: &Path) -> Option<u64> {
    if path.extension()? != "spool" {
        return None;
    }
    u64::from_str_radix(path.file_stem()?.to_str()?, 16).ok()
}
