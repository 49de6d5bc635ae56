//! Notes, who has a case in hand, and objections that another person decides.

use belfry_casebook::StoreError;
use belfry_casebook::access::{Analyst, Principal, Proof, Reader, Role};
use belfry_casebook::effects::Effect;
use belfry_casebook::report::{Erased, Receipt};
use belfry_casebook::work::{NewObjection, ObjectionState};
use belfry_journal::{Serial, UnixMillis};

use crate::bench::{Bench, NOW, admin, by_hand, domain, follower, holds, host, open};

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

#[tokio::test]
async fn a_curve_has_a_step_where_counts_grew() {
    let bench = Bench::new().await;
    let case = bench.case_about("evil.example").await;
    let order = bench.block(case, host("evil.example")).await.unwrap().serial.unwrap();
    let count = async |by: &str, minute: u64, blocked_answers: u64| {
        let effect = Effect {
            order,
            blocked_answers,
            warning_views: 1,
            prevented_visits: 0,
            applied_at: None,
            first_blocked_at: None,
        };
        let at = UnixMillis(NOW.0 + minute * 60_000);
        let by = follower(by);
        bench.casebook.record_effects(&by, [1; 16], Serial(0), &[effect], at).await.unwrap();
    };
    assert_eq!(bench.casebook.steps_of(order).await.unwrap(), []);
    for (by, minute, answers) in
        [("one", 0, 3), ("one", 1, 5), ("two", 2, 10), ("one", 25, 5), ("two", 31, 11)]
    {
        count(by, minute, answers).await;
    }
    let steps = bench.casebook.steps_of(order).await.unwrap();
    let seen: Vec<_> =
        steps.iter().map(|step| (step.blocked_answers, step.warning_views)).collect();
    assert_eq!(seen, [(15, 2), (16, 2)], "both operators, and nothing for what stood still");
    assert!(steps[0].at < steps[1].at && steps[1].at.0 % 600_000 == 0);
}

#[tokio::test]
async fn acts_on_a_case_are_its_own_the_latest_first() {
    let bench = Bench::new().await;
    let (one, other) = (bench.case_about("a.example").await, bench.case_about("b.example").await);
    let order = bench.block(one, host("a.example")).await.unwrap().serial.unwrap();
    bench.block(other, host("b.example")).await.unwrap();
    bench.release(one, order, false).await.unwrap();
    let reader: Reader = admin().principal().clone().authorize().unwrap();
    let acts = bench.casebook.acts_on_case(&reader, one, 10).await.unwrap();
    let actions: Vec<_> = acts.iter().map(|act| act.action.as_str()).collect();
    assert_eq!(actions, ["release", "decide"]);
    assert!(acts.iter().all(|act| act.object == format!("case {one}")));
    assert_eq!(bench.casebook.acts_on_case(&reader, one, 1).await.unwrap().len(), 1);
}

/// An objection with planted words and contact.
async fn planted(bench: &Bench, mark: &str) -> String {
    let words = format!("{mark}-words");
    let contact = format!("{mark}-contact@owner.example");
    let target = domain("evil.example");
    let new = NewObjection { target: &target, words: &words, contact: Some(&contact) };
    bench.casebook.object(new, NOW).await.unwrap()
}

fn receipt(number: &str) -> Receipt {
    Receipt::parse(number).unwrap()
}

#[tokio::test]
async fn what_an_objection_says_is_in_clear_nowhere() {
    let bench = Bench::new().await;
    let number = planted(&bench, "seen").await;
    let answer = "seen-answer: we looked again";
    bench
        .casebook
        .decide_objection(&person("person:bob"), &number, true, answer, NOW)
        .await
        .unwrap();
    let waiting = planted(&bench, "waits").await;
    let found = bench.casebook.objection(&waiting).await.unwrap().unwrap();
    assert_eq!(found.words, "waits-words");
    assert_eq!(found.contact.as_deref(), Some("waits-contact@owner.example"));
    assert_eq!(bench.casebook.objections().await.unwrap().len(), 2);
    assert!(!format!("{found:?}").contains("waits-"), "{found:?}");
    for planted in ["seen-words", "seen-contact", "seen-answer", "waits-words", "waits-contact"] {
        assert!(!holds(bench.folder.path(), planted), "{planted} is on the disk in clear");
    }
}

#[tokio::test]
async fn an_objection_is_erased_on_request_and_when_its_time_is_over() {
    let bench = Bench::new().await;
    let (asked, decided, open) = (
        planted(&bench, "asked").await,
        planted(&bench, "decided").await,
        planted(&bench, "open").await,
    );
    let book = &bench.casebook;
    let erased = book.erase(&admin(), &receipt(&asked), NOW).await.unwrap();
    assert_eq!(erased, Erased { objections: 1, ..Erased::default() });
    let twice = book.erase(&admin(), &receipt(&asked), NOW).await;
    assert!(matches!(twice, Err(StoreError::Missing { .. })));
    book.decide_objection(&person("person:bob"), &decided, false, "no", NOW).await.unwrap();
    assert_eq!(book.end_objections(NOW, NOW, NOW).await.unwrap(), 0, "neither is over yet");
    let later = UnixMillis(NOW.0 + 1);
    assert_eq!(book.end_objections(later, NOW, NOW).await.unwrap(), 1, "the decided one");
    assert!(book.objection(&decided).await.unwrap().is_none());
    assert!(book.objection(&open).await.unwrap().is_some());
    assert_eq!(book.end_objections(later, later, NOW).await.unwrap(), 1);
    let log = book.audit(&admin(), None, 50).await.unwrap();
    assert_eq!(log.iter().filter(|act| act.action == "erase").count(), 3);
    book.verify_audit().await.unwrap();
}

#[tokio::test]
async fn objections_that_an_older_version_kept_in_clear_are_sealed() {
    let bench = Bench::new().await;
    let number = planted(&bench, "new").await;
    bench.casebook.close().await;
    let old = "UPDATE objections SET words = 'old-words', contact = 'old-contact@x.example', \
               answer = NULL, wrapped_key = NULL, sealed_words = NULL, sealed_contact = NULL";
    by_hand(bench.folder.path(), &[old]).await;
    let bench = bench.reopen().await;
    let found = bench.casebook.objection(&number).await.unwrap().unwrap();
    assert_eq!(found.words, "old-words");
    assert_eq!(found.contact.as_deref(), Some("old-contact@x.example"));
    bench.casebook.sweep().await.unwrap();
    bench.casebook.close().await;
    assert!(!holds(bench.folder.path(), "old-words") && !holds(bench.folder.path(), "old-contact"));
}

#[tokio::test]
async fn a_missing_key_is_not_made_anew_once_an_objection_depends_on_it() {
    let bench = Bench::new().await;
    planted(&bench, "kept").await;
    bench.casebook.close().await;
    std::fs::remove_file(bench.folder.path().join("keys/evidence.key")).unwrap();
    let refused = open(bench.folder.path()).await;
    assert!(matches!(refused, Err(StoreError::Key { .. })));
}
