//! Which zone shows which order, under which name, and from which entry on.

use std::collections::BTreeSet;

use belfry_journal::{Category, OperatorName};

use super::*;
use crate::name::Path;
use crate::testing::{entry, settings, zone, zones};

fn isp(categories: &[Category]) -> Selection {
    let operator = OperatorName::parse("isp").unwrap();
    Selection { operator, categories: categories.iter().copied().collect() }
}

/// What each public zone and the operator's own say about `a.example` after one order.
fn check(text: &str, expected: &[(&str, Policy)]) {
    let mut all = zones(&[text]);
    all.select(&[(isp(&[Category::Phishing]), Serial(1))]);
    let path = Path::of(&Domain::parse("a.example").unwrap());
    let mut said = Vec::new();
    for zone in all.iter() {
        let zone = read(zone);
        let policy = zone.view().published.get(path.as_bytes()).exact;
        if policy != Policy::None {
            said.push((zone.kind().label().to_owned(), policy));
        }
    }
    let expected: Vec<_> =
        expected.iter().map(|(label, policy)| ((*label).to_owned(), *policy)).collect();
    assert_eq!(said, expected, "{text}");
}

#[test]
fn an_order_is_in_the_zones_that_it_is_for() {
    let (block, pass) = (Policy::Block, Policy::Pass);
    check("block a.example", &[("phishing", block), ("all", block), ("isp", block)]);
    check("malware a.example", &[("malware", block), ("all", block)]);
    check("allow a.example", &[("allow", pass), ("all", pass), ("isp", pass)]);
    check("shadow a.example", &[("shadow", pass)]);
    check("only-isp a.example", &[("isp", block)]);
    check("block *.a.example", &[("phishing", block), ("all", block), ("isp", block)]);
}

#[test]
fn zones_stand_in_order_of_precedence_and_are_named_below_the_origin() {
    let origin = Domain::parse("rpz.test").unwrap();
    let names: Vec<String> =
        ZoneKind::public().iter().map(|kind| kind.apex(&origin).to_string()).collect();
    assert_eq!(names.first().unwrap(), "allow.rpz.test");
    assert_eq!(names[names.len() - 2..], ["shadow.rpz.test", "all.rpz.test"]);
    assert_eq!(names.len(), Category::ALL.len() + 3);
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    let own = ZoneKind::Operator(isp(&[]));
    assert_eq!(own.apex(&origin).to_string(), "isp.operator.rpz.test");
}

#[test]
fn an_entry_out_of_order_changes_nothing() {
    let mut all = zones(&["block a.example"]);
    let wrong = all.apply(&entry(3, "block b.example"));
    assert_eq!(wrong, Err(ZonesError::Order { last: Serial(1), got: Serial(3) }));
    let again = all.apply(&entry(1, "block b.example"));
    assert_eq!(again, Err(ZonesError::Order { last: Serial(1), got: Serial(1) }));
    assert_eq!(all.serial(), Serial(1));
    assert_eq!(read(&zone(&all, "phishing")).serial(), Serial(1));
}

#[test]
fn only_the_zones_that_an_order_is_in_are_a_new_version() {
    let mut all = zones(&["block a.example", "malware b.example"]);
    let serial = |all: &Zones, label: &str| read(&zone(all, label)).serial();
    assert_eq!(serial(&all, "phishing"), Serial(1));
    assert_eq!((serial(&all, "malware"), serial(&all, "all")), (Serial(2), Serial(2)));
    assert_eq!(serial(&all, "shadow"), Serial(0));
    assert_eq!(all.apply(&entry(3, "release 9")), Ok(false));
    assert_eq!((all.serial(), serial(&all, "all")), (Serial(3), Serial(2)));
}

#[test]
fn a_restored_hub_and_another_view_make_every_zone_a_new_version() {
    let own_digest = settings().digest();
    for text in ["restored", "view"] {
        let mut all = zones(&["block a.example"]);
        let made = match text {
            "restored" => entry(2, text),
            _ => {
                let change = belfry_journal::ViewChange {
                    at: belfry_journal::UnixMillis(1),
                    digest: own_digest,
                };
                Entry::new(Serial(2), [1; 32], &Body::View(change))
            }
        };
        assert_eq!(all.apply(&made), Ok(true));
        let serials: Vec<_> = all.iter().map(|zone| read(zone).serial()).collect();
        assert_eq!(serials, vec![Serial(2); serials.len()], "{text}");
    }
}

#[test]
fn a_selection_is_served_from_the_entry_of_its_change_on() {
    let mut all = zones(&["block a.example"]);
    let apex = Domain::parse("isp.operator.rpz.test").unwrap();
    all.select(&[(isp(&[Category::Phishing]), Serial(2))]);
    assert!(all.find(&apex).is_none());
    all.apply(&entry(2, "view")).unwrap();
    assert_eq!(read(all.find(&apex).unwrap()).serial(), Serial(2));
    // Another selection is another zone, and without one there is none.
    all.select(&[(isp(&[Category::Malware]), Serial(3))]);
    assert!(all.find(&apex).is_none());
    all.apply(&entry(3, "view")).unwrap();
    let path = Path::of(&Domain::parse("a.example").unwrap());
    assert!(read(all.find(&apex).unwrap()).view().published.get(path.as_bytes()).is_nothing());
    all.select(&[]);
    assert!(all.find(&apex).is_none());
}

#[test]
fn names_that_leave_no_room_are_refused_or_left_out() {
    let long = Domain::parse(&format!("{}.test", "o".repeat(60))).unwrap();
    let refused = Zones::new(RecordSettings { origin: long.clone(), ..settings() });
    assert_eq!(refused.unwrap_err(), ZonesError::Origin(long));
    let mut all = zones(&["block a.example"]);
    let operator = OperatorName::parse(&"i".repeat(OPERATOR_MAX)).unwrap();
    let selection = Selection { operator, categories: BTreeSet::new() };
    all.select(&[(selection, Serial(1))]);
    assert_eq!(all.iter().count(), ZoneKind::public().len() + 1);
}
