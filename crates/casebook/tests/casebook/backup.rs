//! Backups and coming back from them: consistent, sealed, and without what was erased.

use std::path::{Path, PathBuf};

use belfry_casebook::access::Role;
use belfry_casebook::backup::{
    BackupKey, BackupOrder, RestoreOrder, Restored, restore, unseal_file,
};
use belfry_casebook::case::Subject;
use belfry_casebook::correspondence::Correspondent;
use belfry_casebook::report::{CheckResult, NewCorrespondence, Receipt, Report, SenderCheck};
use belfry_casebook::work::NewObjection;
use belfry_casebook::{Casebook, StoreError};
use belfry_journal::Serial;

use crate::bench::{
    Bench, NOW, admin, analyst, by_hand, domain, follower, holds, host, open, reading, subject,
};

/// A hub with something in it, a backup folder and a key.
struct Shelf {
    bench: Bench,
    folder: tempfile::TempDir,
}

impl Shelf {
    async fn new() -> Self {
        let bench = Bench::new().await;
        let folder = tempfile::tempdir().unwrap();
        BackupKey::create(&folder.path().join("key")).unwrap();
        let case = bench.case_about("evil.example").await;
        bench.block(case, host("evil.example")).await.unwrap();
        Self { bench, folder }
    }

    fn key(&self) -> BackupKey {
        BackupKey::read(&self.folder.path().join("key")).unwrap()
    }

    fn backups(&self) -> PathBuf {
        self.folder.path().join("backups")
    }

    async fn back_up(&self, name: &str) -> belfry_casebook::backup::BackedUp {
        let to = self.backups();
        let order = BackupOrder { to: &to, key: self.key(), name, keep: 2 };
        self.bench.casebook.backup(&admin(), order, NOW).await.unwrap()
    }

    async fn restore(&self, name: Option<&str>, passed: Option<u64>) -> (Casebook, Restored) {
        let data = self.fresh();
        let order = RestoreOrder {
            from: &self.backups(),
            key: self.key(),
            name,
            data: &data,
            passed: passed.map(Serial),
        };
        let restored = restore(&admin(), order, NOW).await.unwrap();
        (open(&data).await.unwrap(), restored)
    }

    /// A data folder that is not there yet.
    fn fresh(&self) -> PathBuf {
        let count = std::fs::read_dir(self.folder.path()).unwrap().count();
        self.folder.path().join(format!("data{count}"))
    }

    /// A report with planted strings, about a message of its own.
    async fn planted(&self, mark: &str) -> Report {
        let report = self.bench.receive(format!("{mark}-body").as_bytes(), None).await;
        let title = format!("{mark}-title");
        let subject = Subject::Message { digest: format!("{mark}-digest"), title };
        self.bench.casebook.file_reading(report.id, &reading(), &[subject]).await.unwrap();
        report
    }
}

#[tokio::test]
async fn what_was_backed_up_comes_back_whole() {
    let shelf = Shelf::new().await;
    let report = shelf.planted("plant").await;
    let casebook = &shelf.bench.casebook;
    let token = casebook.create_token(&admin(), "ci", Role::Reader, None, NOW).await.unwrap();
    let done = shelf.back_up("one").await;
    assert_eq!((done.serial, done.objects_new, done.objects_missing), (Serial(1), 2, 0));
    assert_eq!(shelf.back_up("two").await.objects_new, 0, "evidence is copied once");
    for planted in ["plant-body", "plant-title", "evil.example"] {
        assert!(!holds(&shelf.backups(), planted), "{planted} is in the backup in clear");
    }
    assert!(!shelf.bench.folder.path().join("backup.tmp").exists());

    let (back, restored) = shelf.restore(None, Some(40)).await;
    assert_eq!((restored.name.as_str(), restored.kept, restored.voids), ("two", Serial(1), 39));
    assert_eq!((restored.serial, restored.guessed), (Serial(41), false));
    assert_eq!((restored.objects, restored.objects_missing, restored.erased.reports), (2, 0, 0));
    let again = back.report(&report.receipt).await.unwrap().unwrap();
    assert_eq!(back.evidence(again.id).await.unwrap(), b"plant-body");
    assert_eq!(back.effective().len(), 1);
    assert!(back.authenticate(&token.secret, NOW).await.unwrap().is_some());
    assert_eq!(back.head().journal, shelf.bench.casebook.head().journal);
    assert_eq!(back.verify_journal().await.unwrap().entries, 41);
    back.verify_audit().await.unwrap();
    assert_eq!(back.heartbeat(NOW).await.unwrap(), Serial(42));
    let case = back.case(2).await.unwrap().unwrap().case;
    let title = Subject::Message { digest: "plant-digest".into(), title: "plant-title".into() };
    assert_eq!(case.subject, title);
}

#[tokio::test]
async fn the_record_is_signed_by_the_same_key_after_a_restore() {
    let shelf = Shelf::new().await;
    shelf.back_up("before").await;
    let (unsigned, _) = shelf.restore(None, Some(1)).await;
    // Nothing was signed when this backup was made: nobody knows a key yet.
    let ours = shelf.bench.casebook.signing_key().unwrap();
    assert_ne!(unsigned.signing_key().unwrap(), ours);

    shelf.back_up("later").await;
    for name in ["later", "before"] {
        let (back, _) = shelf.restore(Some(name), Some(1)).await;
        assert_eq!(back.signing_key().unwrap(), ours, "books {name}");
    }
    let in_clear =
        |path: &Path| std::fs::read(path).unwrap().windows(ours.len()).any(|some| *some == ours);
    assert!(in_clear(&shelf.bench.folder.path().join("keys/signing.key")));
    for file in ["keys.sealed", "books/later.sealed", "books/before.sealed"] {
        assert!(!in_clear(&shelf.backups().join(file)), "{file}");
    }
}

#[tokio::test]
async fn what_was_erased_since_is_erased_again_and_can_not_be_opened_in_the_backup() {
    let shelf = Shelf::new().await;
    let report = shelf.planted("gone").await;
    let stays = shelf.planted("stays").await;
    let casebook = &shelf.bench.casebook;
    casebook.create_token(&admin(), "lost", Role::Admin, None, NOW).await.unwrap();
    shelf.back_up("before").await;
    casebook.erase(&admin(), &report.receipt, NOW).await.unwrap();
    casebook.revoke_token(&admin(), "lost", NOW).await.unwrap();
    let done = shelf.back_up("after").await;
    assert_eq!(done.objects_removed, 1, "its bytes leave the backup folder");

    let (back, restored) = shelf.restore(Some("before"), Some(1)).await;
    assert_eq!((restored.erased.reports, restored.erased.cases), (1, 1));
    assert!(back.report(&report.receipt).await.unwrap().is_none());
    let again = back.report(&stays.receipt).await.unwrap().unwrap();
    assert_eq!(back.evidence(again.id).await.unwrap(), b"stays-body");
    assert!(back.list_tokens(&admin()).await.unwrap().is_empty(), "revoked stays revoked");
    let log = back.audit(&admin(), None, 50).await.unwrap();
    assert!(log.iter().any(|act| act.action == "erase" && act.detail.contains("after the backup")));
    back.close().await;
    let data = shelf.folder.path();
    assert!(!holds(data, "gone-title") && !holds(data, "gone-digest"), "nor anywhere restored");
}

/// Opens both sealed files of a backup with its key, as a thief of everything would.
fn opened(shelf: &Shelf, name: &str) -> tempfile::TempDir {
    let clear = tempfile::tempdir().unwrap();
    let books = format!("books/{name}.sealed");
    for (what, from, to) in [(name, books.as_str(), "books"), ("keys", "keys.sealed", "keys")] {
        let (from, to) = (shelf.backups().join(from), clear.path().join(to));
        unseal_file(&shelf.key(), what, &from, &to).unwrap();
    }
    clear
}

#[tokio::test]
async fn whoever_has_every_key_and_older_books_finds_no_word_of_an_erased_report() {
    let shelf = Shelf::new().await;
    let casebook = &shelf.bench.casebook;
    let mail = b"planted-body";
    let report = shelf.bench.receive(mail, Some("planted-sender@x.example")).await;
    let subjects = [
        subject("planted-host.example"),
        Subject::Message { digest: "planted-digest".into(), title: "planted-title".into() },
    ];
    let cases = casebook.file_reading(report.id, &reading(), &subjects).await.unwrap();
    casebook.add_note(&analyst("local:an"), cases[0], "planted-note", NOW).await.unwrap();
    casebook.hold(&admin(), &report.receipt, "planted-hold", NOW).await.unwrap();
    shelf.back_up("before").await;
    for planted in ["planted-host", "planted-title", "planted-note", "planted-hold"] {
        assert!(holds(opened(&shelf, "before").path(), planted), "{planted} is backed up");
    }
    casebook.unhold(&admin(), &report.receipt, NOW).await.unwrap();
    casebook.erase(&admin(), &report.receipt, NOW).await.unwrap();
    shelf.back_up("after").await;
    assert!(!holds(opened(&shelf, "before").path(), "planted-"), "in older books");
    assert!(!holds(opened(&shelf, "after").path(), "planted-"), "in the newest");
    assert!(!holds(&shelf.backups(), "planted-"));
    let (back, restored) = shelf.restore(Some("before"), Some(1)).await;
    assert_eq!((restored.erased.reports, restored.erased.cases), (1, 2));
    back.verify_audit().await.unwrap();
}

#[tokio::test]
async fn an_address_that_was_deleted_since_is_in_no_older_backup() {
    let shelf = Shelf::new().await;
    let casebook = &shelf.bench.casebook;
    let check = SenderCheck {
        spf: CheckResult::Pass,
        dkim: CheckResult::None,
        dmarc: CheckResult::None,
        authentic: true,
    };
    let ends_at = NOW.plus(std::time::Duration::from_secs(86_400));
    let mut reports = Vec::new();
    for address in ["told@example.com", "waits@example.com"] {
        let report = shelf.planted(address).await;
        let (address, message_id, language) = (address.to_owned(), None, None);
        let correspondent = Correspondent { address, message_id, language };
        let answer =
            NewCorrespondence { correspondent: &correspondent, acknowledge: true, ends_at };
        casebook.record_sender(report.id, &check, Some(answer), NOW).await.unwrap();
        reports.push(report);
    }
    shelf.back_up("before").await;
    casebook.end_correspondence(reports[0].id).await.unwrap();
    shelf.back_up("after").await;
    let (back, _) = shelf.restore(Some("before"), Some(1)).await;
    let due = back.letters_due(NOW, 10).await.unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].correspondent.address, "waits@example.com");
    assert_eq!(back.report(&reports[0].receipt).await.unwrap().unwrap().sender, Some(check));
}

#[tokio::test]
async fn the_books_that_are_kept_are_the_newest() {
    let shelf = Shelf::new().await;
    for name in ["20261101", "20261102", "20261103"] {
        shelf.back_up(name).await;
    }
    let mut names: Vec<_> = std::fs::read_dir(shelf.backups().join("books"))
        .unwrap()
        .map(|book| book.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["20261102.sealed", "20261103.sealed"]);
    let (back, restored) = shelf.restore(Some("20261102"), None).await;
    assert_eq!((restored.voids, restored.guessed), (1_000, true), "nobody knew: at least 1,000");
    assert_eq!(back.head().serial, Serial(1_002));
}

#[tokio::test]
async fn a_restore_passes_every_follower_that_the_backup_knew() {
    let shelf = Shelf::new().await;
    for _ in 0..5 {
        shelf.bench.casebook.heartbeat(NOW).await.unwrap();
    }
    let by = follower("token:isp");
    shelf.bench.casebook.acknowledge(&by, [1; 16], Serial(6), NOW).await.unwrap();
    shelf.back_up("one").await;
    let (back, restored) = shelf.restore(None, Some(0)).await;
    assert_eq!((restored.kept, restored.voids, restored.serial), (Serial(6), 0, Serial(7)));
    assert_eq!((back.furthest(), back.ahead()), (Serial(6), None));
}

#[tokio::test]
async fn an_objection_that_was_erased_or_answered_since_is_so_in_older_backups_too() {
    let shelf = Shelf::new().await;
    let casebook = &shelf.bench.casebook;
    let target = domain("shop.example");
    let mut numbers = Vec::new();
    for mark in ["gone", "told", "waits"] {
        let (words, contact) = (format!("{mark}-words"), format!("{mark}@owner.example"));
        let new = NewObjection { target: &target, words: &words, contact: Some(&contact) };
        numbers.push(casebook.object(new, NOW).await.unwrap());
    }
    shelf.back_up("before").await;
    for planted in ["gone-words", "told-words", "waits-words", "@owner.example"] {
        assert!(!holds(&shelf.backups(), planted), "{planted} is in the backup in clear");
    }
    let gone = Receipt::parse(&numbers[0]).unwrap();
    assert!(casebook.erase_objection(&admin(), &gone, NOW).await.unwrap());
    casebook
        .decide_objection(&analyst("local:bob"), &numbers[1], true, "sorry", NOW)
        .await
        .unwrap();
    shelf.back_up("after").await;

    let (back, _) = shelf.restore(Some("before"), Some(1)).await;
    assert!(back.objection(&numbers[0]).await.unwrap().is_none(), "nothing opens it");
    let told = back.objection(&numbers[1]).await.unwrap().unwrap();
    assert_eq!((told.words.as_str(), told.contact), ("told-words", None));
    let waits = back.objection(&numbers[2]).await.unwrap().unwrap();
    assert_eq!(waits.contact.as_deref(), Some("waits@owner.example"));
}

async fn refusal(shelf: &Shelf, key: BackupKey, data: &Path) -> StoreError {
    let from = shelf.backups();
    let order = RestoreOrder { from: &from, key, name: None, data, passed: None };
    restore(&admin(), order, NOW).await.expect_err("it must be refused")
}

#[tokio::test]
async fn what_does_not_fit_is_refused_in_words() {
    let shelf = Shelf::new().await;
    shelf.back_up("one").await;
    let other = shelf.folder.path().join("other.key");
    BackupKey::create(&other).unwrap();
    let wrong = refusal(&shelf, BackupKey::read(&other).unwrap(), &shelf.fresh()).await;
    assert!(wrong.to_string().contains("backup key is another one"), "{wrong}");
    let used = refusal(&shelf, shelf.key(), shelf.bench.folder.path()).await;
    assert!(used.to_string().contains("has a database already"), "{used}");
    // Keys of before the newest books: a backup cut off between the two, in the wrong order.
    let keys = shelf.backups().join("keys.sealed");
    let old = std::fs::read(&keys).unwrap();
    shelf.planted("later").await;
    shelf.back_up("two").await;
    std::fs::write(&keys, old).unwrap();
    let older = refusal(&shelf, shelf.key(), &shelf.fresh()).await;
    assert!(older.to_string().contains("older than these books"), "{older}");
    // Another hub's folder.
    let bench = Bench::new().await;
    let to = shelf.backups();
    let order = BackupOrder { to: &to, key: shelf.key(), name: "x", keep: 1 };
    let theirs = bench.casebook.backup(&admin(), order, NOW).await.unwrap_err();
    assert!(theirs.to_string().contains("another hub"), "{theirs}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_made_while_everything_goes_on_is_consistent() {
    let shelf = Shelf::new().await;
    let casebook = shelf.bench.casebook.clone();
    let busy = tokio::spawn(async move {
        for _ in 0..200 {
            casebook.heartbeat(NOW).await.unwrap();
        }
    });
    for name in ["one", "two"] {
        shelf.back_up(name).await;
        shelf.planted(name).await;
    }
    busy.await.unwrap();
    for name in ["one", "two"] {
        let (back, restored) = shelf.restore(Some(name), Some(300)).await;
        back.verify_journal().await.unwrap();
        back.verify_audit().await.unwrap();
        assert_eq!(restored.objects_missing, 0);
    }
}

#[tokio::test]
async fn a_crash_during_a_backup_leaves_no_copy_in_the_data_folder() {
    let shelf = Shelf::new().await;
    let left = shelf.bench.folder.path().join("backup.tmp");
    std::fs::create_dir(&left).unwrap();
    std::fs::write(left.join("copy"), b"half a copy").unwrap();
    let bench = shelf.bench.reopen().await;
    assert!(!left.exists());
    bench.casebook.close().await;
    by_hand(bench.folder.path(), &[]).await;
}
