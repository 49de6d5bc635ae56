//! Records, one behind the other in pages. A copy of the arena shares every page until one
//! is written to. Never looks into a record.

use std::sync::Arc;

/// Octets of a page, unless one record takes more.
const PAGE: usize = 64 << 10;
/// Records start at multiples of this, so that an address of 32 bits reaches 16 GiB.
const ALIGN: usize = 4;
/// Bits of an address for the place in a page, in units of [`ALIGN`].
const OFFSET_BITS: u32 = 14;

/// Where a record lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Address(u32);

/// Records in pages.
#[derive(Clone, Debug, Default)]
pub(super) struct Arena {
    pages: Vec<Page>,
    /// Pages that hold nothing, to be used again.
    empty: Vec<usize>,
    /// The page that is filled at the moment: none of `empty`.
    open: Option<usize>,
}

#[derive(Clone, Debug, Default)]
struct Page {
    bytes: Arc<Vec<u8>>,
    /// Octets of records that were given up, and of what pads them.
    dead: usize,
}

impl Arena {
    /// Keeps `record`; answers where.
    pub(super) fn push(&mut self, record: &[u8]) -> Address {
        let number = match self.open {
            Some(open) if self.pages[open].bytes.len() + padded(record.len()) <= PAGE => open,
            _ => self.open_another(),
        };
        let bytes = Arc::make_mut(&mut self.pages[number].bytes);
        let at = bytes.len();
        // Never by doubling: half of what is held would be room for nothing.
        bytes.reserve_exact(PAGE.saturating_sub(at).max(padded(record.len())));
        bytes.extend_from_slice(record);
        bytes.resize(at + padded(record.len()), 0);
        address(number, at)
    }

    fn open_another(&mut self) -> usize {
        let number = self.empty.pop().unwrap_or_else(|| {
            self.pages.push(Page::default());
            self.pages.len() - 1
        });
        self.open = Some(number);
        number
    }

    /// The record at `address`, and what lies behind it in its page.
    pub(super) fn at(&self, address: Address) -> &[u8] {
        &self.pages[address.page()].bytes[address.offset()..]
    }

    /// Gives up the record of `length` octets at `address`. Answers its page where that holds
    /// less than half of what it could: its records are to be moved, and the page emptied.
    pub(super) fn give_up(&mut self, address: Address, length: usize) -> Option<usize> {
        let number = address.page();
        let page = &mut self.pages[number];
        page.dead += padded(length);
        (self.open != Some(number) && page.dead * 2 > page.bytes.len()).then_some(number)
    }

    /// Where the records of a page lie; `length` says how long the one at an address is.
    pub(super) fn records(
        &self,
        page: usize,
        length: impl Fn(&[u8]) -> usize,
    ) -> impl Iterator<Item = Address> {
        let bytes = &self.pages[page].bytes;
        let mut at = 0;
        std::iter::from_fn(move || {
            let here = (at < bytes.len()).then(|| address(page, at))?;
            at += padded(length(&bytes[at..]));
            Some(here)
        })
    }

    /// Forgets all that a page holds.
    pub(super) fn empty(&mut self, page: usize) {
        self.pages[page] = Page::default();
        self.empty.push(page);
    }

    /// Octets of all pages.
    #[cfg(test)]
    pub(super) fn octets(&self) -> usize {
        self.pages.iter().map(|page| page.bytes.capacity()).sum()
    }
}

impl Address {
    fn page(self) -> usize {
        (self.0 >> OFFSET_BITS) as usize
    }

    fn offset(self) -> usize {
        (self.0 & ((1 << OFFSET_BITS) - 1)) as usize * ALIGN
    }
}

fn address(page: usize, offset: usize) -> Address {
    let place = (page << OFFSET_BITS) | (offset / ALIGN);
    Address(u32::try_from(place).expect("no journal's orders reach 8 GiB"))
}

fn padded(length: usize) -> usize {
    length.next_multiple_of(ALIGN)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A record of the test: its length, then as many octets less one.
    fn record(length: u8) -> Vec<u8> {
        vec![length; usize::from(length)]
    }

    fn length(bytes: &[u8]) -> usize {
        usize::from(bytes[0])
    }

    #[test]
    fn records_are_found_where_they_were_put() {
        let mut arena = Arena::default();
        let put: Vec<_> = (1..=200).map(|n| (n, arena.push(&record(n)))).collect();
        for (n, address) in &put {
            assert_eq!(arena.at(*address)[..usize::from(*n)], record(*n));
        }
        let found: Vec<_> = arena.records(0, length).collect();
        assert_eq!(found, put.iter().map(|(_, address)| *address).collect::<Vec<_>>());
    }

    #[test]
    fn a_page_that_is_half_empty_is_told_and_used_again() {
        let mut arena = Arena::default();
        let each: Vec<_> = (0..2 * PAGE / 64).map(|_| arena.push(&record(64))).collect();
        assert_eq!(arena.pages.len(), 2);
        let half = PAGE / 64 / 2;
        for address in &each[..half] {
            assert_eq!(arena.give_up(*address, 64), None);
        }
        assert_eq!(arena.give_up(each[half], 64), Some(0));
        arena.empty(0);
        let again = arena.push(&record(64));
        assert_eq!((again, arena.pages.len()), (address(0, 0), 2));
    }

    #[test]
    fn the_page_in_use_is_left_alone() {
        let mut arena = Arena::default();
        let address = arena.push(&record(9));
        assert_eq!(arena.give_up(address, 9), None);
    }

    #[test]
    fn a_record_longer_than_a_page_has_its_own() {
        let mut arena = Arena::default();
        let small = arena.push(&record(8));
        let large = arena.push(&vec![7; PAGE + 1]);
        let after = arena.push(&record(8));
        assert_eq!([small, large, after].map(Address::page), [0, 1, 2]);
        assert_eq!(arena.at(large).len(), PAGE + ALIGN);
        assert_eq!(arena.give_up(large, PAGE + 1), Some(1));
    }

    #[test]
    fn a_copy_shares_pages_until_one_is_written_to() {
        let mut arena = Arena::default();
        for _ in 0..2 * PAGE / 64 {
            arena.push(&record(64));
        }
        let copy = arena.clone();
        arena.push(&record(64));
        let shared = |at: usize| Arc::ptr_eq(&arena.pages[at].bytes, &copy.pages[at].bytes);
        assert!(shared(0) && shared(1) && copy.pages.len() == 2);
        assert_eq!(copy.octets(), 2 * PAGE);
        arena.octets();
    }
}
