//! [`Sorted`]: what a zone publishes, in order, in pieces that versions share.
//!
//! A clone costs two words. A change to one version copies the piece that it
//! touches where another version still holds it: a transfer that takes minutes
//! keeps its view, and the zone moves on.

use std::sync::Arc;

use crate::name::Path;
use crate::policy::Published;

/// Names in one piece at most.
const PIECE_MAX: usize = 256;

type Piece = Vec<(Path, Published)>;

/// Published names in order; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sorted {
    /// None is empty.
    pieces: Arc<Vec<Arc<Piece>>>,
    len: usize,
}

/// A place in a [`Sorted`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    piece: usize,
    at: usize,
}

impl Sorted {
    /// How many names.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The name at `place`, and the place after it.
    pub(crate) fn next(&self, place: Place) -> Option<(&(Path, Published), Place)> {
        let piece = self.pieces.get(place.piece)?;
        let item = piece.get(place.at)?;
        let after = if place.at + 1 < piece.len() {
            Place { piece: place.piece, at: place.at + 1 }
        } else {
            Place { piece: place.piece + 1, at: 0 }
        };
        Some((item, after))
    }

    /// What is published at a name.
    pub(crate) fn get(&self, path: &[u8]) -> Published {
        let place = self.first_from(path);
        match self.next(place) {
            Some(((name, published), _)) if name.as_bytes() == path => *published,
            _ => Published::NOTHING,
        }
    }

    /// The names at and below `path`, in order; all for an empty path.
    pub(crate) fn within<'a>(
        &'a self,
        path: &'a [u8],
    ) -> impl Iterator<Item = &'a (Path, Published)> {
        let mut place = self.first_from(path);
        std::iter::from_fn(move || {
            let (item, after) = self.next(place)?;
            place = after;
            Some(item)
        })
        .take_while(move |(name, _)| name.as_bytes().starts_with(path))
    }

    /// Where the first name at or after `path` is.
    fn first_from(&self, path: &[u8]) -> Place {
        let piece = self.piece_of(path);
        let Some(names) = self.pieces.get(piece) else { return Place::default() };
        let at = names.partition_point(|(name, _)| name.as_bytes() < path);
        if at < names.len() { Place { piece, at } } else { Place { piece: piece + 1, at: 0 } }
    }

    /// The piece in which `path` is or would be.
    fn piece_of(&self, path: &[u8]) -> usize {
        let after = self.pieces.partition_point(|piece| {
            piece.first().is_some_and(|(name, _)| name.as_bytes() <= path)
        });
        after.saturating_sub(1)
    }

    /// Publishes `published` at a name, or takes it away where that is nothing.
    pub(crate) fn set(&mut self, path: &Path, published: Published) {
        let number = self.piece_of(path.as_bytes());
        let pieces = Arc::make_mut(&mut self.pieces);
        if pieces.is_empty() {
            pieces.push(Arc::default());
        }
        let piece = Arc::make_mut(&mut pieces[number]);
        match piece.binary_search_by(|(name, _)| name.cmp(path)) {
            Ok(at) if published.is_nothing() => {
                piece.remove(at);
                self.len -= 1;
            }
            Ok(at) => piece[at].1 = published,
            Err(_) if published.is_nothing() => {}
            Err(at) => {
                piece.insert(at, (path.clone(), published));
                self.len += 1;
            }
        }
        if piece.is_empty() {
            pieces.remove(number);
        } else if piece.len() > PIECE_MAX {
            let half = piece.split_off(PIECE_MAX / 2);
            pieces.insert(number + 1, Arc::new(half));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::policy::Policy;

    const BLOCK: Published = Published { exact: Policy::Block, below: Policy::None };

    fn path(number: u16) -> Path {
        Path::from_bytes(format!("test\0n{number}\0").as_bytes())
    }

    fn all(sorted: &Sorted) -> Vec<(Path, Published)> {
        sorted.within(b"").cloned().collect()
    }

    proptest! {
        #[test]
        fn it_is_a_sorted_map(changes in vec((0_u16..2_000, any::<bool>()), 0..3_000)) {
            let (mut sorted, mut model) = (Sorted::default(), BTreeMap::new());
            for (number, there) in changes {
                let published = if there { BLOCK } else { Published::NOTHING };
                sorted.set(&path(number), published);
                if there {
                    model.insert(path(number), published);
                } else {
                    model.remove(&path(number));
                }
            }
            prop_assert_eq!(sorted.len(), model.len());
            prop_assert!(sorted.pieces.iter().all(|p| (1..=PIECE_MAX).contains(&p.len())));
            for number in [0, 77, 1_999] {
                let there = model.get(&path(number)).copied().unwrap_or_default();
                prop_assert_eq!(sorted.get(path(number).as_bytes()), there);
            }
            prop_assert_eq!(all(&sorted), model.into_iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_version_stays_as_it_was() {
        let mut sorted = Sorted::default();
        (0..1_000).for_each(|number| sorted.set(&path(number), BLOCK));
        let before = sorted.clone();
        (0..1_000).step_by(2).for_each(|n| sorted.set(&path(n), Published::NOTHING));
        assert_eq!((before.len(), sorted.len()), (1_000, 500));
        assert_eq!(all(&before).len(), 1_000);
        assert_eq!(sorted.get(path(2).as_bytes()), Published::NOTHING);
        assert_eq!(before.get(path(2).as_bytes()), BLOCK);
    }
}
