//! Warnings from a campaign to the public, as each person meets them.

use axum::http::header;
use belfry_casebook::access::Role;
use belfry_journal::UnixMillis;

use super::{Answer, Pages, now};

/// A draft by ann from a campaign of two cases: her cookie.
async fn drafted(pages: &Pages) -> String {
    for (host, registrable) in
        [("a.evil.example", "evil.example"), ("b.bad.example", "bad.example")]
    {
        pages.tied(host, registrable, 7).await;
    }
    let ann = pages.person("ann", Role::Approver).await;
    let page = pages.get("/console/campaigns/1?lang=en", &ann).await;
    assert!(page.body.contains("Draft a warning"), "{}", page.body);
    let csrf = page.csrf();
    let fields = [("csrf", csrf.as_str()), ("campaign", "1")];
    let answer = pages.post("/console/warnings", &ann, &fields).await;
    assert_eq!(answer.headers["location"], "/console/warnings/1?said=draft", "{}", answer.body);
    ann
}

async fn send(pages: &Pages, who: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    let csrf = pages.get("/console", who).await.csrf();
    let mut all = vec![("csrf", csrf.as_str())];
    all.extend_from_slice(fields);
    pages.post(path, who, &all).await
}

/// The four texts, with `body` in each.
async fn edit(pages: &Pages, who: &str, version: &str, body: &str) -> Answer {
    let mut fields = vec![("act", "edit"), ("version", version)];
    for name in ["title_nl", "title_fr", "title_de", "title_en"] {
        fields.push((name, "Beware"));
    }
    for name in ["body_nl", "body_fr", "body_de", "body_en"] {
        fields.push((name, body));
    }
    send(pages, who, "/console/warnings/1", &fields).await
}

async fn approve(pages: &Pages, who: &str, version: &str) -> Answer {
    send(pages, who, "/console/warnings/1/approve", &[("version", version)]).await
}

#[tokio::test]
async fn a_warning_goes_from_its_campaign_to_the_public_and_back() {
    let pages = Pages::new().await;
    let ann = drafted(&pages).await;
    let page = pages.get("/console/warnings/1?lang=en&said=draft", &ann).await.body;
    for part in ["in the name of Belfius", "au nom de Belfius", "You wrote this version yourself"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(pages.get("/warnings?lang=en", "").await.body.contains("There is no warning now"));
    assert_eq!(pages.get("/warnings/1", "").await.status, 404, "a draft is nobody's");
    let saved =
        edit(&pages, &ann, "1", "Not https://a.evil.example/x\r\n\r\n- b.bad.example").await;
    assert_eq!(saved.headers["location"], "/console/warnings/1?said=saved", "{}", saved.body);
    assert_eq!(edit(&pages, &ann, "1", "x").await.status, 409, "it has been edited");
    assert_eq!(approve(&pages, &ann, "2").await.status, 409, "her own");
    let bob = pages.person("bob", Role::Approver).await;
    assert_eq!(approve(&pages, &bob, "1").await.status, 409, "not what is there");
    let published = approve(&pages, &bob, "2").await;
    assert_eq!(published.headers["location"], "/console/warnings/1?said=published");
    let public = pages.get("/warnings/1?lang=de", "").await.body;
    for part in ["hxxps://a[.]evil[.]example/x", "<li class=\"name\">b[.]bad[.]example</li>"] {
        assert!(public.contains(part), "{part}: {public}");
    }
    assert!(!public.contains("person:"), "nobody's name is public");
    assert!(pages.get("/?lang=en", "").await.body.contains("Beware"));
    let reason = [("act", "withdraw"), ("why", "it is over")];
    send(&pages, &ann, "/console/warnings/1", &reason).await;
    let gone = pages.get("/warnings/1?lang=en", "").await.body;
    assert!(gone.contains("This warning no longer holds.") && !gone.contains("evil"), "{gone}");
    assert!(!gone.contains("it is over") && gone.contains("Withdrawn: <time"));
}

#[tokio::test]
async fn feeds_and_the_embedded_list_are_for_everybody() {
    let pages = Pages::new().await;
    let ann = drafted(&pages).await;
    let bob = pages.person("bob", Role::Approver).await;
    edit(&pages, &ann, "1", "Beware of <b>evil.example</b>").await;
    approve(&pages, &bob, "2").await;
    for (name, kind, part) in [
        ("en.atom", "application/atom+xml; charset=utf-8", "evil[.]example"),
        ("fr.json", "application/feed+json; charset=utf-8", "<b>evil[.]example</b>"),
        ("nl.html", "text/html; charset=utf-8", "/warnings/1?lang=nl"),
    ] {
        let answer = pages.get(&format!("/warnings/feeds/{name}"), "").await;
        assert_eq!(answer.headers[header::CONTENT_TYPE], kind);
        assert_eq!(answer.headers[header::CACHE_CONTROL], "public, max-age=60");
        assert!(answer.body.contains(part), "{name}: {}", answer.body);
        assert!(!answer.headers.contains_key(header::SET_COOKIE));
        let framed = !answer.headers.contains_key(header::X_FRAME_OPTIONS);
        assert_eq!(framed, name == "nl.html", "only the list may be framed");
    }
    let embedded = pages.get("/warnings/feeds/nl.html", "").await;
    let policy = embedded.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.ends_with("frame-ancestors *") && policy.contains("form-action 'none'"));
    assert!(!embedded.body.contains("<script") && !embedded.body.contains("<form"));
    for name in ["en.rss", "es.atom", "en", ".json"] {
        assert_eq!(pages.get(&format!("/warnings/feeds/{name}"), "").await.status, 404, "{name}");
    }
}

#[tokio::test]
async fn an_old_sign_in_an_analyst_and_a_reader_publish_nothing() {
    let pages = Pages::new().await;
    drafted(&pages).await;
    let then = UnixMillis(now().0 - 10 * 60_000);
    let bob = pages.person_since("bob", Role::Approver, then).await;
    let page = pages.get("/console/warnings/1?lang=en", &bob).await.body;
    assert!(page.contains("touch your passkey again"), "{page}");
    let to = approve(&pages, &bob, "1").await;
    assert!(to.headers["location"].to_str().unwrap().starts_with("/console/sign-in?next="));
    for (name, role) in [("al", Role::Analyst), ("rita", Role::Reader)] {
        let who = pages.person(name, role).await;
        let page = pages.get("/console/warnings/1?lang=en", &who).await.body;
        assert!(page.contains("Your role does not approve"), "{name}");
        assert_eq!(approve(&pages, &who, "1").await.status, 403, "{name}");
    }
    let rita = pages.person("rick", Role::Reader).await;
    assert_eq!(edit(&pages, &rita, "1", "x").await.status, 403);
    let operator = pages.person("op", Role::Operator).await;
    assert_eq!(pages.get("/console/warnings", &operator).await.status, 403);
    assert!(pages.casebook.public_warnings(9).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_administrator_says_who_is_told_and_sees_the_secret_once() {
    let pages = Pages::new().await;
    let root = pages.person("root", Role::Admin).await;
    let path = "/console/warnings/hooks";
    let fields = [("name", "police"), ("url", "https://police.example/h")];
    let added = send(&pages, &root, path, &fields).await;
    assert!(added.body.contains("whsec_") && added.body.contains("police[.]example"));
    let page = pages.get("/console/warnings?lang=en", &root).await.body;
    assert!(page.contains("police") && !page.contains("whsec_"));
    let inside = [("name", "inside"), ("url", "http://10.0.0.1/")];
    assert_eq!(send(&pages, &root, path, &inside).await.status, 422);
    let ann = pages.person("ann", Role::Approver).await;
    assert_eq!(send(&pages, &ann, path, &fields).await.status, 403);
    assert!(!pages.get("/console/warnings", &ann).await.body.contains("police"));
    let gone = send(&pages, &root, path, &[("name", "police"), ("remove", "1")]).await;
    assert_eq!(gone.headers["location"], "/console/warnings?said=dropped");
}
