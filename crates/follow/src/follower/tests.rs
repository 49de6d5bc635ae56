//! The loop against a source whose faults the test chooses.

use belfry_journal::{Body, JournalId};
use tokio::task::JoinHandle;

use super::*;
use crate::testing::{Fake, Fault, JOURNAL, Journal, Recorder, now};
use crate::{Batch, Effect};

/// A follower at work.
struct Running {
    apply: Arc<Recorder>,
    status: watch::Receiver<Status>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

fn follower(source: &Fake, folder: &std::path::Path) -> Follower<Fake, Recorder> {
    let store = SnapshotStore::new(folder.to_owned());
    let short = Duration::from_millis(5);
    Follower::new(source.clone(), Arc::default(), store, now, short, short)
}

impl Running {
    fn start(source: &Fake, folder: &std::path::Path) -> Self {
        let follower = follower(source, folder);
        let apply = Arc::clone(&follower.apply);
        let (sender, status) = watch::channel(follower.restore());
        let stop = CancellationToken::new();
        let task = tokio::spawn(follower.run(sender, stop.clone()));
        Self { apply, status, stop, task }
    }

    /// Waits for a status; a test that never sees it hangs and is killed by its runner.
    async fn until(&mut self, wanted: impl FnMut(&Status) -> bool) -> Status {
        let seen = tokio::time::timeout(Duration::from_secs(20), self.status.wait_for(wanted));
        seen.await.expect("the status came").expect("the follower runs").clone()
    }

    async fn fresh_at(&mut self, serial: u64) -> Status {
        self.until(|status| status.health == Health::Fresh && status.serial.0 == serial).await
    }

    async fn stopped(self) -> Arc<Recorder> {
        self.stop.cancel();
        self.task.await.expect("the follower ends");
        self.apply
    }
}

#[tokio::test]
async fn starts_from_the_hubs_snapshot_and_goes_on_from_there() {
    let folder = tempfile::tempdir().unwrap();
    let source = Fake::new(Journal::of_blocks(3));
    let mut running = Running::start(&source, folder.path());
    running.fresh_at(3).await;
    source.write(|journal| journal.block("new.example"));
    let status = running.fresh_at(4).await;
    assert_eq!((status.head, status.heard_at, status.problem), (Serial(4), Some(now()), None));
    let apply = running.stopped().await;
    assert_eq!(*apply.replaced.lock().unwrap(), 1);
    assert_eq!(apply.changes.lock().unwrap().len(), 1);
    assert_eq!(source.snapshots(), 1);
}

#[tokio::test]
async fn without_a_snapshot_replays_from_the_first_entry() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::of_blocks(5);
    let source = Fake::new(journal.clone());
    source.break_snapshot(Some(SourceError::Malformed("404 Not Found".into())));
    source.batches_of(2);
    let mut running = Running::start(&source, folder.path());
    running.fresh_at(5).await;
    let apply = running.stopped().await;
    assert_eq!(*apply.set.lock().unwrap(), *journal.set());
    assert_eq!(apply.changes.lock().unwrap().len(), 3, "one call a batch");
}

#[tokio::test]
async fn restarted_with_the_hub_gone_it_holds_what_it_held() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::of_blocks(3);
    let source = Fake::new(journal.clone());
    source.break_snapshot(Some(SourceError::Malformed("none".into())));
    let mut running = Running::start(&source, folder.path());
    running.fresh_at(3).await;
    running.stopped().await;

    let gone = Fake::new(Journal::default());
    gone.fault(Fault::Error(SourceError::Unreachable("refused".into())));
    let again = follower(&gone, folder.path());
    let status = again.restore();
    assert_eq!((status.health, status.serial), (Health::Stale, Serial(3)));
    assert_eq!(*again.apply.set.lock().unwrap(), *journal.set());
}

#[tokio::test]
async fn an_unreachable_hub_is_tried_until_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let source = Fake::new(Journal::of_blocks(1));
    source.break_snapshot(Some(SourceError::Unreachable("connection refused".into())));
    let mut running = Running::start(&source, folder.path());
    let status = running.until(|status| status.problem.is_some()).await;
    assert_eq!(status.health, Health::Empty);
    assert!(status.problem.unwrap().contains("connection refused"));
    source.break_snapshot(None);
    source.write(|journal| journal.block("b.example"));
    running.fresh_at(2).await;
    source.write(|journal| journal.block("c.example"));
    assert_eq!(running.fresh_at(3).await.problem, None);
    running.stopped().await;
}

#[tokio::test]
async fn a_gap_is_healed_by_a_snapshot() {
    let folder = tempfile::tempdir().unwrap();
    let source = Fake::new(Journal::of_blocks(2));
    let mut running = Running::start(&source, folder.path());
    running.fresh_at(2).await;
    source.write(|journal| journal.block("c.example"));
    running.fresh_at(3).await;
    let mut journal = Journal::of_blocks(2);
    journal.block("c.example");
    journal.block("d.example");
    journal.block("e.example");
    let mut gap = journal.batch(Serial(3), 9);
    gap.entries.remove(0);
    source.fault(Fault::Answer(gap));
    running.until(|status| status.problem.is_some()).await;
    source.write(|journal| journal.block("d.example"));
    source.write(|journal| journal.block("e.example"));
    running.fresh_at(5).await;
    source.write(|journal| journal.block("f.example"));
    running.fresh_at(6).await;
    let apply = running.stopped().await;
    assert_eq!(apply.set.lock().unwrap().len(), 6);
}

/// What an answer that does not continue the state does: an alarm, and nothing else.
async fn check_alarm(answer: Batch, told: &str) {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::of_blocks(3);
    let source = Fake::new(journal.clone());
    source.break_snapshot(Some(SourceError::Malformed("none".into())));
    let mut running = Running::start(&source, folder.path());
    running.fresh_at(3).await;
    source.fault(Fault::Answer(answer));
    let status = running.until(|status| status.health == Health::Ahead).await;
    let problem = status.problem.expect("an alarm says why");
    assert!(problem.contains(told), "{problem}");
    let apply = running.stopped().await;
    assert_eq!(*apply.set.lock().unwrap(), *journal.set(), "the state stays");
}

#[tokio::test]
async fn a_hub_set_back_is_an_alarm() {
    let answer = Batch { journal: JOURNAL, head: Serial(2), entries: Vec::new() };
    check_alarm(answer, "ends at 2").await;
}

#[tokio::test]
async fn a_hub_restored_and_filled_up_is_followed_again() {
    let folder = tempfile::tempdir().unwrap();
    let source = Fake::new(Journal::of_blocks(5));
    let mut running = Running::start(&source, folder.path());
    running.fresh_at(5).await;
    source.write(|journal| *journal = Journal::of_blocks(2));
    let alarm = running.until(|status| status.health == Health::Ahead).await;
    assert_eq!(alarm.serial, Serial(5), "what holds stays: {alarm:?}");
    source.write(|journal| journal.restored(9));
    running.fresh_at(10).await;
    source.write(|journal| journal.block("after.example"));
    running.fresh_at(11).await;
    let apply = running.stopped().await;
    assert_eq!(apply.set.lock().unwrap().len(), 3, "two of the backup, one after it");
}

#[tokio::test]
async fn another_journal_is_an_alarm() {
    let mut answer = Journal::of_blocks(4).batch(Serial(3), 9);
    answer.journal = JournalId([9; 16]);
    check_alarm(answer, "has journal").await;
}

#[tokio::test]
async fn a_damaged_snapshot_on_disk_is_told_and_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("snapshot-00000000000000000009.belfry"), b"cut").unwrap();
    let follower = follower(&Fake::new(Journal::default()), folder.path());
    let status = follower.restore();
    assert_eq!(status.health, Health::Empty);
    assert!(status.problem.unwrap().contains("snapshot-00000000000000000009"));
}

#[tokio::test]
async fn a_failing_disk_alarms_and_never_stops_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a-file-not-a-folder");
    std::fs::write(&file, b"").unwrap();
    let source = Fake::new(Journal::of_blocks(1));
    let mut running = Running::start(&source, &file);
    running.until(|status| status.problem.is_some()).await;
    source.write(|journal| journal.block("b.example"));
    let status = running.fresh_at(2).await;
    assert!(status.problem.unwrap().contains("a-file-not-a-folder"));
    running.stopped().await;
}

#[tokio::test]
async fn totals_are_reported_with_the_serial_that_holds() {
    let folder = tempfile::tempdir().unwrap();
    let source = Fake::new(Journal::of_blocks(1));
    source.break_snapshot(Some(SourceError::Malformed("none".into())));
    let mut running = Running::start(&source, folder.path());
    running.fresh_at(1).await;
    let effect = Effect {
        order: Serial(1),
        blocked_answers: 5,
        warning_views: 2,
        prevented_visits: 1,
        applied_at: Some(now()),
        first_blocked_at: None,
    };
    let report = EffectsReport { instance: [3; 16], serial: Serial(0), effects: vec![effect] };
    *running.apply.pending.lock().unwrap() = Some(report.clone());
    let apply = running.stopped().await;
    let sent = EffectsReport { serial: Serial(1), ..report };
    assert_eq!(source.reports(), std::slice::from_ref(&sent));
    assert_eq!(*apply.reported.lock().unwrap(), [sent]);
}

#[tokio::test]
async fn what_holds_at_the_stop_is_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let source = Fake::new(Journal::of_blocks(2));
    source.break_snapshot(Some(SourceError::Malformed("none".into())));
    let mut running = Running::start(&source, folder.path());
    running.fresh_at(2).await;
    for n in 3..30 {
        source.write(|journal| journal.push(&Body::Void));
        running.fresh_at(n).await;
    }
    running.stopped().await;
    let (found, problems) = SnapshotStore::new(folder.path().to_owned()).load();
    assert_eq!(found.map(|(_, set)| set.serial()), Some(Serial(29)));
    assert!(problems.is_empty(), "{problems:?}");
}
