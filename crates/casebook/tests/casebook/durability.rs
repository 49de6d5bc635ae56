//! What must hold over restarts, crashes, damage and many callers at once.

use std::process::Command;

use belfry_casebook::report::{Channel, Content, IntakeLimits, NewReport, Pressure};
use belfry_casebook::{Casebook, StoreError};
use belfry_journal::Serial;

use crate::bench::{Bench, NOW, block_order, host, open, reading, subject};

/// A block, a release, a heartbeat and an unread report.
async fn with_history() -> Bench {
    let bench = Bench::new().await;
    let first = bench.case_about("a.example").await;
    let second = bench.case_about("b.example").await;
    bench.block(first, host("a.example")).await.unwrap();
    bench.block(second, host("b.example")).await.unwrap();
    bench.release(first, Serial(1), false).await.unwrap();
    bench.casebook.heartbeat(NOW).await.unwrap();
    bench.receive(b"not read yet", None).await;
    bench
}

#[tokio::test]
async fn opened_again_it_is_the_same() {
    let bench = with_history().await;
    let before = (bench.casebook.head(), bench.casebook.effective());
    let verified = bench.casebook.verify_journal().await.unwrap();
    let bench = bench.reopen().await;
    assert_eq!((bench.casebook.head(), bench.casebook.effective()), before);
    assert_eq!(bench.casebook.verify_journal().await.unwrap(), verified);
    assert_eq!(verified.entries, 4);
    assert_eq!(verified.root, bench.casebook.effective().frontier().root());
    let unread = bench.casebook.unread(10).await.unwrap();
    assert_eq!(unread.len(), 1);
    assert_eq!(bench.casebook.evidence(unread[0].id).await.unwrap(), b"not read yet");
    bench.casebook.ready().await.unwrap();
    assert_eq!(bench.casebook.heartbeat(NOW).await.unwrap(), Serial(5));
}

#[tokio::test]
async fn a_second_process_is_kept_out() {
    let bench = Bench::new().await;
    let refused = open(bench.folder.path()).await.unwrap_err();
    assert!(matches!(refused, StoreError::InUse(_)), "{refused}");
    assert!(refused.to_string().contains("belfry case"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_decide_at_once_one_wins() {
    let bench = Bench::new().await;
    let id = bench.case_about("evil.example").await;
    let consequence = || {
        let order = block_order(id, host("evil.example"));
        belfry_casebook::verdict::Consequence::Block(bench.cleared(order))
    };
    let (one, two) = tokio::join!(
        bench.decide(id, Some(1), consequence()),
        bench.decide(id, Some(1), consequence())
    );
    assert_eq!(u8::from(one.is_ok()) + u8::from(two.is_ok()), 1);
    let lost = one.err().or(two.err()).unwrap();
    assert!(matches!(lost, StoreError::Stale { .. }), "{lost}");
    assert_eq!(bench.casebook.head().serial, Serial(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn serials_have_no_gap_under_many_deciders() {
    let bench = std::sync::Arc::new(Bench::new().await);
    let mut ids = Vec::new();
    let report = bench.receive(b"many", None).await;
    let subjects: Vec<_> = (0..200).map(|n| subject(&format!("h{n}.example"))).collect();
    ids.extend(bench.casebook.file_reading(report.id, &reading(), &subjects).await.unwrap());
    let deciders: Vec<_> = ids
        .into_iter()
        .enumerate()
        .map(|(n, id)| {
            let bench = std::sync::Arc::clone(&bench);
            tokio::spawn(async move { bench.block(id, host(&format!("h{n}.example"))).await })
        })
        .collect();
    let mut serials = Vec::new();
    for decider in deciders {
        serials.push(decider.await.unwrap().unwrap().serial.unwrap());
    }
    serials.sort();
    assert_eq!(serials, (1..=200).map(Serial).collect::<Vec<_>>());
    assert_eq!(bench.casebook.effective().len(), 200);
    bench.casebook.verify_journal().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_goes_away_leaves_the_fold_with_the_rows() {
    let bench = std::sync::Arc::new(Bench::new().await);
    for n in 0..40_u64 {
        let casebook = bench.casebook.clone();
        let beating = tokio::spawn(async move { casebook.heartbeat(NOW).await });
        tokio::time::sleep(std::time::Duration::from_micros(n * 50)).await;
        beating.abort();
    }
    bench.casebook.heartbeat(NOW).await.unwrap();
    let verified = bench.casebook.verify_journal().await.unwrap();
    assert_eq!(Serial(verified.entries), bench.casebook.head().serial);
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_that_come_at_once_are_all_kept() {
    let bench = std::sync::Arc::new(Bench::new().await);
    let told = bench.casebook.watch_reports();
    let senders: Vec<_> = (0..8_u8)
        .map(|sender| {
            let casebook = bench.casebook.clone();
            tokio::spawn(async move {
                for n in 0..10 {
                    receive(&casebook, format!("{sender} {n}").as_bytes()).await;
                }
            })
        })
        .collect();
    for sender in senders {
        sender.await.unwrap();
    }
    assert_eq!(*told.borrow(), 80);
    let unread = bench.casebook.unread(100).await.unwrap();
    let mut texts = Vec::new();
    for report in &unread {
        texts.push(bench.casebook.evidence(report.id).await.unwrap());
    }
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), 80);
    assert_eq!(unread.last().unwrap().id.0, 80, "numbers have no gap");
}

async fn receive(casebook: &Casebook, bytes: &[u8]) {
    let (channel, content) = (Channel::Api, Content::Mail);
    let report = NewReport { channel, content, bytes, reporter: None, received_at: NOW };
    casebook.receive(report).await.unwrap();
}

#[tokio::test]
async fn nothing_personal_lies_on_the_disk_in_clear() {
    let bench = Bench::new().await;
    let report = bench.receive(b"PLANTED-EVIDENCE", Some("planted-reporter@x.example")).await;
    let record =
        belfry_casebook::report::ReadingRecord { json: "\"PLANTED-READING\"".into(), ..reading() };
    bench.casebook.file_reading(report.id, &record, &[]).await.unwrap();
    let read = bench.casebook.reading(report.id).await.unwrap().unwrap();
    assert_eq!((read.json.as_str(), read.defects), ("\"PLANTED-READING\"", 2));
    bench.casebook.close().await;
    let found = |needle: &str| {
        let grep = Command::new("grep").args(["-ric", needle]).arg(bench.folder.path()).output();
        let counts = String::from_utf8(grep.unwrap().stdout).unwrap();
        counts.lines().any(|line| !line.ends_with(":0"))
    };
    assert!(found(report.receipt.as_str()), "the search finds what is there");
    for planted in ["PLANTED-EVIDENCE", "PLANTED-READING", "planted-reporter"] {
        assert!(!found(planted), "{planted} is on the disk in clear");
    }
}

#[tokio::test]
async fn a_key_that_is_gone_is_said_and_not_made_anew() {
    let bench = with_history().await;
    bench.casebook.close().await;
    let key = bench.folder.path().join("keys/evidence.key");
    std::fs::remove_file(&key).unwrap();
    let refused = open(bench.folder.path()).await.unwrap_err();
    assert!(matches!(refused, StoreError::Key { .. }), "{refused}");
    assert!(!key.exists());
}

#[tokio::test]
async fn changed_evidence_is_not_given_out() {
    let bench = Bench::new().await;
    let report = bench.receive(b"as it came", None).await;
    let segment = bench.folder.path().join("spool/0000000000000001.spool");
    let mut bytes = std::fs::read(&segment).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&segment, bytes).unwrap();
    let refused = bench.casebook.evidence(report.id).await.unwrap_err();
    assert!(matches!(refused, StoreError::Evidence { .. }), "{refused}");
}

#[tokio::test]
async fn what_lies_in_the_spool_is_moved_to_the_store_after_a_crash() {
    let bench = Bench::new().await;
    let report = bench.receive(b"as it came", None).await;
    let segment = bench.folder.path().join("spool/0000000000000001.spool");
    // A write that a crash cut, and a record of nobody's.
    let mut bytes = std::fs::read(&segment).unwrap();
    bytes.extend_from_slice(&[0xb5, b'r', b'e', b'c', 9, 0, 0, 0, 1]);
    bench.casebook.close().await;
    std::fs::write(&segment, &bytes).unwrap();
    let casebook = open(bench.folder.path()).await.unwrap();
    assert_eq!(casebook.evidence(report.id).await.unwrap(), b"as it came");
    bench.moved().await;
    assert_eq!(casebook.evidence(report.id).await.unwrap(), b"as it came");
    casebook.close().await;
    let casebook = open(bench.folder.path()).await.unwrap();
    assert_eq!(casebook.evidence(report.id).await.unwrap(), b"as it came");
    assert_eq!(casebook.unread(10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn reports_are_put_off_while_too_many_wait_to_be_read() {
    let bench = Bench::new().await;
    let report = bench.receive(b"one", None).await;
    let limits = IntakeLimits { unread_max: 1, ..IntakeLimits::default() };
    bench.casebook.limit_intake(limits);
    let report_of = |bytes| {
        let (channel, content) = (Channel::Api, Content::Mail);
        NewReport { channel, content, bytes, reporter: None, received_at: NOW }
    };
    let refused = bench.casebook.receive(report_of(b"two")).await.unwrap_err();
    assert!(matches!(refused, StoreError::Busy(Pressure::Unread)), "{refused}");
    let refused = bench.casebook.ready().await.unwrap_err();
    assert!(matches!(refused, StoreError::Busy(Pressure::Unread)), "{refused}");
    bench.casebook.file_reading(report.id, &reading(), &[]).await.unwrap();
    bench.casebook.receive(report_of(b"two")).await.unwrap();
    // A disk with more free than any has is low.
    bench.casebook.limit_intake(IntakeLimits { free_bytes_min: u64::MAX, unread_max: 9 });
    let refused = bench.casebook.receive(report_of(b"three")).await.unwrap_err();
    assert!(matches!(refused, StoreError::Busy(Pressure::DiskLow)), "{refused}");
    assert_eq!(bench.casebook.intake_figures().unread, 1);
    let bench = bench.reopen().await;
    assert_eq!(bench.casebook.intake_figures().unread, 1);
}

async fn damaged_by(sql: &'static str) -> StoreError {
    let bench = with_history().await;
    bench.casebook.close().await;
    let file = bench.folder.path().join("casebook.sqlite");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file).foreign_keys(false);
    let hand = sqlx::SqlitePool::connect_with(options).await.unwrap();
    sqlx::query(sql).execute(&hand).await.unwrap();
    hand.close().await;
    open(bench.folder.path()).await.expect_err("the damage was not seen")
}

#[tokio::test]
async fn an_entry_changed_by_hand_is_found_at_open() {
    for (sql, at) in [
        ("UPDATE entries SET body = x'00' WHERE serial = 2", 2),
        ("UPDATE entries SET salt = zeroblob(32) WHERE serial = 1", 1),
        ("UPDATE entries SET kind = 1 WHERE serial = 3", 3),
        ("DELETE FROM entries WHERE serial = 2", 3),
        ("DELETE FROM entries WHERE serial = 4", 4),
    ] {
        let damaged = damaged_by(sql).await;
        let StoreError::Damaged { serial, .. } = damaged else { panic!("{sql}: {damaged}") };
        assert_eq!(serial, Serial(at), "{sql}");
    }
}
