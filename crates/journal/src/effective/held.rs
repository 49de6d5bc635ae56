//! One order that holds, as its record lies in memory: `serial(8) order`, the form that a
//! snapshot has. Only a Block or an Allow is ever one. Never a copy.

use belfry_indicator::UnixMillis;

use super::{Effective, Key};
use crate::codec::{Reader, Writer};
use crate::{Order, Serial};

/// Octets of the serial and the action, before the target's level.
const HEAD: usize = 9;
/// Octets before the target's name: those, the level, the name's length.
const NAME: usize = HEAD + 2;

/// An order that holds, not yet decoded: what is asked of every order is cheap.
#[derive(Clone, Copy, Debug)]
pub struct Held<'a> {
    /// The record, and what lies behind it.
    bytes: &'a [u8],
}

/// What orders are sorted by, as a record holds it: level, name, category and mode. Sorts
/// as a [`Key`] does.
pub(super) type KeyBytes<'a> = (u8, &'a [u8], u8, u8);

impl<'a> Held<'a> {
    /// The record at the start of `bytes`, which [`record`] wrote.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// Its entry.
    pub fn serial(&self) -> Serial {
        Serial(self.number(0))
    }

    /// Until when it holds.
    pub fn valid_until(&self) -> UnixMillis {
        UnixMillis(self.number(self.name_end() + 10))
    }

    /// All of it.
    pub fn effective(&self) -> Effective {
        let order = Order::decode(&mut Reader::new(&self.bytes[8..]))
            .expect("a record holds the canonical form of an order");
        Effective { serial: self.serial(), order }
    }

    pub(super) fn key(&self) -> KeyBytes<'a> {
        let end = self.name_end();
        (self.bytes[HEAD], &self.bytes[NAME..end], self.bytes[end], self.bytes[end + 1])
    }

    /// Exactly the record.
    pub(crate) fn record(&self) -> &'a [u8] {
        let audience = self.name_end() + 18;
        let cause = audience + 1 + self.operators(audience);
        let case = if matches!(self.bytes[cause], 1 | 3) { 8 } else { 0 };
        &self.bytes[..cause + 1 + case + 2]
    }

    /// Octets of the operators whom it is for, if not everyone.
    fn operators(&self, audience: usize) -> usize {
        if self.bytes[audience] == 1 {
            return 0;
        }
        let start = audience + 5;
        let count = u32::from_be_bytes(self.array(audience + 1));
        let end = (0..count).fold(start, |at, _| at + 1 + usize::from(self.bytes[at]));
        end - audience - 1
    }

    fn name_end(&self) -> usize {
        NAME + usize::from(self.bytes[NAME - 1])
    }

    fn number(&self, at: usize) -> u64 {
        u64::from_be_bytes(self.array(at))
    }

    fn array<const N: usize>(&self, at: usize) -> [u8; N] {
        self.bytes[at..at + N].try_into().expect("the slice has as many octets")
    }
}

/// The record of an order that holds.
pub(super) fn record(serial: Serial, order: &Order) -> Vec<u8> {
    let mut out = Writer::default();
    out.u64(serial.0);
    order.encode(&mut out);
    out.finish()
}

/// What `key` is sorted by.
pub(super) fn key_bytes(key: &Key) -> KeyBytes<'_> {
    let level = crate::order::level_tag(&key.target);
    (level, key.target.name().as_str().as_bytes(), key.category.tag(), key.mode.tag())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Action;
    use crate::generate::any_order;

    proptest! {
        #[test]
        fn a_record_is_read_as_it_was_written(order in any_order(9), serial in 1..u64::MAX >> 1) {
            prop_assume!(!matches!(order.action, Action::Release { .. }));
            let mut bytes = record(Serial(serial), &order);
            let length = bytes.len();
            bytes.extend_from_slice(b"another record");
            let held = Held::new(&bytes);
            prop_assert_eq!(held.record(), &bytes[..length]);
            prop_assert_eq!(held.serial(), Serial(serial));
            prop_assert_eq!(held.valid_until(), order.valid_until);
            let key = Key::of(&order);
            prop_assert_eq!(held.key(), key_bytes(&key));
            prop_assert_eq!(held.effective(), Effective { serial: Serial(serial), order });
        }

        #[test]
        fn records_sort_as_keys_do(one in any_order(9), other in any_order(9)) {
            let (one, other) = (Key::of(&one), Key::of(&other));
            prop_assert_eq!(key_bytes(&one).cmp(&key_bytes(&other)), one.cmp(&other));
        }
    }
}
