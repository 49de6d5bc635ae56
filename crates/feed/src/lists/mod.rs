//! `/api/v1/lists`: what is blocked, as files that integrators poll. No token is asked for.
//!
//! A file is made once for each state of the journal and kept packed; whoever has it already
//! gets 304. `changes` is the way for those who would take deletions at once. Whoever can should
//! load zones or follow the stream instead: a poll is as late as its pause.

mod content;

use std::collections::HashMap;
use std::io::{Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use belfry_casebook::{Casebook, StoreError};
use belfry_journal::{Action, Audience, Body, Category, Mode, Serial, UnixMillis};
use belfry_web::{Json, Path, Problem, Query};
use data_encoding::HEXLOWER;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use utoipa::{IntoParams, ToSchema};

use self::content::{Deleted, Format, names, text};
use crate::state::FeedState;

/// How long a deletion is told.
const DELETED_MS: u64 = 7 * 86_400_000;
/// Deletions that are told.
const DELETED_MAX: usize = 10_000;
/// Orders that one answer of changes covers; further back, the whole list is to be taken.
const CHANGES_MAX: usize = 10_000;
/// Orders read at once.
const PAGE: u32 = 500;

/// Of which category, all without, and how written.
type Which = (Option<Category>, Format);

/// Files as they were made last, and who makes them: one at a time.
#[derive(Clone, Debug)]
pub(crate) struct Lists {
    made: Arc<Mutex<HashMap<Which, Arc<Made>>>>,
    turn: Arc<Semaphore>,
}

/// One file.
#[derive(Debug)]
struct Made {
    serial: Serial,
    etag: String,
    packed: Bytes,
}

impl Default for Lists {
    fn default() -> Self {
        Self { made: Arc::default(), turn: Arc::new(Semaphore::new(1)) }
    }
}

/// From where.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChangesQuery {
    /// The `Belfry-Serial` of what the reader has.
    since: u64,
}

/// What is to be done to a list of before; doing it twice changes nothing.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangesView {
    /// From this entry.
    from: u64,
    /// To this one.
    to: u64,
    /// Take the whole list instead: the changes are too many, or not of single names.
    whole: bool,
    /// Names that are in the list.
    added: Vec<String>,
    /// Names that are not.
    removed: Vec<String>,
}

/// A list: `all`, `phishing`, `malware`, `fake-shop` or `other-fraud`, as `domains.txt`, `hosts.txt`,
/// `adblock.txt`, `domains.json` or `domains.csv`.
#[utoipa::path(
    get,
    path = "/api/v1/lists/{list}/{file}",
    tag = "lists",
    params(
        ("list" = String, Path, description = "`all` or a category"),
        ("file" = String, Path, description = "The format's file"),
        ("if-none-match" = Option<String>, Header, description = "The ETag of what the reader has")
    ),
    responses((status = 200, content_type = "text/plain", body = String), Problem),
    security(())
)]
pub(crate) async fn list(
    State(state): State<FeedState>,
    Path((list, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let category = category_of(&list)?;
    let format = Format::of(&file).ok_or_else(|| unknown(&file))?;
    let made = state.lists.get(&state.casebook, category, format, state.clock.now()).await?;
    let has = |name: header::HeaderName, word: &str| {
        headers.get(name).and_then(|value| value.to_str().ok()).is_some_and(|value| {
            value.split(',').any(|part| part.trim().split(';').next() == Some(word))
        })
    };
    let mut answer = if has(header::IF_NONE_MATCH, &made.etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else if has(header::ACCEPT_ENCODING, "gzip") {
        ([(header::CONTENT_ENCODING, "gzip")], made.packed.clone()).into_response()
    } else {
        let _turn = state.lists.turn.acquire().await;
        let packed = made.packed.clone();
        let unpacked = tokio::task::spawn_blocking(move || unpack(&packed)).await;
        unpacked.map_err(|error| Problem::internal(&error))??.into_response()
    };
    let more = answer.headers_mut();
    let value = |text: &str| HeaderValue::from_str(text).map_err(|error| Problem::internal(&error));
    more.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    more.insert(header::ETAG, value(&made.etag)?);
    more.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    more.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=30"));
    more.insert("belfry-serial", value(&made.serial.to_string())?);
    Ok(answer)
}

/// What has changed in a list since an entry: names to add and names to take out.
#[utoipa::path(
    get,
    path = "/api/v1/lists/{list}/changes",
    tag = "lists",
    params(("list" = String, Path, description = "`all` or a category"), ChangesQuery),
    responses((status = 200, body = ChangesView), Problem),
    security(())
)]
pub(crate) async fn changes(
    State(state): State<FeedState>,
    Path(list): Path<String>,
    Query(query): Query<ChangesQuery>,
) -> Result<Json<ChangesView>, Problem> {
    let category = category_of(&list)?;
    let (from, to) = (Serial(query.since), state.casebook.head().serial);
    if from > to {
        return Err(StoreError::Ahead { serial: from, head: to }.into());
    }
    let mut view =
        ChangesView { from: from.0, to: to.0, whole: false, added: vec![], removed: vec![] };
    let Some(touched) = touched(&state.casebook, from, to, category).await? else {
        view.whole = true;
        return Ok(Json(view));
    };
    let set = state.casebook.effective();
    // The set may be of a later entry by now: then so is the answer.
    view.to = set.serial().0;
    let (listed, again) = tokio::task::spawn_blocking(move || (names(&set, category), touched))
        .await
        .map_err(|error| Problem::internal(&error))?;
    for name in again {
        let text = name.to_string();
        if listed.contains_key(&name) { view.added.push(text) } else { view.removed.push(text) }
    }
    Ok(Json(view))
}

/// The names that orders were about after `from`; `None` where the list is to be taken whole.
async fn touched(
    casebook: &Casebook,
    from: Serial,
    to: Serial,
    category: Option<Category>,
) -> Result<Option<std::collections::BTreeSet<belfry_indicator::Domain>>, StoreError> {
    let mut touched = std::collections::BTreeSet::new();
    let (mut before, mut orders) = (to.next(), 0);
    loop {
        let page = casebook.record_orders(before, PAGE).await?;
        for record in &page {
            if record.entry.serial <= from {
                return Ok(Some(touched));
            }
            let Ok(Body::Order(order)) = record.entry.decode() else { continue };
            orders += 1;
            let allows = match order.action {
                Action::Allow => true,
                Action::Release { of } => was_allow(casebook, of).await?,
                Action::Block => false,
            };
            if allows || orders > CHANGES_MAX {
                return Ok(None);
            }
            if category.is_none_or(|category| category == order.category)
                && order.mode == Mode::Live
                && order.audience == Audience::Everyone
            {
                touched.insert(order.target.name().clone());
            }
        }
        match page.last() {
            Some(last) => before = last.entry.serial,
            None => return Ok(Some(touched)),
        }
    }
}

async fn was_allow(casebook: &Casebook, of: Serial) -> Result<bool, StoreError> {
    Ok(order_of(casebook, of).await?.is_some_and(|order| matches!(order.action, Action::Allow)))
}

async fn order_of(
    casebook: &Casebook,
    serial: Serial,
) -> Result<Option<belfry_journal::Order>, StoreError> {
    let entries = casebook.entries(Serial(serial.0.saturating_sub(1)), 1).await?;
    Ok(entries.first().and_then(|entry| match entry.decode() {
        Ok(Body::Order(order)) => Some(order),
        _ => None,
    }))
}

impl Lists {
    /// The file as of now: made anew where the journal has gone on.
    async fn get(
        &self,
        casebook: &Casebook,
        category: Option<Category>,
        format: Format,
        now: UnixMillis,
    ) -> Result<Arc<Made>, Problem> {
        let known = || {
            let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
            made.get(&(category, format))
                .filter(|made| made.serial == casebook.head().serial)
                .cloned()
        };
        if let Some(made) = known() {
            return Ok(made);
        }
        let _turn = self.turn.acquire().await;
        // Someone may have made it meanwhile.
        if let Some(made) = known() {
            return Ok(made);
        }
        let deleted = match format {
            Format::Json | Format::Csv => deleted(casebook, category, now).await?,
            Format::Text | Format::Hosts | Format::AdBlock => Vec::new(),
        };
        let set = casebook.effective();
        let make =
            move || make(format, set.serial(), &text(format, &names(&set, category), &deleted));
        let made = tokio::task::spawn_blocking(make).await;
        let made = Arc::new(made.map_err(|error| Problem::internal(&error))??);
        let mut all = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert((category, format), Arc::clone(&made));
        Ok(made)
    }
}

fn make(format: Format, serial: Serial, text: &str) -> Result<Made, Problem> {
    let digest = Sha256::new().chain_update(format.media_type()).chain_update(text).finalize();
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    let packed = packer.write_all(text.as_bytes()).and_then(|()| packer.finish());
    let packed = packed.map_err(|error| Problem::internal(&error))?.into();
    Ok(Made { serial, etag: format!("\"{}\"", HEXLOWER.encode(&digest[..16])), packed })
}

fn unpack(packed: &[u8]) -> Result<Vec<u8>, Problem> {
    let mut plain = Vec::new();
    let read = GzDecoder::new(packed).read_to_end(&mut plain);
    read.map_err(|error| Problem::internal(&error))?;
    Ok(plain)
}

/// What was taken out of late, the last first.
async fn deleted(
    casebook: &Casebook,
    category: Option<Category>,
    now: UnixMillis,
) -> Result<Vec<Deleted>, StoreError> {
    let mut deleted = Vec::new();
    let mut before = Serial(u64::MAX);
    while deleted.len() < DELETED_MAX {
        let page = casebook.record_orders(before, PAGE).await?;
        let Some(last) = page.last() else { break };
        before = last.entry.serial;
        for record in &page {
            let Ok(Body::Order(order)) = record.entry.decode() else { continue };
            if now.0.saturating_sub(order.issued_at.0) > DELETED_MS {
                return Ok(deleted);
            }
            let Action::Release { of } = order.action else { continue };
            let public = order.mode == Mode::Live && order.audience == Audience::Everyone;
            let ours = category.is_none_or(|category| category == order.category);
            let Some(was) = order_of(casebook, of).await? else { continue };
            if public && ours && matches!(was.action, Action::Block) {
                deleted.push(Deleted {
                    serial: of,
                    name: order.target.name().clone(),
                    category: order.category,
                    inserted: was.issued_at,
                    deleted: order.issued_at,
                });
            }
        }
    }
    Ok(deleted)
}

fn category_of(list: &str) -> Result<Option<Category>, Problem> {
    if list == "all" {
        return Ok(None);
    }
    Category::from_name(list).map(Some).ok_or_else(|| unknown(list))
}

fn unknown(name: &str) -> Problem {
    let name: String = name.chars().take(40).collect();
    let words = format!(
        "{name:?} is not here: lists are all, phishing, malware, fake-shop and other-fraud, as \
         domains.txt, hosts.txt, adblock.txt, domains.json and domains.csv"
    );
    Problem::new(StatusCode::NOT_FOUND, "no-list", "there is no such list").detail(words)
}

#[cfg(test)]
mod tests;
