//! Orders as the hub writes them, folded and handed to the gate.

use std::sync::Arc;

use belfry_follow::Apply;
use belfry_gate::Followed;
use belfry_indicator::{Domain, Target};
use belfry_journal::{
    Action, Audience, Body, Category, Cause, EffectiveSet, Entry, Mode, Order, PublicReason,
    Serial, UnixMillis,
};

/// A journal with one follower.
pub(super) struct Journal {
    set: EffectiveSet,
    orders: Vec<Order>,
    apply: Arc<Followed>,
}

impl Journal {
    /// An empty one: a verified state, so that the gate answers.
    pub(super) fn new(apply: Arc<Followed>) -> Self {
        let set = EffectiveSet::new();
        apply.replace(&set);
        Self { set, orders: Vec::new(), apply }
    }

    /// `ACTION LEVEL NAME CATEGORY [keeps-mail]`
    pub(super) fn order(&mut self, text: &str) {
        let words: Vec<_> = text.split(' ').collect();
        let name = Domain::parse(words[2]).unwrap();
        self.append(Order {
            action: if words[0] == "allow" { Action::Allow } else { Action::Block },
            target: if words[1] == "host" { Target::Host(name) } else { Target::Domain(name) },
            category: match words[3] {
                "phishing" => Category::Phishing,
                "malware" => Category::Malware,
                "fake-shop" => Category::FakeShop,
                _ => Category::OtherFraud,
            },
            mode: if words[0] == "shadow" { Mode::Shadow } else { Mode::Live },
            issued_at: UnixMillis(1),
            valid_until: UnixMillis(2),
            audience: Audience::Everyone,
            cause: Cause::Verdict { case: 1 },
            reason: PublicReason::Impersonation,
            keeps_mail: words.contains(&"keeps-mail"),
        });
    }

    /// Takes back the order with this serial.
    pub(super) fn release(&mut self, serial: u64) {
        let mut order = self.orders[usize::try_from(serial).unwrap() - 1].clone();
        order.action = Action::Release { of: Serial(serial) };
        order.cause = Cause::Withdrawal { case: 1 };
        order.reason = PublicReason::Mistake;
        self.append(order);
    }

    fn append(&mut self, order: Order) {
        let serial = self.set.serial().next();
        let entry = Entry::new(serial, [7; 32], &Body::Order(order.clone()));
        self.orders.push(order);
        let change = self.set.apply(&entry).unwrap();
        self.apply.change(&self.set, &[change]);
    }
}
