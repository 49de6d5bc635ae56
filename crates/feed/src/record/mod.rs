//! `/api/v1/record`: the journal for anyone, with what proves it. No token is asked for.
//!
//! `sign` makes and checks signed checkpoints, `tree` answers with proofs, `view` says what
//! of an entry is shown. What may be shown at all, `belfry_casebook::record` decides.

pub mod sign;
mod tree;
mod view;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use belfry_casebook::StoreError;
use belfry_casebook::access::Admin;
use belfry_journal::Serial;
use belfry_journal::checkpoint::Checkpoint;
use belfry_journal::merkle::Hash;
use belfry_web::{Authorized, Json, PageLimit, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

pub(crate) use self::tree::Record;
use self::view::{ConsistencyView, ProofView, RecordEntryView, RecordPage, RecordView, hexes};
use crate::state::FeedState;

const PAGE: PageLimit = PageLimit { default: 100, most: 1_000 };
const REASON_CHARS_MAX: usize = 500;

/// Of which size.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SizeQuery {
    /// The tree of so many entries; of all unless given.
    size: Option<u64>,
}

/// From where, and how many.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RecordQuery {
    /// Entries after this serial; from the first unless given.
    after: Option<u64>,
    /// At most this many: 1 to 1,000, 100 unless given.
    limit: Option<u32>,
}

/// From which size to which.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct GrowthQuery {
    /// The size that the reader has a checkpoint of.
    from: u64,
    /// The size to prove it for; all unless given.
    size: Option<u64>,
}

/// Why a name is taken from the record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WithdrawBody {
    /// 1 to 500 characters; it goes into the audit log.
    reason: String,
}

/// The entry that says so.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WithdrawnView {
    serial: u64,
}

/// Which journal it is, the key that its checkpoints are signed by, and the latest of them.
#[utoipa::path(
    get,
    path = "/api/v1/record",
    tag = "record",
    responses((status = 200, body = RecordView), Problem),
    security(())
)]
pub(crate) async fn about(State(state): State<FeedState>) -> Result<Json<RecordView>, Problem> {
    let journal = state.casebook.head().journal;
    let checkpoint = state.checkpoint(None).await?;
    let signer = state.record.signer(&state.casebook)?;
    Ok(Json(RecordView {
        journal: journal.to_string(),
        key: signer.key(journal).to_string(),
        size: checkpoint.size,
        root: checkpoint.root.to_string(),
        checkpoint: signer.note(&checkpoint),
    }))
}

/// A signed checkpoint of the journal's tree, as a C2SP note.
#[utoipa::path(
    get,
    path = "/api/v1/record/checkpoint",
    tag = "record",
    params(SizeQuery),
    responses((status = 200, content_type = "text/plain", body = String), Problem),
    security(())
)]
pub(crate) async fn checkpoint(
    State(state): State<FeedState>,
    Query(query): Query<SizeQuery>,
) -> Result<impl IntoResponse, Problem> {
    let checkpoint = state.checkpoint(query.size).await?;
    let note = state.record.signer(&state.casebook)?.note(&checkpoint);
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], note))
}

/// Entries after a serial, each as far as the public may read it.
#[utoipa::path(
    get,
    path = "/api/v1/record/entries",
    tag = "record",
    params(RecordQuery),
    responses((status = 200, body = RecordPage), Problem),
    security(())
)]
pub(crate) async fn page(
    State(state): State<FeedState>,
    Query(query): Query<RecordQuery>,
) -> Result<Json<RecordPage>, Problem> {
    let limit = PAGE.of(query.limit)?;
    let head = state.casebook.head();
    let entries = state.casebook.record(Serial(query.after.unwrap_or(0)), limit).await?;
    Ok(Json(RecordPage {
        journal: head.journal.to_string(),
        head: head.serial.0,
        items: entries.iter().map(RecordEntryView::new).collect(),
    }))
}

/// One entry with the proof that it is in the tree, and the checkpoint of that tree.
#[utoipa::path(
    get,
    path = "/api/v1/record/entries/{serial}",
    tag = "record",
    params(("serial" = u64, Path, description = "The entry's number"), SizeQuery),
    responses((status = 200, body = ProofView), Problem),
    security(())
)]
pub(crate) async fn entry(
    State(state): State<FeedState>,
    Path(serial): Path<u64>,
    Query(query): Query<SizeQuery>,
) -> Result<Json<ProofView>, Problem> {
    let checkpoint = state.checkpoint(query.size).await?;
    let index = serial.checked_sub(1).filter(|index| *index < checkpoint.size);
    let index = index.ok_or_else(|| no_entry(serial, checkpoint.size))?;
    let path = state
        .record
        .prove(&state.casebook, |tiles, known| tiles.inclusion(index, checkpoint.size, known))
        .await?;
    let entries = state.casebook.record(Serial(index), 1).await?;
    let (Some(entry), Some(path)) = (entries.first(), path) else {
        return Err(no_entry(serial, checkpoint.size));
    };
    Ok(Json(ProofView {
        journal: checkpoint.journal.to_string(),
        entry: RecordEntryView::new(entry),
        tree_size: checkpoint.size,
        root: checkpoint.root.to_string(),
        path: hexes(&path),
        checkpoint: state.record.signer(&state.casebook)?.note(&checkpoint),
    }))
}

/// The proof that a tree of before is the beginning of a later one.
#[utoipa::path(
    get,
    path = "/api/v1/record/consistency",
    tag = "record",
    params(GrowthQuery),
    responses((status = 200, body = ConsistencyView), Problem),
    security(())
)]
pub(crate) async fn consistency(
    State(state): State<FeedState>,
    Query(query): Query<GrowthQuery>,
) -> Result<Json<ConsistencyView>, Problem> {
    let (old, new) = (query.from, state.checkpoint(query.size).await?);
    if old == 0 || old > new.size {
        return Err(no_tree(old, new.size));
    }
    let from = state.checkpoint(Some(old)).await?;
    let path = state
        .record
        .prove(&state.casebook, |tiles, known| tiles.consistency(old, new.size, known))
        .await?;
    Ok(Json(ConsistencyView {
        journal: new.journal.to_string(),
        from: old,
        from_root: from.root.to_string(),
        tree_size: new.size,
        root: new.root.to_string(),
        path: hexes(&path.unwrap_or_default()),
    }))
}

/// Takes what an order says from the record: an act of an administrator, itself an entry.
#[utoipa::path(
    post,
    path = "/api/v1/record/entries/{serial}/withdraw",
    tag = "record",
    params(("serial" = u64, Path, description = "The order's number")),
    request_body = WithdrawBody,
    responses((status = 200, body = WithdrawnView), Problem)
)]
pub(crate) async fn withdraw(
    Authorized(admin): Authorized<Admin>,
    State(state): State<FeedState>,
    Path(serial): Path<u64>,
    Json(body): Json<WithdrawBody>,
) -> Result<Json<WithdrawnView>, Problem> {
    let reason = body.reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
        let detail = format!("give 1 to {REASON_CHARS_MAX} characters");
        return Err(Problem::unprocessable("reason", "a reason is needed", detail));
    }
    let now = state.clock.now();
    let done = state.casebook.withdraw_from_record(&admin, Serial(serial), reason, now).await?;
    Ok(Json(WithdrawnView { serial: done.0 }))
}

impl FeedState {
    /// The tree of the first `size` entries, of all unless given; not signed yet.
    pub(crate) async fn checkpoint(&self, size: Option<u64>) -> Result<Checkpoint, Problem> {
        let head = self.casebook.head();
        let size = size.unwrap_or(head.serial.0);
        let root: Option<Hash> =
            self.record.prove(&self.casebook, |tiles, known| tiles.root(size, known)).await?;
        let root = root.ok_or_else(|| no_tree(size, head.serial.0))?;
        Ok(Checkpoint { journal: head.journal, size, root })
    }
}

fn no_entry(serial: u64, size: u64) -> Problem {
    let words = format!("there is no entry {serial} among the first {size}");
    Problem::new(StatusCode::NOT_FOUND, "no-entry", "there is no such entry").detail(words)
}

fn no_tree(asked: u64, size: u64) -> Problem {
    let words = format!("there is no tree of {asked} entries here: give 1 to {size}");
    Problem::new(StatusCode::NOT_FOUND, "no-tree", "there is no such tree").detail(words)
}

/// What went wrong with a key is for the log.
fn unsigned(error: &StoreError) -> Problem {
    Problem::internal(error)
}

#[cfg(test)]
mod tests;
