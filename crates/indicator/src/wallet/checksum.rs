//! The two hashes by which addresses are checked.

use sha2::{Digest, Sha256};
use sha3::Keccak256;

pub(super) fn double_sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(Sha256::digest(bytes)).into()
}

/// Keccak as it was before it became SHA-3.
pub(super) fn keccak256(bytes: &[u8]) -> [u8; 32] {
    Keccak256::digest(bytes).into()
}
