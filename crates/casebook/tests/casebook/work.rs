//! Notes, who has a case in hand, and objections that another person decides.

use belfry_casebook::StoreError;
use belfry_casebook::access::{Analyst, Principal, Proof, Role};
use belfry_casebook::work::{NewObjection, ObjectionState};

use crate::bench::{Bench, NOW, domain, host};

fn person(name: &str) -> Analyst {
    let proof = Proof::Passkey { at: NOW };
    Principal { name: name.into(), role: Role::Analyst, proof }.authorize().unwrap()
}

#[tokio::test]
async fn notes_stay_and_a_case_is_in_one_hand() {
    let bench = Bench::new().await;
    let book = &bench.casebook;
    let case = bench.case_about("evil.example").await;
    book.add_note(&person("person:ann"), case, " seen before ", NOW).await.unwrap();
    let notes = book.notes(case).await.unwrap();
    assert_eq!((notes[0].by.as_str(), notes[0].text.as_str()), ("person:ann", "seen before"));
    let empty = book.add_note(&person("person:ann"), case, "  ", NOW).await;
    assert!(matches!(empty, Err(StoreError::Invalid { .. })));
    assert!(book.add_note(&person("person:ann"), 99, "x", NOW).await.is_err());
    book.hold_case(&person("person:ann"), case, true, NOW).await.unwrap();
    book.hold_case(&person("person:bob"), case, true, NOW).await.unwrap();
    assert_eq!(book.holder(case).await.unwrap().as_deref(), Some("person:bob"));
    book.hold_case(&person("person:bob"), case, false, NOW).await.unwrap();
    assert_eq!(book.holder(case).await.unwrap(), None);
}

#[tokio::test]
async fn another_person_decides_an_objection_and_the_contact_goes() {
    let bench = Bench::new().await;
    let book = &bench.casebook;
    let case = bench.case_about("evil.example").await;
    bench.block(case, host("evil.example")).await.unwrap();
    let target = domain("evil.example");
    let contact = Some("owner@evil.example");
    let new = NewObjection { target: &target, words: "It is my shop.", contact };
    let number = book.object(new, NOW).await.unwrap();
    let found = book.objection(&number.to_lowercase()).await.unwrap().unwrap();
    assert_eq!((found.case, found.state), (Some(case), ObjectionState::Open));
    let judge = book.case(case).await.unwrap().unwrap().verdicts[0].by.clone();
    let same = book.decide_objection(&person(&judge), &number, true, "sorry", NOW).await;
    assert!(matches!(same, Err(StoreError::Invalid { .. })), "{same:?}");
    book.decide_objection(&person("person:bob"), &number, false, "It is not.", NOW).await.unwrap();
    let found = book.objection(&number).await.unwrap().unwrap();
    assert_eq!((found.state, found.contact), (ObjectionState::Rejected, None));
    assert_eq!(found.answer.as_deref(), Some("It is not."));
    let twice = book.decide_objection(&person("person:bob"), &number, true, "x", NOW).await;
    assert!(matches!(twice, Err(StoreError::Missing { .. })));
}

#[tokio::test]
async fn a_block_is_found_for_the_names_that_it_covers() {
    let bench = Bench::new().await;
    let book = &bench.casebook;
    let case = bench.case_about("evil.example").await;
    bench.block(case, host("evil.example")).await.unwrap();
    let covers = async |name: &str| book.block_of(&domain(name)).await.unwrap().is_some();
    assert!(covers("evil.example").await);
    assert!(!covers("www.evil.example").await, "the host alone is blocked");
    assert!(!covers("example").await);
    assert_eq!(book.cases_by_status().await.unwrap(), [("blocked".to_owned(), 1)]);
    assert_eq!(book.blocks_by_day(belfry_journal::UnixMillis(0)).await.unwrap()[0].count, 1);
    assert_eq!(book.reports_by_day(belfry_journal::UnixMillis(0)).await.unwrap()[0].count, 1);
}
