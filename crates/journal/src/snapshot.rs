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
use crate::merkle::{Frontier, Hash};
use crate::{DecodeError, Effective, EffectiveSet, JournalId, Order, Serial};

const MAGIC: &[u8; 8] = b"BELFRYS1";
const CHECKSUM: usize = 32;

/// The snapshot's bytes, ending in SHA-256 over all before.
pub fn encode(journal: JournalId, set: &EffectiveSet) -> Vec<u8> {
    let mut out = Writer::default();
    out.raw(MAGIC).raw(&journal.0).u64(set.serial().0).u64(set.unknown_kinds());
    for peak in set.frontier().peaks() {
        out.raw(&peak.0);
    }
    out.length(set.len());
    for (_, effective) in set.iter() {
        out.u64(effective.serial.0);
        effective.order.encode(&mut out);
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
    if input.raw(MAGIC.len(), "magic")? != MAGIC {
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
    let set = EffectiveSet::from_parts(frontier, unknown, records)?
        .ok_or_else(|| DecodeError::field("records", "orders that no journal leaves"))?;
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

fn record(input: &mut Reader<'_>) -> Result<Effective, DecodeError> {
    let serial = Serial(input.number("record")?);
    Ok(Effective { serial, order: Order::decode(input)? })
}

#[cfg(test)]
mod tests;
