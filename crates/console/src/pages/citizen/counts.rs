//! Public counts: what is below ten could point at people, and is withheld.

/// Counts below this are withheld.
const SHOWN_FROM: u64 = 10;

/// A count that may be shown: itself, zero, or nothing.
pub(super) fn public(count: u64) -> Option<u64> {
    (count == 0 || count >= SHOWN_FROM).then_some(count)
}

/// The same in words.
pub(super) fn words(count: u64) -> String {
    public(count).map_or_else(|| format!("<{SHOWN_FROM}"), crate::texts::grouped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_counts_are_withheld() {
        assert_eq!([0, 1, 9, 10].map(public), [Some(0), None, None, Some(10)]);
        assert_eq!([0, 9, 412].map(words), ["0", "<10", "412"]);
    }
}
