//! The fold is that of the effective set: what replaces what, and what a release takes away.

use belfry_journal::{Body, EffectiveSet, Entry};
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::testing::entry;

fn order(serial: u64, text: &str) -> Order {
    match entry(serial, text).decode().unwrap() {
        Body::Order(order) => order,
        other => panic!("{text} is no order: {other:?}"),
    }
}

fn folded(texts: &[&str]) -> Holdings {
    let mut holdings = Holdings::default();
    for (serial, text) in (1..).zip(texts) {
        holdings.fold(Serial(serial), &order(serial, text));
    }
    holdings
}

/// The names that hold, in order, with how many orders each.
fn check(texts: &[&str], expected: &[(&str, usize)]) {
    let holdings = folded(texts);
    let held: Vec<(String, usize)> =
        holdings.within(&[]).map(|(path, held)| (path.to_text(), held.len())).collect();
    let expected: Vec<_> = expected.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect();
    assert_eq!(held, expected, "{texts:?}");
    assert_eq!(holdings.len(), expected.iter().map(|(_, n)| n).sum::<usize>());
    assert_eq!(holdings.is_empty(), expected.is_empty());
}

#[test]
fn one_order_holds_for_a_name_width_category_and_mode() {
    check(&[], &[]);
    check(&["block a.example", "block a.example"], &[("a.example", 1)]);
    check(&["block a.example", "block *.a.example"], &[("a.example", 2)]);
    check(&["block a.example", "malware a.example"], &[("a.example", 2)]);
    check(&["block a.example", "shadow a.example"], &[("a.example", 2)]);
    check(&["block a.example", "allow a.example"], &[("a.example", 1)]);
}

#[test]
fn a_release_takes_the_order_that_it_names_and_no_other() {
    check(&["block a.example", "release 1"], &[]);
    check(&["block a.example", "block b.example", "release 1"], &[("b.example", 1)]);
    // The first was replaced: its release is of nothing.
    check(&["block a.example", "block a.example", "release 1"], &[("a.example", 1)]);
    check(&["block a.example", "release 1", "release 1"], &[]);
    check(&["block a.example", "release 7"], &[("a.example", 1)]);
}

#[test]
fn what_is_at_and_below_a_name_is_found_and_not_its_neighbour() {
    let holdings = folded(&[
        "block a.example",
        "block b.a.example",
        "block a-x.example",
        "block example.test",
    ]);
    let names = |text: &str| -> Vec<String> {
        let path = Path::of(&belfry_indicator::Domain::parse(text).unwrap());
        holdings.within(path.as_bytes()).map(|(path, _)| path.to_text()).collect()
    };
    assert_eq!(names("a.example"), ["a.example", "b.a.example"]);
    assert_eq!(names("b.a.example"), ["b.a.example"]);
    assert_eq!(names("none.example"), Vec::<String>::new());
    let at = |text: &str| {
        holdings.at(Path::of(&belfry_indicator::Domain::parse(text).unwrap()).as_bytes()).len()
    };
    assert_eq!((at("a.example"), at("x.a.example")), (1, 0));
}

fn text() -> impl Strategy<Value = String> {
    let verb = prop::sample::select(vec!["block", "allow", "malware", "shadow", "only-isp"]);
    let name = prop::sample::select(vec![
        "a.example",
        "b.a.example",
        "*.a.example",
        "c.b.a.example",
        "*.example.test",
        "x.example.test",
    ]);
    prop_oneof![
        4 => (verb, name).prop_map(|(verb, name)| format!("{verb} {name}")),
        1 => (1_u64..40).prop_map(|of| format!("release {of}")),
    ]
}

proptest! {
    #[test]
    fn it_holds_what_the_effective_set_holds(texts in vec(text(), 0..40)) {
        let (mut set, mut holdings) = (EffectiveSet::new(), Holdings::default());
        for (serial, text) in (1..).zip(&texts) {
            let entry: Entry = entry(serial, text);
            set.apply(&entry).unwrap();
            holdings.fold(Serial(serial), &order(serial, text));
        }
        let mut ours: Vec<Serial> = holdings.serials.keys().copied().collect();
        let mut theirs: Vec<Serial> = set.iter().map(|(_, held)| held.serial).collect();
        ours.sort_unstable();
        theirs.sort_unstable();
        prop_assert_eq!(ours, theirs);
        for path in holdings.serials.values() {
            prop_assert!(!holdings.at(path.as_bytes()).is_empty());
        }
    }
}
