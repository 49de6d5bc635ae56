//! Public warnings from draft to withdrawal: who may publish what, that the public reads
//! nothing else, and that hooks hear all of it in order.

use belfry_casebook::StoreError;
use belfry_casebook::access::{Analyst, Approver, Principal, Proof, Role};
use belfry_casebook::warning::{
    Told, WarningAct, WarningDraft, WarningState, WarningText, WarningTexts,
};
use belfry_journal::UnixMillis;

use crate::bench::{Bench, NOW, admin, analyst};

fn texts(word: &str) -> WarningTexts {
    ["nl", "fr", "de", "en"].map(|language| WarningText {
        title: format!("{word} {language}"),
        body: format!("{word}\n\nin {language}"),
    })
}

fn person<A: belfry_casebook::access::Authority>(name: &str) -> A {
    let proof = Proof::Passkey { at: NOW };
    Principal { name: format!("person:{name}"), role: Role::Approver, proof }.authorize().unwrap()
}

async fn draft(bench: &Bench, by: &Analyst) -> u64 {
    let draft = WarningDraft { texts: texts("first"), ..WarningDraft::default() };
    bench.casebook.draft_warning(by, &draft, NOW).await.unwrap()
}

async fn public(bench: &Bench) -> Vec<(u64, &'static str, String)> {
    let found = bench.casebook.public_warnings(10).await.unwrap();
    let line = |(warning, texts): &(belfry_casebook::warning::Warning, WarningTexts)| {
        (warning.id, warning.state().name(), texts[3].title.clone())
    };
    found.iter().map(line).collect()
}

fn refused<T: std::fmt::Debug>(result: Result<T, StoreError>, expect: &str) {
    let why = result.unwrap_err().to_string();
    assert!(why.contains(expect), "{why}");
}

#[tokio::test]
async fn another_person_publishes_exactly_what_was_written() {
    let bench = Bench::new().await;
    let (ann, book) = (person::<Analyst>("ann"), &bench.casebook);
    let id = draft(&bench, &ann).await;
    assert_eq!(public(&bench).await, []);
    assert_eq!(book.warnings_waiting().await.unwrap(), 1);
    refused(book.approve_warning(&person("ann"), (id, 1), NOW).await, "was written by you");
    assert_eq!(book.edit_warning(&ann, (id, 1), &texts("second"), NOW).await.unwrap(), 2);
    refused(book.approve_warning(&person("bob"), (id, 1), NOW).await, "edited meanwhile");
    refused(book.edit_warning(&ann, (id, 1), &texts("x"), NOW).await, "edited meanwhile");
    let act = book.approve_warning(&person("bob"), (id, 2), NOW).await.unwrap();
    assert_eq!(act, WarningAct::Published);
    assert_eq!(public(&bench).await, [(id, "published", "second en".to_owned())]);
    refused(book.approve_warning(&person("bob"), (id, 2), NOW).await, "already");
    assert_eq!(book.warnings_waiting().await.unwrap(), 0);
}

#[tokio::test]
async fn an_edit_is_not_read_until_it_is_approved_too_and_history_stays() {
    let bench = Bench::new().await;
    let (ann, book) = (person::<Analyst>("ann"), &bench.casebook);
    let id = draft(&bench, &ann).await;
    book.approve_warning(&person("bob"), (id, 1), NOW).await.unwrap();
    let later = UnixMillis(NOW.0 + 1_000);
    book.edit_warning(&person("bob"), (id, 1), &texts("second"), later).await.unwrap();
    assert_eq!(public(&bench).await[0].2, "first en");
    let act = book.approve_warning(&person("ann"), (id, 2), later).await.unwrap();
    assert_eq!(act, WarningAct::Updated);
    let state = book.withdraw_warning(&ann, id, "it is over", later).await.unwrap();
    assert_eq!(state, WarningState::Withdrawn);
    assert_eq!(public(&bench).await, [(id, "withdrawn", "second en".to_owned())]);
    refused(book.withdraw_warning(&ann, id, "again", later).await, "was withdrawn");
    refused(book.edit_warning(&ann, (id, 2), &texts("x"), later).await, "was withdrawn");
    let file = book.warning(id).await.unwrap().unwrap();
    let versions: Vec<_> = file.versions.iter().map(|one| (one.version, &*one.author)).collect();
    assert_eq!(versions, [(2, "person:bob"), (1, "person:ann")]);
    assert_eq!(file.published().unwrap().approved.as_ref().unwrap().0, "person:ann");
    let told: Vec<_> = file.told.iter().map(|one| (one.version, one.act.name())).collect();
    assert_eq!(told, [(1, "published"), (2, "updated"), (2, "withdrawn")]);
    let lines = book.audit(&admin(), None, 1).await.unwrap();
    assert_eq!((&*lines[0].action, &*lines[0].detail), ("withdraw-warning", "it is over"));
}

#[tokio::test]
async fn tokens_and_the_socket_are_neither_of_the_two() {
    let bench = Bench::new().await;
    let book = &bench.casebook;
    let id = draft(&bench, &analyst("token:ci")).await;
    refused(book.approve_warning(&person("bob"), (id, 1), NOW).await, "two signed-in people");
    let id = draft(&bench, &person("ann")).await;
    let local: Approver =
        Principal { name: "local:root".into(), role: Role::Admin, proof: Proof::LocalUser }
            .authorize()
            .unwrap();
    refused(book.approve_warning(&local, (id, 1), NOW).await, "two signed-in people");
    assert_eq!(public(&bench).await, []);
}

#[tokio::test]
async fn a_draft_is_given_up_unread_and_texts_have_bounds() {
    let bench = Bench::new().await;
    let (ann, book) = (person::<Analyst>("ann"), &bench.casebook);
    let id = draft(&bench, &ann).await;
    refused(book.withdraw_warning(&ann, id, " ", NOW).await, "1 to 2,000");
    let state = book.withdraw_warning(&ann, id, "not needed", NOW).await.unwrap();
    assert_eq!((state, public(&bench).await), (WarningState::Dropped, vec![]));
    for (at, title, body) in [(0, "", "b"), (1, "t\nu", "b"), (2, "t", " "), (3, "t", "\n")] {
        let mut texts = texts("ok");
        texts[at] = WarningText { title: title.into(), body: body.into() };
        let draft = WarningDraft { texts, ..WarningDraft::default() };
        refused(book.draft_warning(&ann, &draft, NOW).await, "four languages");
    }
    let draft = WarningDraft { campaign: Some(9), texts: texts("x"), brand: None };
    refused(book.draft_warning(&ann, &draft, NOW).await, "no campaign 9");
    assert!(book.warning(99).await.unwrap().is_none());
    assert_eq!(book.warnings(None, 9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_hook_hears_all_from_its_beginning_in_order_and_is_given_up_after_many_tries() {
    let bench = Bench::new().await;
    let (ann, book) = (person::<Analyst>("ann"), &bench.casebook);
    let id = draft(&bench, &ann).await;
    book.approve_warning(&person("bob"), (id, 1), NOW).await.unwrap();
    let secret = book.add_hook(&admin(), "police", "https://p.example/h", NOW).await.unwrap();
    refused(book.add_hook(&admin(), "police", "https://x.example/", NOW).await, "already");
    assert!(book.hooks_due(NOW).await.unwrap().is_empty(), "what was before is not told");
    book.edit_warning(&ann, (id, 1), &texts("second"), NOW).await.unwrap();
    book.approve_warning(&person("bob"), (id, 2), NOW).await.unwrap();
    book.withdraw_warning(&ann, id, "over", NOW).await.unwrap();
    let due = book.hooks_due(NOW).await.unwrap();
    assert_eq!((due.len(), due[0].told.act, due[0].secret), (1, WarningAct::Updated, secret));
    book.settle_hook(&due[0], &Told::Failed("no answer".into()), NOW).await.unwrap();
    assert!(book.hooks_due(NOW).await.unwrap().is_empty(), "it waits");
    let mut now = NOW;
    for _ in 0..20 {
        now = UnixMillis(now.0 + 3 * 60 * 60 * 1_000);
        let due = book.hooks_due(now).await.unwrap();
        let Some(due) = due.iter().find(|due| due.told.act == WarningAct::Updated) else { break };
        book.settle_hook(due, &Told::Failed("no answer".into()), now).await.unwrap();
    }
    let due = book.hooks_due(now).await.unwrap();
    assert_eq!((due[0].told.act, due[0].hook.given_up), (WarningAct::Withdrawn, 1));
    book.settle_hook(&due[0], &Told::Taken("204".into()), now).await.unwrap();
    assert!(book.hooks_due(now).await.unwrap().is_empty());
    assert_eq!(book.hooks().await.unwrap()[0].last.as_ref().unwrap().0, "204");
    book.drop_hook(&admin(), "police", now).await.unwrap();
    refused(book.drop_hook(&admin(), "police", now).await, "no hook police");
}
