//! Snapshots that are damaged, cut, misnamed or left half written.

use super::*;
use crate::testing::{JOURNAL, Journal};

fn saved(serials: &[u64]) -> (tempfile::TempDir, SnapshotStore, Journal) {
    let folder = tempfile::tempdir().unwrap();
    let store = SnapshotStore::new(folder.path().join("snapshots"));
    let journal = Journal::of_blocks(*serials.iter().max().unwrap_or(&0));
    for serial in serials {
        store.save(JOURNAL, &journal.set_at(*serial)).unwrap();
    }
    (folder, store, journal)
}

fn names(store: &SnapshotStore) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(&store.folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn what_was_saved_is_loaded() {
    let (_folder, store, journal) = saved(&[3]);
    let (found, problems) = store.load();
    assert_eq!(found, Some((JOURNAL, journal.set_at(3))));
    assert!(problems.is_empty());
}

#[test]
fn an_absent_folder_holds_nothing_and_is_no_problem() {
    let (_folder, store, _) = saved(&[]);
    let (found, problems) = store.load();
    assert!(found.is_none() && problems.is_empty());
}

#[test]
fn the_last_two_are_kept() {
    let (_folder, store, _) = saved(&[1, 2, 3, 4]);
    assert_eq!(
        names(&store),
        ["snapshot-00000000000000000003.belfry", "snapshot-00000000000000000004.belfry"]
    );
}

#[test]
fn any_cut_of_the_newest_is_passed_over() {
    let (_folder, store, journal) = saved(&[2, 3]);
    let whole = fs::read(store.path(Serial(3))).unwrap();
    for length in 0..whole.len() {
        fs::write(store.path(Serial(3)), &whole[..length]).unwrap();
        let (found, problems) = store.load();
        assert_eq!(found, Some((JOURNAL, journal.set_at(2))), "cut at {length}");
        assert_eq!(problems.len(), 1, "cut at {length}");
    }
}

#[test]
fn any_changed_byte_of_the_newest_is_noticed() {
    let (_folder, store, journal) = saved(&[2, 3]);
    let whole = fs::read(store.path(Serial(3))).unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x20;
        fs::write(store.path(Serial(3)), &bytes).unwrap();
        assert_eq!(store.load().0, Some((JOURNAL, journal.set_at(2))), "changed at {at}");
    }
}

#[test]
fn with_both_damaged_nothing_is_loaded_and_both_are_told() {
    let (_folder, store, _) = saved(&[2, 3]);
    fs::write(store.path(Serial(2)), b"").unwrap();
    fs::write(store.path(Serial(3)), b"belfry").unwrap();
    let (found, problems) = store.load();
    assert!(found.is_none());
    let told: Vec<_> = problems.iter().map(|problem| problem.path.clone()).collect();
    assert_eq!(told, [store.path(Serial(3)), store.path(Serial(2))]);
}

#[test]
fn a_snapshot_under_another_serial_is_not_believed() {
    let (_folder, store, journal) = saved(&[2, 3]);
    fs::rename(store.path(Serial(2)), store.path(Serial(9))).unwrap();
    let (found, problems) = store.load();
    assert_eq!(found, Some((JOURNAL, journal.set_at(3))));
    assert!(problems[0].why.contains("serial 2"), "{}", problems[0]);
}

#[test]
fn other_files_are_left_alone() {
    let (_folder, store, journal) = saved(&[3]);
    for name in ["notes.txt", "snapshot-4.belfry", "snapshot-00000000000000000004.new"] {
        fs::write(store.folder.join(name), b"half").unwrap();
    }
    let (found, problems) = store.load();
    assert_eq!(found, Some((JOURNAL, journal.set_at(3))));
    assert!(problems.is_empty());
    store.save(JOURNAL, journal.set()).unwrap();
    assert!(names(&store).contains(&"notes.txt".to_owned()));
}

#[test]
fn a_damaged_newer_one_is_set_aside_at_the_next_save() {
    let (_folder, store, journal) = saved(&[2, 9]);
    fs::write(store.path(Serial(9)), b"damaged").unwrap();
    store.save(JOURNAL, &journal.set_at(4)).unwrap();
    let (found, problems) = store.load();
    assert_eq!(found, Some((JOURNAL, journal.set_at(4))));
    assert!(problems.is_empty());
    assert_eq!(fs::read(store.folder.join("set-aside.damaged")).unwrap(), b"damaged");
}

#[test]
fn a_save_that_fails_leaves_the_one_before() {
    let (_folder, store, journal) = saved(&[2]);
    // A folder stands where the temporary file belongs.
    fs::create_dir(store.folder.join("snapshot-00000000000000000002.new")).unwrap();
    assert!(store.save(JOURNAL, &journal.set_at(2)).is_err());
    assert_eq!(store.load().0, Some((JOURNAL, journal.set_at(2))));
}

#[test]
fn only_the_owner_may_look() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, store, _) = saved(&[1]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&store.folder), 0o700);
    assert_eq!(mode(&store.path(Serial(1))), 0o600);
}
