//! Bounds on the work that one report may cause; reaching one is a defect.

/// The bounds that a caller chooses.
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
    /// Octets that compressed content may become, over all parts.
    pub inflated_bytes_max: usize,
    /// Pixels of pictures looked at, over all parts.
    pub pixels_max: usize,
    /// Whether PDF and pictures are read; off to read the rest of a report on which
    /// their readers died.
    pub documents: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes_max: 50 << 20,
            depth_max: 32,
            parts_max: 1_000,
            links_max: 10_000,
            text_bytes_max: 8 << 20,
            inflated_bytes_max: 64 << 20,
            pixels_max: 64_000_000,
            documents: true,
        }
    }
}

/// Defects kept of one report; the last says that there are more.
pub(crate) const DEFECTS_MAX: usize = 1_000;
/// Observables kept beside links.
pub(crate) const OBSERVABLES_MAX: usize = 1_000;
/// Octets of one header block that are parsed.
pub(crate) const HEADER_BYTES_MAX: usize = 256 << 10;
/// Octets of one header value that are kept.
pub(crate) const HEADER_VALUE_BYTES_MAX: usize = 2 << 10;
/// Octets of the source of a link that are kept and parsed.
pub(crate) const RAW_BYTES_MAX: usize = 8 << 10;
/// Characters of a link's visible text that are kept.
pub(crate) const LINK_TEXT_CHARS_MAX: usize = 200;
/// Octets of the visible text that are kept.
pub(crate) const TEXT_KEPT_BYTES_MAX: usize = 64 << 10;
/// Octets of running text that the link finder sees at once.
pub(crate) const RUN_BYTES_MAX: usize = 16 << 10;

/// The start of `text` that fits in `bytes_max` octets, cut between characters.
pub(crate) fn cut(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn a_cut_never_splits_a_character() {
        assert_eq!(cut("aé", 2), "a");
        assert_eq!(cut("aé", 3), "aé");
        assert_eq!(cut("", 5), "");
    }
}
