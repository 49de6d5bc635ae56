//! Zones against the orders themselves, read as each kind of resolver reads them.

use belfry_indicator::{Domain, Target};
use belfry_journal::{
    Action, Audience, Category, Cause, Mode, Order, PublicReason, Serial, UnixMillis,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

fn order(action: Action, target: Target, category: Category) -> Order {
    Order {
        action,
        target,
        category,
        mode: Mode::Live,
        issued_at: UnixMillis(1),
        valid_until: UnixMillis(2),
        audience: Audience::Everyone,
        cause: Cause::Verdict { case: 1 },
        reason: PublicReason::Impersonation,
        keeps_mail: false,
    }
}

fn name(text: &str) -> Domain {
    Domain::parse(text).unwrap()
}

fn host(text: &str) -> Target {
    Target::Host(name(text))
}

fn domain(text: &str) -> Target {
    Target::Domain(name(text))
}

/// What is published for these orders, as lines.
fn published(kind: &ZoneKind, orders: &[(Action, Target)]) -> Vec<String> {
    let mut holdings = Holdings::default();
    for (serial, (action, target)) in (1..).zip(orders) {
        holdings.fold(Serial(serial), &order(*action, target.clone(), Category::Phishing));
    }
    let word = |policy| match policy {
        Policy::None => "-",
        Policy::Block => "block",
        Policy::Pass => "pass",
    };
    publish(&holdings, kind, b"")
        .iter()
        .map(|(path, p)| format!("{} {} {}", path.to_text(), word(p.exact), word(p.below)))
        .collect()
}

#[test]
fn a_narrower_block_waits_while_the_wider_stands() {
    let phishing = ZoneKind::Category(Category::Phishing);
    let (wide, narrow) = (domain("evil.example"), host("a.b.evil.example"));
    let both = [(Action::Block, wide), (Action::Block, narrow.clone())];
    assert_eq!(published(&phishing, &both), ["evil.example block block"]);
    let released = [both[0].clone(), both[1].clone(), (Action::Release { of: Serial(1) }, narrow)];
    assert_eq!(published(&phishing, &released), ["a.b.evil.example block -"]);
}

#[test]
fn an_allowed_host_under_a_blocked_domain_leaves_no_hole() {
    let orders =
        [(Action::Block, domain("evil.example")), (Action::Allow, host("a.b.evil.example"))];
    let expected =
        ["evil.example block block", "b.evil.example block block", "a.b.evil.example pass block"];
    assert_eq!(published(&ZoneKind::Combined, &orders), expected);
    assert_eq!(published(&ZoneKind::Allow, &orders), ["a.b.evil.example pass -"]);
}

#[test]
fn an_allow_above_wins() {
    let orders = [
        (Action::Allow, domain("good.example")),
        (Action::Block, host("www.good.example")),
        (Action::Block, domain("x.good.example")),
    ];
    assert_eq!(published(&ZoneKind::Combined, &orders), ["good.example pass pass"]);
}

/// How a resolver finds the policy of a name in a zone.
#[derive(Clone, Copy, Debug)]
enum Reading {
    /// BIND, Unbound, Knot: the wildcard of the closest name that exists, empty nodes too.
    ClosestEncloser,
    /// PowerDNS: the closest wildcard above, whatever lies between.
    ClosestWildcard,
}

fn read(zone: &BTreeMap<Path, Published>, query: &Path, how: Reading) -> Policy {
    if let Some(here) = zone.get(query)
        && here.exact != Policy::None
    {
        return here.exact;
    }
    let above: Vec<&[u8]> = query.ancestors().collect();
    for encloser in above.into_iter().rev() {
        let here = zone.get(encloser).copied().unwrap_or_default();
        if here.below != Policy::None {
            return here.below;
        }
        let exists = zone.keys().any(|name| name.as_bytes().starts_with(encloser));
        if matches!(how, Reading::ClosestEncloser) && exists {
            return Policy::None;
        }
    }
    Policy::None
}

/// What the orders say themselves.
fn said(orders: &[Order], kind: &ZoneKind, query: &Domain) -> Policy {
    let mut set = BTreeMap::new();
    for order in orders {
        set.insert((order.target.clone(), order.category), order.clone());
    }
    let covering = set.values().filter(|order| order.target.covers(query));
    let policy = |order: &Order| {
        let mut holdings = Holdings::default();
        let path = holdings.fold(Serial(1), order).unwrap();
        kind.policy(&holdings.at(path.as_bytes())[0])
    };
    covering.map(policy).max().unwrap_or_default()
}

const NAMES: [&str; 8] = [
    "evil.example",
    "b.evil.example",
    "a.b.evil.example",
    "c.a.b.evil.example",
    "x.evil.example",
    "y.x.evil.example",
    "other.example",
    "evil.test",
];
const ASKED: [&str; 10] = [
    "example",
    "evil.example",
    "b.evil.example",
    "z.b.evil.example",
    "a.b.evil.example",
    "z.a.b.evil.example",
    "d.c.a.b.evil.example",
    "q.x.evil.example",
    "a.other.example",
    "evil.test",
];

fn any_order() -> impl Strategy<Value = Order> {
    let categories = select(vec![Category::Phishing, Category::Malware]);
    (select(NAMES.to_vec()), any::<bool>(), prop::bool::weighted(0.25), categories).prop_map(
        |(text, whole, allows, category)| {
            let action = if allows { Action::Allow } else { Action::Block };
            let target = if whole { domain(text) } else { host(text) };
            order(action, target, category)
        },
    )
}

fn kinds() -> Vec<ZoneKind> {
    vec![ZoneKind::Combined, ZoneKind::Allow, ZoneKind::Category(Category::Phishing)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn every_resolver_answers_as_the_orders_say(orders in vec(any_order(), 0..9)) {
        let mut holdings = Holdings::default();
        for (serial, order) in (1..).zip(&orders) {
            holdings.fold(Serial(serial), order);
        }
        for kind in kinds() {
            let zone = publish(&holdings, &kind, b"");
            for asked in ASKED.iter().chain(&NAMES) {
                let expected = said(&orders, &kind, &name(asked));
                for how in [Reading::ClosestEncloser, Reading::ClosestWildcard] {
                    let found = read(&zone, &Path::of(&name(asked)), how);
                    prop_assert_eq!(found, expected, "{:?} {} {:?}", kind, asked, how);
                }
            }
        }
    }

    #[test]
    fn a_region_holds_all_that_a_change_touches(
        orders in vec((any_order(), prop::bool::weighted(0.3)), 1..14),
    ) {
        for kind in kinds() {
            let mut holdings = Holdings::default();
            let mut zone = BTreeMap::new();
            for (serial, (order, releases)) in (1..).zip(&orders) {
                let mut order = order.clone();
                if *releases {
                    order.action = Action::Release { of: Serial(serial / 2) };
                }
                let Some(path) = holdings.fold(Serial(serial), &order) else { continue };
                let region = region(&holdings, &kind, &path);
                zone.retain(|name: &Path, _| !name.as_bytes().starts_with(region));
                zone.extend(publish(&holdings, &kind, region));
                prop_assert_eq!(&zone, &publish(&holdings, &kind, b""));
            }
        }
    }
}
