//! Two people: both signed in, different, the second an approver, and of one mind on
//! exactly the same block.

#![expect(clippy::unwrap_used, reason = "a test that can't go on stops here")]
#![expect(dead_code, reason = "the bench serves other tests too")]

mod bench;

use belfry_casebook::StoreError;
use belfry_casebook::access::{Analyst, Approver, Principal, Proof, Role};
use belfry_casebook::verdict::Verdict;
use belfry_desk::{Approval, JudgeError, Ruled, Ruling};
use belfry_indicator::Target;
use belfry_journal::UnixMillis;

use crate::bench::{Bench, analyst, local_admin, ruling};

fn person(name: &str, role: Role) -> Principal {
    let proof = Proof::Passkey { at: UnixMillis(1_795_510_800_000) };
    Principal { name: format!("person:{name}"), role, proof }
}

fn first() -> Analyst {
    person("an", Role::Analyst).authorize().unwrap()
}

fn approver(name: &str) -> Approver {
    person(name, Role::Approver).authorize().unwrap()
}

/// A bank's case on which `by` has proposed a block.
async fn proposed(bench: &Bench, by: &Analyst) -> u64 {
    let case = bench.case("login.bank.example").await;
    let asked = Ruling { compromised: true, ..ruling(case, Verdict::Phishing) };
    let ruled = bench.desk.judge(by, asked).await.unwrap();
    assert!(matches!(ruled, Ruled::AwaitingSecond(..)));
    case
}

async fn approval(bench: &Bench, case: u64) -> Approval<'static> {
    Approval { case, version: bench.file(case).await.case.version, reason: "I agree" }
}

#[tokio::test]
async fn two_different_signed_in_people_block_exactly_what_the_first_proposed() {
    let bench = Bench::new().await;
    let case = proposed(&bench, &first()).await;
    let waiting = bench.file(case).await.proposal.unwrap();
    assert_eq!((waiting.by.as_str(), waiting.asked.compromised), ("person:an", true));
    let ruled = bench.desk.approve(&approver("bo"), approval(&bench, case).await).await.unwrap();
    assert!(matches!(ruled, Ruled::Done(_)));
    let file = bench.file(case).await;
    assert_eq!((file.case.state.name(), file.proposal), ("blocked", None));
    let effective = bench.desk.casebook().effective();
    let (_, held) = effective.iter().next().unwrap();
    assert!(held.order.keeps_mail, "a compromised site, as it was proposed");
    assert!(matches!(held.order.target, Target::Host(_)));
    let people: Vec<_> = file.verdicts.iter().map(|verdict| verdict.by.as_str()).collect();
    assert_eq!(people, ["person:an", "person:bo"]);
}

#[tokio::test]
async fn one_person_twice_is_one_person() {
    let bench = Bench::new().await;
    let case = proposed(&bench, &first()).await;
    let refused = bench.desk.approve(&approver("an"), approval(&bench, case).await).await;
    assert!(matches!(refused, Err(JudgeError::Store(StoreError::Move { .. }))));
    bench.desk.judge(&first(), ruling(case, Verdict::Phishing)).await.unwrap();
    assert_eq!(bench.status(case).await, "awaiting-second");
}

#[tokio::test]
async fn tokens_and_the_local_administrator_are_nobody() {
    for by in [analyst(), local_admin()] {
        let bench = Bench::new().await;
        let case = proposed(&bench, &by).await;
        let refused = bench.desk.approve(&approver("bo"), approval(&bench, case).await).await;
        assert!(matches!(refused, Err(JudgeError::Store(StoreError::Move { .. }))));
    }
    for proof in [Proof::Token, Proof::LocalUser] {
        let bench = Bench::new().await;
        let case = proposed(&bench, &first()).await;
        // Whatever its name says, it has not signed in.
        let name = "person:bo".to_owned();
        let by: Approver = Principal { name, role: Role::Admin, proof }.authorize().unwrap();
        let refused = bench.desk.approve(&by, approval(&bench, case).await).await;
        assert!(matches!(refused, Err(JudgeError::Store(StoreError::Move { .. }))));
        assert!(bench.desk.casebook().effective().is_empty());
    }
    assert!(person("bo", Role::Analyst).authorize::<Approver>().is_none());
}

#[tokio::test]
async fn what_was_not_seen_or_no_longer_waits_is_not_agreed_to() {
    let bench = Bench::new().await;
    let case = proposed(&bench, &first()).await;
    let seen = approval(&bench, case).await;
    // The first proposes another category meanwhile.
    bench.desk.judge(&first(), ruling(case, Verdict::Malware)).await.unwrap();
    let stale = bench.desk.approve(&approver("bo"), seen).await;
    assert!(matches!(stale, Err(JudgeError::Store(StoreError::Stale { .. }))));
    bench.desk.judge(&first(), ruling(case, Verdict::Benign)).await.unwrap();
    let none = bench.desk.approve(&approver("bo"), approval(&bench, case).await).await;
    assert!(matches!(none, Err(JudgeError::Store(StoreError::Move { .. }))));
    let missing = Approval { case: 99, version: 1, reason: "x" };
    assert!(bench.desk.approve(&approver("bo"), missing).await.is_err());
}

#[tokio::test]
async fn two_people_overrule_no_hard_refusal() {
    let bench = Bench::new().await;
    let case = bench.case("hub.example").await;
    bench.desk.judge(&first(), ruling(case, Verdict::Phishing)).await.unwrap();
    assert_eq!(bench.status(case).await, "refused");
    let refused = bench.desk.approve(&approver("bo"), approval(&bench, case).await).await;
    assert!(refused.is_err());
    assert!(bench.desk.casebook().effective().is_empty());
}

#[tokio::test]
async fn a_name_that_comes_onto_the_never_block_list_meanwhile_is_refused() {
    let bench = Bench::new().await;
    let case = proposed(&bench, &first()).await;
    let name = |text| belfry_indicator::Domain::parse(text).unwrap();
    let lists = belfry_guard::Lists::new([], [name("bank.example")], []);
    bench.desk.set_lists(lists).await.unwrap();
    let ruled = bench.desk.approve(&approver("bo"), approval(&bench, case).await).await.unwrap();
    assert!(matches!(ruled, Ruled::Refused(..)));
    assert_eq!(bench.status(case).await, "refused");
}

#[tokio::test]
async fn a_second_person_may_say_no_and_nothing_is_ordered() {
    let bench = Bench::new().await;
    let case = proposed(&bench, &first()).await;
    let no = Approval { reason: "this is the bank itself", ..approval(&bench, case).await };
    let local: Approver = local_admin().principal().clone().authorize().unwrap();
    assert!(bench.desk.decline(&local, no).await.is_err(), "no person signed in");
    let stale = Approval { version: no.version - 1, ..no };
    assert!(bench.desk.decline(&approver("bo"), stale).await.is_err());
    bench.desk.decline(&approver("bo"), no).await.unwrap();
    let file = bench.file(case).await;
    assert_eq!((file.case.state.name(), file.proposal), ("open", None));
    assert_eq!(bench.desk.casebook().effective().len(), 0);
    let again = Approval { version: file.case.version, ..no };
    let error = bench.desk.decline(&approver("bo"), again).await.unwrap_err().to_string();
    assert!(error.contains("nothing on it waits"), "{error}");
}
