//! Reader and writer of the canonical form: fixed order, big-endian, lengths
//! checked against what is there before anything is allocated.

/// Why bytes are not a canonical form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The bytes end too early.
    #[error("the bytes end at {at} where {wanted} is expected")]
    Short {
        /// Offset.
        at: usize,
        /// What was expected.
        wanted: &'static str,
    },
    /// Bytes are left over.
    #[error("{0} bytes follow the end")]
    Trailing(usize),
    /// A version this code does not write.
    #[error("version {0} is not known")]
    Version(u8),
    /// A field holds what no encoder writes.
    #[error("{field} holds {value}, which is not canonical")]
    Field {
        /// Which field.
        field: &'static str,
        /// What it holds.
        value: String,
    },
    /// A checksum differs.
    #[error("the checksum does not match: the bytes were damaged or cut")]
    Checksum,
}
