//! One open event stream: events in, batches out. An event is bounded before
//! it is parsed, and an entry is handed on only if its bytes, its serial and
//! its leaf hash agree.

use std::time::Duration;

use belfry_journal::{Entry, JournalId, Serial};
use eventsource_stream::{Event, EventStream, EventStreamError};
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, Stream, StreamExt};
use reqwest::Response;
use tokio::time::{Instant, timeout_at};

use super::wire::{self, EntryJson, HelloJson};
use super::{SILENCE, chain};
use crate::{Batch, SourceError};

/// An event longer than this is refused. An entry of 64 KiB, in base64 with
/// its description, fits with room to spare.
const LARGEST_EVENT: usize = 128 * 1024;
/// Entries in one batch.
const MOST_ENTRIES: usize = 1_000;
/// Bytes of bodies after which a batch is handed on.
const MOST_BYTES: usize = 4 << 20;

type Events = BoxStream<'static, Result<Event, EventStreamError<SourceError>>>;

/// A stream that is open.
pub(super) struct EntryStream {
    events: Events,
    /// The last entry handed on.
    position: Serial,
    /// The last entry read.
    last: Serial,
    /// Whether any was.
    began: bool,
    /// Whether entries are missing after the last one read: this stream is of no more use.
    broken: bool,
    /// What the hub said last of its journal.
    hello: Option<(JournalId, Serial)>,
    /// When it counts as dead.
    deadline: Instant,
    silence: Duration,
}

impl std::fmt::Debug for EntryStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EntryStream")
            .field("position", &self.position)
            .field("hello", &self.hello)
            .finish_non_exhaustive()
    }
}

/// What one event says.
enum Told {
    Hello(JournalId, Serial),
    Entry(Entry),
    Gap(String),
    Nothing,
}

impl EntryStream {
    /// The events of `answer`, which start after `position`.
    pub(super) fn new(answer: Response, position: Serial) -> Self {
        let bytes = answer.bytes_stream().map(|chunk| {
            chunk.map_err(|error| SourceError::Unreachable(chain(&error.without_url())))
        });
        Self::of(bytes, position, SILENCE)
    }

    fn of<B: AsRef<[u8]> + 'static>(
        bytes: impl Stream<Item = Result<B, SourceError>> + Send + 'static,
        position: Serial,
        silence: Duration,
    ) -> Self {
        let events = EventStream::new(bounded(bytes)).boxed();
        let (last, began, broken) = (position, false, false);
        let deadline = Instant::now() + silence;
        Self { events, position, last, began, broken, hello: None, deadline, silence }
    }

    /// The last entry handed on.
    pub(super) fn position(&self) -> Serial {
        self.position
    }

    /// Whether the next entries must be asked for anew.
    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Whether it brought an entry: else a gap is the hub's, and not this connection's.
    pub(super) fn has_begun(&self) -> bool {
        self.began
    }

    /// Waits for one event, then takes along what is there already.
    pub(super) async fn next(&mut self) -> Result<Batch, SourceError> {
        let mut entries = Vec::new();
        let mut bytes = 0;
        loop {
            match self.wait_one().await? {
                Told::Hello(journal, head) => self.hello = Some((journal, head)),
                Told::Entry(entry) => take(entry, &mut entries, &mut bytes),
                Told::Gap(why) => return Err(SourceError::Gap(why)),
                Told::Nothing => continue,
            }
            break;
        }
        while entries.len() < MOST_ENTRIES && bytes < MOST_BYTES {
            match self.one_more()? {
                Some(Told::Hello(journal, head)) => self.hello = Some((journal, head)),
                Some(Told::Entry(entry)) => take(entry, &mut entries, &mut bytes),
                Some(Told::Nothing) => {}
                // What came before it is good.
                Some(Told::Gap(_)) if !entries.is_empty() => {
                    self.broken = true;
                    break;
                }
                Some(Told::Gap(why)) => return Err(SourceError::Gap(why)),
                None => break,
            }
        }
        self.batch(entries)
    }

    fn batch(&mut self, entries: Vec<Entry>) -> Result<Batch, SourceError> {
        let Some((journal, head)) = self.hello else {
            return Err(SourceError::Malformed("an entry came before the hello event".into()));
        };
        if let Some(last) = entries.last() {
            self.position = last.serial;
        }
        // An entry is a sign of the head too: it was committed.
        Ok(Batch { journal, head: head.max(self.position_if_any(&entries)), entries })
    }

    fn position_if_any(&self, entries: &[Entry]) -> Serial {
        entries.last().map_or(Serial(0), |entry| entry.serial)
    }

    async fn wait_one(&mut self) -> Result<Told, SourceError> {
        let event = timeout_at(self.deadline, self.events.next()).await.map_err(|_| {
            SourceError::Unreachable(format!("silent for {} s", self.silence.as_secs()))
        })?;
        self.told(event)
    }

    /// The next event if it is there already.
    fn one_more(&mut self) -> Result<Option<Told>, SourceError> {
        match self.events.next().now_or_never() {
            Some(event) => self.told(event).map(Some),
            None => Ok(None),
        }
    }

    fn told(
        &mut self,
        event: Option<Result<Event, EventStreamError<SourceError>>>,
    ) -> Result<Told, SourceError> {
        let event = match event {
            None => return Err(SourceError::Unreachable("the hub closed the stream".into())),
            Some(Err(EventStreamError::Transport(error))) => return Err(error),
            Some(Err(error)) => {
                return Err(SourceError::Malformed(format!("the event stream: {error}")));
            }
            Some(Ok(event)) => event,
        };
        self.deadline = Instant::now() + self.silence;
        match event.event.as_str() {
            "hello" => {
                let hello: HelloJson = wire::json(event.data.as_bytes())?;
                Ok(Told::Hello(hello.journal()?, hello.head()))
            }
            "entry" => {
                let entry: EntryJson<'_> = wire::json(event.data.as_bytes())?;
                if let Some(why) = entry.gap(self.last) {
                    return Ok(Told::Gap(why));
                }
                let entry = entry.entry()?;
                (self.last, self.began) = (entry.serial, true);
                Ok(Told::Entry(entry))
            }
            _ => Ok(Told::Nothing), // a newer hub may tell more
        }
    }
}

fn take(entry: Entry, entries: &mut Vec<Entry>, bytes: &mut usize) {
    *bytes += entry.body.len();
    entries.push(entry);
}

/// Passes bytes on until an event (what lies between two empty lines) gets too long.
fn bounded<B: AsRef<[u8]>>(
    bytes: impl Stream<Item = Result<B, SourceError>> + Send,
) -> impl Stream<Item = Result<B, SourceError>> + Send {
    let mut length = 0;
    let mut line_is_empty = true;
    bytes.map(move |chunk| {
        let chunk = chunk?;
        for byte in chunk.as_ref() {
            length += 1;
            match byte {
                b'\n' if line_is_empty => length = 0,
                b'\n' => line_is_empty = true,
                b'\r' => {}
                _ => line_is_empty = false,
            }
            if length > LARGEST_EVENT {
                return Err(SourceError::Malformed(format!(
                    "an event is longer than {LARGEST_EVENT} bytes"
                )));
            }
        }
        Ok(chunk)
    })
}

#[cfg(test)]
mod tests;
