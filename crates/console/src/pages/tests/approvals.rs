//! The second person, as the page has it: another one, freshly signed in, about exactly what
//! was proposed.

use axum::body::Body;
use axum::http::{Request, header};
use belfry_casebook::access::{Principal, Proof, Role};
use belfry_casebook::verdict::Verdict;
use belfry_desk::Ruling;
use belfry_journal::UnixMillis;
use serde_json::json;

use super::{Answer, Pages, now};

/// A bank's case that ann has proposed to block.
async fn proposed(pages: &Pages) -> String {
    pages.case("bank.example", &json!({})).await;
    let ann = pages.person("ann", Role::Approver).await;
    let csrf = pages.get("/console/cases/1", &ann).await.csrf();
    let fields =
        [("csrf", csrf.as_str()), ("version", "1"), ("verdict", "phishing"), ("reason", "a fake")];
    let answer = pages.post("/console/cases/1/decide", &ann, &fields).await;
    assert_eq!(answer.headers["location"], "/console/cases/1?said=awaiting");
    ann
}

async fn decide(pages: &Pages, who: &str, decision: &str) -> Answer {
    let csrf = pages.get("/console", who).await.csrf();
    let fields = [("csrf", csrf.as_str()), ("version", "2"), ("decision", decision)];
    pages.post("/console/approvals/1", who, &fields).await
}

async fn state(pages: &Pages) -> &'static str {
    pages.casebook.case(1).await.unwrap().unwrap().case.state.name()
}

#[tokio::test]
async fn another_person_sees_what_was_proposed_and_approves_it() {
    let pages = Pages::new().await;
    let ann = proposed(&pages).await;
    let own = pages.get("/console/approvals?lang=en", &ann).await.body;
    assert!(
        own.contains("You proposed it yourself") && !own.contains("name=\"decision\""),
        "{own}"
    );
    assert_eq!(decide(&pages, &ann, "approve").await.status, 409);
    let bob = pages.person("bob", Role::Approver).await;
    let page = pages.get("/console/approvals?lang=en", &bob).await.body;
    for part in ["bank[.]example", "person:ann", "a fake", "Your sign-in is fresh"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let answer = decide(&pages, &bob, "approve").await;
    assert_eq!(answer.headers["location"], "/console/approvals?said=approved", "{}", answer.body);
    assert_eq!(state(&pages).await, "blocked");
    let page = pages.get("/console/approvals?lang=en&said=approved", &bob).await.body;
    assert!(page.contains("Approved: it is blocked") && page.contains("Nothing waits"));
}

#[tokio::test]
async fn a_no_opens_the_case_again() {
    let pages = Pages::new().await;
    proposed(&pages).await;
    let bob = pages.person("bob", Role::Approver).await;
    let answer = decide(&pages, &bob, "decline").await;
    assert_eq!(answer.headers["location"], "/console/approvals?said=declined");
    assert_eq!(state(&pages).await, "open");
    let lines = pages.casebook.audit(&super::admin(), None, 1).await.unwrap();
    assert_eq!((lines[0].action.as_str(), lines[0].who.as_str()), ("decline", "person:bob"));
}

#[tokio::test]
async fn an_old_sign_in_an_analyst_and_a_reader_decide_nothing() {
    let pages = Pages::new().await;
    proposed(&pages).await;
    let then = UnixMillis(now().0 - 10 * 60_000);
    let bob = pages.person_since("bob", Role::Approver, then).await;
    let page = pages.get("/console/approvals?lang=en", &bob).await.body;
    assert!(page.contains("touch your passkey again"), "{page}");
    let answer = decide(&pages, &bob, "approve").await;
    let to = answer.headers["location"].to_str().unwrap();
    assert!(to.starts_with("/console/sign-in?next="), "{to}");
    for (name, role) in [("al", Role::Analyst), ("rita", Role::Reader)] {
        let who = pages.person(name, role).await;
        let page = pages.get("/console/approvals?lang=en", &who).await.body;
        assert!(page.contains("Your role does not approve"), "{name}");
        assert_eq!(decide(&pages, &who, "approve").await.status, 403, "{name}");
    }
    assert_eq!(state(&pages).await, "awaiting-second");
}

#[tokio::test]
async fn a_sign_in_leads_back_to_the_page_that_the_form_was_on_and_nowhere_else() {
    let pages = Pages::new().await;
    proposed(&pages).await;
    let then = UnixMillis(now().0 - 10 * 60_000);
    let bob = pages.person_since("bob", Role::Approver, then).await;
    let csrf = pages.get("/console", &bob).await.csrf();
    for (referer, next) in [
        ("http://localhost:8080/console/approvals?said=x", "%2Fconsole%2Fapprovals"),
        ("https://evil.example/away", "%2Fconsole"),
        ("nonsense", "%2Fconsole"),
    ] {
        let body = format!("csrf={csrf}&version=2&decision=approve");
        let request = Request::post("/console/approvals/1")
            .header(header::COOKIE, &bob)
            .header(header::REFERER, referer)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = pages.send(request.body(Body::from(body)).unwrap()).await;
        let to = answer.headers["location"].to_str().unwrap();
        assert_eq!(to, format!("/console/sign-in?next={next}"), "{referer}");
    }
}

#[tokio::test]
async fn what_a_token_proposed_is_nobodys() {
    let pages = Pages::new().await;
    pages.case("bank.example", &json!({})).await;
    let desk = &pages.desk;
    let token = Principal { name: "token:ci".into(), role: Role::Analyst, proof: Proof::Token };
    let ruling = Ruling {
        case: 1,
        version: None,
        verdict: Verdict::Malware,
        reason: "by a script",
        widen: true,
        compromised: true,
        block_days: Some(9),
    };
    desk.judge(&token.authorize().unwrap(), ruling).await.unwrap();
    let bob = pages.person("bob", Role::Approver).await;
    let page = pages.get("/console/approvals?lang=en", &bob).await.body;
    for part in [
        "The first was no signed-in person",
        "<strong>Malware</strong>",
        "(The whole domain)",
        "a hacked site",
        "For 9 days",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("name=\"decision\""));
    assert_eq!(decide(&pages, &bob, "approve").await.status, 409);
}
