//! Operators, their settings, and keys that change without a gap.

use std::collections::BTreeSet;

use belfry_casebook::StoreError;
use belfry_casebook::operators::OperatorSettings;
use belfry_journal::{Body, Category, OperatorName, Serial, UnixMillis};

use crate::bench::{admin, open};

const NOW: UnixMillis = UnixMillis(1_790_000_000_000);

fn name(text: &str) -> OperatorName {
    OperatorName::parse(text).unwrap()
}

fn settings() -> OperatorSettings {
    OperatorSettings {
        addresses: vec!["192.0.2.0/24".into()],
        notify: vec!["192.0.2.1:53".into(), "192.0.2.2:53".into()],
        probes: Vec::new(),
        categories: None,
    }
}

#[tokio::test]
async fn an_operator_is_added_set_suspended_and_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let casebook = open(folder.path()).await.unwrap();
    let isp = name("isp");
    casebook.add_operator(&admin(), &isp, &settings(), NOW).await.unwrap();
    let again = casebook.add_operator(&admin(), &isp, &settings(), NOW).await;
    assert!(matches!(again, Err(StoreError::Taken { .. })));
    let record = casebook.operator(&isp).await.unwrap();
    assert_eq!((&record.settings, record.suspended_at), (&settings(), None));
    let own = BTreeSet::from([Category::Phishing, Category::FakeShop]);
    let other = OperatorSettings { categories: Some(own), ..settings() };
    casebook.set_operator(&admin(), &isp, &other, NOW).await.unwrap();
    let changed = casebook.operator(&isp).await.unwrap();
    assert_eq!(changed.settings, other);
    assert!(changed.view_serial > record.view_serial);
    casebook.suspend_operator(&admin(), &isp, true, NOW).await.unwrap();
    assert_eq!(casebook.operator(&isp).await.unwrap().suspended_at, Some(NOW));
    casebook.suspend_operator(&admin(), &isp, false, NOW).await.unwrap();
    assert_eq!(casebook.operator(&isp).await.unwrap().suspended_at, None);
    let unknown = casebook.suspend_operator(&admin(), &name("nobody"), true, NOW).await;
    assert!(matches!(unknown, Err(StoreError::Missing { .. })));
}

#[tokio::test]
async fn a_new_key_does_not_end_the_old_one_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let casebook = open(folder.path()).await.unwrap();
    let isp = name("isp");
    casebook.add_operator(&admin(), &isp, &settings(), NOW).await.unwrap();
    let first = casebook.operator_keys(NOW).await.unwrap();
    let (later, end) = (UnixMillis(NOW.0 + 1), UnixMillis(NOW.0 + 1_000));
    casebook.rotate_key(&admin(), &isp, end, later).await.unwrap();
    let both = casebook.operator_keys(later).await.unwrap();
    assert_eq!(both.len(), 2);
    assert_eq!(both[1].secret, first[0].secret);
    assert_ne!(both[0].secret, both[1].secret);
    let after = casebook.operator_keys(end).await.unwrap();
    assert_eq!(after, both[..1]);
    // The secret is the same when the folder is opened again.
    casebook.close().await;
    let casebook = open(folder.path()).await.unwrap();
    assert_eq!(casebook.operator_keys(end).await.unwrap(), after);
    for _ in 0..6 {
        casebook.rotate_key(&admin(), &isp, UnixMillis(end.0 * 2), later).await.unwrap();
    }
    let refused = casebook.rotate_key(&admin(), &isp, end, later).await;
    assert!(matches!(refused, Err(StoreError::Invalid { .. })));
}

#[tokio::test]
async fn zones_made_otherwise_are_an_entry_once() {
    let folder = tempfile::tempdir().unwrap();
    let casebook = open(folder.path()).await.unwrap();
    let first = casebook.note_zone_view([1; 32], NOW).await.unwrap();
    assert_eq!(casebook.note_zone_view([1; 32], NOW).await.unwrap(), first);
    let second = casebook.note_zone_view([2; 32], NOW).await.unwrap();
    assert!(second > first);
    let entries = casebook.entries(Serial(second.0 - 1), 1).await.unwrap();
    assert!(matches!(entries[0].decode(), Ok(Body::View(change)) if change.digest == [2; 32]));
}

#[tokio::test]
async fn lists_and_names_that_do_not_fit_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let casebook = open(folder.path()).await.unwrap();
    let long = name(&"x".repeat(33));
    let words = OperatorSettings { notify: vec!["two words".into()], ..settings() };
    for (name, settings) in [(long, settings()), (name("isp"), words)] {
        let refused = casebook.add_operator(&admin(), &name, &settings, NOW).await;
        assert!(matches!(refused, Err(StoreError::Invalid { .. })));
    }
}
