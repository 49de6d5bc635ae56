//! [`Zone`]: one view of what holds, its serial, and the log of how it got there.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use belfry_indicator::Domain;
use belfry_journal::Serial;

use crate::cover::{publish, region};
use crate::holdings::Holdings;
use crate::name::Path;
use crate::policy::{Policy, Published};
use crate::record::{RecordSettings, fitting};
use crate::sorted::{Place, Sorted};
use crate::zones::ZoneKind;

/// Changed names that a log keeps; whoever is further behind takes the whole zone.
const LOG_NAMES_MAX: usize = 100_000;
/// Versions that a log keeps.
const LOG_VERSIONS_MAX: usize = 50_000;

/// What became of one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) path: Path,
    pub(crate) old: Published,
    pub(crate) new: Published,
}

/// One step from a version to the next.
#[derive(Debug)]
pub(crate) struct Delta {
    from: Serial,
    changes: Box<[Change]>,
}

/// One zone.
#[derive(Debug)]
pub struct Zone {
    kind: ZoneKind,
    apex: Domain,
    apex_len: usize,
    settings: Arc<RecordSettings>,
    serial: Serial,
    published: Sorted,
    records: u64,
    unfit: BTreeSet<Path>,
    log: VecDeque<Arc<Delta>>,
    log_names: usize,
}

/// A zone as it was at one moment; later changes do not touch it.
#[derive(Clone, Debug)]
pub struct View {
    pub(crate) canaries: Domain,
    pub(crate) settings: Arc<RecordSettings>,
    pub(crate) serial: Serial,
    pub(crate) published: Sorted,
    pub(crate) records: u64,
}

/// Figures of a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZoneFigures {
    /// The entry that changed it last.
    pub serial: Serial,
    /// Names published.
    pub names: usize,
    /// Records, without SOA, NS and canary.
    pub records: u64,
    /// Names that hold and can't be published, since they are too long with the zone's own.
    pub defects: usize,
}

impl Zone {
    pub(crate) fn new(kind: ZoneKind, settings: Arc<RecordSettings>) -> Self {
        let apex = kind.apex(&settings.origin);
        let apex_len = apex.to_wire().len();
        Self {
            kind,
            apex,
            apex_len,
            settings,
            serial: Serial(0),
            published: Sorted::default(),
            records: 0,
            unfit: BTreeSet::new(),
            log: VecDeque::new(),
            log_names: 0,
        }
    }

    /// What it is a view of.
    pub fn kind(&self) -> &ZoneKind {
        &self.kind
    }

    /// Its own name.
    pub fn apex(&self) -> &Domain {
        &self.apex
    }

    /// The entry that changed it last; its low 32 bits are the SOA serial.
    pub fn serial(&self) -> Serial {
        self.serial
    }

    /// Its figures.
    pub fn figures(&self) -> ZoneFigures {
        ZoneFigures {
            serial: self.serial,
            names: self.published.len(),
            records: self.records,
            defects: self.unfit.len(),
        }
    }

    /// It as it is now.
    pub fn view(&self) -> View {
        View {
            canaries: canaries(&self.kind, &self.settings.origin),
            settings: Arc::clone(&self.settings),
            serial: self.serial,
            published: self.published.clone(),
            records: self.records,
        }
    }

    /// The name that only the version of `serial` answers with the canary's address.
    pub fn canary(&self, serial: Serial) -> Domain {
        canary_name(&canaries(&self.kind, &self.settings.origin), low(serial))
    }

    /// What it says about a name, at itself or by the nearest wildcard above it.
    pub fn says(&self, name: &Domain) -> Policy {
        let path = Path::of(name);
        let here = self.published.get(path.as_bytes()).exact;
        if here != Policy::None {
            return here;
        }
        let above: Vec<&[u8]> = path.ancestors().collect();
        let mut policies = above.into_iter().rev().map(|name| self.published.get(name).below);
        policies.find(|policy| *policy != Policy::None).unwrap_or_default()
    }

    /// The serials of the versions in the log before this one, the latest first.
    pub fn versions(&self) -> impl Iterator<Item = Serial> {
        self.log.iter().rev().map(|delta| delta.from)
    }

    /// Takes in what changed at `path` by the entry `serial`; whether anything did here.
    pub(crate) fn touch(&mut self, holdings: &Holdings, path: &Path, serial: Serial) -> bool {
        let region = region(holdings, &self.kind, path);
        let changes = self.differences(region, publish(holdings, &self.kind, region));
        if changes.is_empty() {
            return false;
        }
        self.take(&changes);
        self.log_names += changes.len();
        self.log.push_back(Arc::new(Delta { from: self.serial, changes }));
        while self.log_names > LOG_NAMES_MAX || self.log.len() > LOG_VERSIONS_MAX {
            let Some(oldest) = self.log.pop_front() else { break };
            self.log_names -= oldest.changes.len();
        }
        self.serial = serial;
        true
    }

    /// Makes it anew of all that holds, as the version of `serial`; what came before is forgotten.
    pub(crate) fn rebuild(&mut self, holdings: &Holdings, serial: Serial) {
        let changes = self.differences(&[], publish(holdings, &self.kind, &[]));
        self.take(&changes);
        self.log.clear();
        self.log_names = 0;
        self.serial = serial;
    }

    /// What is to change in a region so that it is as `wanted`; keeps count of what is too long.
    fn differences(
        &mut self,
        region: &[u8],
        mut wanted: BTreeMap<Path, Published>,
    ) -> Box<[Change]> {
        self.unfit.retain(|path| !path.as_bytes().starts_with(region));
        for (path, published) in &mut wanted {
            let fits = fitting(path, self.apex_len, *published);
            if fits != *published {
                self.unfit.insert(path.clone());
                *published = fits;
            }
        }
        let mut changes = Vec::new();
        for (path, old) in self.published.within(region) {
            let new = wanted.remove(path).unwrap_or_default();
            if new != *old {
                changes.push(Change { path: path.clone(), old: *old, new });
            }
        }
        let added = wanted.into_iter().filter(|(_, new)| !new.is_nothing());
        changes.extend(added.map(|(path, new)| Change { path, old: Published::NOTHING, new }));
        changes.into()
    }

    fn take(&mut self, changes: &[Change]) {
        for change in changes {
            self.published.set(&change.path, change.new);
            self.records -= records(&self.settings, change.old);
            self.records += records(&self.settings, change.new);
        }
    }

    /// The difference between the version that a secondary has, by its SOA serial, and this one;
    /// `None` where the log does not reach back to it, or knows no such version.
    pub(crate) fn since(&self, soa: u32) -> Option<Difference> {
        let age = u64::from(low(self.serial).wrapping_sub(soa));
        let from = Serial(self.serial.0.checked_sub(age)?);
        let start = self.log.binary_search_by_key(&from, |delta| delta.from).ok()?;
        let deltas = self.log.range(start..).map(Arc::clone).collect();
        Some(Difference { from, deltas })
    }
}

/// The steps from one version to another.
#[derive(Debug)]
pub(crate) struct Difference {
    pub(crate) from: Serial,
    deltas: Vec<Arc<Delta>>,
}

impl Difference {
    /// The steps as one: each name once, and none that is as it was.
    pub(crate) fn condensed(&self) -> Vec<Change> {
        let mut net: BTreeMap<Path, (Published, Published)> = BTreeMap::new();
        for change in self.deltas.iter().flat_map(|delta| delta.changes.iter()) {
            let entry = net.entry(change.path.clone()).or_insert((change.old, change.new));
            entry.1 = change.new;
        }
        net.into_iter()
            .filter(|(_, (old, new))| old != new)
            .map(|(path, (old, new))| Change { path, old, new })
            .collect()
    }
}

impl View {
    /// The SOA serial.
    pub fn soa_serial(&self) -> u32 {
        low(self.serial)
    }

    /// The canary of a version.
    pub(crate) fn canary(&self, soa: u32) -> Domain {
        canary_name(&self.canaries, soa)
    }

    /// What holds at a name and below it, published there or above.
    pub(crate) fn resolved(&self, path: &Path) -> Published {
        let here = self.published.get(path.as_bytes());
        let above: Vec<&[u8]> = path.ancestors().collect();
        let mut policies = above.into_iter().rev().map(|name| self.published.get(name).below);
        let inherited = policies.find(|policy| *policy != Policy::None).unwrap_or_default();
        let or_inherited = |policy| if policy == Policy::None { inherited } else { policy };
        Published { exact: or_inherited(here.exact), below: or_inherited(here.below) }
    }

    /// What is published at and below a name.
    pub(crate) fn within<'a>(&'a self, path: &'a Path) -> impl Iterator<Item = &'a Path> {
        self.published.within(path.as_bytes()).map(|(path, _)| path)
    }

    /// The name published at `place`, and the place after it.
    pub(crate) fn next(&self, place: Place) -> Option<(&(Path, Published), Place)> {
        self.published.next(place)
    }

    /// How many names are published.
    pub fn names_len(&self) -> usize {
        self.published.len()
    }

    /// All that is published, in order.
    pub fn names(&self) -> impl Iterator<Item = (&Path, Published)> {
        self.published.within(b"").map(|(path, published)| (path, *published))
    }
}

/// Records of what is published at one name.
pub(crate) fn records(settings: &RecordSettings, published: Published) -> u64 {
    settings.records_of(published.exact) + settings.records_of(published.below)
}

/// The low 32 bits of a serial: a zone's SOA serial.
pub(crate) fn low(serial: Serial) -> u32 {
    u32::try_from(serial.0 & u64::from(u32::MAX)).expect("32 bits are left")
}

fn canaries(kind: &ZoneKind, origin: &Domain) -> Domain {
    let text = format!("{}.canary.{origin}", kind.label());
    Domain::parse(&text).expect("the settings leave room for it")
}

fn canary_name(canaries: &Domain, soa: u32) -> Domain {
    Domain::parse(&format!("s{soa}.{canaries}")).expect("the settings leave room for it")
}

#[cfg(test)]
mod tests;
