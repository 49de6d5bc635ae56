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

#[cfg(test)]
mod tests {
    use belfry_indicator::EmbeddedSuffixes;

    use super::*;

    fn name(text: &str) -> Domain {
        Domain::parse(text).expect("a test names a domain")
    }

    fn never(names: &[&str]) -> Lists {
        Lists::new([], names.iter().map(|text| name(text)), [])
    }

    #[test]
    fn the_built_in_lists_are_canonical_and_no_line_is_idle() {
        for text in
            [include_str!("../lists/never-block.txt"), include_str!("../lists/two-people.txt")]
        {
            let entries: Vec<_> = built_in(text).collect();
            assert!(entries.len() > 80, "only {} entries", entries.len());
            let mut names: Vec<_> = entries.iter().map(|(name, _)| name).collect();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), entries.len(), "a name is listed twice");
            for (name, reach) in &entries {
                let idle = *reach == Reach::Exact && EmbeddedSuffixes.is_suffix(name);
                assert!(!idle, "{name} is refused anyway, as a suffix");
            }
        }
    }

    #[test]
    fn the_version_names_the_content_not_its_order() {
        let version = |names: &[&str]| never(names).version();
        assert_eq!(
            version(&["a.example", "b.example"]),
            version(&["b.example", "a.example", "a.example"])
        );
        assert_ne!(version(&["a.example"]), version(&["b.example"]));
        assert_ne!(version(&[]), Lists::new([name("a.example")], [], []).version());
        assert_ne!(version(&["a.example"]), Lists::new([name("a.example")], [], []).version());
        // A caller's plain name widens the built-in exact one, which is another content.
        assert_ne!(version(&[]), version(&["amazonaws.com"]));
        assert_eq!(version(&[]), version(&["google.com"]));
        assert_eq!(version(&[]).to_string().len(), 64);
    }

    #[test]
    fn an_exact_entry_leaves_the_hosts_below_open() {
        let refused = |target: Target| never(&[]).refusal(&target, &EmbeddedSuffixes).is_some();
        assert!(refused(Target::Host(name("sharepoint.com"))));
        assert!(refused(Target::Domain(name("sharepoint.com"))));
        assert!(!refused(Target::Host(name("tenant.sharepoint.com"))));
        assert!(!refused(Target::Domain(name("tenant.sharepoint.com"))));
        assert!(refused(Target::Host(name("docs.google.com"))));
    }

    #[test]
    fn a_new_list_tells_which_old_blocks_it_protects() {
        let blocked = Target::Host(name("shop.example"));
        assert_eq!(never(&[]).refusal(&blocked, &EmbeddedSuffixes), None);
        let found = never(&["shop.example"]).refusal(&blocked, &EmbeddedSuffixes);
        assert_eq!(found.map(|finding| finding.rule), Some(crate::Rule::NeverBlock));
    }
}
