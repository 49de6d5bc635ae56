//! A level: names in shards, built once and never changed. Changes make another
//! level that shares every shard that they do not touch.

use std::sync::Arc;

use crate::names::hash::{Labels, Seed};
use crate::names::shard::{Draft, Shard, TooLarge};

/// What a shard's entries should take on average: a third of what it can reach.
const SHARD_OCTETS: usize = 300 << 10;
/// More shards than this are for no set that fits in memory.
const SHARD_BITS_MAX: u32 = 16;

/// Table and arena of a shard.
pub(crate) type Parts = (Box<[u32]>, Box<[u8]>);

/// Names and what they hold.
#[derive(Clone, Debug)]
pub(crate) struct Level {
    shards: Box<[Arc<Shard>]>,
    seed: Seed,
    names: usize,
    /// The fewest labels of any name: shorter ancestors need no look-up.
    labels_min: usize,
}

/// A level on its way, some of its shards at a time: those that are drafted take
/// memory twice.
#[derive(Debug)]
pub(crate) struct Builder {
    /// Of the shards from `done` on.
    drafts: Vec<Draft>,
    done: Vec<Arc<Shard>>,
    shards: usize,
    /// Shards of one group.
    group: usize,
    /// Octets and names of a shard, about.
    room: (usize, usize),
    seed: Seed,
    labels_min: usize,
}

/// Which shard a hash belongs to, of a power of two.
#[inline]
fn shard_of(hash: u64, shards: usize) -> usize {
    let bits = shards.trailing_zeros();
    usize::try_from(hash >> 1 >> (63 - bits)).unwrap_or_default()
}

impl Builder {
    /// For about so many octets of entries in all, and so many names.
    pub(crate) fn new(seed: Seed, octets: usize, names: usize) -> Self {
        Self::in_groups(seed, octets, names, 1)
    }

    /// The same in so many groups: all names are pushed once for each.
    pub(crate) fn in_groups(seed: Seed, octets: usize, names: usize, groups: usize) -> Self {
        let shards = octets.div_ceil(SHARD_OCTETS).next_power_of_two();
        let shards = shards.clamp(1, 1 << SHARD_BITS_MAX);
        let room = (octets / shards, names / shards);
        let group = shards.div_ceil(groups.max(1));
        let mut builder = Self {
            drafts: Vec::new(),
            done: Vec::new(),
            shards,
            group,
            room,
            seed,
            labels_min: usize::MAX,
        };
        builder.draft();
        builder
    }

    fn draft(&mut self) {
        let count = self.group.min(self.shards - self.done.len());
        let (octets, names) = self.room;
        self.drafts = (0..count).map(|_| Draft::with_capacity(octets, names)).collect();
    }

    /// Adds a name, given its hash; one of another group is passed over.
    #[inline]
    pub(crate) fn push_hashed(&mut self, hash: u64, labels: usize, wire: &[u8], held: &[u8]) {
        self.labels_min = self.labels_min.min(labels);
        let place = shard_of(hash, self.shards).checked_sub(self.done.len());
        if let Some(draft) = place.and_then(|place| self.drafts.get_mut(place)) {
            draft.push(hash, wire, held);
        }
    }

    /// Ends a group; false once there is none left. Of two entries of one name the later
    /// counts, or what `join` makes of the earlier and it. A shard that is as in
    /// `like` is shared with it.
    pub(crate) fn end_group(
        &mut self,
        like: Option<&Level>,
        mut join: impl FnMut(&[u8], &[u8]) -> Option<Vec<u8>>,
    ) -> Result<bool, TooLarge> {
        let like = like.filter(|like| like.seed == self.seed && like.shards() == self.shards);
        for draft in std::mem::take(&mut self.drafts) {
            let shard = draft.finish(&mut join)?;
            let before = like.map(|like| &like.shards[self.done.len()]);
            let same = before.filter(|before| before.parts() == shard.parts());
            self.done.push(same.map_or_else(|| Arc::new(shard), Arc::clone));
        }
        self.draft();
        Ok(!self.drafts.is_empty())
    }

    /// Adds a name in wire form and lower case; false where it is none.
    pub(crate) fn push(&mut self, wire: &[u8], held: &[u8]) -> bool {
        let Some(labels) = Labels::of(wire) else { return false };
        let hash = labels.hash(self.seed, wire);
        self.push_hashed(hash, labels.len(), wire, held);
        true
    }

    /// The level, once its last group has ended or is the only one.
    pub(crate) fn finish(
        mut self,
        join: impl FnMut(&[u8], &[u8]) -> Option<Vec<u8>>,
    ) -> Result<Level, TooLarge> {
        self.end_group(None, join)?;
        let shards: Box<[_]> = self.done.into();
        let names = shards.iter().map(|shard| shard.len()).sum();
        Ok(Level { shards, seed: self.seed, names, labels_min: self.labels_min })
    }
}

impl Level {
    /// A level without names.
    pub(crate) fn empty(seed: Seed) -> Self {
        let shards = Box::new([Arc::new(Shard::default())]);
        Self { shards, seed, names: 0, labels_min: usize::MAX }
    }

    /// A level of the names that `entries` gives, each time it is asked; of two the
    /// last counts.
    pub(crate) fn of<'a, I: Iterator<Item = (Vec<u8>, &'a [u8])>>(
        seed: Seed,
        octets: usize,
        entries: impl Fn() -> I,
    ) -> Self {
        let mut octets = octets;
        loop {
            let mut builder = Builder::new(seed, octets, 0);
            for (wire, held) in entries() {
                builder.push(&wire, held);
            }
            match builder.finish(|_, _| None) {
                Ok(level) => return level,
                Err(TooLarge) => octets = octets.max(SHARD_OCTETS).saturating_mul(2),
            }
        }
    }

    /// What a name holds.
    #[inline]
    pub(crate) fn find(&self, hash: u64, wire: &[u8]) -> Option<&[u8]> {
        self.shards[shard_of(hash, self.shards.len())].find(hash, wire)
    }

    /// Has the place of a hash fetched from memory.
    #[inline]
    pub(crate) fn fetch_slot(&self, hash: u64) {
        self.shards[shard_of(hash, self.shards.len())].fetch_slot(hash);
    }

    /// Has the entry of a hash fetched, if there seems to be one.
    #[inline]
    pub(crate) fn fetch_entry(&self, hash: u64) {
        self.shards[shard_of(hash, self.shards.len())].fetch_entry(hash);
    }

    /// How many names there are.
    pub(crate) fn len(&self) -> usize {
        self.names
    }

    /// The fewest labels of any name.
    #[inline]
    pub(crate) fn labels_min(&self) -> usize {
        self.labels_min
    }

    /// How many octets the shards take.
    pub(crate) fn octets(&self) -> usize {
        self.shards.iter().map(|shard| shard.octets()).sum()
    }

    /// The seed of its hashes.
    pub(crate) fn seed(&self) -> Seed {
        self.seed
    }

    /// All names in wire form, and what they hold, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Vec<u8>, &[u8])> {
        self.shards.iter().flat_map(|shard| shard.iter())
    }

    /// How many shards there are.
    pub(crate) fn shards(&self) -> usize {
        self.shards.len()
    }

    /// Whether `upper` would make a shard too large to merge into.
    pub(crate) fn has_room_for(&self, upper: &Self) -> bool {
        (self.octets() + upper.octets()) / self.shards.len() <= 2 * SHARD_OCTETS
    }

    /// This level with what `upper` says about the names of one shard: what a name
    /// holds there counts, and a name that holds nothing there is left out.
    pub(crate) fn with_shard_merged(&self, shard: usize, upper: &Self) -> Result<Self, TooLarge> {
        let changes: Vec<_> = upper
            .iter()
            .filter_map(|(wire, held)| {
                let labels = Labels::of(&wire)?;
                let hash = labels.hash(self.seed, &wire);
                (shard_of(hash, self.shards.len()) == shard).then_some((hash, wire, held))
            })
            .collect();
        if changes.is_empty() {
            return Ok(self.clone());
        }
        let changed = self.shards[shard].changed(
            self.seed,
            changes.iter().map(|(hash, wire, held)| (*hash, wire.clone(), *held)),
            |hash, wire| upper.find(hash, wire).is_some(),
        )?;
        let mut level = self.clone();
        level.labels_min = self.labels_min.min(upper.labels_min);
        level.names = self.names - self.shards[shard].len() + changed.len();
        level.shards[shard] = Arc::new(changed);
        Ok(level)
    }

    /// Table and arena of each shard, for a snapshot.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (&[u32], &[u8])> {
        self.shards.iter().map(|shard| shard.parts())
    }

    /// A level from what [`Self::parts`] gave, in order.
    pub(crate) fn from_parts(seed: Seed, labels_min: usize, parts: Vec<Parts>) -> Option<Self> {
        if !parts.len().is_power_of_two() || parts.len() > 1 << SHARD_BITS_MAX {
            return None;
        }
        let shards: Option<Box<[_]>> = parts
            .into_iter()
            .map(|(slots, arena)| Shard::from_parts(slots, arena).map(Arc::new))
            .collect();
        let shards = shards?;
        let names = shards.iter().map(|shard| shard.len()).sum();
        Some(Self { shards, seed, names, labels_min })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn seed() -> Seed {
        Seed::new(*b"0123456789abcdef")
    }

    fn wire(name: &str) -> Vec<u8> {
        let mut wire = Vec::new();
        for label in name.split('.') {
            wire.push(u8::try_from(label.len()).unwrap());
            wire.extend(label.as_bytes());
        }
        wire.push(0);
        wire
    }

    fn level(octets: usize, entries: &[(&str, &[u8])]) -> Level {
        Level::of(seed(), octets, || entries.iter().map(|(name, held)| (wire(name), *held)))
    }

    fn find<'a>(level: &'a Level, name: &str) -> Option<&'a [u8]> {
        let wire = wire(name);
        level.find(seed().name(&wire).unwrap(), &wire)
    }

    #[test]
    fn names_hold_octets_of_any_length() {
        let long = [7; 3_000];
        let entries: [(&str, &[u8]); 6] = [
            ("a.example", &[5]),
            ("b.example", &[200]),
            ("c.example", &[]),
            ("d.example", &[1, 2, 3]),
            ("e.example", &long),
            ("f.example", &long[..127]),
        ];
        let level = level(100, &entries);
        for (name, held) in entries {
            assert_eq!(find(&level, name), Some(held), "{name}");
        }
        assert_eq!((find(&level, "example"), find(&level, "x.a.example")), (None, None));
        assert_eq!((level.len(), level.labels_min()), (6, 2));
        assert_eq!(find(&Level::empty(seed()), "a.example"), None);
    }

    #[test]
    fn in_groups_a_level_is_the_same_and_shares_what_has_not_changed() {
        let names: Vec<String> = (0..20_000).map(|number| format!("n{number}.example")).collect();
        let build = |groups, extra: Option<&str>, like: Option<&Level>| {
            let mut builder = Builder::in_groups(seed(), 4 * SHARD_OCTETS, names.len(), groups);
            let mut rounds = 0;
            loop {
                for name in names.iter().map(String::as_str).chain(extra) {
                    builder.push(&wire(name), b"\x01");
                }
                rounds += 1;
                if !builder.end_group(like, |_, _| None).unwrap() {
                    assert_eq!(rounds, groups);
                    return builder.finish(|_, _| None).unwrap();
                }
            }
        };
        let whole = build(1, None, None);
        let parts = build(4, None, Some(&whole));
        assert_eq!((parts.len(), parts.labels_min()), (whole.len(), 2));
        let shared = |one: &Level| {
            let pairs = one.shards.iter().zip(&whole.shards);
            pairs.filter(|(one, other)| Arc::ptr_eq(one, other)).count()
        };
        assert_eq!((shared(&parts), whole.shards()), (4, 4));
        let more = build(2, Some("new.example"), Some(&whole));
        assert_eq!((shared(&more), more.len()), (3, whole.len() + 1));
        assert_eq!(find(&more, "new.example"), Some(&b"\x01"[..]));
    }

    #[test]
    fn the_later_of_two_counts_unless_they_are_joined() {
        let twice: [(&str, &[u8]); 2] = [("a.example", &[1]), ("a.example", &[2])];
        let later = level(100, &twice);
        assert_eq!((find(&later, "a.example"), later.len()), (Some(&[2][..]), 1));
        let mut builder = Builder::new(seed(), 100, 0);
        for (name, held) in [("a.example", [1]), ("b.example", [9]), ("a.example", [2])] {
            assert!(builder.push(&wire(name), &held));
        }
        assert!(!builder.push(b"\x05cut", &[1]));
        let joined = builder.finish(|before, held| Some([before, held].concat())).unwrap();
        assert_eq!(find(&joined, "a.example"), Some(&[1, 2][..]));
        assert_eq!(find(&joined, "b.example"), Some(&[9][..]));
        assert_eq!(joined.iter().count(), 2);
    }

    #[test]
    fn an_estimate_that_is_too_low_makes_more_shards() {
        let names: Vec<_> =
            (0..20_000).map(|n| format!("name-{n}.{}.example", "x".repeat(60))).collect();
        let level = Level::of(seed(), 0, || names.iter().map(|name| (wire(name), &[1][..])));
        assert!(level.shards() > 1);
        assert_eq!(level.len(), names.len());
        assert!(names.iter().all(|name| find(&level, name).is_some()));
    }

    #[test]
    fn parts_make_the_same_level_and_unsound_ones_none() {
        let level = level(SHARD_OCTETS * 4, &[("a.example", &[1]), ("b.example", &[2])]);
        let parts = || level.parts().map(|(slots, arena)| (slots.into(), arena.into())).collect();
        let again = Level::from_parts(seed(), 2, parts()).unwrap();
        assert_eq!(find(&again, "b.example"), Some(&[2][..]));
        assert_eq!((again.len(), again.shards()), (2, 4));
        let unsound: [(&[u32], &[u8]); 3] =
            [(&[1], b"\x01\x01a"), (&[9, 0], b"x"), (&[1 << 20, 0], b"x")];
        for (slots, arena) in unsound {
            assert!(Level::from_parts(seed(), 0, vec![(slots.into(), arena.into())]).is_none());
        }
        assert!(Level::from_parts(seed(), 0, vec![]).is_none());
    }

    type Model = HashMap<String, Vec<u8>>;

    fn model() -> impl Strategy<Value = Model> {
        let held = prop::collection::vec(any::<u8>(), 0..4);
        prop::collection::hash_map("[a-c]{1,2}(\\.[a-c]{1,2}){0,2}", held, 0..60)
    }

    fn of_model(model: &Model) -> Level {
        let entries = || model.iter().map(|(name, held)| (wire(name), &held[..]));
        Level::of(seed(), 3 * SHARD_OCTETS, entries)
    }

    proptest! {
        #[test]
        fn merging_is_laying_one_map_over_another(base in model(), upper in model()) {
            let (mut level, above) = (of_model(&base), of_model(&upper));
            for shard in 0..level.shards() {
                level = level.with_shard_merged(shard, &above).unwrap();
            }
            let mut expect = base;
            expect.extend(upper.clone());
            expect.retain(|name, held| !held.is_empty() || !upper.contains_key(name));
            prop_assert_eq!(level.len(), expect.len());
            for (name, held) in &expect {
                prop_assert_eq!(find(&level, name), Some(&held[..]));
            }
            prop_assert!(level.iter().all(|(wire, _)| level.find(seed().name(&wire).unwrap(), &wire).is_some()));
        }
    }
}
