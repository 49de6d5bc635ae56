//! A set of zones on disk as it lies in memory, behind a checksum: a start with
//! a million names reads it in a moment. It holds for the very files that it was
//! made from; nothing of it is used unless all of it verifies.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::base::iana::Rtype;
use sha2::{Digest, Sha256};

use crate::names::{Level, Seed};
use crate::rpz::{Action, AddressTriggers, Alias, Local, NamePolicy, PolicyRecord, Zone, ZoneSet};

const MAGIC: &[u8; 16] = b"belfry zones 2\r\n";
const CHECKSUM_OCTETS: usize = 32;
/// Read and written so much at a time.
const PIECE_OCTETS: usize = 1 << 16;

/// What a snapshot was made from: files with their sizes and times, and the settings
/// that decide what is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source(pub(crate) Vec<u8>);

/// Why a snapshot is not used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SnapshotError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("it was made from other files or settings")]
    OtherSource,
    #[error("it is damaged")]
    Damaged,
}

/// Writes the set durably: a temporary file, synced, then renamed.
pub(crate) fn save(set: &ZoneSet, source: &Source, path: &Path) -> Result<(), SnapshotError> {
    let temporary = temporary(path);
    let written = write(set, source, &temporary).and_then(|()| Ok(fs::rename(&temporary, path)?));
    if written.is_err() {
        // Best effort: a temporary file is never read, and is overwritten next time.
        let _ = fs::remove_file(&temporary);
        return written;
    }
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn temporary(path: &Path) -> PathBuf {
    path.with_extension("new")
}

fn write(set: &ZoneSet, source: &Source, path: &Path) -> Result<(), SnapshotError> {
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(MAGIC)?;
    file.write_all(&[0; CHECKSUM_OCTETS])?;
    let mut writer =
        Writer { file: BufWriter::with_capacity(PIECE_OCTETS, &mut file), checksum: Sha256::new() };
    writer.set(set, source)?;
    let Writer { mut file, checksum } = writer;
    file.flush()?;
    drop(file);
    let checksum = checksum.finalize();
    std::os::unix::fs::FileExt::write_all_at(&file_of(path)?, &checksum, MAGIC.len() as u64)?;
    Ok(File::open(path)?.sync_all()?)
}

fn file_of(path: &Path) -> io::Result<File> {
    fs::OpenOptions::new().write(true).open(path)
}

/// Reads a set that was made from `source`.
pub(crate) fn load(source: &Source, path: &Path) -> Result<ZoneSet, SnapshotError> {
    let mut file = File::open(path)?;
    let left = file.metadata()?.len();
    let mut head = [0; MAGIC.len() + CHECKSUM_OCTETS];
    file.read_exact(&mut head).map_err(|_| SnapshotError::Damaged)?;
    let checksum = head.strip_prefix(MAGIC).ok_or(SnapshotError::Damaged)?;
    let left = usize::try_from(left).unwrap_or(usize::MAX) - head.len();
    let mut reader = Reader { file, checksum: Sha256::new(), left };
    let set = reader.set(source)?;
    // Nothing above is used until here.
    if reader.left > 0 || reader.checksum.finalize()[..] != *checksum {
        return Err(SnapshotError::Damaged);
    }
    Ok(set)
}

struct Writer<W> {
    file: W,
    checksum: Sha256,
}

impl<W: Write> Writer<W> {
    fn octets(&mut self, octets: &[u8]) -> io::Result<()> {
        self.checksum.update(octets);
        self.file.write_all(octets)
    }

    fn number(&mut self, number: usize) -> io::Result<()> {
        let number = u32::try_from(number).map_err(|_| io::ErrorKind::FileTooLarge)?;
        self.octets(&number.to_le_bytes())
    }

    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.number(bytes.len())?;
        self.octets(bytes)
    }

    fn set(&mut self, set: &ZoneSet, source: &Source) -> io::Result<()> {
        self.bytes(&source.0)?;
        self.octets(&set.level.seed().to_octets())?;
        self.number(set.level.labels_min().min(256))?;
        self.number(set.level.shards())?;
        for (slots, arena) in set.level.parts() {
            self.number(slots.len())?;
            let mut piece = Vec::with_capacity(PIECE_OCTETS);
            for slots in slots.chunks(PIECE_OCTETS / 4) {
                piece.clear();
                piece.extend(slots.iter().flat_map(|slot| slot.to_le_bytes()));
                self.octets(&piece)?;
            }
            self.bytes(arena)?;
        }
        self.number(set.policies.len())?;
        for policies in &set.policies {
            self.number(policies.len())?;
            for policy in policies {
                self.octets(&[policy.zone])?;
                self.octets(&policy.exact.to_le_bytes())?;
                self.octets(&policy.below.to_le_bytes())?;
            }
        }
        self.number(set.actions.len())?;
        set.actions.iter().try_for_each(|action| self.action(action))?;
        self.number(set.zones.len())?;
        set.zones.iter().try_for_each(|zone| self.zone(zone))
    }

    fn action(&mut self, action: &Action) -> io::Result<()> {
        let local = match action {
            Action::NxDomain => return self.octets(&[0]),
            Action::NoData => return self.octets(&[1]),
            Action::Passthru => return self.octets(&[2]),
            Action::Drop => return self.octets(&[3]),
            Action::TcpOnly => return self.octets(&[4]),
            Action::Local(local) => local,
        };
        if let Some(alias) = &local.alias {
            self.octets(&[6, u8::from(alias.wildcard)])?;
            self.octets(&alias.ttl.to_le_bytes())?;
            return self.bytes(&alias.target);
        }
        self.octets(&[5])?;
        self.number(local.records.len())?;
        local.records.iter().try_for_each(|record| {
            self.octets(&record.rtype.to_int().to_le_bytes())?;
            self.octets(&record.ttl.to_le_bytes())?;
            self.bytes(&record.data)
        })
    }

    fn zone(&mut self, zone: &Zone) -> io::Result<()> {
        self.bytes(zone.name.as_bytes())?;
        self.bytes(&zone.apex)?;
        self.octets(&[u8::from(zone.live), u8::from(zone.soa.is_some())])?;
        if let Some((data, ttl)) = &zone.soa {
            self.octets(&ttl.to_le_bytes())?;
            self.bytes(data)?;
        }
        self.triggers(&zone.addresses)?;
        self.triggers(&zone.clients)
    }

    fn triggers(&mut self, triggers: &AddressTriggers) -> io::Result<()> {
        self.number(triggers.len())?;
        triggers.iter().try_for_each(|((address, bits), action)| {
            self.octets(&address.to_le_bytes())?;
            self.octets(&[bits])?;
            self.octets(&action.to_le_bytes())
        })
    }
}

struct Reader<R> {
    file: R,
    checksum: Sha256,
    /// Octets that the file still has: nothing longer is allocated.
    left: usize,
}

impl<R: Read> Reader<R> {
    fn fill(&mut self, octets: &mut [u8]) -> Result<(), SnapshotError> {
        self.left = self.left.checked_sub(octets.len()).ok_or(SnapshotError::Damaged)?;
        self.file.read_exact(octets)?;
        self.checksum.update(octets);
        Ok(())
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], SnapshotError> {
        let mut octets = [0; N];
        self.fill(&mut octets)?;
        Ok(octets)
    }

    fn u32(&mut self) -> Result<u32, SnapshotError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    /// A count of things that take at least `octets` each.
    fn count(&mut self, octets: usize) -> Result<usize, SnapshotError> {
        let count = usize::try_from(self.u32()?).map_err(|_| SnapshotError::Damaged)?;
        let fits = count.checked_mul(octets).is_some_and(|all| all <= self.left);
        if fits { Ok(count) } else { Err(SnapshotError::Damaged) }
    }

    fn bytes(&mut self) -> Result<Box<[u8]>, SnapshotError> {
        let mut bytes = vec![0; self.count(1)?];
        self.fill(&mut bytes)?;
        Ok(bytes.into())
    }

    fn set(&mut self, source: &Source) -> Result<ZoneSet, SnapshotError> {
        if *self.bytes()? != source.0[..] {
            return Err(SnapshotError::OtherSource);
        }
        let seed = Seed::new(self.array()?);
        let labels_min = self.count(0)?;
        let mut parts = Vec::new();
        for _ in 0..self.count(8)? {
            parts.push((self.slots()?, self.bytes()?));
        }
        let level = Level::from_parts(seed, labels_min, parts).ok_or(SnapshotError::Damaged)?;
        let policies = (0..self.count(4)?).map(|_| self.policies()).collect::<Result<_, _>>()?;
        let actions = (0..self.count(1)?).map(|_| self.action()).collect::<Result<_, _>>()?;
        let zones =
            (0..self.count(12)?).map(|_| self.zone().map(Arc::new)).collect::<Result<_, _>>()?;
        Ok(ZoneSet::new(level, policies, actions, zones))
    }

    fn slots(&mut self) -> Result<Box<[u32]>, SnapshotError> {
        let count = self.count(4)?;
        let mut slots = Vec::with_capacity(count);
        let mut piece = [0; PIECE_OCTETS];
        while slots.len() < count {
            let piece = &mut piece[..PIECE_OCTETS.min(4 * (count - slots.len()))];
            self.fill(piece)?;
            let four =
                |octets: &[u8]| octets.first_chunk().map_or(0, |four| u32::from_le_bytes(*four));
            slots.extend(piece.chunks_exact(4).map(four));
        }
        Ok(slots.into())
    }

    fn policies(&mut self) -> Result<Box<[NamePolicy]>, SnapshotError> {
        let count = self.count(9)?;
        (0..count)
            .map(|_| {
                let [zone] = self.array()?;
                if usize::from(zone) >= super::ZONES_MAX {
                    return Err(SnapshotError::Damaged);
                }
                Ok(NamePolicy { zone, exact: self.u32()?, below: self.u32()? })
            })
            .collect()
    }

    fn action(&mut self) -> Result<Action, SnapshotError> {
        Ok(match self.array()? {
            [0] => Action::NxDomain,
            [1] => Action::NoData,
            [2] => Action::Passthru,
            [3] => Action::Drop,
            [4] => Action::TcpOnly,
            [5] => {
                let records = (0..self.count(10)?)
                    .map(|_| {
                        let rtype = Rtype::from_int(u16::from_le_bytes(self.array()?));
                        Ok(PolicyRecord { rtype, ttl: self.u32()?, data: self.bytes()? })
                    })
                    .collect::<Result<_, SnapshotError>>()?;
                Action::Local(Local { records, alias: None })
            }
            [6] => {
                let [wildcard] = self.array()?;
                let (ttl, target) = (self.u32()?, self.bytes()?);
                let alias = Some(Alias { target, wildcard: wildcard != 0, ttl });
                Action::Local(Local { records: Box::default(), alias })
            }
            _ => return Err(SnapshotError::Damaged),
        })
    }

    fn zone(&mut self) -> Result<Zone, SnapshotError> {
        let name = String::from_utf8(self.bytes()?.into()).map_err(|_| SnapshotError::Damaged)?;
        let apex = self.bytes()?;
        let [live, has_soa] = self.array()?;
        let soa = if has_soa == 0 {
            None
        } else {
            let ttl = self.u32()?;
            Some((self.bytes()?, ttl))
        };
        let (addresses, clients) = (self.triggers()?, self.triggers()?);
        Ok(Zone { name, apex, live: live != 0, soa, addresses, clients })
    }

    fn triggers(&mut self) -> Result<AddressTriggers, SnapshotError> {
        let mut triggers = AddressTriggers::default();
        for _ in 0..self.count(21)? {
            let address = u128::from_le_bytes(self.array()?);
            let [bits] = self.array()?;
            triggers.set((address, bits), self.u32()?);
        }
        Ok(triggers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lastline::LastLine;
    use crate::rpz::Loader;

    const ZONE: &str = "$TTL 60\n@ SOA a. b. 1 2 3 4 5\nevil.example A 192.0.2.1\n*.evil.example CNAME .\n\
        other.example CNAME *.warn.example.\nthird.example CNAME *.\nfourth.example CNAME rpz-drop.\n\
        five.example CNAME rpz-tcp-only.\nsix.example CNAME rpz-passthru.\n24.0.2.0.192.rpz-ip CNAME .\n\
        24.0.3.0.192.rpz-client-ip CNAME *.\n";

    fn set() -> ZoneSet {
        let line = LastLine::new(None, Vec::new());
        let mut loader = Loader::new(Seed::new(*b"0123456789abcdef"), &line, 100);
        loader.zone("rpz.test", true, ZONE.as_bytes()).unwrap();
        loader.zone("shadow.test", false, ZONE.as_bytes()).unwrap();
        loader.finish().unwrap()
    }

    fn source() -> Source {
        Source(b"these files".to_vec())
    }

    fn same(one: &ZoneSet, other: &ZoneSet) {
        assert_eq!(one.policies, other.policies);
        assert_eq!(one.actions, other.actions);
        assert_eq!(one.zones, other.zones);
        let parts = |set: &ZoneSet| {
            set.level
                .parts()
                .map(|(slots, arena)| (slots.to_vec(), arena.to_vec()))
                .collect::<Vec<_>>()
        };
        assert_eq!(parts(one), parts(other));
        assert_eq!(one.level.labels_min(), other.level.labels_min());
    }

    #[test]
    fn a_set_comes_back_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("zones.belfry");
        let set = set();
        save(&set, &source(), &path).unwrap();
        save(&set, &source(), &path).unwrap();
        same(&load(&source(), &path).unwrap(), &set);
        assert!(!temporary(&path).exists());
        let other = load(&Source(b"other files".to_vec()), &path).unwrap_err();
        assert!(matches!(other, SnapshotError::OtherSource));
    }

    #[test]
    fn no_damage_is_overlooked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("zones.belfry");
        save(&set(), &source(), &path).unwrap();
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            fs::write(&path, &damaged).unwrap();
            assert!(load(&source(), &path).is_err(), "octet {at}");
        }
        for length in [0, 10, 47, 48, 60, whole.len() - 1] {
            fs::write(&path, &whole[..length]).unwrap();
            assert!(load(&source(), &path).is_err(), "cut at {length}");
        }
        fs::write(&path, [&whole[..], b"x"].concat()).unwrap();
        assert!(load(&source(), &path).is_err(), "something follows");
    }

    #[test]
    fn where_nothing_can_be_written_that_is_said() {
        let nowhere = Path::new("/nonexistent/folder/zones.belfry");
        assert!(matches!(save(&set(), &source(), nowhere), Err(SnapshotError::Io(_))));
    }
}
