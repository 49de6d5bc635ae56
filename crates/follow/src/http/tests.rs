//! `HttpSource` against a real server on a real socket, whose answers the test chooses.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use belfry_journal::UnixMillis;
use data_encoding::{BASE64, HEXLOWER};
use futures_util::StreamExt;
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::WatchStream;

use super::*;
use crate::Effect;
use crate::testing::{JOURNAL, Journal};

/// Serves `router` until the test ends; answers its URL.
async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

fn source(base: &str) -> HttpSource {
    HttpSource::new(base, "belfry_secret".into()).unwrap()
}

/// A hub that streams a journal as it grows.
#[derive(Clone)]
struct Hub {
    journal: watch::Sender<Journal>,
    /// Connections made so far.
    opened: Arc<AtomicU32>,
    /// Changes when all streams are to be cut.
    cut: watch::Sender<u32>,
}

impl Hub {
    fn new(journal: Journal) -> Self {
        let (journal, cut) = (watch::channel(journal).0, watch::channel(0).0);
        Self { journal, opened: Arc::default(), cut }
    }

    async fn serve(&self) -> String {
        let router = Router::new().route("/api/v1/orders/stream", get(stream));
        serve(router.with_state(self.clone())).await
    }
}

async fn stream(State(hub): State<Hub>, headers: HeaderMap) -> impl IntoResponse {
    assert_eq!(headers["authorization"], "Bearer belfry_secret");
    hub.opened.fetch_add(1, Ordering::SeqCst);
    let mut sent = Serial(headers["last-event-id"].to_str().unwrap().parse().unwrap());
    let mut cut = hub.cut.subscribe();
    let events = WatchStream::new(hub.journal.subscribe())
        .map(move |journal| {
            let mut text = format!(
                "event: hello\ndata: {{\"journal\":\"{}\",\"head\":{}}}\n\n",
                HEXLOWER.encode(&JOURNAL.0),
                journal.set().serial()
            );
            for entry in journal.batch(sent, 10_000).entries {
                sent = entry.serial;
                text += &format!(
                    "id: {sent}\nevent: entry\ndata: {{\"serial\":{sent},\"entry\":\"{}\",\
                     \"leaf\":\"{}\"}}\n\n",
                    BASE64.encode(&entry.to_bytes()),
                    HEXLOWER.encode(&entry.leaf_hash().0)
                );
            }
            Ok::<_, std::io::Error>(text)
        })
        .take_until(async move { drop(cut.changed().await) });
    ([("content-type", "text/event-stream; charset=utf-8")], Body::from_stream(events))
}

/// Entries from `source` until the journal's `head`.
async fn follow_to(source: &HttpSource, mut after: Serial, head: Serial) -> Vec<Serial> {
    let mut serials = Vec::new();
    while after < head {
        for entry in source.next(after).await.unwrap().entries {
            after = entry.serial;
            serials.push(after);
        }
    }
    serials
}

#[tokio::test]
async fn one_connection_brings_what_is_there_and_what_comes() {
    let hub = Hub::new(Journal::of_blocks(3));
    let source = source(&hub.serve().await);
    let serials = follow_to(&source, Serial(1), Serial(3)).await;
    assert_eq!(serials, [Serial(2), Serial(3)], "after the cursor, without a gap");
    hub.journal.send_modify(|journal| _ = journal.block("new.example"));
    assert_eq!(follow_to(&source, Serial(3), Serial(4)).await, [Serial(4)]);
    assert_eq!(hub.opened.load(Ordering::SeqCst), 1);
}

/// A hub whose streams lack entry 2 as often as `gaps` says.
async fn with_gaps(gaps: u32) -> (HttpSource, Arc<AtomicU32>) {
    let opened = Arc::new(AtomicU32::new(0));
    let stream = move |State(opened): State<Arc<AtomicU32>>, headers: HeaderMap| async move {
        let number = opened.fetch_add(1, Ordering::SeqCst);
        let mut previous: u64 = headers["last-event-id"].to_str().unwrap().parse().unwrap();
        let mut text = format!(
            "event: hello\ndata: {{\"journal\":\"{}\",\"head\":3}}\n\n",
            HEXLOWER.encode(&JOURNAL.0)
        );
        for entry in Journal::of_blocks(3).batch(Serial(previous), 3).entries {
            if entry.serial == Serial(2) && number < gaps {
                previous = 2;
                continue;
            }
            text += &format!(
                "event: entry\ndata: {{\"serial\":{},\"previous\":{previous},\"entry\":\"{}\",\
                 \"leaf\":\"{}\"}}\n\n",
                entry.serial,
                BASE64.encode(&entry.to_bytes()),
                HEXLOWER.encode(&entry.leaf_hash().0)
            );
            previous = entry.serial.0;
        }
        let silence = futures_util::stream::pending();
        let events = futures_util::stream::iter([Ok::<_, std::io::Error>(text)]).chain(silence);
        ([("content-type", "text/event-stream")], Body::from_stream(events))
    };
    let router = Router::new().route("/api/v1/orders/stream", get(stream));
    (source(&serve(router.with_state(Arc::clone(&opened))).await), opened)
}

#[tokio::test]
async fn what_is_missing_is_asked_for_anew() {
    let (source, opened) = with_gaps(1).await;
    let serials = follow_to(&source, Serial(0), Serial(3)).await;
    assert_eq!(serials, [Serial(1), Serial(2), Serial(3)]);
    assert_eq!(opened.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_gap_that_stays_is_said() {
    let (source, _) = with_gaps(u32::MAX).await;
    let first = source.next(Serial(0)).await;
    let mut after = first.unwrap().entries.last().map_or(Serial(0), |entry| entry.serial);
    let error = loop {
        match source.next(after).await {
            Ok(batch) => after = batch.entries.last().map_or(after, |entry| entry.serial),
            Err(error) => break error,
        }
    };
    let expected = "entry 3 comes after 2, and 1 was read last";
    assert_eq!(error, SourceError::Gap(expected.into()));
}

#[tokio::test]
async fn a_cut_stream_is_resumed_where_it_broke() {
    let hub = Hub::new(Journal::of_blocks(2));
    let source = source(&hub.serve().await);
    follow_to(&source, Serial(0), Serial(2)).await;
    hub.cut.send_modify(|times| *times += 1);
    let error = loop {
        if let Err(error) = source.next(Serial(2)).await {
            break error;
        }
    };
    assert!(matches!(error, SourceError::Unreachable(_)), "{error}");
    hub.journal.send_modify(|journal| _ = journal.block("new.example"));
    assert_eq!(follow_to(&source, Serial(2), Serial(3)).await, [Serial(3)]);
    assert_eq!(hub.opened.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_wait_given_up_loses_nothing() {
    let hub = Hub::new(Journal::of_blocks(1));
    let source = source(&hub.serve().await);
    follow_to(&source, Serial(0), Serial(1)).await;
    let waiting = async { while source.next(Serial(1)).await.unwrap().entries.is_empty() {} };
    assert!(tokio::time::timeout(Duration::from_millis(50), waiting).await.is_err());
    hub.journal.send_modify(|journal| _ = journal.block("new.example"));
    assert_eq!(follow_to(&source, Serial(1), Serial(2)).await, [Serial(2)]);
}

/// A hub whose stream answers `status` with a body of `content_type`.
async fn answering(status: u16, content_type: &'static str, body: &'static str) -> SourceError {
    let status = StatusCode::from_u16(status).unwrap();
    let answer = (status, [("content-type", content_type)], body).into_response();
    let answer = std::sync::Mutex::new(Some(answer));
    let handler = async move || answer.lock().unwrap().take().unwrap();
    let handler = Arc::new(handler);
    let route = get(move || {
        let handler = Arc::clone(&handler);
        async move { handler().await }
    });
    let base = serve(Router::new().route("/api/v1/orders/stream", route)).await;
    source(&base).next(Serial(0)).await.unwrap_err()
}

#[tokio::test]
async fn a_refusal_says_so_with_the_hubs_words() {
    let problem = r#"{"title":"a valid API token is needed","status":401}"#;
    for status in [401, 403] {
        let error = answering(status, "application/problem+json", problem).await;
        let SourceError::Refused(why) = &error else { panic!("{error:?}") };
        assert!(why.contains("a valid API token is needed"), "{why}");
    }
}

#[tokio::test]
async fn a_busy_or_broken_hub_is_unreachable() {
    for status in [429, 500, 502, 503] {
        let error = answering(status, "text/plain", "no").await;
        assert!(matches!(error, SourceError::Unreachable(_)), "{status}: {error:?}");
    }
}

#[tokio::test]
async fn what_is_no_hub_is_malformed() {
    for (status, content_type) in [(404, "text/html"), (200, "text/html"), (302, "text/plain")] {
        let error = answering(status, content_type, "<p>hello").await;
        assert!(matches!(error, SourceError::Malformed(_)), "{status}: {error:?}");
    }
}

#[tokio::test]
async fn nobody_listening_is_unreachable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = source(&base).next(Serial(0)).await.unwrap_err();
    assert!(matches!(error, SourceError::Unreachable(_)), "{error:?}");
}

#[tokio::test]
async fn ahead_of_the_hub_its_head_is_told() {
    let page = format!(r#"{{"journal":"{}","head":4,"items":[]}}"#, HEXLOWER.encode(&JOURNAL.0));
    let router = Router::new()
        .route("/api/v1/orders/stream", get(async || StatusCode::CONFLICT))
        .route("/api/v1/orders", get(async || ([("content-type", "application/json")], page)));
    let batch = source(&serve(router).await).next(Serial(9)).await.unwrap();
    assert_eq!((batch.journal, batch.head, batch.entries.len()), (JOURNAL, Serial(4), 0));
}

async fn snapshot_answer(bytes: Vec<u8>) -> Result<(JournalId, EffectiveSet), SourceError> {
    let handler = async move || ([("content-type", "application/octet-stream")], bytes);
    let router = Router::new().route("/api/v1/journal/snapshot", get(handler));
    source(&serve(router).await).snapshot().await
}

#[tokio::test]
async fn a_snapshot_is_taken_only_whole() {
    let journal = Journal::of_blocks(20);
    let mut bytes = snapshot::encode(JOURNAL, journal.set());
    let taken = snapshot_answer(bytes.clone()).await;
    assert_eq!(taken, Ok((JOURNAL, journal.set().clone())));
    bytes.truncate(bytes.len() / 2);
    let cut = snapshot_answer(bytes).await;
    assert!(matches!(cut, Err(SourceError::Malformed(_))), "{cut:?}");
}

#[tokio::test]
async fn effects_go_up_in_bounded_uploads() {
    let (sender, mut uploads) = mpsc::unbounded_channel();
    let handler = async move |body: Bytes| {
        sender.send(serde_json::from_slice::<serde_json::Value>(&body).unwrap()).unwrap();
        ([("content-type", "application/json")], r#"{"unknown_orders":0}"#)
    };
    let route = post({
        let handler = Arc::new(handler);
        move |body: Bytes| {
            let handler = Arc::clone(&handler);
            async move { handler(body).await }
        }
    });
    let router = Router::new()
        .route("/api/v1/effects", route.layer(axum::extract::DefaultBodyLimit::disable()));
    let effect = Effect {
        order: Serial(7),
        blocked_answers: 3,
        warning_views: 1,
        prevented_visits: 2,
        applied_at: Some(UnixMillis(1_795_510_800_123)),
        first_blocked_at: None,
    };
    let effects = vec![effect; EFFECTS_A_POST + 1];
    let report = EffectsReport { instance: [0xab; 16], serial: Serial(9), effects };
    source(&serve(router).await).report(&report).await.unwrap();
    let first = uploads.recv().await.unwrap();
    assert_eq!(first["effects"].as_array().unwrap().len(), EFFECTS_A_POST);
    let second = uploads.recv().await.unwrap();
    assert_eq!(
        second,
        serde_json::json!({
            "instance": "abababababababababababababababab",
            "serial": 9,
            "effects": [{
                "order": 7, "blocked_answers": 3, "warning_views": 1, "prevented_visits": 2,
                "applied_at": "2026-11-24T09:00:00.123Z", "first_blocked_at": null,
            }],
        })
    );
}

#[test]
fn a_base_that_is_no_url_is_refused() {
    for base in ["", "hub", "ftp://hub.example", "http://hub.example/?x=1"] {
        let refused = HttpSource::new(base, "t".into());
        assert!(matches!(refused, Err(SourceError::Malformed(_))), "{base}");
    }
    assert!(HttpSource::new("http://hub.example", "line\nbreak".into()).is_err());
}

#[test]
fn a_base_may_have_a_path() {
    let source = source("https://hub.example/belfry/");
    assert_eq!(source.url("/api/v1/orders").as_str(), "https://hub.example/belfry/api/v1/orders");
}

#[test]
fn the_token_is_never_shown() {
    assert!(!format!("{:?}", source("http://hub.example")).contains("secret"));
}

#[tokio::test]
async fn a_redirect_does_not_take_the_token_along() {
    let reached = Arc::<AtomicU32>::default();
    let count = Arc::clone(&reached);
    let other = serve(Router::new().fallback(async move || {
        count.fetch_add(1, Ordering::SeqCst);
    }))
    .await;
    let away = axum::response::Redirect::temporary(&other);
    let hub = serve(Router::new().fallback(async move || away.clone())).await;
    assert!(source(&hub).next(Serial(0)).await.is_err());
    assert_eq!(reached.load(Ordering::SeqCst), 0);
}
