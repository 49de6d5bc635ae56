//! The console as people use it: from the queue to a block and back, what each role
//! meets, and hostile words in every view.

use belfry_casebook::access::Role;
use belfry_casebook::case::CaseState;
use serde_json::json;

use super::Pages;

async fn state(pages: &Pages, case: u64) -> CaseState {
    pages.casebook.case(case).await.unwrap().unwrap().case.state
}

#[tokio::test]
async fn a_stranger_is_led_to_the_sign_in_and_back() {
    let pages = Pages::new().await;
    let answer = pages.get("/console/cases/7?x=1", "").await;
    assert_eq!(answer.status, 303);
    let to = answer.headers["location"].to_str().unwrap();
    assert_eq!(to, "/console/sign-in?next=%2Fconsole%2Fcases%2F7%3Fx%3D1");
    assert_eq!(pages.post("/console/cases/7/decide", "", &[]).await.status, 303);
}

#[tokio::test]
async fn a_case_goes_from_the_queue_to_a_block_and_back() {
    let pages = Pages::new().await;
    pages.case("evil.example", &json!({})).await;
    let ann = pages.person("ann", Role::Analyst).await;
    let queue = pages.get("/console?lang=en", &ann).await;
    assert!(queue.body.contains("evil[.]example") && !queue.body.contains("href=\"http"));
    let case = pages.get("/console/cases/1?lang=en", &ann).await;
    assert!(case.body.contains("The guard lets this block through."), "{}", case.body);
    let csrf = case.csrf();
    let fields = [("csrf", csrf.as_str()), ("version", "1"), ("verdict", "phishing")];
    let forged = pages.post("/console/cases/1/decide", &ann, &fields[1..]).await;
    assert_eq!(forged.status, 403);
    let answer = pages.post("/console/cases/1/decide", &ann, &fields).await;
    assert_eq!(answer.headers["location"], "/console/cases/1?said=blocked");
    assert!(matches!(state(&pages, 1).await, CaseState::Blocked(_)));
    let stale = pages.post("/console/cases/1/decide", &ann, &fields).await;
    assert_eq!(stale.status, 409, "bound to the version that was seen");
    let page = pages.get("/console/cases/1?said=blocked&lang=en", &ann).await;
    assert!(page.body.contains("Undo is a release"));
    let fields = [("csrf", csrf.as_str()), ("version", "2"), ("mistake", "yes")];
    pages.post("/console/cases/1/release", &ann, &fields).await;
    assert!(matches!(state(&pages, 1).await, CaseState::Reversed(_)));
}

#[tokio::test]
async fn roles_meet_what_they_may() {
    let pages = Pages::new().await;
    pages.case("evil.example", &json!({})).await;
    let rows: [(&str, &[Role]); 5] = [
        ("/console", &[Role::Reader, Role::Analyst, Role::Approver, Role::Admin]),
        ("/console/cases/1", &[Role::Reader, Role::Analyst, Role::Approver, Role::Admin]),
        ("/console/shift", &[Role::Reader, Role::Analyst, Role::Approver, Role::Admin]),
        ("/console/people", &[Role::Admin]),
        ("/console/audit", &[Role::Admin]),
    ];
    for role in [Role::Reader, Role::Reporter, Role::Operator, Role::Analyst, Role::Admin] {
        let cookie = pages.person(role.name(), role).await;
        for (path, allowed) in rows {
            let status = pages.get(path, &cookie).await.status;
            let expect = if allowed.contains(&role) { 200 } else { 403 };
            assert_eq!(status, expect, "{path} as {}", role.name());
        }
    }
    let reader = pages.person("rita", Role::Reader).await;
    let csrf = pages.get("/console/cases/1", &reader).await.csrf();
    let fields = [("csrf", csrf.as_str()), ("version", "1"), ("verdict", "phishing")];
    assert_eq!(pages.post("/console/cases/1/decide", &reader, &fields).await.status, 403);
}

#[tokio::test]
async fn many_are_decided_at_once_each_by_the_guard() {
    let pages = Pages::new().await;
    for host in ["one.example", "two.example", "bank.example", "hub.example"] {
        pages.case(host, &json!({})).await;
    }
    let ann = pages.person("ann", Role::Analyst).await;
    let csrf = pages.get("/console", &ann).await.csrf();
    let fields = [
        ("csrf", csrf.as_str()),
        ("verdict", "phishing"),
        ("case", "1:1"),
        ("case", "2:9"),
        ("case", "3:1"),
        ("case", "4:1"),
        ("case", "nonsense"),
    ];
    let answer = pages.post("/console/cases", &ann, &fields).await;
    assert_eq!(answer.headers["location"], "/console?done=1&failed=3");
    let names = ["blocked", "open", "awaiting-second", "refused"];
    for (case, name) in (1..).zip(names) {
        assert_eq!(state(&pages, case).await.name(), name);
    }
}

#[tokio::test]
async fn a_search_finds_by_whatever_is_pasted() {
    let pages = Pages::new().await;
    let receipt = pages.case("evil.example", &json!({})).await;
    let ann = pages.person("ann", Role::Analyst).await;
    for q in ["1", &receipt, &receipt.to_lowercase()] {
        let answer = pages.get(&format!("/console?q={q}"), &ann).await;
        assert_eq!(answer.headers["location"], "/console/cases/1", "{q}");
    }
    for q in ["evil.example", "hxxps%3A%2F%2Fevil%5B.%5Dexample%2Fx"] {
        let answer = pages.get(&format!("/console?q={q}"), &ann).await;
        assert!(answer.body.contains("/console/cases/1"), "{q}");
    }
    let none = pages.get("/console?q=other.example&lang=en", &ann).await;
    assert!(none.body.contains("Nothing to do here"));
}

#[tokio::test]
async fn hostile_words_do_nothing_in_any_view() {
    let pages = Pages::new().await;
    let evil = "<script>alert(1)</script><svg onload=alert(1)>\u{202e}<style>*{}</style>\
                <meta http-equiv=refresh content=0>\"'><img src=http://evil.example/x>";
    let reading = json!({
        "summary": { "subject": evil.repeat(5_000), "from": { "name": evil, "address": evil } },
        "links": [
            { "url": "javascript:alert(1)", "text": evil, "role": evil, "why": evil },
            { "url": "data:text/html,<script>alert(1)</script>", "text": "", "role": "x", "why": "" },
        ],
        "text": evil.repeat(100),
        "defects": [{ "kind": evil, "detail": evil }],
    });
    let receipt = pages.case("evil.example", &reading).await;
    let ann = pages.person("ann", Role::Admin).await;
    let csrf = pages.get("/console/cases/1", &ann).await.csrf();
    let note = [("csrf", csrf.as_str()), ("text", evil)];
    assert_eq!(pages.post("/console/cases/1/notes", &ann, &note).await.status, 303);
    let paths = [
        "/console".to_owned(),
        "/console/cases/1".to_owned(),
        format!("/console/reports/{receipt}/text"),
        "/console/audit".to_owned(),
        "/console/shift".to_owned(),
        format!("/receipt/{receipt}"),
        format!(
            "/lookup?name={}",
            url::form_urlencoded::byte_serialize(evil.as_bytes()).collect::<String>()
        ),
        format!(
            "/objection?name={}",
            url::form_urlencoded::byte_serialize(evil.as_bytes()).collect::<String>()
        ),
    ];
    for path in paths {
        let answer = pages.get(&path, &ann).await;
        let body = &answer.body;
        assert_eq!(answer.status, 200, "{path}");
        for bad in ["<script>a", "<svg onload", "<style>", "<meta http-equiv", "<img", "\u{202e}"] {
            assert!(!body.contains(bad), "{path} has {bad}");
        }
        assert!(!body.contains("href=\"javascript") && !body.contains("href=\"data"), "{path}");
        assert!(body.len() < 200_000, "{path}: {}", body.len());
    }
    let text = pages.get(&format!("/console/reports/{receipt}/text"), &ann).await;
    let policy = text.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("sandbox; default-src 'none'"), "{policy}");
}

#[tokio::test]
async fn showing_the_original_leaves_a_line_in_the_log() {
    let pages = Pages::new().await;
    let receipt = pages.case("evil.example", &json!({})).await;
    let ann = pages.person("ann", Role::Analyst).await;
    let csrf = pages.get("/console/cases/1", &ann).await.csrf();
    let path = format!("/console/reports/{receipt}/original");
    let answer = pages.post(&path, &ann, &[("csrf", csrf.as_str())]).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "evil.example"));
    let lines = pages.casebook.audit(&super::admin(), None, 1).await.unwrap();
    assert_eq!((lines[0].action.as_str(), lines[0].who.as_str()), ("reveal", "person:ann"));
}

#[tokio::test]
async fn an_administrator_invites_ends_sessions_and_removes() {
    let pages = Pages::new().await;
    let root = pages.person("root", Role::Admin).await;
    let bob = pages.person("bob", Role::Analyst).await;
    let csrf = pages.get("/console/people", &root).await.csrf();
    let act = async |act: &str, name: &str| {
        let fields = [("csrf", csrf.as_str()), ("act", act), ("name", name), ("role", "analyst")];
        pages.post("/console/people", &root, &fields).await
    };
    let invited = act("invite", "eve").await;
    assert!(invited.body.contains("http://localhost:8080/console/set-up#"));
    act("end-sessions", "bob").await;
    assert_eq!(pages.get("/console", &bob).await.status, 303);
    act("remove", "eve").await;
    assert!(!pages.get("/console/people", &root).await.body.contains(">eve"));
}

#[tokio::test]
async fn a_session_ends_where_it_is_signed_out() {
    let pages = Pages::new().await;
    let ann = pages.person("ann", Role::Analyst).await;
    let csrf = pages.get("/console", &ann).await.csrf();
    let out = pages.post("/console/sign-out", &ann, &[("csrf", csrf.as_str())]).await;
    assert!(out.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(pages.get("/console", &ann).await.status, 303);
}
