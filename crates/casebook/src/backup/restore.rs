//! Coming back from a backup, into a new data folder.
//!
//! Three things make it more than a copy: what was erased since is erased again; tokens
//! revoked since stay revoked; and the journal is filled up past every serial that a
//! follower may have seen, before anything new is numbered.

use std::fs;
use std::path::{Path, PathBuf};

use belfry_journal::{Serial, UnixMillis};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{ConnectOptions, Connection, Row, SqliteConnection};

use super::make::{objects, write_durably};
use super::sealed_file::unseal_file;
use super::{BackupKey, KEYS, books, check_name, failed, make_folder, names_in, object_in};
use crate::access::Admin;
use crate::audit::Act;
use crate::column::{Columns, millis};
use crate::evidence::Depot;
use crate::report::{Erased, Erasure, ReportId};
use crate::sql::{journal, sqlite as sql};
use crate::{Casebook, Settings, StoreError};

/// Reports erased in one transaction.
const BATCH: usize = 100;
/// How far back the journal's growth is looked at: a week.
const GROWTH_MS: u64 = 7 * 86_400_000;
/// Most voids for a growth that is only guessed.
const GUESSED_MAX: u64 = 1_000_000;
/// What a guess is at least.
const GUESSED_MIN: u64 = 1_000;

/// What is to be restored where.
#[derive(Debug)]
pub struct RestoreOrder<'a> {
    /// The backup folder.
    pub from: &'a Path,
    /// What opens it.
    pub key: BackupKey,
    /// Which books; the newest unless given.
    pub name: Option<&'a str>,
    /// The data folder, without a database yet.
    pub data: &'a Path,
    /// The furthest serial that any follower is known to have.
    pub passed: Option<Serial>,
}

/// What a restore did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Which books.
    pub name: String,
    /// The last entry in them.
    pub kept: Serial,
    /// The void entries after it.
    pub voids: u64,
    /// Whether their number is a guess by the journal's growth, since nobody knew.
    pub guessed: bool,
    /// The entry that declares the restore.
    pub serial: Serial,
    /// What was erased after the backup, and is again.
    pub erased: Erased,
    /// Objects put back.
    pub objects: u64,
    /// Objects that the backup should have and has not.
    pub objects_missing: u64,
}

/// Restores a data folder. Stopped halfway, the folder is emptied and it is called again.
///
/// # Errors
/// [`StoreError`]: the backup can't be opened or does not fit together, or the data folder
/// has a database already.
pub async fn restore(
    by: &Admin,
    order: RestoreOrder<'_>,
    now: UnixMillis,
) -> Result<Restored, StoreError> {
    let name = choose(order.from, order.name)?;
    let database = order.data.join("casebook.sqlite");
    if database.exists() {
        let why = "it has a database already: move the folder away first, with the hub stopped";
        return Err(StoreError::Backup { path: order.data.into(), why });
    }
    make_folder(order.data)?;
    let secrets = order.data.join("restore.keys");
    unseal_file(&order.key, "keys", &order.from.join(KEYS), &secrets)?;
    unseal_file(&order.key, &name, &books(order.from, &name), &database)?;
    let put = put_back(&order, &database, &secrets).await;
    let removed = fs::remove_file(&secrets).map_err(|source| failed(&secrets, source));
    let (objects, objects_missing) = put?;
    removed?;
    let casebook = Casebook::open(&Settings { data: order.data.to_owned() }, now).await?;
    let done = finish(&casebook, by, &order, now).await;
    casebook.close().await;
    let (kept, voids, serial, guessed, erased) = done?;
    Ok(Restored { name, kept, voids, guessed, serial, erased, objects, objects_missing })
}

fn choose(folder: &Path, name: Option<&str>) -> Result<String, StoreError> {
    let names = names_in(folder)?;
    let Some(name) = name else {
        let none = || StoreError::Backup { path: folder.into(), why: "it holds no books" };
        return names.last().cloned().ok_or_else(none);
    };
    check_name(name)?;
    if names.iter().any(|known| known == name) {
        return Ok(name.to_owned());
    }
    let id = format!("{name}; there are: {}", names.join(", "));
    Err(StoreError::Missing { what: "backup", id })
}

/// Puts keys, texts, revocations and evidence back; answers how many objects were put back
/// and how many are missing.
async fn put_back(
    order: &RestoreOrder<'_>,
    database: &Path,
    secrets: &Path,
) -> Result<(u64, u64), StoreError> {
    let mut books = SqliteConnectOptions::new()
        .filename(database)
        .journal_mode(SqliteJournalMode::Delete)
        .foreign_keys(false)
        .connect()
        .await?;
    let path = secrets.to_string_lossy().into_owned();
    sqlx::query(sql::ATTACH).bind(path).execute(&mut books).await?;
    let row = sqlx::query(sql::MADE_FOR).fetch_one(&mut books).await?;
    let columns = Columns::new("counters", &row);
    let words = sqlx::query(sql::WORDS_APART).fetch_one(&mut books).await?;
    let apart = |what| words.try_get::<i64, _>(what).map(|count| count > 0);
    let (keys_apart, books_apart) = (apart("keys")?, apart("books")?);
    let older = columns.number("made_for")? < columns.number("reports")?;
    if older || (books_apart && !keys_apart) {
        let why = "its keys are older than these books: a backup was stopped halfway, or parts \
                   of two backups were mixed";
        return Err(StoreError::Backup { path: order.from.into(), why });
    }
    let words: &[&str] = if keys_apart { sql::PUT_WORDS_BACK } else { &[] };
    let objections: &[&str] = if books_apart { sql::PUT_OBJECTIONS_BACK } else { &[] };
    for text in [sql::PUT_BACK, words, objections].into_iter().flatten() {
        sqlx::query(*text).execute(&mut books).await?;
    }
    let keys = order.data.join("keys");
    make_folder(&keys)?;
    for row in sqlx::query(sql::MASTERS).fetch_all(&mut books).await? {
        let (name, key): (String, Vec<u8>) = (row.try_get(0)?, row.try_get(1)?);
        check_name(&name)?;
        let path = keys.join(format!("{name}.key"));
        write_durably(&path, &key).map_err(|source| failed(&path, source))?;
    }
    let counts = put_evidence_back(&mut books, order).await?;
    sqlx::query(sql::DETACH).execute(&mut books).await?;
    books.close().await?;
    Ok(counts)
}

async fn put_evidence_back(
    books: &mut SqliteConnection,
    order: &RestoreOrder<'_>,
) -> Result<(u64, u64), StoreError> {
    Depot::open(order.data)?;
    let (mut put, mut missing, mut after) = (0, 0, String::new());
    loop {
        let objects = objects(books, &after).await?;
        let Some(last) = objects.last() else { return Ok((put, missing)) };
        after.clone_from(last);
        let (from, data): (PathBuf, PathBuf) = (order.from.into(), order.data.into());
        let copied = tokio::task::spawn_blocking(move || {
            let mut counts = (0, 0);
            for object in objects {
                let paths = (object_in(&from, &object), object_in(&data, &object));
                let (Some(from), Some(to)) = paths else { continue };
                match fs::read(&from) {
                    Ok(bytes) => {
                        write_durably(&to, &bytes).map_err(|source| failed(&to, source))?;
                        counts.0 += 1;
                    }
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => counts.1 += 1,
                    Err(source) => return Err(failed(&from, source)),
                }
            }
            Ok(counts)
        });
        let counts = copied.await.map_err(|_| StoreError::Closed)??;
        put += counts.0;
        missing += counts.1;
    }
}

/// Erases again what was erased since, and fills the journal up.
async fn finish(
    casebook: &Casebook,
    by: &Admin,
    order: &RestoreOrder<'_>,
    now: UnixMillis,
) -> Result<(Serial, u64, Serial, bool, Erased), StoreError> {
    let rows = sqlx::query(sql::KEYLESS).fetch_all(casebook.readers()).await?;
    let keyless: Vec<ReportId> = rows
        .iter()
        .map(|row| Columns::new("reports", row).number("id").map(ReportId))
        .collect::<Result<_, _>>()?;
    let mut erased = Erased::default();
    for some in keyless.chunks(BATCH) {
        let more = casebook.erase_by_rule(some, Erasure::Replayed, now).await?;
        erased.reports += more.reports;
        erased.cases += more.cases;
    }
    if erased.reports > 0 {
        casebook.sweep().await?;
    }
    let kept = casebook.head().serial;
    let known = casebook.furthest().max(order.passed.unwrap_or_default());
    let guessed = order.passed.is_none();
    let through = if guessed { known.max(guess(casebook, kept, now).await?) } else { known };
    let voided = casebook.void_through(by, through, "restored from a backup", now).await?;
    let act = Act {
        who: &by.principal().name,
        action: "restore",
        object: "casebook",
        detail: &format!("up to entry {kept}, filled up to entry {}", voided.serial),
    };
    let mut write = casebook.db().write().await?;
    write.audit(&act, now).await?;
    write.commit().await?;
    Ok((kept, voided.voids, voided.serial, guessed, erased))
}

/// How far the journal may have come since, at twice the pace of its last week.
async fn guess(casebook: &Casebook, kept: Serial, now: UnixMillis) -> Result<Serial, StoreError> {
    let last: Option<i64> =
        sqlx::query_scalar(journal::LAST_ENTRY_AT).fetch_optional(casebook.readers()).await?;
    let Some(last) = last.and_then(|last| u64::try_from(last).ok()) else {
        return Ok(Serial(kept.0.saturating_add(GUESSED_MIN)));
    };
    let since = UnixMillis(last.saturating_sub(GROWTH_MS));
    let entries: i64 = sqlx::query_scalar(sql::ENTRIES_SINCE)
        .bind(millis(since)?)
        .fetch_one(casebook.readers())
        .await?;
    let away_ms = u128::from(now.0.saturating_sub(last));
    let grown = u128::from(entries.unsigned_abs()) * 2 * away_ms / u128::from(GROWTH_MS);
    let grown = u64::try_from(grown).unwrap_or(u64::MAX).clamp(GUESSED_MIN, GUESSED_MAX);
    Ok(Serial(kept.0.saturating_add(grown)))
}
