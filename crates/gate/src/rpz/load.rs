//! Zone files to a [`ZoneSet`]. A record that can't be used is counted and the
//! rest of its zone holds: one bad line must not unblock a million names. What
//! the last line refuses is counted too, and never held.

use std::collections::HashMap;
use std::fmt;
use std::io::Read;
use std::sync::Arc;

use bytes::Bytes;
use domain::base::name::Name;
use domain::base::rdata::{ComposeRecordData, RecordData};
use domain::rdata::ZoneRecordData;
use domain::zonefile::inplace::{Entry as Scanned, ScannedRecord, Zonefile};

use crate::lastline::{LastLine, Refused};
use crate::name::{NAME_OCTETS_MAX, ancestors};
use crate::names::{Builder, Labels, Seed};
use crate::rpz::address::{self, AddressTriggers};
use crate::rpz::instead::ZoneAction;
use crate::rpz::intern::{Interner, Side};
use crate::rpz::policy::PolicyRecord;
use crate::rpz::text::{Entries, Entry, TextError};
use crate::rpz::{ZONES_MAX, Zone, ZoneSet};
use crate::rule::{push_number, read_number};

/// Records whose meaning is kept: a zone with more kinds is read more slowly.
const KNOWN_MAX: usize = 65_536;
/// Bad records that are named in the log; more are only counted.
const NAMED_MAX: u64 = 10;
/// So much of a file tells how much memory the rest will take.
const SAMPLE_OCTETS: u64 = 1 << 20;
/// A TTL where neither record nor file has one.
const TTL_SECONDS: u32 = 60;

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

/// What a record's rest means.
#[derive(Clone, Copy, Debug)]
enum Meaning {
    /// Part of a policy: the number of the record.
    Policy(u32),
    /// The zone's own affair, at its apex.
    Apex,
    /// Nothing that can be read.
    Unreadable,
}

/// The trigger whose records are being collected.
#[derive(Debug, Default)]
struct Pending {
    /// The owner as written, without `*.`.
    text: Vec<u8>,
    /// The trigger's name on the wire; empty where there is none to hold.
    wire: Vec<u8>,
    policy: u32,
}

struct ZoneReader<'l, 'a> {
    loader: &'l mut Loader<'a>,
    name: String,
    number: u8,
    /// The record in place of all that are policies.
    instead: Option<u32>,
    origin: Vec<u8>,
    apex: Option<Vec<u8>>,
    ttl: u32,
    soa: Option<(Box<[u8]>, u32)>,
    known: HashMap<Box<[u8]>, Meaning>,
    usual: (Vec<u8>, Meaning),
    pending: Pending,
    /// The owner before, for records without one.
    owner: Vec<u8>,
    addresses: AddressTriggers,
    clients: AddressTriggers,
    unhonoured: Unhonoured,
    records: u64,
    policies: u64,
    held: Vec<u8>,
    sample: Vec<(Vec<u8>, u32)>,
}

impl<'l, 'a> ZoneReader<'l, 'a> {
    fn new(loader: &'l mut Loader<'a>, (name, number): (&str, u8), instead: Option<u32>) -> Self {
        Self {
            loader,
            name: name.to_owned(),
            number,
            instead,
            origin: wire_of_text(name).unwrap_or_else(|| vec![0]),
            apex: None,
            ttl: TTL_SECONDS,
            soa: None,
            known: HashMap::new(),
            usual: (Vec::new(), Meaning::Apex),
            pending: Pending::default(),
            owner: Vec::new(),
            addresses: AddressTriggers::default(),
            clients: AddressTriggers::default(),
            unhonoured: Unhonoured::default(),
            records: 0,
            policies: 0,
            held: Vec::new(),
            sample: Vec::new(),
        }
    }

    fn read<R: Read>(&mut self, entries: &mut Entries<R>) -> Result<(), TextError> {
        loop {
            let line = entries.line();
            match entries.next()? {
                None => break,
                Some(Entry::Directive(text)) => self.directive(text, line),
                Some(Entry::Record { owner, rest }) => {
                    self.records += 1;
                    if rest == self.usual.0 {
                        self.record(owner, self.usual.1);
                    } else {
                        let (owner, rest) = (owner.to_vec(), rest.to_vec());
                        let meaning = self.meaning(&owner, &rest, line);
                        self.record(&owner, meaning);
                        entries.set_usual(rest.clone());
                        self.usual = (rest, meaning);
                    }
                }
            }
            if self.loader.builder.is_none() && entries.octets() >= SAMPLE_OCTETS {
                self.start_builder(entries.octets());
            }
        }
        self.settle();
        if self.loader.builder.is_none() {
            self.start_builder(entries.octets());
        }
        Ok(())
    }

    /// Makes the builder, with room for what the sample says that the file has.
    fn start_builder(&mut self, read: u64) {
        let held = |(wire, _): &(Vec<u8>, u32)| wire.len() * 3 / 4 + 3;
        let octets: usize = self.sample.iter().map(held).sum();
        let whole = |part: usize| {
            let scaled =
                part as u128 * u128::from(self.loader.octets.max(read)) / u128::from(read.max(1));
            usize::try_from(scaled + scaled / 32).unwrap_or(part)
        };
        let (octets, names) = (whole(octets), whole(self.sample.len()));
        let (seed, passes) = (self.loader.seed, self.loader.passes);
        self.loader.builder = Some(Builder::in_groups(seed, octets, names, passes));
        for (wire, policy) in std::mem::take(&mut self.sample) {
            self.hold(&wire, policy);
        }
    }

    fn directive(&mut self, text: &[u8], line: u64) {
        let text = String::from_utf8_lossy(text).into_owned();
        let text = text.split(';').next().unwrap_or_default();
        let mut words = text.split_ascii_whitespace();
        let value =
            |words: &mut std::str::SplitAsciiWhitespace<'_>| words.next().map(str::to_owned);
        let understood = match words.next().unwrap_or_default().to_ascii_uppercase().as_str() {
            "$TTL" => value(&mut words).and_then(|ttl| seconds(&ttl)).map(|ttl| self.ttl = ttl),
            "$ORIGIN" => {
                let origin = value(&mut words).and_then(|name| self.full_name(name.as_bytes()));
                origin.map(|origin| self.origin = origin)
            }
            _ => None,
        };
        if understood.is_none() {
            self.unreadable(line, "a directive that is not $ORIGIN or $TTL");
        }
        // Both change what a record's rest means.
        self.known.clear();
        self.usual.0.clear();
        self.pending_done();
    }

    fn unreadable(&mut self, line: u64, why: &str) {
        self.unhonoured.unreadable += 1;
        if self.loader.pass == 0 && self.unhonoured.unreadable <= NAMED_MAX {
            tracing::warn!(zone = self.name, line, why, "a line of the zone can't be used");
        }
    }

    /// What the rest of a record means.
    fn meaning(&mut self, owner: &[u8], rest: &[u8], line: u64) -> Meaning {
        if let Some(meaning) = self.known.get(rest) {
            return *meaning;
        }
        let meaning = match self.scan(rest) {
            Err(why) => {
                self.unreadable(line, &why);
                return Meaning::Unreadable;
            }
            Ok(record) => match record.data() {
                ZoneRecordData::Soa(soa) => {
                    let ttl = soa.minimum().as_secs().min(record.ttl().as_secs());
                    self.soa = Some((data_of(&record).into(), ttl));
                    let owner = if owner.is_empty() { &self.owner[..] } else { owner };
                    self.apex = self.full_name(owner);
                    return Meaning::Apex;
                }
                ZoneRecordData::Ns(_) => Meaning::Apex,
                data => Meaning::Policy(match self.instead {
                    Some(instead) => instead,
                    None => self.loader.interner.record(PolicyRecord {
                        rtype: data.rtype(),
                        ttl: record.ttl().as_secs(),
                        data: data_of(&record).into(),
                    }),
                }),
            },
        };
        if self.known.len() < KNOWN_MAX {
            self.known.insert(rest.into(), meaning);
        }
        meaning
    }

    /// The record that `rest` is the rest of.
    fn scan(&self, rest: &[u8]) -> Result<ScannedRecord, String> {
        let mut file = Zonefile::new().allow_invalid();
        file.extend_from_slice(format!("$TTL {}\nowner", self.ttl).as_bytes());
        file.extend_from_slice(rest);
        file.extend_from_slice(b"\n");
        let origin = Name::from_octets(Bytes::from(self.origin.clone()));
        file.set_origin(origin.map_err(|error| error.to_string())?);
        file.set_default_class(domain::base::iana::Class::IN);
        match file.next_entry() {
            Ok(Some(Scanned::Record(record))) => Ok(record),
            Ok(_) => Err("not a record".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    #[inline]
    fn record(&mut self, owner: &[u8], meaning: Meaning) {
        let Meaning::Policy(record) = meaning else {
            self.remember(owner);
            return;
        };
        let same = std::mem::take(&mut self.owner);
        let written = if owner.is_empty() { &same[..] } else { owner };
        let (name, side) = match written.strip_prefix(b"*.") {
            Some(name) => (name, Side::Below),
            None => (written, Side::Exact),
        };
        if name != self.pending.text {
            self.settle();
            self.open(name);
        }
        if !self.pending.wire.is_empty() {
            let (policy, number) = (self.pending.policy, self.number);
            self.pending.policy = self.loader.interner.grow(policy, number, side, record);
        } else {
            self.other_trigger(written, record);
        }
        self.owner = same;
        self.remember(owner);
    }

    #[inline]
    fn remember(&mut self, owner: &[u8]) {
        if !owner.is_empty() {
            self.owner.clear();
            self.owner.extend_from_slice(owner);
        }
    }

    /// Begins with a trigger: its name, unless it is one of another kind.
    #[inline]
    fn open(&mut self, text: &[u8]) {
        self.pending.text.clear();
        self.pending.text.extend_from_slice(text);
        self.pending.policy = 0;
        let mut wire = std::mem::take(&mut self.pending.wire);
        wire.clear();
        let is_relative = self.apex.as_ref() == Some(&self.origin);
        if !(is_relative && push_plain(&mut wire, text)) {
            wire.clear();
            wire.extend(self.trigger(text).unwrap_or_default());
        }
        let special = |(_, name): (usize, &[u8])| {
            name.get(1..5) == Some(b"rpz-") && name.len() == usize::from(name[0]) + 2
        };
        if wire.len() <= 1 || (ends_like_a_trigger(&wire) && ancestors(&wire).any(special)) {
            wire.clear();
        }
        self.pending.wire = wire;
    }

    /// The name that an owner triggers on, in lower case.
    fn trigger(&self, text: &[u8]) -> Option<Vec<u8>> {
        let full = self.full_name(text)?;
        let apex = self.apex.as_ref().unwrap_or(&self.origin);
        let trigger = full.strip_suffix(&apex[..])?;
        // The apex must begin where a label does.
        let mut wire = trigger.to_vec();
        wire.push(0);
        (crate::name::end_of_name(&wire, 0) == Some(wire.len())).then_some(wire)
    }

    /// A name as written, on the wire and in lower case, below the origin.
    fn full_name(&self, text: &[u8]) -> Option<Vec<u8>> {
        if text == b"@" {
            return Some(self.origin.clone());
        }
        let (mut wire, absolute) = labels_of_text(text)?;
        if absolute {
            wire.push(0);
        } else {
            wire.extend(&self.origin);
        }
        (wire.len() <= NAME_OCTETS_MAX).then_some(wire)
    }

    /// Triggers that are not names.
    fn other_trigger(&mut self, owner: &[u8], record: u32) {
        let Some(wire) = self.trigger(owner) else {
            self.unhonoured.unreadable += 1;
            return;
        };
        let labels: Vec<&[u8]> =
            ancestors(&wire).map(|(_, name)| &name[1..=usize::from(name[0])]).collect();
        match labels.split_last() {
            Some((kind, labels)) if matches!(*kind, b"rpz-ip" | b"rpz-client-ip") => {
                let clients = *kind == b"rpz-client-ip";
                let triggers = if clients { &mut self.clients } else { &mut self.addresses };
                let Some(prefix) = address::prefix(labels) else {
                    self.unhonoured.unreadable += 1;
                    return;
                };
                let set = triggers.set(prefix, 0).unwrap_or_default();
                triggers.set(prefix, self.loader.interner.add(set, record));
                self.policies += 1;
            }
            Some((kind, _)) if *kind == b"rpz-nsip" => self.unhonoured.name_server_address += 1,
            Some((kind, _)) if *kind == b"rpz-nsdname" => self.unhonoured.name_server += 1,
            // `*` at the apex: everything. The last line refuses it, as it does the root.
            Some(_) | None => self.unhonoured.refused += 1,
        }
    }

    fn pending_done(&mut self) {
        self.settle();
        self.pending.text.clear();
    }

    /// Holds the trigger whose records have all come, less what is refused.
    #[inline]
    fn settle(&mut self) {
        let policy = std::mem::take(&mut self.pending.policy);
        if policy == 0 {
            return;
        }
        let wire = std::mem::take(&mut self.pending.wire);
        let Refused { exact, below } = self.loader.lastline.refuses_wire(&wire);
        let kept =
            if exact || below { self.loader.interner.refuse(policy, exact, below) } else { policy };
        self.unhonoured.refused += u64::from(kept != policy);
        if kept != 0 {
            self.policies += 1;
            self.hold(&wire, kept);
        }
        self.pending.wire = wire;
    }

    #[inline]
    fn hold(&mut self, wire: &[u8], policy: u32) {
        let Some(builder) = &mut self.loader.builder else {
            self.sample.push((wire.to_vec(), policy));
            return;
        };
        let Some(labels) = Labels::of(wire) else { return };
        let hash = labels.hash(self.loader.seed, wire);
        self.held.clear();
        push_number(&mut self.held, policy.into());
        builder.push_hashed(hash, labels.len(), wire, &self.held);
    }

    fn finish(self, live: bool) -> Result<(Zone, Unhonoured), LoadError> {
        let honoured = self.policies > 0 || self.unhonoured.unreadable == 0;
        if !honoured {
            return Err(LoadError::Useless { zone: self.name, records: self.records });
        }
        let apex = self.apex.unwrap_or(self.origin).into();
        let Self { name, soa, addresses, clients, unhonoured, .. } = self;
        Ok((Zone { name, apex, live, soa, addresses, clients }, unhonoured))
    }
}

/// Whether the label next to the root begins as those of other triggers do.
#[inline]
fn ends_like_a_trigger(wire: &[u8]) -> bool {
    // The longest of them is `rpz-client-ip`.
    let tail = &wire[wire.len().saturating_sub(15)..];
    tail.windows(4).any(|four| four == b"rpz-")
}

/// The data of a record, names uncompressed.
fn data_of(record: &ScannedRecord) -> Vec<u8> {
    let mut data = Vec::new();
    // Appending to a vector does not fail.
    let _ = record.data().compose_rdata(&mut data);
    data
}

/// A TTL: seconds, or numbers with units.
fn seconds(text: &str) -> Option<u32> {
    let (mut total, mut number) = (0_u32, None::<u32>);
    for character in text.chars() {
        if let Some(digit) = character.to_digit(10) {
            number = Some(number.unwrap_or(0).checked_mul(10)?.checked_add(digit)?);
            continue;
        }
        let unit = match character.to_ascii_lowercase() {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return None,
        };
        total = total.checked_add(number.take()?.checked_mul(unit)?)?;
    }
    total.checked_add(number.unwrap_or(0)).filter(|_| !text.is_empty())
}

/// Appends a name without anything special in it; false where there is.
#[inline]
fn push_plain(wire: &mut Vec<u8>, text: &[u8]) -> bool {
    if text.len() > NAME_OCTETS_MAX - 2 || text.is_empty() {
        return false;
    }
    wire.push(0);
    wire.extend_from_slice(text);
    wire.make_ascii_lowercase();
    let (mut boundary, mut at) = (0, 1);
    let plain = |octet: u8| {
        octet.is_ascii_lowercase() || octet.is_ascii_digit() || matches!(octet, b'-' | b'_')
    };
    while let Some(octet) = wire.get(at) {
        if *octet == b'.' {
            match u8::try_from(at - boundary - 1) {
                Ok(length @ 1..=63) => wire[boundary] = length,
                _ => return false,
            }
            boundary = at;
        } else if !plain(*octet) {
            return false;
        }
        at += 1;
    }
    match u8::try_from(at - boundary - 1) {
        Ok(length @ 1..=63) => wire[boundary] = length,
        _ => return false,
    }
    wire.push(0);
    true
}

/// Labels on the wire in lower case without the root, and whether the text ends
/// with a dot; escapes are undone (RFC 1035 section 5.1).
fn labels_of_text(text: &[u8]) -> Option<(Vec<u8>, bool)> {
    if text == b"." {
        return Some((Vec::new(), true));
    }
    let (mut wire, mut boundary, mut at) = (vec![0], 0, 0);
    let close = |wire: &mut Vec<u8>, boundary: usize| {
        let length =
            u8::try_from(wire.len() - boundary - 1).ok().filter(|n| (1..64).contains(n))?;
        wire[boundary] = length;
        Some(())
    };
    while let Some(octet) = text.get(at) {
        at += 1;
        match octet {
            b'.' => {
                close(&mut wire, boundary)?;
                if at == text.len() {
                    wire.make_ascii_lowercase();
                    return Some((wire, true));
                }
                boundary = wire.len();
                wire.push(0);
            }
            b'\\' => match text.get(at..at + 3).filter(|three| three[0].is_ascii_digit()) {
                Some(digits) => {
                    wire.push(std::str::from_utf8(digits).ok()?.parse().ok()?);
                    at += 3;
                }
                None => {
                    wire.push(*text.get(at)?);
                    at += 1;
                }
            },
            octet => wire.push(*octet),
        }
        if wire.len() > NAME_OCTETS_MAX {
            return None;
        }
    }
    close(&mut wire, boundary)?;
    wire.make_ascii_lowercase();
    Some((wire, false))
}

/// An absolute name, whether or not it ends with a dot.
fn wire_of_text(text: &str) -> Option<Vec<u8>> {
    let (mut wire, _) = labels_of_text(text.as_bytes())?;
    wire.make_ascii_lowercase();
    wire.push(0);
    Some(wire)
}

#[cfg(test)]
mod tests;
