//! [`Zones`]: every zone that is served, folded together from the journal.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use belfry_indicator::Domain;
use belfry_journal::{Body, Category, DecodeError, Entry, Mode, OperatorName, Order, Serial};

use crate::holdings::{Held, Holdings};
use crate::policy::Policy;
use crate::record::RecordSettings;
use crate::zone::Zone;

/// The longest origin: a zone's own name, a canary's, and room for the names blocked.
const ORIGIN_MAX: usize = 60;
/// The longest name of an operator with a zone of its own, for the same reason.
pub const OPERATOR_MAX: usize = 32;

/// What one operator takes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Selection {
    /// Whose orders are in it besides everyone's.
    pub operator: OperatorName,
    /// Blocks of these categories.
    pub categories: BTreeSet<Category>,
}

/// What a zone is a view of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ZoneKind {
    /// What is never to be blocked: goes before all others.
    Allow,
    /// The blocks of one category.
    Category(Category),
    /// What would be blocked: passes, and is counted by the resolver.
    Shadow,
    /// Allows and blocks of all categories in one, for software that takes few zones.
    Combined,
    /// What one operator selected, with the orders that are for it alone.
    Operator(Selection),
}

/// Why zones can't be served as they are set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ZonesError {
    /// Zones of this origin would leave too little room for names.
    #[error("the origin {0} is longer than {ORIGIN_MAX} octets: names would not fit below it")]
    Origin(Domain),
    /// An entry came out of order.
    #[error("entry {got} came after entry {last}")]
    Order {
        /// The last one.
        last: Serial,
        /// What came.
        got: Serial,
    },
    /// An entry does not decode.
    #[error("entry {serial} can't be read: {source}")]
    Body {
        /// Which.
        serial: Serial,
        /// Why.
        source: DecodeError,
    },
}

impl ZoneKind {
    /// The zones that every operator may take, in order of precedence.
    pub fn public() -> Vec<Self> {
        let categories = Category::ALL.iter().copied().map(Self::Category);
        let mut kinds = vec![Self::Allow];
        kinds.extend(categories);
        kinds.extend([Self::Shadow, Self::Combined]);
        kinds
    }

    /// The first label of its name.
    pub fn label(&self) -> &str {
        match self {
            ZoneKind::Allow => "allow",
            ZoneKind::Category(category) => category.name(),
            ZoneKind::Shadow => "shadow",
            ZoneKind::Combined => "all",
            ZoneKind::Operator(selection) => selection.operator.as_str(),
        }
    }

    /// Its name below `origin`.
    pub fn apex(&self, origin: &Domain) -> Domain {
        let text = match self {
            ZoneKind::Operator(selection) => format!("{}.operator.{origin}", selection.operator),
            _ => format!("{}.{origin}", self.label()),
        };
        Domain::parse(&text).expect("the origin leaves room for it")
    }

    /// What an order that holds is in this zone.
    pub(crate) fn policy(&self, held: &Held) -> Policy {
        let everyones = held.operators.is_none();
        let live = held.mode == Mode::Live;
        match self {
            ZoneKind::Allow if everyones && live && held.allows => Policy::Pass,
            ZoneKind::Category(category) if everyones && live && !held.allows => {
                if held.category == *category { Policy::Block } else { Policy::None }
            }
            ZoneKind::Shadow if everyones && !live && !held.allows => Policy::Pass,
            ZoneKind::Combined if everyones && live => block_or_pass(held),
            ZoneKind::Operator(selection) if live => selection.policy(held),
            _ => Policy::None,
        }
    }

    /// Whether an order may matter to this zone at all.
    fn cares(&self, order: &Order) -> bool {
        match self {
            ZoneKind::Category(category) => order.category == *category && order.mode == Mode::Live,
            ZoneKind::Shadow => order.mode == Mode::Shadow,
            ZoneKind::Allow | ZoneKind::Combined | ZoneKind::Operator(_) => {
                order.mode == Mode::Live
            }
        }
    }
}

impl Selection {
    fn policy(&self, held: &Held) -> Policy {
        let ours =
            held.operators.as_ref().is_none_or(|operators| operators.contains(&self.operator));
        match ours && (held.allows || self.categories.contains(&held.category)) {
            true => block_or_pass(held),
            false => Policy::None,
        }
    }
}

fn block_or_pass(held: &Held) -> Policy {
    if held.allows { Policy::Pass } else { Policy::Block }
}

/// All zones.
#[derive(Debug)]
pub struct Zones {
    settings: Arc<RecordSettings>,
    holdings: Holdings,
    serial: Serial,
    zones: Vec<Arc<RwLock<Zone>>>,
    /// With the entry by which each is made.
    selections: Vec<(Selection, Serial)>,
}

impl Zones {
    /// The public zones, empty.
    ///
    /// # Errors
    /// [`ZonesError::Origin`].
    pub fn new(settings: RecordSettings) -> Result<Self, ZonesError> {
        origin_fits(&settings.origin)?;
        let settings = Arc::new(settings);
        let zone = |kind| Arc::new(RwLock::new(Zone::new(kind, Arc::clone(&settings))));
        let zones = ZoneKind::public().into_iter().map(zone).collect();
        let (holdings, serial, selections) = (Holdings::default(), Serial(0), Vec::new());
        Ok(Self { settings, holdings, serial, zones, selections })
    }

    /// As if so many entries had come and said nothing.
    #[cfg(test)]
    pub(crate) fn start_at(&mut self, serial: Serial) {
        self.serial = serial;
        self.rebuild(serial);
    }

    /// How records are written.
    pub fn settings(&self) -> &Arc<RecordSettings> {
        &self.settings
    }

    /// The last entry taken in.
    pub fn serial(&self) -> Serial {
        self.serial
    }

    /// Every zone, the public ones first in order of precedence.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<RwLock<Zone>>> {
        self.zones.iter()
    }

    /// Takes the next entry in; whether any zone changed.
    ///
    /// # Errors
    /// [`ZonesError`]: it is not the next, or can't be read.
    pub fn apply(&mut self, entry: &Entry) -> Result<bool, ZonesError> {
        let (last, serial) = (self.serial, entry.serial);
        if serial != last.next() {
            return Err(ZonesError::Order { last, got: serial });
        }
        let body = entry.decode().map_err(|source| ZonesError::Body { serial, source })?;
        self.serial = serial;
        match body {
            Body::Order(order) => Ok(self.take(serial, &order)),
            // Whoever followed a past that is void now must not believe itself in step.
            Body::Restored(_) => {
                self.rebuild(serial);
                Ok(true)
            }
            Body::View(change) if change.digest == self.settings.digest() => {
                self.rebuild(serial);
                Ok(true)
            }
            Body::View(_) => {
                self.make_selected(serial, |made_by, serial| made_by == serial);
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn take(&mut self, serial: Serial, order: &Order) -> bool {
        let Some(path) = self.holdings.fold(serial, order) else { return false };
        let mut changed = false;
        for zone in &self.zones {
            let mut zone = write(zone);
            if zone.kind().cares(order) {
                changed |= zone.touch(&self.holdings, &path, serial);
            }
        }
        changed
    }

    /// Makes every zone anew as the version of `serial`: all secondaries take it whole.
    pub fn rebuild(&mut self, serial: Serial) {
        for zone in &self.zones {
            write(zone).rebuild(&self.holdings, serial);
        }
    }

    /// Serves these selections beside the public zones, and no others (nor any of an operator
    /// whose name is longer than [`OPERATOR_MAX`]). Each is made when the entry given with it is
    /// taken in, which is that of the selection's last change.
    pub fn select(&mut self, selections: &[(Selection, Serial)]) {
        let fits = |(selection, _): &&(Selection, Serial)| {
            selection.operator.as_str().len() <= OPERATOR_MAX
        };
        self.selections = selections.iter().filter(fits).cloned().collect();
        let wanted = |zone: &Zone| match zone.kind() {
            ZoneKind::Operator(ours) => self.selections.iter().any(|(theirs, _)| theirs == ours),
            _ => true,
        };
        self.zones.retain(|zone| wanted(&read(zone)));
        self.make_selected(self.serial, |made_by, serial| made_by <= serial);
    }

    /// Makes the zones of selections that have none yet, as the version of `serial`.
    fn make_selected(&mut self, serial: Serial, is_due: fn(Serial, Serial) -> bool) {
        for (selection, made_by) in &self.selections {
            let kind = ZoneKind::Operator(selection.clone());
            let there = self.zones.iter().any(|zone| *read(zone).kind() == kind);
            if there || !is_due(*made_by, serial) {
                continue;
            }
            let mut zone = Zone::new(kind, Arc::clone(&self.settings));
            zone.rebuild(&self.holdings, serial);
            self.zones.push(Arc::new(RwLock::new(zone)));
        }
    }

    /// The zone with this name.
    pub fn find(&self, apex: &Domain) -> Option<&Arc<RwLock<Zone>>> {
        self.zones.iter().find(|zone| read(zone).apex() == apex)
    }
}

/// Whether names fit below zones of this origin.
pub(crate) fn origin_fits(origin: &Domain) -> Result<(), ZonesError> {
    let fits = origin.as_str().len() <= ORIGIN_MAX;
    if fits { Ok(()) } else { Err(ZonesError::Origin(origin.clone())) }
}

/// A zone, to read.
pub(crate) fn read(zone: &RwLock<Zone>) -> RwLockReadGuard<'_, Zone> {
    zone.read().unwrap_or_else(PoisonError::into_inner)
}

fn write(zone: &RwLock<Zone>) -> RwLockWriteGuard<'_, Zone> {
    zone.write().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
