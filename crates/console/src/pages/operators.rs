//! The operators: who is in step and who is not, what their resolvers are seen to do, their
//! keys and configurations. The page asks the API in this process, in the name of the person
//! who is signed in: what a role may do is decided there, once.

use askama::Template;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_TYPE, COOKIE};
use axum::http::{Method, Request, StatusCode};
use axum::response::{Redirect, Response};
use belfry_casebook::access::{Action, Admin, Reader, allows};
use belfry_web::{CSRF_HEADER, Problem, Session, parse_rfc3339};
use serde::Deserialize;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::language::Language;
use crate::pages::act::Act;
use crate::pages::frame::{Frame, Refusal, show};
use crate::pages::person::Person;
use crate::shown;
use crate::state::Site;
use crate::texts::{Moment, Operators};

/// Octets of an answer.
const ANSWER_MAX: usize = 8 << 20;
/// What configurations are made for.
const SOFTWARE: [&str; 4] = ["bind", "unbound", "pdns", "gate"];

/// The API's answer, as far as the page shows it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct List {
    zones: Vec<Zone>,
    items: Vec<Operator>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Zone {
    zone: String,
    serial: u64,
    names: usize,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Operator {
    name: String,
    suspended_at: Option<String>,
    addresses: Vec<String>,
    notify: Vec<String>,
    zones: Vec<String>,
    standings: Vec<Standing>,
    probed: Vec<Probe>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Standing {
    address: String,
    zone: String,
    transferred: Option<u64>,
    acknowledged: Option<u64>,
    asked_at: Option<String>,
    state: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Probe {
    resolver: String,
    state: String,
    findings: Vec<Finding>,
    latency: Option<Latency>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Finding {
    text: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Latency {
    median_ms: u64,
}

/// An operator, as the page shows it.
struct View {
    name: String,
    suspended: Option<Moment>,
    in_step: bool,
    zones: String,
    addresses: String,
    notify: String,
    servers: Vec<Server>,
    probes: Vec<Seen>,
}

/// One server of an operator's that takes zones.
struct Server {
    address: String,
    zone: String,
    has: Option<u64>,
    state: &'static str,
    asked: Option<Moment>,
}

/// One resolver of an operator's that is probed.
struct Seen {
    resolver: String,
    state: &'static str,
    findings: Vec<String>,
    median_ms: Option<u64>,
}

fn state_text(state: &str, o: &'static Operators) -> &'static str {
    match state {
        "in-step" => o.in_step,
        "ahead" => o.ahead,
        "unknown" => o.unknown,
        _ => o.behind,
    }
}

fn moment(text: Option<&String>, language: Language) -> Option<Moment> {
    Some(Moment::of(parse_rfc3339(text?).ok()?, language))
}

impl View {
    fn new(operator: &Operator, language: Language) -> Self {
        let o = Operators::of(language);
        let server = |one: &Standing| Server {
            address: one.address.clone(),
            zone: one.zone.clone(),
            has: one.transferred.max(one.acknowledged),
            state: state_text(&one.state, o),
            asked: moment(one.asked_at.as_ref(), language),
        };
        let seen = |one: &Probe| Seen {
            resolver: one.resolver.clone(),
            state: state_text(&one.state, o),
            findings: one.findings.iter().map(|found| shown::line(&found.text)).collect(),
            median_ms: one.latency.as_ref().map(|latency| latency.median_ms),
        };
        let fine = |state: &str| matches!(state, "in-step" | "unknown");
        Self {
            name: operator.name.clone(),
            suspended: moment(operator.suspended_at.as_ref(), language),
            in_step: operator.standings.iter().all(|one| fine(&one.state))
                && operator.probed.iter().all(|one| fine(&one.state)),
            zones: operator.zones.join(", "),
            addresses: operator.addresses.join(", "),
            notify: operator.notify.join(", "),
            servers: operator.standings.iter().map(server).collect(),
            probes: operator.probed.iter().map(seen).collect(),
        }
    }
}

/// Asks the API as this session does.
async fn ask(
    site: &Site,
    session: &Session,
    (method, path): (Method, &str),
    body: Option<Value>,
) -> Result<Value, Refusal> {
    let absent = || {
        let title = "this hub serves no operators";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "no-operators", title)
    };
    let api = site.api.get().ok_or_else(absent)?.clone();
    let cookie = Session::cookie(session.secret(), false);
    let cookie = cookie.split(';').next().unwrap_or_default();
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(COOKIE, cookie)
        .header(CSRF_HEADER, session.csrf())
        .header(CONTENT_TYPE, "application/json");
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let request = request.body(body).map_err(|error| Problem::internal(&error))?;
    let answer = match api.oneshot(request).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    };
    let status = answer.status();
    let bytes = to_bytes(answer.into_body(), ANSWER_MAX).await;
    let bytes = bytes.map_err(|error| Problem::internal(&error))?;
    let value: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    if status.is_success() {
        return Ok(value);
    }
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    Err(Problem::new(status, "operator", text("title")).detail(text("detail")).into())
}

#[derive(Debug, Deserialize)]
pub(super) struct SaidQuery {
    said: Option<String>,
}

#[derive(Template)]
#[template(path = "operators.html")]
struct OperatorsPage {
    f: Frame,
    o: &'static Operators,
    zones: Vec<Zone>,
    operators: Vec<View>,
    said: Option<&'static str>,
    administers: bool,
    csrf: String,
}

/// All operators, by name.
pub(super) async fn list(
    person: Person,
    State(site): State<Site>,
    Query(query): Query<SaidQuery>,
) -> Result<Response, Refusal> {
    person.authorize::<Reader>()?;
    let value = ask(&site, &person.session, (Method::GET, "/api/v1/operators"), None).await?;
    let list: List = serde_json::from_value(value).map_err(|error| Problem::internal(&error))?;
    let (role, csrf, f) = (person.principal.role, person.session.csrf(), person.frame);
    let o = Operators::of(f.language);
    show(&OperatorsPage {
        o,
        operators: list.items.iter().map(|one| View::new(one, f.language)).collect(),
        zones: list.zones,
        said: query.said.as_deref().and_then(|said| said_text(said, o)),
        administers: allows(role, Action::Administer),
        csrf,
        f,
    })
}

fn said_text(said: &str, o: &'static Operators) -> Option<&'static str> {
    match said {
        "added" => Some(o.said_added),
        "rotate" => Some(o.said_rotated),
        "suspend" => Some(o.said_suspended),
        "resume" => Some(o.said_resumed),
        _ => None,
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct ChangeForm {
    act: String,
    name: String,
    #[serde(default)]
    addresses: String,
    #[serde(default)]
    notify: String,
    #[serde(default)]
    probes: String,
    hours: Option<u64>,
}

impl ChangeForm {
    /// What the API is asked for: its path below the operators', its body, what is said after.
    fn asked(&self) -> (String, Value, &'static str) {
        let words = |text: &str| -> Vec<String> {
            let parts = text.split(|c: char| c.is_whitespace() || c == ',');
            parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
        };
        let name: String =
            url::form_urlencoded::byte_serialize(self.name.trim().as_bytes()).collect();
        match self.act.as_str() {
            "suspend" => (format!("/{name}/suspend"), json!({}), "suspend"),
            "resume" => (format!("/{name}/resume"), json!({}), "resume"),
            "rotate" => (format!("/{name}/rotate"), json!({ "old_hours": self.hours }), "rotate"),
            _ => {
                let body = json!({
                    "name": self.name.trim(),
                    "addresses": words(&self.addresses),
                    "notify": words(&self.notify),
                    "probes": words(&self.probes),
                });
                (String::new(), body, "added")
            }
        }
    }
}

/// Adds one, or does something to one.
pub(super) async fn change(
    State(site): State<Site>,
    act: Act<Admin, ChangeForm>,
) -> Result<Redirect, Refusal> {
    let (below, body, said) = act.form.asked();
    let path = format!("/api/v1/operators{below}");
    ask(&site, &act.person.session, (Method::POST, &path), Some(body)).await?;
    Ok(Redirect::to(&format!("/console/operators?said={said}")))
}

#[derive(Debug, Deserialize)]
pub(super) struct ConfigQuery {
    #[serde(default, rename = "for")]
    software: String,
}

#[derive(Template)]
#[template(path = "operator.html")]
struct ConfigPage {
    f: Frame,
    o: &'static Operators,
    name: String,
    software: String,
    all: [&'static str; 4],
    files: Vec<(String, String)>,
}

/// A whole configuration for the software that an operator runs, with its key.
pub(super) async fn config(
    person: Person,
    State(site): State<Site>,
    Path(name): Path<String>,
    Query(query): Query<ConfigQuery>,
) -> Result<Response, Refusal> {
    person.authorize::<Admin>()?;
    let known = SOFTWARE.into_iter().find(|one| *one == query.software);
    let software = known.unwrap_or(SOFTWARE[0]).to_owned();
    let safe: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let path = format!("/api/v1/operators/{safe}/config?for={software}");
    let value = ask(&site, &person.session, (Method::GET, &path), None).await?;
    let file = |one: &Value| {
        let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
        (text("name"), text("text"))
    };
    let files = value["files"].as_array().map(|files| files.iter().map(file).collect());
    let f = person.frame;
    show(&ConfigPage {
        o: Operators::of(f.language),
        name: shown::line(&name),
        software,
        all: SOFTWARE,
        files: files.unwrap_or_default(),
        f,
    })
}
