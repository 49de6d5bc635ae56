//! Who may have which zone: operators and their keys, as the casebook has them.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};

use belfry_casebook::StoreError;
use belfry_casebook::operators::OperatorRecord;
use belfry_indicator::Domain;
use belfry_journal::{OperatorName, Serial, UnixMillis};
use belfry_rpz::session::{Asker, Directory};
use belfry_rpz::tsig::{Algorithm, Key};
use belfry_rpz::{Selection, Zone, ZoneKind};

use super::{Prefix, Transfers};

/// Operators, and how each is known by.
#[derive(Debug, Default)]
pub(super) struct Operators {
    records: Vec<Known>,
    keys: HashMap<Vec<u8>, Held>,
}

/// An operator with its prefixes read.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) record: OperatorRecord,
    prefixes: Vec<Prefix>,
}

#[derive(Debug)]
struct Held {
    key: Key,
    operator: OperatorName,
    retires_at: Option<UnixMillis>,
}

impl Operators {
    /// The operator of a key or, where there is none, of an address; not a suspended one.
    pub(super) fn of(&self, key: Option<&[u8]>, address: IpAddr) -> Option<&OperatorRecord> {
        let known = match key {
            Some(key) => {
                let held = self.keys.get(key)?;
                self.records.iter().find(|known| known.record.name == held.operator)
            }
            None => self
                .records
                .iter()
                .find(|known| known.prefixes.iter().any(|prefix| prefix.holds(address))),
        };
        known.map(|known| &known.record).filter(|record| record.suspended_at.is_none())
    }

    /// Whether an operator gets anything.
    pub(super) fn is_active(&self, name: &OperatorName) -> bool {
        self.active().any(|record| record.name == *name)
    }

    /// Every operator that gets anything.
    pub(super) fn active(&self) -> impl Iterator<Item = &OperatorRecord> {
        let records = self.records.iter().map(|known| &known.record);
        records.filter(|record| record.suspended_at.is_none())
    }

    /// The key that signs what is sent to an operator: its newest.
    pub(super) fn key_of(&self, name: &OperatorName) -> Option<&Key> {
        let held = self.keys.values().filter(|held| held.operator == *name);
        held.filter(|held| held.retires_at.is_none()).map(|held| &held.key).next()
    }
}

impl Transfers {
    /// Reads operators and keys anew: what was changed holds from now on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reload(&self) -> Result<(), StoreError> {
        let inner = &self.inner;
        let records = inner.casebook.operators().await?;
        let keys = inner.casebook.operator_keys(inner.clock.now()).await?;
        let selections: Vec<(Selection, Serial)> =
            records.iter().filter_map(selection_of).collect();
        let keys = keys
            .into_iter()
            .filter_map(|held| {
                let name = Domain::parse(&held.name).ok()?.to_wire();
                let algorithm = Algorithm::from_name(&held.algorithm)?;
                let key = Key::new(name.clone(), algorithm, held.secret.to_vec());
                let (operator, retires_at) = (held.operator, held.retires_at);
                Some((name, Held { key, operator, retires_at }))
            })
            .collect();
        let records = records
            .into_iter()
            .map(|record| {
                let parsed = record.settings.addresses.iter().filter_map(|text| text.parse().ok());
                Known { prefixes: parsed.collect(), record }
            })
            .collect();
        inner.zones.write().unwrap_or_else(PoisonError::into_inner).select(&selections);
        let operators = Arc::new(Operators { records, keys });
        *inner.operators.write().unwrap_or_else(PoisonError::into_inner) = operators;
        Ok(())
    }

    /// Operators as they are now.
    pub(super) fn operators(&self) -> Arc<Operators> {
        Arc::clone(&self.inner.operators.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What an operator selected, and the entry of that.
fn selection_of(record: &OperatorRecord) -> Option<(Selection, Serial)> {
    let categories = record.settings.categories.clone()?;
    Some((Selection { operator: record.name.clone(), categories }, record.view_serial))
}

/// The zones for one operator, in order of precedence: its own, or the public ones.
pub(crate) fn zone_kinds(record: &OperatorRecord) -> Vec<ZoneKind> {
    match selection_of(record) {
        Some((selection, _)) => vec![ZoneKind::Operator(selection), ZoneKind::Shadow],
        None => {
            let combined = |kind: &ZoneKind| *kind == ZoneKind::Combined;
            ZoneKind::public().into_iter().filter(|kind| !combined(kind)).collect()
        }
    }
}

/// Whether an operator may have a zone.
pub(super) fn may_have(record: &OperatorRecord, kind: &ZoneKind) -> bool {
    match kind {
        ZoneKind::Operator(selection) => selection.operator == record.name,
        _ => true,
    }
}

impl Directory for Transfers {
    fn key(&self, name: &[u8]) -> Option<Key> {
        let (operators, now) = (self.operators(), self.inner.clock.now());
        let held = operators.keys.get(name)?;
        held.retires_at.is_none_or(|end| now < end).then(|| held.key.clone())
    }

    fn zone(&self, asker: Asker<'_>, apex: &Domain) -> Option<Arc<RwLock<Zone>>> {
        let operators = self.operators();
        let record = operators.of(asker.key, asker.address)?;
        let zone = self.with_zones(|zones| zones.find(apex).map(Arc::clone))?;
        let may = may_have(record, zone.read().unwrap_or_else(PoisonError::into_inner).kind());
        may.then_some(zone)
    }
}
