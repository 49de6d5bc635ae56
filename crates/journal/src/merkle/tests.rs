//! Tests of the tree and its proofs: the vectors of the reference
//! implementation of certificate transparency, and every small size.

use proptest::prelude::*;

use super::*;

/// The leaves of the reference tree, and its roots after 0 to 8 of them.
const LEAVES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn numbered(count: usize) -> Vec<Hash> {
    (0..count).map(|number| leaf_hash(&number.to_be_bytes())).collect()
}

/// The definition of RFC 6962 section 2.1, word for word and slow.
fn defined_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash(Sha256::digest([]).into()),
        [leaf] => *leaf,
        _ => {
            let mut split = 1;
            while split * 2 < leaves.len() {
                split *= 2;
            }
            node_hash(defined_root(&leaves[..split]), defined_root(&leaves[split..]))
        }
    }
}

#[test]
fn roots_are_those_of_the_reference_tree() {
    let mut frontier = Frontier::default();
    assert_eq!(frontier.root().to_string(), ROOTS[0]);
    for (leaf, root) in LEAVES.iter().zip(&ROOTS[1..]) {
        frontier.push(leaf_hash(leaf));
        assert_eq!(frontier.root().to_string(), *root);
    }
}

#[test]
fn proofs_are_those_of_the_reference_tree() {
    let leaves: Vec<_> = LEAVES.iter().map(|leaf| leaf_hash(leaf)).collect();
    let shown = |proof: Vec<Hash>| {
        proof.iter().map(|hash| hash.to_string()[..8].to_owned()).collect::<Vec<_>>().join(" ")
    };
    insta::assert_snapshot!(shown(inclusion_proof(&leaves, 0).unwrap()), @"96a296d2 5f083f0a 6b47aaf2");
    insta::assert_snapshot!(shown(inclusion_proof(&leaves, 5).unwrap()), @"bc1a0643 ca854ea1 d37ee418");
    insta::assert_snapshot!(shown(inclusion_proof(&leaves[..3], 2).unwrap()), @"fac54203");
    insta::assert_snapshot!(shown(consistency_proof(&leaves, 1).unwrap()), @"96a296d2 5f083f0a 6b47aaf2");
    insta::assert_snapshot!(shown(consistency_proof(&leaves, 6).unwrap()), @"0ebc5d34 ca854ea1 d37ee418");
    insta::assert_snapshot!(shown(consistency_proof(&leaves[..5], 2).unwrap()), @"5f083f0a bc1a0643");
}

#[test]
fn every_proof_of_every_small_tree_holds_and_only_there() {
    for size in 1..=40 {
        let leaves = numbered(size);
        let whole = root(&leaves);
        assert_eq!(whole, defined_root(&leaves));
        for index in 0..size {
            let proof = inclusion_proof(&leaves, index).unwrap();
            let holds = |leaf, index: usize, size: usize, proof: &[Hash]| {
                verify_inclusion(leaf, index as u64, size as u64, proof, whole)
            };
            assert!(holds(leaves[index], index, size, &proof), "{index} of {size}");
            assert!(!holds(leaves[(index + 1) % size], index, size, &proof) || size == 1);
            assert!(!holds(leaves[index], size, size, &proof));
            assert!(proof.is_empty() || !holds(leaves[index], index, size, &proof[1..]));
            assert!(!holds(leaves[index], index, size, &[&proof[..], &[whole]].concat()));
            assert!(size == 1 || !holds(leaves[index], (index + 1) % size, size, &proof));
        }
        for from in 1..=size {
            let proof = consistency_proof(&leaves, from).unwrap();
            let old = root(&leaves[..from]);
            let holds = |from: usize, old, proof: &[Hash]| {
                verify_consistency(from as u64, old, size as u64, whole, proof)
            };
            assert!(holds(from, old, &proof), "{from} to {size}");
            assert!(!holds(from, leaf_hash(b"other"), &proof));
            assert!(!holds(from, old, &[&proof[..], &[whole]].concat()));
            assert!(proof.is_empty() || !holds(from, old, &proof[1..]));
            assert!(from == size || !holds(from + 1, old, &proof));
        }
    }
}

#[test]
fn there_is_no_proof_outside_the_tree() {
    let leaves = numbered(5);
    assert_eq!(inclusion_proof(&leaves, 5), None);
    assert_eq!(inclusion_proof(&[], 0), None);
    assert_eq!(consistency_proof(&leaves, 0), None);
    assert_eq!(consistency_proof(&leaves, 6), None);
    assert!(!verify_inclusion(leaves[0], 0, 0, &[], leaves[0]));
    assert!(verify_consistency(0, root(&[]), 5, root(&leaves), &[]));
    assert!(!verify_consistency(0, root(&leaves), 5, root(&leaves), &[]));
    assert!(!verify_consistency(6, root(&leaves), 5, root(&leaves), &[]));
}

#[test]
fn a_frontier_has_a_peak_for_each_bit_of_its_size() {
    let frontier: Frontier = numbered(13).into_iter().collect();
    assert_eq!(frontier.peaks().len(), 3);
    let again = Frontier::from_parts(13, frontier.peaks().to_vec()).unwrap();
    assert_eq!(again, frontier);
    assert_eq!(Frontier::from_parts(12, frontier.peaks().to_vec()), None);
}

#[test]
fn hashes_are_written_in_lower_hexadecimal_only() {
    let text = ROOTS[1];
    assert_eq!(text.parse::<Hash>().unwrap().to_string(), text);
    assert_eq!(format!("{:?}", text.parse::<Hash>().unwrap()), text);
    for refused in ["", &text[1..], &text.to_uppercase(), &text.replace('6', "g"), &"é".repeat(32)]
    {
        assert!(refused.parse::<Hash>().is_err(), "{refused}");
    }
}

proptest! {
    #[test]
    fn claims_without_a_proof_are_refused(
        index in any::<u64>(), size in any::<u64>(), filler in any::<[u8; 32]>(), hashes in 0usize..70,
    ) {
        let proof = vec![Hash(filler); hashes];
        let (leaf, whole) = (leaf_hash(b"leaf"), leaf_hash(b"root"));
        prop_assert!(!verify_inclusion(leaf, index, size, &proof, whole));
        prop_assert!(index == 0 || !verify_consistency(index, leaf, size, whole, &proof));
    }

    #[test]
    fn large_trees_prove_too(size in 41usize..700, a in any::<usize>()) {
        let leaves = numbered(size);
        let (index, from, whole) = (a % size, a % size + 1, root(&leaves));
        let proof = inclusion_proof(&leaves, index).unwrap();
        prop_assert!(verify_inclusion(leaves[index], index as u64, size as u64, &proof, whole));
        let proof = consistency_proof(&leaves, from).unwrap();
        let old = root(&leaves[..from]);
        prop_assert!(verify_consistency(from as u64, old, size as u64, whole, &proof));
    }
}
