//! The API over a real casebook: who may do what, what is refused and how, and
//! that showing a report's bytes leaves a line in the audit log.

#![expect(clippy::unwrap_used, reason = "a test that can't go on stops here")]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use belfry_casebook::access::{Admin, NewPasskey, Principal, Proof, Role};
use belfry_casebook::case::Subject;
use belfry_casebook::report::{Channel, Content, NewReport, ReadingRecord};
use belfry_casebook::{Casebook, Settings};
use belfry_console::{ConsoleState, Site, routes};
use belfry_desk::reader::{ReaderPool, ReaderSettings};
use belfry_desk::{Desk, DeskSettings, Organisation};
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

fn name(text: &str) -> Domain {
    Domain::parse(text).unwrap()
}

fn admin() -> Admin {
    let name = "local:test".into();
    Principal { name, role: Role::Admin, proof: Proof::LocalUser }.authorize().unwrap()
}

struct Api {
    router: Router,
    casebook: Casebook,
    desk: Desk,
    _folder: TempDir,
}

impl Api {
    /// Of a hub whose organisation has a name.
    async fn named() -> Self {
        let mut api = Self::new().await;
        let part = |text: &str| text.to_owned();
        let [name, contact, domain] = ["CSIRT", "abuse@csirt.example", "csirt.example"].map(part);
        api.desk = api.desk.with_organisation(Organisation { name, contact, domain });
        let site = Site::new("http://localhost:8080").unwrap();
        let state = ConsoleState { desk: api.desk.clone(), clock: Clock(now), site };
        api.router = routes(state).into();
        api
    }

    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let settings = Settings { data: folder.path().to_owned() };
        let casebook = Casebook::open(&settings, now()).await.unwrap();
        let lists = Lists::new([name("hub.example")], [], [name("bank.example")]);
        let readers = ReaderPool::new(ReaderSettings {
            program: "/bin/false".into(),
            arguments: Vec::new(),
            children: 1,
            job_ms_max: 1_000,
            jobs_max: 1,
        });
        let desk = Desk::open(casebook.clone(), lists, readers, DeskSettings::default(), now);
        let desk = desk.await.unwrap();
        let site = Site::new("http://localhost:8080").unwrap();
        let state = ConsoleState { desk: desk.clone(), clock: Clock(now), site };
        Self { router: routes(state).into(), casebook, desk, _folder: folder }
    }

    async fn token(&self, role: Role) -> String {
        let token = self.casebook.create_token(&admin(), role.name(), role, None, now()).await;
        token.unwrap().secret
    }

    /// A case about `host`; answers its report's receipt.
    async fn case(&self, host: &str) -> String {
        let report = NewReport {
            channel: Channel::Api,
            content: Content::Url,
            bytes: host.as_bytes(),
            reporter: None,
            received_at: now(),
        };
        let receipt = self.casebook.receive(report).await.unwrap();
        let report = self.casebook.report(&receipt).await.unwrap().unwrap();
        let reading = ReadingRecord { json: "{\"links\":[]}".into(), defects: 0, read_at: now() };
        let subject = Subject::Host { host: name(host), registrable: name(host) };
        self.casebook.file_reading(report.id, &reading, &[subject]).await.unwrap();
        receipt.to_string()
    }

    async fn call(&self, token: &str, line: &str, body: Option<Value>) -> (u16, Vec<u8>) {
        let (method, path) = line.split_once(' ').unwrap();
        let mut request = Request::builder().method(method).uri(path);
        if !token.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = match body {
            None => request.body(Body::empty()),
            Some(body) => request
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(body.to_string())),
        };
        let answer = self.router.clone().oneshot(request.unwrap()).await.unwrap();
        let status = answer.status().as_u16();
        (status, to_bytes(answer.into_body(), 1 << 20).await.unwrap().to_vec())
    }

    async fn json(&self, token: &str, line: &str, body: Option<Value>) -> (u16, Value) {
        let (status, bytes) = self.call(token, line, body).await;
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }
}

#[tokio::test]
async fn every_route_is_held_by_its_role() {
    let api = Api::new().await;
    let receipt = api.case("evil.example").await;
    let reading = format!("GET /api/v1/reports/{receipt}/reading");
    let rows: [(&str, &[Role]); 12] = [
        ("GET /api/v1/warnings", &[Role::Reader, Role::Analyst, Role::Approver, Role::Admin]),
        ("GET /api/v1/warnings/hooks", &[Role::Admin]),
        ("GET /api/v1/cases", &[Role::Reader, Role::Analyst, Role::Approver, Role::Admin]),
        ("GET /api/v1/cases/1", &[Role::Reader, Role::Analyst, Role::Approver, Role::Admin]),
        ("GET /api/v1/statistics", &[Role::Reader, Role::Analyst, Role::Approver, Role::Admin]),
        ("GET /api/v1/sms/bases", &[Role::Reader, Role::Analyst, Role::Approver, Role::Admin]),
        ("GET /api/v1/sms/handovers", &[Role::Reader, Role::Analyst, Role::Approver, Role::Admin]),
        ("GET /api/v1/sms/templates", &[Role::Reader, Role::Analyst, Role::Approver, Role::Admin]),
        ("GET /api/v1/tokens", &[Role::Admin]),
        ("GET /api/v1/people", &[Role::Admin]),
        (&reading, &[Role::Analyst, Role::Approver, Role::Admin]),
        ("DELETE /api/v1/tokens/operator", &[Role::Admin]),
    ];
    let roles = [Role::Reader, Role::Reporter, Role::Operator, Role::Analyst, Role::Approver];
    let mut tokens = Vec::new();
    for role in roles.into_iter().chain([Role::Admin]) {
        tokens.push((role, api.token(role).await));
    }
    for (line, allowed) in rows {
        assert_eq!(api.call("", line, None).await.0, 401, "{line}");
        for (role, token) in &tokens {
            let status = api.call(token, line, None).await.0;
            let may = status / 100 == 2;
            assert_eq!(may, allowed.contains(role), "{line} as {}: {status}", role.name());
            assert!(may || status == 403, "{line} as {}: {status}", role.name());
        }
    }
}

#[tokio::test]
async fn who_may_see_and_order_texts_of_sms() {
    let api = Api::new().await;
    let draft = json!({ "handover": 1, "case": 1, "basis": 1, "mode": "live" });
    let analysts: &[Role] = &[Role::Analyst, Role::Approver, Role::Admin];
    let basis =
        json!({ "operator": "telco-1", "authority": "Act", "until": "2026-01-01T00:00:00Z" });
    let release = Some(json!({ "reason": "mistake" }));
    // Nothing is there yet: who may gets another refusal than who may not.
    let rows = [
        ("GET /api/v1/sms/handovers/1/text", None, analysts),
        ("POST /api/v1/sms/templates/check", Some(draft.clone()), analysts),
        ("POST /api/v1/sms/templates", Some(draft), analysts),
        ("POST /api/v1/sms/templates/9/release", release, analysts),
        ("POST /api/v1/sms/bases/1/end", None, &[Role::Admin]),
        ("POST /api/v1/sms/bases", Some(basis), &[Role::Admin]),
    ];
    let roles = [Role::Reader, Role::Reporter, Role::Operator, Role::Analyst, Role::Admin];
    for role in roles {
        let token = api.token(role).await;
        for (line, body, allowed) in &rows {
            let (status, answer) = api.json(&token, line, body.clone()).await;
            let expected: &[u16] = if allowed.contains(&role) { &[404, 422] } else { &[403] };
            assert!(expected.contains(&status), "{line} as {}: {status} {answer}", role.name());
        }
    }
}

#[tokio::test]
async fn what_a_template_can_not_be_is_said() {
    let api = Api::new().await;
    let (admin, analyst) = (api.token(Role::Admin).await, api.token(Role::Analyst).await);
    let check = async |token: &str, line: &str, body: Value, detail: &str| {
        let (status, answer) = api.json(token, line, Some(body)).await;
        assert!(status == 422 || status == 404, "{line}: {status} {answer}");
        assert!(answer.to_string().contains(detail), "{answer}");
    };
    let bases = "POST /api/v1/sms/bases";
    let basis = |operator: &str, authority: &str, until: &str| json!({ "operator": operator, "authority": authority, "until": until });
    let late = "2099-01-01T00:00:00Z";
    check(&admin, bases, basis("Not Plain", "Act", late), "urn:belfry:problem:sms").await;
    check(&admin, bases, basis("telco-1", " ", late), "1 to 500 characters").await;
    check(&admin, bases, basis("telco-1", "Act", "2020-01-01T00:00:00Z"), "before it begins").await;
    let draft = json!({ "handover": 1, "case": 1, "basis": 1, "mode": "maybe" });
    check(&analyst, "POST /api/v1/sms/templates", draft, "give shadow or live").await;
    let release = json!({ "reason": "no reason" });
    let line = "POST /api/v1/sms/templates/1/release";
    check(&analyst, line, release, "give mistake or resolved").await;
    let (status, made) = api.json(&admin, bases, Some(basis("telco-1", "Act 1", late))).await;
    assert_eq!((status, &made["holds"], &made["id"]), (201, &json!(true), &json!(1)), "{made}");
    let (_, listed) = api.json(&analyst, "GET /api/v1/sms/bases", None).await;
    assert_eq!(listed["items"], json!([made]));
    let (_, ended) = api.json(&admin, "POST /api/v1/sms/bases/1/end", None).await;
    assert_eq!((&ended["basis"]["holds"], &ended["released"]), (&json!(false), &json!([])));
}

#[tokio::test]
async fn verdicts_are_recorded_awaited_or_refused_by_rule() {
    let api = Api::new().await;
    let token = api.token(Role::Analyst).await;
    for host in ["evil.example", "bank.example", "hub.example"] {
        api.case(host).await;
    }
    let verdict = |word: &str| Some(json!({ "verdict": word, "reason": "seen" }));
    let check = async |line: &str, body: Option<Value>, status: u16, key: &str, value: Value| {
        let (got, answer) = api.json(&token, line, body).await;
        assert_eq!((got, &answer[key]), (status, &value), "{line}: {answer}");
    };
    let one = "POST /api/v1/cases/1/verdict";
    let stale = Some(json!({ "verdict": "phishing", "reason": "seen", "version": 99 }));
    let unknown = Some(json!({ "verdict": "phishing", "reason": "seen", "colour": 1 }));
    let bare = Some(json!({ "verdict": "phishing", "reason": " " }));
    check(one, stale, 409, "type", json!("urn:belfry:problem:stale")).await;
    check(one, verdict("evil"), 422, "type", json!("urn:belfry:problem:verdict")).await;
    check(one, bare, 422, "type", json!("urn:belfry:problem:reason")).await;
    assert!((400..500).contains(&api.call(&token, one, unknown).await.0));
    check(one, verdict("phishing"), 200, "serial", json!(1)).await;
    check(one, verdict("phishing"), 409, "type", json!("urn:belfry:problem:move")).await;
    let two = "POST /api/v1/cases/2/verdict";
    check(two, verdict("phishing"), 202, "rule", json!("two-people")).await;
    let three = "POST /api/v1/cases/3/verdict";
    check(three, verdict("phishing"), 422, "rule", json!("own-name")).await;
    let release = "POST /api/v1/cases/1/release";
    let reason = || Some(json!({ "reason": "clean" }));
    check(release, reason(), 200, "serial", json!(2)).await;
    check(release, reason(), 409, "type", json!("urn:belfry:problem:move")).await;
    let none = "POST /api/v1/cases/9/verdict";
    check(none, verdict("spam"), 404, "type", json!("urn:belfry:problem:unknown-case")).await;
}

#[tokio::test]
async fn the_guard_says_what_it_would_say_and_by_which_list() {
    let api = Api::new().await;
    let token = api.token(Role::Reader).await;
    let check = async |path: &str, outcome: &str, rule: &str, list: &str| {
        let (status, answer) = api.json(&token, &format!("GET /api/v1/guard/{path}"), None).await;
        assert_eq!((status, &answer["outcome"]), (200, &json!(outcome)), "{path}: {answer}");
        let first = &answer["findings"][0];
        assert_eq!(first["rule"].as_str().unwrap_or_default(), rule, "{path}");
        assert_eq!(first["list"]["name"].as_str().unwrap_or_default(), list, "{path}");
    };
    check("evil.example", "free", "", "").await;
    check("Login.Bank.example", "two-people", "two-people", "configured").await;
    check("hub.example?level=domain", "refused", "own-name", "configured").await;
    check("google.com", "refused", "never-block", "built-in").await;
    check("vercel.app", "refused", "public-suffix", "").await;
    assert_eq!(api.call(&token, "GET /api/v1/guard/a..b", None).await.0, 400);
    let (_, lists) = api.json(&token, "GET /api/v1/guard", None).await;
    let kinds: Vec<_> = lists["items"].as_array().unwrap().iter().map(|l| &l["kind"]).collect();
    assert_eq!(kinds, ["never-block", "two-people", "shared", "own", "two-people"]);
    assert_eq!(api.json(&token, "GET /api/v1/alarms", None).await.1["items"], json!([]));
}

#[tokio::test]
async fn a_refusal_is_in_the_audit_log_with_rule_and_list() {
    let api = Api::new().await;
    let token = api.token(Role::Analyst).await;
    api.case("hub.example").await;
    let body = Some(json!({ "verdict": "phishing", "reason": "seen" }));
    assert_eq!(api.call(&token, "POST /api/v1/cases/1/verdict", body).await.0, 422);
    let log = api.casebook.audit(&admin(), None, 10).await.unwrap();
    let act = log.iter().find(|act| act.action == "decide").unwrap();
    assert!(act.detail.contains("rule own-name, list configured (own, version "), "{}", act.detail);
}

#[tokio::test]
async fn cases_are_listed_by_page_and_filter() {
    let api = Api::new().await;
    let token = api.token(Role::Reader).await;
    for n in 0..3 {
        api.case(&format!("evil{n}.example")).await;
    }
    let (_, first) = api.json(&token, "GET /api/v1/cases?limit=2", None).await;
    assert_eq!(first["items"][0]["id"], 3);
    let next = format!("GET /api/v1/cases?limit=2&cursor={}", first["next"]);
    let (_, second) = api.json(&token, &next, None).await;
    assert_eq!((&second["items"][0]["id"], &second["next"]), (&json!(1), &Value::Null));
    let (_, whole) = api.json(&token, "GET /api/v1/cases?limit=3", None).await;
    assert_eq!(whole["items"].as_array().unwrap().len(), 3);
    assert_eq!(whole["next"], Value::Null, "an exactly full last page has none after it");
    let (_, named) = api.json(&token, "GET /api/v1/cases?name=evil1.example", None).await;
    assert_eq!(named["items"].as_array().unwrap().len(), 1);
    let (_, blocked) = api.json(&token, "GET /api/v1/cases?status=blocked", None).await;
    assert_eq!(blocked["items"], json!([]));
    for query in ["limit=0", "limit=501", "status=evil", "colour=red", "name=a..b", "cursor=x"] {
        let line = format!("GET /api/v1/cases?{query}");
        assert_eq!(api.call(&token, &line, None).await.0, 400, "{query}");
    }
}

#[tokio::test]
async fn a_case_shows_its_score_and_why_once_it_is_judged() {
    let api = Api::new().await;
    let token = api.token(Role::Reader).await;
    for host in ["garden.example", "belfius-login.example"] {
        api.case(host).await;
    }
    let (_, before) = api.json(&token, "GET /api/v1/cases/1", None).await;
    assert_eq!((&before["assessment"], &before["score"]), (&Value::Null, &Value::Null));
    for case in [1, 2] {
        api.desk.reassess(case, now()).await.unwrap();
    }
    let (_, file) = api.json(&token, "GET /api/v1/cases/1", None).await;
    let assessment = &file["assessment"];
    assert_eq!(assessment["score"], file["score"]);
    assert!(assessment["model"].as_str().unwrap().starts_with("url "), "{assessment}");
    let reasons = assessment["reasons"].as_array().unwrap();
    let sum: f64 = reasons.iter().filter_map(|reason| reason["weight"].as_f64()).sum();
    let score = 1.0 / (1.0 + (-sum).exp());
    assert!((score - file["score"].as_f64().unwrap()).abs() < 1e-5, "they add up: {assessment}");
    let (_, page) = api.json(&token, "GET /api/v1/cases?sort=urgency&limit=1", None).await;
    let first = page["items"][0]["id"].as_u64().unwrap();
    let next = format!("GET /api/v1/cases?sort=urgency&cursor={}", page["next"]);
    let (_, page) = api.json(&token, &next, None).await;
    assert_eq!((page["items"][0]["id"].as_u64(), &page["next"]), (Some(3 - first), &Value::Null));
    assert_eq!(api.call(&token, "GET /api/v1/cases?sort=colour", None).await.0, 400);
}

#[tokio::test]
async fn campaigns_are_listed_and_two_cases_compared() {
    let api = Api::new().await;
    let token = api.token(Role::Reader).await;
    for host in ["a.evil.example", "b.evil.example"] {
        api.case(host).await;
    }
    let empty = json!({ "items": [], "next": null });
    assert_eq!(api.json(&token, "GET /api/v1/campaigns", None).await, (200, empty));
    let register = api.json(&token, "GET /api/v1/campaigns/register", None).await;
    assert_eq!(register, (200, json!({ "items": [] })));
    let similar = json!({ "weight": 0.0, "together": false, "why": [] });
    assert_eq!(api.json(&token, "GET /api/v1/cases/1/similar/2", None).await, (200, similar));
    assert_eq!(api.call(&token, "GET /api/v1/cases/1/similar/9", None).await.0, 404);
    assert_eq!(api.call(&token, "GET /api/v1/campaigns/1", None).await.0, 404);
    assert_eq!(api.call(&token, "GET /api/v1/campaigns?limit=0", None).await.0, 400);
}

#[tokio::test]
async fn decided_cases_are_there_to_learn_from() {
    let api = Api::new().await;
    let (analyst, admin) = (api.token(Role::Analyst).await, api.token(Role::Admin).await);
    for host in ["evil.example", "garden.example", "open.example"] {
        api.case(host).await;
    }
    for (case, word) in [(1, "phishing"), (2, "benign")] {
        let verdict = Some(json!({ "verdict": word, "reason": "seen" }));
        api.call(&analyst, &format!("POST /api/v1/cases/{case}/verdict"), verdict).await;
    }
    let line = "GET /api/v1/training";
    assert_eq!(api.call(&analyst, line, None).await.0, 403);
    let (_, page) = api.json(&admin, line, None).await;
    let found: Vec<_> = page["items"].as_array().unwrap().iter().collect();
    let told = |at: usize| (found[at]["fraud"].clone(), found[at]["urls"][0].clone());
    assert_eq!(found.len(), 2, "{page}");
    assert_eq!(told(0), (json!(true), json!("https://evil.example/")));
    assert_eq!(told(1), (json!(false), json!("https://garden.example/")));
    let back = Some(json!({ "reason": "a mistake", "mistake": true }));
    api.call(&analyst, "POST /api/v1/cases/1/release", back).await;
    let (_, page) = api.json(&admin, "GET /api/v1/training?limit=1", None).await;
    assert_eq!((&page["items"][0]["fraud"], &page["next"]), (&json!(false), &json!(1)));
}

#[tokio::test]
async fn evidence_goes_out_by_a_logged_act_with_a_reason() {
    let api = Api::new().await;
    let token = api.token(Role::Analyst).await;
    let receipt = api.case("evil.example").await;
    let reason = || Some(json!({ "reason": "the police asked, 24/1" }));
    let line = "POST /api/v1/cases/1/bundle";
    assert_eq!(api.call(&token, line, Some(json!({ "reason": " " }))).await.0, 422);
    let reader = api.token(Role::Reader).await;
    assert_eq!(api.call(&reader, line, reason()).await.0, 403);
    let (status, archive) = api.call(&token, line, reason()).await;
    let text = String::from_utf8_lossy(&archive).into_owned();
    assert_eq!(status, 200);
    for name in ["case.json", &format!("reports/{receipt}.eml"), "SHA256SUMS.sig"] {
        assert!(text.contains(name), "{name}");
    }
    let log = api.casebook.audit(&admin(), None, 10).await.unwrap();
    let act = log.iter().find(|act| act.action == "export-bundle").unwrap();
    assert_eq!((act.object.as_str(), act.detail.as_str()), ("case 1", "the police asked, 24/1"));
    let xarf = "POST /api/v1/cases/1/xarf";
    let refused = api.json(&token, xarf, reason()).await;
    assert_eq!(refused.1["type"], "urn:belfry:problem:organisation", "{refused:?}");
    assert!(log.iter().all(|act| act.action != "export-xarf"));
}

#[tokio::test]
async fn an_abuse_report_names_the_host_and_no_reporter() {
    let api = Api::named().await;
    let token = api.token(Role::Analyst).await;
    api.case("evil.example").await;
    let (xarf, reason) = ("POST /api/v1/cases/1/xarf", || Some(json!({ "reason": "to its host" })));
    let early = api.json(&token, xarf, reason()).await;
    assert_eq!(early.1["type"], "urn:belfry:problem:not-confirmed", "{early:?}");
    let verdict = Some(json!({ "verdict": "phishing", "reason": "seen" }));
    api.call(&token, "POST /api/v1/cases/1/verdict", verdict).await;
    let (status, report) = api.json(&token, xarf, reason()).await;
    assert_eq!((status, &report["type"]), (200, &json!("phishing")), "{report}");
    for (key, value) in [
        ("xarf_version", "4.2.0"),
        ("category", "content"),
        ("source_identifier", "evil.example"),
        ("url", "https://evil.example/"),
    ] {
        assert_eq!(report[key], value, "{key}");
    }
    assert_eq!(report["reporter"]["contact"], "abuse@csirt.example");
}

#[tokio::test]
async fn showing_the_original_is_in_the_audit_log() {
    let api = Api::new().await;
    let token = api.token(Role::Analyst).await;
    let receipt = api.case("evil.example").await;
    let line = format!("GET /api/v1/reports/{receipt}/original");
    assert_eq!(api.call(&token, &line, None).await, (200, b"evil.example".to_vec()));
    let log = api.casebook.audit(&admin(), None, 10).await.unwrap();
    let seen = log.iter().find(|act| act.action == "reveal").unwrap();
    assert_eq!((seen.who.as_str(), seen.object.as_str()), ("token:analyst", "report 1"));
}

#[tokio::test]
async fn people_are_invited_listed_and_removed() {
    let api = Api::new().await;
    let token = api.token(Role::Admin).await;
    let invite = |name: &str, role: &str| Some(json!({ "name": name, "role": role }));
    let people = "POST /api/v1/people";
    let (status, answer) = api.json(&token, people, invite("ann", "approver")).await;
    assert_eq!((status, &answer["role"]), (201, &json!("approver")));
    let link = answer["link"].as_str().unwrap();
    assert!(link.starts_with("http://localhost:8080/console/set-up#"), "{link}");
    let (_, again) = api.json(&token, people, invite("ann", "analyst")).await;
    assert_ne!(again["link"], link, "the later link counts, and the role is the new one");
    for (name, role) in [("ann", "king"), ("a b", "analyst"), ("", "analyst")] {
        let (status, problem) = api.json(&token, people, invite(name, role)).await;
        assert_eq!(status, 422, "{name} {role}: {problem}");
    }
    let unknown = Some(json!({ "name": "bob", "role": "analyst", "colour": 1 }));
    assert_eq!(api.json(&token, people, unknown).await.0, 422);
    let (_, list) = api.json(&token, "GET /api/v1/people", None).await;
    let ann = &list["items"][0];
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&ann["name"], &ann["role"], &ann["invited"]),
        (&json!("ann"), &json!("analyst"), &json!(true))
    );
    assert_eq!((&ann["passkeys"], &ann["last_used_at"]), (&json!(0), &Value::Null));
    let remove = "DELETE /api/v1/people/ann";
    assert_eq!(api.call(&token, remove, None).await.0, 204);
    assert_eq!(api.call(&token, remove, None).await.0, 404);
    let (_, log) = api.json(&token, "GET /api/v1/audit", None).await;
    let acts: Vec<_> =
        log["items"].as_array().unwrap().iter().map(|line| &line["action"]).collect();
    assert_eq!(acts[..3], ["remove-person", "invite-person", "invite-person"]);
}

#[tokio::test]
async fn a_session_may_ask_the_api_and_changes_nothing_without_its_token() {
    let api = Api::new().await;
    let link = api.casebook.invite(&admin(), "ann", Role::Admin, now()).await.unwrap();
    let passkey = NewPasskey { credential: b"one", cose_key: b"key", sign_count: 0 };
    let session = api.casebook.enrol(&link.secret, passkey, now()).await.unwrap();
    let ask = async |method: &str, csrf: Option<&str>| {
        let mut request = Request::builder()
            .method(method)
            .uri("/api/v1/people")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::COOKIE, format!("belfry_session={}", session.secret));
        if let Some(csrf) = csrf {
            request = request.header("x-belfry-csrf", csrf);
        }
        let body = Body::from(r#"{"name":"bob","role":"reader"}"#);
        api.router.clone().oneshot(request.body(body).unwrap()).await.unwrap().status().as_u16()
    };
    let mut headers = axum::http::HeaderMap::new();
    headers.insert(header::COOKIE, format!("belfry_session={}", session.secret).parse().unwrap());
    let csrf = belfry_web::Session::of(&headers).unwrap().csrf();
    assert_eq!(ask("GET", None).await, 200);
    assert_eq!(ask("POST", None).await, 403);
    assert_eq!(ask("POST", Some("guess")).await, 403);
    assert_eq!(ask("POST", Some(&csrf)).await, 201);
}
