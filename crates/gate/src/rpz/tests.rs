//! Precedence among zones against a list that is searched whole.

use proptest::prelude::*;

use super::*;
use crate::lastline::LastLine;

fn wire(name: &str) -> Vec<u8> {
    let labels = name
        .split('.')
        .map(|label| [&[u8::try_from(label.len()).unwrap()], label.as_bytes()].concat());
    labels.chain([vec![0]]).flatten().collect()
}

/// A trigger: a name, whether it stands for what is below, and whether it passes.
type Trigger = (String, bool, bool);

fn triggers() -> impl Strategy<Value = Vec<Trigger>> {
    let name = prop::collection::vec("[a-c]", 1..4)
        .prop_map(|labels| format!("{}.zz.test", labels.join(".")));
    prop::collection::vec((name, any::<bool>(), any::<bool>()), 0..12)
}

fn zone_text(triggers: &[Trigger]) -> String {
    let line = |(name, below, passes): &Trigger| {
        let (star, target) =
            (if *below { "*." } else { "" }, if *passes { "rpz-passthru." } else { "." });
        format!("{star}{name} CNAME {target}\n")
    };
    triggers.iter().map(line).collect()
}

/// Zone and whether it passes, by the words at the top of the module.
fn naive(zones: &[Vec<Trigger>], name: &str) -> Option<(u8, bool)> {
    (0_u8..).zip(zones).find_map(|(number, triggers)| {
        let find = |owner: &str, below| {
            triggers.iter().find(|(name, is_below, _)| name == owner && *is_below == below)
        };
        if let Some((.., passes)) = find(name, false) {
            return Some((number, *passes));
        }
        let mut above = name;
        while let Some((_, parent)) = above.split_once('.') {
            above = parent;
            match (find(above, true), find(above, false)) {
                (Some((.., passes)), _) => return Some((number, *passes)),
                (None, Some(_)) => return None,
                (None, None) => {}
            }
        }
        None
    })
}

proptest! {
    #[test]
    fn agrees_with_a_list_searched_whole(
        zones in prop::collection::vec(triggers(), 1..4),
        asked in prop::collection::vec(prop::collection::vec("[a-c]", 1..5), 1..8),
    ) {
        let line = LastLine::new(None, Vec::new());
        let mut loader = Loader::new(Seed::new(*b"0123456789abcdef"), &line, 0);
        for triggers in &zones {
            loader.zone("z", true, zone_text(triggers).as_bytes()).unwrap();
        }
        let set = loader.finish().unwrap();
        for labels in asked {
            let name = format!("{}.zz.test", labels.join("."));
            let octets = wire(&name);
            let hit = set.find(&octets, &Labels::of(&octets).unwrap()).0.live;
            let found = hit.map(|hit| (hit.zone, *set.action(hit) == Action::Passthru));
            prop_assert_eq!(found, naive(&zones, &name), "{}", name);
        }
    }
}

#[test]
fn of_two_rulings_the_higher_zone_counts_and_the_first_of_one() {
    let hit = |zone, action| Some(ZoneHit { zone, at: 0, action });
    let ruling = |live, shadow| Ruling { live, shadow };
    let (one, two) = (ruling(hit(1, 1), None), ruling(hit(0, 2), hit(3, 3)));
    assert_eq!(one.or(two), two);
    assert_eq!(two.or(one), two);
    let same = ruling(hit(1, 9), None);
    assert_eq!(one.or(same), one);
    assert_eq!(one.or(Ruling::default()), one);
}

#[test]
fn addresses_of_a_higher_zone_make_lower_ones_wait() {
    let line = LastLine::new(None, Vec::new());
    let mut loader = Loader::new(Seed::new(*b"0123456789abcdef"), &line, 0);
    loader.zone("addresses", true, &b"24.0.2.0.192.rpz-ip CNAME .\n"[..]).unwrap();
    loader.zone("names", true, &b"evil.example CNAME .\n"[..]).unwrap();
    let set = loader.finish().unwrap();
    let name = wire("evil.example");
    let hit = set.find(&name, &Labels::of(&name).unwrap()).0.live.unwrap();
    assert!(set.waits_for_addresses(hit) && set.looks_at_addresses());
    let address = set.find_address("192.0.2.9".parse().unwrap()).live.unwrap();
    assert!(!set.waits_for_addresses(address));
    assert_eq!((set.zones().len(), set.is_empty()), (2, false));
}
