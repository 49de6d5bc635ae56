//! Recovery: whatever step a crash comes after, every object with a row is there
//! once, with its bytes, and none without a row is.

use std::collections::HashSet;
use std::fs;

use proptest::prelude::*;

use super::*;
use crate::evidence::SealedObject;

fn name(number: u16) -> ObjectName {
    let mut bytes = [7; 32];
    bytes[..2].copy_from_slice(&number.to_be_bytes());
    ObjectName::of_bytes(&bytes)
}

fn object(number: u16) -> SealedObject {
    let bytes = number.to_be_bytes().repeat(usize::from(number % 40));
    SealedObject { name: name(number), bytes }
}

fn objects(numbers: std::ops::Range<u16>) -> Vec<SealedObject> {
    numbers.map(object).collect()
}

/// Opens a data folder whose rows are those of `rows`.
fn open(data: &Path, rows: &HashSet<ObjectName>) -> (Depot, Writer) {
    let (depot, left) = Depot::open(data).unwrap();
    let writer = depot.recover(left, |name| rows.contains(name));
    (depot, writer)
}

fn fresh(data: &Path) -> (Depot, Writer) {
    open(data, &HashSet::new())
}

fn rows(numbers: std::ops::Range<u16>) -> HashSet<ObjectName> {
    numbers.map(name).collect()
}

/// Checks that the objects of `there` are all there is.
fn reads(depot: &Depot, there: &std::ops::Range<u16>, what: &str) {
    for number in 0..100 {
        let read = depot.read(&name(number));
        if there.contains(&number) {
            assert_eq!(read.unwrap(), object(number).bytes, "{what}, {number}");
        } else {
            assert_eq!(read.unwrap_err().kind(), ErrorKind::NotFound, "{what}, {number}");
        }
    }
}

/// Checks the same at the next open, and once all is moved.
fn check(data: &Path, there: std::ops::Range<u16>, what: &str) {
    let (depot, _writer) = open(data, &rows(there.clone()));
    reads(&depot, &there, what);
    while let Some(segment) = depot.spool.oldest_closed() {
        depot.move_segment(segment).unwrap();
    }
    reads(&depot, &there, what);
    assert_eq!(depot.spool.bytes(), 0, "{what}");
    assert_eq!(fs::read_dir(data.join("spool")).unwrap().count(), 0, "{what}");
    assert_eq!(fs::read_dir(data.join("evidence/new")).unwrap().count(), 0, "{what}");
}

#[test]
fn an_object_is_read_from_the_spool_and_then_from_the_store() {
    let data = tempfile::tempdir().unwrap();
    let (depot, mut writer) = fresh(data.path());
    assert!(depot.is_empty().unwrap());
    writer.append(&objects(0..3)).unwrap();
    writer.append(&objects(3..5)).unwrap();
    assert!(!depot.is_empty().unwrap() && depot.folder.is_empty().unwrap());
    assert_eq!(depot.read(&name(4)).unwrap(), object(4).bytes);
    assert_eq!(depot.spool.oldest_closed(), None);
    writer.close();
    depot.move_segment(depot.spool.oldest_closed().unwrap()).unwrap();
    assert!(depot.spool.is_empty() && !depot.folder.is_empty().unwrap());
    check(data.path(), 0..5, "moved");
}

#[test]
fn a_crash_after_any_step_of_a_move_loses_and_doubles_nothing() {
    for steps in 0..=4 {
        let data = tempfile::tempdir().unwrap();
        let (depot, mut writer) = fresh(data.path());
        writer.append(&objects(0..6)).unwrap();
        writer.close();
        let number = depot.spool.oldest_closed().unwrap();
        let half = [name(0), name(1)];
        if steps == 1 {
            depot.folder.write_new(&name(0), b"half").unwrap();
        }
        let names = if steps >= 2 { depot.copy(number).unwrap() } else { Vec::new() };
        match steps {
            3 => depot.publish(&half).unwrap(),
            4 => depot.publish(&names).unwrap(),
            _ => {}
        }
        check(data.path(), 0..6, &format!("after {steps} steps"));
    }
}

#[test]
fn a_segment_cut_at_any_byte_keeps_all_that_was_acknowledged() {
    let data = tempfile::tempdir().unwrap();
    let (depot, mut writer) = fresh(data.path());
    writer.append(&objects(1..4)).unwrap();
    let path = depot.spool.path(1);
    let acknowledged = fs::metadata(&path).unwrap().len();
    writer.append(&objects(4..6)).unwrap();
    let whole = fs::metadata(&path).unwrap().len();
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    for cut in (acknowledged..=whole).rev() {
        file.set_len(cut).unwrap();
        let (depot, _writer) = open(data.path(), &rows(1..4));
        reads(&depot, &(1..4), &format!("cut at {cut}"));
    }
    file.set_len(whole - 1).unwrap();
    check(data.path(), 1..4, "cut and moved");
}

#[test]
fn a_segment_cut_before_its_first_record_is_empty() {
    let data = tempfile::tempdir().unwrap();
    let (depot, mut writer) = fresh(data.path());
    writer.append(&objects(9..10)).unwrap();
    let file = fs::OpenOptions::new().write(true).open(depot.spool.path(1)).unwrap();
    for cut in (0..70).rev() {
        file.set_len(cut).unwrap();
        let (depot, _writer) = open(data.path(), &HashSet::new());
        reads(&depot, &(0..0), &format!("cut at {cut}"));
    }
    check(data.path(), 0..0, "cut and moved");
}

#[test]
fn a_new_segment_never_takes_the_place_of_an_old_one() {
    let data = tempfile::tempdir().unwrap();
    let (_, mut writer) = fresh(data.path());
    writer.append(&objects(0..2)).unwrap();
    let (_, mut writer) = open(data.path(), &rows(0..2));
    writer.append(&objects(2..4)).unwrap();
    assert_eq!(fs::read_dir(data.path().join("spool")).unwrap().count(), 2);
    check(data.path(), 0..4, "two segments");
}

#[test]
fn a_damaged_record_costs_no_other_and_the_segment_is_kept() {
    let data = tempfile::tempdir().unwrap();
    let (depot, mut writer) = fresh(data.path());
    writer.append(&objects(5..8)).unwrap();
    let path = depot.spool.path(1);
    let mut bytes = fs::read(&path).unwrap();
    bytes[40] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let (depot, _writer) = open(data.path(), &rows(5..8));
    assert!(depot.read(&name(5)).is_err());
    depot.move_segment(1).unwrap();
    assert_eq!(depot.read(&name(6)).unwrap(), object(6).bytes);
    assert_eq!(depot.read(&name(7)).unwrap(), object(7).bytes);
    assert_eq!(fs::read(path.with_extension("damaged")).unwrap(), bytes);
}

#[test]
fn what_is_damaged_while_it_lies_there_is_not_moved_and_the_segment_is_kept() {
    let data = tempfile::tempdir().unwrap();
    let (depot, mut writer) = fresh(data.path());
    writer.append(&objects(5..8)).unwrap();
    writer.close();
    let path = depot.spool.path(1);
    let mut bytes = fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, &bytes).unwrap();
    depot.move_segment(1).unwrap();
    assert_eq!(depot.read(&name(6)).unwrap(), object(6).bytes);
    assert!(depot.read(&name(7)).is_err());
    assert_eq!(fs::read(path.with_extension("damaged")).unwrap(), bytes);
}

#[test]
fn what_is_erased_is_not_moved() {
    let data = tempfile::tempdir().unwrap();
    let (depot, mut writer) = fresh(data.path());
    writer.append(&objects(0..4)).unwrap();
    writer.close();
    depot.remove(&name(1)).unwrap();
    assert!(depot.read(&name(1)).is_err());
    let names = depot.copy(1).unwrap();
    depot.remove(&name(2)).unwrap();
    depot.publish(&names).unwrap();
    depot.remove(&name(3)).unwrap();
    depot.spool.remove_segment(1).unwrap();
    check(data.path(), 0..1, "three erased");
}

#[test]
fn a_batch_taken_back_leaves_the_segment_as_it_was() {
    let data = tempfile::tempdir().unwrap();
    let (depot, mut writer) = fresh(data.path());
    writer.append(&objects(0..2)).unwrap();
    let length = fs::metadata(depot.spool.path(1)).unwrap().len();
    writer.append(&objects(2..4)).unwrap();
    objects(2..4).iter().for_each(|object| depot.spool.withdraw(&object.name));
    writer.take_back();
    assert_eq!(fs::metadata(depot.spool.path(1)).unwrap().len(), length);
    assert_eq!(depot.spool.bytes(), length);
    writer.append(&objects(4..5)).unwrap();
    assert_eq!(depot.read(&name(4)).unwrap(), object(4).bytes);
    let (depot, _) = open(data.path(), &rows(0..5));
    assert!(depot.read(&name(2)).is_err() && depot.read(&name(4)).is_ok());
}

#[test]
fn large_segments_are_closed() {
    let data = tempfile::tempdir().unwrap();
    let (depot, mut writer) = fresh(data.path());
    let large = SealedObject { name: name(1), bytes: vec![1; 17 << 20] };
    writer.append(&[large]).unwrap();
    assert_eq!(depot.spool.oldest_closed(), Some(1));
    writer.append(&objects(2..3)).unwrap();
    depot.move_segment(1).unwrap();
    assert_eq!(depot.read(&name(1)).unwrap().len(), 17 << 20);
    assert_eq!(depot.read(&name(2)).unwrap(), object(2).bytes);
}

#[derive(Clone, Debug)]
enum Step {
    /// A batch of so many that is acknowledged, or not.
    Append(u16, bool),
    Close,
    Move,
    Crash,
    /// A crash that cuts so much off the last batch, which was not acknowledged.
    Torn(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1_u16..5, any::<bool>()).prop_map(|(count, kept)| Step::Append(count, kept)),
        1 => Just(Step::Close),
        2 => Just(Step::Move),
        1 => Just(Step::Crash),
        2 => (1_u64..200).prop_map(Step::Torn),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn whatever_happens_all_that_was_acknowledged_is_there(
        steps in prop::collection::vec(step(), 1..12)
    ) {
        let data = tempfile::tempdir().unwrap();
        let (mut depot, mut writer) = fresh(data.path());
        let (mut next, mut rows) = (0, HashSet::new());
        for step in steps {
            match step {
                Step::Append(count, kept) => {
                    writer.append(&objects(next..next + count)).unwrap();
                    if kept { rows.extend((next..next + count).map(name)); }
                    next += count;
                }
                Step::Close => writer.close(),
                Step::Move => {
                    if let Some(number) = depot.spool.oldest_closed() {
                        depot.move_segment(number).unwrap();
                    }
                }
                Step::Crash => (depot, writer) = open(data.path(), &rows),
                Step::Torn(cut) => {
                    writer.append(&objects(next..next + 1)).unwrap();
                    next += 1;
                    let newest = fs::read_dir(data.path().join("spool")).unwrap()
                        .map(|entry| entry.unwrap().path()).max().unwrap();
                    let file = fs::OpenOptions::new().write(true).open(&newest).unwrap();
                    let record = 56 + object(next - 1).bytes.len() as u64;
                    let length = file.metadata().unwrap().len();
                    file.set_len(length - cut.min(record)).unwrap();
                    (depot, writer) = open(data.path(), &rows);
                }
            }
            for number in 0..next {
                if rows.contains(&name(number)) {
                    prop_assert_eq!(depot.read(&name(number)).unwrap(), object(number).bytes);
                }
            }
        }
    }
}
