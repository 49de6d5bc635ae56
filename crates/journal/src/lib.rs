//! Entries in canonical bytes, their fold to the effective set, and the Merkle tree over them.
