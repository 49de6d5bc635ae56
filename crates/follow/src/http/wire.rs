//! The JSON that the hub speaks with followers, read leniently (a newer hub may
//! say more) and believed only as far as it can be checked.

use std::borrow::Cow;

use belfry_journal::{Entry, JournalId, Serial, UnixMillis};
use data_encoding::{BASE64, HEXLOWER};
use reqwest::Response;
use serde::{Deserialize, Serialize};

use crate::{Effect, EffectsReport, SourceError};

/// How much of an error answer is read.
const LARGEST_PROBLEM: usize = 16 * 1024;

/// The first event of a stream, and its keep-alive.
#[derive(Debug, Deserialize)]
pub(super) struct HelloJson {
    journal: String,
    head: u64,
}

/// A page of the journal; only its head matters here.
pub(super) type PageJson = HelloJson;

impl HelloJson {
    pub(super) fn journal(&self) -> Result<JournalId, SourceError> {
        HEXLOWER
            .decode(self.journal.as_bytes())
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .map(JournalId)
            .ok_or_else(|| SourceError::Malformed("the journal's id is not 32 hex digits".into()))
    }

    pub(super) fn head(&self) -> Serial {
        Serial(self.head)
    }
}

/// One entry. Of all that the hub tells about it, only its bytes are believed.
#[derive(Debug, Deserialize)]
pub(super) struct EntryJson<'a> {
    serial: u64,
    /// The entry that the hub sent before; an older hub does not say.
    previous: Option<u64>,
    #[serde(borrow)]
    entry: Cow<'a, str>,
    #[serde(borrow)]
    leaf: Cow<'a, str>,
}

impl EntryJson<'_> {
    /// What is missing between the entry read last and this one, in words.
    pub(super) fn gap(&self, last: Serial) -> Option<String> {
        let previous = self.previous.filter(|previous| *previous != last.0)?;
        let serial = self.serial;
        Some(format!("entry {serial} comes after {previous}, and {last} was read last"))
    }

    /// The entry, if its bytes are canonical and agree with what is said of them.
    pub(super) fn entry(&self) -> Result<Entry, SourceError> {
        let malformed =
            |why: String| SourceError::Malformed(format!("entry {}: {why}", self.serial));
        let bytes =
            BASE64.decode(self.entry.as_bytes()).map_err(|error| malformed(error.to_string()))?;
        let entry = Entry::from_bytes(&bytes).map_err(|error| malformed(error.to_string()))?;
        if entry.serial.0 != self.serial {
            return Err(malformed(format!("its bytes are those of entry {}", entry.serial)));
        }
        if HEXLOWER.encode(&entry.leaf_hash().0) != self.leaf {
            return Err(malformed("its leaf hash is not that of its bytes".into()));
        }
        Ok(entry)
    }
}

/// An upload of effects.
#[derive(Debug, Serialize)]
pub(super) struct EffectsJson {
    instance: String,
    serial: u64,
    effects: Vec<EffectJson>,
}

#[derive(Debug, Serialize)]
struct EffectJson {
    order: u64,
    blocked_answers: u64,
    warning_views: u64,
    prevented_visits: u64,
    applied_at: Option<String>,
    first_blocked_at: Option<String>,
}

impl EffectsJson {
    pub(super) fn new(report: &EffectsReport, effects: &[Effect]) -> Result<Self, SourceError> {
        Ok(Self {
            instance: HEXLOWER.encode(&report.instance),
            serial: report.serial.0,
            effects: effects.iter().map(EffectJson::new).collect::<Result<_, _>>()?,
        })
    }
}

impl EffectJson {
    fn new(effect: &Effect) -> Result<Self, SourceError> {
        Ok(Self {
            order: effect.order.0,
            blocked_answers: effect.blocked_answers,
            warning_views: effect.warning_views,
            prevented_visits: effect.prevented_visits,
            applied_at: effect.applied_at.map(rfc3339).transpose()?,
            first_blocked_at: effect.first_blocked_at.map(rfc3339).transpose()?,
        })
    }
}

/// UTC with milliseconds, as everywhere on the API.
fn rfc3339(time: UnixMillis) -> Result<String, SourceError> {
    i64::try_from(time.0)
        .ok()
        .and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok())
        .map(|timestamp| format!("{timestamp:.3}"))
        .ok_or_else(|| SourceError::Malformed(format!("{} ms is no time", time.0)))
}

/// Reads JSON that the hub sent.
pub(super) fn json<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, SourceError> {
    serde_json::from_slice(bytes).map_err(|error| SourceError::Malformed(error.to_string()))
}

/// Writes JSON for the hub.
pub(super) fn to_json(value: &impl Serialize) -> Result<Vec<u8>, SourceError> {
    serde_json::to_vec(value).map_err(|error| SourceError::Malformed(error.to_string()))
}

/// The title of a problem document, for people: `: TITLE`, or nothing.
pub(super) async fn problem_title(answer: Response) -> String {
    #[derive(Deserialize)]
    struct Problem {
        title: String,
    }
    let bytes = super::body(answer, LARGEST_PROBLEM).await.unwrap_or_default();
    match json::<Problem>(&bytes) {
        Ok(problem) => {
            let title: String =
                problem.title.chars().filter(|c| !c.is_control()).take(200).collect();
            format!(": {title}")
        }
        Err(_) => String::new(),
    }
}
