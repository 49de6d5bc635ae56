//! What the intake does where it can't do what it should: nothing acknowledged is
//! lost, nothing refused is kept, and it goes on as soon as it can.

use std::fs;
use std::path::PathBuf;

use belfry_casebook::report::{Channel, Content, NewReport, Receipt};
use belfry_casebook::{Casebook, StoreError};

use crate::bench::{Bench, NOW, open};

async fn receive(casebook: &Casebook, bytes: &[u8]) -> Result<Receipt, StoreError> {
    let (channel, content) = (Channel::Api, Content::Mail);
    casebook.receive(NewReport { channel, content, bytes, reporter: None, received_at: NOW }).await
}

/// Runs a statement beside the casebook, as nobody should.
async fn by_hand(bench: &Bench, sql: &'static str) {
    let file = bench.folder.path().join("casebook.sqlite");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file).foreign_keys(false);
    let hand = sqlx::SqlitePool::connect_with(options).await.unwrap();
    sqlx::query(sql).execute(&hand).await.unwrap();
    hand.close().await;
}

fn segment(bench: &Bench) -> PathBuf {
    bench.folder.path().join("spool/0000000000000001.spool")
}

#[tokio::test]
async fn a_batch_whose_rows_fail_leaves_nothing_in_the_spool() {
    let bench = Bench::new().await;
    let first = receive(&bench.casebook, b"before").await.unwrap();
    let length = fs::metadata(segment(&bench)).unwrap().len();
    by_hand(
        &bench,
        "CREATE TRIGGER no BEFORE INSERT ON reports BEGIN SELECT RAISE(ABORT, 'no'); END",
    )
    .await;
    for _ in 0..3 {
        let refused = receive(&bench.casebook, b"refused").await.unwrap_err();
        assert!(matches!(refused, StoreError::Intake(_)), "{refused}");
        assert_eq!(fs::metadata(segment(&bench)).unwrap().len(), length);
    }
    by_hand(&bench, "DROP TRIGGER no").await;
    let last = receive(&bench.casebook, b"after").await.unwrap();
    let bench = bench.reopen().await;
    bench.moved().await;
    let unread = bench.casebook.unread(10).await.unwrap();
    let receipts: Vec<_> = unread.iter().map(|report| report.receipt.clone()).collect();
    assert_eq!(receipts, [first, last]);
    for (report, bytes) in unread.iter().zip([&b"before"[..], b"after"]) {
        assert_eq!(bench.casebook.evidence(report.id).await.unwrap(), bytes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_before_a_close_is_there_after_it() {
    let bench = Bench::new().await;
    let senders: Vec<_> = (0..60_u8)
        .map(|sender| {
            let casebook = bench.casebook.clone();
            tokio::spawn(async move { (sender, receive(&casebook, &[sender; 70_000]).await) })
        })
        .collect();
    tokio::task::yield_now().await;
    bench.casebook.close().await;
    let mut acknowledged = Vec::new();
    for sender in senders {
        match sender.await.unwrap() {
            (sender, Ok(receipt)) => acknowledged.push((sender, receipt)),
            (_, Err(error)) => {
                let closed = matches!(error, StoreError::Closed | StoreError::Sql(_));
                assert!(closed || matches!(error, StoreError::Intake(_)), "{error}");
            }
        }
    }
    let casebook = open(bench.folder.path()).await.unwrap();
    assert_eq!(casebook.unread(100).await.unwrap().len(), acknowledged.len());
    for (sender, receipt) in acknowledged {
        let report = casebook.report(&receipt).await.unwrap().unwrap();
        assert_eq!(casebook.evidence(report.id).await.unwrap(), [sender; 70_000]);
    }
}
