//! The API over what happens to cases beside verdicts, over rules, brake and imports: who may
//! do what, and what is answered.

#![expect(clippy::unwrap_used, reason = "a test that can't go on stops here")]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use belfry_casebook::access::{Admin, Principal, Proof, Role};
use belfry_casebook::{Casebook, Settings};
use belfry_console::{ConsoleState, Site, routes};
use belfry_desk::reader::{ReaderPool, ReaderSettings};
use belfry_desk::{Desk, DeskSettings};
use belfry_guard::Lists;
use belfry_indicator::Domain;
use belfry_web::Clock;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

type Millis = belfry_journal::UnixMillis;

fn now() -> Millis {
    Millis::default().plus(std::time::Duration::from_secs(1_795_510_800))
}

struct Api {
    router: Router,
    analyst: String,
    admin: String,
    reader: String,
    _folder: TempDir,
}

impl Api {
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let settings = Settings { data: folder.path().to_owned() };
        let casebook = Casebook::open(&settings, now()).await.unwrap();
        let name = |text| Domain::parse(text).unwrap();
        let lists = Lists::new([name("hub.example")], [], [name("bank.example")]);
        let readers = ReaderPool::new(ReaderSettings {
            program: "/bin/false".into(),
            arguments: Vec::new(),
            children: 1,
            job_ms_max: 1_000,
            jobs_max: 1,
        });
        let token = async |role: Role| {
            let name = "local:test".into();
            let admin = Principal { name, role: Role::Admin, proof: Proof::LocalUser };
            let admin: Admin = admin.authorize().unwrap();
            casebook.create_token(&admin, role.name(), role, None, now()).await.unwrap().secret
        };
        let (analyst, admin) = (token(Role::Analyst).await, token(Role::Admin).await);
        let reader = token(Role::Reader).await;
        let desk = Desk::open(casebook.clone(), lists, readers, DeskSettings::default(), now);
        let site = Site::new("http://localhost:8080").unwrap();
        let state = ConsoleState { desk: desk.await.unwrap(), clock: Clock(now), site };
        let router = routes(state).into();
        Self { router, analyst, admin, reader, _folder: folder }
    }

    async fn ask(&self, token: &str, line: &str, body: Option<Value>) -> (u16, Value) {
        let (method, path) = line.split_once(' ').unwrap();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"));
        let request = match body {
            None => request.body(Body::empty()),
            Some(body) => request
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(body.to_string())),
        };
        let answer = self.router.clone().oneshot(request.unwrap()).await.unwrap();
        let status = answer.status().as_u16();
        let bytes = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// As an analyst, with a reason.
    async fn change(&self, path: &str, mut more: Value) -> (u16, Value) {
        more["reason"] = json!("why");
        self.ask(&self.analyst, &format!("POST /api/v1/{path}"), Some(more)).await
    }

    /// Raises a case for each name.
    async fn raise(&self, names: &[&str]) {
        let (status, answer) = self.change("imports", json!({ "text": names.join("\n") })).await;
        assert_eq!(status, 200, "{answer}");
    }
}

const RULE: &str = "when = \"host\"\naction = \"confirm\"\nverdict = \"phishing\"";

#[tokio::test]
async fn an_import_tells_of_each_line_and_is_refused_whole() {
    let api = Api::new().await;
    let text = "evil.example\nbank.example\nhub.example";
    let (status, answer) =
        api.change("imports", json!({ "text": text, "verdict": "phishing" })).await;
    assert_eq!(status, 200);
    let outcomes: Vec<_> =
        answer["items"].as_array().unwrap().iter().map(|item| &item["outcome"]).collect();
    assert_eq!(outcomes, ["blocked", "awaiting-second", "closed"]);
    let (status, problem) = api.change("imports", json!({ "text": "x.example\na b" })).await;
    assert_eq!((status, &problem["type"]), (422, &json!("urn:belfry:problem:import")));
    assert!(problem["detail"].as_str().unwrap().starts_with("line 2"), "{problem}");
    let body = json!({ "text": "x.example", "verdict": "evil" });
    assert_eq!(api.change("imports", body).await.0, 422);
    let body = Some(json!({ "text": "x.example", "reason": "why" }));
    assert_eq!(api.ask(&api.reader, "POST /api/v1/imports", body).await.0, 403);
    let (_, cases) = api.ask(&api.reader, "GET /api/v1/cases?name=x.example", None).await;
    assert_eq!(cases["items"], json!([]), "nothing of a refused file is kept");
}

#[tokio::test]
async fn a_case_is_parked_taken_up_and_bound_to_its_version() {
    let api = Api::new().await;
    api.raise(&["evil.example"]).await;
    let until = json!({ "until": "2026-12-24T09:00:00Z" });
    let (status, case) = api.change("cases/1/park", until.clone()).await;
    assert_eq!((status, &case["status"]), (200, &json!("parked")));
    assert_eq!(case["until"], "2026-12-24T09:00:00.000Z");
    assert_eq!(api.change("cases/1/park", until).await.0, 409, "it is parked already");
    let (_, listed) = api.ask(&api.reader, "GET /api/v1/cases?status=parked", None).await;
    assert_eq!(listed["items"][0]["id"], 1);
    assert_eq!(api.change("cases/1/take-up", json!({ "version": 1 })).await.0, 409);
    let (status, case) = api.change("cases/1/take-up", json!({ "version": 2 })).await;
    assert_eq!((status, &case["status"]), (200, &json!("open")));
    for until in ["tomorrow", "2020-01-01T00:00:00Z"] {
        let body = json!({ "until": until });
        assert_eq!(api.change("cases/1/park", body).await.0, 422, "{until}");
    }
    assert_eq!(api.change("cases/9/take-up", json!({})).await.0, 404);
    let bare = Some(json!({ "reason": " " }));
    assert_eq!(api.ask(&api.analyst, "POST /api/v1/cases/1/take-up", bare).await.0, 422);
}

#[tokio::test]
async fn merged_cases_share_a_verdict_and_leave_again() {
    let api = Api::new().await;
    api.raise(&["one.example", "two.example", "three.example"]).await;
    for case in [2, 3] {
        let (status, merged) =
            api.change(&format!("cases/{case}/merge"), json!({ "into": 1 })).await;
        assert_eq!(
            (status, &merged["status"], &merged["into"]),
            (200, &json!("merged"), &json!(1))
        );
    }
    let (_, leader) = api.ask(&api.reader, "GET /api/v1/cases/1", None).await;
    assert_eq!((&leader["members"], &leader["leader"]), (&json!([2, 3]), &Value::Null));
    assert_eq!(api.change("cases/1/merge", json!({ "into": 1 })).await.0, 422);
    assert_eq!(api.change("cases/1/merge", json!({ "into": 2 })).await.0, 409);
    assert_eq!(api.change("cases/3/unmerge", json!({})).await.1["status"], "open");
    assert_eq!(api.change("cases/3/unmerge", json!({})).await.0, 409);
    let (status, _) = api.change("cases/1/verdict", json!({ "verdict": "phishing" })).await;
    assert_eq!(status, 200);
    let (_, member) = api.ask(&api.reader, "GET /api/v1/cases/2", None).await;
    assert_eq!((&member["status"], &member["leader"]), (&json!("blocked"), &json!(1)));
    assert_eq!(member["orders"].as_array().unwrap().len(), 1);
    let (_, alone) = api.ask(&api.reader, "GET /api/v1/cases/3", None).await;
    assert_eq!(alone["status"], "open");
}

#[tokio::test]
async fn a_block_near_its_end_is_listed_and_renewed() {
    let api = Api::new().await;
    api.raise(&["evil.example", "worse.example"]).await;
    let short = json!({ "verdict": "phishing", "block_days": 2 });
    api.change("cases/1/verdict", short).await;
    api.change("cases/2/verdict", json!({ "verdict": "phishing" })).await;
    let (status, list) = api.ask(&api.reader, "GET /api/v1/recheck", None).await;
    assert_eq!(status, 200);
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{list}");
    assert_eq!((&items[0]["id"], &items[0]["why"]), (&json!(1), &json!("ending")));
    let (status, renewed) = api.change("cases/1/renew", json!({ "block_days": 60 })).await;
    assert_eq!((status, &renewed["serial"]), (200, &json!(3)));
    let (_, list) = api.ask(&api.reader, "GET /api/v1/recheck", None).await;
    assert_eq!(list["items"], json!([]));
    assert_eq!(api.change("cases/1/renew", json!({ "block_days": 400 })).await.0, 422);
    api.change("cases/2/release", json!({})).await;
    assert_eq!(api.change("cases/2/renew", json!({})).await.0, 409);
}

#[tokio::test]
async fn a_split_names_reports_of_the_case_and_another_target() {
    let api = Api::new().await;
    api.raise(&["evil.example"]).await;
    let split = async |target: &str, receipt: &str| {
        let body = json!({ "target": target, "receipts": [receipt] });
        api.change("cases/1/split", body).await
    };
    assert_eq!(split("other.example", "no receipt").await.1["type"], "urn:belfry:problem:receipt");
    assert_eq!(split("a b", "no receipt").await.1["type"], "urn:belfry:problem:target");
    let none = json!({ "target": "other.example", "receipts": [] });
    assert_eq!(api.change("cases/1/split", none).await.0, 422);
}

#[tokio::test]
async fn no_token_is_a_second_person() {
    let api = Api::new().await;
    api.raise(&["bank.example"]).await;
    let (status, _) = api.change("cases/1/verdict", json!({ "verdict": "phishing" })).await;
    assert_eq!(status, 202);
    for token in [&api.analyst, &api.admin] {
        let body = Some(json!({ "reason": "I agree", "version": 2 }));
        let (status, problem) = api.ask(token, "POST /api/v1/cases/1/approve", body).await;
        assert_eq!((status, &problem["type"]), (403, &json!("urn:belfry:problem:person-needed")));
    }
    let (_, case) = api.ask(&api.reader, "GET /api/v1/cases/1", None).await;
    assert_eq!(case["status"], "awaiting-second");
}

#[tokio::test]
async fn rules_are_the_administrators_and_anyone_who_judges_pulls_the_brake() {
    let api = Api::new().await;
    let put = "PUT /api/v1/rules/sure";
    let body = |text: &str| Some(json!({ "text": text }));
    assert_eq!(api.ask(&api.analyst, put, body(RULE)).await.0, 403);
    let (status, problem) = api.ask(&api.admin, put, body("when = \"hots\"")).await;
    assert_eq!((status, &problem["type"]), (422, &json!("urn:belfry:problem:rule")));
    let (status, rule) = api.ask(&api.admin, put, body(RULE)).await;
    assert_eq!((status, &rule["version"], &rule["mode"]), (200, &json!(1), &json!("off")));
    let mode = async |mode: &str| {
        let body = Some(json!({ "mode": mode }));
        api.ask(&api.admin, "POST /api/v1/rules/sure/mode", body).await
    };
    assert_eq!(mode("live").await.0, 422, "from off to live is no step");
    assert_eq!(mode("on").await.1["type"], "urn:belfry:problem:mode");
    assert_eq!(mode("shadow").await.1["mode"], "shadow");
    assert_eq!(mode("live").await.1["mode"], "live");
    let (_, rules) = api.ask(&api.reader, "GET /api/v1/rules", None).await;
    assert_eq!(rules["items"][0]["author"], "token:admin");

    api.raise(&["evil.example"]).await;
    let (_, report) = api.ask(&api.reader, "GET /api/v1/rules/sure/report?days=7", None).await;
    assert_eq!((&report["cases"], &report["matched"]), (&json!(1), &json!(1)));
    assert_eq!(report["undecided"], 1);
    let line = "GET /api/v1/rules/sure/report?days=0";
    assert_eq!(api.ask(&api.reader, line, None).await.0, 400);
    assert_eq!(api.ask(&api.reader, "GET /api/v1/rules/none/report", None).await.0, 404);

    let (status, braked) = api.change("brake", json!({ "minutes": 30 })).await;
    assert_eq!((status, &braked["released"]), (200, &json!([])));
    let (_, brake) = api.ask(&api.reader, "GET /api/v1/brake", None).await;
    assert_eq!((&brake["pulled"], &brake["by"]), (&json!(true), &json!("token:analyst")));
    let (_, alarms) = api.ask(&api.reader, "GET /api/v1/alarms", None).await;
    assert_eq!(alarms["items"][0]["kind"], "brake");
    assert_eq!(api.change("brake", json!({ "minutes": 20_000 })).await.0, 422);
    let why = Some(json!({ "reason": "mended" }));
    assert_eq!(api.ask(&api.analyst, "POST /api/v1/brake/release", why.clone()).await.0, 403);
    let (_, brake) = api.ask(&api.admin, "POST /api/v1/brake/release", why).await;
    assert_eq!(brake["pulled"], false);
}

#[tokio::test]
async fn pages_are_for_analysts_and_need_a_browser() {
    let api = Api::new().await;
    let body = || Some(json!({"profile": "phone"}));
    let (status, _) = api.ask(&api.reader, "POST /api/v1/cases/1/inspections", body()).await;
    assert_eq!(status, 403);
    let (status, told) = api.ask(&api.analyst, "POST /api/v1/cases/1/inspections", body()).await;
    assert_eq!((status, &told["type"]), (503, &json!("urn:belfry:problem:no-browser")));
    let (status, _) = api.ask(&api.reader, "GET /api/v1/cases/1/inspections", None).await;
    assert_eq!(status, 403);
    let (status, told) = api.ask(&api.analyst, "GET /api/v1/cases/1/inspections", None).await;
    assert_eq!((status, told), (200, json!({"items": []})));
    for path in ["GET /api/v1/inspections/1", "GET /api/v1/inspections/1/picture"] {
        assert_eq!(api.ask(&api.analyst, path, None).await.0, 404, "{path}");
    }
    let bad = Some(json!({"profile": "watch"}));
    let (status, _) = api.ask(&api.analyst, "POST /api/v1/cases/1/inspections", bad).await;
    assert_eq!(status, 422);
}
