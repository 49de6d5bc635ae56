//! Inclusion and consistency proofs of RFC 6962 section 2.1 and the checks of
//! RFC 9162 section 2.1.3 and 2.1.4.
//!
//! A check takes untrusted proofs: it answers `false`, never panics, and does
//! work in proportion to the proof that it was given.

use super::{Hash, node_hash, root};

/// The hashes that lead from leaf `index` to the root, nearest first; `None`
/// where there is no such leaf.
pub fn inclusion_proof(leaves: &[Hash], index: usize) -> Option<Vec<Hash>> {
    let within = |from: u64, to: u64| root(&leaves[position(from)..position(to)]);
    inclusion_path(index as u64, leaves.len() as u64, within)
}

/// The hashes that show that the tree over the first `from` leaves is a
/// prefix of the tree over all; `None` unless `1 <= from <= leaves.len()`.
pub fn consistency_proof(leaves: &[Hash], from: usize) -> Option<Vec<Hash>> {
    let within = |from: u64, to: u64| root(&leaves[position(from)..position(to)]);
    consistency_path(from as u64, leaves.len() as u64, within)
}

/// An inclusion proof by the roots over ranges of leaves, which `root_of` answers: each from a
/// leaf to before another.
pub(super) fn inclusion_path(
    index: u64,
    size: u64,
    mut root_of: impl FnMut(u64, u64) -> Hash,
) -> Option<Vec<Hash>> {
    if index >= size {
        return None;
    }
    let mut proof = Vec::new();
    let (mut from, mut to) = (0, size);
    while to - from > 1 {
        let middle = from + largest_power_below(to - from);
        if index < middle {
            proof.push(root_of(middle, to));
            to = middle;
        } else {
            proof.push(root_of(from, middle));
            from = middle;
        }
    }
    proof.reverse();
    Some(proof)
}

/// A consistency proof of the first `old` leaves of `size`, by the roots over ranges.
pub(super) fn consistency_path(
    old: u64,
    size: u64,
    mut root_of: impl FnMut(u64, u64) -> Hash,
) -> Option<Vec<Hash>> {
    if old == 0 || old > size {
        return None;
    }
    let mut proof = Vec::new();
    let (mut from, mut to) = (0, size);
    while old < to {
        let middle = from + largest_power_below(to - from);
        if old <= middle {
            proof.push(root_of(middle, to));
            to = middle;
        } else {
            proof.push(root_of(from, middle));
            from = middle;
        }
    }
    // From the first leaf on it is the old root itself, which the reader has.
    if from > 0 {
        proof.push(root_of(from, to));
    }
    proof.reverse();
    Some(proof)
}

fn position(leaf: u64) -> usize {
    usize::try_from(leaf).expect("the leaves are in memory")
}

/// Whether `proof` shows that `leaf` is number `index` of the tree of `size`
/// leaves with this `root`.
pub fn verify_inclusion(leaf: Hash, index: u64, size: u64, proof: &[Hash], root: Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut position, mut last, mut node) = (index, size - 1, leaf);
    for &sibling in proof {
        if last == 0 {
            return false;
        }
        if position & 1 == 1 || position == last {
            node = node_hash(sibling, node);
            skip_missing_siblings(&mut position, &mut last);
        } else {
            node = node_hash(node, sibling);
        }
        position >>= 1;
        last >>= 1;
    }
    last == 0 && node == root
}

/// Whether `proof` shows that the tree of `from` leaves with root `from_root`
/// is a prefix of the tree of `size` leaves with this `root`.
///
/// An empty tree is a prefix of any, with an empty proof.
pub fn verify_consistency(
    from: u64,
    from_root: Hash,
    size: u64,
    root: Hash,
    proof: &[Hash],
) -> bool {
    if from == 0 {
        return proof.is_empty() && from_root == super::root(&[]);
    }
    if from >= size {
        return from == size && proof.is_empty() && from_root == root;
    }
    let (first, rest) = if from.is_power_of_two() {
        (from_root, proof)
    } else {
        match proof.split_first() {
            Some((&first, rest)) => (first, rest),
            None => return false,
        }
    };
    let shift = (from - 1).trailing_ones();
    let (mut position, mut last) = ((from - 1) >> shift, (size - 1) >> shift);
    let (mut old, mut new) = (first, first);
    for &sibling in rest {
        if last == 0 {
            return false;
        }
        if position & 1 == 1 || position == last {
            old = node_hash(sibling, old);
            new = node_hash(sibling, new);
            skip_missing_siblings(&mut position, &mut last);
        } else {
            new = node_hash(new, sibling);
        }
        position >>= 1;
        last >>= 1;
    }
    last == 0 && old == from_root && new == root
}

/// Climbs past the levels where the rightmost node has no sibling.
fn skip_missing_siblings(position: &mut u64, last: &mut u64) {
    if *position & 1 == 0 {
        let levels = position.trailing_zeros().min(u64::BITS - 1);
        *position >>= levels;
        *last >>= levels;
    }
}

/// The largest power of two below `n`, for `n` of at least 2.
pub(super) fn largest_power_below(n: u64) -> u64 {
    1 << (u64::BITS - 1 - (n - 1).leading_zeros())
}
