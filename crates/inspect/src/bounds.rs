//! What is kept of a page, at most.

/// Redirects that are kept.
pub(crate) const HOPS_MAX: usize = 40;
/// Forms that are kept.
pub(crate) const FORMS_MAX: usize = 32;
/// Fields of one form that are kept.
pub(crate) const FIELDS_MAX: usize = 64;
/// Characters of the visible text that are kept.
pub(crate) const TEXT_CHARS_MAX: usize = 20_000;
/// Characters of any other text that are kept.
pub(crate) const WORDS_CHARS_MAX: usize = 2_000;
/// Names that are kept of a certificate.
pub(crate) const NAMES_MAX: usize = 100;
/// Octets of a picture that is kept.
pub(crate) const PICTURE_BYTES_MAX: usize = 8 << 20;

/// The first `limit` characters.
pub(crate) fn shortened(text: &str, limit: usize) -> String {
    text.chars().take(limit).collect()
}
