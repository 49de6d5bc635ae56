//! The lists that the guard consults, and the version that names their content.

use belfry_indicator::{Domain, Suffixes, Target};
use sha2::{Digest, Sha256};

use crate::Finding;
use crate::names::{NameSet, Reach, built_in};
use crate::refusal;

/// SHA-256 over the canonical content of all lists.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ListsVersion(pub [u8; 32]);

/// Names that must not be blocked, or only by two people.
///
/// A name given by the caller protects itself and every name below it; a
/// built-in one does too, unless its file lists it with `=`.
#[derive(Clone, Debug)]
pub struct Lists {
    pub(crate) own: NameSet,
    pub(crate) never_block: NameSet,
    pub(crate) two_people: NameSet,
    version: ListsVersion,
}

impl Lists {
    /// The small lists built in, plus `own` names and the caller's own `never_block` and `two_people` names.
    pub fn new(
        own: impl IntoIterator<Item = Domain>,
        never_block: impl IntoIterator<Item = Domain>,
        two_people: impl IntoIterator<Item = Domain>,
    ) -> Self {
        let own = NameSet::new(whole(own));
        let never_block = NameSet::new(
            built_in(include_str!("../lists/never-block.txt")).chain(whole(never_block)),
        );
        let two_people = NameSet::new(
            built_in(include_str!("../lists/two-people.txt")).chain(whole(two_people)),
        );
        let version =
            version(&[("own", &own), ("never-block", &never_block), ("two-people", &two_people)]);
        Self { own, never_block, two_people, version }
    }

    /// What names this content: the same names give the same version, in
    /// whatever order and however often they were given.
    pub fn version(&self) -> ListsVersion {
        self.version
    }

    /// Why no order may ever block `target`, if so: lets a new list release
    /// the blocks that it now protects.
    pub fn refusal(&self, target: &Target, suffixes: &impl Suffixes) -> Option<Finding> {
        refusal::of_name(target, suffixes).or_else(|| refusal::of_lists(target, self))
    }
}

fn whole(names: impl IntoIterator<Item = Domain>) -> impl Iterator<Item = (Domain, Reach)> {
    names.into_iter().map(|name| (name, Reach::Subtree))
}

fn version(sets: &[(&str, &NameSet)]) -> ListsVersion {
    let mut hash = Sha256::new();
    for (title, set) in sets {
        // No name holds a bracket, so a title can't be taken for one.
        hash.update(format!("[{title}]\n"));
        for line in set.canonical() {
            hash.update(line);
        }
    }
    ListsVersion(hash.finalize().into())
}

impl std::fmt::Display for ListsVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for ListsVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}
