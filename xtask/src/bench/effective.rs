//! What the effective set of a large journal takes in memory: at the hub, and again at
//! each follower that keeps one.

use std::fs;

use belfry_indicator::{Domain, Target};
use belfry_journal::{
    Action, Audience, Body, Category, Cause, EffectiveSet, Entry, Mode, Order, PublicReason,
    Serial, UnixMillis, snapshot,
};

use crate::command::Result;

/// Fills a set with `orders`, and prints what it takes.
pub(super) fn run(orders: u64) -> Result {
    let before = resident()?;
    let mut set = EffectiveSet::new();
    for serial in 1..=orders {
        set.apply(&block(serial)?)?;
    }
    let held = resident()?.saturating_sub(before);
    let bytes = snapshot::encode(belfry_journal::JournalId([7; 16]), &set).len() as u64;
    println!(
        "effective: {orders} orders take {} MB, {} octets each; a snapshot of them is {} MB",
        held >> 20,
        held / orders.max(1),
        bytes >> 20
    );
    let copy = set.clone();
    println!(
        "effective: a copy, made when an order comes while a snapshot is written: {} MB more",
        resident()?.saturating_sub(before + held) >> 20
    );
    drop(copy);
    Ok(())
}

/// An order as the desk writes it, for a name as long as those of the feeds.
fn block(serial: u64) -> Result<Entry> {
    let name = Domain::parse(&format!("login-{serial}.secure-parcel.example"))?;
    let order = Order {
        action: Action::Block,
        target: Target::Host(name),
        category: Category::Phishing,
        mode: Mode::Live,
        issued_at: UnixMillis(1_795_510_800_000),
        valid_until: UnixMillis(1_798_102_800_000),
        audience: Audience::Everyone,
        cause: Cause::Verdict { case: serial },
        reason: PublicReason::Impersonation,
        keeps_mail: false,
    };
    Ok(Entry::new(Serial(serial), [7; 32], &Body::Order(order)))
}

/// Octets of this process in memory.
fn resident() -> Result<u64> {
    const PAGE: u64 = 4_096;
    let pages = fs::read_to_string("/proc/self/statm")?;
    let resident = pages.split(' ').nth(1).ok_or("/proc/self/statm has no second number")?;
    Ok(resident.parse::<u64>()? * PAGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_set_is_measured_too() {
        run(100).unwrap();
        assert!(resident().unwrap() > 0);
    }
}
