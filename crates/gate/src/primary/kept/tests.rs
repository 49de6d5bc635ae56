//! A zone kept on disk, changed and not changed.

use belfry_rpz::wire::kind;

use super::*;
use crate::primary::file_of;

fn apex() -> Domain {
    Domain::parse("rpz.test").unwrap()
}

fn zone(folder: &Path) -> KeptZone {
    KeptZone::new(file_of(folder, "rpz.test"), apex(), 1_000)
}

fn soa(serial: u32) -> Kept {
    let numbers = [serial, 60, 15, 900, 30].map(u32::to_be_bytes).concat();
    let data = [&b"\x01m\0\x01r\0"[..], &numbers].concat().into();
    Kept { owner: apex().to_wire().into(), kind: kind::SOA, ttl: 30, data }
}

/// `CNAME .` at a name, with its TTL.
fn block(name: &str, ttl: u32) -> Kept {
    let name = Domain::parse(&format!("{name}.rpz.test")).unwrap();
    Kept { owner: name.to_wire().into(), kind: 5, ttl, data: Box::new([0]) }
}

fn write(zone: &KeptZone, serial: u32, names: &[&str]) {
    let mut new = zone.begin().unwrap();
    new.take(&[soa(serial)]).unwrap();
    let names: Vec<Kept> = names.iter().map(|name| block(name, 60)).collect();
    new.take(&names).unwrap();
    new.finish().unwrap();
}

fn names(zone: &KeptZone) -> Vec<String> {
    let text = fs::read_to_string(zone.path()).unwrap();
    let lines = text.lines().filter(|line| line.ends_with("CNAME\t."));
    lines.map(|line| line.trim_end_matches("\tCNAME\t.").replace('\t', " ")).collect()
}

fn step(from: u32, gone: &[Kept], to: u32, come: &[Kept]) -> Changed {
    let with = |serial, records: &[Kept]| [&[soa(serial)], records].concat();
    Changed { gone: with(from, gone), come: with(to, come) }
}

#[test]
fn a_version_is_there_once_it_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let zone = zone(folder.path());
    assert_eq!(zone.soa().unwrap(), None);
    assert_eq!(zone.heard_at(), None);
    write(&zone, 7, &["a", "b"]);
    let expected = Soa { serial: 7, refresh: 60, retry: 15, expire: 900 };
    assert_eq!(zone.soa().unwrap(), Some(expected));
    assert!(zone.heard_at().is_some(), "when it was written");
    zone.note(UnixMillis(42));
    assert_eq!(zone.heard_at(), Some(UnixMillis(42)));
    let mut half = zone.begin().unwrap();
    half.take(&[soa(8), block("c", 60)]).unwrap();
    drop(half);
    assert_eq!(zone.soa().unwrap(), Some(expected));
    assert_eq!(names(&zone), ["a 60", "b 60"]);
    let left = fs::read_dir(zone.path().parent().unwrap()).unwrap().count();
    assert_eq!(left, 2, "the zone and its note");
}

#[test]
fn a_difference_is_merged_step_by_step() {
    let folder = tempfile::tempdir().unwrap();
    let zone = zone(folder.path());
    write(&zone, 7, &["a", "b", "c"]);
    let steps = vec![
        step(7, &[block("a", 60)], 8, &[block("d", 60), block("e", 60)]),
        step(8, &[block("d", 60), block("b", 60)], 9, &[block("b", 30), block("a", 60)]),
    ];
    zone.change(&steps).unwrap();
    assert_eq!(zone.soa().unwrap().unwrap().serial, 9);
    assert_eq!(names(&zone), ["c 60", "a 60", "b 30", "e 60"]);
}

#[test]
fn a_difference_that_does_not_fit_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let zone = zone(folder.path());
    write(&zone, 7, &["a", "b"]);
    let check = |gone: &[Kept], come: &[Kept]| {
        let refused = zone.change(&[step(7, gone, 8, come)]);
        assert!(matches!(refused, Err(Problem::NotOurs)), "{refused:?}");
        assert_eq!(names(&zone), ["a 60", "b 60"]);
        assert_eq!(zone.soa().unwrap().unwrap().serial, 7);
    };
    check(&[block("none", 60)], &[]);
    check(&[], &[block("a", 60)]);
    check(&[block("a", 60), block("a", 60)], &[]);
    check(&[], &[block("c", 60), block("c", 30)]);
    assert!(matches!(zone.change(&[]), Err(Problem::NotOurs)));
    let lacks = Changed { gone: vec![soa(7)], come: vec![block("c", 60)] };
    assert!(matches!(zone.change(&[lacks]), Err(Problem::NotOurs)));
}

#[test]
fn a_file_of_others_is_no_version_and_is_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let zone = zone(folder.path());
    write(&zone, 7, &["a"]);
    for text in ["", "<html>\n", "; words\n$TTL 3\nwww A 192.0.2.1\n", "@\t60\tSOA\tm. r. x\n"] {
        fs::write(zone.path(), text).unwrap();
        assert_eq!(zone.soa().unwrap(), None, "{text:?}");
        assert!(zone.change(&[step(7, &[], 8, &[])]).is_err() || !text.contains("html"));
    }
    fs::write(zone.path(), "no end of a line").unwrap();
    assert!(matches!(zone.soa(), Err(Problem::NotOurs)));
    write(&zone, 8, &["a"]);
    assert_eq!(zone.soa().unwrap().unwrap().serial, 8);
}

#[test]
fn more_records_than_are_allowed_are_refused_whole() {
    let folder = tempfile::tempdir().unwrap();
    let zone = KeptZone::new(file_of(folder.path(), "rpz.test"), apex(), 3);
    write(&zone, 7, &["a", "b"]);
    let mut larger = zone.begin().unwrap();
    let records = [soa(8), block("a", 60), block("b", 60), block("c", 60)];
    assert!(matches!(larger.take(&records), Err(Problem::TooLarge)));
    drop(larger);
    let grown = zone.change(&[step(7, &[], 8, &[block("c", 60)])]);
    assert!(matches!(grown, Err(Problem::TooLarge)));
    assert_eq!((zone.soa().unwrap().unwrap().serial, names(&zone).len()), (7, 2));
}

#[test]
fn signatures_of_a_zone_are_not_kept_and_not_missed() {
    let folder = tempfile::tempdir().unwrap();
    let zone = zone(folder.path());
    let signature = Kept { kind: 46, ..block("a", 60) };
    let mut new = zone.begin().unwrap();
    new.take(&[soa(7), block("a", 60), signature.clone()]).unwrap();
    new.finish().unwrap();
    zone.change(&[step(7, &[signature], 8, &[])]).unwrap();
    assert_eq!((zone.soa().unwrap().unwrap().serial, names(&zone).len()), (8, 1));
}

#[test]
fn what_is_kept_is_what_the_loader_reads() {
    use crate::lastline::LastLine;
    use crate::names::{Labels, Seed};
    use crate::rpz::{Action, Loader};
    let folder = tempfile::tempdir().unwrap();
    let zone = zone(folder.path());
    let mut new = zone.begin().unwrap();
    let odd = [&b"\x05a;b@.\x04evil"[..], &apex().to_wire()].concat();
    let address = Kept { kind: 1, data: Box::new([192, 0, 2, 1]), ..block("w.example", 60) };
    let text = Kept { kind: 16, data: (*b"\x02hi").into(), ..block("t.example", 60) };
    let records = [soa(7), block("n.example", 60), Kept { owner: odd.into(), ..block("x", 60) }];
    new.take(&records).unwrap();
    new.take(&[address, text]).unwrap();
    new.finish().unwrap();
    let line = LastLine::new(None, Vec::new());
    let mut loader = Loader::new(Seed::new([7; 16]), &line, 0);
    let unhonoured = loader.zone("rpz.test", true, File::open(zone.path()).unwrap()).unwrap();
    let set = loader.finish().unwrap();
    assert_eq!((set.len(), unhonoured), (4, crate::rpz::Unhonoured::default()));
    assert_eq!(set.zones()[0].serial(), Some(7));
    let action = |name: &[u8]| {
        let hit = set.find(name, &Labels::of(name).unwrap()).0.live.unwrap();
        set.action(hit).clone()
    };
    assert_eq!(action(b"\x01n\x07example\0"), Action::NxDomain);
    assert_eq!(action(b"\x05a;b@.\x04evil\0"), Action::NxDomain);
    for (name, rtype, data) in [
        (&b"\x01w\x07example\0"[..], 1, &[192, 0, 2, 1][..]),
        (b"\x01t\x07example\0", 16, b"\x02hi"),
    ] {
        let Action::Local(local) = action(name) else { panic!("{name:?}") };
        let record = &local.records[0];
        assert_eq!((record.rtype.to_int(), record.ttl, &*record.data), (rtype, 60, data));
    }
}
