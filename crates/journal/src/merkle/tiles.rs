//! A long tree that answers with proofs: the roots of full tiles of 256 leaves and of
//! all above them are kept (about 64 octets for each 256 leaves), leaves themselves are not.
//!
//! A proof needs the leaves of at most three tiles. Which these are is told by [`Missing`];
//! whoever has the leaves fetches them and asks again. No storage is known here.

use std::collections::{BTreeMap, BTreeSet};

use super::proof::{consistency_path, inclusion_path, largest_power_below};
use super::{Hash, node_hash, root};

/// Leaves in a tile.
pub const TILE: u64 = 256;
const TILE_HEIGHT: u32 = TILE.trailing_zeros();

/// Leaves of tiles by the tile's number: tile 2 begins with leaf 512.
pub type TileLeaves = BTreeMap<u64, Vec<Hash>>;

/// The tiles whose leaves a proof needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Missing(pub BTreeSet<u64>);

/// A tree by its tiles.
#[derive(Clone, Debug, Default)]
pub struct Tiles {
    size: u64,
    /// Roots over 256 leaves each, over 512 each, and so on.
    levels: Vec<Vec<Hash>>,
    /// Leaves after the last full tile.
    edge: Vec<Hash>,
}

impl Tiles {
    /// Leaves so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf.
    pub fn push(&mut self, leaf: Hash) {
        self.size += 1;
        self.edge.push(leaf);
        if self.edge.len() as u64 == TILE {
            let full = root(&self.edge);
            self.edge.clear();
            self.carry(full);
        }
    }

    fn carry(&mut self, mut node: Hash) {
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let nodes = &mut self.levels[level];
            nodes.push(node);
            let [.., left, right] = nodes[..] else { return };
            if nodes.len() % 2 == 1 {
                return;
            }
            node = node_hash(left, right);
        }
    }

    /// The root over the first `size` leaves; `None` where there are not so many.
    ///
    /// # Errors
    /// [`Missing`]: these tiles' leaves are needed.
    pub fn root(&self, size: u64, leaves: &TileLeaves) -> Result<Option<Hash>, Missing> {
        if size > self.size {
            return Ok(None);
        }
        let mut asked = Asked { tiles: self, leaves, missing: Missing::default() };
        let found = asked.root_of(0, size);
        asked.answer(Some(found))
    }

    /// The proof that leaf `index` is in the tree of the first `size`; `None` where there
    /// is no such leaf or tree.
    ///
    /// # Errors
    /// [`Missing`]: these tiles' leaves are needed.
    pub fn inclusion(
        &self,
        index: u64,
        size: u64,
        leaves: &TileLeaves,
    ) -> Result<Option<Vec<Hash>>, Missing> {
        if size > self.size {
            return Ok(None);
        }
        let mut asked = Asked { tiles: self, leaves, missing: Missing::default() };
        let path = inclusion_path(index, size, |from, to| asked.root_of(from, to));
        asked.answer(path)
    }

    /// The proof that the first `old` leaves begin the tree of the first `size`; `None` unless
    /// `1 <= old <= size` and there are so many.
    ///
    /// # Errors
    /// [`Missing`]: these tiles' leaves are needed.
    pub fn consistency(
        &self,
        old: u64,
        size: u64,
        leaves: &TileLeaves,
    ) -> Result<Option<Vec<Hash>>, Missing> {
        if size > self.size {
            return Ok(None);
        }
        let mut asked = Asked { tiles: self, leaves, missing: Missing::default() };
        let path = consistency_path(old, size, |from, to| asked.root_of(from, to));
        asked.answer(path)
    }
}

/// One question, and what it lacks.
struct Asked<'a> {
    tiles: &'a Tiles,
    leaves: &'a TileLeaves,
    missing: Missing,
}

impl Asked<'_> {
    /// The root over the leaves from `from` to before `to`, a range that RFC 6962 splits off.
    fn root_of(&mut self, from: u64, to: u64) -> Hash {
        let size = to - from;
        if let Some(node) = self.kept(from, size) {
            return node;
        }
        if size <= TILE {
            return self.within_a_tile(from, size);
        }
        let middle = from + largest_power_below(size);
        let left = self.root_of(from, middle);
        node_hash(left, self.root_of(middle, to))
    }

    fn kept(&self, from: u64, size: u64) -> Option<Hash> {
        let level = size.is_power_of_two().then(|| size.trailing_zeros())?;
        let level = usize::try_from(level.checked_sub(TILE_HEIGHT)?).ok()?;
        let nodes = self.tiles.levels.get(level)?;
        nodes.get(usize::try_from(from / size).ok()?).copied()
    }

    fn within_a_tile(&mut self, from: u64, size: u64) -> Hash {
        let tile = from / TILE;
        let is_edge = tile == self.tiles.size / TILE;
        let known = if is_edge { Some(&self.tiles.edge) } else { self.leaves.get(&tile) };
        let within = usize::try_from(from % TILE).expect("a place within a tile is below 256");
        let size = usize::try_from(size).expect("a tile has at most 256 leaves");
        match known.and_then(|leaves| leaves.get(within..within + size)) {
            Some(leaves) => root(leaves),
            None => {
                self.missing.0.insert(tile);
                root(&[])
            }
        }
    }

    fn answer<T>(self, found: Option<T>) -> Result<Option<T>, Missing> {
        if self.missing.0.is_empty() { Ok(found) } else { Err(self.missing) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::{consistency_proof, inclusion_proof, leaf_hash};

    fn leaves(count: u64) -> Vec<Hash> {
        (0..count).map(|n| leaf_hash(&n.to_be_bytes())).collect()
    }

    /// Answers as the casebook does: with the leaves of the tiles that are missing.
    fn ask<T>(
        leaves: &[Hash],
        question: impl Fn(&TileLeaves) -> Result<Option<T>, Missing>,
    ) -> Option<T> {
        match question(&TileLeaves::new()) {
            Ok(found) => found,
            Err(missing) => {
                assert!(missing.0.len() <= 3, "{missing:?}");
                let chunks: Vec<&[Hash]> = leaves.chunks(256).collect();
                let fetched = missing
                    .0
                    .iter()
                    .map(|tile| (*tile, chunks[usize::try_from(*tile).unwrap()].to_vec()));
                question(&fetched.collect()).expect("all that was missing is there")
            }
        }
    }

    #[test]
    fn tiles_prove_what_all_leaves_prove() {
        let all = leaves(2_100);
        let mut tiles = Tiles::default();
        all.iter().for_each(|leaf| tiles.push(*leaf));
        assert_eq!(tiles.size(), 2_100);
        let sizes = [1, 2, 255, 256, 257, 511, 512, 513, 1_023, 1_024, 1_500, 2_048, 2_099, 2_100];
        for size in sizes {
            let part = &all[..usize::try_from(size).unwrap()];
            assert_eq!(ask(&all, |known| tiles.root(size, known)), Some(root(part)), "{size}");
            for index in [0, 1, 254, 255, 256, 700, 1_024, 2_047, 2_098, 2_099] {
                let expected = inclusion_proof(part, usize::try_from(index).unwrap());
                let found = ask(&all, |known| tiles.inclusion(index, size, known));
                assert_eq!(found, expected, "leaf {index} of {size}");
            }
            for old in sizes.into_iter().chain([0, 3, 1_100]) {
                let expected = consistency_proof(part, usize::try_from(old).unwrap());
                let found = ask(&all, |known| tiles.consistency(old, size, known));
                assert_eq!(found, expected, "{old} in {size}");
            }
        }
    }

    #[test]
    fn there_is_no_proof_of_what_is_not_there() {
        let mut tiles = Tiles::default();
        let none = TileLeaves::new();
        assert_eq!(tiles.root(0, &none), Ok(Some(root(&[]))));
        assert_eq!(tiles.inclusion(0, 0, &none), Ok(None));
        tiles.push(leaves(1)[0]);
        assert_eq!(tiles.root(2, &none), Ok(None));
        assert_eq!(tiles.inclusion(1, 1, &none), Ok(None));
        assert_eq!(tiles.consistency(1, 2, &none), Ok(None));
    }
}
