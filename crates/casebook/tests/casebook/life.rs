//! What happens to a case beside its verdict, and rules as they are kept.

use std::time::Duration;

use belfry_casebook::StoreError;
use belfry_casebook::case::{CaseState, Change, Merged, Open, Parked, Split};
use belfry_casebook::rules::{RULE_BYTES_MAX, RuleAct, RuleMode};
use belfry_casebook::verdict::{Asked, Consequence, Decision, Renewal, Verdict};
use belfry_guard::{Finding, Rule};
use belfry_journal::{Category, Order, Serial};

use crate::bench::{Bench, NOW, admin, analyst, block_order, host, reading, subject};

const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn a_parked_case_waits_for_its_time_whatever_is_reported() {
    let bench = Bench::new().await;
    let book = &bench.casebook;
    let case = bench.case_about("evil.example").await;
    let by = analyst("person:ann");
    let change = Change { case, version: Some(1), reason: "the owner answers", by: &by, at: NOW };
    let until = NOW.plus(HOUR);
    book.park(change, until).await.unwrap();
    assert_eq!(bench.state(case).await, CaseState::Parked(Parked { until }));
    assert!(matches!(book.park(change, until).await, Err(StoreError::Stale { .. })));
    let report = bench.receive(b"Subject: again\r\n\r\nx", None).await;
    book.file_reading(report.id, &reading(), &[subject("evil.example")]).await.unwrap();
    assert_eq!(bench.case(case).await.reports, 2);
    assert_eq!(bench.state(case).await, CaseState::Parked(Parked { until }));
    assert_eq!(book.wake_parked(NOW).await.unwrap(), 0);
    assert_eq!(book.wake_parked(until).await.unwrap(), 1);
    assert_eq!(bench.state(case).await, CaseState::Open(Open));
    let past = book.park(Change { version: None, ..change }, NOW).await;
    assert!(matches!(past, Err(StoreError::Invalid { what: "time", .. })));
}

#[tokio::test]
async fn members_follow_a_leader_that_is_merged_itself_and_are_free_when_it_goes() {
    let bench = Bench::new().await;
    let book = &bench.casebook;
    let by = analyst("person:ann");
    let change = |case| Change { case, version: None, reason: "one hand", by: &by, at: NOW };
    let mut cases = Vec::new();
    for host in ["a.example", "b.example", "c.example"] {
        cases.push(bench.case_about(host).await);
    }
    let [a, b, c] = cases[..] else { panic!("three cases") };
    book.merge(change(c), b).await.unwrap();
    book.merge(change(b), a).await.unwrap();
    let file = book.case(a).await.unwrap().unwrap();
    assert_eq!(file.members, [b, c], "whoever followed b follows a");
    assert_eq!(bench.state(b).await, CaseState::Merged(Merged { into: a }));
    assert!(matches!(book.merge(change(a), 99).await, Err(StoreError::Missing { .. })));
    // The leader's one report is erased, and with it the leader.
    let receipt = file.reports[0].receipt.clone();
    book.erase(&admin(), &receipt, NOW).await.unwrap();
    assert!(book.case(a).await.unwrap().is_none());
    assert_eq!(bench.state(b).await, CaseState::Open(Open));
    assert!(book.case(b).await.unwrap().unwrap().leader.is_none());
    book.verify_audit().await.unwrap();
}

#[tokio::test]
async fn a_proposal_is_kept_for_whoever_is_first_and_goes_with_the_decision() {
    let bench = Bench::new().await;
    let case = bench.case_about("bank.example").await;
    let finding = Finding { rule: Rule::TwoPeople, explanation: "because".into(), list: None };
    let wait = Consequence::AwaitSecond(finding);
    bench.decide(case, None, wait).await.unwrap();
    let file = bench.casebook.case(case).await.unwrap().unwrap();
    let proposal = file.proposal.expect("it waits");
    let CaseState::AwaitingSecond(waiting) = &file.case.state else { panic!("it waits") };
    assert_eq!(
        (proposal.by.as_str(), waiting.category),
        (waiting.first.as_str(), Category::Phishing)
    );
    assert!(!proposal.asked.widen && proposal.asked.block_days.is_none());
    bench.decide(case, None, Consequence::Close).await.unwrap();
    assert!(bench.casebook.case(case).await.unwrap().unwrap().proposal.is_none());
}

#[tokio::test]
async fn a_renewal_takes_the_old_orders_place_and_changes_nothing_else() {
    let bench = Bench::new().await;
    let case = bench.case_about("evil.example").await;
    bench.block(case, host("evil.example")).await.unwrap();
    let by = analyst("person:ann");
    let order = |order: Order| Renewal {
        case,
        version: None,
        reason: "seen again",
        by: &by,
        at: NOW,
        order: bench.cleared(order),
    };
    let longer = block_order(case, host("evil.example"));
    let other = Order { category: Category::Malware, ..longer.clone() };
    assert!(matches!(bench.casebook.renew(order(other)).await, Err(StoreError::Move { .. })));
    let elsewhere = block_order(case, host("other.example"));
    assert!(matches!(bench.casebook.renew(order(elsewhere)).await, Err(StoreError::Move { .. })));
    let renewed = bench.casebook.renew(order(longer.clone())).await.unwrap();
    assert_eq!(renewed.serial, Some(Serial(2)));
    assert_eq!(bench.casebook.effective().len(), 1);
    let file = bench.casebook.case(case).await.unwrap().unwrap();
    assert_eq!(file.orders[0].released_by, Some(Serial(2)));
    bench.release(case, Serial(2), false).await.unwrap();
    assert!(matches!(bench.casebook.renew(order(longer)).await, Err(StoreError::Move { .. })));
}

#[tokio::test]
async fn every_version_of_a_rule_stays_and_its_acts_are_counted_once() {
    let bench = Bench::new().await;
    let book = &bench.casebook;
    let case = bench.case_about("evil.example").await;
    let first = book.put_rule(&admin(), "sure", "one", NOW).await.unwrap();
    assert_eq!(
        (first.version, first.mode, first.author.as_str()),
        (1, RuleMode::Off, "local:root")
    );
    let act = RuleAct {
        rule: "sure",
        version: 1,
        case,
        mode: RuleMode::Shadow,
        outcome: "would confirm",
        order: None,
    };
    assert!(book.note_rule_act(&act, NOW).await.unwrap());
    assert!(!book.note_rule_act(&act, NOW).await.unwrap());
    assert!(book.has_rule_act(&first, case, RuleMode::Shadow).await.unwrap());
    assert!(!book.has_rule_act(&first, case, RuleMode::Live).await.unwrap());
    let second = book.put_rule(&admin(), "sure", "two", NOW).await.unwrap();
    assert_eq!((second.version, second.text.as_str()), (2, "two"));
    assert!(!book.has_rule_act(&second, case, RuleMode::Shadow).await.unwrap());
    let counted = book.rule_acts("sure", NOW).await.unwrap();
    assert_eq!((counted.len(), counted[0].acts), (1, 1));
    assert!(book.rule_acts("sure", NOW.plus(HOUR)).await.unwrap().is_empty());
    let long = "x".repeat(RULE_BYTES_MAX + 1);
    assert!(book.put_rule(&admin(), "sure", &long, NOW).await.is_err());
    let none = book.set_rule_mode(&admin(), "none", RuleMode::Shadow, NOW).await;
    assert!(matches!(none, Err(StoreError::Missing { what: "rule", .. })));
}

#[tokio::test]
async fn a_split_report_is_counted_where_it_belongs_and_its_reporter_with_it() {
    let bench = Bench::new().await;
    let book = &bench.casebook;
    let mut receipts = Vec::new();
    let mut case = 0;
    // One reporter twice, another once.
    for (n, reporter) in ["an@x.example", "an@x.example", "bo@x.example"].into_iter().enumerate() {
        let text = format!("Subject: {n}\r\n\r\nx");
        let report = bench.receive(text.as_bytes(), Some(reporter)).await;
        let subjects = [subject("mixed.example")];
        case = book.file_reading(report.id, &reading(), &subjects).await.unwrap()[0];
        receipts.push(report.receipt);
    }
    let counts = async |case| {
        let case = bench.case(case).await;
        (case.reports, case.reporters)
    };
    assert_eq!(counts(case).await, (3, 2));
    let by = analyst("person:ann");
    let split = |receipts, subject| Split {
        change: Change { case, version: None, reason: "another thing", by: &by, at: NOW },
        subject,
        receipts,
    };
    let other = subject("other.example");
    let moved = book.split(split(&receipts[..1], &other)).await.unwrap();
    assert_eq!((moved.reports, moved.reporters), (1, 1));
    assert_eq!(counts(case).await, (2, 2), "the same reporter has another report in it");
    book.split(split(&receipts[1..2], &other)).await.unwrap();
    assert_eq!(counts(case).await, (1, 1));
    assert_eq!(counts(moved.id).await, (2, 1));
    let same = subject("mixed.example");
    assert!(matches!(
        book.split(split(&receipts[2..], &same)).await,
        Err(StoreError::Invalid { what: "target", .. })
    ));
    assert!(matches!(
        book.split(split(&receipts[..1], &other)).await,
        Err(StoreError::Missing { what: "report", .. })
    ));
    book.verify_audit().await.unwrap();
}

#[tokio::test]
async fn the_brake_is_pulled_once_and_outlives_a_restart() {
    let bench = Bench::new().await;
    assert_eq!(bench.casebook.brake().await.unwrap(), None);
    bench.casebook.pull_brake(&analyst("person:ann"), "a bank", NOW).await.unwrap();
    bench.casebook.pull_brake(&analyst("person:bob"), "me too", NOW).await.unwrap();
    let bench = bench.reopen().await;
    let brake = bench.casebook.brake().await.unwrap().expect("it is pulled");
    assert_eq!((brake.by.as_str(), brake.reason.as_str()), ("person:ann", "a bank"));
    bench.casebook.release_brake(&admin(), "mended", NOW).await.unwrap();
    assert_eq!(bench.casebook.brake().await.unwrap(), None);
    let acts = bench.casebook.audit(&admin(), None, 10).await.unwrap();
    let acts: Vec<_> = acts.iter().map(|act| act.action.as_str()).collect();
    assert_eq!(acts[..3], ["release-brake", "pull-brake", "pull-brake"]);
}

#[tokio::test]
async fn a_declined_proposal_is_gone_and_its_case_open() {
    let bench = Bench::new().await;
    let book = &bench.casebook;
    let case = bench.case_about("bank.example").await;
    let (first, second) = (analyst("person:ann"), analyst("person:bob"));
    let no = Change { case, version: None, reason: "it is the bank", by: &second, at: NOW };
    assert!(matches!(book.decline(no).await, Err(StoreError::Move { state: "open", .. })));
    let finding = Finding { rule: Rule::TwoPeople, explanation: "two".into(), list: None };
    let decision = Decision {
        case,
        version: Some(1),
        verdict: Verdict::Phishing,
        reason: "a fake",
        by: &first,
        at: NOW,
        consequence: Consequence::AwaitSecond(finding),
        asked: Asked::default(),
    };
    book.decide(decision).await.unwrap();
    assert!(book.case(case).await.unwrap().unwrap().proposal.is_some());
    let stale = book.decline(Change { version: Some(1), ..no }).await;
    assert!(matches!(stale, Err(StoreError::Stale { .. })));
    assert!(book.decline(Change { reason: " ", ..no }).await.is_err());
    book.decline(no).await.unwrap();
    let file = book.case(case).await.unwrap().unwrap();
    assert_eq!(
        (file.case.state, file.case.version, file.proposal),
        (CaseState::Open(Open), 3, None)
    );
    let line = &book.audit(&admin(), None, 1).await.unwrap()[0];
    assert_eq!((line.action.as_str(), line.detail.as_str()), ("decline", "it is the bank"));
}
