//! One list: what it is for, which content it has, and its names.

use belfry_indicator::Domain;
use sha2::{Digest, Sha256};

use crate::Rule;
use crate::names::{NameSet, Reach};

/// Most names of one list.
pub const NAMES_MAX: usize = 2_000_000;

/// What a list is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Our own names, never blocked.
    Own,
    /// Names never blocked.
    NeverBlock,
    /// Governments, banks and the like: two people.
    TwoPeople,
    /// Names that many people use: two people, up to where strangers have names.
    Popular,
    /// Names that have been in use for long: two people, up to where strangers have names.
    Old,
    /// Names below which strangers have sites of their own. The name itself takes two
    /// people; what lies below it is neither popular nor old for its sake.
    Shared,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 6] =
        [Kind::Own, Kind::NeverBlock, Kind::TwoPeople, Kind::Popular, Kind::Old, Kind::Shared];

    /// The name that configuration and API use: `never-block`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Own => "own",
            Kind::NeverBlock => "never-block",
            Kind::TwoPeople => "two-people",
            Kind::Popular => "popular",
            Kind::Old => "old",
            Kind::Shared => "shared",
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The rule that a name on such a list meets.
    pub(crate) fn rule(self) -> Rule {
        match self {
            Kind::Own => Rule::OwnName,
            Kind::NeverBlock => Rule::NeverBlock,
            Kind::TwoPeople => Rule::TwoPeople,
            Kind::Popular => Rule::Popular,
            Kind::Old => Rule::Old,
            Kind::Shared => Rule::SharedParent,
        }
    }
}

/// A list as records and answers name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListName {
    /// What it is called: `built-in`, or as configured.
    pub name: String,
    /// What it is for.
    pub kind: Kind,
    /// Its content: the first 16 hex digits of SHA-256, and what the file itself says of
    /// its version.
    pub version: String,
}

impl std::fmt::Display for ListName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}, version {})", self.name, self.kind.name(), self.version)
    }
}

/// A list.
#[derive(Clone, Debug)]
pub struct List {
    pub(crate) name: ListName,
    pub(crate) names: NameSet,
    pub(crate) digest: [u8; 32],
}

impl List {
    /// A list of `entries`; `stated` is what its file says of its version.
    pub fn new(
        name: impl Into<String>,
        kind: Kind,
        stated: Option<&str>,
        entries: impl IntoIterator<Item = (Domain, Reach)>,
    ) -> Self {
        let names = NameSet::new(entries);
        let mut hash = Sha256::new();
        // No name holds a bracket, so a kind can't be taken for one.
        hash.update(format!("[{}]\n", kind.name()));
        for line in names.canonical() {
            hash.update(line);
        }
        let digest: [u8; 32] = hash.finalize().into();
        let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let version = match stated {
            Some(stated) => format!("{hex}, its own {stated}"),
            None => hex,
        };
        Self { name: ListName { name: name.into(), kind, version }, names, digest }
    }

    /// How it is named.
    pub fn name(&self) -> &ListName {
        &self.name
    }

    /// How many names it has.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.names.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(kind: Kind, names: &[&str]) -> List {
        let entries = names
            .iter()
            .map(|text| (Domain::parse(text).expect("a test names a domain"), Reach::Subtree));
        List::new("of a test", kind, Some("7"), entries)
    }

    #[test]
    fn kinds_read_back() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_name(kind.name()), Some(kind));
        }
        assert_eq!(Kind::from_name("Own"), None);
    }

    #[test]
    fn the_version_is_that_of_kind_and_content_in_any_order() {
        let version = |kind, names: &[&str]| list(kind, names).name().version.clone();
        let first = version(Kind::Old, &["a.example", "b.example"]);
        assert_eq!(first, version(Kind::Old, &["b.example", "a.example", "b.example"]));
        assert_ne!(first, version(Kind::Popular, &["a.example", "b.example"]));
        assert_ne!(first, version(Kind::Old, &["a.example"]));
        assert!(first.ends_with(", its own 7"), "{first}");
    }

    #[test]
    fn many_names_are_small() {
        let names = (0..100_000u32)
            .map(|n| (Domain::parse(&format!("site{n}.example")).expect("a name"), Reach::Subtree));
        let list = List::new("large", Kind::Popular, None, names);
        assert_eq!(list.len(), 100_000);
        let octets = list.names.octets();
        assert!(octets < 2_500_000, "{octets} octets");
        assert_eq!(list.names.find("site99999.example"), Some(Reach::Subtree));
        assert_eq!(list.names.find("site100000.example"), None);
    }
}
