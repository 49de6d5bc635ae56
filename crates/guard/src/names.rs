//! `NameSet`: names with what they protect, looked up by target in as many
//! steps as the name has labels. A million names take some twenty octets each.
//!
//! Names are kept backwards, byte by byte, in one text in rising order: all that
//! lies below a name then follows it, and a search by halves finds either.

use std::cmp::Ordering;

use belfry_indicator::{Domain, Target};

/// What a listed name covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
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
    /// All names backwards, one after the other.
    text: Box<[u8]>,
    /// Where each begins, and where the last ends.
    bounds: Box<[u32]>,
    /// What each covers.
    reach: Box<[Reach]>,
}

impl NameSet {
    /// Of the same name twice the wider reach holds.
    pub(crate) fn new(entries: impl IntoIterator<Item = (Domain, Reach)>) -> Self {
        let mut backwards: Vec<(Box<[u8]>, Reach)> = entries
            .into_iter()
            .map(|(name, reach)| (name.as_str().bytes().rev().collect(), reach))
            .collect();
        // The widest reach first, which is the one that stays.
        backwards.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
        backwards.dedup_by(|later, first| later.0 == first.0);
        let mut bounds = vec![0];
        let mut text = Vec::new();
        for (name, _) in &backwards {
            text.extend_from_slice(name);
            bounds.push(u32::try_from(text.len()).expect("a list holds at most 64 MiB of names"));
        }
        let reach = backwards.iter().map(|(_, reach)| *reach).collect();
        Self { text: text.into(), bounds: bounds.into(), reach }
    }

    /// How many names.
    pub(crate) fn len(&self) -> usize {
        self.reach.len()
    }

    /// Octets of memory.
    #[cfg(test)]
    pub(crate) fn octets(&self) -> usize {
        self.text.len() + size_of_val(&*self.bounds) + size_of_val(&*self.reach)
    }

    /// How `target` meets it, by the reach of each entry.
    pub(crate) fn hit(&self, target: &Target) -> Option<Hit> {
        let name = target.name().as_str();
        let listed = tails(name).find(|tail| match self.find(tail) {
            Some(reach) => *tail == name || reach == Reach::Subtree,
            None => false,
        });
        match (listed, target) {
            (Some(tail), _) => Some(Hit::Listed(domain(tail))),
            (None, Target::Host(_)) => None,
            (None, Target::Domain(_)) => self.below(name).map(Hit::Holds),
        }
    }

    /// What an entry covers.
    pub(crate) fn find(&self, name: &str) -> Option<Reach> {
        let at = self.first_not_before(|entry| order(entry, name));
        (at < self.len() && order(self.entry(at), name) == Ordering::Equal).then(|| self.reach[at])
    }

    /// The first entry below `name`.
    pub(crate) fn below(&self, name: &str) -> Option<Domain> {
        let prefix: Vec<u8> = name.bytes().rev().chain([b'.']).collect();
        let at = self.first_not_before(|entry| entry.cmp(&prefix[..]));
        let entry = (at < self.len()).then(|| self.entry(at))?;
        entry.starts_with(&prefix).then(|| forwards(entry))
    }

    /// One line an entry, as in a file, in a fixed order: what a version hashes.
    pub(crate) fn canonical(&self) -> impl Iterator<Item = String> {
        (0..self.len()).map(|at| {
            let name = forwards(self.entry(at));
            match self.reach[at] {
                Reach::Exact => format!("={name}\n"),
                Reach::Subtree => format!("{name}\n"),
            }
        })
    }

    fn entry(&self, at: usize) -> &[u8] {
        &self.text[self.bounds[at] as usize..self.bounds[at + 1] as usize]
    }

    /// The number of entries that come before what `order` looks for.
    fn first_not_before(&self, order: impl Fn(&[u8]) -> Ordering) -> usize {
        let (mut from, mut to) = (0, self.len());
        while from < to {
            let middle = usize::midpoint(from, to);
            match order(self.entry(middle)) {
                Ordering::Less => from = middle + 1,
                Ordering::Equal | Ordering::Greater => to = middle,
            }
        }
        from
    }
}

/// `a.b.c`, `b.c`, `c`.
pub(crate) fn tails(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |tail| tail.split_once('.').map(|(_, rest)| rest))
}

fn order(entry: &[u8], name: &str) -> Ordering {
    entry.iter().copied().cmp(name.bytes().rev())
}

fn forwards(entry: &[u8]) -> Domain {
    let name: Vec<u8> = entry.iter().rev().copied().collect();
    domain(std::str::from_utf8(&name).expect("names are ASCII"))
}

fn domain(tail: &str) -> Domain {
    Domain::from_canonical(tail).expect("entries and tails of names are names")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn name(text: &str) -> Domain {
        Domain::parse(text).expect("a test names a domain")
    }

    fn set(entries: &[(&str, Reach)]) -> NameSet {
        NameSet::new(entries.iter().map(|(text, reach)| (name(text), *reach)))
    }

    #[test]
    fn an_entry_covers_what_its_reach_says() {
        use Reach::{Exact, Subtree};
        let set = set(&[("a.example", Subtree), ("b.example", Exact), ("deep.c.example", Exact)]);
        let check = |target: Target, expect: Option<Hit>| assert_eq!(set.hit(&target), expect);
        let listed = |text| Some(Hit::Listed(name(text)));
        check(Target::Host(name("a.example")), listed("a.example"));
        check(Target::Host(name("x.y.a.example")), listed("a.example"));
        check(Target::Host(name("xa.example")), None);
        check(Target::Host(name("b.example")), listed("b.example"));
        check(Target::Host(name("x.b.example")), None);
        check(Target::Host(name("c.example")), None);
        check(Target::Domain(name("c.example")), Some(Hit::Holds(name("deep.c.example"))));
        check(Target::Domain(name("p.c.example")), None);
        check(Target::Host(name("-a.example")), None);
    }

    #[test]
    fn a_name_listed_twice_has_the_wider_reach_and_counts_once() {
        let set = set(&[("a.example", Reach::Exact), ("a.example", Reach::Subtree)]);
        assert_eq!((set.len(), set.find("a.example")), (1, Some(Reach::Subtree)));
    }

    #[test]
    fn an_empty_set_meets_nothing() {
        let set = NameSet::default();
        assert_eq!(set.hit(&Target::Domain(name("a.example"))), None);
        assert_eq!(set.canonical().count(), 0);
    }

    fn names() -> impl Strategy<Value = Vec<(String, bool)>> {
        // Few letters and both characters around the dot, so that names nest and lie close.
        prop::collection::vec(("[a_-]{1,2}(\\.[a_-]{1,2}){0,3}\\.x", any::<bool>()), 0..12)
    }

    proptest! {
        /// The compact set answers as the plain definition does.
        #[test]
        fn it_is_the_plain_definition(entries in names(), asked in names()) {
            let mut plain = BTreeMap::new();
            for (text, wide) in &entries {
                let reach = if *wide { Reach::Subtree } else { Reach::Exact };
                let known = plain.entry(name(text)).or_insert(reach);
                *known = reach.max(*known);
            }
            let set = NameSet::new(entries.iter().map(|(text, wide)| {
                (name(text), if *wide { Reach::Subtree } else { Reach::Exact })
            }));
            prop_assert_eq!(set.len(), plain.len());
            for (text, whole) in &asked {
                let asked = name(text);
                let target = if *whole { Target::Domain(asked.clone()) } else { Target::Host(asked.clone()) };
                let listed = plain.iter().any(|(entry, reach)| {
                    *entry == asked || (*reach == Reach::Subtree && asked.is_within(entry))
                });
                let holds = *whole && plain.keys().any(|entry| entry.is_within(&asked));
                match set.hit(&target) {
                    Some(Hit::Listed(_)) => prop_assert!(listed),
                    Some(Hit::Holds(entry)) => prop_assert!(!listed && entry.is_within(&asked)),
                    None => prop_assert!(!listed && !holds),
                }
            }
        }
    }
}
