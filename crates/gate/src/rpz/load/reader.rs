//! One zone file from its first line to its last: directives, and what the rest of a
//! record means. Most records of a zone end alike, so that a meaning is found by its text.

use std::collections::HashMap;
use std::io::Read;

use bytes::Bytes;
use domain::base::name::Name;
use domain::base::rdata::{ComposeRecordData, RecordData};
use domain::rdata::ZoneRecordData;
use domain::zonefile::inplace::{Entry as Scanned, ScannedRecord, Zonefile};

use crate::names::Builder;
use crate::rpz::Zone;
use crate::rpz::address::AddressTriggers;
use crate::rpz::load::owner::wire_of_text;
use crate::rpz::load::trigger::Pending;
use crate::rpz::load::{LoadError, Loader, Unhonoured};
use crate::rpz::policy::PolicyRecord;
use crate::rpz::text::{Entries, Entry, TextError};

/// Records whose meaning is kept: a zone with more kinds is read more slowly.
const KNOWN_MAX: usize = 65_536;
/// Bad records that are named in the log; more are only counted.
const NAMED_MAX: u64 = 10;
/// So much of a file tells how much memory the rest will take.
const SAMPLE_OCTETS: u64 = 1 << 20;
/// A TTL where neither record nor file has one.
const TTL_SECONDS: u32 = 60;

/// What a record's rest means.
#[derive(Clone, Copy, Debug)]
pub(super) enum Meaning {
    /// Part of a policy: the number of the record.
    Policy(u32),
    /// The zone's own affair, at its apex.
    Apex,
    /// Nothing that can be read.
    Unreadable,
}

pub(super) struct ZoneReader<'l, 'a> {
    pub(super) loader: &'l mut Loader<'a>,
    pub(super) name: String,
    pub(super) number: u8,
    /// The record in place of all that are policies.
    pub(super) instead: Option<u32>,
    pub(super) origin: Vec<u8>,
    pub(super) apex: Option<Vec<u8>>,
    pub(super) ttl: u32,
    pub(super) soa: Option<(Box<[u8]>, u32)>,
    pub(super) known: HashMap<Box<[u8]>, Meaning>,
    pub(super) usual: (Vec<u8>, Meaning),
    pub(super) pending: Pending,
    /// The owner before, for records without one.
    pub(super) owner: Vec<u8>,
    pub(super) addresses: AddressTriggers,
    pub(super) clients: AddressTriggers,
    pub(super) unhonoured: Unhonoured,
    pub(super) records: u64,
    pub(super) policies: u64,
    pub(super) held: Vec<u8>,
    pub(super) sample: Vec<(Vec<u8>, u32)>,
}

impl<'l, 'a> ZoneReader<'l, 'a> {
    pub(super) fn new(
        loader: &'l mut Loader<'a>,
        (name, number): (&str, u8),
        instead: Option<u32>,
    ) -> Self {
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

    pub(super) fn read<R: Read>(&mut self, entries: &mut Entries<R>) -> Result<(), TextError> {
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

    pub(super) fn finish(self, live: bool) -> Result<(Zone, Unhonoured), LoadError> {
        let honoured = self.policies > 0 || self.unhonoured.unreadable == 0;
        if !honoured {
            return Err(LoadError::Useless { zone: self.name, records: self.records });
        }
        let apex = self.apex.unwrap_or(self.origin).into();
        let Self { name, soa, addresses, clients, unhonoured, .. } = self;
        Ok((Zone { name, apex, live, soa, addresses, clients }, unhonoured))
    }
}

/// The data of a record, names uncompressed.
fn data_of(record: &ScannedRecord) -> Vec<u8> {
    let mut data = Vec::new();
    // Appending to a vector does not fail.
    let _ = record.data().compose_rdata(&mut data);
    data
}

/// A TTL: seconds, or numbers with units.
pub(super) fn seconds(text: &str) -> Option<u32> {
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
