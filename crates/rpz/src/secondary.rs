//! The other end: what a secondary asks, and how it reads what a primary sends.
//!
//! [`Receiver`] takes the messages of one answer and says when it is whole;
//! [`Replica`] is a zone as it was received, which differences are applied to. A
//! difference that does not fit the replica is refused: then the whole zone is due.

use std::collections::BTreeMap;

use belfry_indicator::Domain;

use crate::wire::{Header, IN, Malformed, Reader, Record, kind, rcode, soa_serial};

/// A record as it is kept: owner and data uncompressed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Kept {
    /// Its owner on the wire, in lower case.
    pub owner: Box<[u8]>,
    /// Its type.
    pub kind: u16,
    /// How long it may be cached; no part of what it is.
    pub ttl: u32,
    /// Its data.
    pub data: Box<[u8]>,
}

/// What an answer brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Update {
    /// The version that is there already.
    UpToDate,
    /// A whole zone.
    Whole {
        /// Its serial.
        serial: u32,
        /// Its records, the SOA first.
        records: Vec<Kept>,
    },
    /// Steps from the version that is there to another.
    Changes {
        /// The serial after the last.
        serial: u32,
        /// What goes and what comes, in order.
        steps: Vec<Changed>,
    },
}

/// One step of a difference; each side's SOA is its first record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// What goes.
    pub gone: Vec<Kept>,
    /// What comes.
    pub come: Vec<Kept>,
}

/// Why an answer is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecondaryError {
    /// Octets that are no message.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The primary refused, with this response code.
    #[error("the primary refused: response code {0}")]
    Refused(u8),
    /// It answers another question.
    #[error("the answer is to another question")]
    Other,
    /// The primary asks to come by TCP.
    #[error("the answer is cut short: by TCP then")]
    Truncated,
    /// More records than are taken.
    #[error("the zone is larger than what is taken")]
    TooLarge,
    /// Records in an order that is neither a zone nor a difference.
    #[error("the records are neither a zone nor a difference: {0}")]
    Sequence(&'static str),
    /// A difference to another version than is here.
    #[error("the difference does not fit the version that is here")]
    NotOurs,
}

/// A request for a zone: SOA, AXFR, or IXFR from a serial.
pub fn request(id: u16, apex: &Domain, asked: Ask) -> Vec<u8> {
    let mut out = Vec::with_capacity(128);
    out.extend_from_slice(&id.to_be_bytes());
    out.extend_from_slice(&[0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    out.extend_from_slice(&apex.to_wire());
    out.extend_from_slice(&asked.kind().to_be_bytes());
    out.extend_from_slice(&IN.to_be_bytes());
    if let Ask::Since(serial) = asked {
        out[9] = 1;
        out.extend_from_slice(&[0xC0, 12, 0, 6, 0, 1, 0, 0, 0, 0, 0, 22, 0, 0]);
        out.extend_from_slice(&serial.to_be_bytes());
        out.extend_from_slice(&[0; 16]);
    }
    out
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Only the serial.
    Serial,
    /// The whole zone.
    Whole,
    /// What changed since a serial.
    Since(u32),
}

impl Ask {
    fn kind(self) -> u16 {
        match self {
            Ask::Serial => kind::SOA,
            Ask::Whole => kind::AXFR,
            Ask::Since(_) => kind::IXFR,
        }
    }
}

/// Reads one answer, message by message.
#[derive(Clone, Debug)]
pub struct Receiver {
    id: u16,
    apex: Vec<u8>,
    asked: Ask,
    records_max: usize,
    records: usize,
    state: State,
}

#[derive(Clone, Debug)]
enum State {
    Start,
    /// The first SOA has come.
    Opened(Kept, u32),
    Whole(Vec<Kept>, u32),
    /// Serial of the last version, steps, and the serial that the step under way leads to.
    Gone(u32, Vec<Changed>),
    Come(u32, Vec<Changed>, u32),
    Done(Update),
}

impl Receiver {
    /// For the answer to [`request`] of the same arguments, of at most so many records.
    pub fn new(id: u16, apex: &Domain, asked: Ask, records_max: usize) -> Self {
        let state = State::Start;
        Self { id, apex: apex.to_wire(), asked, records_max, records: 0, state }
    }

    /// Takes the next message; whether the answer is whole with it.
    ///
    /// # Errors
    /// [`SecondaryError`]: it must not be used, nor what came before it.
    pub fn take(&mut self, bytes: &[u8]) -> Result<bool, SecondaryError> {
        let taken = self.message(bytes);
        if taken.is_err() {
            // Whoever goes on all the same gets nothing of what came.
            self.state = State::Start;
        }
        taken
    }

    fn message(&mut self, bytes: &[u8]) -> Result<bool, SecondaryError> {
        let header = Header::read(bytes)?;
        if header.id != self.id || !header.response || header.opcode != 0 {
            return Err(SecondaryError::Other);
        }
        if header.rcode != rcode::NOERROR {
            return Err(SecondaryError::Refused(header.rcode));
        }
        if header.truncated {
            return Err(SecondaryError::Truncated);
        }
        let mut reader = Reader::after_header(bytes);
        for _ in 0..header.counts[0] {
            if reader.question()?.name != self.apex {
                return Err(SecondaryError::Other);
            }
        }
        for _ in 0..header.counts[1] {
            let record = reader.record()?;
            self.records += 1;
            if self.records > self.records_max {
                return Err(SecondaryError::TooLarge);
            }
            self.record(bytes, &record)?;
        }
        // One SOA and no more: that is the answer to a question for the serial, and to an
        // IXFR where there is nothing new.
        if let State::Opened(_, serial) = &self.state {
            match self.asked {
                Ask::Since(ours) if ours == *serial => self.state = State::Done(Update::UpToDate),
                Ask::Serial => {
                    let update = Update::Whole { serial: *serial, records: Vec::new() };
                    self.state = State::Done(update);
                }
                Ask::Whole | Ask::Since(_) => {}
            }
        }
        Ok(matches!(self.state, State::Done(_)))
    }

    /// Hands over the records of a whole zone that have come so far: who writes them away
    /// needs no memory for all. [`Receiver::finish`] has what comes after. Nothing of it may be
    /// used before the answer is whole.
    pub fn drain(&mut self) -> Vec<Kept> {
        match &mut self.state {
            State::Whole(records, _) | State::Done(Update::Whole { records, .. }) => {
                std::mem::take(records)
            }
            _ => Vec::new(),
        }
    }

    /// Whether what comes is a difference, which is held until it is whole.
    pub fn is_difference(&self) -> bool {
        matches!(self.state, State::Gone(..) | State::Come(..))
    }

    /// What the answer brought; `None` while it is not whole.
    pub fn finish(self) -> Option<Update> {
        match self.state {
            State::Done(update) => Some(update),
            _ => None,
        }
    }

    fn record(&mut self, bytes: &[u8], record: &Record) -> Result<(), SecondaryError> {
        if record.class != IN {
            return Err(SecondaryError::Sequence("a record of another class"));
        }
        if !ends_with(&record.name, &self.apex) {
            return Err(SecondaryError::Sequence("a record of another zone"));
        }
        let soa = match record.kind {
            kind::SOA if record.name == self.apex => Some(soa_serial(bytes, record)?),
            kind::SOA => return Err(SecondaryError::Sequence("an SOA below the apex")),
            _ => None,
        };
        let kept = Kept {
            owner: record.name.as_slice().into(),
            kind: record.kind,
            ttl: record.ttl,
            data: data_of(bytes, record)?.into(),
        };
        let state = std::mem::replace(&mut self.state, State::Start);
        self.state = state.then(kept, soa, self.asked)?;
        Ok(())
    }
}

impl State {
    fn then(self, kept: Kept, soa: Option<u32>, asked: Ask) -> Result<Self, SecondaryError> {
        let sequence = |why| Err(SecondaryError::Sequence(why));
        match (self, soa) {
            (State::Start, Some(serial)) => Ok(State::Opened(kept, serial)),
            (State::Start, None) => sequence("the first is no SOA"),
            (State::Opened(_, last), Some(first)) if first != last => match asked {
                Ask::Since(ours) if ours == first => {
                    Ok(State::Gone(last, vec![Changed { gone: vec![kept], come: Vec::new() }]))
                }
                _ => Err(SecondaryError::NotOurs),
            },
            (State::Opened(soa, serial), Some(_)) => {
                Ok(State::Done(Update::Whole { serial, records: vec![soa] }))
            }
            (State::Opened(soa, serial), None) => Ok(State::Whole(vec![soa, kept], serial)),
            (State::Whole(records, serial), Some(last)) if last == serial => {
                Ok(State::Done(Update::Whole { serial, records }))
            }
            (State::Whole(..), Some(_)) => sequence("it ends with another SOA"),
            (State::Whole(mut records, serial), None) => {
                records.push(kept);
                Ok(State::Whole(records, serial))
            }
            (State::Gone(last, mut steps), Some(to)) => {
                if let Some(step) = steps.last_mut() {
                    step.come.push(kept);
                }
                Ok(State::Come(last, steps, to))
            }
            (State::Gone(last, mut steps), None) => {
                if let Some(step) = steps.last_mut() {
                    step.gone.push(kept);
                }
                Ok(State::Gone(last, steps))
            }
            (State::Come(last, steps, to), Some(next)) if to == last && next == last => {
                Ok(State::Done(Update::Changes { serial: last, steps }))
            }
            (State::Come(last, mut steps, to), Some(next)) if next == to => {
                steps.push(Changed { gone: vec![kept], come: Vec::new() });
                Ok(State::Gone(last, steps))
            }
            (State::Come(..), Some(_)) => sequence("a step that does not follow the one before"),
            (State::Come(last, mut steps, to), None) => {
                if let Some(step) = steps.last_mut() {
                    step.come.push(kept);
                }
                Ok(State::Come(last, steps, to))
            }
            (State::Done(_), _) => sequence("a record after the end"),
        }
    }
}

/// Data with its names uncompressed, for the types that may hold compressed names.
fn data_of(bytes: &[u8], record: &Record) -> Result<Vec<u8>, Malformed> {
    const ONE_NAME: [u16; 4] = [2, 5, 12, 39];
    let mut reader = Reader::at(bytes, record.data.start);
    let mut data = match record.kind {
        kind::SOA => [reader.name()?, reader.name()?].concat(),
        15 => [&reader.u16()?.to_be_bytes()[..], &reader.name()?].concat(),
        one if ONE_NAME.contains(&one) => reader.name()?,
        _ => Vec::new(),
    };
    let rest = record.data.end.checked_sub(reader.position());
    let rest = rest.ok_or(Malformed("data shorter than its name"))?;
    data.extend_from_slice(reader.bytes(rest)?);
    Ok(data)
}

fn ends_with(name: &[u8], apex: &[u8]) -> bool {
    // Both are whole names: a suffix of octets that starts at a label is a suffix of labels.
    let mut at = 0;
    while name.len() - at > apex.len() {
        at += 1 + usize::from(name[at]);
        if at >= name.len() {
            return false;
        }
    }
    name[at..] == *apex
}

type Data = Box<[u8]>;

/// A zone as it was received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replica {
    serial: Option<u32>,
    /// By owner.
    names: BTreeMap<Box<[u8]>, Vec<(u16, Data)>>,
    records: usize,
}

impl Replica {
    /// The version that is here, if any.
    pub fn serial(&self) -> Option<u32> {
        self.serial
    }

    /// How many records there are, the SOA included.
    pub fn len(&self) -> usize {
        self.records
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.records == 0
    }

    /// Every record: owner, type, data.
    pub fn records(&self) -> impl Iterator<Item = (&[u8], u16, &[u8])> {
        self.names.iter().flat_map(|(owner, records)| {
            records.iter().map(move |(kind, data)| (&**owner, *kind, &**data))
        })
    }

    /// Takes an update in.
    ///
    /// # Errors
    /// [`SecondaryError::NotOurs`]: then the replica is of no use, and the whole zone is due.
    pub fn apply(&mut self, update: Update) -> Result<(), SecondaryError> {
        match update {
            Update::UpToDate => {}
            Update::Whole { serial, records } => {
                *self = Self { serial: Some(serial), ..Self::default() };
                records.into_iter().try_for_each(|record| self.add(record))?;
            }
            Update::Changes { serial, steps } => {
                for step in steps {
                    for record in &step.gone {
                        self.remove(record)?;
                    }
                    step.come.into_iter().try_for_each(|record| self.add(record))?;
                }
                self.serial = Some(serial);
            }
        }
        Ok(())
    }

    fn add(&mut self, record: Kept) -> Result<(), SecondaryError> {
        let here = self.names.entry(record.owner).or_default();
        let added = (record.kind, record.data);
        if here.contains(&added) {
            return Err(SecondaryError::NotOurs);
        }
        here.push(added);
        self.records += 1;
        Ok(())
    }

    fn remove(&mut self, record: &Kept) -> Result<(), SecondaryError> {
        let here = self.names.get_mut(&record.owner).ok_or(SecondaryError::NotOurs)?;
        let at = here
            .iter()
            .position(|(kind, data)| *kind == record.kind && *data == record.data)
            .ok_or(SecondaryError::NotOurs)?;
        here.swap_remove(at);
        if here.is_empty() {
            self.names.remove(&record.owner);
        }
        self.records -= 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
