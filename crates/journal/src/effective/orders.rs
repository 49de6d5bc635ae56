//! The orders that hold: their records in an arena, found by key and by serial. About a
//! quarter of what two trees of decoded orders take, and a copy of it costs next to nothing
//! (`cargo xtask bench effective`).

use std::fmt;

use super::Key;
use super::arena::{Address, Arena};
use super::held::{Held, key_bytes, record};
use super::sorted::{Place, Sorted};
use crate::{Order, Serial};

/// Orders that hold, at most one a key.
#[derive(Clone, Default)]
pub(super) struct Orders {
    arena: Arena,
    /// Every record of the arena that was not given up, by key.
    by_key: Sorted,
    /// The same, by serial.
    by_serial: Sorted,
}

impl Orders {
    /// Holds `order`, in place of any other for its key. No serial comes twice.
    pub(super) fn hold(&mut self, serial: Serial, order: &Order) {
        let key = Key::of(order);
        let address = self.arena.push(&record(serial, order));
        match self.find(&key) {
            Ok((place, replaced)) => {
                self.by_key.replace(place, address);
                let before = self.held(replaced).serial();
                if let Ok((place, _)) = self.find_serial(before) {
                    self.by_serial.remove(place);
                }
                self.insert_serial(serial, address);
                self.give_up(replaced);
            }
            Err(place) => {
                self.by_key.insert(place, address);
                self.insert_serial(serial, address);
            }
        }
    }

    /// Holds an order whose key follows all others. [`Orders::number`] must be called before
    /// anything else is asked.
    pub(super) fn append(&mut self, serial: Serial, order: &Order) {
        let address = self.arena.push(&record(serial, order));
        self.by_key.append(address);
    }

    /// Sorts what was appended by serial, once for all; false where a serial comes twice.
    pub(super) fn number(&mut self) -> bool {
        let numbered = self.by_key.iter().map(|address| (self.held(address).serial(), address));
        let mut numbered: Vec<_> = numbered.collect();
        numbered.sort_unstable_by_key(|(serial, _)| *serial);
        self.by_serial = Sorted::default();
        numbered.iter().for_each(|(_, address)| self.by_serial.append(*address));
        numbered.windows(2).all(|pair| pair[0].0 < pair[1].0)
    }

    /// No longer holds the order with this serial; answers its key where it did.
    pub(super) fn remove(&mut self, serial: Serial) -> Option<Key> {
        let (place, address) = self.find_serial(serial).ok()?;
        self.by_serial.remove(place);
        let key = Key::of(&self.held(address).effective().order);
        if let Ok((place, _)) = self.find(&key) {
            self.by_key.remove(place);
        }
        self.give_up(address);
        Some(key)
    }

    pub(super) fn get(&self, key: &Key) -> Option<Held<'_>> {
        self.find(key).ok().map(|(_, address)| self.held(address))
    }

    pub(super) fn by_serial(&self, serial: Serial) -> Option<Held<'_>> {
        self.find_serial(serial).ok().map(|(_, address)| self.held(address))
    }

    /// All, in the order of their keys.
    pub(super) fn iter(&self) -> impl Iterator<Item = Held<'_>> {
        self.by_key.iter().map(|address| self.held(address))
    }

    pub(super) fn len(&self) -> usize {
        self.by_key.len()
    }

    fn held(&self, address: Address) -> Held<'_> {
        Held::new(self.arena.at(address))
    }

    fn find(&self, key: &Key) -> Result<(Place, Address), Place> {
        let key = key_bytes(key);
        self.by_key.find(|address| self.held(address).key().cmp(&key))
    }

    fn find_serial(&self, serial: Serial) -> Result<(Place, Address), Place> {
        self.by_serial.find(|address| self.held(address).serial().cmp(&serial))
    }

    fn insert_serial(&mut self, serial: Serial, address: Address) {
        if let Err(place) = self.find_serial(serial) {
            self.by_serial.insert(place, address);
        }
    }

    /// Gives up a record that neither order names any more; what is left of a page that
    /// has become half empty moves to another.
    fn give_up(&mut self, address: Address) {
        let length = self.held(address).record().len();
        let Some(page) = self.arena.give_up(address, length) else { return };
        let all = self.arena.records(page, |bytes| Held::new(bytes).record().len());
        let left: Vec<_> = all.filter(|address| self.still_holds(*address)).collect();
        for address in left {
            self.rehouse(address);
        }
        self.arena.empty(page);
    }

    fn still_holds(&self, address: Address) -> bool {
        self.find_serial(self.held(address).serial()).is_ok_and(|(_, found)| found == address)
    }

    fn rehouse(&mut self, from: Address) {
        let record = self.held(from).record().to_vec();
        let to = self.arena.push(&record);
        let held = Held::new(&record);
        if let Ok((place, _)) = self.find_serial(held.serial()) {
            self.by_serial.replace(place, to);
        }
        let key = held.key();
        if let Ok((place, _)) = self.by_key.find(|address| self.held(address).key().cmp(&key)) {
            self.by_key.replace(place, to);
        }
    }
}

impl PartialEq for Orders {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self.iter().zip(other.iter()).all(|(one, other)| one.record() == other.record())
    }
}

impl Eq for Orders {}

impl fmt::Debug for Orders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|held| held.effective())).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::block;

    fn name(number: u64) -> Order {
        block(&format!("h{number}.example"))
    }

    /// Holds orders 1 to `count`.
    fn filled(count: u64) -> Orders {
        let mut orders = Orders::default();
        (1..=count).for_each(|serial| orders.hold(Serial(serial), &name(serial)));
        orders
    }

    #[test]
    fn each_is_found_both_ways_after_pages_were_emptied() {
        let mut orders = filled(5_000);
        for serial in (1..=5_000).filter(|serial| serial % 7 != 0) {
            assert_eq!(orders.remove(Serial(serial)), Some(Key::of(&name(serial))));
        }
        assert_eq!(orders.remove(Serial(1)), None);
        for serial in 1..=5_000 {
            let expect = (serial % 7 == 0).then_some(Serial(serial));
            assert_eq!(orders.by_serial(Serial(serial)).map(|held| held.serial()), expect);
            assert_eq!(orders.get(&Key::of(&name(serial))).map(|held| held.serial()), expect);
        }
        assert_eq!(orders.len(), 5_000 / 7);
    }

    #[test]
    fn orders_that_come_and_go_take_no_more_room() {
        let mut orders = filled(2_000);
        let before = orders.arena.octets();
        for round in 1..=20 {
            for number in 1..=2_000 {
                orders.hold(Serial(round * 2_000 + number), &name(number));
            }
        }
        assert_eq!(orders.len(), 2_000);
        let after = orders.arena.octets();
        assert!(after <= 2 * before + (128 << 10), "{before} octets became {after}");
    }

    #[test]
    fn what_is_equal_does_not_depend_on_how_it_came_about() {
        let mut orders = filled(3_000);
        (1_001..=3_000).for_each(|serial| assert!(orders.remove(Serial(serial)).is_some()));
        assert_eq!(orders, filled(1_000));
        orders.hold(Serial(3_001), &name(1));
        assert_ne!(orders, filled(1_000));
    }

    #[test]
    fn what_is_appended_is_as_what_was_held() {
        let mut sorted: Vec<_> = (1..=3_000).map(|serial| (Serial(serial), name(serial))).collect();
        sorted.sort_by_key(|(_, order)| Key::of(order));
        let mut orders = Orders::default();
        sorted.iter().for_each(|(serial, order)| orders.append(*serial, order));
        assert!(orders.number());
        assert_eq!(orders, filled(3_000));
        assert!((1..=3_000).all(|serial| orders.by_serial(Serial(serial)).is_some()));
        orders.append(Serial(7), &block("z.example"));
        assert!(!orders.number(), "entry 7 is there already");
    }

    #[test]
    fn a_copy_does_not_change_with_the_other() {
        let mut orders = filled(1_000);
        let copy = orders.clone();
        (1..=1_000).for_each(|serial| assert!(orders.remove(Serial(serial)).is_some()));
        assert_eq!((orders.len(), copy), (0, filled(1_000)));
    }
}
