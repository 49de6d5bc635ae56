//! Rules, the brake and the lists, as each role meets them.

use belfry_casebook::access::Role;

use super::{Answer, Pages};

const RULE: &str = "when = \"host and proven >= 2\"\naction = \"confirm\"\nverdict = \"phishing\"";

async fn send(pages: &Pages, who: &str, fields: &[(&str, &str)]) -> Answer {
    let csrf = pages.get("/console", who).await.csrf();
    let mut all = vec![("csrf", csrf.as_str())];
    all.extend_from_slice(fields);
    pages.post("/console/rules", who, &all).await
}

#[tokio::test]
async fn an_administrator_writes_a_rule_and_lets_it_go_step_by_step() {
    let pages = Pages::new().await;
    let root = pages.person("root", Role::Admin).await;
    let text = RULE.replace('\n', "\r\n");
    let kept = send(&pages, &root, &[("act", "keep"), ("name", "sure"), ("text", &text)]).await;
    assert_eq!(kept.headers["location"], "/console/rules?said=kept", "{}", kept.body);
    let live = send(&pages, &root, &[("act", "mode"), ("name", "sure"), ("mode", "live")]).await;
    assert_eq!(live.status, 422, "from off to live is no step");
    for mode in ["shadow", "live"] {
        let set = send(&pages, &root, &[("act", "mode"), ("name", "sure"), ("mode", mode)]).await;
        assert_eq!(set.headers["location"], "/console/rules?said=mode", "{}", set.body);
    }
    let page = pages.get("/console/rules?lang=en&report=sure", &root).await.body;
    for part in ["Acts", "person:root", "What it would have done", "Cases opened"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let bad = send(&pages, &root, &[("act", "keep"), ("name", "x"), ("text", "nonsense")]).await;
    assert_eq!(bad.status, 422);
    assert!(bad.body.contains("this is no rule"), "{}", bad.body);
    assert_eq!(pages.get("/console/rules?report=none", &root).await.status, 404);
}

#[tokio::test]
async fn an_analyst_pulls_the_brake_and_only_an_administrator_lets_it_go() {
    let pages = Pages::new().await;
    let (ann, root) =
        (pages.person("ann", Role::Analyst).await, pages.person("root", Role::Admin).await);
    let why = ("reason", "it blocks our own");
    assert_eq!(send(&pages, &ann, &[("act", "pull")]).await.status, 422, "a reason is needed");
    let pulled = send(&pages, &ann, &[("act", "pull"), why, ("minutes", "30")]).await;
    let to = pulled.headers["location"].to_str().unwrap();
    assert_eq!(to, "/console/rules?said=braked&released=0&failed=0");
    let page = pages.get(&format!("{to}&lang=en"), &ann).await.body;
    assert!(
        page.contains("The brake is pulled: no rule acts.") && page.contains("it blocks our own")
    );
    assert!(!page.contains("Let the rules act again"));
    assert_eq!(send(&pages, &ann, &[("act", "let-go"), why]).await.status, 403);
    assert_eq!(send(&pages, &ann, &[("act", "keep"), ("name", "x")]).await.status, 403);
    let free = send(&pages, &root, &[("act", "let-go"), why]).await;
    assert_eq!(free.headers["location"], "/console/rules?said=let-go");
    assert!(pages.casebook.brake().await.unwrap().is_none());
    let reader = pages.person("rita", Role::Reader).await;
    assert_eq!(send(&pages, &reader, &[("act", "pull"), why]).await.status, 403);
    assert_eq!(pages.get("/console/rules", &reader).await.status, 200);
}

#[tokio::test]
async fn the_guard_is_asked_about_any_name() {
    let pages = Pages::new().await;
    let rita = pages.person("rita", Role::Reader).await;
    for (name, said) in [
        ("evil.example", "The guard lets this block through."),
        ("www.bank.example", "Two people must agree."),
        ("hub.example", "The guard refuses this block."),
        ("evil%5B.%5Dexample", "The guard lets this block through."),
        ("%3Cscript%3E", "This is no name."),
    ] {
        let page = pages.get(&format!("/console/lists?lang=en&name={name}"), &rita).await.body;
        assert!(page.contains(said), "{name}: {page}");
        assert!(!page.contains("<script>"), "{name}");
    }
    let page = pages.get("/console/lists?lang=en", &rita).await.body;
    assert!(page.contains("built-in") && page.contains("our own names: never"));
}
