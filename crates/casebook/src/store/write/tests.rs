//! Writes alone and together, as the database keeps them.

use belfry_journal::{Serial, UnixMillis};

use crate::sql::journal as sql;
use crate::{Casebook, Settings, StoreError};

#[tokio::test]
async fn a_write_dropped_midway_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { data: folder.path().into() };
    let casebook = Casebook::open(&settings, UnixMillis(1)).await.unwrap();
    let mut write = casebook.db().write().await.unwrap();
    assert_eq!(write.append_heartbeat(UnixMillis(1)).await.unwrap(), Serial(1));
    assert_eq!(write.draw("cases").await.unwrap(), 1);
    drop(write);
    assert_eq!(casebook.head().serial, Serial(0));
    assert!(casebook.entries(Serial(0), 10).await.unwrap().is_empty());
    let mut write = casebook.db().write().await.unwrap();
    assert_eq!(write.draw("cases").await.unwrap(), 1, "the number was given back");
    write.roll_back().await.unwrap();
    assert_eq!(casebook.heartbeat(UnixMillis(2)).await.unwrap(), Serial(1));
}

async fn casebook(folder: &tempfile::TempDir) -> Casebook {
    let settings = Settings { data: folder.path().into() };
    Casebook::open(&settings, UnixMillis(1)).await.unwrap()
}

/// What the sequence of cases is at, as committed.
async fn counted(casebook: &Casebook) -> i64 {
    let query = sqlx::query_scalar(sql::COUNTER).bind("cases");
    query.fetch_one(casebook.readers()).await.unwrap()
}

/// Begins a write together, draws a number, and waits for the commit in a task.
async fn leave(casebook: &Casebook) -> tokio::task::JoinHandle<Result<(), StoreError>> {
    let mut write = casebook.db().write_together().await.unwrap();
    write.draw("cases").await.unwrap();
    let left = tokio::spawn(write.commit_together());
    tokio::task::yield_now().await;
    left
}

#[tokio::test]
async fn writes_together_are_done_with_their_common_commit_and_not_before() {
    let folder = tempfile::tempdir().unwrap();
    let casebook = casebook(&folder).await;
    let first = casebook.db().write_together().await.unwrap();
    // They wait for their turn behind the first, and are in its transaction.
    let others = (0..3).map(|_| {
        let casebook = casebook.clone();
        tokio::spawn(async move {
            let mut write = casebook.db().write_together().await.unwrap();
            let number = write.draw("cases").await.unwrap();
            assert_eq!(counted(&casebook).await, 0, "committed before its turn was over");
            write.commit_together().await.unwrap();
            assert!(counted(&casebook).await >= number, "not committed, and yet done");
        })
    });
    let others: Vec<_> = others.collect();
    tokio::task::yield_now().await;
    first.commit_together().await.unwrap();
    for other in others {
        other.await.unwrap();
    }
    assert_eq!(counted(&casebook).await, 3);
}

#[tokio::test]
async fn a_write_that_is_dropped_among_others_leaves_nothing_and_harms_none() {
    let folder = tempfile::tempdir().unwrap();
    let casebook = casebook(&folder).await;
    let turn = casebook.db().write_together().await.unwrap();
    let kept = tokio::spawn({
        let casebook = casebook.clone();
        async move { leave(&casebook).await.await.unwrap() }
    });
    let dropped = tokio::spawn({
        let casebook = casebook.clone();
        async move {
            let mut write = casebook.db().write_together().await.unwrap();
            assert_eq!(write.draw("cases").await.unwrap(), 2);
            let failed =
                sqlx::query("SELECT nothing FROM nowhere").execute(write.connection()).await;
            assert!(failed.is_err());
        }
    });
    tokio::task::yield_now().await;
    drop(turn);
    dropped.await.unwrap();
    kept.await.unwrap().unwrap();
    assert_eq!(counted(&casebook).await, 1);
    let mut write = casebook.db().write_together().await.unwrap();
    assert_eq!(write.draw("cases").await.unwrap(), 2, "the number was given back");
    write.roll_back().await.unwrap();
    assert_eq!(counted(&casebook).await, 1);
}

#[tokio::test]
async fn a_write_alone_finds_no_transaction_of_others_open() {
    let folder = tempfile::tempdir().unwrap();
    let casebook = casebook(&folder).await;
    let left = leave(&casebook).await;
    let mut alone = casebook.db().write().await.unwrap();
    assert_eq!(counted(&casebook).await, 1, "those who waited are committed first");
    left.await.unwrap().unwrap();
    alone.draw("cases").await.unwrap();
    drop(alone);
    assert_eq!(counted(&casebook).await, 1);
}

#[tokio::test]
async fn entries_of_a_write_together_are_folded_in_at_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let casebook = casebook(&folder).await;
    let mut write = casebook.db().write_together().await.unwrap();
    write.append_heartbeat(UnixMillis(1)).await.unwrap();
    write.commit_together().await.unwrap();
    assert_eq!(casebook.head().serial, Serial(1));
}

#[tokio::test]
async fn closing_commits_what_waits() {
    let folder = tempfile::tempdir().unwrap();
    let first = casebook(&folder).await;
    let left = leave(&first).await;
    first.close().await;
    left.await.unwrap().unwrap();
    assert_eq!(counted(&casebook(&folder).await).await, 1);
}
