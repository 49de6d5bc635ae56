//! A zone for files: what it says, and that a patch before an earlier view says the same.

use std::collections::BTreeSet;

use belfry_indicator::Domain;
use belfry_journal::{Body, EffectiveSet, Entry};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::testing::{entry, settings};
use crate::zones::Selection;

fn alone() -> ZoneAlone {
    let operator = belfry_journal::OperatorName::parse("isp").unwrap();
    let categories = BTreeSet::from([Category::Phishing]);
    ZoneAlone::new(ZoneKind::Operator(Selection { operator, categories }), settings()).unwrap()
}

/// A zone that follows, as a follower hands changes on.
struct Followed {
    set: EffectiveSet,
    zone: ZoneAlone,
}

impl Followed {
    fn new() -> Self {
        Self { set: EffectiveSet::new(), zone: alone() }
    }

    fn take(&mut self, text: &str) {
        let entry: Entry = entry(self.set.serial().0 + 1, text);
        match self.set.apply(&entry).unwrap() {
            belfry_journal::Change::Set(key) => {
                let held = self.set.get(&key).unwrap();
                self.zone.hold(held.serial, &held.order);
            }
            belfry_journal::Change::Removed(key) => {
                self.zone.let_go(&key.target, key.category, key.mode);
            }
            belfry_journal::Change::None => {}
        }
        assert!(matches!(entry.decode(), Ok(Body::Order(_))));
    }

    fn says(&self, name: &str) -> Policy {
        self.zone.view().resolved(&path(name)).exact
    }
}

fn path(name: &str) -> Path {
    Path::of(&Domain::parse(name).unwrap())
}

/// What a server answers that asks the patch first: the name, else the nearest wildcard above.
fn looked_up(patch: &Patch, base: &View, name: &Path) -> Policy {
    let here = patch.get(name).and_then(|said| said.exact);
    let above: Vec<&[u8]> = name.ancestors().collect();
    let mut wild = above.into_iter().rev().filter_map(|above| patch.get(above)?.below);
    here.or_else(|| wild.next()).unwrap_or_else(|| base.resolved(name).exact)
}

#[test]
fn only_what_is_for_this_operator_and_its_categories_is_in_it() {
    let mut followed = Followed::new();
    for text in ["block a.example", "malware b.example", "shadow c.example", "only-isp *.d.example"]
    {
        followed.take(text);
    }
    let policies = ["a.example", "b.example", "c.example", "x.d.example"].map(|n| followed.says(n));
    assert_eq!(policies, [Policy::Block, Policy::None, Policy::None, Policy::Block]);
    assert_eq!(followed.zone.holdings.len(), 2);
    followed.take("release 4");
    assert_eq!(followed.says("x.d.example"), Policy::None);
}

#[test]
fn a_patch_names_what_changed_and_what_it_would_hide() {
    let mut followed = Followed::new();
    followed.take("block a.example");
    followed.take("allow ok.b.example");
    let base = followed.zone.view();
    assert_eq!(followed.zone.patch(&base, 0), Some(Patch::new()));
    followed.take("release 1");
    followed.take("block *.b.example");
    let patch = followed.zone.patch(&base, 10).unwrap();
    let said = |exact, below| Said { exact: Some(exact), below: Some(below) };
    let expected = Patch::from([
        (path("a.example"), Said { exact: Some(Policy::None), below: None }),
        (path("b.example"), said(Policy::Block, Policy::Block)),
        (path("ok.b.example"), said(Policy::Pass, Policy::Block)),
    ]);
    assert_eq!(patch, expected);
    assert_eq!(followed.zone.patch(&base, 2), None, "more names than are wanted");
}

#[test]
fn a_zone_made_anew_can_patch_no_earlier_view() {
    let mut followed = Followed::new();
    followed.take("block a.example");
    let base = followed.zone.view();
    followed.zone.replace(followed.set.iter().map(|(_, held)| (held.serial, held.order)));
    assert_eq!(followed.zone.patch(&base, 10), None);
    assert_eq!(followed.says("a.example"), Policy::Block);
    let base = followed.zone.view();
    assert_eq!(followed.zone.patch(&base, 10), Some(Patch::new()));
}

const TEXTS: [&str; 14] = [
    "block evil.example",
    "block *.evil.example",
    "block a.evil.example",
    "block *.a.evil.example",
    "block b.a.evil.example",
    "allow a.evil.example",
    "allow *.a.evil.example",
    "allow c.b.a.evil.example",
    "allow evil.example",
    "only-isp *.b.a.evil.example",
    "block *.example",
    "malware *.evil.example",
    "shadow evil.example",
    "block other.example",
];

proptest! {
    #[test]
    fn a_patch_before_any_earlier_view_says_what_holds_now(
        steps in vec((select(&TEXTS[..]), any::<bool>(), 1_u64..30), 1..30),
        taken in 0_usize..30,
    ) {
        let mut followed = Followed::new();
        let mut base = followed.zone.view();
        for (number, (text, releases, of)) in steps.iter().enumerate() {
            if number == taken {
                base = followed.zone.view();
            }
            let release = format!("release {of}");
            followed.take(if *releases { &release } else { text });
            let patch = followed.zone.patch(&base, 1_000).unwrap();
            let mut whole = alone();
            whole.replace(followed.set.iter().map(|(_, held)| (held.serial, held.order)));
            for name in ["example", "evil.example", "x.evil.example", "a.evil.example",
                "x.a.evil.example", "b.a.evil.example", "x.b.a.evil.example",
                "c.b.a.evil.example", "x.c.b.a.evil.example", "other.example", "x.other.example"]
            {
                let expected = whole.view().resolved(&path(name)).exact;
                prop_assert_eq!(followed.says(name), expected, "{} by the zone", name);
                let found = looked_up(&patch, &base, &path(name));
                prop_assert_eq!(found, expected, "{} by the patch", name);
            }
        }
    }
}
