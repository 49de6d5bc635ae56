//! Zones and their versions, as a secondary sees them.

use belfry_indicator::Domain;
use belfry_journal::{Category, OperatorName};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::secondary::{Ask, Replica, Update};
use crate::testing::{entry, fetch, follow, settings, zone, zones};
use crate::zones::{Selection, ZoneKind, Zones, read};

fn names(zones: &Zones, label: &str) -> Vec<String> {
    let view = read(&zone(zones, label)).view();
    view.names().map(|(path, _)| path.to_text()).collect()
}

#[test]
fn each_order_is_in_its_zones() {
    let zones = zones(&[
        "block a.example",
        "malware b.example",
        "allow c.example",
        "shadow d.example",
        "only-isp e.example",
    ]);
    assert_eq!(names(&zones, "phishing"), ["a.example"]);
    assert_eq!(names(&zones, "malware"), ["b.example"]);
    assert_eq!(names(&zones, "allow"), ["c.example"]);
    assert_eq!(names(&zones, "shadow"), ["d.example"]);
    assert_eq!(names(&zones, "all"), ["a.example", "b.example", "c.example"]);
    let serials = ["phishing", "malware", "allow", "shadow", "all", "fake-shop"]
        .map(|label| read(&zone(&zones, label)).serial().0);
    assert_eq!(serials, [1, 2, 3, 4, 3, 0]);
}

#[test]
fn a_name_is_looked_up_as_a_resolver_does() {
    let zones = zones(&["block a.example", "block *.b.example", "allow c.b.example", "release 9"]);
    let says = |text: &str| read(&zone(&zones, "all")).says(&Domain::parse(text).unwrap());
    for (name, policy) in [
        ("a.example", Policy::Block),
        ("x.a.example", Policy::None),
        ("b.example", Policy::Block),
        ("y.x.b.example", Policy::Block),
        ("c.b.example", Policy::Pass),
        ("example", Policy::None),
        ("other.example", Policy::None),
    ] {
        assert_eq!(says(name), policy, "{name}");
    }
}

fn selection(name: &str) -> Selection {
    let operator = OperatorName::parse(name).unwrap();
    Selection { operator, categories: BTreeSet::from([Category::Phishing]) }
}

#[test]
fn an_operator_takes_what_it_selected_and_what_is_for_it_alone() {
    let texts = ["block a.example", "malware b.example", "only-isp e.example", "allow c.example"];
    let mut zones = zones(&texts);
    let selections = [(selection("isp"), Serial(5)), (selection("other"), Serial(6))];
    zones.select(&selections);
    for (serial, text) in [(5, "view"), (6, "view"), (7, "only-isp f.example")] {
        zones.apply(&entry(serial, text)).unwrap();
    }
    assert_eq!(names(&zones, "isp.operator"), ["a.example", "c.example", "e.example", "f.example"]);
    assert_eq!(names(&zones, "other.operator"), ["a.example", "c.example"]);
    let serials = |zones: &Zones| {
        ["isp", "other"].map(|name| read(&zone(zones, &format!("{name}.operator"))).serial().0)
    };
    assert_eq!(serials(&zones), [7, 6]);
    // After a restart of the hub, the same journal makes the same versions.
    let mut again = Zones::new(settings()).unwrap();
    again.select(&selections);
    let more = ["view", "view", "only-isp f.example"];
    for (serial, text) in (1..).zip(texts.iter().chain(&more)) {
        again.apply(&entry(serial, text)).unwrap();
    }
    assert_eq!(serials(&again), [7, 6]);
    again.select(&[(selection("isp"), Serial(5)), (selection(&"x".repeat(33)), Serial(5))]);
    assert_eq!(again.iter().count(), ZoneKind::public().len() + 1);
}

#[test]
fn other_settings_are_a_new_version_of_every_zone() {
    let mut zones = zones(&["block a.example", "block b.example"]);
    let change = belfry_journal::ViewChange {
        at: belfry_journal::UnixMillis(1),
        digest: settings().digest(),
    };
    let body = belfry_journal::Body::View(change);
    zones.apply(&belfry_journal::Entry::new(Serial(3), [1; 32], &body)).unwrap();
    let update = fetch(&zones, "phishing", Ask::Since(2)).unwrap();
    assert!(matches!(update, Update::Whole { serial: 3, .. }), "{update:?}");
}

#[test]
fn two_orders_for_a_name_are_one_policy_and_the_last_release_frees_it() {
    let mut zones = zones(&["block a.example", "malware a.example"]);
    assert_eq!(read(&zone(&zones, "all")).serial(), Serial(1));
    zones.apply(&entry(3, "release 1")).unwrap();
    assert_eq!(names(&zones, "all"), ["a.example"]);
    zones.apply(&entry(4, "release 2")).unwrap();
    assert_eq!(names(&zones, "all"), [""; 0]);
    assert_eq!(read(&zone(&zones, "all")).serial(), Serial(4));
}

#[test]
fn a_name_too_long_for_the_zone_is_counted_and_comes_back_with_nothing() {
    let long = format!("{0}.{0}.{0}.{1}.example", "a".repeat(63), "b".repeat(38));
    let mut zones = zones(&[&format!("block {long}"), "block short.example"]);
    let figures = read(&zone(&zones, "phishing")).figures();
    assert_eq!((figures.names, figures.records, figures.defects), (1, 1, 1));
    // In a zone of a shorter name it fits.
    assert_eq!(read(&zone(&zones, "all")).figures().defects, 0);
    zones.apply(&entry(3, "release 1")).unwrap();
    assert_eq!(read(&zone(&zones, "phishing")).figures().defects, 0);
}

#[test]
fn a_difference_is_one_step_and_names_that_came_and_went_are_not_in_it() {
    let mut zones = zones(&["block a.example"]);
    (2..40).for_each(|n| {
        zones.apply(&entry(n, &format!("block n{n}.example"))).unwrap();
    });
    zones.apply(&entry(40, "block gone.example")).unwrap();
    zones.apply(&entry(41, "release 40")).unwrap();
    zones.apply(&entry(42, "release 1")).unwrap();
    let update = fetch(&zones, "phishing", Ask::Since(39)).unwrap();
    let Update::Changes { serial: 42, steps } = update else { panic!("{update:?}") };
    let [step] = &steps[..] else { panic!("{} steps", steps.len()) };
    // SOA and canary on both sides, and the one name that went.
    assert_eq!((step.gone.len(), step.come.len()), (3, 2));
    assert_eq!(fetch(&zones, "phishing", Ask::Since(42)), Ok(Update::UpToDate));
}

#[test]
fn the_whole_zone_comes_where_a_version_is_not_known_or_a_difference_is_longer() {
    let zones = zones(&["block a.example", "malware b.example", "block c.example"]);
    for since in [1, 2, 77, u32::MAX] {
        let update = fetch(&zones, "phishing", Ask::Since(since)).unwrap();
        assert!(matches!(update, Update::Whole { serial: 3, .. }), "{since}: {update:?}");
    }
}

#[test]
fn after_a_restore_every_secondary_takes_the_whole_zone() {
    let mut zones = zones(&["block a.example"]);
    (2..30).for_each(|n| {
        zones.apply(&entry(n, &format!("block n{n}.example"))).unwrap();
    });
    zones.apply(&entry(30, "restored")).unwrap();
    for label in ["phishing", "shadow"] {
        for since in [0, 28, 29] {
            let update = fetch(&zones, label, Ask::Since(since)).unwrap();
            assert!(matches!(update, Update::Whole { serial: 30, .. }), "{label} {since}");
        }
    }
}

fn any_text() -> impl Strategy<Value = String> {
    let names = select(vec![
        "evil.example",
        "*.evil.example",
        "a.evil.example",
        "*.b.a.evil.example",
        "other.test",
        "*.x.other.test",
    ]);
    let verbs = select(vec!["block", "block", "malware", "allow", "shadow"]);
    prop_oneof![
        3 => (verbs, names).prop_map(|(verb, name)| format!("{verb} {name}")),
        1 => (1_u64..40).prop_map(|of| format!("release {of}")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Also where the SOA serial passes 2^32 on the way.
    #[test]
    fn whoever_joins_late_ends_equal_to_whoever_followed(
        texts in vec(any_text(), 1..40),
        stops in vec(any::<bool>(), 40),
        wraps in any::<bool>(),
    ) {
        let base = if wraps { u64::from(u32::MAX) - 15 } else { 0 };
        let mut zones = Zones::new(settings()).unwrap();
        zones.start_at(Serial(base));
        let labels = ["all", "phishing", "allow", "shadow"];
        let mut early = [(); 4].map(|()| Replica::default());
        for ((serial, text), stop) in (base + 1..).zip(&texts).zip(stops) {
            let text = match text.strip_prefix("release ") {
                Some(of) => format!("release {}", base + of.parse::<u64>().unwrap()),
                None => text.clone(),
            };
            zones.apply(&entry(serial, &text)).unwrap();
            if stop {
                for (label, replica) in labels.iter().zip(&mut early) {
                    follow(&zones, label, replica);
                }
            }
        }
        for (label, replica) in labels.iter().zip(&mut early) {
            follow(&zones, label, replica);
            let mut late = Replica::default();
            follow(&zones, label, &mut late);
            prop_assert_eq!(late.serial(), replica.serial());
            let sorted = |replica: &Replica| {
                let mut all: Vec<_> = replica
                    .records()
                    .map(|(owner, kind, data)| (owner.to_vec(), kind, data.to_vec()))
                    .collect();
                all.sort();
                all
            };
            prop_assert_eq!(sorted(&late), sorted(replica));
            let figures = read(&zone(&zones, label)).figures();
            // SOA, NS and canary besides.
            prop_assert_eq!(late.len() as u64, figures.records + 3);
        }
    }
}

#[test]
fn a_zone_that_is_too_deep_is_refused() {
    let origin = Domain::parse(&format!("{}.test", "o".repeat(60))).unwrap();
    let refused = Zones::new(RecordSettings { origin, ..settings() });
    assert!(refused.is_err());
}
