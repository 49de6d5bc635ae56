//! The last good version of a zone, on disk: a zone file as anybody could load it. A new
//! version is another file, synced and then put in its place; a difference is merged in
//! while the old file streams by, so that memory holds only what changes.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use belfry_indicator::Domain;
use belfry_journal::UnixMillis;
use belfry_rpz::secondary::{Changed, Kept};
use belfry_rpz::wire::kind;

use super::line;
use super::problem::Problem;

/// The longest line that we write: 65,535 octets in hexadecimal, an owner and a little.
const LINE_OCTETS_MAX: u64 = 140_000;
const BUFFER_OCTETS: usize = 1 << 16;

/// The numbers of an SOA record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Soa {
    pub(super) serial: u32,
    pub(super) refresh: u32,
    pub(super) retry: u32,
    pub(super) expire: u32,
}

/// Where one zone is kept.
#[derive(Debug)]
pub(super) struct KeptZone {
    path: PathBuf,
    apex: Domain,
    apex_wire: Vec<u8>,
    records_max: usize,
}

/// A new version that is being written; dropped before its end, it never was.
#[derive(Debug)]
pub(super) struct NewVersion<'a> {
    zone: &'a KeptZone,
    path: PathBuf,
    file: Option<BufWriter<File>>,
    records: usize,
    text: String,
}

impl Soa {
    /// Of the text of an SOA's data: two names and five numbers.
    fn of_text(data: &str) -> Option<Self> {
        let mut numbers = data.split_ascii_whitespace().skip(2).map(str::parse);
        let mut number = || numbers.next()?.ok();
        Some(Self { serial: number()?, refresh: number()?, retry: number()?, expire: number()? })
    }
}

impl KeptZone {
    /// A zone of at most so many records, at this path.
    pub(super) fn new(path: PathBuf, apex: Domain, records_max: usize) -> Self {
        let apex_wire = apex.to_wire();
        Self { path, apex, apex_wire, records_max }
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The SOA of the version that is kept; `None` where there is none that can be read.
    pub(super) fn soa(&self) -> Result<Option<Soa>, Problem> {
        let Some(mut file) = self.open()? else { return Ok(None) };
        let mut text = Vec::new();
        while self.next_line(&mut file, &mut text)? {
            if let Some(data) = soa_data(&text) {
                return Ok(Soa::of_text(data));
            }
            if !matches!(text.first(), Some(b';' | b'$')) {
                break;
            }
        }
        Ok(None)
    }

    /// When the primary was last heard: as it was noted, else when the file was written.
    pub(super) fn heard_at(&self) -> Option<UnixMillis> {
        let noted = fs::read_to_string(self.note_path()).ok();
        let noted = noted.and_then(|text| text.trim().parse().ok());
        let written = || {
            let time = fs::metadata(&self.path).ok()?.modified().ok()?;
            u64::try_from(time.duration_since(UNIX_EPOCH).ok()?.as_millis()).ok()
        };
        noted.or_else(written).map(UnixMillis)
    }

    /// Notes that the primary was heard. Without the note its age is taken for greater: no more.
    pub(super) fn note(&self, now: UnixMillis) {
        let _ = fs::write(self.note_path(), now.0.to_string());
    }

    fn note_path(&self) -> PathBuf {
        self.path.with_extension("heard")
    }

    /// Begins with a new version, in place of all that is kept.
    pub(super) fn begin(&self) -> Result<NewVersion<'_>, Problem> {
        let path = self.path.with_extension("new");
        let create = || {
            fs::create_dir_all(self.path.parent().unwrap_or(Path::new(".")))?;
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path)
        };
        let file = create().map_err(|error| self.disk(error))?;
        let file = Some(BufWriter::with_capacity(BUFFER_OCTETS, file));
        let mut new = NewVersion { zone: self, path, file, records: 0, text: String::new() };
        let apex = &self.apex;
        let head =
            format!("; {apex} as its primary has it, kept by belfry gate\n$ORIGIN {apex}.\n");
        new.write(head.as_bytes())?;
        Ok(new)
    }

    /// Takes a difference to what is kept.
    pub(super) fn change(&self, steps: &[Changed]) -> Result<(), Problem> {
        let net = Net::of(&self.apex_wire, steps)?;
        let mut file = self.open()?.ok_or(Problem::NotOurs)?;
        let mut new = self.begin()?;
        new.line(net.soa.as_bytes())?;
        let (mut text, mut found) = (Vec::new(), 0);
        while self.next_line(&mut file, &mut text)? {
            if matches!(text.first(), Some(b';' | b'$')) || soa_data(&text).is_some() {
                continue;
            }
            let identity = line::identity(&text).ok_or(Problem::NotOurs)?;
            if net.gone.contains(&identity) {
                found += 1;
            } else if net.come.contains_key(&identity) {
                return Err(Problem::NotOurs);
            } else {
                new.line(&text)?;
            }
        }
        if found != net.gone.len() {
            return Err(Problem::NotOurs);
        }
        // In the order of their names: those of one name stand together.
        let mut come: Vec<&String> = net.come.values().collect();
        come.sort_unstable();
        come.into_iter().try_for_each(|text| new.line(text.as_bytes()))?;
        new.finish()
    }

    fn open(&self) -> Result<Option<BufReader<File>>, Problem> {
        match File::open(&self.path) {
            Ok(file) => Ok(Some(BufReader::with_capacity(BUFFER_OCTETS, file))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.disk(error)),
        }
    }

    /// The next line with its end; a file of others is not ours.
    fn next_line(&self, file: &mut impl BufRead, text: &mut Vec<u8>) -> Result<bool, Problem> {
        text.clear();
        let read = file.take(LINE_OCTETS_MAX).read_until(b'\n', text);
        read.map_err(|error| self.disk(error))?;
        match text.last() {
            None => Ok(false),
            Some(b'\n') => Ok(true),
            Some(_) => Err(Problem::NotOurs),
        }
    }

    fn disk(&self, source: io::Error) -> Problem {
        Problem::Disk { path: self.path.clone(), source }
    }
}

/// The data of an SOA's line.
fn soa_data(line: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(line).ok()?;
    let (_, rest) = text.strip_prefix("@\t")?.split_once('\t')?;
    rest.strip_prefix("SOA\t")
}

/// What several steps come to.
struct Net {
    soa: String,
    /// By what a record is.
    gone: HashSet<Vec<u8>>,
    /// The line of each.
    come: HashMap<Vec<u8>, String>,
}

impl Net {
    fn of(apex: &[u8], steps: &[Changed]) -> Result<Self, Problem> {
        let mut net = Self { soa: String::new(), gone: HashSet::new(), come: HashMap::new() };
        let text = |record: &Kept| {
            let mut text = String::new();
            line::push(&mut text, apex, record);
            text
        };
        let identity = |text: &str| line::identity(text.as_bytes()).ok_or(Problem::NotOurs);
        let counts = |record: &&Kept| record.kind != kind::SOA && line::is_kept(record.kind);
        for step in steps {
            for record in step.gone.iter().filter(counts) {
                let identity = identity(&text(record))?;
                if net.come.remove(&identity).is_none() && !net.gone.insert(identity) {
                    return Err(Problem::NotOurs);
                }
            }
            for record in step.come.iter().filter(counts) {
                let text = text(record);
                if net.come.insert(identity(&text)?, text).is_some() {
                    return Err(Problem::NotOurs);
                }
            }
            let soa = step.come.iter().find(|record| record.kind == kind::SOA);
            net.soa = text(soa.ok_or(Problem::NotOurs)?);
        }
        if net.soa.is_empty() { Err(Problem::NotOurs) } else { Ok(net) }
    }
}

impl NewVersion<'_> {
    /// Takes records in, as they come.
    pub(super) fn take(&mut self, records: &[Kept]) -> Result<(), Problem> {
        for record in records.iter().filter(|record| line::is_kept(record.kind)) {
            let mut text = std::mem::take(&mut self.text);
            text.clear();
            line::push(&mut text, &self.zone.apex_wire, record);
            let written = self.line(text.as_bytes());
            self.text = text;
            written?;
        }
        Ok(())
    }

    fn line(&mut self, text: &[u8]) -> Result<(), Problem> {
        self.records += 1;
        if self.records > self.zone.records_max {
            return Err(Problem::TooLarge);
        }
        self.write(text)
    }

    fn write(&mut self, text: &[u8]) -> Result<(), Problem> {
        let file = self.file.as_mut().expect("it is there until the end");
        file.write_all(text).map_err(|error| self.zone.disk(error))
    }

    /// Puts it in the place of what was kept.
    pub(super) fn finish(mut self) -> Result<(), Problem> {
        let file = self.file.take().expect("it is there until the end");
        let done = file.into_inner().map_err(io::IntoInnerError::into_error).and_then(|file| {
            file.sync_all()?;
            fs::rename(&self.path, &self.zone.path)?;
            let folder = self.zone.path.parent().unwrap_or(Path::new("."));
            File::open(folder)?.sync_all()
        });
        done.map_err(|error| self.zone.disk(error))
    }
}

impl Drop for NewVersion<'_> {
    fn drop(&mut self) {
        // Best effort, and nothing where it was finished: what is left is written over.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests;
