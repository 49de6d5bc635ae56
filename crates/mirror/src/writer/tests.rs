//! Which file holds what, and when.

use std::fs;
use std::path::PathBuf;

use belfry_follow::Apply;

use super::*;
use crate::cdb::tests::get;
use crate::keeper::tests::Journal;
use crate::settings::Writes;
use crate::settings::tests::settings;

/// A writer over a folder of its own.
struct Desk {
    folder: tempfile::TempDir,
    keeper: Arc<Keeper>,
    writer: Writer,
    journal: Journal,
}

fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    UnixMillis(u64::try_from(since.as_millis()).unwrap())
}

impl Desk {
    fn new(writes: Writes) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = MirrorSettings {
            folder: folder.path().to_owned(),
            writes,
            base_seconds: 0,
            ..settings("")
        };
        let (writer, keeper) = Writer::new(settings, now, MirrorMetrics::default()).unwrap();
        Self { folder, keeper, writer, journal: Journal::default() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The records of a zone's file, without its head.
    fn records(&self, name: &str) -> Vec<String> {
        self.text(name).lines().skip(4).map(ToOwned::to_owned).collect()
    }
}

#[tokio::test]
async fn a_zone_is_a_base_and_what_changed_since() {
    let mut desk = Desk::new(Writes::Rpz);
    desk.journal.block(&desk.keeper, "a.example");
    desk.keeper.replace(&desk.journal.set);
    desk.writer.write().await;
    assert_eq!(desk.records("belfry.rpz"), ["a.example A 192.0.2.80"]);
    assert!(desk.text("belfry.rpz").starts_with("$ORIGIN isp-one.operator.belfry.\n"));
    assert!(desk.records("belfry-recent.rpz").is_empty());
    let first = desk.text("belfry.version");
    desk.journal.block(&desk.keeper, "*.b.example");
    desk.journal.release(&desk.keeper, 1);
    let rest = desk.writer.write().await;
    assert!(rest >= Duration::from_secs(1));
    let expected =
        ["a.example CNAME rpz-passthru.", "b.example A 192.0.2.80", "*.b.example A 192.0.2.80"];
    assert_eq!(desk.records("belfry-recent.rpz"), expected);
    assert_eq!(desk.records("belfry.rpz"), ["a.example A 192.0.2.80"], "the base stays");
    let second = desk.text("belfry.version");
    assert_eq!(first.lines().next(), second.lines().next());
    assert!(second.contains("\nrecent 3-"), "{second}");
    let status = desk.writer.status().borrow().clone();
    assert_eq!(status, WriterStatus { written: Some(Serial(3)), problem: None });
}

#[tokio::test]
async fn a_table_says_what_holds_at_a_name_and_below_it() {
    let mut desk = Desk::new(Writes::Cdb);
    desk.journal.block(&desk.keeper, "a.example");
    desk.journal.block(&desk.keeper, "*.b.example");
    desk.keeper.replace(&desk.journal.set);
    desk.writer.write().await;
    let base = fs::read(desk.path("belfry.cdb")).unwrap();
    let check = |key: &[u8], expected: Option<&[u8]>| {
        assert_eq!(get(&base, key).as_deref(), expected, "{key:?}");
    };
    check(b"a.example", Some(b"b"));
    check(b"\x01a\x07example\0", None);
    check(b"b.example", Some(b"b"));
    check(b"\x01b\x07example\0", Some(b"b"));
    check(b"c.example", None);
    desk.journal.release(&desk.keeper, 2);
    desk.writer.write().await;
    let recent = fs::read(desk.path("belfry-recent.cdb")).unwrap();
    assert_eq!(get(&recent, b"\x01b\x07example\0").as_deref(), Some(&b"p"[..]));
    assert_eq!(get(&recent, b"a.example"), None);
}

#[tokio::test]
async fn many_changes_make_a_new_base() {
    let mut desk = Desk::new(Writes::Rpz);
    desk.keeper.replace(&desk.journal.set);
    desk.writer.write().await;
    for n in 0..=RECENT_FEW {
        desk.journal.block(&desk.keeper, &format!("n{n}.example"));
    }
    desk.writer.settings.base_seconds = 60;
    desk.writer.write().await;
    assert_eq!(desk.records("belfry-recent.rpz").len(), RECENT_FEW + 1, "the base is too young");
    desk.writer.settings.base_seconds = 0;
    desk.writer.write().await;
    assert_eq!(desk.records("belfry.rpz").len(), RECENT_FEW + 1);
    assert!(desk.records("belfry-recent.rpz").is_empty());
}

#[tokio::test]
async fn a_folder_that_takes_nothing_keeps_the_files_and_is_said() {
    let mut desk = Desk::new(Writes::Rpz);
    desk.journal.block(&desk.keeper, "a.example");
    desk.keeper.replace(&desk.journal.set);
    desk.writer.write().await;
    let (there, away) = (desk.folder.path().to_owned(), desk.folder.path().with_extension("away"));
    fs::rename(&there, &away).unwrap();
    desk.journal.block(&desk.keeper, "b.example");
    assert_eq!(desk.writer.write().await, RETRY);
    let status = desk.writer.status().borrow().clone();
    assert!(status.problem.unwrap().contains("the files before stay"));
    assert_eq!(status.written, Some(Serial(1)));
    assert!(desk.keeper.is_due());
    fs::rename(&away, &there).unwrap();
    desk.writer.write().await;
    assert_eq!(desk.records("belfry-recent.rpz"), ["b.example A 192.0.2.80"]);
    assert_eq!(desk.writer.status().borrow().problem, None);
}

#[tokio::test]
async fn the_last_changes_are_written_at_the_stop() {
    let desk = Desk::new(Writes::Rpz);
    let Desk { folder, keeper, writer, mut journal } = desk;
    let (first, followed) = watch::channel(Status {
        health: Health::Empty,
        serial: Serial(0),
        head: Serial(0),
        heard_at: None,
        problem: None,
    });
    let (stop, mut status) = (CancellationToken::new(), writer.status());
    let task = tokio::spawn(writer.run(followed, stop.clone()));
    journal.block(&keeper, "a.example");
    assert!(!folder.path().join("belfry.rpz").exists());
    first.send_modify(|status| status.health = Health::Fresh);
    status.wait_for(|status| status.written == Some(Serial(1))).await.unwrap();
    journal.block(&keeper, "b.example");
    stop.cancel();
    task.await.unwrap();
    let recent = fs::read_to_string(folder.path().join("belfry-recent.rpz")).unwrap();
    assert!(recent.ends_with("b.example A 192.0.2.80\n"), "{recent}");
}
