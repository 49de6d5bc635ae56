//! A snapshot: journal id, cursor, frontier and effective set in one checksummed
//! run of bytes, so that a follower starts without the journal's history.
//!
//! Form, integers big-endian: `"BELFRYS1" journal(16) serial(8) unknown(8)
//! peaks(32 each, one for each bit of serial) count(4) records checksum(32)`;
//! a record is `serial(8) order`, records rise by key, and the checksum is
//! SHA-256 over all before. It guards against damage, not against forgery: who
//! may send a snapshot is the transport's concern.

use sha2::{Digest, Sha256};

use crate::codec::{Reader, Writer};
use crate::effective::Held;
use crate::merkle::{Frontier, Hash};
use crate::{DecodeError, Effective, EffectiveSet, JournalId, Order, Serial, TemplateOrder};

const MAGIC: &[u8; 8] = b"BELFRYS1";
/// With templates after the orders: `count(4)`, then `serial(8) template` each. Written
/// only where there are any, so that all else stays as followers know it.
const WITH_TEMPLATES: &[u8; 8] = b"BELFRYS2";
const CHECKSUM: usize = 32;

/// The snapshot's bytes, ending in SHA-256 over all before.
pub fn encode(journal: JournalId, set: &EffectiveSet) -> Vec<u8> {
    write(journal, set, &set.held().collect::<Vec<_>>(), |_| true)
}

/// The snapshot's bytes with only the orders and templates that are `theirs`: what a follower
/// holds that read every other entry sealed.
pub fn encode_for(
    journal: JournalId,
    set: &EffectiveSet,
    orders: impl Fn(&Order) -> bool,
    theirs: impl Fn(&TemplateOrder) -> bool,
) -> Vec<u8> {
    let held = set.held().filter(|held| orders(&held.effective().order));
    write(journal, set, &held.collect::<Vec<_>>(), theirs)
}

fn write(
    journal: JournalId,
    set: &EffectiveSet,
    orders: &[Held<'_>],
    theirs: impl Fn(&TemplateOrder) -> bool,
) -> Vec<u8> {
    let mut out = Writer::default();
    let templates = set.templates().filter(|(_, order)| theirs(order)).count();
    out.raw(if templates == 0 { MAGIC } else { WITH_TEMPLATES })
        .raw(&journal.0)
        .u64(set.serial().0)
        .u64(set.unknown_kinds());
    for peak in set.frontier().peaks() {
        out.raw(&peak.0);
    }
    out.length(orders.len());
    for held in orders {
        out.raw(held.record());
    }
    if templates > 0 {
        out.length(templates);
        for (serial, order) in set.templates().filter(|(_, order)| theirs(order)) {
            out.u64(serial.0);
            order.encode(&mut out);
        }
    }
    let mut bytes = out.finish();
    let checksum = Sha256::digest(&bytes);
    bytes.extend_from_slice(&checksum);
    bytes
}

/// Reads a snapshot whole.
///
/// # Errors
/// [`DecodeError`]: damaged, cut or of another version; nothing is returned then.
pub fn decode(bytes: &[u8]) -> Result<(JournalId, EffectiveSet), DecodeError> {
    let content = verified(bytes)?;
    let mut input = Reader::new(content);
    let magic = input.raw(MAGIC.len(), "magic")?;
    if magic != MAGIC && magic != WITH_TEMPLATES {
        return Err(DecodeError::field("magic", "another format"));
    }
    let journal = JournalId(input.array("journal")?);
    let serial = input.number("serial")?;
    let unknown = input.number("unknown")?;
    if unknown > serial {
        return Err(DecodeError::field("unknown", unknown));
    }
    let peaks = (0..serial.count_ones())
        .map(|_| input.array("peak").map(Hash))
        .collect::<Result<Vec<_>, _>>()?;
    let frontier =
        Frontier::from_parts(serial, peaks).expect("as many peaks were read as the size has bits");
    let count = input.length("count")?;
    let records = (0..count).map(|_| record(&mut input));
    let mut set = EffectiveSet::from_parts(frontier, unknown, records)?
        .ok_or_else(|| DecodeError::field("records", "orders that no journal leaves"))?;
    if magic == WITH_TEMPLATES {
        templates(&mut input, &mut set)?;
    }
    input.end()?;
    Ok((journal, set))
}

/// The content before the checksum, which must match.
fn verified(bytes: &[u8]) -> Result<&[u8], DecodeError> {
    let (content, checksum) = bytes
        .len()
        .checked_sub(CHECKSUM)
        .map(|at| bytes.split_at(at))
        .ok_or(DecodeError::Short { at: bytes.len(), wanted: "checksum" })?;
    if Sha256::digest(content)[..] == *checksum { Ok(content) } else { Err(DecodeError::Checksum) }
}

fn templates(input: &mut Reader<'_>, set: &mut EffectiveSet) -> Result<(), DecodeError> {
    let count = input.length("templates")?;
    for _ in 0..count {
        let serial = Serial(input.number("a template's entry")?);
        let order = TemplateOrder::decode(input)?;
        if !set.hold_template(serial, order) {
            return Err(DecodeError::field("templates", "what no journal leaves"));
        }
    }
    // Where there is none, the other form is written.
    if count == 0 { Err(DecodeError::field("templates", 0)) } else { Ok(()) }
}

fn record(input: &mut Reader<'_>) -> Result<Effective, DecodeError> {
    let serial = Serial(input.number("record")?);
    Ok(Effective { serial, order: Order::decode(input)? })
}

#[cfg(test)]
mod tests;
