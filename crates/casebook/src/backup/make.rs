//! Making a backup while the hub works on.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use belfry_journal::{Serial, UnixMillis};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{ConnectOptions, Connection, Row, SqliteConnection};

use super::sealed_file::seal_file;
use super::{
    BOOKS, BackupKey, EVIDENCE, KEYS, MARKER, books, check_name, failed, make_folder, names_in,
    object_in, sync_folder,
};
use crate::access::Admin;
use crate::audit::Act;
use crate::evidence::ObjectName;
use crate::keys::signing_key_made;
use crate::sql::sqlite as sql;
use crate::{Casebook, StoreError};

/// Objects looked up at once.
const PAGE: i64 = 1_000;
/// The folder within the data folder where a backup is put together.
pub(crate) const WORKSHOP: &str = "backup.tmp";

/// What is to be backed up where.
#[derive(Debug)]
pub struct BackupOrder<'a> {
    /// The backup folder.
    pub to: &'a Path,
    /// What seals it.
    pub key: BackupKey,
    /// The name of the books, by which they sort: the time, as `20261124T090000Z`.
    pub name: &'a str,
    /// How many books stay, at least 1.
    pub keep: usize,
}

/// What a backup did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackedUp {
    /// The head of the journal in it.
    pub serial: Serial,
    /// Octets of books and keys, sealed.
    pub bytes: u64,
    /// Objects that were not in the folder yet.
    pub objects_new: u64,
    /// Objects that no report has any more, removed from the folder.
    pub objects_removed: u64,
    /// Objects that could not be read: erased meanwhile, or lost.
    pub objects_missing: u64,
    /// Books that were over `keep`, removed.
    pub books_removed: u64,
}

impl Casebook {
    /// Backs up the database, the evidence and the keys; consistent, while everything goes on.
    ///
    /// # Errors
    /// [`StoreError`]: the backup of before still stands.
    pub async fn backup(
        &self,
        by: &Admin,
        order: BackupOrder<'_>,
        now: UnixMillis,
    ) -> Result<BackedUp, StoreError> {
        check_name(order.name)?;
        let _lock = self.enter(order.to)?;
        let workshop = Workshop::open(self.data_folder())?;
        let mut copy = self.copy(&workshop).await?;
        let serial = self.serial_of(&mut copy).await?;
        self.take_out(&mut copy, &workshop).await?;
        let mut done = BackedUp {
            serial,
            bytes: 0,
            objects_new: 0,
            objects_removed: 0,
            objects_missing: 0,
            books_removed: 0,
        };
        self.copy_evidence(&mut copy, order.to, &mut done).await?;
        done.objects_removed = remove_unknown(&mut copy, order.to).await?;
        sqlx::query(sql::DETACH).execute(&mut copy).await?;
        copy.close().await?;
        let (to, name) = (order.to.to_owned(), order.name.to_owned());
        let (key, keep) = (order.key, order.keep.max(1));
        let sealing = tokio::task::spawn_blocking(move || {
            // Keys first: keys newer than the newest books open them, older ones would not.
            let bytes = seal_file(&key, "keys", &workshop.0.join("keys"), &to.join(KEYS))?
                + seal_file(&key, &name, &workshop.0.join("books"), &books(&to, &name))?;
            prune(&to, keep).map(|removed| (bytes, removed))
        });
        (done.bytes, done.books_removed) = sealing.await.map_err(|_| StoreError::Closed)??;
        let detail = format!("{} up to entry {serial}", order.name);
        let who = &by.principal().name;
        let act = Act { who, action: "backup", object: "casebook", detail: &detail };
        let mut write = self.db().write().await?;
        write.audit(&act, now).await?;
        write.commit().await?;
        Ok(done)
    }

    /// Takes the backup folder for this hub and this backup.
    fn enter(&self, folder: &Path) -> Result<File, StoreError> {
        make_folder(folder)?;
        make_folder(&folder.join(BOOKS))?;
        for head in 0..=u8::MAX {
            make_folder(&folder.join(EVIDENCE).join(format!("{head:02x}")))?;
        }
        let lock = crate::store::take_lock(&folder.join("lock")).map_err(|_| {
            StoreError::Backup { path: folder.into(), why: "another backup is at work" }
        })?;
        let marker = folder.join(MARKER);
        let ours = format!("{}\n", self.head().journal);
        match fs::read_to_string(&marker) {
            Ok(theirs) if theirs == ours => Ok(lock),
            Ok(_) => Err(StoreError::Backup {
                path: folder.into(),
                why: "it holds the backups of another hub",
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                fs::write(&marker, ours).map_err(|source| failed(&marker, source))?;
                Ok(lock)
            }
            Err(source) => Err(failed(&marker, source)),
        }
    }

    /// One consistent copy of the database, open for being taken apart.
    async fn copy(&self, workshop: &Workshop) -> Result<SqliteConnection, StoreError> {
        let file = self.data_folder().join("casebook.sqlite");
        let mut source = SqliteConnectOptions::new().filename(file).connect().await?;
        sqlx::query(sql::COPY).bind(workshop.path("copy")).execute(&mut source).await?;
        source.close().await?;
        Ok(SqliteConnectOptions::new()
            .filename(workshop.0.join("copy"))
            .create_if_missing(true) // said of what is attached, too
            .journal_mode(SqliteJournalMode::Delete)
            .foreign_keys(false)
            .connect()
            .await?)
    }

    async fn serial_of(&self, copy: &mut SqliteConnection) -> Result<Serial, StoreError> {
        let head = sqlx::query(crate::sql::journal::HEAD).fetch_one(copy).await?;
        crate::column::Columns::new("journal_head", &head).serial("serial")
    }

    /// Moves what erasing must reach from the copy into a file of its own.
    async fn take_out(
        &self,
        copy: &mut SqliteConnection,
        workshop: &Workshop,
    ) -> Result<(), StoreError> {
        sqlx::query(sql::ATTACH).bind(workshop.path("keys")).execute(&mut *copy).await?;
        for text in sql::TAKE_OUT {
            sqlx::query(*text).execute(&mut *copy).await?;
        }
        let signing = signing_key_made(&self.data_folder().join("keys"))?;
        let signing = signing.iter().map(|key| ("signing", key));
        for (name, key) in self.keys().named().into_iter().chain(signing) {
            let put = sqlx::query(sql::PUT_MASTER).bind(name).bind(key.bytes().to_vec());
            put.execute(&mut *copy).await?;
        }
        // Rewritten once more: what was taken out is not in its free pages either.
        sqlx::query(sql::COPY).bind(workshop.path("books")).execute(&mut *copy).await?;
        Ok(())
    }

    async fn copy_evidence(
        &self,
        copy: &mut SqliteConnection,
        to: &Path,
        done: &mut BackedUp,
    ) -> Result<(), StoreError> {
        let mut after = String::new();
        loop {
            let objects = objects(copy, &after).await?;
            let Some(last) = objects.last() else { return Ok(()) };
            after.clone_from(last);
            let (folder, to) = (self.evidence_folder().clone(), to.to_owned());
            let copied = tokio::task::spawn_blocking(move || {
                let mut counts = (0, 0);
                for object in objects {
                    let Some(name) = ObjectName::parse(&object) else { continue };
                    let Some(path) = object_in(&to, &object) else { continue };
                    if path.exists() {
                        continue;
                    }
                    match folder.read(&name) {
                        Ok(bytes) => {
                            write_durably(&path, &bytes).map_err(|source| failed(&path, source))?;
                            counts.0 += 1;
                        }
                        Err(error) if error.kind() == std::io::ErrorKind::NotFound => counts.1 += 1,
                        Err(source) => return Err(failed(&path, source)),
                    }
                }
                Ok(counts)
            });
            let (new, missing) = copied.await.map_err(|_| StoreError::Closed)??;
            done.objects_new += new;
            done.objects_missing += missing;
        }
    }
}

/// Where a backup is put together; emptied when it is done, however it is done.
struct Workshop(PathBuf);

impl Workshop {
    fn open(data: &Path) -> Result<Self, StoreError> {
        let path = data.join(WORKSHOP);
        if path.exists() {
            fs::remove_dir_all(&path).map_err(|source| failed(&path, source))?;
        }
        make_folder(&path)?;
        Ok(Self(path))
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_string_lossy().into_owned()
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::error!(%error, path = %self.0.display(), "a backup's workshop is not empty");
        }
    }
}

/// Objects with their keys after `after`.
pub(super) async fn objects(
    copy: &mut SqliteConnection,
    after: &str,
) -> Result<Vec<String>, StoreError> {
    let rows = sqlx::query(sql::OBJECTS).bind(after).bind(PAGE).fetch_all(copy).await?;
    Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
}

/// Removes objects from the backup folder whose report was erased.
async fn remove_unknown(copy: &mut SqliteConnection, folder: &Path) -> Result<u64, StoreError> {
    let mut removed = 0;
    for head in 0..=u8::MAX {
        let head = format!("{head:02x}");
        let path = folder.join(EVIDENCE).join(&head);
        let listed = fs::read_dir(&path).map_err(|source| failed(&path, source))?;
        for entry in listed.filter_map(Result::ok) {
            let tail = entry.file_name().to_string_lossy().into_owned();
            let object = format!("{head}{tail}");
            let known: i64 =
                sqlx::query_scalar(sql::KNOWS_OBJECT).bind(&object).fetch_one(&mut *copy).await?;
            if known == 0 {
                fs::remove_file(entry.path()).map_err(|source| failed(&entry.path(), source))?;
                removed += 1;
            }
        }
    }
    Ok(removed)
}

/// Leaves the newest `keep` books.
fn prune(folder: &Path, keep: usize) -> Result<u64, StoreError> {
    let names = names_in(folder)?;
    let over = names.len().saturating_sub(keep);
    for name in &names[..over] {
        let path = books(folder, name);
        fs::remove_file(&path).map_err(|source| failed(&path, source))?;
    }
    Ok(over as u64)
}

/// Writes a file that is whole and on disk under its name when this returns.
pub(super) fn write_durably(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let half = path.with_extension("new");
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&half)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&half, path)?;
    path.parent().map_or(Ok(()), sync_folder)
}
