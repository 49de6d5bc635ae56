//! What a case's page shows beside the facts, and what can be done with a case besides
//! judging it.

use belfry_casebook::access::{Follower, Principal, Proof, Role};
use belfry_casebook::effects::Effect;
use belfry_journal::{Serial, UnixMillis};
use serde_json::json;

use super::{Answer, Pages, admin, now};

async fn later(pages: &Pages, who: &str, version: &str, fields: &[(&str, &str)]) -> Answer {
    let csrf = pages.get("/console/cases/1", who).await.csrf();
    let mut all = vec![("csrf", csrf.as_str()), ("version", version)];
    all.extend_from_slice(fields);
    pages.post("/console/cases/1/later", who, &all).await
}

async fn confirm(pages: &Pages, who: &str) {
    let csrf = pages.get("/console/cases/1", who).await.csrf();
    let fields = [("csrf", csrf.as_str()), ("version", "1"), ("verdict", "phishing")];
    pages.post("/console/cases/1/decide", who, &fields).await;
}

#[tokio::test]
async fn a_name_stands_beside_the_brand_that_it_imitates() {
    let pages = Pages::new().await;
    pages.case("belfius-login.example", &json!({})).await;
    let ann = pages.person("ann", Role::Reader).await;
    let page = pages.get("/console/cases/1?lang=en", &ann).await.body;
    for part in ["Looks like belfius", "belfius-login[.]example", "belfius[.]be"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("name=\"verdict\""), "a reader decides nothing");
}

#[tokio::test]
async fn a_case_shows_its_campaign_and_why_and_what_the_domain_holds() {
    let pages = Pages::new().await;
    pages.tied("a.evil.example", "evil.example", 7).await;
    pages.tied("b.evil.example", "evil.example", 7).await;
    pages.tied("c.other.example", "other.example", 7).await;
    pages.tied("d.evil.example", "evil.example", 8).await;
    let ann = pages.person("ann", Role::Analyst).await;
    let page = pages.get("/console/cases/1?lang=en", &ann).await.body;
    let (_, campaign) = page.split_once("Why they belong together").unwrap();
    let (campaign, wide) = campaign.split_once("What the whole domain would hit").unwrap();
    assert!(campaign.contains("c[.]other[.]example") && campaign.contains("BE71 0000"));
    assert!(!campaign.contains("d[.]evil[.]example"));
    for (name, there) in [("b[.]evil", true), ("d[.]evil", true), ("c[.]other", false)] {
        assert_eq!(wide.split("</ul>").next().unwrap().contains(name), there, "{name}");
    }
}

#[tokio::test]
async fn a_case_is_parked_and_opened_again() {
    let pages = Pages::new().await;
    pages.case("evil.example", &json!({})).await;
    let ann = pages.person("ann", Role::Analyst).await;
    let parked =
        later(&pages, &ann, "1", &[("what", "park"), ("days", "3"), ("reason", "owner asked")])
            .await;
    assert_eq!(parked.headers["location"], "/console/cases/1?said=parked", "{}", parked.body);
    let page = pages.get("/console/cases/1?lang=en&said=parked", &ann).await.body;
    for part in ["The case waits.", "Waits until", "Parked · person:ann · owner asked"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert_eq!(
        later(&pages, &ann, "1", &[("what", "take-up")]).await.status,
        409,
        "another version"
    );
    let opened = later(&pages, &ann, "2", &[("what", "take-up")]).await;
    assert_eq!(opened.headers["location"], "/console/cases/1?said=taken-up");
    assert_eq!(later(&pages, &ann, "3", &[("what", "fly")]).await.status, 422);
    assert_eq!(pages.casebook.case(1).await.unwrap().unwrap().case.state.name(), "open");
}

#[tokio::test]
async fn a_block_is_renewed_by_a_new_order() {
    let pages = Pages::new().await;
    pages.case("evil.example", &json!({})).await;
    let ann = pages.person("ann", Role::Analyst).await;
    confirm(&pages, &ann).await;
    let renewed = later(&pages, &ann, "2", &[("what", "renew")]).await;
    assert_eq!(renewed.headers["location"], "/console/cases/1?said=renewed", "{}", renewed.body);
    let orders = pages.casebook.case(1).await.unwrap().unwrap().orders;
    assert_eq!(orders.len(), 2);
}

#[tokio::test]
async fn counts_of_operators_become_a_curve_and_a_table() {
    let pages = Pages::new().await;
    pages.case("evil.example", &json!({})).await;
    let ann = pages.person("ann", Role::Analyst).await;
    confirm(&pages, &ann).await;
    let quiet = pages.get("/console/cases/1/live", &ann).await.body;
    assert_eq!(quiet, "2 1 0 0 0");
    let none = pages.get("/console/cases/1?lang=en", &ann).await.body;
    assert!(none.contains("Nobody has been stopped yet") && !none.contains("class=\"curve\""));
    let order = pages.casebook.case(1).await.unwrap().unwrap().orders[0].serial;
    let gate = Principal { name: "token:gate".into(), role: Role::Operator, proof: Proof::Token };
    let gate: Follower = gate.authorize().unwrap();
    for (minutes, blocked_answers) in [(1, 3), (30, 1_234), (31, 1_234)] {
        let at = UnixMillis(now().0 + minutes * 60_000);
        let (applied_at, first_blocked_at) = (Some(now()), Some(at));
        let effect = Effect {
            order,
            blocked_answers,
            warning_views: 2,
            prevented_visits: 0,
            applied_at,
            first_blocked_at,
        };
        pages.casebook.record_effects(&gate, [1; 16], Serial(1), &[effect], at).await.unwrap();
    }
    assert_eq!(pages.get("/console/cases/1/live", &ann).await.body, "2 1 1 1 3", "there is news");
    assert_eq!(pages.get("/console/cases/9/live", &ann).await.status, 404);
    let page = pages.get("/console/cases/1?lang=en", &ann).await.body;
    assert!(page.contains("Blocked answers over time: 1\u{202f}234"), "{page}");
    let (_, table) = page.split_once("As a table").unwrap();
    let table = table.split("</table>").next().unwrap();
    assert_eq!(table.matches("<tr>").count(), 3, "a head and two steps: {table}");
}

#[tokio::test]
async fn a_mail_is_shown_with_its_recipients_only_after_a_line_in_the_log() {
    let pages = Pages::new().await;
    let receipt = pages.case("evil.example", &json!({})).await;
    let (ann, rita) =
        (pages.person("ann", Role::Analyst).await, pages.person("rita", Role::Reader).await);
    let path = format!("/console/reports/{receipt}/page?lang=en");
    assert_eq!(pages.get(&path, &rita).await.status, 403);
    let page = pages.get(&path, &ann).await;
    assert!(page.body.contains("This message has no layout"), "a URL has none: {}", page.body);
    let before = pages.casebook.audit(&admin(), None, 1).await.unwrap();
    let csrf = pages.get("/console", &ann).await.csrf();
    assert_eq!(pages.post(&path, &ann, &[("csrf", "forged")]).await.status, 403);
    let shown = pages.post(&path, &ann, &[("csrf", csrf.as_str())]).await;
    let policy = shown.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("sandbox; default-src 'none'"), "{policy}");
    let after = pages.casebook.audit(&admin(), None, 1).await.unwrap();
    assert_eq!(after[0].id, before[0].id + 1);
    assert_eq!((after[0].action.as_str(), after[0].who.as_str()), ("reveal", "person:ann"));
}
