//! Campaigns as people see them: the list, one of them, the register, and the files.

use belfry_casebook::access::Role;
use serde_json::json;

use super::Pages;

async fn set() -> (Pages, String) {
    let pages = Pages::new().await;
    for (host, registrable) in
        [("a.evil.example", "evil.example"), ("b.bad.example", "bad.example")]
    {
        pages.tied(host, registrable, 7).await;
    }
    pages.case("alone.example", &json!({})).await;
    let rita = pages.person("rita", Role::Reader).await;
    (pages, rita)
}

#[tokio::test]
async fn a_campaign_says_what_its_cases_share_and_which_they_are() {
    let (pages, rita) = set().await;
    let list = pages.get("/console/campaigns?lang=en", &rita).await.body;
    for part in ["Campaign 1", "belfius", "2026-11", "sms"] {
        assert!(list.contains(part), "{part}: {list}");
    }
    let one = pages.get("/console/campaigns/1?lang=en", &rita).await.body;
    for part in ["BE71 0000", "shared by 2", "a[.]evil[.]example", "b[.]bad[.]example"] {
        assert!(one.contains(part), "{part}: {one}");
    }
    assert!(!one.contains("alone"));
    assert_eq!(pages.get("/console/campaigns/9", &rita).await.status, 404);
}

#[tokio::test]
async fn the_list_can_be_of_one_brand() {
    let (pages, rita) = set().await;
    let mine = pages.get("/console/campaigns?brand=belfius&lang=en", &rita).await.body;
    assert!(mine.contains("/console/campaigns/1"));
    let other = pages.get("/console/campaigns?brand=kbc&lang=en", &rita).await.body;
    assert!(other.contains("There is no campaign yet") && !other.contains("/console/campaigns/1"));
}

#[tokio::test]
async fn campaigns_register_and_cases_are_files_too() {
    let (pages, rita) = set().await;
    for (path, head, line) in [
        ("/console/campaigns.csv", "campaign,brand,cases,first_seen,last_seen", "1,belfius,2,"),
        ("/console/register.csv", "month,brand,channel,cases,campaigns", "2026-11,belfius,sms,2,1"),
        (
            "/console/campaigns/1/cases.csv",
            "case,subject,status,opened_at,reports,reporters",
            "2,b[.]bad[.]example,open,",
        ),
    ] {
        let file = pages.get(path, &rita).await;
        assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8", "{path}");
        let mut lines = file.body.lines();
        assert_eq!(lines.next(), Some(head), "{path}");
        assert!(lines.next().is_some_and(|first| first.starts_with(line)), "{path}: {}", file.body);
        let operator = pages.person(&format!("op{}", path.len()), Role::Operator).await;
        assert_eq!(pages.get(path, &operator).await.status, 403, "{path}");
    }
}
