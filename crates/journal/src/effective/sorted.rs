//! Addresses of records in an order that their reader knows: chunks of four octets each, not
//! a tree of keys. A copy shares every chunk until one is written to. Never looks into a record.

use std::cmp::Ordering;
use std::sync::Arc;

use super::arena::Address;

/// Addresses of a chunk.
const CHUNK: usize = 256;

/// Addresses in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Sorted {
    /// None is empty.
    chunks: Vec<Arc<Vec<Address>>>,
    len: usize,
}

/// Where an address stands, or would.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    chunk: usize,
    at: usize,
}

impl Sorted {
    /// Where the address stands whose record compares as equal; else where it would stand.
    pub(super) fn find(
        &self,
        compare: impl Fn(Address) -> Ordering,
    ) -> Result<(Place, Address), Place> {
        let before =
            |chunk: &Arc<Vec<Address>>| chunk.last().is_some_and(|last| compare(*last).is_lt());
        let chunk = self.chunks.partition_point(before);
        let Some(addresses) = self.chunks.get(chunk) else {
            // Behind all: at the end of the last chunk.
            let chunk = self.chunks.len().saturating_sub(1);
            return Err(Place { chunk, at: self.chunks.last().map_or(0, |last| last.len()) });
        };
        match addresses.binary_search_by(|address| compare(*address)) {
            Ok(at) => Ok((Place { chunk, at }, addresses[at])),
            Err(at) => Err(Place { chunk, at }),
        }
    }

    /// Puts `address` where [`Sorted::find`] said that it would stand.
    pub(super) fn insert(&mut self, place: Place, address: Address) {
        let Place { chunk, at } = self.make_room(place);
        own(&mut self.chunks[chunk]).insert(at, address);
        self.len += 1;
    }

    /// Puts `address` behind all others.
    pub(super) fn append(&mut self, address: Address) {
        let chunk = self.chunks.len().saturating_sub(1);
        let at = self.chunks.last().map_or(0, |last| last.len());
        self.insert(Place { chunk, at }, address);
    }

    /// The place, where the chunk has room: a full one is cut in halves, but for the last,
    /// which stays full when what comes follows all.
    fn make_room(&mut self, place: Place) -> Place {
        let is_last = place.chunk + 1 == self.chunks.len();
        let Some(full) = self.chunks.get_mut(place.chunk) else {
            self.chunks.push(Arc::default());
            return place;
        };
        if full.len() < CHUNK {
            return place;
        }
        if place.at == CHUNK && is_last {
            self.chunks.push(Arc::default());
            return Place { chunk: place.chunk + 1, at: 0 };
        }
        let half = own(full).split_off(CHUNK / 2);
        self.chunks.insert(place.chunk + 1, Arc::new(half));
        match place.at.checked_sub(CHUNK / 2) {
            Some(at) if at > 0 => Place { chunk: place.chunk + 1, at },
            _ => place,
        }
    }

    /// Puts `address` in place of the one that stands there.
    pub(super) fn replace(&mut self, place: Place, address: Address) {
        own(&mut self.chunks[place.chunk])[place.at] = address;
    }

    /// Takes out what stands at `place`; small neighbours become one.
    pub(super) fn remove(&mut self, place: Place) {
        own(&mut self.chunks[place.chunk]).remove(place.at);
        self.len -= 1;
        if self.chunks[place.chunk].is_empty() {
            self.chunks.remove(place.chunk);
            return;
        }
        let left = place.chunk.min(self.chunks.len().saturating_sub(2));
        let [one, other] = &self.chunks[left..=(left + 1).min(self.chunks.len() - 1)] else {
            return;
        };
        if one.len() + other.len() <= CHUNK / 2 {
            let other = self.chunks.remove(left + 1);
            own(&mut self.chunks[left]).extend_from_slice(&other);
        }
    }

    /// All, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Address> {
        self.chunks.iter().flat_map(|chunk| chunk.iter().copied())
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }
}

/// The chunk, for writing: a copy where it is shared, with room for what may come.
fn own(chunk: &mut Arc<Vec<Address>>) -> &mut Vec<Address> {
    let addresses = Arc::make_mut(chunk);
    addresses.reserve_exact(CHUNK - addresses.len());
    addresses
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::arena::Arena;
    use super::*;

    /// Numbers, each the record of its address.
    #[derive(Default)]
    struct Numbers {
        arena: Arena,
        sorted: Sorted,
        plain: BTreeMap<u16, Address>,
    }

    impl Numbers {
        fn find(&self, number: u16) -> Result<(Place, Address), Place> {
            let here = |at| self.arena.at(at)[..2].try_into().map(u16::from_be_bytes).unwrap();
            self.sorted.find(|address| here(address).cmp(&number))
        }

        fn toggle(&mut self, number: u16) {
            match self.find(number) {
                Ok((place, found)) => {
                    assert_eq!(self.plain.remove(&number), Some(found));
                    self.sorted.remove(place);
                }
                Err(place) => {
                    let address = self.arena.push(&number.to_be_bytes());
                    assert_eq!(self.plain.insert(number, address), None);
                    self.sorted.insert(place, address);
                }
            }
        }

        fn check(&self) {
            let plain: Vec<_> = self.plain.values().copied().collect();
            assert_eq!(self.sorted.iter().collect::<Vec<_>>(), plain);
            assert_eq!(self.sorted.len(), plain.len());
            let small = |pair: &[Arc<Vec<Address>>]| pair[0].len() + pair[1].len() <= CHUNK / 2;
            assert!(!self.sorted.chunks.iter().any(|chunk| chunk.is_empty()));
            let pairs = self.sorted.chunks.windows(2).filter(|pair| small(pair)).count();
            assert!(pairs <= self.sorted.chunks.len() / 2, "chunks are nearly empty");
        }
    }

    #[test]
    fn rising_numbers_fill_each_chunk() {
        let mut numbers = Numbers::default();
        (0..1000).for_each(|number| numbers.toggle(number));
        numbers.check();
        assert_eq!(numbers.sorted.chunks.len(), 4);
    }

    #[test]
    fn what_is_taken_out_leaves_no_thin_chunks() {
        let mut numbers = Numbers::default();
        (0..5000).for_each(|number| numbers.toggle(number));
        (0..5000).filter(|number| number % 50 != 0).for_each(|number| numbers.toggle(number));
        numbers.check();
        assert!(numbers.sorted.chunks.len() <= 3, "{}", numbers.sorted.chunks.len());
    }

    proptest! {
        #[test]
        fn it_is_a_sorted_map(
            start in 0u16..900,
            toggled in prop::collection::vec(0u16..900, 0..1500),
        ) {
            let mut numbers = Numbers::default();
            (0..start).rev().for_each(|number| numbers.toggle(number));
            toggled.into_iter().for_each(|number| numbers.toggle(number));
            numbers.check();
        }
    }
}
