//! Features: small facts about what is judged, each with a slot in a model's table
//! and the piece of text that it stands for.

use crate::hash::slot;

/// What a feature is about: reasons are told by family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Family {
    /// The public suffix, and with it the registry or the host that gives names away.
    Ending,
    /// Words and pieces of the name.
    Name,
    /// Length, digits, hyphens and depth of the name.
    Shape,
    /// Words and pieces of the path and query.
    Path,
    /// Length, depth and kind of the path.
    Form,
    /// A brand in the name or path.
    Brand,
    /// Whether many use the name.
    Known,
    /// Words and pieces of a message.
    Words,
    /// Length, links, amounts and capitals of a message.
    Message,
}

impl Family {
    /// All of them, in the order of their numbers.
    pub const ALL: [Family; 9] = [
        Family::Ending,
        Family::Name,
        Family::Shape,
        Family::Path,
        Family::Form,
        Family::Brand,
        Family::Known,
        Family::Words,
        Family::Message,
    ];

    /// Its name in an assessment.
    pub fn name(self) -> &'static str {
        match self {
            Family::Ending => "ending",
            Family::Name => "name",
            Family::Shape => "shape",
            Family::Path => "path",
            Family::Form => "form",
            Family::Brand => "brand",
            Family::Known => "known",
            Family::Words => "words",
            Family::Message => "message",
        }
    }
}

/// One fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Feature {
    pub(crate) family: Family,
    /// The slot before a model's mask.
    pub(crate) slot: u32,
    /// Where its piece stands in [`Features::text`]; empty where it has none.
    pub(crate) from: u16,
    pub(crate) to: u16,
}

/// All facts about one thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// What pieces are cut from: ASCII or UTF-8, at most 65,535 octets.
    pub(crate) text: String,
    pub(crate) items: Vec<Feature>,
}

impl Features {
    /// The slots of all features before a model's mask, for training.
    pub fn slots(&self) -> impl ExactSizeIterator<Item = u32> {
        self.items.iter().map(|item| item.slot)
    }

    /// Only the features of some families, to measure what they are worth alone.
    pub fn only(mut self, families: &[Family]) -> Self {
        self.items.retain(|item| families.contains(&item.family));
        self
    }

    /// Adds text that pieces can be cut from and gives where it begins.
    pub(crate) fn hold(&mut self, text: &str) -> usize {
        let start = self.text.len();
        let room = usize::from(u16::MAX) - start.min(usize::from(u16::MAX));
        self.text.push_str(&text[..text.floor_char_boundary(room)]);
        start
    }

    /// Adds a fact that is a piece of the held text.
    pub(crate) fn piece(&mut self, family: Family, space: u8, from: usize, to: usize) {
        let Some(bytes) = self.text.as_bytes().get(from..to) else { return };
        let slot = slot(space, bytes);
        let [from, to] = [from, to].map(|at| u16::try_from(at).unwrap_or(u16::MAX));
        self.items.push(Feature { family, slot, from, to });
    }

    /// Adds a fact that has no piece of text.
    pub(crate) fn fact(&mut self, family: Family, space: u8, value: &[u8]) {
        self.items.push(Feature { family, slot: slot(space, value), from: 0, to: 0 });
    }

    /// Adds all pieces of `lengths` octets of the held text between `from` and `to`.
    pub(crate) fn grams(
        &mut self,
        family: Family,
        space: u8,
        [from, to]: [usize; 2],
        lengths: [usize; 2],
    ) {
        for length in lengths[0]..=lengths[1] {
            for start in from..(to + 1).saturating_sub(length) {
                self.piece(family, space, start, start + length);
            }
        }
    }

    /// Adds every run of letters, and every run of digits, between `from` and `to`.
    pub(crate) fn runs(&mut self, family: Family, space: u8, [from, to]: [usize; 2], most: usize) {
        let to = to.min(self.text.len());
        let (mut start, mut found) = (from, 0);
        while start < to && found < most {
            let kind = |at: usize| {
                let byte = self.text.as_bytes()[at];
                (byte.is_ascii_alphabetic() || !byte.is_ascii(), byte.is_ascii_digit())
            };
            let first = kind(start);
            let end = (start..to).find(|at| kind(*at) != first).unwrap_or(to);
            if first != (false, false) {
                self.piece(family, space, start, end);
                found += 1;
            }
            start = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grams_and_runs_are_cut_from_the_text() {
        let mut features = Features::default();
        features.hold("ab-12c");
        features.grams(Family::Name, 1, [0, 6], [3, 3]);
        features.runs(Family::Name, 2, [0, 6], 9);
        let pieces: Vec<_> = features
            .items
            .iter()
            .map(|item| &features.text[usize::from(item.from)..usize::from(item.to)])
            .collect();
        assert_eq!(pieces, ["ab-", "b-1", "-12", "12c", "ab", "12", "c"]);
    }

    #[test]
    fn a_long_text_is_cut_not_refused() {
        let mut features = Features::default();
        features.hold(&"é".repeat(40_000));
        assert!(features.text.len() <= usize::from(u16::MAX));
        features.grams(Family::Words, 1, [65_000, 70_000], [3, 5]);
    }
}
