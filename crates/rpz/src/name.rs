//! [`Path`]: a name from the root down, so that all names below a name follow it
//! at once in sorted order.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use belfry_indicator::Domain;

/// A name, its labels from the top down, a zero octet after each: `example\0evil\0`.
///
/// Every octet of a label sorts after zero, so that order is that of a walk
/// through the tree of names, and a name's descendants are those it is a prefix of.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Path(Arc<[u8]>);

impl Path {
    /// The path of a name.
    pub fn of(name: &Domain) -> Self {
        let mut path = Vec::with_capacity(name.as_str().len() + 1);
        for label in name.labels().rev() {
            path.extend_from_slice(label.as_bytes());
            path.push(0);
        }
        Self(path.into())
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Octets of its labels on the wire, without the root.
    pub(crate) fn wire_len(&self) -> usize {
        // A length before each label takes the room of the zero after it.
        self.0.len()
    }

    /// Its labels from the bottom up, as on the wire, without the root.
    pub(crate) fn push_wire(&self, out: &mut Vec<u8>) {
        for label in self.labels().rev() {
            out.push(u8::try_from(label.len()).expect("a label has at most 63 octets"));
            out.extend_from_slice(label);
        }
    }

    /// The name on the wire, its root included.
    pub fn to_wire(&self) -> Vec<u8> {
        let mut wire = Vec::with_capacity(self.wire_len() + 1);
        self.push_wire(&mut wire);
        wire.push(0);
        wire
    }

    fn labels(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.0.strip_suffix(&[0]).unwrap_or_default().split(|octet| *octet == 0)
    }

    /// The name as text.
    pub fn to_text(&self) -> String {
        let labels: Vec<_> = self.labels().rev().map(String::from_utf8_lossy).collect();
        labels.join(".")
    }

    /// Every name above this one, the top-level domain first; not itself.
    pub(crate) fn ancestors(&self) -> impl Iterator<Item = &[u8]> {
        prefixes(&self.0).filter(|prefix| prefix.len() < self.0.len())
    }

    /// Whether `other` is below this one.
    pub(crate) fn is_above(&self, other: &[u8]) -> bool {
        other.len() > self.0.len() && other.starts_with(&self.0)
    }
}

/// The prefixes of a path that are paths themselves, the shortest first, the whole last.
pub(crate) fn prefixes(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.iter().enumerate().filter(|(_, octet)| **octet == 0).map(|(at, _)| &path[..=at])
}

impl Borrow<[u8]> for Path {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Path {
        Path::of(&Domain::parse(text).unwrap())
    }

    #[test]
    fn names_below_a_name_follow_it_at_once() {
        let mut names =
            ["b.evil.example", "evil-x.example", "evil.example", "evil.test", "a.b.evil.example"]
                .map(path);
        names.sort();
        let sorted: Vec<String> = names.iter().map(Path::to_text).collect();
        let expected =
            ["evil.example", "b.evil.example", "a.b.evil.example", "evil-x.example", "evil.test"];
        assert_eq!(sorted, expected);
        assert!(names[0].is_above(names[2].as_bytes()));
        assert!(!names[0].is_above(names[3].as_bytes()));
        assert!(!names[0].is_above(names[0].as_bytes()));
    }

    #[test]
    fn the_wire_form_is_that_of_the_name() {
        let name = Domain::parse("a.bc.example").unwrap();
        let path = Path::of(&name);
        assert_eq!(path.to_wire(), name.to_wire());
        assert_eq!(path.to_wire().len(), path.wire_len() + 1);
    }

    #[test]
    fn ancestors_start_at_the_top() {
        let path = path("a.b.example");
        let above: Vec<String> =
            path.ancestors().map(|bytes| Path::from_bytes(bytes).to_text()).collect();
        assert_eq!(above, ["example", "b.example"]);
    }
}
