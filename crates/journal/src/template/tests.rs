//! Tests of entries about templates: pinned bytes, one spelling, the fold, snapshots.

use super::*;
use crate::generate::journal;
use crate::{Body, EffectiveSet, Entry, JournalId, snapshot};

fn order(text: &str) -> TemplateOrder {
    let operator = OperatorName::parse("telco-1").unwrap();
    let basis = LegalBasis {
        operator: operator.clone(),
        number: 3,
        authority: "Act 121/8".to_owned(),
        scope: Scope::SimilarTexts,
        from: UnixMillis(1_000),
        until: UnixMillis(9_000),
    };
    let handover = Handover { operator, number: 7, at: UnixMillis(2_000) };
    let confirmation = Confirmation { case: 17, at: UnixMillis(3_000) };
    let provenance = Provenance::new(handover, confirmation, basis).unwrap();
    TemplateOrder {
        template: Template::new(text, provenance).unwrap(),
        category: Category::Phishing,
        mode: Mode::Live,
        issued_at: UnixMillis(3_000),
        valid_until: UnixMillis(8_000),
    }
}

fn matching(text: &str) -> TemplateEntry {
    TemplateEntry::Match(Box::new(order(text)))
}

fn release(of: u64) -> TemplateEntry {
    TemplateEntry::Release {
        of: Serial(of),
        at: UnixMillis(4_000),
        cause: Cause::Expiry,
        reason: PublicReason::Ended,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_snapshot_for_another_operator_has_no_text_and_is_the_same_tree() {
    let bodies = [Body::Template(matching("Uw pakket")), Body::Template(release(9))];
    let entries = journal(&bodies);
    let mut all = EffectiveSet::new();
    entries.iter().for_each(|entry| all.apply(entry).map(|_| ()).unwrap());
    let id = JournalId([1; 16]);
    let theirs =
        snapshot::encode_for(id, &all, |_| true, |order| order.operator().as_str() == "telco-2");
    assert!(!theirs.windows(9).any(|window| window == b"Uw pakket"));
    let (_, other) = snapshot::decode(&theirs).unwrap();
    assert_eq!((other.templates().count(), other.frontier()), (0, all.frontier()));
    // Who followed from the start, the text sealed, ends with the same.
    let mut followed = EffectiveSet::new();
    followed.apply(&entries[0].sealed()).unwrap();
    followed.apply(&entries[1]).unwrap();
    assert_eq!(snapshot::encode(id, &followed), snapshot::encode(id, &other));
    let ours =
        snapshot::encode_for(id, &all, |_| true, |order| order.operator().as_str() == "telco-1");
    assert_eq!(ours, snapshot::encode(id, &all));
}

#[test]
fn the_canonical_bytes_never_change() {
    insta::assert_snapshot!(hex(&matching("é!").to_bytes()), @"010101010000000000000bb80000000000001f4000000000000000110000000000000bb8000000000000000700000000000007d00774656c636f2d3100000000000000030100000000000003e8000000000000232800000009416374203132312f3800000003c3a921");
    insta::assert_snapshot!(hex(&release(7).to_bytes()), @"010200000000000000070000000000000fa00205");
}

#[test]
fn entries_read_back_and_nothing_else_is_read() {
    for entry in [matching("Uw pakket"), release(7)] {
        let bytes = entry.to_bytes();
        assert_eq!(TemplateEntry::from_bytes(&bytes), Ok(entry.clone()));
        assert_eq!(entry.at().0 / 1_000 * 1_000, entry.at().0);
        for cut in 0..bytes.len() {
            assert!(TemplateEntry::from_bytes(&bytes[..cut]).is_err(), "{cut}");
        }
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x55;
            if let Ok(read) = TemplateEntry::from_bytes(&changed) {
                assert_eq!(read.to_bytes(), changed, "{at}");
            }
        }
    }
}

#[test]
fn what_decodes_has_a_provenance() {
    let mut bytes = matching("Uw pakket").to_bytes();
    // The hand-over's time, before the legal basis began.
    let at = 2 + 2 + 8 * 5;
    assert_eq!(bytes[at..at + 8], 2_000u64.to_be_bytes());
    bytes[at..at + 8].copy_from_slice(&999u64.to_be_bytes());
    let refused = TemplateEntry::from_bytes(&bytes).unwrap_err().to_string();
    assert!(refused.starts_with("provenance holds"), "{refused}");
}

fn folded(entries: &[Entry]) -> EffectiveSet {
    let mut set = EffectiveSet::new();
    for entry in entries {
        set.apply(entry).unwrap();
    }
    set
}

#[test]
fn templates_hold_until_released() {
    let bodies = [
        Body::Template(matching("een")),
        Body::Template(matching("twee")),
        Body::Template(release(1)),
        Body::Template(release(1)),
        Body::Void,
    ];
    let entries = journal(&bodies);
    let set = folded(&entries);
    let held: Vec<_> =
        set.templates().map(|(serial, order)| (serial.0, order.template.text())).collect();
    assert_eq!(held, [(2, "twee")]);
    assert_eq!(set.templates_changed(), Serial(3));
    assert_eq!(set.unknown_kinds(), 0);
    assert!(set.is_empty());
}

#[test]
fn a_snapshot_holds_them_and_is_as_before_without() {
    let id = JournalId([7; 16]);
    let entries = journal(&[Body::Template(matching("een")), Body::Template(release(1))]);
    let without = snapshot::encode(id, &folded(&entries));
    assert!(without.starts_with(b"BELFRYS1"));
    assert_eq!(snapshot::decode(&without).unwrap().1.templates().count(), 0);
    let set = folded(&entries[..1]);
    let with = snapshot::encode(id, &set);
    assert!(with.starts_with(b"BELFRYS2"));
    let (_, read) = snapshot::decode(&with).unwrap();
    assert!(read.templates().eq(set.templates()));
    let mut next = read;
    next.apply(&entries[1]).unwrap();
    assert_eq!(next.templates().count(), 0);
}
