//! MAPI properties as TNEF writes them: one after another, each with its type, and
//! texts padded to four octets.

use super::kept;
use crate::container::msg::properties::{Properties, is_known};

/// Properties that are looked at in one row.
const PROPERTIES_MAX: u32 = 10_000;
/// The interface of a message: what follows it is a TNEF of its own.
const MESSAGE: [u8; 16] = [0x07, 0x03, 0x02, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46];
const OBJECT: u16 = 0x000d;

/// Adds the properties in `data` to `own`; `None` where they end too soon.
pub(super) fn read(data: &[u8], own: &mut Properties, left: &mut usize) -> Option<()> {
    let mut bytes = Bytes(data);
    let count = bytes.number()?;
    for _ in 0..count.min(PROPERTIES_MAX) {
        let [kind, tag] = [bytes.short()?, bytes.short()?];
        if tag >= 0x8000 {
            pass_name(&mut bytes)?;
        }
        let several = kind & 0x1000 != 0;
        let kind = kind & 0x0fff;
        let variable = matches!(kind, 0x001e | 0x001f | 0x0102 | OBJECT);
        let values = if several || variable { bytes.number()? } else { 1 };
        for number in 0..values {
            if bytes.0.is_empty() {
                return None;
            }
            if variable {
                let length = usize::try_from(bytes.number()?).ok()?;
                let value = bytes.padded(length)?;
                if number == 0 && !several && is_known(tag) {
                    own.keep(tag, kind, kept(value, left).to_vec());
                }
            } else {
                let length = length(kind)?;
                // Nulls take no octets: only what is claimed would bound how many there are.
                if several && length == 0 {
                    return None;
                }
                let value = bytes.padded(length)?;
                let mut octets = [0; 8];
                let short = value.len().min(8);
                octets[..short].copy_from_slice(&value[..short]);
                if !several {
                    own.keep_fixed(tag, kind, u64::from_le_bytes(octets));
                }
            }
        }
    }
    Some(())
}

/// The message that an attachment is.
pub(super) fn message(own: &Properties) -> Option<Vec<u8>> {
    Some(own.object(0x3701)?.strip_prefix(&MESSAGE)?.to_vec())
}

/// Octets of a value whose type tells its length.
fn length(kind: u16) -> Option<usize> {
    Some(match kind {
        0x0002 | 0x0003 | 0x0004 | 0x000a | 0x000b => 4,
        0x0005 | 0x0006 | 0x0007 | 0x0014 | 0x0040 => 8,
        0x0048 => 16,
        0x0001 => 0,
        _ => return None,
    })
}

/// A property beyond the known ones has a name: a family, and a number or a text.
fn pass_name(bytes: &mut Bytes<'_>) -> Option<()> {
    bytes.take(16)?;
    if bytes.number()? == 0 {
        bytes.number()?;
    } else {
        let length = usize::try_from(bytes.number()?).ok()?;
        bytes.padded(length)?;
    }
    Some(())
}

/// What is left of a row.
struct Bytes<'b>(&'b [u8]);

impl<'b> Bytes<'b> {
    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// The padding of the last value may be missing.
    fn padded(&mut self, length: usize) -> Option<&'b [u8]> {
        let taken = self.take(length)?;
        let padding = length.next_multiple_of(4) - length;
        self.take(padding.min(self.0.len()))?;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn short(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.take(2)?.try_into().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Found by fuzzing `tnef`: four thousand million nulls were kept, in 21 GB.
    #[test]
    fn nulls_are_not_as_many_as_is_claimed() {
        let row = [&1_u32.to_le_bytes()[..], &[0x01, 0x10, 0x01, 0x00], &[0xff; 4], &[0; 4]];
        assert_eq!(read(&row.concat(), &mut Properties::default(), &mut 100), None);
    }
}
