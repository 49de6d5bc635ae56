//! What a browser saw of a case's page, as analysts meet it.

use axum::http::header;
use belfry_casebook::access::{Analyst, Principal, Proof, Role};
use belfry_casebook::inspection::{Device, SeenPage};
use belfry_casebook::report::Receipt;
use serde_json::json;

use super::{Pages, admin, now};

const PAGE: &str = r#"{"requested":"https://evil.example/","landed":"https://evil.example/pay",
    "title":"<script>alert(1)</script>","hops":[{"url":"https://evil.example/","kind":"redirect",
    "status":302}],"forms":[{"action":"https://thief.example/in","method":"post","password":true,
    "elsewhere":true,"fields":[{"kind":"password","name":"pin","label":"Your PIN"}]}],
    "text":"Log in"}"#;

/// A case whose page was seen, with a picture.
async fn seen(pages: &Pages) {
    let receipt = pages.case("evil.example", &json!({})).await;
    let report = pages.casebook.report(&Receipt::parse(&receipt).unwrap()).await;
    let report = report.unwrap().unwrap().id;
    let name = "person:ann".into();
    let analyst = Principal { name, role: Role::Analyst, proof: Proof::LocalUser };
    let by: Analyst = analyst.authorize().unwrap();
    let id = pages.casebook.ask_inspection(&by, 1, Device::Phone, now()).await.unwrap();
    let page = SeenPage { json: PAGE.into(), picture: b"\x89PNG".to_vec() };
    pages.casebook.keep_page(id, report, "page", &page, now()).await.unwrap();
}

#[tokio::test]
async fn a_page_is_shown_by_its_way_its_forms_and_a_blurred_picture() {
    let pages = Pages::new().await;
    seen(&pages).await;
    let al = pages.person("al", Role::Analyst).await;
    let page = pages.get("/console/cases/1?lang=en", &al).await.body;
    for part in [
        "hxxps://evil[.]example/pay",
        "redirect 302",
        "hxxps://thief[.]example/in",
        "another host",
        "asks for a password",
        "Your PIN",
        "class=\"blurred\"",
        "as a phone",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("<script>alert") && !page.contains("href=\"https://"));
    let rita = pages.person("rita", Role::Reader).await;
    let page = pages.get("/console/cases/1?lang=en", &rita).await.body;
    assert!(!page.contains("thief"), "a reader sees no evidence");
    assert_eq!(pages.get("/console/inspections/1/picture", &rita).await.status, 403);
}

#[tokio::test]
async fn a_sharp_picture_leaves_a_line_in_the_audit_log() {
    let pages = Pages::new().await;
    seen(&pages).await;
    let al = pages.person("al", Role::Analyst).await;
    let csrf = pages.get("/console/cases/1", &al).await.csrf();
    let fields = [("csrf", csrf.as_str())];
    let sharp = pages.post("/console/inspections/1/reveal?lang=en", &al, &fields).await;
    assert!(sharp.body.contains("/console/inspections/1/picture"), "{}", sharp.body);
    assert!(!sharp.body.contains("class=\"blurred\""));
    let lines = pages.casebook.audit(&admin(), None, 1).await.unwrap();
    let line = (&*lines[0].who, &*lines[0].action, &*lines[0].detail);
    assert_eq!(line, ("person:al", "reveal", "the picture of inspection 1"));
    let picture = pages.get("/console/inspections/1/picture", &al).await;
    assert_eq!(picture.headers[header::CONTENT_TYPE], "image/png");
    let policy = picture.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert_eq!(policy, "default-src 'none'; sandbox");
    assert_eq!(pages.post("/console/inspections/9/reveal", &al, &fields).await.status, 404);
    let asked = pages.post("/console/cases/1/inspections", &al, &fields).await;
    assert_eq!(asked.status, 503, "there is no browser here: {}", asked.body);
}
