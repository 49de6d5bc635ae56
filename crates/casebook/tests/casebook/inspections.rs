//! Inspections: who goes first, how many, and that what was seen goes with its report.

use belfry_casebook::StoreError;
use belfry_casebook::inspection::{Device, OF_CASE_MAX, Progress, SeenPage};
use belfry_casebook::report::ReportId;

use crate::bench::{Bench, NOW, admin, analyst, holds, reading, subject};

fn page(mark: &str) -> SeenPage {
    SeenPage { json: format!("{{\"title\":\"{mark}\"}}"), picture: b"\x89PNG".to_vec() }
}

/// A report about `host`; answers it and its case.
async fn reported(bench: &Bench, host: &str) -> (ReportId, u64) {
    let report = bench.receive(host.as_bytes(), Some("an@x.example")).await;
    let filed = bench.casebook.file_reading(report.id, &reading(), &[subject(host)]).await;
    (report.id, filed.unwrap()[0])
}

async fn asked(bench: &Bench, case: u64) -> u64 {
    let by = analyst("local:an");
    bench.casebook.ask_inspection(&by, case, Device::Phone, NOW).await.unwrap()
}

#[tokio::test]
async fn what_a_person_asks_for_goes_first_and_stays_in_the_audit_log() {
    let bench = Bench::new().await;
    let (_, one) = reported(&bench, "one.example").await;
    let (_, two) = reported(&bench, "two.example").await;
    let unasked = bench.casebook.ask_first_inspection(one, Device::Desktop, NOW).await.unwrap();
    let by_person = asked(&bench, two).await;
    let next = bench.casebook.next_inspection().await.unwrap().unwrap();
    assert_eq!((next.id, next.case, next.device), (by_person, two, Device::Phone));
    bench.casebook.fail_inspection(by_person, "no browser", NOW).await.unwrap();
    let next = bench.casebook.next_inspection().await.unwrap().unwrap();
    assert_eq!((Some(next.id), next.by.as_str()), (unasked, "belfry"));
    let again = bench.casebook.ask_first_inspection(one, Device::Desktop, NOW).await.unwrap();
    assert_eq!(again, None, "it has one");
    let told = bench.casebook.audit(&admin(), None, 1).await.unwrap();
    assert_eq!((told[0].action.as_str(), told[0].detail.as_str()), ("inspect", "phone"));
    let shown = bench.casebook.inspections(two).await.unwrap();
    assert_eq!(shown[0].progress, Progress::Failed { why: "no browser".into(), at: NOW });
}

#[tokio::test]
async fn a_case_has_a_bounded_number_and_an_unknown_case_none() {
    let bench = Bench::new().await;
    let (_, case) = reported(&bench, "one.example").await;
    for _ in 0..OF_CASE_MAX {
        asked(&bench, case).await;
    }
    let by = analyst("local:an");
    let refused = bench.casebook.ask_inspection(&by, case, Device::Phone, NOW).await;
    assert!(matches!(refused, Err(StoreError::Invalid { .. })), "{refused:?}");
    let missing = bench.casebook.ask_inspection(&by, 99, Device::Phone, NOW).await;
    assert!(matches!(missing, Err(StoreError::Missing { .. })), "{missing:?}");
}

#[tokio::test]
async fn a_page_comes_back_and_is_never_in_clear_on_the_disk() {
    let bench = Bench::new().await;
    let (report, case) = reported(&bench, "one.example").await;
    let id = asked(&bench, case).await;
    assert_eq!(bench.casebook.seen_page(id).await.unwrap(), None, "it waits");
    bench.casebook.keep_page(id, report, "page", &page("planted-title"), NOW).await.unwrap();
    let bench = bench.reopen().await;
    assert_eq!(bench.casebook.seen_page(id).await.unwrap(), Some(page("planted-title")));
    assert!(!holds(bench.folder.path(), "planted-title"));
    let twice = bench.casebook.keep_page(id, report, "page", &page("again"), NOW).await;
    assert!(matches!(twice, Err(StoreError::Missing { .. })), "it has ended: {twice:?}");
    assert_eq!(bench.casebook.seen_page(id).await.unwrap(), Some(page("planted-title")));
}

#[tokio::test]
async fn what_was_seen_goes_with_the_report_whose_link_was_opened() {
    let bench = Bench::new().await;
    let receipt = bench.receive(b"first", Some("an@x.example")).await.receipt;
    let report = bench.casebook.report(&receipt).await.unwrap().unwrap();
    let host = [subject("one.example")];
    let case = bench.casebook.file_reading(report.id, &reading(), &host).await.unwrap()[0];
    reported(&bench, "one.example").await;
    let (kept, waiting) = (asked(&bench, case).await, asked(&bench, case).await);
    bench.casebook.keep_page(kept, report.id, "page", &page("x"), NOW).await.unwrap();
    bench.moved().await;
    assert_eq!(files(&bench), 3);
    bench.casebook.erase(&admin(), &receipt, NOW).await.unwrap();
    assert_eq!(files(&bench), 1);
    assert_eq!(bench.casebook.seen_page(kept).await.unwrap(), None);
    let left = bench.casebook.inspections(case).await.unwrap();
    assert_eq!(left.iter().map(|one| one.id).collect::<Vec<_>>(), [waiting]);
    bench.casebook.collect_orphans(std::time::Duration::ZERO).await.unwrap();
    assert_eq!(files(&bench), 1, "what is left is no orphan");
}

#[tokio::test]
async fn a_case_that_goes_takes_what_waits_for_it() {
    let bench = Bench::new().await;
    let receipt = bench.receive(b"only", Some("an@x.example")).await.receipt;
    let report = bench.casebook.report(&receipt).await.unwrap().unwrap();
    let host = [subject("one.example")];
    let case = bench.casebook.file_reading(report.id, &reading(), &host).await.unwrap()[0];
    let id = asked(&bench, case).await;
    bench.casebook.erase(&admin(), &receipt, NOW).await.unwrap();
    assert_eq!(bench.casebook.next_inspection().await.unwrap(), None);
    let late = bench.casebook.keep_page(id, report.id, "page", &page("x"), NOW).await;
    assert!(late.is_err(), "the report is gone");
    bench.moved().await;
    assert_eq!(files(&bench), 0);
}

fn files(bench: &Bench) -> usize {
    let evidence = std::fs::read_dir(bench.folder.path().join("evidence")).unwrap();
    evidence.map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap().count()).sum()
}
