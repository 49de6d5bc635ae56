//! People: links that hold once, passkeys, sessions that end, and what is removed.

use std::time::Duration;

use belfry_casebook::StoreError;
use belfry_casebook::access::{NewPasskey, Proof, Role};

use crate::bench::{Bench, NOW, admin};

fn passkey(credential: &[u8]) -> NewPasskey<'_> {
    NewPasskey { credential, cose_key: b"key", sign_count: 0 }
}

#[tokio::test]
async fn a_link_makes_one_passkey_and_is_gone() {
    let bench = Bench::new().await;
    let book = &bench.casebook;
    let link = book.invite(&admin(), "ann", Role::Analyst, NOW).await.unwrap();
    assert!(!format!("{link:?}").contains(&link.secret));
    let invited = book.invited(&link.secret, NOW).await.unwrap().unwrap();
    assert_eq!((invited.name.as_str(), invited.role), ("ann", Role::Analyst));
    let session = book.enrol(&link.secret, passkey(b"one"), NOW).await.unwrap();
    assert_eq!(session.principal.name, "person:ann");
    assert!(!format!("{session:?}").contains(&session.secret));
    assert!(book.invited(&link.secret, NOW).await.unwrap().is_none());
    let again = book.enrol(&link.secret, passkey(b"two"), NOW).await;
    assert!(matches!(again, Err(StoreError::Missing { .. })), "{again:?}");
    let other = book.invite(&admin(), "bob", Role::Reader, NOW).await.unwrap();
    let stolen = book.enrol(&other.secret, passkey(b"one"), NOW).await;
    assert!(matches!(stolen, Err(StoreError::Taken { .. })), "a known passkey is nobody else's");
}

#[tokio::test]
async fn links_and_sessions_end() {
    let bench = Bench::new().await;
    let book = &bench.casebook;
    let hours = |hours: u64| NOW.plus(Duration::from_secs(hours * 3_600));
    let old = book.invite(&admin(), "ann", Role::Analyst, NOW).await.unwrap();
    let link = book.invite(&admin(), "ann", Role::Approver, NOW).await.unwrap();
    assert!(book.invited(&old.secret, NOW).await.unwrap().is_none(), "the later link counts");
    assert!(book.invited(&link.secret, hours(24)).await.unwrap().is_none());
    let session = book.enrol(&link.secret, passkey(b"one"), NOW).await.unwrap();
    let who = book.session(&session.secret, hours(11)).await.unwrap().unwrap();
    assert_eq!((who.role, who.proof), (Role::Approver, Proof::Passkey { at: NOW }));
    assert!(book.session(&session.secret, hours(12)).await.unwrap().is_none());
    assert!(book.session("", NOW).await.unwrap().is_none());
    let fresh = book.sign_in(b"one", 1, Some(&session.secret), hours(1)).await.unwrap();
    assert_eq!(fresh.principal.proof, Proof::Passkey { at: hours(1) });
    assert!(book.session(&session.secret, hours(1)).await.unwrap().is_none(), "it was replaced");
    book.sign_out(&fresh.secret, hours(1)).await.unwrap();
    assert!(book.session(&fresh.secret, hours(1)).await.unwrap().is_none());
}

#[tokio::test]
async fn who_is_removed_is_out_at_once() {
    let bench = Bench::new().await;
    let book = &bench.casebook;
    let link = book.invite(&admin(), "ann", Role::Admin, NOW).await.unwrap();
    let session = book.enrol(&link.secret, passkey(b"one"), NOW).await.unwrap();
    assert_eq!(book.people(&admin(), NOW).await.unwrap()[0].sessions, 1);
    book.remove_person(&admin(), "ann", NOW).await.unwrap();
    assert!(book.session(&session.secret, NOW).await.unwrap().is_none());
    assert!(book.passkey(b"one").await.unwrap().is_none());
    assert!(book.people(&admin(), NOW).await.unwrap().is_empty());
    let missing = book.remove_person(&admin(), "ann", NOW).await;
    assert!(matches!(missing, Err(StoreError::Missing { .. })));
    let lines = book.audit(&admin(), None, 10).await.unwrap();
    let acts: Vec<_> = lines.iter().map(|line| line.action.as_str()).collect();
    assert_eq!(acts, ["remove-person", "enrol-passkey", "invite-person"]);
}

#[tokio::test]
async fn the_first_administrator_is_invited_until_there_is_one() {
    let bench = Bench::new().await;
    let book = &bench.casebook;
    let first = book.first_invitation(NOW).await.unwrap().unwrap();
    let second = book.first_invitation(NOW).await.unwrap().unwrap();
    assert!(book.enrol(&first.secret, passkey(b"one"), NOW).await.is_err(), "a start voids it");
    book.enrol(&second.secret, passkey(b"one"), NOW).await.unwrap();
    assert!(book.first_invitation(NOW).await.unwrap().is_none());
}
