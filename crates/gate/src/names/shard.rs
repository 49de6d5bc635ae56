//! One shard of a level: a table of positions over an arena of entries. Small
//! enough for the cache of one core while it is built. An entry is what the
//! name holds, then the name.

use belfry_sys::fetch_ahead;

use crate::names::hash::Seed;
use crate::names::packed;

/// A position is `1 + where the entry starts`, in so many bits; the rest of a
/// slot repeats bits of the hash, so that a wrong entry is seldom looked at.
const POSITION_BITS: u32 = 20;
const POSITION: u32 = (1 << POSITION_BITS) - 1;
/// The longest arena that positions reach.
const ARENA_OCTETS_MAX: usize = POSITION as usize;
/// Of so many slots, one stays empty.
const SLOTS_PER_EMPTY: usize = 5;
/// More than any name holds: what sixteen orders take is a tenth of it.
const HELD_OCTETS_MAX: usize = 1 << 12;
/// The first octet of what is longer than 126 octets.
const LONG: u8 = 255;

/// A shard; never changed.
#[derive(Debug, Default)]
pub(super) struct Shard {
    slots: Box<[u32]>,
    arena: Box<[u8]>,
    names: usize,
}

/// Entries on their way into a shard.
#[derive(Debug, Default)]
pub(super) struct Draft {
    arena: Vec<u8>,
    /// The low half of each entry's hash, in order.
    hashes: Vec<u32>,
}

/// An arena that positions can't reach: more shards are needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLarge;

/// The low half of a hash, which chooses within a shard.
#[inline]
fn low(hash: u64) -> u32 {
    let [a, b, c, d, ..] = hash.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

#[inline]
fn mark(low: u32) -> u32 {
    low & ((1 << (32 - POSITION_BITS)) - 1)
}

/// Where the search for a hash begins.
#[inline]
fn home(low: u32, slots: usize) -> usize {
    let scaled = (u64::from(low) * (slots as u64)) >> 32;
    usize::try_from(scaled).unwrap_or_default()
}

impl Draft {
    /// Room for `octets` of entries, and for so many names.
    pub(super) fn with_capacity(octets: usize, names: usize) -> Self {
        Self { arena: Vec::with_capacity(octets), hashes: Vec::with_capacity(names) }
    }

    /// Appends an entry.
    pub(super) fn push(&mut self, hash: u64, wire: &[u8], held: &[u8]) {
        self.hashes.push(low(hash));
        push_held(&mut self.arena, held);
        packed::push(&mut self.arena, wire);
    }

    /// The shard. Of two entries of one name the later counts, less what `join`
    /// makes of the earlier (first) and it.
    pub(super) fn finish(
        mut self,
        mut join: impl FnMut(&[u8], &[u8]) -> Option<Vec<u8>>,
    ) -> Result<Shard, TooLarge> {
        let entries = self.hashes.len();
        let mut slots = vec![0_u32; entries + entries / (SLOTS_PER_EMPTY - 1) + 1];
        let (mut at, mut names) = (0, 0);
        for low in std::mem::take(&mut self.hashes) {
            let (held, name) = split(&self.arena[at..]);
            let octets = self.arena.len() - at - name.len() + packed::octets(name);
            let place = find_place(&slots, &self.arena, low, name);
            let mut position = at;
            if slots[place] == 0 {
                names += 1;
            } else {
                let before = split(&self.arena[entry(slots[place])..]).0;
                if let Some(joined) = join(before, held) {
                    position = self.arena.len();
                    let name = name[..packed::octets(name)].to_vec();
                    push_held(&mut self.arena, &joined);
                    self.arena.extend(name);
                }
            }
            slots[place] = slot(low, position).ok_or(TooLarge)?;
            at += octets;
        }
        if self.arena.len() > ARENA_OCTETS_MAX {
            return Err(TooLarge);
        }
        Ok(Shard { slots: slots.into(), arena: self.arena.into(), names })
    }
}

/// The slot of an entry, unless its position is out of reach.
fn slot(low: u32, position: usize) -> Option<u32> {
    let position = u32::try_from(position + 1).ok().filter(|position| *position <= POSITION)?;
    Some(mark(low) << POSITION_BITS | position)
}

/// Where the entry of a slot starts.
#[inline]
fn entry(slot: u32) -> usize {
    usize::try_from(slot & POSITION).map_or(0, |position| position - 1)
}

/// The slot that holds this packed name, or the empty one where it belongs.
fn find_place(slots: &[u32], arena: &[u8], low: u32, name: &[u8]) -> usize {
    let name = &name[..packed::octets(name)];
    let mut place = home(low, slots.len());
    loop {
        let slot = slots[place];
        let is_it = || split(&arena[entry(slot)..]).1.starts_with(name);
        if slot == 0 || (slot >> POSITION_BITS == mark(low) && is_it()) {
            return place;
        }
        place = if place + 1 == slots.len() { 0 } else { place + 1 };
    }
}

/// What an entry holds: its length where it is not one octet under 128 itself.
fn push_held(arena: &mut Vec<u8>, held: &[u8]) {
    match held {
        [octet] if *octet < 128 => arena.push(*octet),
        _ if held.len() < 127 => {
            arena.push(128 | u8::try_from(held.len()).unwrap_or_default());
            arena.extend_from_slice(held);
        }
        _ => {
            let held = &held[..held.len().min(HELD_OCTETS_MAX)];
            let length = u16::try_from(held.len()).unwrap_or_default();
            arena.push(LONG);
            arena.extend(length.to_le_bytes());
            arena.extend_from_slice(held);
        }
    }
}

/// What the entry at the start of `entry` holds, and where its name begins.
#[inline]
fn split(entry: &[u8]) -> (&[u8], &[u8]) {
    match entry {
        [first, ..] if *first < 128 => entry.split_at(1),
        [LONG, low, high, rest @ ..] => {
            rest.split_at_checked(u16::from_le_bytes([*low, *high]).into()).unwrap_or_default()
        }
        [first, rest @ ..] => rest.split_at_checked(usize::from(first & 127)).unwrap_or_default(),
        [] => Default::default(),
    }
}

impl Shard {
    /// What a name holds here.
    #[inline]
    pub(super) fn find(&self, hash: u64, wire: &[u8]) -> Option<&[u8]> {
        let low = low(hash);
        if self.slots.is_empty() {
            return None;
        }
        let mut place = home(low, self.slots.len());
        loop {
            let slot = self.slots[place];
            if slot == 0 {
                return None;
            }
            if slot >> POSITION_BITS == mark(low) {
                let (held, name) = split(&self.arena[entry(slot)..]);
                if packed::is(name, wire) {
                    return Some(held);
                }
            }
            place = if place + 1 == self.slots.len() { 0 } else { place + 1 };
        }
    }

    /// Has the place where the search for a hash begins fetched from memory.
    #[inline]
    pub(super) fn fetch_slot(&self, hash: u64) {
        if let Some(slot) = self.slots.get(home(low(hash), self.slots.len())) {
            fetch_ahead(slot);
        }
    }

    /// Has the first entry that may be of this hash fetched.
    #[inline]
    pub(super) fn fetch_entry(&self, hash: u64) {
        let low = low(hash);
        let from = self.slots.get(home(low, self.slots.len())..).unwrap_or_default();
        let mut near = from.iter().take_while(|slot| **slot != 0);
        if let Some(slot) = near.find(|slot| **slot >> POSITION_BITS == mark(low))
            && let Some(octet) = self.arena.get(entry(*slot))
        {
            fetch_ahead(octet);
        }
    }

    /// All names in wire form, and what they hold.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Vec<u8>, &[u8])> {
        self.slots.iter().filter(|slot| **slot != 0).map(|slot| {
            let (held, name) = split(&self.arena[entry(*slot)..]);
            (packed::unpack(name), held)
        })
    }

    /// How many names it has.
    pub(super) fn len(&self) -> usize {
        self.names
    }

    /// How many octets it takes.
    pub(super) fn octets(&self) -> usize {
        self.arena.len() + 4 * self.slots.len()
    }

    /// Table and arena, for a snapshot.
    pub(super) fn parts(&self) -> (&[u32], &[u8]) {
        (&self.slots, &self.arena)
    }

    /// A shard from what [`Self::parts`] gave, checked so far that no look-up can
    /// fail: positions within the arena, and an empty slot to end each search.
    pub(super) fn from_parts(slots: Box<[u32]>, arena: Box<[u8]>) -> Option<Self> {
        let names = slots.iter().filter(|slot| **slot != 0).count();
        let reach =
            |slot: &u32| *slot == 0 || (*slot & POSITION != 0 && entry(*slot) < arena.len());
        let sound = slots.iter().all(reach) && (slots.is_empty() || names < slots.len());
        sound.then_some(Self { slots, arena, names })
    }

    /// This shard with `changes` in it; names that then hold nothing are left out.
    pub(super) fn changed<'a>(
        &self,
        seed: Seed,
        changes: impl Iterator<Item = (u64, Vec<u8>, &'a [u8])> + Clone,
        upper: impl Fn(u64, &[u8]) -> bool,
    ) -> Result<Self, TooLarge> {
        let mut draft = Draft::with_capacity(self.arena.len(), self.names);
        for (wire, held) in self.iter() {
            let Some(hash) = seed.name(&wire) else { continue };
            if !upper(hash, &wire) {
                draft.push(hash, &wire, held);
            }
        }
        for (hash, wire, held) in changes {
            if !held.is_empty() {
                draft.push(hash, &wire, held);
            }
        }
        draft.finish(|_, _| None)
    }
}
