//! Tests of the snapshot: it stands for the history, and damage never passes.

use proptest::prelude::*;

use belfry_indicator::{Domain, OperatorName, Target};

use super::*;
use crate::generate::{any_journal, any_order, block, release};
use crate::{Action, Audience, Body, Category, Cause, Entry, Mode, PublicReason, UnixMillis};

const ID: JournalId = JournalId([7; 16]);

fn fold(mut set: EffectiveSet, entries: &[Entry]) -> EffectiveSet {
    for entry in entries {
        set.apply(entry).expect("a generated journal is sound");
    }
    set
}

/// Bytes with a true checksum, whatever they hold.
fn sealed(content: &[u8]) -> Vec<u8> {
    let checksum = Sha256::digest(content);
    [content, &checksum[..]].concat()
}

/// Head, no unknown kinds and these records, under one peak.
fn with_records(serial: u64, count: u32, records: &[(u64, Order)]) -> Vec<u8> {
    let mut out = Writer::default();
    out.raw(MAGIC).raw(&ID.0).u64(serial).u64(0);
    for _ in 0..serial.count_ones() {
        out.raw(&[9; 32]);
    }
    out.raw(&count.to_be_bytes());
    for (number, order) in records {
        out.u64(*number);
        order.encode(&mut out);
    }
    sealed(&out.finish())
}

#[test]
fn an_empty_set_is_a_snapshot_too() {
    let bytes = encode(ID, &EffectiveSet::new());
    assert_eq!(bytes.len(), 8 + 16 + 8 + 8 + 4 + 32);
    assert_eq!(decode(&bytes), Ok((ID, EffectiveSet::new())));
}

#[test]
fn a_true_checksum_does_not_excuse_what_no_journal_leaves() {
    let (a, b) = (block("a.example"), block("b.example"));
    assert!(decode(&with_records(4, 2, &[(1, a.clone()), (2, b.clone())])).is_ok());
    for (why, bytes) in [
        ("falling keys", with_records(4, 2, &[(1, b.clone()), (2, a.clone())])),
        ("one key twice", with_records(4, 2, &[(1, a.clone()), (2, a.clone())])),
        ("one serial twice", with_records(4, 2, &[(1, a.clone()), (1, b)])),
        ("serial zero", with_records(4, 1, &[(0, a.clone())])),
        ("past the head", with_records(4, 1, &[(5, a.clone())])),
        ("a release", with_records(4, 1, &[(2, release(1, &a))])),
        ("too few records", with_records(4, u32::MAX, &[(1, a.clone())])),
        ("too many records", with_records(4, 0, &[(1, a)])),
        ("a head past all", with_records(u64::MAX, 0, &[])),
    ] {
        assert!(decode(&bytes).is_err(), "{why}");
    }
}

#[test]
fn another_format_is_named() {
    let mut bytes = encode(ID, &EffectiveSet::new());
    bytes.truncate(bytes.len() - CHECKSUM);
    bytes[7] = b'9';
    assert_eq!(decode(&sealed(&bytes)), Err(DecodeError::field("magic", "another format")));
}

proptest! {
    #[test]
    fn a_snapshot_and_the_tail_are_the_whole_fold(
        entries in any_journal(24), at in any::<prop::sample::Index>(),
    ) {
        let at = at.index(entries.len() + 1);
        let (head, tail) = entries.split_at(at);
        let early = fold(EffectiveSet::new(), head);
        let (id, restored) = decode(&encode(ID, &early)).unwrap();
        prop_assert_eq!(id, ID);
        prop_assert_eq!(&restored, &early);
        prop_assert_eq!(fold(restored, tail), fold(EffectiveSet::new(), &entries));
    }

    #[test]
    fn damage_is_always_refused(
        entries in any_journal(8), at in any::<prop::sample::Index>(), flip in 1u8..,
        cut in any::<prop::sample::Index>(),
    ) {
        let good = encode(ID, &fold(EffectiveSet::new(), &entries));
        let mut changed = good.clone();
        changed[at.index(good.len())] ^= flip;
        prop_assert!(decode(&changed).is_err());
        prop_assert!(decode(&good[..cut.index(good.len())]).is_err());
        prop_assert!(decode(&[&good[..], &[0]].concat()).is_err());
    }

    #[test]
    fn forged_content_never_panics_and_is_canonical(
        order in any_order(3), serial in 1u64..8, at in any::<prop::sample::Index>(), value in any::<u8>(),
    ) {
        let mut content = with_records(serial, 1, &[(1, order)]);
        content.truncate(content.len() - CHECKSUM);
        let at = at.index(content.len());
        content[at] = value;
        let bytes = sealed(&content);
        if let Ok((id, set)) = decode(&bytes) {
            prop_assert_eq!(encode(id, &set), bytes);
        }
    }
}

#[test]
fn a_snapshot_for_some_is_what_holds_with_who_read_the_rest_sealed() {
    let body = |name: &str, audience| {
        Body::Order(Order {
            action: Action::Block,
            target: Target::Host(Domain::parse(name).unwrap()),
            category: Category::Phishing,
            mode: Mode::Live,
            issued_at: UnixMillis(1),
            valid_until: UnixMillis(2),
            audience,
            cause: Cause::Verdict { case: 1 },
            reason: PublicReason::Impersonation,
            keeps_mail: false,
        })
    };
    let theirs = Audience::Operators([OperatorName::parse("isp-2").unwrap()].into());
    let bodies = [body("a.example", Audience::Everyone), body("b.example", theirs)];
    let (mut all, mut followed) = (EffectiveSet::new(), EffectiveSet::new());
    for (serial, body) in (1..).map(Serial).zip(&bodies) {
        let entry = Entry::new(serial, [3; 32], body);
        all.apply(&entry).unwrap();
        let sealed = serial == Serial(2);
        followed.apply(&if sealed { entry.sealed() } else { entry }).unwrap();
    }
    let everyones = |order: &Order| order.audience == Audience::Everyone;
    let bytes = encode_for(JournalId([7; 16]), &all, everyones, |_| true);
    let (_, taken) = decode(&bytes).unwrap();
    assert_eq!((taken.len(), &taken), (1, &followed));
    assert_eq!(taken.frontier().root(), all.frontier().root());
}
