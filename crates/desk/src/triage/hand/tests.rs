//! What triage takes up, in which order, and how much of it.

use std::time::Duration;

use belfry_casebook::Settings;
use belfry_casebook::report::{Channel, Content, NewReport, ReadingRecord};
use belfry_journal::UnixMillis;

use super::*;

/// A casebook with unread reports, the last of which came a while ago.
async fn casebook(folder: &tempfile::TempDir, reports: usize) -> Casebook {
    let settings = Settings { data: folder.path().into() };
    let casebook = Casebook::open(&settings, UnixMillis(1)).await.unwrap();
    for _ in 0..reports {
        receive(&casebook).await;
    }
    while casebook.intake_is_busy() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    casebook
}

async fn receive(casebook: &Casebook) {
    let report = NewReport {
        channel: Channel::Api,
        content: Content::Sms,
        bytes: b"text",
        reporter: None,
        received_at: UnixMillis(1),
    };
    casebook.receive(report).await.unwrap();
}

/// Takes all that there is room for; answers the numbers and lanes.
async fn take_all(hand: &mut Hand, casebook: &Casebook, done: fn() -> Done) -> Vec<(u64, Lane)> {
    let mut taken = Vec::new();
    while let Some((report, lane)) = hand.next(casebook).await.unwrap() {
        taken.push((report.id.0, lane));
        hand.begin(report, lane, async move { Ok(done()) });
    }
    taken
}

#[tokio::test]
async fn each_unread_report_is_in_hand_once_and_no_more_than_there_is_room_for() {
    let folder = tempfile::tempdir().unwrap();
    let casebook = casebook(&folder, 60).await;
    let mut hand = Hand::new(1);
    let first = take_all(&mut hand, &casebook, || Done::Filed).await;
    assert_eq!(first, (1..=48).map(|id| (id, Lane::AtOnce)).collect::<Vec<_>>());
    for _ in 0..20 {
        hand.put_down().await.unwrap().unwrap();
    }
    // The rest of the batch; none twice.
    let second = take_all(&mut hand, &casebook, || Done::Filed).await;
    assert_eq!(second, (49..=60).map(|id| (id, Lane::AtOnce)).collect::<Vec<_>>());
}

/// Quiet benchmark of the intake, 24 November 2026: 48 filings in the writer's queue let mails
/// come in at a third of the pace.
#[tokio::test]
async fn two_reports_are_in_hand_while_others_come_in() {
    let folder = tempfile::tempdir().unwrap();
    let casebook = casebook(&folder, 6).await;
    // Where the machine rests between the report and the look, the next one tells.
    for _ in 0..100 {
        let mut hand = Hand::new(1);
        receive(&casebook).await;
        let taken = take_all(&mut hand, &casebook, || Done::Filed).await;
        if casebook.intake_is_busy() {
            assert_eq!(taken, [(1, Lane::AtOnce), (2, Lane::AtOnce)]);
            return;
        }
    }
    panic!("no report was seen coming in");
}

#[tokio::test]
async fn mails_with_pictures_go_one_at_a_time_and_are_not_fetched_again() {
    let folder = tempfile::tempdir().unwrap();
    let casebook = casebook(&folder, 3).await;
    let mut hand = Hand::new(1);
    take_all(&mut hand, &casebook, || Done::Pictures).await;
    for _ in 0..3 {
        hand.put_down().await.unwrap().unwrap();
    }
    hand.start_over();
    let taken = take_all(&mut hand, &casebook, || Done::Filed).await;
    assert!(matches!(taken[..], [(_, Lane::Pictures)]), "{taken:?}");
    hand.put_down().await.unwrap().unwrap();
    let taken = take_all(&mut hand, &casebook, || Done::Filed).await;
    assert!(matches!(taken[..], [(_, Lane::Pictures)]), "{taken:?}");
}

#[tokio::test]
async fn what_failed_is_taken_again_and_what_is_read_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let casebook = casebook(&folder, 2).await;
    let mut hand = Hand::new(1);
    while let Some((report, lane)) = hand.next(&casebook).await.unwrap() {
        let casebook = casebook.clone();
        hand.begin(report.clone(), lane, async move {
            let json = "{}".to_owned();
            let reading = ReadingRecord { json, defects: 0, read_at: UnixMillis(2) };
            assert_ne!(report.id.0, 2, "a job that panics");
            casebook.file_reading(report.id, &reading, &[]).await?;
            Ok(Done::Filed)
        });
    }
    let outcomes = [hand.put_down().await.unwrap(), hand.put_down().await.unwrap()];
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_err()).count(), 1);
    assert!(hand.put_down().await.is_none());
    hand.start_over();
    let taken = take_all(&mut hand, &casebook, || Done::Filed).await;
    assert_eq!(taken, [(2, Lane::AtOnce)]);
    hand.finish().await;
}
