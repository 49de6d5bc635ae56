//! `GET /api/v1/journal/snapshot`: what holds at the head, to start from. So many at once
//! and no more: each is as large as all that holds, until it is sent.

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use belfry_casebook::access::Follower;
use belfry_journal::snapshot::{encode, encode_for};
use belfry_web::{Authorized, Problem};
use futures_util::stream::unfold;
use tokio::sync::OwnedSemaphorePermit;

use crate::FeedState;
use crate::audience::Audience;

/// Octets handed to the connection at once.
const PIECE: usize = 64 << 10;

/// The effective set in canonical bytes, checksummed; `Belfry-Serial` names its serial.
#[utoipa::path(
    get,
    path = "/api/v1/journal/snapshot",
    tag = "journal",
    responses(
        (status = 200, content_type = "application/octet-stream", body = Vec<u8>),
        Problem
    )
)]
pub(crate) async fn snapshot(
    Authorized(follower): Authorized<Follower>,
    State(state): State<FeedState>,
) -> Result<Response, Problem> {
    let casebook = &state.casebook;
    let place = state.snapshots.clone().try_acquire_owned().map_err(|_| too_many())?;
    let set = casebook.effective();
    let serial = set.serial();
    let journal = casebook.head().journal;
    let audience = Audience::of(follower.principal());
    let encode_theirs = move || match &audience {
        Audience::All => encode(journal, &set),
        _ => {
            let theirs = |order: &_| audience.may_read_order(order);
            encode_for(journal, &set, theirs, |order| audience.may_read(order))
        }
    };
    let bytes = tokio::task::spawn_blocking(encode_theirs)
        .await
        .map_err(|error| Problem::internal(&error))?;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (HeaderName::from_static("belfry-serial"), serial.to_string()),
    ];
    Ok((headers, sent(bytes, place)).into_response())
}

fn too_many() -> Problem {
    let title = "too many snapshots are being sent";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too-many-snapshots", title)
        .detail("Try again in a few seconds.")
}

/// A body in pieces that holds `place` until the last is taken.
fn sent(bytes: Vec<u8>, place: OwnedSemaphorePermit) -> Body {
    let pieces = unfold((Bytes::from(bytes), place), |(mut rest, place)| async move {
        if rest.is_empty() {
            return None;
        }
        let piece = rest.split_to(rest.len().min(PIECE));
        Some((Ok::<_, Infallible>(piece), (rest, place)))
    });
    Body::from_stream(pieces)
}
