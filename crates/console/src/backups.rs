//! `POST /api/v1/backups`, over the hub's own socket only: it names folders of the machine.

use std::path::PathBuf;

use axum::extract::State;
use axum::http::StatusCode;
use belfry_casebook::access::{Admin, Proof};
use belfry_casebook::backup::{BackupKey, BackupOrder};
use belfry_casebook::{Casebook, StoreError};
use belfry_web::{Authorized, Clock, Json, Problem, rfc3339};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const KEEP_MAX: usize = 10_000;

/// Where to, and how sealed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BackupBody {
    /// The backup folder, as an absolute path.
    #[schema(value_type = String)]
    to: PathBuf,
    /// The file with the backup key, as an absolute path.
    #[schema(value_type = String)]
    key_file: PathBuf,
    /// How many books stay, 1 to 10,000.
    keep: usize,
}

/// What a backup did.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BackupView {
    /// The name of its books.
    name: String,
    /// The head of the journal in it.
    serial: u64,
    /// Octets of books and keys.
    bytes: u64,
    /// Objects of evidence that were not in the folder yet.
    objects_new: u64,
    /// Objects removed from the folder, their reports being erased.
    objects_removed: u64,
    /// Objects that could not be read.
    objects_missing: u64,
    /// Older books removed.
    books_removed: u64,
}

/// Backs the hub up while it works on.
#[utoipa::path(
    post,
    path = "/api/v1/backups",
    tag = "backups",
    request_body = BackupBody,
    responses((status = 200, body = BackupView), Problem)
)]
pub(crate) async fn backup(
    Authorized(admin): Authorized<Admin>,
    State(casebook): State<Casebook>,
    State(clock): State<Clock>,
    Json(body): Json<BackupBody>,
) -> Result<Json<BackupView>, Problem> {
    if admin.principal().proof != Proof::LocalUser {
        let title = "a backup is made by a local user";
        return Err(Problem::new(StatusCode::FORBIDDEN, "local-only", title)
            .detail("Use `belfry backup` on the hub's machine: it names folders there."));
    }
    if !(body.to.is_absolute()
        && body.key_file.is_absolute()
        && (1..=KEEP_MAX).contains(&body.keep))
    {
        let detail = "give absolute paths, and keep 1 to 10,000 books";
        return Err(Problem::unprocessable("backup", "the backup can't be made", detail));
    }
    let now = clock.now();
    let name: String = rfc3339(now).chars().filter(|c| !matches!(c, '-' | ':')).collect();
    let key = BackupKey::read(&body.key_file).map_err(told)?;
    let order = BackupOrder { to: &body.to, key, name: &name, keep: body.keep };
    let done = casebook.backup(&admin, order, now).await.map_err(told)?;
    Ok(Json(BackupView {
        serial: done.serial.0,
        bytes: done.bytes,
        objects_new: done.objects_new,
        objects_removed: done.objects_removed,
        objects_missing: done.objects_missing,
        books_removed: done.books_removed,
        name,
    }))
}

/// The local user may know paths, and must, to mend what is wrong with them.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
fn told(error: StoreError) -> Problem {
    tracing::error!(%error, "a backup was not made");
    Problem::unprocessable("backup", "the backup was not made", error.to_string())
}
