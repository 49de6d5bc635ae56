//! Erasing: what goes, what stays, what is held, and how long things are kept.

use std::time::Duration;

use belfry_casebook::StoreError;
use belfry_casebook::case::{CaseState, Subject};
use belfry_casebook::report::{Class, Erased, ReadingRecord, Report, cutoff};
use belfry_casebook::verdict::Consequence;
use belfry_indicator::RedactedUrl;
use belfry_journal::UnixMillis;

use crate::bench::{Bench, NOW, admin, analyst, follower, holds, host, reading, subject};

/// A report with a planted string in each place that takes one; answers it and its cases.
async fn planted(bench: &Bench, mark: &str) -> (Report, Vec<u64>) {
    let reporter = format!("{mark}-sender@x.example");
    let mail = format!("Subject: {mark}-subject\r\n\r\n{mark}-body");
    let report = bench.receive(mail.as_bytes(), Some(&reporter)).await;
    let record = ReadingRecord { json: format!("\"{mark}-reading\""), ..reading() };
    let subjects = [
        subject(&format!("{mark}-host.example")),
        Subject::Url {
            url: RedactedUrl::stored(&format!("https://shared.example/{mark}-path")).unwrap(),
            why_not_blockable: format!("{mark}-note"),
        },
        Subject::Message { digest: format!("{mark}-digest"), title: format!("{mark}-title") },
    ];
    let cases = bench.casebook.file_reading(report.id, &record, &subjects).await.unwrap();
    (report, cases)
}

async fn erase(bench: &Bench, report: &Report) -> Result<Erased, StoreError> {
    bench.casebook.erase(&admin(), &report.receipt, NOW).await
}

#[tokio::test]
async fn nothing_of_an_erased_report_is_on_the_disk() {
    let bench = Bench::new().await;
    let mut all = Vec::new();
    for n in 0..120 {
        all.push(planted(&bench, &format!("plant{n:03}")).await);
    }
    bench.casebook.reveal(&analyst("local:an"), &all[60].0, NOW).await.unwrap();
    bench.decide(all[60].1[2], None, Consequence::Close).await.unwrap();
    assert!(holds(bench.folder.path(), "plant060"), "the search finds what is there");
    for (n, (report, _)) in all.iter().enumerate().filter(|(n, _)| n % 3 == 0) {
        let erased = erase(&bench, report).await.unwrap();
        assert_eq!(erased, Erased { reports: 1, cases: 3, objections: 0 }, "{n}");
    }
    bench.casebook.sweep().await.unwrap();
    for n in (0..120).step_by(3) {
        for part in ["", "-host", "-path", "-title", "-sender", "-subject"] {
            let needle = format!("plant{n:03}{part}");
            assert!(!holds(bench.folder.path(), &needle), "{needle} is still on the disk");
        }
    }
    let receipt = &all[60].0.receipt;
    assert!(!holds(bench.folder.path(), receipt.as_str()), "nor its receipt");
    assert!(holds(bench.folder.path(), "plant061-host"), "others are untouched");
    assert!(bench.casebook.report(receipt).await.unwrap().is_none());
    bench.casebook.verify_audit().await.unwrap();
    let told = bench.casebook.audit(&admin(), None, 1).await.unwrap();
    assert_eq!((told[0].action.as_str(), told[0].detail.as_str()), ("erase", "asked for"));
    let bench = bench.reopen().await;
    bench.moved().await;
    assert_eq!(files(&bench), 80, "its evidence is gone, that of others not");
    bench.casebook.evidence(all[61].0.id).await.unwrap();
}

fn files(bench: &Bench) -> usize {
    let evidence = std::fs::read_dir(bench.folder.path().join("evidence")).unwrap();
    evidence.map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap().count()).sum()
}

#[tokio::test]
async fn what_the_journal_names_stays_without_its_reasons() {
    let bench = Bench::new().await;
    let (report, cases) = planted(&bench, "plant").await;
    bench.block(cases[0], host("plant-host.example")).await.unwrap();
    let erased = erase(&bench, &report).await.unwrap();
    assert_eq!(erased, Erased { reports: 1, cases: 2, objections: 0 });
    let file = bench.casebook.case(cases[0]).await.unwrap().unwrap();
    assert!(matches!(file.case.state, CaseState::Blocked(_)));
    assert_eq!((file.case.reports, file.case.reporters, file.reports.len()), (0, 0, 0));
    assert_eq!(file.verdicts[0].reason, "(erased)");
    bench.casebook.sweep().await.unwrap();
    assert!(!holds(bench.folder.path(), "it asks for a card number"));
    assert!(!holds(bench.folder.path(), "plant-title"));
    let verified = bench.casebook.verify_audit().await.unwrap();
    assert_eq!((verified.lines, verified.erased), (2, 1));
    bench.casebook.verify_journal().await.unwrap();
}

#[tokio::test]
async fn a_case_of_several_reports_loses_one_and_what_only_that_one_said() {
    let bench = Bench::new().await;
    let shared = |title: &str| Subject::Message { digest: "d".into(), title: title.into() };
    let mut reports = Vec::new();
    for (reporter, title) in
        [("an@x.example", "first"), ("an@x.example", "b"), ("bo@x.example", "c")]
    {
        let report = bench.receive(b"mail", Some(reporter)).await;
        bench.casebook.file_reading(report.id, &reading(), &[shared(title)]).await.unwrap();
        reports.push(report);
    }
    erase(&bench, &reports[0]).await.unwrap();
    let case = bench.case(1).await;
    assert_eq!((case.reports, case.reporters), (2, 2), "the same reporter sent another");
    assert_eq!(case.subject, shared("(erased)"));
    erase(&bench, &reports[2]).await.unwrap();
    let case = bench.case(1).await;
    assert_eq!((case.reports, case.reporters), (1, 1));
    erase(&bench, &reports[1]).await.unwrap();
    assert!(bench.casebook.case(1).await.unwrap().is_none());
}

#[tokio::test]
async fn a_report_that_is_held_is_not_erased() {
    let bench = Bench::new().await;
    let (report, _) = planted(&bench, "plant").await;
    let hold = async |why: &str| bench.casebook.hold(&admin(), &report.receipt, why, NOW).await;
    assert!(matches!(hold(" ").await, Err(StoreError::Invalid { .. })));
    hold("court order 17").await.unwrap();
    assert!(matches!(hold("again").await, Err(StoreError::Taken { .. })));
    let refused = erase(&bench, &report).await.unwrap_err();
    let StoreError::Held { who, why, .. } = &refused else { panic!("{refused}") };
    assert_eq!((who.as_str(), why.as_str()), ("local:root", "court order 17"));
    let far = UnixMillis(NOW.0 + 1);
    for class in Class::ALL {
        let erased = bench.casebook.erase_ended(class, far, NOW).await.unwrap();
        assert_eq!(erased, Erased::default(), "{}", class.name());
    }
    assert_eq!(bench.casebook.evidence(report.id).await.unwrap().len(), 36);
    bench.casebook.unhold(&admin(), &report.receipt, NOW).await.unwrap();
    assert!(bench.casebook.unhold(&admin(), &report.receipt, NOW).await.is_err());
    erase(&bench, &report).await.unwrap();
    assert!(matches!(erase(&bench, &report).await, Err(StoreError::Missing { .. })));
}

#[tokio::test]
async fn reports_are_kept_by_what_became_of_them() {
    let bench = Bench::new().await;
    let unread = bench.receive(b"unread", None).await;
    let (open, fraud, harmless) = (
        bench.case_about("open.example").await,
        bench.case_about("fraud.example").await,
        bench.case_about("fine.example").await,
    );
    bench.block(fraud, host("fraud.example")).await.unwrap();
    bench.release(fraud, belfry_journal::Serial(1), false).await.unwrap();
    let until = NOW.plus(Duration::from_secs(1));
    bench.decide(harmless, None, Consequence::Clear { until }).await.unwrap();
    let ended = async |class, days| {
        let now = NOW.plus(Duration::from_secs(86_400 * 10 + 1));
        bench.casebook.erase_ended(class, cutoff(now, days), now).await.unwrap()
    };
    for class in Class::ALL {
        assert_eq!(ended(class, 11).await, Erased::default(), "not yet: {}", class.name());
    }
    assert_eq!(ended(Class::Harmless, 10).await, Erased { reports: 1, cases: 1, objections: 0 });
    assert_eq!(ended(Class::Harmless, 0).await, Erased::default(), "the others are others");
    assert_eq!(ended(Class::Fraud, 10).await, Erased { reports: 1, cases: 0, objections: 0 });
    assert!(bench.casebook.case(open).await.unwrap().is_some());
    assert_eq!(ended(Class::Undecided, 10).await, Erased { reports: 2, cases: 1, objections: 0 });
    assert!(bench.casebook.report(&unread.receipt).await.unwrap().is_none());
    assert!(bench.casebook.case(fraud).await.unwrap().is_some(), "the journal names it");
}

#[tokio::test]
async fn pseudonyms_go_once_a_case_is_decided_and_the_counts_stay() {
    let bench = Bench::new().await;
    let report = bench.receive(b"mail", Some("an@x.example")).await;
    let subjects = [subject("evil.example")];
    bench.casebook.file_reading(report.id, &reading(), &subjects).await.unwrap();
    let later = NOW.plus(Duration::from_secs(1));
    assert_eq!(bench.casebook.forget_reporters(later).await.unwrap(), 0, "it is open");
    bench.block(1, host("evil.example")).await.unwrap();
    assert_eq!(bench.casebook.forget_reporters(NOW).await.unwrap(), 0, "not yet");
    assert_eq!(bench.casebook.forget_reporters(later).await.unwrap(), 2);
    assert_eq!(bench.casebook.forget_reporters(later).await.unwrap(), 0);
    assert_eq!(bench.case(1).await.reporters, 1);
}

#[tokio::test]
async fn evidence_that_no_report_names_is_collected() {
    let bench = Bench::new().await;
    bench.receive(b"named", None).await;
    let folder = bench.folder.path().join("evidence/a1");
    std::fs::write(folder.join("b2".repeat(31)), b"a crash came before its row").unwrap();
    std::fs::write(folder.join("notes"), b"not ours").unwrap();
    let hour = Duration::from_secs(3_600);
    assert_eq!(bench.casebook.collect_orphans(hour).await.unwrap(), 0, "it may be coming in");
    assert_eq!(bench.casebook.collect_orphans(Duration::ZERO).await.unwrap(), 1);
    assert_eq!(bench.casebook.unread(10).await.unwrap().len(), 1);
    assert!(folder.join("notes").exists());
}

/// Tables whose rows name a report or a case, each with what erasing does to them. A new one
/// belongs here, and in `report/erase.rs`.
const NAMED_BY: [&str; 17] = [
    "assessments: deleted",
    "case_holders: let go",
    "case_marks: deleted",
    "case_members: freed",
    "case_notes: deleted",
    "case_reporters: deleted",
    "case_sketches: deleted",
    "correspondence: deleted",
    "handovers: forget the message",
    "holds: refused before, deleted where a restore erases again",
    "inspections: deleted with their objects, or with the case",
    "objections: name only cases that were blocked, which stay",
    "orders: of cases that stay",
    "proposals: deleted",
    "report_cases: deleted",
    "rule_acts: deleted",
    "verdicts: deleted, or their reasons blanked where the journal names the case",
];

#[tokio::test]
async fn every_table_that_names_a_report_or_a_case_is_known_to_the_erasure() {
    let bench = Bench::new().await;
    bench.casebook.close().await;
    let file = bench.folder.path().join("casebook.sqlite");
    let books =
        sqlx::SqlitePool::connect_with(sqlx::sqlite::SqliteConnectOptions::new().filename(file));
    let books = books.await.unwrap();
    let text = "SELECT DISTINCT m.name FROM sqlite_master m, pragma_foreign_key_list(m.name) f \
                WHERE m.type = 'table' AND f.\"table\" IN ('reports', 'cases') ORDER BY m.name";
    let tables: Vec<String> = sqlx::query_scalar(text).fetch_all(&books).await.unwrap();
    let known = NAMED_BY.map(|line| line.split(':').next().unwrap().to_owned());
    assert_eq!(tables, known);
}

#[tokio::test]
async fn notes_holders_and_hand_overs_do_not_keep_a_report() {
    let bench = Bench::new().await;
    let (report, cases) = planted(&bench, "worked").await;
    let book = &bench.casebook;
    for case in &cases {
        book.add_note(&analyst("local:an"), *case, "worked-note: call them", NOW).await.unwrap();
        book.hold_case(&analyst("local:an"), *case, true, NOW).await.unwrap();
    }
    let text = "worked-text";
    let handover = book.hand_over(&follower("token:telco-1"), report.id, text, NOW).await.unwrap();
    assert_eq!(erase(&bench, &report).await.unwrap().cases, 3);
    book.sweep().await.unwrap();
    assert!(!holds(bench.folder.path(), "worked-note"));
    assert_eq!(handover.number, 1);
}

#[tokio::test]
async fn notes_on_a_case_that_the_journal_names_go_with_its_last_report() {
    let bench = Bench::new().await;
    let (report, cases) = planted(&bench, "named").await;
    let book = &bench.casebook;
    bench.block(cases[0], host("named-host.example")).await.unwrap();
    book.add_note(&analyst("local:an"), cases[0], "named-note: call them", NOW).await.unwrap();
    assert_eq!(erase(&bench, &report).await.unwrap().cases, 2);
    assert!(book.notes(cases[0]).await.unwrap().is_empty());
}
