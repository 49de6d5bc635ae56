//! The foreign zones of the settings: read from their files or a snapshot, looked
//! at for changes, and put in place whole. A change that is suspiciously large is
//! held; a zone that can't be read leaves the ones that hold in force.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

use crate::answer::Engine;
use crate::lastline::LastLine;
use crate::names::Seed;
use crate::primary::file_of;
use crate::readiness::Stance;
use crate::rpz::{LoadError, Loader, Source, Unhonoured, ZoneSet, load_snapshot, save_snapshot};
use crate::settings::{GateSettings, ZoneMode, ZoneSettings};

/// Where the set is kept, in the gate's folder; the one before beside it.
const SNAPSHOT: &str = "zones.belfry";
const SNAPSHOT_BEFORE: &str = "zones-before.belfry";
/// A set this small may change as it likes.
const NAMES_FREE: usize = 100;
/// How much larger the files are taken to be where names turn out uneven.
const UNEVEN_FACTORS: [u64; 3] = [1, 8, 64];
/// Files of this length are read in passes where a set holds already.
const LARGE_OCTETS: u64 = 8 << 20;
const PASSES: usize = 4;
/// Loading gives way to answering.
const NICENESS: i32 = 10;

/// Why the zones are not taken.
#[derive(Debug, thiserror::Error)]
pub enum ZonesError {
    /// A file can't be read.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It makes no zone.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// Somebody writes to them.
    #[error("the zone files changed while they were read; they are read again")]
    Changed,
    /// The change is held.
    #[error(
        "the zones would add {added} and drop {dropped} of {names} names, more than \
         zones_change_percent_max: held; SIGHUP takes them all the same"
    )]
    Held {
        /// Names that would be new.
        added: usize,
        /// Names that would go.
        dropped: usize,
        /// Names that hold now.
        names: usize,
    },
}

/// What came of looking at the zone files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZonesChange {
    /// They are those that hold.
    None,
    /// They hold now; so many names have a policy.
    Taken {
        /// How many.
        names: usize,
        /// From the snapshot on disk.
        from_snapshot: bool,
    },
}

/// Keeps the zones of an engine.
#[derive(Debug)]
pub(crate) struct Zones {
    engine: Arc<Engine>,
    lastline: LastLine,
    settings: Vec<ZoneSettings>,
    change_percent_max: u32,
    secret: [u8; 16],
    /// What the set that holds was made from.
    held: std::sync::Mutex<Option<Source>>,
    /// Rung where a primary has brought a new version.
    pub(crate) changed: Arc<Notify>,
    /// Whether the zones alone decide what is blocked.
    alone: AtomicBool,
    /// Whether every zone has been there.
    whole: AtomicBool,
}

/// A zone whose file is there.
struct Present<'a> {
    zone: &'a ZoneSettings,
    path: PathBuf,
    facts: fs::Metadata,
}

impl Zones {
    /// The zones of `settings`, not read yet.
    pub(crate) fn new(
        engine: Arc<Engine>,
        lastline: LastLine,
        settings: &GateSettings,
        secret: [u8; 16],
    ) -> Self {
        Self {
            engine,
            lastline,
            settings: settings.zones.clone(),
            change_percent_max: settings.zones_change_percent_max,
            secret,
            held: std::sync::Mutex::default(),
            changed: Arc::default(),
            alone: AtomicBool::new(false),
            // What has no primary is there once it is loaded, or loading fails.
            whole: AtomicBool::new(settings.zones.iter().all(|zone| zone.primary.is_none())),
        }
    }

    /// From now on the zones alone decide: the gate filters once all of them are there, or
    /// with those that are once it has waited long enough.
    pub(crate) fn serve(&self) {
        self.alone.store(true, Ordering::Relaxed);
        self.serve_if_there();
    }

    /// Has the gate filter, where that is for the zones to say and enough of them are there;
    /// whether there is nothing more to wait for.
    pub(crate) fn serve_if_there(&self) -> bool {
        if !self.alone.load(Ordering::Relaxed) {
            return true;
        }
        let readiness = &self.engine.readiness;
        let waits = readiness.stance(std::time::Instant::now()) == Stance::Silent;
        let some = !self.engine.blockset.now().zones().is_empty();
        if self.whole.load(Ordering::Relaxed) || some && !waits {
            readiness.serve();
        }
        self.whole.load(Ordering::Relaxed)
    }

    /// Takes the zones as their files are now, if they are others than hold. With a
    /// `folder`, a snapshot there saves the reading. `confirmed` takes a change of
    /// any size. Blocks; other threads go on answering.
    pub(crate) fn load(
        &self,
        folder: Option<&Path>,
        confirmed: bool,
    ) -> Result<ZonesChange, ZonesError> {
        let mut held = self.held.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let present = self.present(folder)?;
        let source = self.source(&present);
        if held.as_ref() == Some(&source) {
            return Ok(ZonesChange::None);
        }
        let kept = folder.filter(|_| held.is_none()).and_then(|folder| from_disk(folder, &source));
        let from_snapshot = kept.is_some();
        let set = match kept {
            Some(set) => set,
            None => self.read(&present)?,
        };
        // It is read more than once: all must have been the same.
        if !from_snapshot && self.source(&self.present(folder)?) != source {
            return Err(ZonesError::Changed);
        }
        if !confirmed {
            self.check_change(&set)?;
        }
        let set = Arc::new(set);
        self.engine.blockset.replace_zones(Arc::clone(&set));
        self.whole.store(present.len() == self.settings.len(), Ordering::Relaxed);
        for zone in set.zones() {
            if let Some(serial) = zone.serial() {
                self.engine.metrics.zone_serial(&zone.name, serial);
            }
        }
        let names = set.len();
        self.engine.metrics.zone_names.set(i64::try_from(names).unwrap_or(i64::MAX));
        *held = Some(source.clone());
        drop(held);
        if let Some(folder) = folder.filter(|_| !from_snapshot) {
            to_disk(folder, &set, &source);
        }
        Ok(ZonesChange::Taken { names, from_snapshot })
    }

    /// The zones whose files are there. A zone of a primary may not be, before it was fetched.
    fn present(&self, folder: Option<&Path>) -> Result<Vec<Present<'_>>, ZonesError> {
        let mut present = Vec::with_capacity(self.settings.len());
        for zone in &self.settings {
            let kept = || folder.map(|folder| file_of(folder, &zone.name()));
            let Some(path) = zone.file.clone().or_else(kept) else { continue };
            match fs::metadata(&path) {
                Ok(facts) => present.push(Present { zone, path, facts }),
                Err(error) if zone.primary.is_some() && error.kind() == io::ErrorKind::NotFound => {
                }
                Err(source) => return Err(ZonesError::File { path, source }),
            }
        }
        Ok(present)
    }

    /// All that decides what the set holds.
    fn source(&self, present: &[Present<'_>]) -> Source {
        let (warning, never_block) = self.lastline.settings();
        let mut text = format!("{} {warning:?} {never_block:?}", env!("CARGO_PKG_VERSION"));
        for Present { zone, facts, .. } in present {
            let (size, inode) = (facts.size(), facts.ino());
            let (seconds, nanos) = (facts.mtime(), facts.mtime_nsec());
            text += &format!("\n{zone:?} {size} {inode} {seconds} {nanos}");
        }
        Source(text.into_bytes())
    }

    fn read(&self, present: &[Present<'_>]) -> Result<ZoneSet, ZonesError> {
        let octets: u64 = present.iter().map(|one| one.facts.len()).sum();
        for factor in UNEVEN_FACTORS {
            match self.read_once(present, octets.saturating_mul(factor)) {
                Err(ZonesError::Load(LoadError::Uneven)) => {}
                done => return done,
            }
        }
        Err(LoadError::Uneven.into())
    }

    fn read_once(&self, present: &[Present<'_>], octets: u64) -> Result<ZoneSet, ZonesError> {
        let before = Arc::clone(self.engine.blockset.now().zones_shared());
        // The same seed: what threads keep is found again, and what is the same shared.
        let (seed, passes) = match before.is_empty() || octets < LARGE_OCTETS {
            true => (Seed::new(self.secret), 1),
            false => (before.seed(), PASSES),
        };
        let mut loader = Loader::new(seed, &self.lastline, octets).in_passes(passes);
        loop {
            self.read_pass(present, &mut loader)?;
            if !loader.end_pass(&before)? {
                return Ok(loader.finish()?);
            }
        }
    }

    fn read_pass(
        &self,
        present: &[Present<'_>],
        loader: &mut Loader<'_>,
    ) -> Result<(), ZonesError> {
        for Present { zone, path, .. } in present {
            let fail = |source| ZonesError::File { path: path.clone(), source };
            let file = File::open(path).map_err(fail)?;
            let name = zone.name();
            let live = zone.mode == ZoneMode::Live;
            let unhonoured = loader.zone_with(&name, live, &zone.action, file)?;
            for (why, count) in unhonoured.each() {
                self.engine.metrics.set_unhonoured(&name, why, count);
            }
            if unhonoured != Unhonoured::default() {
                tracing::warn!(zone = name, %unhonoured, "not all of the zone is held");
            }
        }
        Ok(())
    }

    fn check_change(&self, set: &ZoneSet) -> Result<(), ZonesError> {
        let state = self.engine.blockset.now();
        let (before, names) = (state.zones(), state.zones().len());
        let share = usize::try_from(self.change_percent_max).unwrap_or(usize::MAX);
        if names <= NAMES_FREE || share >= 100 {
            return Ok(());
        }
        let (added, dropped) = (set.names_beyond(before), before.names_beyond(set));
        if (added + dropped).saturating_mul(100) > names.saturating_mul(share) {
            return Err(ZonesError::Held { added, dropped, names });
        }
        Ok(())
    }
}

/// The newest snapshot that verifies.
fn from_disk(folder: &Path, source: &Source) -> Option<ZoneSet> {
    [SNAPSHOT, SNAPSHOT_BEFORE].iter().find_map(|name| {
        let path = folder.join(name);
        match load_snapshot(source, &path) {
            Ok(set) => Some(set),
            Err(why) => {
                tracing::debug!(path = %path.display(), %why, "a snapshot of zones is not used");
                None
            }
        }
    })
}

/// Keeps a snapshot, and the one before. Without it a start takes longer: no more.
fn to_disk(folder: &Path, set: &ZoneSet, source: &Source) {
    let path = folder.join(SNAPSHOT);
    let kept = fs::create_dir_all(folder).map_err(Into::into).and_then(|()| {
        let _ = fs::rename(&path, folder.join(SNAPSHOT_BEFORE));
        save_snapshot(set, source, &path)
    });
    if let Err(why) = kept {
        tracing::warn!(path = %path.display(), %why, "no snapshot of the zones is kept");
    }
}

/// Makes the calling thread give way to those that answer.
pub(crate) fn give_way() {
    // On Linux this is a thread's own; where it is not allowed, nothing is lost but time.
    let _ = rustix::process::setpriority_process(None, NICENESS);
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use belfry_indicator::Domain;
    use belfry_journal::UnixMillis;

    use super::*;
    fn zones(folder: &Path, text: &str) -> Zones {
        let file = folder.join("rpz.test.zone");
        fs::write(&file, text).unwrap();
        let zones = vec![ZoneSettings::of_file(file)];
        let settings = GateSettings { zones, ..GateSettings::default() };
        let engine = Engine::new(&settings, [0; 16], [7; 16], || UnixMillis(1));
        Zones::new(Arc::new(engine), LastLine::new(None, Vec::new()), &settings, [7; 16])
    }

    fn names(range: std::ops::Range<u32>) -> String {
        range.fold(String::new(), |mut text, number| {
            writeln!(text, "evil-{number}.example CNAME .").unwrap();
            text
        })
    }

    fn file(zones: &Zones) -> &Path {
        zones.settings[0].file.as_deref().unwrap()
    }

    fn blocks(zones: &Zones, name: &str) -> bool {
        let name = Domain::parse(name).unwrap().to_wire();
        zones.engine.blockset.find(&name).zones.live.is_some()
    }

    fn taken(names: usize, from_snapshot: bool) -> ZonesChange {
        ZonesChange::Taken { names, from_snapshot }
    }

    #[test]
    fn the_second_start_reads_the_snapshot_until_the_file_changes() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("gate");
        let first = zones(folder.path(), &names(0..300));
        assert_eq!(first.load(Some(&data), false).unwrap(), taken(300, false));
        assert_eq!(first.load(Some(&data), false).unwrap(), ZonesChange::None);
        let engine = Engine::new(&GateSettings::default(), [0; 16], [9; 16], || UnixMillis(1));
        let again = Zones { engine: Arc::new(engine), held: Default::default(), ..first };
        assert_eq!(again.load(Some(&data), false).unwrap(), taken(300, true));
        assert!(blocks(&again, "evil-299.example") && !blocks(&again, "good.example"));
        fs::write(file(&again), names(0..301)).unwrap();
        assert_eq!(again.load(Some(&data), false).unwrap(), taken(301, false));
        assert!(data.join(SNAPSHOT).exists() && data.join(SNAPSHOT_BEFORE).exists());
    }

    #[test]
    fn a_large_change_is_held_until_it_is_confirmed() {
        let folder = tempfile::tempdir().unwrap();
        let zones = zones(folder.path(), &names(0..300));
        zones.load(None, false).unwrap();
        fs::write(file(&zones), names(0..120)).unwrap();
        let held = zones.load(None, false).unwrap_err();
        assert!(matches!(held, ZonesError::Held { added: 0, dropped: 180, names: 300 }), "{held}");
        assert!(blocks(&zones, "evil-299.example"));
        assert_eq!(zones.load(None, true).unwrap(), taken(120, false));
        assert!(!blocks(&zones, "evil-299.example"));
    }

    #[test]
    fn a_file_that_is_gone_or_broken_leaves_what_holds() {
        let folder = tempfile::tempdir().unwrap();
        let zones = zones(folder.path(), &names(0..3));
        zones.load(None, false).unwrap();
        fs::write(file(&zones), "<html>\n<p>try later</p>\n").unwrap();
        assert!(matches!(zones.load(None, true), Err(ZonesError::Load(_))));
        fs::remove_file(file(&zones)).unwrap();
        assert!(matches!(zones.load(None, true), Err(ZonesError::File { .. })));
        assert!(blocks(&zones, "evil-2.example"));
    }

    #[test]
    fn a_damaged_snapshot_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let first = zones(folder.path(), &names(0..3));
        first.load(Some(folder.path()), false).unwrap();
        let path = folder.path().join(SNAPSHOT);
        let mut octets = fs::read(&path).unwrap();
        octets[100] ^= 1;
        fs::write(&path, octets).unwrap();
        let again = Zones { held: Default::default(), ..first };
        assert_eq!(again.load(Some(folder.path()), false).unwrap(), taken(3, false));
    }
}
