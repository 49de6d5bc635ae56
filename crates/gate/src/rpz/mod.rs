//! Other people's RPZ: policies for names and addresses from zone files, in
//! order of precedence. `text` cuts a file into entries, `load` makes a
//! [`ZoneSet`] of them, `policy` says what a record means, `address` holds
//! response-IP triggers, `snapshot` keeps a set on disk so that a start need not
//! read a million lines.
//!
//! In a zone a policy for the client counts before all others, then that of the name itself, then that of the closest
//! wildcard above it. A name that has a policy and no wildcard of its own ends
//! the search, as in DNS; an empty node does not, since it would open a hole that
//! nobody wrote. Among zones the first that has a policy counts.

mod address;
mod instead;
mod intern;
mod load;
mod policy;
mod snapshot;
mod text;

use std::net::IpAddr;
use std::sync::Arc;

pub(crate) use self::address::AddressTriggers;
pub use self::instead::{ZoneAction, ZoneActionError};
pub(crate) use self::load::Loader;
pub use self::load::{LoadError, Unhonoured};
pub(crate) use self::policy::{Action, Alias, Local, PolicyRecord};
pub(crate) use self::snapshot::{Source, load as load_snapshot, save as save_snapshot};
use crate::names::{Labels, Level, Seed};
use crate::rule::read_number;

/// Policies of names by number, each with what every zone holds.
type Policies = Box<[Box<[NamePolicy]>]>;

/// More zones than this have no place in a precedence that a person can follow.
pub(crate) const ZONES_MAX: usize = 16;

/// What one zone says about a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ZoneHit {
    /// Which zone, the highest precedence first.
    pub(crate) zone: u8,
    /// Where the trigger's name starts in the name asked for.
    pub(crate) at: u8,
    /// The number of its action.
    pub(crate) action: u32,
}

/// What all zones say about a name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ruling {
    /// Of the first live zone that has a policy.
    pub(crate) live: Option<ZoneHit>,
    /// Of the first zone in shadow that has a policy.
    pub(crate) shadow: Option<ZoneHit>,
}

/// What one zone holds at a name: numbers of sets of records, 0 for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct NamePolicy {
    zone: u8,
    exact: u32,
    below: u32,
}

/// A zone's own facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Zone {
    /// Its name, as people know it.
    pub(crate) name: String,
    /// Its name on the wire.
    pub(crate) apex: Box<[u8]>,
    /// Acts, or only counts.
    pub(crate) live: bool,
    /// The data of its SOA record, and how long "no" holds.
    pub(crate) soa: Option<(Box<[u8]>, u32)>,
    /// Policies for addresses in answers.
    pub(crate) addresses: AddressTriggers,
    /// Policies for who asks.
    pub(crate) clients: AddressTriggers,
}

impl Zone {
    /// Its version, if it has an SOA.
    pub(crate) fn serial(&self) -> Option<u32> {
        let (data, _) = self.soa.as_ref()?;
        let numbers = data.get(data.len().checked_sub(20)?..)?;
        numbers.first_chunk().copied().map(u32::from_be_bytes)
    }
}

/// All foreign zones; never changed.
#[derive(Clone, Debug)]
pub(crate) struct ZoneSet {
    level: Level,
    policies: Policies,
    /// By number; number 0 is none.
    actions: Box<[Action]>,
    zones: Box<[Arc<Zone>]>,
    /// The first live zone with a policy for addresses.
    first_address_zone: usize,
    looks_at_addresses: bool,
    looks_at_clients: bool,
}

impl ZoneSet {
    /// No zones.
    pub(crate) fn empty(seed: Seed) -> Self {
        Self::new(Level::empty(seed), Box::default(), Box::default(), Vec::new())
    }

    fn new(
        level: Level,
        policies: Policies,
        actions: Box<[Action]>,
        zones: Vec<Arc<Zone>>,
    ) -> Self {
        let with_addresses = |zone: &Arc<Zone>| zone.live && !zone.addresses.is_empty();
        let first_address_zone = zones.iter().position(with_addresses).unwrap_or(usize::MAX);
        let looks_at_addresses = zones.iter().any(|zone| !zone.addresses.is_empty());
        let looks_at_clients = zones.iter().any(|zone| !zone.clients.is_empty());
        let zones = zones.into();
        Self {
            level,
            policies,
            actions,
            zones,
            first_address_zone,
            looks_at_addresses,
            looks_at_clients,
        }
    }

    /// Whether there is no zone.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.zones.is_empty()
    }

    /// Its names.
    pub(crate) fn names(&self) -> &Level {
        &self.level
    }

    /// What its names are hashed with.
    pub(crate) fn seed(&self) -> Seed {
        self.level.seed()
    }

    /// The zones, the highest precedence first.
    pub(crate) fn zones(&self) -> &[Arc<Zone>] {
        &self.zones
    }

    /// How many names have a policy.
    pub(crate) fn len(&self) -> usize {
        self.level.len()
    }

    /// Names that have a policy here and none in `other`.
    pub(crate) fn names_beyond(&self, other: &Self) -> usize {
        let seed = other.level.seed();
        let beyond =
            |wire: &[u8]| seed.name(wire).is_none_or(|hash| other.level.find(hash, wire).is_none());
        self.level.iter().filter(|(wire, _)| beyond(wire)).count()
    }

    /// What the zones say about a name, and the hash of the whole name.
    #[inline]
    pub(crate) fn find(&self, name: &[u8], labels: &Labels) -> (Ruling, u64) {
        // Most names have no policy at all: the table of hits is made for those that do.
        let mut hits = None;
        let seed = self.level.seed();
        let mut hash = seed.root();
        for (depth, (at, next)) in labels.root_first().enumerate() {
            hash = seed.label(hash, &name[at..next]);
            if depth + 1 < self.level.labels_min() {
                continue;
            }
            if let Some(held) = self.level.find(hash, &name[at..]) {
                self.note(held, at, hits.get_or_insert([None; ZONES_MAX]));
            }
        }
        (hits.map_or_else(Ruling::default, |hits| self.ruling(&hits)), hash)
    }

    #[inline]
    fn note(&self, mut held: &[u8], at: usize, hits: &mut [Option<ZoneHit>; ZONES_MAX]) {
        let number = read_number(&mut held).and_then(|number| usize::try_from(number).ok());
        let policies = number.and_then(|number| self.policies.get(number));
        for policy in policies.into_iter().flatten() {
            let place = &mut hits[usize::from(policy.zone)];
            let start = u8::try_from(at).unwrap_or(u8::MAX);
            let hit = |action| Some(ZoneHit { zone: policy.zone, at: start, action });
            match (at, policy.exact, policy.below) {
                (0, 0, _) => {}
                (0, exact, _) => *place = hit(exact),
                (_, _, 0) => *place = None,
                (_, _, below) => *place = hit(below),
            }
        }
    }

    fn ruling(&self, hits: &[Option<ZoneHit>; ZONES_MAX]) -> Ruling {
        let first = |live| {
            let of_kind = |hit: &&ZoneHit| self.zones[usize::from(hit.zone)].live == live;
            hits.iter().flatten().find(of_kind).copied()
        };
        Ruling { live: first(true), shadow: first(false) }
    }

    /// What a hit's zone wants done.
    #[inline]
    pub(crate) fn action(&self, hit: ZoneHit) -> &Action {
        const NOTHING: &Action = &Action::Passthru;
        let number = usize::try_from(hit.action).ok();
        number.and_then(|number| self.actions.get(number)).unwrap_or(NOTHING)
    }

    /// The zone of a hit.
    #[inline]
    pub(crate) fn zone(&self, hit: ZoneHit) -> &Zone {
        &self.zones[usize::from(hit.zone)]
    }

    /// Whether a live zone before this one has policies for addresses: then what
    /// this one says must wait for an upstream's answer.
    #[inline]
    pub(crate) fn waits_for_addresses(&self, hit: ZoneHit) -> bool {
        self.first_address_zone < usize::from(hit.zone)
    }

    /// Whether answers must be looked at for addresses at all.
    #[inline]
    pub(crate) fn looks_at_addresses(&self) -> bool {
        self.looks_at_addresses
    }

    /// Whether it matters who asks.
    #[inline]
    pub(crate) fn looks_at_clients(&self) -> bool {
        self.looks_at_clients
    }

    /// What the zones say about a query of `client`, where `ruling` is about its name.
    pub(crate) fn of_client(&self, client: Option<IpAddr>, ruling: Ruling) -> Ruling {
        let client = client.filter(|_| self.looks_at_clients);
        client.map_or(ruling, |client| self.triggered(client, |zone| &zone.clients).or(ruling))
    }

    /// What the zones say about an address in an answer.
    pub(crate) fn find_address(&self, address: IpAddr) -> Ruling {
        self.triggered(address, |zone| &zone.addresses)
    }

    fn triggered(&self, address: IpAddr, by: impl Fn(&Zone) -> &AddressTriggers) -> Ruling {
        let mut hits = [None; ZONES_MAX];
        for (number, zone) in (0_u8..).zip(&self.zones) {
            let action = by(zone).find(address);
            hits[usize::from(number)] =
                action.map(|action| ZoneHit { zone: number, at: 0, action });
        }
        self.ruling(&hits)
    }
}

impl Ruling {
    /// The one of both that comes first; of one zone, this.
    pub(crate) fn or(self, other: Self) -> Self {
        let first = |one: Option<ZoneHit>, two: Option<ZoneHit>| match (one, two) {
            (Some(one), Some(two)) => Some(if two.zone < one.zone { two } else { one }),
            (one, two) => one.or(two),
        };
        Self { live: first(self.live, other.live), shadow: first(self.shadow, other.shadow) }
    }
}

#[cfg(test)]
mod tests;
