//! `NameSet`: names with what they protect, looked up by target in as many
//! steps as the name has labels.

use std::collections::BTreeMap;

use belfry_indicator::{Domain, Target};

/// What a listed name covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// Only the name; `=name` in a file.
    Exact,
    /// The name and every name below it.
    Subtree,
}

/// How a target meets a listed name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Hit {
    /// The target's name is this entry or below it.
    Listed(Domain),
    /// The target is a whole domain that holds this entry.
    Holds(Domain),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct NameSet {
    reach: BTreeMap<Domain, Reach>,
    /// Every name above an entry, with one such entry.
    above: BTreeMap<Domain, Domain>,
}

impl NameSet {
    pub(crate) fn new(entries: impl IntoIterator<Item = (Domain, Reach)>) -> Self {
        let mut set = Self::default();
        for (name, reach) in entries {
            for ancestor in name.ancestors().skip(1) {
                set.above.entry(ancestor).or_insert_with(|| name.clone());
            }
            let known = set.reach.entry(name).or_insert(reach);
            *known = reach.max(*known);
        }
        set
    }

    pub(crate) fn hit(&self, target: &Target) -> Option<Hit> {
        let name = target.name();
        if self.reach.contains_key(name) {
            return Some(Hit::Listed(name.clone()));
        }
        let below = name.ancestors().find(|up| self.reach.get(up) == Some(&Reach::Subtree));
        below.map(Hit::Listed).or_else(|| match target {
            Target::Host(_) => None,
            Target::Domain(domain) => self.above.get(domain).cloned().map(Hit::Holds),
        })
    }

    /// One line an entry, as in a file, in rising order: what a version hashes.
    pub(crate) fn canonical(&self) -> impl Iterator<Item = String> {
        self.reach.iter().map(|(name, reach)| match reach {
            Reach::Exact => format!("={name}\n"),
            Reach::Subtree => format!("{name}\n"),
        })
    }
}

/// The entries of a list in the format that `lists/never-block.txt` explains.
pub(crate) fn built_in(text: &'static str) -> impl Iterator<Item = (Domain, Reach)> {
    text.lines().filter_map(|line| {
        let entry = line.split('#').next().unwrap_or_default().trim();
        let (name, reach) = match entry.strip_prefix('=') {
            Some(name) => (name, Reach::Exact),
            None => (entry, Reach::Subtree),
        };
        (!name.is_empty()).then(|| {
            let name = Domain::from_canonical(name).expect("a test reads the built-in lists");
            (name, reach)
        })
    })
}
