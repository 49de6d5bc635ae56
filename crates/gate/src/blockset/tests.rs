//! The set against a list that is searched whole, over random orders.

use belfry_journal::{PublicReason, Serial, UnixMillis};
use proptest::prelude::*;

use super::*;

fn wire(text: &str) -> Vec<u8> {
    belfry_indicator::Domain::parse(text).unwrap().to_wire()
}

fn rule(serial: u64, subtree: bool, category: Category, effect: Effect) -> Rule {
    Rule {
        slot: Slot { subtree, category, shadow: effect == Effect::Shadow },
        effect,
        keeps_mail: false,
        serial: Serial(serial),
        reason: PublicReason::Impersonation,
        issued_at: UnixMillis(0),
        valid_until: UnixMillis(1),
    }
}

/// Serials of the allow, the block and the shadow order found.
fn found(set: &BlockSet, name: &str) -> [Option<u64>; 3] {
    let finding = set.find(&wire(name));
    [finding.allow, finding.block, finding.shadow].map(|hit| hit.map(|hit| hit.rule.serial.0))
}

#[test]
fn an_exact_rule_covers_its_name_and_a_subtree_rule_all_below() {
    let set = BlockSet::new(*b"0123456789abcdef");
    set.set(&wire("host.example"), rule(1, false, Category::Phishing, Effect::Block));
    set.set(&wire("zone.example"), rule(2, true, Category::Phishing, Effect::Block));
    assert_eq!(found(&set, "host.example"), [None, Some(1), None]);
    assert_eq!(found(&set, "www.host.example"), [None, None, None]);
    assert_eq!(found(&set, "zone.example"), [None, Some(2), None]);
    assert_eq!(found(&set, "a.b.zone.example"), [None, Some(2), None]);
    assert_eq!(found(&set, "otherzone.example"), [None, None, None]);
}

#[test]
fn allow_wins_then_category_then_the_longer_name() {
    let set = BlockSet::new(*b"0123456789abcdef");
    set.set(&wire("zone.example"), rule(1, true, Category::Phishing, Effect::Block));
    set.set(&wire("a.zone.example"), rule(2, true, Category::Malware, Effect::Block));
    set.set(&wire("b.zone.example"), rule(3, true, Category::Phishing, Effect::Block));
    set.set(&wire("c.zone.example"), rule(4, true, Category::OtherFraud, Effect::Allow));
    set.set(&wire("zone.example"), rule(5, true, Category::Malware, Effect::Shadow));
    assert_eq!(found(&set, "x.a.zone.example"), [None, Some(1), Some(5)]);
    assert_eq!(found(&set, "x.b.zone.example"), [None, Some(3), Some(5)]);
    assert_eq!(found(&set, "x.c.zone.example"), [Some(4), None, None]);
}

#[test]
fn a_slot_holds_one_rule_and_can_be_emptied() {
    let set = BlockSet::new(*b"0123456789abcdef");
    let name = wire("host.example");
    let first = rule(1, false, Category::Phishing, Effect::Block);
    set.set(&name, first);
    set.set(&name, rule(2, false, Category::Phishing, Effect::Block));
    assert_eq!((found(&set, "host.example"), set.len()), ([None, Some(2), None], 1));
    set.remove(&name, Slot { subtree: true, ..first.slot });
    assert_eq!(set.len(), 1);
    set.remove(&name, first.slot);
    set.remove(&name, first.slot);
    assert_eq!((found(&set, "host.example"), set.len()), ([None, None, None], 0));
}

/// Enough orders to pass through all levels, some of them taken back on the way.
#[test]
fn names_that_sink_to_the_base_hold_as_before() {
    let set = BlockSet::new(*b"0123456789abcdef");
    let name = |number: u64| wire(&format!("host-{number}.example"));
    let total = 3 * *MIDDLE_NAMES.start() as u64;
    for number in 0..total {
        set.set(&name(number), rule(number + 1, false, Category::Phishing, Effect::Block));
        if number % 3 == 2 {
            let slot = Slot { subtree: false, category: Category::Phishing, shadow: false };
            assert!(set.remove(&name(number / 2), slot).is_some() || number / 2 % 3 != 0);
        }
    }
    let state = set.now();
    assert!(state.levels[2].len() > 0, "the base has taken names in");
    assert!(state.levels[0].len() <= TOP_NAMES_MAX);
    let held = (0..total).filter(|number| set.find(&name(*number)).block.is_some()).count();
    assert_eq!(held, set.len());
    for number in total - 10..total {
        let hit = set.find(&name(number)).block.unwrap();
        assert_eq!(hit.rule.serial.0, number + 1);
    }
}

#[test]
fn every_change_has_a_version_of_its_own() {
    let set = BlockSet::new(*b"0123456789abcdef");
    let before = set.now().version;
    set.set(&wire("a.example"), rule(1, false, Category::Phishing, Effect::Block));
    let after = set.now().version;
    set.replace(std::iter::empty());
    assert!(before < after && after < set.now().version);
}

const LABELS: [&str; 3] = ["a", "b", "c"];
const CATEGORIES: [Category; 3] = [Category::Phishing, Category::Malware, Category::OtherFraud];
const EFFECTS: [Effect; 3] = [Effect::Allow, Effect::Block, Effect::Shadow];

fn names() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&LABELS), 1..5).prop_map(|labels| labels.join("."))
}

/// A set of a rule, or the removal of its slot.
fn steps() -> impl Strategy<Value = Vec<(String, bool, Category, Effect, bool)>> {
    let step = (
        names(),
        any::<bool>(),
        prop::sample::select(&CATEGORIES),
        prop::sample::select(&EFFECTS),
        prop::bool::weighted(0.3),
    );
    prop::collection::vec(step, 0..40)
}

/// What the words of DESIGN 4 say, by looking at every rule.
fn naive(rules: &[(String, Rule)], name: &str) -> [Option<u64>; 3] {
    let covers = |(target, rule): &&(String, Rule)| {
        target == name || rule.slot.subtree && name.ends_with(&format!(".{target}"))
    };
    let best = |effect: Effect| {
        let all = rules.iter().filter(covers).filter(|(_, rule)| rule.effect == effect);
        let rank = |(target, rule): &&(String, Rule)| {
            (rule.slot.category, std::cmp::Reverse(target.len()), rule.slot.subtree)
        };
        all.min_by_key(rank).map(|(_, rule)| rule.serial.0)
    };
    match best(Effect::Allow) {
        Some(allow) => [Some(allow), None, None],
        None => [None, best(Effect::Block), best(Effect::Shadow)],
    }
}

proptest! {
    #[test]
    fn agrees_with_a_list_searched_whole(steps in steps(), asked in prop::collection::vec(names(), 1..8)) {
        let set = BlockSet::new(*b"0123456789abcdef");
        let mut list: Vec<(String, Rule)> = Vec::new();
        for (number, (name, subtree, category, effect, removed)) in steps.into_iter().enumerate() {
            let rule = rule(number as u64 + 1, subtree, category, effect);
            list.retain(|(other, old)| (other, old.slot) != (&name, rule.slot));
            if removed {
                set.remove(&wire(&name), rule.slot);
            } else {
                set.set(&wire(&name), rule);
                list.push((name, rule));
            }
        }
        let whole = BlockSet::new(*b"0123456789abcdef");
        whole.replace(list.iter().map(|(name, rule)| (wire(name), *rule)));
        prop_assert_eq!(set.len(), list.len());
        prop_assert_eq!(whole.len(), list.len());
        for name in asked {
            let expect = naive(&list, &name);
            prop_assert_eq!(found(&set, &name), expect, "{}", &name);
            prop_assert_eq!(found(&whole, &name), expect, "{}", &name);
        }
    }
}
