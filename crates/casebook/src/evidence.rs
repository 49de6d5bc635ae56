//! Evidence: one encrypted object a report (XChaCha20-Poly1305, a key of its
//! own, wrapped by the master key), named by keyed hash.
