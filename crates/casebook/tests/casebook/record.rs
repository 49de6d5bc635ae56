//! What the public may read, over a journal with every kind of order in it.

use belfry_casebook::StoreError;
use belfry_casebook::record::Withheld;
use belfry_casebook::verdict::Consequence;
use belfry_journal::{Audience, Body, OperatorName, Order, Serial};

use crate::bench::{Bench, NOW, admin, block_order, holds, host};

/// What is withheld of each entry after `after`; what may be read is `None`.
async fn withheld(bench: &Bench, after: Serial) -> Vec<Option<Withheld>> {
    let record = bench.casebook.record(after, 1_000).await.unwrap();
    record.into_iter().map(|record| record.said.err()).collect()
}

/// Blocks a host by an order that is changed; answers the case and the order's serial.
async fn block(bench: &Bench, name: &str, change: impl Fn(Order) -> Order) -> (u64, Serial) {
    let case = bench.case_about(name).await;
    let order = bench.cleared(change(block_order(case, host(name))));
    bench.decide(case, None, Consequence::Block(order)).await.unwrap();
    (case, bench.casebook.head().serial)
}

#[tokio::test]
async fn each_order_is_public_unless_something_stands_against_it() {
    let bench = Bench::new().await;
    let before = bench.casebook.head().serial;
    block(&bench, "a.example", |order| order).await;
    let isp = OperatorName::parse("isp").unwrap();
    let named = Audience::Operators([isp].into());
    block(&bench, "o.example", |order| Order { audience: named.clone(), ..order }).await;
    bench.casebook.heartbeat(NOW).await.unwrap();
    let expected = [None, Some(Withheld::Operators), None];
    assert_eq!(withheld(&bench, before).await, expected);
    let tail = Serial(before.0 + 1);
    assert_eq!(withheld(&bench, tail).await, expected[1..], "any page says the same");
}

#[tokio::test]
async fn a_mistake_hides_its_order_and_its_release_and_an_end_hides_neither() {
    let bench = Bench::new().await;
    let before = bench.casebook.head().serial;
    let (right, of) = block(&bench, "a.example", |order| order).await;
    bench.release(right, of, false).await.unwrap();
    let (wrong, of) = block(&bench, "b.example", |order| order).await;
    bench.release(wrong, of, true).await.unwrap();
    let mistake = Some(Withheld::Mistake);
    assert_eq!(withheld(&bench, before).await, [None, None, mistake, mistake]);
    // From the release on alone, too: what it releases lies before the page.
    assert_eq!(withheld(&bench, of).await, [mistake]);
}

#[tokio::test]
async fn a_site_that_was_broken_into_is_named_only_while_it_is_blocked() {
    let bench = Bench::new().await;
    let before = bench.casebook.head().serial;
    let (case, of) = block(&bench, "a.example", |order| Order { keeps_mail: true, ..order }).await;
    assert_eq!(withheld(&bench, before).await, [None]);
    bench.release(case, of, false).await.unwrap();
    assert_eq!(withheld(&bench, before).await[0], Some(Withheld::Compromised));
}

#[tokio::test]
async fn a_withdrawal_is_an_entry_and_outlives_a_restart_and_changes_nothing_that_holds() {
    let bench = Bench::new().await;
    let (_, of) = block(&bench, "a.example", |order| order).await;
    let by = admin();
    let missing = bench.casebook.withdraw_from_record(&by, Serial(99), "x", NOW).await;
    assert!(matches!(missing, Err(StoreError::Missing { .. })), "{missing:?}");
    let held = bench.casebook.effective_len();
    let serial = bench.casebook.withdraw_from_record(&by, of, "its owner", NOW).await.unwrap();
    assert_eq!(bench.casebook.effective_len(), held);
    let again = bench.casebook.withdraw_from_record(&by, of, "its owner", NOW).await;
    assert!(matches!(again, Err(StoreError::Taken { .. })), "{again:?}");
    assert_eq!(bench.casebook.head().serial, serial, "a refusal writes nothing");
    let bench = bench.reopen().await;
    let record = bench.casebook.record(Serial(of.0 - 1), 2).await.unwrap();
    assert_eq!(record[0].said, Err(Withheld::Withdrawn));
    assert!(matches!(&record[1].said, Ok(Body::Withdrawn(said)) if said.of == of));
    assert!(holds(bench.folder.path(), "its owner"), "the reason is in the audit log");
    let bytes = record[1].entry.to_bytes();
    assert!(!bytes.windows(9).any(|window| window == b"its owner"), "and not in the journal");
}

#[tokio::test]
async fn orders_are_listed_from_the_last_and_page_by_page() {
    let bench = Bench::new().await;
    let mut serials = Vec::new();
    for number in 0..5 {
        serials.push(block(&bench, &format!("n{number}.example"), |order| order).await.1);
        bench.casebook.heartbeat(NOW).await.unwrap();
    }
    serials.reverse();
    let (mut found, mut before) = (Vec::new(), Serial(u64::MAX));
    loop {
        let page = bench.casebook.record_orders(before, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        before = last.entry.serial;
        found.extend(page.iter().map(|record| record.entry.serial));
    }
    assert_eq!(found, serials);
}

#[tokio::test]
async fn leaves_are_those_of_the_entries() {
    let bench = Bench::new().await;
    for number in 0..4 {
        block(&bench, &format!("n{number}.example"), |order| order).await;
    }
    let entries = bench.casebook.entries(Serial(0), 100).await.unwrap();
    let expected: Vec<_> = entries.iter().map(belfry_journal::Entry::leaf_hash).collect();
    assert_eq!(bench.casebook.leaves(Serial(0), 100).await.unwrap(), expected);
    assert_eq!(bench.casebook.leaves(Serial(1), 2).await.unwrap(), expected[1..3]);
    assert_eq!(bench.casebook.leaves(Serial(99), 2).await.unwrap(), []);
}
