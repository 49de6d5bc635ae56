//! `belfry feed mirror`: the files of a server that reads what it blocks from files.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use belfry_follow::{Follower, Health, SnapshotStore, Status};
use belfry_mirror::{MirrorMetrics, MirrorSettings, Writer, WriterStatus};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::cli::{FeedArgs, FeedVerb, MirrorArgs};
use crate::clock::now;
use crate::commands::Failure;
use crate::commands::gate::hub_source;
use crate::commands::run::{Signals, print_ready, serve_metrics, within_bounds};
use crate::telemetry::{Readiness, registry};

/// How often the hub is told how far the files are.
const REPORT_EVERY: Duration = Duration::from_secs(5);
/// How long what is followed may be newer than its snapshot.
const SAVE_EVERY: Duration = Duration::from_secs(10);
/// A hub that is not heard for so long is an alarm: it says something every 15 seconds.
const UNHEARD_MILLIS: u64 = 60_000;

/// What the command line asks for.
pub(crate) async fn feed(args: &FeedArgs) -> Result<(), Failure> {
    let FeedVerb::Mirror(args) = &args.verb;
    mirror(args).await
}

/// Runs until a signal, or until the files are there; with the hub gone, it goes on by the
/// last snapshot.
async fn mirror(args: &MirrorArgs) -> Result<(), Failure> {
    let settings = settings(&args.config)?;
    let source = hub_source(&args.hub, &args.token_file, args.ca_file.as_deref())?;
    let (stop, mut tasks, mut registry) = (CancellationToken::new(), JoinSet::new(), registry());
    let metrics = MirrorMetrics::default();
    metrics.register(&mut registry);
    let store = SnapshotStore::new(settings.store());
    let (writer, keeper) = Writer::new(settings, now, metrics)?;
    let follower = Follower::new(source, keeper, store, now, REPORT_EVERY, SAVE_EVERY);
    let (told, followed) = watch::channel(follower.restore());
    let mut written = writer.status();
    let signals = Signals::catch()?;
    let mut addresses = Vec::new();
    if let Some(at) = args.metrics {
        let probe = Arc::new(Probe { followed: followed.clone(), written: written.clone() });
        let (address, serving) = serve_metrics(at, registry, probe, &stop).await?;
        addresses.push(("metrics", address));
        tasks.spawn(async move {
            let _ = serving.await;
        });
    }
    tasks.spawn(follower.run(told, stop.clone()));
    tasks.spawn(writer.run(followed, stop.clone()));
    let first = async {
        // The sender lives as long as the writer, which only the stop ends.
        let _ = written.wait_for(|status| status.written.is_some()).await;
        print_ready(&addresses)?;
        if !args.once {
            std::future::pending::<()>().await;
        }
        Ok::<(), Failure>(())
    };
    let ended = tokio::select! {
        first = first => first,
        () = signals.stopped(|| Ok(())) => Ok(()),
    };
    stop.cancel();
    within_bounds(async { while tasks.join_next().await.is_some() {} }).await?;
    ended
}

fn settings(file: &Path) -> Result<MirrorSettings, Failure> {
    let named = |why: &dyn std::fmt::Display| Failure::new(format!("{}: {why}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| named(&error))?;
    toml::from_str(&text).map_err(|error| named(&error))
}

/// A look at a mirror from outside.
struct Probe {
    followed: watch::Receiver<Status>,
    written: watch::Receiver<WriterStatus>,
}

impl Readiness for Probe {
    async fn waiting_for(&self) -> Vec<String> {
        if self.written.borrow().written.is_some() {
            return Vec::new();
        }
        let problem = self.followed.borrow().problem.clone();
        let problem = problem.unwrap_or_else(|| "the hub has not been heard yet".to_owned());
        vec![format!("mirror: no files yet: {problem}")]
    }

    fn alarms(&self) -> Vec<String> {
        let unwritten = self.written.borrow().problem.clone();
        let unheard = following(&self.followed.borrow(), now().0);
        unwritten.into_iter().chain(unheard).map(|why| format!("mirror: {why}")).collect()
    }
}

/// What is wrong with how the hub is followed. The clock may have been put back.
fn following(status: &Status, now: u64) -> Option<String> {
    let problem = status.problem.clone()?;
    let unheard = status.heard_at.is_none_or(|at| now.abs_diff(at.0) >= UNHEARD_MILLIS);
    let is_wrong = status.health == Health::Ahead || unheard;
    is_wrong.then(|| format!("the files are of entry {}: {problem}", status.serial))
}

#[cfg(test)]
mod tests {
    use belfry_journal::{Serial, UnixMillis};

    use super::*;

    fn status(health: Health, problem: Option<&str>, heard: Option<u64>) -> Status {
        Status {
            health,
            serial: Serial(7),
            head: Serial(7),
            heard_at: heard.map(UnixMillis),
            problem: problem.map(ToOwned::to_owned),
        }
    }

    #[test]
    fn a_hub_that_is_not_heard_is_an_alarm_after_a_minute() {
        let check = |health, problem, heard, expect: Option<&str>| {
            let found = following(&status(health, problem, heard), 100_000);
            assert_eq!(found.as_deref(), expect);
        };
        let alarm = Some("the files are of entry 7: it is gone");
        check(Health::Fresh, None, Some(0), None);
        check(Health::Stale, Some("it is gone"), Some(40_001), None);
        check(Health::Stale, Some("it is gone"), Some(40_000), alarm);
        check(Health::Ahead, Some("it is gone"), Some(100_000), alarm);
    }

    #[tokio::test]
    async fn it_is_ready_once_there_are_files() {
        let gone = Some("it is gone");
        let (_hub, followed) = watch::channel(status(Health::Empty, gone, None));
        let (disk, written) = watch::channel(WriterStatus::default());
        let probe = Probe { followed, written };
        assert_eq!(probe.waiting_for().await, ["mirror: no files yet: it is gone"]);
        disk.send_replace(WriterStatus { written: Some(Serial(7)), problem: Some("full".into()) });
        assert!(probe.waiting_for().await.is_empty());
        let expected = ["mirror: full", "mirror: the files are of entry 7: it is gone"];
        assert_eq!(probe.alarms(), expected);
    }

    #[test]
    fn settings_that_cannot_be_read_say_which_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mirror.toml");
        assert!(settings(&file).unwrap_err().0.contains("mirror.toml"));
        std::fs::write(&file, "operator = \"a\"\nsecret = \"x\"\n").unwrap();
        assert!(settings(&file).unwrap_err().0.contains("secret"));
    }
}
