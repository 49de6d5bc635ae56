//! Bounds on the work that one report may cause; reaching one is a defect.

/// The bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Octets of the report that are read.
    pub bytes_max: usize,
    /// Nesting of MIME parts and messages.
    pub depth_max: usize,
    /// MIME parts.
    pub parts_max: usize,
    /// Links kept.
    pub links_max: usize,
    /// Octets of text looked at over all parts.
    pub text_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes_max: 50 << 20,
            depth_max: 32,
            parts_max: 1_000,
            links_max: 10_000,
            text_bytes_max: 8 << 20,
        }
    }
}
