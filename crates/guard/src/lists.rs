//! The lists that the guard consults, and the version that names their content.

use std::sync::Arc;

use belfry_indicator::{Domain, Suffixes, Target};
use sha2::{Digest, Sha256};

use crate::format::Format;
use crate::list::{Kind, List, ListName};
use crate::names::Reach;
use crate::{Finding, refusal, second};

/// What the lists built in are called.
const BUILT_IN: &str = "built-in";

/// SHA-256 over the content of all lists.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ListsVersion(pub [u8; 32]);

/// Names that must not be blocked, or only by two people: the small lists built in, and
/// those that the caller gives. Cheap to clone; a list that stays is shared with the next.
#[derive(Clone, Debug)]
pub struct Lists {
    lists: Vec<Arc<List>>,
    version: ListsVersion,
}

/// What the guard says of a target, whoever asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opinion {
    /// One person may block it.
    Free,
    /// Two signed-in people may; the most telling reason first.
    TwoPeople(Vec<Finding>),
    /// Nobody may; the most telling reason first.
    Refused(Vec<Finding>),
}

impl Lists {
    /// The small lists built in, plus `own` names and the caller's own `never_block` and
    /// `two_people` names, each with all names below it.
    pub fn new(
        own: impl IntoIterator<Item = Domain>,
        never_block: impl IntoIterator<Item = Domain>,
        two_people: impl IntoIterator<Item = Domain>,
    ) -> Self {
        let whole = |name| (name, Reach::Subtree);
        let given = [
            List::new("configured", Kind::Own, None, own.into_iter().map(whole)),
            List::new("configured", Kind::NeverBlock, None, never_block.into_iter().map(whole)),
            List::new("configured", Kind::TwoPeople, None, two_people.into_iter().map(whole)),
        ];
        Self::of(given.into_iter().map(Arc::new))
    }

    /// The small lists built in, plus `given`; an empty one is left out.
    pub fn of(given: impl IntoIterator<Item = Arc<List>>) -> Self {
        let given = given.into_iter().filter(|list| !list.is_empty());
        let lists: Vec<Arc<List>> = built_in().map(Arc::new).chain(given).collect();
        let version = version(&lists);
        Self { lists, version }
    }

    /// What names this content: the same lists give the same version, in whatever order.
    pub fn version(&self) -> ListsVersion {
        self.version
    }

    /// Each list with the number of its names.
    pub fn each(&self) -> impl Iterator<Item = (&ListName, usize)> {
        self.lists.iter().map(|list| (list.name(), list.len()))
    }

    /// Why no order may ever block `target`, if so: lets a new list release
    /// the blocks that it now protects.
    pub fn refusal(&self, target: &Target, suffixes: &impl Suffixes) -> Option<Finding> {
        refusal::of_name(target, suffixes).or_else(|| {
            self.kind(Kind::Own)
                .chain(self.kind(Kind::NeverBlock))
                .find_map(|list| refusal::of_list(target, list))
        })
    }

    /// Why a block of `target` takes two people, if so.
    pub fn second(&self, target: &Target, suffixes: &impl Suffixes) -> Option<Finding> {
        self.seconds(target, suffixes).next()
    }

    /// All that is to be said of a block of `target`.
    pub fn opinion(&self, target: &Target, suffixes: &impl Suffixes) -> Opinion {
        let hard = self.kind(Kind::Own).chain(self.kind(Kind::NeverBlock));
        let refused: Vec<Finding> = refusal::of_name(target, suffixes)
            .into_iter()
            .chain(hard.filter_map(|list| refusal::of_list(target, list)))
            .collect();
        if !refused.is_empty() {
            return Opinion::Refused(refused);
        }
        let two: Vec<Finding> = self.seconds(target, suffixes).collect();
        if two.is_empty() { Opinion::Free } else { Opinion::TwoPeople(two) }
    }

    /// Whether strangers have sites of their own below `name`, by a list.
    pub(crate) fn is_shared(&self, name: &str) -> bool {
        self.kind(Kind::Shared).any(|list| list.names.find(name).is_some())
    }

    pub(crate) fn kind(&self, kind: Kind) -> impl Iterator<Item = &List> {
        self.lists.iter().map(Arc::as_ref).filter(move |list| list.name.kind == kind)
    }

    fn seconds<'a>(
        &'a self,
        target: &'a Target,
        suffixes: &impl Suffixes,
    ) -> impl Iterator<Item = Finding> + 'a {
        let (suffix, _) = suffixes.suffix(target.name());
        let listed = self.kind(Kind::TwoPeople).filter_map(|list| second::of_list(target, list));
        let shared = self.kind(Kind::Shared).filter_map(|list| second::of_shared(target, list));
        let used = self.kind(Kind::Popular).chain(self.kind(Kind::Old));
        let used = used.filter_map(move |list| second::of_used(target, list, self, &suffix));
        listed.chain(shared).chain(used)
    }
}

fn built_in() -> impl Iterator<Item = List> {
    [
        (Kind::NeverBlock, include_str!("../lists/never-block.txt")),
        (Kind::TwoPeople, include_str!("../lists/two-people.txt")),
        (Kind::Shared, include_str!("../lists/shared.txt")),
    ]
    .into_iter()
    .map(|(kind, text)| {
        let parsed = Format::Plain.read(text.as_bytes(), None);
        let entries = parsed.expect("a test reads the built-in lists").entries;
        List::new(BUILT_IN, kind, None, entries)
    })
}

fn version(lists: &[Arc<List>]) -> ListsVersion {
    let mut digests: Vec<[u8; 32]> = lists.iter().map(|list| list.digest).collect();
    digests.sort_unstable();
    digests.dedup();
    let mut hash = Sha256::new();
    for digest in digests {
        hash.update(digest);
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
        for text in [
            include_str!("../lists/never-block.txt"),
            include_str!("../lists/two-people.txt"),
            include_str!("../lists/shared.txt"),
        ] {
            let entries = Format::Plain.read(text.as_bytes(), None).unwrap().entries;
            assert!(entries.len() > 80, "only {} entries", entries.len());
            for (name, reach) in &entries {
                let written = match reach {
                    Reach::Exact => format!("={name}"),
                    Reach::Subtree => name.to_string(),
                };
                let lines = text.lines().filter(|line| line.trim() == written).count();
                assert_eq!(lines, 1, "{name} is listed twice, or not in canonical form");
                let idle = *reach == Reach::Exact && EmbeddedSuffixes.is_suffix(name);
                assert!(!idle, "{name} is refused anyway, as a suffix");
            }
        }
    }

    #[test]
    fn what_lies_below_a_built_in_shared_name_is_no_suffix_yet() {
        let lists = never(&[]);
        for list in lists.kind(Kind::Shared) {
            for line in list.names.canonical() {
                let name = name(line.trim_end());
                assert!(!EmbeddedSuffixes.is_suffix(&name), "{name} is a suffix: leave it out");
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
        assert_ne!(version(&[]), version(&["amazonaws.com"]));
        assert_eq!(version(&[]), Lists::of([]).version());
        assert_eq!(version(&[]).to_string().len(), 64);
        let list =
            |text| Arc::new(List::new(text, Kind::Old, None, [(name("a.example"), Reach::Exact)]));
        let other = Arc::new(List::new("o", Kind::Old, None, [(name("b.example"), Reach::Exact)]));
        let both = Lists::of([list("x"), other.clone()]).version();
        assert_eq!(both, Lists::of([other, list("y"), list("x")]).version());
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
        let found = never(&["shop.example"]).refusal(&blocked, &EmbeddedSuffixes).unwrap();
        assert_eq!(found.rule, crate::Rule::NeverBlock);
        assert_eq!(found.list.map(|list| list.name).as_deref(), Some("configured"));
    }

    /// `rule list` of every finding, or `free`.
    fn opinion(lists: &Lists, target: &Target) -> String {
        let told = |findings: Vec<Finding>| {
            let told = |finding: &Finding| {
                let list = finding.list.as_ref().map_or("-", |list| list.name.as_str());
                format!("{} {list}", finding.rule)
            };
            findings.iter().map(told).collect::<Vec<_>>().join(", ")
        };
        match lists.opinion(target, &EmbeddedSuffixes) {
            Opinion::Free => "free".to_owned(),
            Opinion::TwoPeople(findings) => format!("two: {}", told(findings)),
            Opinion::Refused(findings) => format!("refused: {}", told(findings)),
        }
    }

    #[test]
    fn popular_and_old_names_take_two_people_up_to_where_strangers_have_sites() {
        let list = |text: &str, kind, names: &[(&str, Reach)]| {
            let entries = names.iter().map(|(text, reach)| (name(text), *reach));
            Arc::new(List::new(text, kind, None, entries))
        };
        let (wide, exact) = (Reach::Subtree, Reach::Exact);
        let popular = [("shop.example", wide), ("sites.example", wide), ("vercel.app", wide)];
        let lists = Lists::of([
            list("ranking", Kind::Popular, &popular),
            list("ranking of 2020", Kind::Old, &[("club.example", exact), ("shop.example", exact)]),
            list("builders", Kind::Shared, &[("sites.example", wide)]),
        ]);
        let check = |target: Target, expect: &str| assert_eq!(opinion(&lists, &target), expect);
        let (host, whole) = (|text| Target::Host(name(text)), |text| Target::Domain(name(text)));
        check(host("shop.example"), "two: popular ranking, old ranking of 2020");
        check(host("pay.shop.example"), "two: popular ranking");
        check(host("www.club.example"), "two: old ranking of 2020");
        check(host("mail.club.example"), "free");
        check(whole("club.example"), "two: old ranking of 2020");
        check(host("sites.example"), "two: shared-parent builders, popular ranking");
        check(host("evil.sites.example"), "free");
        check(whole("evil.sites.example"), "free");
        check(host("evil.vercel.app"), "free");
        check(host("vercel.app"), "refused: public-suffix -");
        check(host("evil.example"), "free");
    }
}
