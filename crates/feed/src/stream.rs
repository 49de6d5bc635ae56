//! `GET /api/v1/orders/stream`: the journal as it grows, by server-sent events.
//!
//! The first event is `hello` with journal and head; it comes again whenever
//! there was nothing to say for a while. Every other event is one entry, its
//! serial the event's id: a reader that reconnects with `Last-Event-ID` misses
//! nothing and gets nothing twice. A slow reader slows only its own stream.

use std::collections::VecDeque;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, Sse};
use belfry_casebook::access::{Follower, Reader};
use belfry_casebook::{Casebook, StoreError};
use belfry_journal::{Entry, Serial};
use belfry_web::{AuthorizedAny, Problem, Query};
use futures_util::Stream;
use futures_util::stream::unfold;
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio_util::sync::CancellationToken;
use utoipa::IntoParams;

use crate::audience::Audience;
use crate::orders::not_ahead;
use crate::state::FeedState;
use crate::view::{EntryView, HelloView};

/// Entries fetched at once.
const PAGE: u32 = 500;
/// How long there may be nothing to say.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// From where.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct StreamQuery {
    /// Entries after this serial; `Last-Event-ID` wins over it.
    after: Option<u64>,
}

/// The journal from any serial on, as server-sent events.
#[utoipa::path(
    get,
    path = "/api/v1/orders/stream",
    tag = "journal",
    params(
        StreamQuery,
        ("last-event-id" = Option<u64>, Header, description = "The last serial that was read")
    ),
    responses((status = 200, content_type = "text/event-stream", body = String), Problem)
)]
pub(crate) async fn stream(
    bearer: AuthorizedAny<Follower, Reader>,
    State(state): State<FeedState>,
    Query(query): Query<StreamQuery>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, StoreError>>>, Problem> {
    let after = last_event_id(&headers)?.or(query.after).unwrap_or(0);
    not_ahead(&state.casebook, &bearer, Serial(after), state.clock.now()).await?;
    let place = state.streams.try_acquire_owned().map_err(|_| too_many())?;
    let tail = Tail {
        head: state.casebook.watch_head(),
        casebook: state.casebook,
        audience: Audience::of_bearer(&bearer),
        after: Serial(after),
        ready: VecDeque::new(),
        greeted: false,
        stop: state.stop,
        _place: place,
    };
    Ok(Sse::new(unfold(tail, |mut tail| async {
        let event = tail.next().await?;
        Some((event, tail))
    })))
}

/// Why a stream is not opened, nor a page waited for.
pub(crate) fn too_many() -> Problem {
    let title = "too many streams are open";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too-many-streams", title)
        .detail("Try again later, or read pages of /api/v1/orders without wait_seconds.")
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    let serial = value.to_str().ok().and_then(|text| text.parse().ok());
    serial.map(Some).ok_or_else(|| {
        Problem::new(StatusCode::BAD_REQUEST, "last-event-id", "Last-Event-ID is no serial")
    })
}

/// One reader's place in the journal.
struct Tail {
    casebook: Casebook,
    head: watch::Receiver<Serial>,
    audience: Audience,
    after: Serial,
    ready: VecDeque<Entry>,
    greeted: bool,
    stop: CancellationToken,
    _place: OwnedSemaphorePermit,
}

impl Tail {
    /// The next event; `None` at shutdown.
    async fn next(&mut self) -> Option<Result<Event, StoreError>> {
        // Also while pages are ready: a reader with a backlog must not hold the shutdown up.
        if self.stop.is_cancelled() {
            return None;
        }
        if !self.greeted {
            self.greeted = true;
            return Some(Ok(self.hello()));
        }
        if self.ready.is_empty()
            && let Err(error) = self.fetch().await?
        {
            tracing::error!(%error, "a stream ends: its entries can't be read");
            return Some(Err(error));
        }
        let Some(entry) = self.ready.pop_front() else { return Some(Ok(self.hello())) };
        let previous = std::mem::replace(&mut self.after, entry.serial);
        Some(event(&self.audience.view(entry), previous))
    }

    /// Waits for entries and fetches a page; an empty one when there was nothing for a while.
    async fn fetch(&mut self) -> Option<Result<(), StoreError>> {
        let after = self.after;
        let news = tokio::time::timeout(KEEP_ALIVE, self.head.wait_for(|head| *head > after));
        tokio::select! {
            biased;
            () = self.stop.cancelled() => return None,
            news = news => match news {
                Ok(Ok(_)) => {}
                // The casebook is gone: nothing can come any more.
                Ok(Err(_)) => return None,
                Err(_) => return Some(Ok(())),
            },
        }
        Some(self.casebook.entries(after, PAGE).await.map(|page| self.ready.extend(page)))
    }

    fn hello(&self) -> Event {
        let view = HelloView::new(self.casebook.head());
        let data = serde_json::to_string(&view).expect("a string and a number are JSON");
        Event::default().event("hello").data(data)
    }
}

fn event(entry: &Entry, previous: Serial) -> Result<Event, StoreError> {
    let view = EntryView::new(entry, previous)?;
    let data = serde_json::to_string(&view).expect("strings and numbers are JSON");
    Ok(Event::default().id(entry.serial.to_string()).event("entry").data(data))
}
