//! A casebook in a folder of its own, a token for each role, and clients that
//! ask without a socket.

use std::collections::HashMap;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, BodyDataStream, to_bytes};
use axum::http::{Request, StatusCode};
use axum::response::Response;
use belfry_casebook::access::{Admin, Analyst, Authority, Principal, Proof, Role};
use belfry_casebook::case::{CaseState, Subject};
use belfry_casebook::report::{Channel, Content, NewReport, ReadingRecord};
use belfry_casebook::verdict::{Asked, Consequence, Decision, Verdict, Withdrawal};
use belfry_casebook::{Casebook, Settings};
use belfry_guard::{Approvals, Lists, Outcome, check};
use belfry_indicator::{Domain, EmbeddedSuffixes, Target};
use belfry_journal::{Action, Audience, Category, Cause, Mode, Order, PublicReason, UnixMillis};
use belfry_web::Clock;
use futures_util::StreamExt;
use serde_json::Value;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::FeedState;
use crate::transfer::{TransferSettings, Transfers};

/// 2026-11-24T09:00:00Z.
pub(crate) const NOW: UnixMillis = UnixMillis(1_795_510_800_000);
const MONTH: Duration = Duration::from_secs(30 * 86_400);
const ROLES: [Role; 6] =
    [Role::Reader, Role::Reporter, Role::Analyst, Role::Approver, Role::Operator, Role::Admin];

pub(crate) struct Bench {
    pub(crate) casebook: Casebook,
    pub(super) state: FeedState,
    router: Router,
    tokens: HashMap<Role, String>,
    lists: Lists,
    folder: tempfile::TempDir,
    _tasks: JoinSet<()>,
}

fn real_now() -> UnixMillis {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    UnixMillis(u64::try_from(since.as_millis()).unwrap())
}

fn local<A: Authority>(role: Role) -> A {
    Principal { name: "local:an".into(), role, proof: Proof::LocalUser }.authorize().unwrap()
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::serving(None).await
    }

    /// With zones served by these settings, and the machine's own clock: TSIG looks at it.
    pub(crate) async fn with_transfers(settings: TransferSettings) -> Self {
        Self::serving(Some(settings)).await
    }

    async fn serving(transfers: Option<TransferSettings>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings { data: folder.path().into() };
        let casebook = Casebook::open(&settings, NOW).await.unwrap();
        let lists = Lists::new([], [], []);
        casebook.set_lists_version(lists.version(), "of a test", UnixMillis(1)).await.unwrap();
        let admin: Admin = local(Role::Admin);
        let mut tokens = HashMap::new();
        for role in ROLES {
            let made = casebook.create_token(&admin, role.name(), role, None, NOW).await.unwrap();
            tokens.insert(role, made.secret);
        }
        let stop = CancellationToken::new();
        let clock = Clock(if transfers.is_some() { real_now } else { || NOW });
        let mut tasks = JoinSet::new();
        let served = match transfers {
            None => None,
            Some(settings) => {
                let served = Transfers::open(casebook.clone(), clock, settings).await.unwrap();
                served.start(None, &mut tasks, &stop).await.unwrap();
                Some(served)
            }
        };
        let state = FeedState::new(casebook.clone(), clock, stop).with_transfers(served);
        let router = crate::routes(state.clone()).split_for_parts().0;
        Self { casebook, state, router, tokens, lists, folder, _tasks: tasks }
    }

    pub(crate) async fn with_heartbeats(count: u64) -> Self {
        let bench = Self::new().await;
        for _ in 0..count {
            bench.casebook.heartbeat(NOW).await.unwrap();
        }
        bench
    }

    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The time by which it runs.
    pub(crate) fn state_clock(&self) -> impl Fn() -> UnixMillis {
        let clock = self.state.clock;
        move || clock.now()
    }

    pub(crate) fn transfers(&self) -> &Transfers {
        self.state.transfers.as_ref().unwrap()
    }

    /// Takes a report about `host` all the way to its block.
    pub(crate) async fn block(&self, host: &str) {
        self.block_as(host, false).await;
    }

    /// Blocks a host, or a name with all below it; answers the case.
    pub(crate) async fn block_as(&self, host: &str, whole: bool) -> u64 {
        let name = Domain::parse(host).unwrap();
        let report = NewReport {
            channel: Channel::Api,
            content: Content::Url,
            bytes: host.as_bytes(),
            reporter: None,
            received_at: NOW,
        };
        let receipt = self.casebook.receive(report).await.unwrap();
        let report = self.casebook.report(&receipt).await.unwrap().unwrap();
        let reading = ReadingRecord { json: "{}".into(), defects: 0, read_at: NOW };
        let subject = Subject::Host { host: name.clone(), registrable: name.clone() };
        let cases = self.casebook.file_reading(report.id, &reading, &[subject]).await.unwrap();
        let target = if whole { Target::Domain(name) } else { Target::Host(name) };
        self.confirm(cases[0], target).await;
        cases[0]
    }

    /// Takes the block of a case back.
    pub(crate) async fn free(&self, case: u64) {
        let state = self.casebook.case(case).await.unwrap().unwrap().case.state;
        let CaseState::Blocked(blocked) = state else { panic!("case {case} is not blocked") };
        let set = self.casebook.effective();
        let held = set.by_serial(blocked.order).unwrap().order.clone();
        drop(set);
        let order = Order {
            action: Action::Release { of: blocked.order },
            cause: Cause::Withdrawal { case },
            reason: PublicReason::Resolved,
            issued_at: NOW,
            ..held
        };
        let cleared = match check(order, &self.lists, &EmbeddedSuffixes, &Approvals::none(), NOW) {
            Outcome::Cleared(cleared) => cleared,
            other => panic!("the guard did not clear a test's release: {other:?}"),
        };
        let by: Analyst = local(Role::Analyst);
        let withdrawal = Withdrawal {
            case,
            version: None,
            reason: "it is clean again",
            mistake: false,
            by: &by,
            at: NOW,
            order: cleared,
        };
        self.casebook.release(withdrawal).await.unwrap();
    }

    async fn confirm(&self, case: u64, target: Target) {
        let order = Order {
            action: Action::Block,
            target,
            category: Category::Phishing,
            mode: Mode::Live,
            issued_at: NOW,
            valid_until: NOW.plus(MONTH),
            audience: Audience::Everyone,
            cause: Cause::Verdict { case },
            reason: PublicReason::Impersonation,
            keeps_mail: false,
        };
        let cleared = match check(order, &self.lists, &EmbeddedSuffixes, &Approvals::none(), NOW) {
            Outcome::Cleared(cleared) => cleared,
            other => panic!("the guard did not clear a test's order: {other:?}"),
        };
        let by: Analyst = local(Role::Analyst);
        let decision = Decision {
            case,
            version: None,
            verdict: Verdict::Phishing,
            reason: "it asks for a card number",
            by: &by,
            at: NOW,
            consequence: Consequence::Block(cleared),
            asked: Asked::default(),
        };
        self.casebook.decide(decision).await.unwrap();
    }

    /// Serves the API on a socket; its URL, and a token of role operator.
    pub(crate) async fn listen(&self, stop: CancellationToken) -> (String, String) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = axum::serve(listener, self.router.clone());
        tokio::spawn(async move { stop.run_until_cancelled(serving.into_future()).await });
        (url, self.tokens[&Role::Operator].clone())
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// A GET whose body is not read yet.
    pub(crate) async fn open(&self, uri: &str, role: Option<Role>, last: Option<&str>) -> Response {
        let mut request = Request::get(uri);
        if let Some(role) = role {
            request = request.header("authorization", format!("Bearer {}", self.tokens[&role]));
        }
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn get(&self, uri: &str, role: Role) -> (StatusCode, Value) {
        json_of(self.open(uri, Some(role), None).await).await
    }

    pub(crate) async fn post(&self, uri: &str, role: Role, body: &Value) -> (StatusCode, Value) {
        let request = Request::post(uri)
            .header("authorization", format!("Bearer {}", self.tokens[&role]))
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        json_of(self.send(request).await).await
    }

    pub(crate) async fn put(&self, uri: &str, body: &Value) -> (StatusCode, Value) {
        let request = Request::put(uri)
            .header("authorization", format!("Bearer {}", self.tokens[&Role::Admin]))
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        json_of(self.send(request).await).await
    }

    pub(super) async fn stream(&self, uri: &str, last: Option<&str>) -> Events {
        let answer = self.open(uri, Some(Role::Operator), last).await;
        assert_eq!(answer.status(), StatusCode::OK, "{uri}");
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Events { body: answer.into_body().into_data_stream(), text: String::new() }
    }
}

pub(crate) async fn json_of(answer: Response) -> (StatusCode, Value) {
    let status = answer.status();
    let bytes = to_bytes(answer.into_body(), 1 << 22).await.unwrap();
    (status, serde_json::from_slice(&bytes).expect("every answer is JSON"))
}

/// A stream as a client reads it.
pub(super) struct Events {
    body: BodyDataStream,
    text: String,
}

/// One event.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) name: String,
    pub(super) id: Option<u64>,
    pub(super) data: Value,
}

impl Events {
    /// The next event; `None` when the stream has ended.
    pub(super) async fn next(&mut self) -> Option<Told> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let told = told(event);
                self.text = rest.to_owned();
                return Some(told);
            }
            let chunk = self.body.next().await?.expect("a stream in memory does not break");
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The serials of the next `count` events, all of which are entries.
    pub(super) async fn serials(&mut self, count: usize) -> Vec<u64> {
        let mut serials = Vec::new();
        while serials.len() < count {
            let told = self.next().await.expect("the stream goes on");
            assert_eq!(told.name, "entry");
            assert_eq!(told.data["serial"], told.id.unwrap());
            serials.extend(told.id);
        }
        serials
    }
}

fn told(event: &str) -> Told {
    let field = |name: &str| {
        event.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).map(String::from)
    };
    Told {
        name: field("event").expect("every event has a name"),
        id: field("id").map(|id| id.parse().unwrap()),
        data: serde_json::from_str(&field("data").expect("every event has data")).unwrap(),
    }
}
