//! Test only: random orders and journals, and a plain order to start from.

use belfry_indicator::{Domain, Target};
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;

use crate::merkle::Frontier;
use crate::{
    Action, Audience, AuditAnchor, Body, Category, Cause, Entry, Heartbeat, Kind, Mode,
    OperatorName, Order, PublicReason, Restored, Serial, UnixMillis, ViewChange, Withdrawn,
};

/// A live block of the exact host `name` for phishing, by the verdict on case 1.
pub(crate) fn block(name: &str) -> Order {
    Order {
        action: Action::Block,
        target: Target::Host(Domain::parse(name).expect("a test names a domain")),
        category: Category::Phishing,
        mode: Mode::Live,
        issued_at: UnixMillis(1_790_000_000_000),
        valid_until: UnixMillis(1_792_592_000_000),
        audience: Audience::Everyone,
        cause: Cause::Verdict { case: 1 },
        reason: PublicReason::Impersonation,
        keeps_mail: false,
    }
}

/// The same order taken back.
pub(crate) fn release(of: u64, order: &Order) -> Order {
    Order { action: Action::Release { of: Serial(of) }, ..order.clone() }
}

/// A journal of these bodies, from serial 1.
pub(crate) fn journal(bodies: &[Body]) -> Vec<Entry> {
    (1u64..)
        .zip(bodies)
        .map(|(serial, body)| {
            let salt = [u8::try_from(serial % 251).expect("below 251"); 32];
            Entry::new(Serial(serial), salt, body)
        })
        .collect()
}

fn any_target() -> impl Strategy<Value = Target> {
    // Few names, so that orders meet.
    let name = select(vec!["a.example", "b.a.example", "c.test", "xn--bcher-kva.test", "d_1.test"]);
    (name, any::<bool>()).prop_map(|(name, host)| {
        let name = Domain::from_canonical(name).expect("listed above");
        if host { Target::Host(name) } else { Target::Domain(name) }
    })
}

fn any_cause() -> impl Strategy<Value = Cause> {
    prop_oneof![
        any::<u64>().prop_map(|case| Cause::Verdict { case }),
        any::<u64>().prop_map(|case| Cause::Withdrawal { case }),
        Just(Cause::Expiry),
        Just(Cause::NeverBlock),
    ]
}

fn any_audience() -> impl Strategy<Value = Audience> {
    let name = "[a-z0-9-]{1,64}".prop_map(|text| OperatorName::parse(&text).expect("fits"));
    prop_oneof![Just(Audience::Everyone), btree_set(name, 0..4).prop_map(Audience::Operators)]
}

fn any_action(head: u64) -> impl Strategy<Value = Action> {
    prop_oneof![
        3 => Just(Action::Block),
        1 => Just(Action::Allow),
        2 => (0..=head).prop_map(|of| Action::Release { of: Serial(of) }),
    ]
}

/// Any order; a release takes back some serial up to `head`.
pub(crate) fn any_order(head: u64) -> impl Strategy<Value = Order> {
    let what = (any_action(head), any_target(), select(Category::ALL), select(Mode::ALL));
    let how = (any_audience(), any_cause(), select(PublicReason::ALL), any::<bool>());
    let when = (any::<u64>(), any::<u64>());
    (what, when, how).prop_map(|(what, when, how)| Order {
        action: what.0,
        target: what.1,
        category: what.2,
        mode: what.3,
        issued_at: UnixMillis(when.0),
        valid_until: UnixMillis(when.1),
        audience: how.0,
        cause: how.1,
        reason: how.2,
        keeps_mail: how.3,
    })
}

/// Any journal of up to `max` entries, with orders, heartbeats, voids and
/// entries of a kind to come.
pub(crate) fn any_journal(max: usize) -> impl Strategy<Value = Vec<Entry>> {
    let order = any_order(max as u64).prop_map(Body::Order);
    let heartbeat = any::<u64>().prop_map(|at| Body::Heartbeat(unrooted(at)));
    let restored = any::<u64>().prop_map(|kept| {
        let Heartbeat { at, tree_size, root } = unrooted(kept);
        Body::Restored(Restored { at, kept: Serial(kept), tree_size, root })
    });
    let audit = (any::<u64>(), any::<[u8; 32]>())
        .prop_map(|(line, hash)| Body::Audit(AuditAnchor { at: UnixMillis(line), line, hash }));
    let view =
        any::<[u8; 32]>().prop_map(|digest| Body::View(ViewChange { at: UnixMillis(1), digest }));
    let withdrawn = any::<u32>()
        .prop_map(|of| Body::Withdrawn(Withdrawn { at: UnixMillis(1), of: Serial(u64::from(of)) }));
    let body = prop_oneof![
        8 => order, 1 => withdrawn, 1 => heartbeat, 1 => Just(Body::Void), 1 => restored, 1 => audit, 1 => view,
        1 => Just(Body::Unknown),
    ];
    vec((body, any::<[u8; 32]>()), 0..=max).prop_map(|drawn| {
        let mut tree = Frontier::default();
        let mut entries = Vec::new();
        for (body, salt) in drawn {
            let serial = Serial(tree.size() + 1);
            let mut entry = Entry::new(serial, salt, &rooted(body, &tree));
            if let Kind::Unknown(_) = entry.kind {
                entry = Entry { kind: Kind::Unknown(900), body: b"to come".to_vec(), ..entry };
            }
            tree.push(entry.leaf_hash());
            entries.push(entry);
        }
        entries
    })
}

fn unrooted(at: u64) -> Heartbeat {
    Heartbeat { at: UnixMillis(at), tree_size: 0, root: Frontier::default().root() }
}

fn rooted(body: Body, tree: &Frontier) -> Body {
    match body {
        Body::Heartbeat(beat) => {
            Body::Heartbeat(Heartbeat { tree_size: tree.size(), root: tree.root(), ..beat })
        }
        Body::Restored(restored) => {
            Body::Restored(Restored { tree_size: tree.size(), root: tree.root(), ..restored })
        }
        other => other,
    }
}
