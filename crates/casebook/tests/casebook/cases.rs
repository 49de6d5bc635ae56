//! Lives of cases: from a report to a block, its release and its return.

use belfry_casebook::StoreError;
use belfry_casebook::case::{Benign, Blocked, CaseFilter, CaseState, Open, Released, Reversed};
use belfry_casebook::report::ReportState;
use belfry_casebook::verdict::Consequence;
use belfry_guard::{Finding, Rule};
use belfry_indicator::{OperatorName, Target};
use belfry_journal::{Audience, Key, Order, Serial};

use crate::bench::{Bench, NOW, admin, block_order, domain, host, lists, reading, subject};

#[tokio::test]
async fn a_case_from_its_report_to_its_release_and_back() {
    let bench = Bench::new().await;
    let report =
        bench.receive(b"Subject: pay\r\n\r\nhttps://evil.example/", Some("an@x.example")).await;
    assert_eq!(report.state, ReportState::Received);
    let subjects = [subject("www.evil.example")];
    let id = bench.casebook.file_reading(report.id, &reading(), &subjects).await.unwrap()[0];
    assert_eq!(bench.state(id).await, CaseState::Open(Open));

    let head = bench.casebook.watch_head();
    let decided = bench.block(id, host("www.evil.example")).await.unwrap();
    assert_eq!(decided.serial, Some(Serial(1)));
    assert_eq!(decided.case.version, 2);
    assert_eq!(decided.case.state, CaseState::Blocked(Blocked { order: Serial(1) }));
    assert_eq!(*head.borrow(), Serial(1));
    let key = Key::of(&block_order(id, host("www.evil.example")));
    assert_eq!(bench.casebook.effective().get(&key).unwrap().serial, Serial(1));

    let released = bench.release(id, Serial(1), false).await.unwrap();
    assert_eq!(released.case.state, CaseState::Released(Released { by: Serial(2) }));
    assert!(bench.casebook.effective().is_empty());

    assert_eq!(bench.case_about("www.evil.example").await, id);
    assert_eq!(bench.state(id).await, CaseState::Open(Open));
    let file = bench.casebook.case(id).await.unwrap().unwrap();
    assert_eq!((file.case.reports, file.case.reporters, file.case.version), (2, 1, 4));
    assert_eq!(file.reports.len(), 2);
    assert!(file.reports[0].id > file.reports[1].id, "newest first");
    assert_eq!(file.verdicts.len(), 1);
    assert_eq!(file.verdicts[0].by, "local:an");
    assert_eq!(file.orders[0].released_by, Some(Serial(2)));
    let acts: Vec<_> = bench.casebook.audit(&admin(), None, 10).await.unwrap();
    let acts: Vec<_> = acts.iter().map(|act| (act.who.as_str(), act.action.as_str())).collect();
    assert_eq!(acts, [("local:bo", "release"), ("local:an", "decide")]);
}

#[tokio::test]
async fn the_same_mail_twice_is_two_reports_of_one_case() {
    let bench = Bench::new().await;
    let mail = b"Subject: pay\r\n\r\nhttps://evil.example/";
    let mut cases = Vec::new();
    for reporter in ["an@x.example", "AN@x.example", "bo@x.example"] {
        let report = bench.receive(mail, Some(reporter)).await;
        assert_eq!(bench.casebook.evidence(report.id).await.unwrap(), mail);
        let subjects = [subject("evil.example"), subject("evil.example")];
        let joined = bench.casebook.file_reading(report.id, &reading(), &subjects).await.unwrap();
        assert_eq!(joined[0], joined[1]);
        cases.push(joined[0]);
        let again = bench.casebook.file_reading(report.id, &reading(), &subjects).await.unwrap();
        assert_eq!(again, [joined[0]]);
    }
    assert_eq!(cases, [cases[0]; 3]);
    let case = bench.case(cases[0]).await;
    assert_eq!((case.reports, case.reporters, case.version), (3, 2, 1));
    let figures = bench.casebook.statistics().await.unwrap();
    assert_eq!((figures.reports, figures.unread, figures.cases, figures.open_cases), (3, 0, 1, 1));
}

#[tokio::test]
async fn one_report_can_raise_several_cases() {
    let bench = Bench::new().await;
    let report = bench.receive(b"two links", None).await;
    let subjects = [subject("b.example"), subject("a.example")];
    let cases = bench.casebook.file_reading(report.id, &reading(), &subjects).await.unwrap();
    assert_ne!(cases[0], cases[1]);
    let report = bench.casebook.report(&report.receipt).await.unwrap().unwrap();
    assert_eq!(report.cases, cases);
    assert_eq!(report.state, ReportState::Read);
}

#[tokio::test]
async fn a_decision_on_what_has_changed_is_stale() {
    let bench = Bench::new().await;
    let id = bench.case_about("evil.example").await;
    bench.decide(id, Some(1), Consequence::Close).await.unwrap();
    let stale = bench.decide(id, Some(1), Consequence::Close).await.unwrap_err();
    assert!(matches!(stale, StoreError::Stale { expected: 1, now: 2, .. }), "{stale}");
    let missing = bench.decide(99, None, Consequence::Close).await.unwrap_err();
    assert!(matches!(missing, StoreError::Missing { what: "case", .. }), "{missing}");
}

#[tokio::test]
async fn what_the_state_does_not_allow_writes_nothing() {
    let bench = Bench::new().await;
    let id = bench.case_about("www.evil.example").await;
    let early = bench.release(id, Serial(1), false).await.unwrap_err();
    assert!(matches!(early, StoreError::Move { state: "open", .. }), "{early}");
    for target in
        [host("evil.example"), host("other.example"), Target::Domain(domain("other.example"))]
    {
        let misfit = bench.block(id, target).await.unwrap_err();
        assert!(matches!(misfit, StoreError::Move { .. }), "{misfit}");
    }
    let foreign = Consequence::Block(bench.cleared(block_order(id + 1, host("www.evil.example"))));
    let foreign = bench.decide(id, None, foreign).await.unwrap_err();
    assert!(matches!(foreign, StoreError::Move { .. }), "{foreign}");
    bench.block(id, Target::Domain(domain("evil.example"))).await.unwrap();
    let twice = bench.block(id, host("www.evil.example")).await.unwrap_err();
    assert!(matches!(twice, StoreError::Move { state: "blocked", .. }), "{twice}");
    let wrong = bench.release(id, Serial(7), false).await.unwrap_err();
    assert!(matches!(wrong, StoreError::Move { .. }), "{wrong}");
    assert_eq!(bench.casebook.head().serial, Serial(1));
    assert_eq!(bench.casebook.entries(Serial(0), 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_order_for_some_takes_no_place_of_one_for_all() {
    let bench = Bench::new().await;
    let whole = || Target::Domain(domain("evil.example"));
    let first = bench.case_about("a.evil.example").await;
    bench.block(first, whole()).await.unwrap();
    let second = bench.case_about("b.evil.example").await;
    let audience = Audience::Operators([OperatorName::parse("isp-1").unwrap()].into());
    let theirs = || {
        let order = Order { audience: audience.clone(), ..block_order(second, whole()) };
        Consequence::Block(bench.cleared(order))
    };
    let refused = bench.decide(second, None, theirs()).await.unwrap_err();
    assert!(matches!(refused, StoreError::OtherAudience { serial: Serial(1) }), "{refused}");
    assert_eq!(bench.casebook.head().serial, Serial(1));
    bench.release(first, Serial(1), false).await.unwrap();
    bench.decide(second, None, theirs()).await.unwrap();
    assert_eq!(bench.casebook.head().serial, Serial(3));
}

#[tokio::test]
async fn an_order_cleared_under_other_lists_is_refused() {
    let mut bench = Bench::new().await;
    let id = bench.case_about("evil.example").await;
    let old = Consequence::Block(bench.cleared(block_order(id, host("evil.example"))));
    bench.lists = lists(&["bank.example"]);
    bench.casebook.set_lists_version(bench.lists.version(), "of a test", NOW).await.unwrap();
    let changed = bench.decide(id, None, old).await.unwrap_err();
    assert!(matches!(changed, StoreError::ListsChanged), "{changed}");
    assert_eq!(
        (bench.state(id).await, bench.casebook.head().serial),
        (CaseState::Open(Open), Serial(0))
    );
    bench.block(id, host("evil.example")).await.unwrap();
}

#[tokio::test]
async fn a_newer_order_for_the_same_target_takes_over_its_cases() {
    let bench = Bench::new().await;
    let (a, b) =
        (bench.case_about("a.evil.example").await, bench.case_about("b.evil.example").await);
    let whole = || Target::Domain(domain("evil.example"));
    bench.block(a, whole()).await.unwrap();
    bench.block(b, whole()).await.unwrap();
    assert_eq!(bench.state(a).await, CaseState::Blocked(Blocked { order: Serial(2) }));
    let first = bench.casebook.order(Serial(1)).await.unwrap().unwrap();
    assert_eq!(first.released_by, Some(Serial(2)));
    assert_eq!(bench.casebook.effective().len(), 1);
    bench.release(a, Serial(2), true).await.unwrap();
    for case in [a, b] {
        assert_eq!(bench.state(case).await, CaseState::Reversed(Reversed { by: Serial(3) }));
    }
}

#[tokio::test]
async fn validity_ends_by_an_entry() {
    let bench = Bench::new().await;
    let id = bench.case_about("evil.example").await;
    bench.block(id, host("evil.example")).await.unwrap();
    let end = NOW.plus(std::time::Duration::from_secs(30 * 86_400));
    assert!(bench.casebook.orders_ending_before(NOW, 10).await.unwrap().is_empty());
    let ended = bench.casebook.orders_ending_before(end, 10).await.unwrap();
    assert_eq!(ended.iter().map(|order| order.serial).collect::<Vec<_>>(), [Serial(1)]);
    let releases = || vec![bench.expiry_of(Serial(1), "evil.example")];
    assert_eq!(bench.casebook.expire(releases(), end).await.unwrap(), [Serial(2)]);
    assert_eq!(bench.state(id).await, CaseState::Released(Released { by: Serial(2) }));
    assert!(bench.casebook.expire(releases(), end).await.unwrap().is_empty());
    assert!(bench.casebook.orders_ending_before(end, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn benign_holds_until_its_term_whatever_is_reported() {
    let bench = Bench::new().await;
    let id = bench.case_about("shop.example").await;
    bench.decide(id, None, Consequence::Clear { until: NOW }).await.unwrap();
    bench.case_about("shop.example").await;
    assert_eq!(bench.state(id).await, CaseState::Benign(Benign { until: NOW }));
    assert_eq!(bench.case(id).await.reports, 2);
    assert_eq!(bench.casebook.reopen_benign(NOW).await.unwrap(), 1);
    assert_eq!(bench.casebook.reopen_benign(NOW).await.unwrap(), 0);
    assert_eq!(bench.state(id).await, CaseState::Open(Open));
}

#[tokio::test]
async fn waiting_and_refused_cases_read_back_with_their_rule() {
    let bench = Bench::new().await;
    let finding = |rule| Finding { rule, explanation: "because".into(), list: None };
    let id = bench.case_about("evil.example").await;
    let wait = Consequence::AwaitSecond(finding(Rule::TwoPeople));
    bench.decide(id, None, wait).await.unwrap();
    let CaseState::AwaitingSecond(waiting) = bench.state(id).await else { panic!("not waiting") };
    assert_eq!((waiting.first.as_str(), waiting.rule), ("local:an", Rule::TwoPeople));
    bench.decide(id, None, Consequence::Refuse(finding(Rule::OwnName))).await.unwrap();
    let CaseState::Refused(refused) = bench.state(id).await else { panic!("not refused") };
    assert_eq!(refused.rule, Rule::OwnName);
}

#[tokio::test]
async fn lists_of_cases_filter_and_page() {
    let bench = Bench::new().await;
    let mut ids = Vec::new();
    for name in ["a.evil.example", "b.evil.example", "other.example"] {
        ids.push(bench.case_about(name).await);
    }
    bench.decide(ids[1], None, Consequence::Close).await.unwrap();
    let list = async |status: Option<&str>, name: Option<&str>, before, limit| {
        let (status, name) = (status.map(str::to_owned), name.map(domain));
        let filter = CaseFilter { status, name, before, limit, ..CaseFilter::default() };
        let cases = bench.casebook.cases(&filter).await.unwrap();
        cases.iter().map(|case| case.id).collect::<Vec<_>>()
    };
    assert_eq!(list(None, None, None, 10).await, [ids[2], ids[1], ids[0]]);
    assert_eq!(list(None, None, Some(ids[2]), 1).await, [ids[1]]);
    assert_eq!(list(Some("open"), None, None, 10).await, [ids[2], ids[0]]);
    assert_eq!(list(None, Some("evil.example"), None, 10).await, [ids[1], ids[0]]);
    assert_eq!(list(Some("open"), Some("evil.example"), None, 10).await, [ids[0]]);
    assert_eq!(list(None, Some("b.evil.example"), None, 10).await, [ids[1]]);
    let unknown = CaseFilter { status: Some("opne".into()), ..CaseFilter::default() };
    assert!(matches!(bench.casebook.cases(&unknown).await, Err(StoreError::Invalid { .. })));
}
