//! Opening the casebook: the database, its pools, keys and folders, and the
//! lock that keeps a second process out.

mod write;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use belfry_journal::{Serial, UnixMillis};
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tokio::sync::watch;

use crate::StoreError;
use crate::evidence::Depot;
use crate::followers;
use crate::journal::Ledger;
use crate::keys::{Keys, random};
use crate::report::intake::{self, Intake, Tasks};
use crate::report::pressure::Gauge;
use crate::sql::journal as sql;

pub(crate) use self::write::{Db, Write};

/// Readers at the same time.
const READERS: u32 = 4;
/// How long a connection waits for another's lock: a checkpoint, a backup.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// Where the casebook lives.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The data folder: `casebook.sqlite`, `evidence/`, `spool/`, `keys/`, `lock`.
    pub data: PathBuf,
}

/// The casebook, cheap to clone.
#[derive(Clone)]
pub struct Casebook {
    inner: Arc<Inner>,
}

struct Inner {
    db: Db,
    keys: Keys,
    evidence: Depot,
    intake: Intake,
    tasks: Tasks,
    gauge: Arc<Gauge>,
    reports: watch::Sender<u64>,
    furthest: watch::Sender<Serial>,
    data: PathBuf,
    /// What the start found wrong with the audit log.
    audit_alarm: Option<String>,
    token_uses: crate::access::Uses,
    /// Held until [`Casebook::close`] or the last clone goes.
    lock: Mutex<Option<File>>,
}

impl Casebook {
    /// Opens the data folder, creating what is missing (0700), migrates, and
    /// reads the whole journal, checking every entry.
    ///
    /// # Errors
    /// [`StoreError`]: the folder, the keys or the database are unusable, another
    /// process has it open, or an entry is damaged.
    pub async fn open(settings: &Settings, now: UnixMillis) -> Result<Self, StoreError> {
        make_folder(&settings.data)?;
        let lock = take_lock(&settings.data.join("lock"))?;
        let (writer, readers) = open_database(&settings.data.join("casebook.sqlite")).await?;
        remove_workshop(&settings.data)?;
        let (evidence, left) = Depot::open(&settings.data)?;
        let reports: i64 =
            sqlx::query_scalar(sql::COUNTER).bind("reports").fetch_one(&readers).await?;
        let objections: i64 =
            sqlx::query_scalar(sql::COUNTER).bind("objections").fetch_one(&readers).await?;
        let keys = settings.data.join("keys");
        make_folder(&keys)?;
        let fresh = reports == 0 && objections == 0 && evidence.is_empty()?;
        let keys = Keys::open(&keys, fresh)?;
        sqlx::query(sql::BEGIN_JOURNAL).bind(random::<16>().to_vec()).execute(&writer).await?;
        let ledger = Arc::new(Ledger::load(&readers).await?);
        warn_of_clock(&readers, now).await?;
        let db = Db::new(writer, readers, ledger);
        crate::work::seal_what_is_clear(&db, &keys).await?;
        let reports = watch::Sender::new(0);
        let furthest = watch::Sender::new(followers::furthest(db.readers()).await?);
        let writer = intake::recover(&db, &evidence, left).await?;
        let unread = intake::count_unread(db.readers()).await?;
        let gauge = Gauge::new(settings.data.clone(), evidence.spool().clone(), unread);
        let gauge = Arc::new(gauge);
        let (intake, tasks) = intake::start(
            db.clone(),
            evidence.clone(),
            writer,
            Arc::clone(&gauge),
            reports.clone(),
        );
        let inner = Inner {
            db,
            keys,
            evidence,
            intake,
            tasks,
            gauge,
            reports,
            furthest,
            data: settings.data.clone(),
            audit_alarm: None,
            token_uses: crate::access::Uses::default(),
            lock: Mutex::new(Some(lock)),
        };
        Ok(Self { inner: Arc::new(inner) }.with_audit_checked().await)
    }

    /// Checks the audit log's latest lines. A broken log is an alarm and no reason not to
    /// start: the country's blocks hang on this process.
    async fn with_audit_checked(mut self) -> Self {
        let Err(error) = crate::audit::check_latest(&self).await else { return self };
        tracing::error!(%error, "the audit log can't be trusted: `belfry audit verify`");
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            inner.audit_alarm = Some(error.to_string());
        }
        self
    }

    /// What the start found wrong with the audit log, if anything: an alarm.
    pub fn audit_alarm(&self) -> Option<&str> {
        self.inner.audit_alarm.as_deref()
    }

    /// The head of the journal, told at each commit.
    pub fn watch_head(&self) -> watch::Receiver<Serial> {
        self.inner.db.ledger().watch()
    }

    /// Woken at each new report (the value counts reports received since the start).
    pub fn watch_reports(&self) -> watch::Receiver<u64> {
        self.inner.reports.subscribe()
    }

    /// Whether reports are taken in, the database answers a query and a write would find
    /// room; for `/readyz`.
    ///
    /// # Errors
    /// [`StoreError`] says what does not answer.
    pub async fn ready(&self) -> Result<(), StoreError> {
        if let Some(pressure) = self.pressure().or(self.inner.db.failing()) {
            return Err(StoreError::Busy(pressure));
        }
        let _: i64 = sqlx::query_scalar(sql::PING).fetch_one(self.readers()).await?;
        // A write that is taken back: the disk, the file's rights and the writer are all asked.
        let mut write = self.inner.db.write().await?;
        write.draw("audit").await?;
        write.roll_back().await
    }

    /// Octets of the database's file.
    ///
    /// # Errors
    /// [`StoreError::File`].
    pub fn size_bytes(&self) -> Result<u64, StoreError> {
        let path = self.inner.data.join("casebook.sqlite");
        let found = fs::metadata(&path).map(|file| file.len());
        found.map_err(|source| StoreError::File { path, source })
    }

    /// Closes the pools and lets the data folder go; what was acknowledged is on disk already.
    pub async fn close(&self) {
        self.inner.tasks.stop().await;
        self.inner.db.close().await;
        drop(self.inner.lock.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    pub(crate) fn db(&self) -> &Db {
        &self.inner.db
    }

    pub(crate) fn readers(&self) -> &SqlitePool {
        self.inner.db.readers()
    }

    pub(crate) fn furthest_sender(&self) -> &watch::Sender<Serial> {
        &self.inner.furthest
    }

    pub(crate) fn data_folder(&self) -> &Path {
        &self.inner.data
    }

    pub(crate) fn token_uses(&self) -> &crate::access::Uses {
        &self.inner.token_uses
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.inner.keys
    }

    pub(crate) fn evidence_folder(&self) -> &Depot {
        &self.inner.evidence
    }

    pub(crate) fn gauge(&self) -> &Gauge {
        &self.inner.gauge
    }

    pub(crate) fn intake(&self) -> &Intake {
        &self.inner.intake
    }
}

impl std::fmt::Debug for Casebook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Casebook").field("head", &self.head()).finish_non_exhaustive()
    }
}

fn make_folder(path: &Path) -> Result<(), StoreError> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|source| StoreError::File { path: path.into(), source })
}

/// A backup that a crash cut off leaves a copy behind.
fn remove_workshop(data: &Path) -> Result<(), StoreError> {
    let path = data.join(crate::backup::WORKSHOP);
    match fs::remove_dir_all(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(StoreError::File { path, source: error })
        }
        _ => Ok(()),
    }
}

pub(crate) fn take_lock(path: &Path) -> Result<File, StoreError> {
    let failed = |source| StoreError::File { path: path.into(), source };
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(StoreError::InUse(path.parent().unwrap_or(path).into()))
        }
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// The writer's pool of one connection and the readers' pool.
async fn open_database(path: &Path) -> Result<(SqlitePool, SqlitePool), StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        // What is deleted is overwritten, not only let go of: an address is gone with its row.
        .pragma("secure_delete", "on")
        .busy_timeout(BUSY_TIMEOUT);
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options.clone())
        .await?;
    MIGRATOR.run(&writer).await?;
    let readers = SqlitePoolOptions::new()
        .max_connections(READERS)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options.pragma("query_only", "on"))
        .await?;
    Ok((writer, readers))
}

/// Expiry compares with the clock: one that went back is worth a line in the log.
async fn warn_of_clock(readers: &SqlitePool, now: UnixMillis) -> Result<(), StoreError> {
    let last: Option<i64> = sqlx::query_scalar(sql::LAST_ENTRY_AT).fetch_optional(readers).await?;
    if let Some(last) = last.and_then(|last| u64::try_from(last).ok())
        && last > now.0
    {
        let behind_ms = last - now.0;
        tracing::warn!(behind_ms, "the clock stands before the journal's last entry");
    }
    Ok(())
}
