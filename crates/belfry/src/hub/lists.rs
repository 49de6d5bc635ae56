//! The guard's lists read again, on SIGHUP and when a file of theirs changes. A file that
//! is malformed refuses the whole reading: the old lists stay, and an alarm stands.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use belfry_desk::{AlarmKind, Desk};
use belfry_guard::Lists;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::config::{Config, list_files, lists};

/// What the alarm is about.
const ABOUT: &str = "the guard's lists";

/// Keeps the desk's lists those of the files until `stop`; `hangup` reads them at once, and
/// takes one that has shrunk.
pub(super) async fn keep(config: Config, desk: Desk, hangup: Arc<Notify>, stop: CancellationToken) {
    let every = Duration::from_secs(config.guard.check_seconds.max(1));
    let mut seen = stamps(&config);
    loop {
        let asked = tokio::select! {
            () = stop.cancelled() => return,
            () = hangup.notified() => true,
            () = tokio::time::sleep(every), if config.guard.check_seconds > 0 => false,
        };
        let now = stamps(&config);
        if asked || now != seen {
            seen = now;
            reload(&config, &desk, asked).await;
        }
    }
}

/// Reads all files and puts their lists in force, or raises the alarm.
async fn reload(config: &Config, desk: &Desk, asked: bool) {
    let reading = config.clone();
    let read = tokio::task::spawn_blocking(move || lists(&reading)).await;
    let problem = match read {
        Err(error) => error.to_string(),
        Ok(Err(error)) => error.to_string(),
        Ok(Ok(new)) => match shrunk(&desk.lists(), &new, config.guard.shrink_percent_max) {
            Some(problem) if !asked => format!("{problem}; SIGHUP takes it all the same"),
            _ => match desk.set_lists(new).await {
                Ok(released) => {
                    desk.alarms().clear(AlarmKind::GuardLists, ABOUT);
                    let (version, released) = (desk.lists().version(), released.len());
                    tracing::info!(%version, released, "the guard's lists were read again");
                    return;
                }
                Err(error) => error.to_string(),
            },
        },
    };
    let text = format!("refused, the old lists stay: {problem}");
    desk.alarms().raise(AlarmKind::GuardLists, ABOUT, text, desk.time());
}

/// A list that has lost more than so many percent of its names: half a download, or a
/// mistake that would lift a protection.
fn shrunk(old: &Lists, new: &Lists, percent_max: u32) -> Option<String> {
    let of = |lists: &Lists| -> HashMap<(String, &'static str), usize> {
        lists.each().map(|(list, names)| ((list.name.clone(), list.kind.name()), names)).collect()
    };
    let new = of(new);
    of(old).into_iter().find_map(|((name, kind), before)| {
        let now = new.get(&(name.clone(), kind)).copied().unwrap_or(0);
        let lost = before.saturating_sub(now);
        (lost * 100 > before * percent_max as usize)
            .then(|| format!("{name} ({kind}) would shrink from {before} to {now} names"))
    })
}

/// When each file was written, and its length; a file that is gone counts as one.
fn stamps(config: &Config) -> Vec<(PathBuf, Option<(SystemTime, u64)>)> {
    let stamp = |path: PathBuf| {
        let found = std::fs::metadata(&path).ok();
        let stamp = found.and_then(|found| Some((found.modified().ok()?, found.len())));
        (path, stamp)
    };
    list_files(config).into_iter().map(stamp).collect()
}

#[cfg(test)]
mod tests {
    use belfry_indicator::Domain;

    use super::*;

    fn of(names: usize) -> Lists {
        let name = |n| Domain::parse(&format!("n{n}.example")).unwrap();
        Lists::new([], (0..names).map(name), [])
    }

    #[test]
    fn a_list_that_loses_too_much_is_told() {
        assert_eq!(shrunk(&of(10), &of(5), 50), None);
        assert_eq!(shrunk(&of(0), &of(5), 50), None);
        let told = shrunk(&of(10), &of(4), 50);
        assert_eq!(
            told.as_deref(),
            Some("configured (never-block) would shrink from 10 to 4 names")
        );
        assert!(shrunk(&of(10), &of(0), 50).is_some());
        assert_eq!(shrunk(&of(10), &of(0), 100), None);
    }

    async fn desk(config: &Config) -> Desk {
        crate::hub::open_desk(config).await.unwrap()
    }

    #[tokio::test]
    async fn a_malformed_file_leaves_the_old_lists_and_an_alarm() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("never.txt");
        std::fs::write(&file, "one.example\n").unwrap();
        let mut config = Config { data: folder.path().join("data"), ..Config::default() };
        config.guard.never_block_files = vec![file.clone()];
        let desk = desk(&config).await;
        let before = desk.lists().version();

        std::fs::write(&file, "one.example\nno name at all\n").unwrap();
        reload(&config, &desk, true).await;
        assert_eq!(desk.lists().version(), before);
        let [alarm] = &desk.alarms().all()[..] else { panic!("an alarm stands") };
        assert!(alarm.text.contains("line 2"), "{}", alarm.text);

        std::fs::write(&file, "one.example\ntwo.example\n").unwrap();
        reload(&config, &desk, false).await;
        assert_ne!(desk.lists().version(), before);
        assert_eq!(desk.alarms().all(), []);
        desk.casebook().close().await;
    }

    #[tokio::test]
    async fn a_changed_file_is_seen_without_a_signal() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("never.txt");
        std::fs::write(&file, "one.example\n").unwrap();
        let mut config = Config { data: folder.path().join("data"), ..Config::default() };
        config.guard.never_block_files = vec![file.clone()];
        config.guard.check_seconds = 1;
        let desk = desk(&config).await;
        let before = desk.lists().version();
        let stop = CancellationToken::new();
        let keeping = keep(config.clone(), desk.clone(), Arc::default(), stop.clone());
        let keeping = tokio::spawn(keeping);
        // Let it take its first look before the file changes.
        tokio::time::sleep(Duration::from_millis(100)).await;
        std::fs::write(&file, "one.example\ntwo.example\n").unwrap();
        while desk.lists().version() == before {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        stop.cancel();
        keeping.await.unwrap();
        desk.casebook().close().await;
    }
}
