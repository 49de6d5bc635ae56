//! Tests of the fold: what each kind of entry changes, and what is refused.

use proptest::prelude::*;

use super::*;
use crate::generate::{any_journal, block, journal, release};
use crate::merkle::leaf_hash;
use crate::{Kind, UnixMillis};

/// Folds `orders` from serial 1; the changes, as words, and the set.
fn fold(orders: &[Order]) -> (String, EffectiveSet) {
    let bodies: Vec<_> = orders.iter().cloned().map(Body::Order).collect();
    let mut set = EffectiveSet::new();
    let words: Vec<_> = journal(&bodies)
        .iter()
        .map(|entry| match set.apply(entry).expect("a test folds a sound journal") {
            Change::None => "none".to_owned(),
            Change::Set(key) => format!("set {}", key.target.name()),
            Change::Removed(key) => format!("removed {}", key.target.name()),
        })
        .collect();
    (words.join(", "), set)
}

#[test]
fn a_block_holds_until_it_is_released() {
    let order = block("a.example");
    let (changes, set) = fold(&[order.clone(), block("b.example"), release(1, &order)]);
    assert_eq!(changes, "set a.example, set b.example, removed a.example");
    assert_eq!((set.serial(), set.len()), (Serial(3), 1));
    assert_eq!(set.get(&Key::of(&order)), None);
    assert_eq!(set.by_serial(Serial(1)), None);
    assert_eq!(set.by_serial(Serial(2)).unwrap().order, block("b.example"));
}

#[test]
fn a_later_order_replaces_the_earlier_for_its_key() {
    let order = block("a.example");
    let longer = Order { valid_until: UnixMillis(order.valid_until.0 + 1), ..order.clone() };
    let (changes, set) = fold(&[order.clone(), longer.clone(), release(1, &order)]);
    assert_eq!(changes, "set a.example, set a.example, none");
    assert_eq!(set.get(&Key::of(&order)).unwrap(), Effective { serial: Serial(2), order: longer });
    assert_eq!(set.by_serial(Serial(1)), None);
}

#[test]
fn target_level_category_and_mode_are_apart() {
    let order = block("a.example");
    let wide = Order { target: Target::Domain(order.target.name().clone()), ..order.clone() };
    let malware = Order { category: Category::Malware, ..order.clone() };
    let shadow = Order { mode: Mode::Shadow, ..order.clone() };
    let (_, set) = fold(&[order.clone(), wide, malware, shadow, release(3, &order)]);
    let left: Vec<_> = set.iter().map(|(_, effective)| effective.serial.0).collect();
    assert_eq!(left, [1, 4, 2]);
}

#[test]
fn a_release_names_a_serial_whatever_else_it_says() {
    let order = block("a.example");
    let (changes, set) =
        fold(&[order, release(1, &block("b.example")), release(1, &block("c.test"))]);
    assert_eq!(changes, "set a.example, removed a.example, none");
    assert!(set.is_empty());
}

#[test]
fn an_allow_takes_the_place_of_a_block() {
    let order = block("a.example");
    let allow = Order { action: Action::Allow, ..order.clone() };
    let (_, set) = fold(&[order.clone(), allow]);
    assert_eq!(set.get(&Key::of(&order)).unwrap().order.action, Action::Allow);
}

#[test]
fn kinds_to_come_are_counted_and_part_of_the_tree() {
    let mut entries = journal(&[Body::Void, Body::Unknown]);
    entries[1].kind = Kind::Unknown(500);
    let mut set = EffectiveSet::new();
    for entry in &entries {
        assert_eq!(set.apply(entry), Ok(Change::None));
    }
    assert_eq!((set.serial(), set.unknown_kinds()), (Serial(2), 1));
    assert_eq!(
        set.frontier().root(),
        crate::merkle::root(&[entries[0].leaf_hash(), entries[1].leaf_hash()])
    );
}

#[test]
fn what_does_not_follow_is_refused_and_changes_nothing() {
    let entries = journal(&[Body::Order(block("a.example")), Body::Void, Body::Void]);
    let mut set = EffectiveSet::new();
    set.apply(&entries[0]).unwrap();
    let before = set.clone();
    let gap = |got| FoldError::Gap { expected: Serial(2), got: Serial(got) };
    assert_eq!(set.apply(&entries[0]), Err(gap(1)));
    assert_eq!(set.apply(&entries[2]), Err(gap(3)));
    let mut damaged = Entry::new(Serial(2), [0; 32], &Body::Order(block("b.example")));
    damaged.body.pop();
    assert!(matches!(set.apply(&damaged), Err(FoldError::Body { serial: Serial(2), .. })));
    assert_eq!(set, before);
}

#[test]
fn a_heartbeat_over_another_history_is_refused() {
    let first = journal(&[Body::Order(block("a.example"))]).remove(0);
    let beat = |tree_size, root| {
        let beat = crate::Heartbeat { at: UnixMillis(5), tree_size, root };
        Entry::new(Serial(2), [1; 32], &Body::Heartbeat(beat))
    };
    let mut set = EffectiveSet::new();
    set.apply(&first).unwrap();
    let before = set.clone();
    let other = Err(FoldError::History { serial: Serial(2) });
    assert_eq!(set.apply(&beat(1, leaf_hash(b"other"))), other);
    assert_eq!(set.apply(&beat(2, set.frontier().root())), other);
    assert_eq!(set, before);
    assert_eq!(set.apply(&beat(1, set.frontier().root())), Ok(Change::None));
}

proptest! {
    #[test]
    fn the_fold_is_what_a_plain_reading_gives(entries in any_journal(24)) {
        let mut set = EffectiveSet::new();
        let mut plain: Vec<(Key, Effective)> = Vec::new();
        for entry in &entries {
            set.apply(entry).unwrap();
            let Body::Order(order) = entry.decode().unwrap() else { continue };
            match order.action {
                Action::Release { of } => plain.retain(|(_, held)| held.serial != of),
                Action::Block | Action::Allow => {
                    let key = Key::of(&order);
                    plain.retain(|(held, _)| *held != key);
                    plain.push((key, Effective { serial: entry.serial, order }));
                }
            }
        }
        plain.sort_by(|(a, _), (b, _)| a.cmp(b));
        prop_assert_eq!(set.iter().collect::<Vec<_>>(), plain);
        prop_assert_eq!(set.serial().0, entries.len() as u64);
        for (_, effective) in set.iter() {
            prop_assert_eq!(set.by_serial(effective.serial), Some(effective));
        }
    }
}
