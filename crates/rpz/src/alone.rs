//! [`ZoneAlone`]: one zone for files instead of transfers, and what changed in it since
//! an earlier view as policies that go before that view's.

use std::collections::BTreeMap;
use std::sync::Arc;

use belfry_indicator::Target;
use belfry_journal::{Category, Mode, Order, Serial};

use crate::holdings::{Held, Holdings};
use crate::name::Path;
use crate::policy::Policy;
use crate::record::RecordSettings;
use crate::zone::{View, Zone, low};
use crate::zones::{ZoneKind, ZonesError, origin_fits};

/// One zone, made of orders as they come and go.
#[derive(Debug)]
pub struct ZoneAlone {
    holdings: Holdings,
    zone: Zone,
    /// Rises with each change; takes the place of an entry's serial.
    version: u64,
}

/// What to say at a name before an earlier view is asked; `None` where that view is right.
/// A policy of [`Policy::None`] says that nothing holds any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// At the name itself.
    pub exact: Option<Policy>,
    /// Below it.
    pub below: Option<Policy>,
}

/// Policies that go before those of an earlier view.
pub type Patch = BTreeMap<Path, Said>;

impl ZoneAlone {
    /// An empty zone.
    ///
    /// # Errors
    /// [`ZonesError::Origin`].
    pub fn new(kind: ZoneKind, settings: RecordSettings) -> Result<Self, ZonesError> {
        origin_fits(&settings.origin)?;
        let zone = Zone::new(kind, Arc::new(settings));
        Ok(Self { holdings: Holdings::default(), zone, version: 0 })
    }

    /// Makes it anew of these orders, and of no others. No earlier view can be patched then.
    pub fn replace(&mut self, orders: impl Iterator<Item = (Serial, Order)>) {
        self.holdings = Holdings::default();
        for (serial, order) in orders {
            if self.matters(serial, &order) {
                self.holdings.fold(serial, &order);
            }
        }
        self.version += 1;
        self.zone.rebuild(&self.holdings, Serial(self.version));
    }

    /// Takes in an order that holds now, in the place of any other for its key; whether
    /// anything changed.
    pub fn hold(&mut self, serial: Serial, order: &Order) -> bool {
        if !self.matters(serial, order) {
            // It took the place of one that may have mattered.
            return self.let_go(&order.target, order.category, order.mode);
        }
        self.holdings.fold(serial, order).is_some_and(|path| self.touch(&path))
    }

    /// Drops the order for this key; whether anything changed.
    pub fn let_go(&mut self, target: &Target, category: Category, mode: Mode) -> bool {
        let dropped = self.holdings.let_go(target, category, mode);
        dropped.is_some_and(|path| self.touch(&path))
    }

    fn matters(&self, serial: Serial, order: &Order) -> bool {
        self.zone.kind().policy(&Held::of(serial, order)) != Policy::None
    }

    fn touch(&mut self, path: &Path) -> bool {
        let next = Serial(self.version + 1);
        let changed = self.zone.touch(&self.holdings, path, next);
        self.version += u64::from(changed);
        changed
    }

    /// It as it is now.
    pub fn view(&self) -> View {
        self.zone.view()
    }

    /// The zone, for its name and figures.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// What must go before `base`, one of its own earlier views, so that both say what it says
    /// now; `None` where that is unknown or more than `names_max` names.
    pub fn patch(&self, base: &View, names_max: usize) -> Option<Patch> {
        let mut patch = Patch::new();
        if base.serial == self.zone.serial() {
            return Some(patch);
        }
        let now = self.view();
        for change in self.zone.since(low(base.serial))?.condensed() {
            let (was, is) = (base.resolved(&change.path), now.resolved(&change.path));
            let own = patch.entry(change.path.clone()).or_default();
            own.exact = Some(is.exact);
            if was.below == is.below {
                continue;
            }
            own.below = Some(is.below);
            // What the base says of these would not be asked any more.
            for path in now.within(&change.path) {
                let here = now.resolved(path);
                let said = Said { exact: Some(here.exact), below: Some(here.below) };
                patch.insert(path.clone(), said);
                if patch.len() > names_max {
                    return None;
                }
            }
        }
        (patch.len() <= names_max).then_some(patch)
    }
}

#[cfg(test)]
mod tests;
