//! The pages over a real casebook: how people come in, what strangers meet, and that
//! no form is taken without its token.

mod approvals;
mod campaigns;
mod case_page;
mod citizens;
mod console;
mod heard;
mod operators;
mod rules;
mod seen;
mod warnings;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use belfry_casebook::access::{Admin, Principal, Proof, Role};
use belfry_casebook::assessment::{Said, Standing, Weigh, Weighed};
use belfry_casebook::campaign::{Mark, Marked};
use belfry_casebook::case::Subject;
use belfry_casebook::report::{Channel, Content, NewReport, ReadingRecord};
use belfry_casebook::{Casebook, Settings};
use belfry_desk::reader::{ReaderPool, ReaderSettings};
use belfry_desk::{Desk, DeskSettings};
use belfry_guard::Lists;
use belfry_indicator::Domain;
use belfry_journal::UnixMillis;
use belfry_web::Clock;
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::passkey::tests::Key;
use crate::{ConsoleState, Site, pages};

pub(super) const ORIGIN: &str = "http://localhost:8080";

pub(super) fn now() -> UnixMillis {
    UnixMillis(1_795_510_800_000)
}

pub(super) fn admin() -> Admin {
    let name = "local:test".into();
    Principal { name, role: Role::Admin, proof: Proof::LocalUser }.authorize().unwrap()
}

/// An answer of a page.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Answer {
    fn cookie(&self) -> String {
        let cookie = self.headers[header::SET_COOKIE].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    /// The form token in the page.
    pub(super) fn csrf(&self) -> String {
        let (_, rest) = self.body.split_once("name=\"csrf\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    }
}

/// The pages of a casebook of their own.
pub(super) struct Pages {
    pub(super) router: Router,
    pub(super) casebook: Casebook,
    pub(super) desk: Desk,
    pub(super) site: Site,
    _folder: TempDir,
}

impl Pages {
    pub(super) async fn new() -> Self {
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
        let desk = Desk::open(casebook.clone(), lists, readers, DeskSettings::default(), now);
        let site = Site::new(ORIGIN).unwrap().by("CSIRT Test", "Card Stop", "+32 78 170 170");
        let desk = desk.await.unwrap();
        let state = ConsoleState { desk: desk.clone(), clock: Clock(now), site: site.clone() };
        Self { router: pages(state), casebook, desk, site, _folder: folder }
    }

    /// A case about `host` with this reading; answers its report's receipt.
    pub(super) async fn case(&self, host: &str, reading: &Value) -> String {
        let report = NewReport {
            channel: Channel::Api,
            content: Content::Url,
            bytes: host.as_bytes(),
            reporter: None,
            received_at: now(),
        };
        let receipt = self.casebook.receive(report).await.unwrap();
        let report = self.casebook.report(&receipt).await.unwrap().unwrap();
        let json = reading.to_string();
        let reading = ReadingRecord { json, defects: 0, read_at: now() };
        let name = Domain::parse(host).unwrap();
        let subject = Subject::Host { host: name.clone(), registrable: name };
        self.casebook.file_reading(report.id, &reading, &[subject]).await.unwrap();
        receipt.to_string()
    }

    /// A case about `host` of `registrable`, tied to all others that share `account`.
    pub(super) async fn tied(&self, host: &str, registrable: &str, account: u64) -> u64 {
        let report = NewReport {
            channel: Channel::Api,
            content: Content::Url,
            bytes: host.as_bytes(),
            reporter: None,
            received_at: now(),
        };
        let receipt = self.casebook.receive(report).await.unwrap();
        let report = self.casebook.report(&receipt).await.unwrap().unwrap();
        let reading = ReadingRecord { json: "{}".into(), defects: 0, read_at: now() };
        let name = |text| Domain::parse(text).unwrap();
        let subjects = [Subject::Host { host: name(host), registrable: name(registrable) }];
        let (kind, shown) = ("account".into(), "both ask for the account BE71 0000".into());
        let marked = Marked {
            marks: vec![Mark { kind, value: account, shown, weight: 1.0 }],
            sketch: Vec::new(),
            brand: Some("belfius".into()),
            channel: "sms".into(),
            month: "2026-11".into(),
        };
        let said = [Said { strength: 0.0, evidence: String::new(), marked }];
        let filed = self.casebook.file_weighed(report.id, &reading, &subjects, &said, &NoScales);
        filed.await.unwrap()[0]
    }

    /// Someone of this role, signed in: the cookie.
    pub(super) async fn person(&self, name: &str, role: Role) -> String {
        self.person_since(name, role, now()).await
    }

    /// The same, whose passkey was last touched then.
    pub(super) async fn person_since(&self, name: &str, role: Role, then: UnixMillis) -> String {
        let link = self.casebook.invite(&admin(), name, role, then).await.unwrap();
        let passkey = belfry_casebook::access::NewPasskey {
            credential: name.as_bytes(),
            cose_key: b"key",
            sign_count: 0,
        };
        let session = self.casebook.enrol(&link.secret, passkey, then).await.unwrap();
        format!("belfry_session={}", session.secret)
    }

    pub(super) async fn get(&self, path: &str, cookie: &str) -> Answer {
        let request = Request::get(path).header(header::COOKIE, cookie);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(super) async fn post(&self, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
        let form =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(form)).unwrap()).await
    }

    async fn json(&self, path: &str, body: Value) -> (Answer, Value) {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        let answer = self.send(request.body(Body::from(body.to_string())).unwrap()).await;
        let json = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
        (answer, json)
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        let bytes = to_bytes(answer.into_body(), 4 << 20).await.unwrap();
        Answer { status, headers, body: String::from_utf8_lossy(&bytes).into_owned() }
    }
}

/// Weighs nothing.
struct NoScales;

impl Weigh for NoScales {
    fn models(&self) -> &'static str {
        "none"
    }
    fn lists(&self) -> &'static str {
        "none"
    }
    fn weigh(&self, _: &Standing<'_>) -> Option<Weighed> {
        None
    }
}

fn challenge_of(json: &Value) -> [u8; 32] {
    let text = json["challenge"].as_str().unwrap();
    BASE64URL_NOPAD.decode(text.as_bytes()).unwrap().try_into().unwrap()
}

fn pack(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

#[tokio::test]
async fn a_link_makes_a_passkey_and_the_passkey_signs_in() {
    let pages = Pages::new().await;
    let link = pages.casebook.invite(&admin(), "ann", Role::Analyst, now()).await.unwrap();
    let secret = json!({ "secret": link.secret });
    let (_, asked) = pages.json("/console/set-up/challenge", secret.clone()).await;
    assert_eq!((&asked["rpId"], &asked["name"]), (&json!("localhost"), &json!("ann")));
    let key = Key::p256();
    let (client, attestation) = key.make(ORIGIN, &challenge_of(&asked));
    let made = json!({ "secret": link.secret, "clientData": pack(&client),
        "attestation": pack(&attestation) });
    let (answer, _) = pages.json("/console/set-up", made.clone()).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    let first = answer.cookie();
    assert_eq!(pages.json("/console/set-up", made).await.0.status, 401, "the link is used");
    assert_eq!(pages.json("/console/set-up/challenge", secret).await.0.status, 401);

    let (_, asked) = pages.json("/console/sign-in/challenge", json!({})).await;
    let [client, data, signature] = key.assert(ORIGIN, &challenge_of(&asked), 1);
    let signed = json!({ "credential": pack(b"cred"), "clientData": pack(&client),
        "authenticatorData": pack(&data), "signature": pack(&signature) });
    let (answer, _) = pages.json("/console/sign-in", signed.clone()).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    assert_ne!(answer.cookie(), first);
    assert_eq!(pages.json("/console/sign-in", signed).await.0.status, 401, "a replay");
}

#[tokio::test]
async fn a_challenge_of_nobody_is_no_way_in() {
    let pages = Pages::new().await;
    let link = pages.casebook.invite(&admin(), "ann", Role::Analyst, now()).await.unwrap();
    let (client, attestation) = Key::p256().make(ORIGIN, &[7; 32]);
    let made = json!({ "secret": link.secret, "clientData": pack(&client),
        "attestation": pack(&attestation) });
    let (answer, problem) = pages.json("/console/set-up", made).await;
    assert_eq!(
        (answer.status.as_u16(), &problem["type"]),
        (401, &json!("urn:belfry:problem:passkey"))
    );
}

#[tokio::test]
async fn every_page_is_protected_and_speaks_four_languages() {
    let pages = Pages::new().await;
    for (tag, word) in
        [("nl", "Aanmelden"), ("fr", "connecter"), ("de", "Anmelden"), ("en", "Sign in")]
    {
        let answer = pages.get(&format!("/console/sign-in?lang={tag}"), "").await;
        assert!(answer.body.contains(&format!("<html lang=\"{tag}\">")), "{tag}");
        assert!(answer.body.contains(word), "{tag}");
        let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert_eq!(answer.headers[header::X_FRAME_OPTIONS], "DENY");
    }
}

#[tokio::test]
async fn assets_are_served_from_the_binary() {
    let pages = Pages::new().await;
    let css = pages.get("/assets/old/belfry.css", "").await;
    assert_eq!(css.headers[header::CONTENT_TYPE], "text/css; charset=utf-8");
    assert_eq!(css.headers[header::CACHE_CONTROL], "no-cache");
    assert_eq!(pages.get("/assets/old/none.css", "").await.status, 404);
}
