//! Zone files to a [`ZoneSet`]. A record that can't be used is counted and the
//! rest of its zone holds: one bad line must not unblock a million names. What
//! the last line refuses is counted too, and never held. `reader` goes through one
//! file, `trigger` collects what its names are blocked by, `owner` reads names.

mod owner;
mod reader;
mod trigger;

use std::fmt;
use std::io::Read;
use std::sync::Arc;

use crate::lastline::LastLine;
use crate::names::{Builder, Seed};
use crate::rpz::instead::ZoneAction;
use crate::rpz::intern::Interner;
use crate::rpz::load::reader::ZoneReader;
use crate::rpz::text::{Entries, TextError};
use crate::rpz::{ZONES_MAX, Zone, ZoneSet};
use crate::rule::{push_number, read_number};

/// Why no set is made.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file can't be cut into entries.
    #[error("zone {zone}: {why}")]
    Text {
        /// Which zone.
        zone: String,
        /// Why.
        why: TextError,
    },
    /// Nothing in it is a policy: more likely a mistake than an empty list.
    #[error("zone {zone}: not one usable policy in {records} records; the zone is not taken")]
    Useless {
        /// Which zone.
        zone: String,
        /// How many records it has.
        records: u64,
    },
    /// Too many zones.
    #[error("more than {ZONES_MAX} zones")]
    TooMany,
    /// Names so uneven that they fit in no table.
    #[error("the names of the zones fit in no table")]
    Uneven,
}

/// What of a zone is not held, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unhonoured {
    /// `rpz-nsdname`: a forwarder does not see name servers.
    pub name_server: u64,
    /// `rpz-nsip`: nor their addresses.
    pub name_server_address: u64,
    /// Records that can't be read.
    pub unreadable: u64,
    /// Names and addresses that the last line refuses.
    pub refused: u64,
}

impl Unhonoured {
    /// Their names in metrics.
    pub(crate) fn each(self) -> [(&'static str, u64); 4] {
        [
            ("name-server", self.name_server),
            ("name-server-address", self.name_server_address),
            ("unreadable", self.unreadable),
            ("refused", self.refused),
        ]
    }
}

impl fmt::Display for Unhonoured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let some = self.each().into_iter().filter(|(_, count)| *count > 0);
        let some: Vec<String> = some.map(|(what, count)| format!("{count} {what}")).collect();
        f.write_str(&if some.is_empty() { "nothing".to_owned() } else { some.join(", ") })
    }
}

/// Makes a set of zones, the first with the highest precedence.
#[derive(Debug)]
pub(crate) struct Loader<'a> {
    lastline: &'a LastLine,
    interner: Interner,
    builder: Option<Builder>,
    seed: Seed,
    zones: Vec<Arc<Zone>>,
    octets: u64,
    /// How often all zones are read.
    passes: usize,
    pass: usize,
}

impl<'a> Loader<'a> {
    /// A loader whose names are held against `lastline`; `octets` is how long all
    /// files are together.
    pub(crate) fn new(seed: Seed, lastline: &'a LastLine, octets: u64) -> Self {
        let (interner, zones) = (Interner::new(), Vec::new());
        Self { lastline, interner, builder: None, seed, zones, octets, passes: 1, pass: 0 }
    }

    /// Reads all zones so often, and makes a part of the set each time: it takes longer,
    /// and less memory on the way.
    pub(crate) fn in_passes(self, passes: usize) -> Self {
        Self { passes, ..self }
    }

    /// Ends a pass; false once none is left. What is as in `like` is shared with it.
    pub(crate) fn end_pass(&mut self, like: &ZoneSet) -> Result<bool, LoadError> {
        self.pass += 1;
        let Some(builder) = &mut self.builder else { return Ok(false) };
        let joining = |before: &[u8], held: &[u8]| join(&mut self.interner, before, held);
        let more = builder.end_group(Some(&like.level), joining);
        let more = more.map_err(|_| LoadError::Uneven)?;
        if more {
            self.zones.clear();
        }
        Ok(more)
    }

    /// Takes in a zone after those before it, with its own actions.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn zone(
        &mut self,
        name: &str,
        live: bool,
        file: impl Read,
    ) -> Result<Unhonoured, LoadError> {
        self.zone_with(name, live, &ZoneAction::Given, file)
    }

    /// Takes in a zone after those before it, with an action in place of its own.
    pub(crate) fn zone_with(
        &mut self,
        name: &str,
        live: bool,
        action: &ZoneAction,
        file: impl Read,
    ) -> Result<Unhonoured, LoadError> {
        let number = u8::try_from(self.zones.len()).ok().filter(|n| usize::from(*n) < ZONES_MAX);
        let number = number.ok_or(LoadError::TooMany)?;
        let instead = action.record().map(|record| self.interner.record(record));
        let mut reader = ZoneReader::new(self, (name, number), instead);
        let read = reader.read(&mut Entries::new(file));
        read.map_err(|why| LoadError::Text { zone: name.to_owned(), why })?;
        let (zone, unhonoured) = reader.finish(live)?;
        self.zones.push(Arc::new(zone));
        Ok(unhonoured)
    }

    /// The set.
    pub(crate) fn finish(self) -> Result<ZoneSet, LoadError> {
        let Self { mut interner, builder, seed, zones, .. } = self;
        let builder = builder.unwrap_or_else(|| Builder::new(seed, 0, 0));
        let level = builder.finish(|before, held| join(&mut interner, before, held));
        let level = level.map_err(|_| LoadError::Uneven)?;
        let (policies, actions) = interner.finish();
        Ok(ZoneSet::new(level, policies, actions, zones))
    }
}

/// The policies of two entries of one name in one.
fn join(interner: &mut Interner, before: &[u8], held: &[u8]) -> Option<Vec<u8>> {
    let number = |mut held: &[u8]| u32::try_from(read_number(&mut held)?).ok();
    let joined = interner.join(number(before)?, number(held)?);
    let mut held = Vec::new();
    push_number(&mut held, joined.into());
    Some(held)
}

#[cfg(test)]
mod tests;
