//! Public warnings: drafted, edited, approved by another person, published, updated and
//! withdrawn. Every version is kept with who wrote and who approved it.
//!
//! What is published is exactly one version, and only after [`Casebook::approve_warning`] by
//! another signed-in person than its author. An edit of a published warning changes nothing
//! that the public sees until it is approved too. Withdrawing needs one person.

mod hooks;
mod write;

use belfry_journal::UnixMillis;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::column::{Columns, Word, big};
use crate::sql::warnings as sql;
use crate::{Casebook, StoreError};

pub use self::hooks::{Hook, HookDue, Told};
pub use self::write::WarningDraft;

/// The languages of every warning, in the order of its texts.
pub const LANGUAGES: [&str; 4] = ["nl", "fr", "de", "en"];
/// Warnings in one answer.
pub const WARNINGS_MAX: u32 = 200;

/// What a warning says in one language: plain text, paragraphs apart by an empty line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WarningText {
    /// One line.
    pub title: String,
    /// The rest.
    pub body: String,
}

/// In each of [`LANGUAGES`].
pub type WarningTexts = [WarningText; 4];

/// How far a warning is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarningState {
    /// Never published yet.
    Draft,
    /// The public reads it.
    Published,
    /// The public was told that it no longer holds.
    Withdrawn,
    /// Given up before anyone read it.
    Dropped,
}

impl WarningState {
    /// The stable word of the API.
    pub fn name(self) -> &'static str {
        match self {
            WarningState::Draft => "draft",
            WarningState::Published => "published",
            WarningState::Withdrawn => "withdrawn",
            WarningState::Dropped => "dropped",
        }
    }
}

/// What the public was told of a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarningAct {
    /// It is there.
    Published,
    /// It says something else.
    Updated,
    /// It no longer holds.
    Withdrawn,
}

impl WarningAct {
    /// The stable word of the API.
    pub fn name(self) -> &'static str {
        match self {
            WarningAct::Published => "published",
            WarningAct::Updated => "updated",
            WarningAct::Withdrawn => "withdrawn",
        }
    }
}

impl Word for WarningAct {
    const ALL: &'static [Self] =
        &[WarningAct::Published, WarningAct::Updated, WarningAct::Withdrawn];
    fn word(self) -> &'static str {
        self.name()
    }
}

/// A warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Its number.
    pub id: u64,
    /// The campaign that it was drafted from.
    pub campaign: Option<u64>,
    /// The brand that is abused, by its key.
    pub brand: Option<String>,
    /// The latest version that was written.
    pub version: u64,
    /// The one that the public reads, or last read.
    pub published_version: Option<u64>,
    /// When it was drafted.
    pub created_at: UnixMillis,
    /// When anything last happened to it.
    pub changed_at: UnixMillis,
    /// When it was first published.
    pub first_published_at: Option<UnixMillis>,
    /// When the published version was.
    pub published_at: Option<UnixMillis>,
    /// When it was withdrawn or given up, by whom and why; the reason is never published.
    pub withdrawn: Option<(UnixMillis, String, String)>,
}

impl Warning {
    /// How far it is.
    pub fn state(&self) -> WarningState {
        match (&self.withdrawn, self.published_version) {
            (None, None) => WarningState::Draft,
            (None, Some(_)) => WarningState::Published,
            (Some(_), Some(_)) => WarningState::Withdrawn,
            (Some(_), None) => WarningState::Dropped,
        }
    }

    /// Whether its latest version waits for another person.
    pub fn waits(&self) -> bool {
        self.withdrawn.is_none() && self.published_version != Some(self.version)
    }
}

/// One version of a warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WarningVersion {
    /// Its number, from 1.
    pub version: u64,
    /// Who wrote it, as [`crate::access::Principal::name`].
    pub author: String,
    /// When.
    pub written_at: UnixMillis,
    /// Who approved it, and when.
    pub approved: Option<(String, UnixMillis)>,
    /// What it says.
    pub texts: WarningTexts,
}

/// One thing that the public was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WarningTold {
    /// Its number among all of all warnings, from 1.
    pub id: u64,
    /// The warning.
    pub warning: u64,
    /// Its version.
    pub version: u64,
    /// What.
    pub act: WarningAct,
    /// When.
    pub at: UnixMillis,
}

/// A warning with its versions, the latest first, and what the public was told, the first first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WarningFile {
    /// The warning.
    pub warning: Warning,
    /// Its versions.
    pub versions: Vec<WarningVersion>,
    /// What the public was told.
    pub told: Vec<WarningTold>,
}

impl WarningFile {
    /// What the public reads, or last read.
    pub fn published(&self) -> Option<&WarningVersion> {
        let version = self.warning.published_version?;
        self.versions.iter().find(|one| one.version == version)
    }
}

impl Casebook {
    /// Warnings, the latest first, before the warning `before`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn warnings(
        &self,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Warning>, StoreError> {
        let rows = sqlx::query(sql::LIST)
            .bind(before.map_or(Ok(i64::MAX), big)?)
            .bind(i64::from(limit.clamp(1, WARNINGS_MAX + 1)))
            .fetch_all(self.readers())
            .await?;
        rows.iter().map(warning_of).collect()
    }

    /// How many warnings wait for another person.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn warnings_waiting(&self) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar(sql::WAITING).fetch_one(self.readers()).await?;
        Ok(count.unsigned_abs())
    }

    /// What the public reads, the latest first, with the withdrawn ones.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn public_warnings(
        &self,
        limit: u32,
    ) -> Result<Vec<(Warning, WarningTexts)>, StoreError> {
        let mut reading = self.readers().begin().await?;
        let limit = i64::from(limit.clamp(1, WARNINGS_MAX));
        let rows = sqlx::query(sql::PUBLIC).bind(limit).fetch_all(&mut *reading).await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in &rows {
            let warning = warning_of(row)?;
            let version = warning.published_version.unwrap_or_default();
            let texts = texts_of(&mut reading, warning.id, version).await?;
            found.push((warning, texts));
        }
        Ok(found)
    }

    /// A warning with its history.
    ///
    /// # Errors
    /// [`StoreError`] of the database only.
    pub async fn warning(&self, id: u64) -> Result<Option<WarningFile>, StoreError> {
        let Ok(number) = big(id) else { return Ok(None) };
        let mut reading = self.readers().begin().await?;
        let row = sqlx::query(sql::WARNING).bind(number).fetch_optional(&mut *reading).await?;
        let Some(row) = row else { return Ok(None) };
        let rows = sqlx::query(sql::VERSIONS).bind(number).fetch_all(&mut *reading).await?;
        let mut versions = Vec::with_capacity(rows.len());
        for row in &rows {
            versions.push(version_of(&mut reading, id, row).await?);
        }
        let rows = sqlx::query(sql::ACTS).bind(number).fetch_all(&mut *reading).await?;
        let told = rows.iter().map(told_of).collect::<Result<_, _>>()?;
        Ok(Some(WarningFile { warning: warning_of(&row)?, versions, told }))
    }
}

fn warning_of(row: &SqliteRow) -> Result<Warning, StoreError> {
    let columns = Columns::new("warnings", row);
    let (by, why) = (columns.text_maybe("withdrawn_by")?, columns.text_maybe("withdrawn_why")?);
    let withdrawn = columns.time_maybe("withdrawn_at")?;
    Ok(Warning {
        id: columns.number("id")?,
        campaign: columns.number_maybe("campaign_id")?,
        brand: columns.text_maybe("brand")?,
        version: columns.number("version")?,
        published_version: columns.number_maybe("published_version")?,
        created_at: columns.time("created_at")?,
        changed_at: columns.time("changed_at")?,
        first_published_at: columns.time_maybe("first_published_at")?,
        published_at: columns.time_maybe("published_at")?,
        withdrawn: withdrawn.map(|at| (at, by.unwrap_or_default(), why.unwrap_or_default())),
    })
}

async fn version_of(
    reading: &mut SqliteConnection,
    id: u64,
    row: &SqliteRow,
) -> Result<WarningVersion, StoreError> {
    let columns = Columns::new("warning_versions", row);
    let version = columns.number("version")?;
    let approved = columns.text_maybe("approved_by")?.zip(columns.time_maybe("approved_at")?);
    Ok(WarningVersion {
        version,
        author: columns.text("author")?,
        written_at: columns.time("written_at")?,
        approved,
        texts: texts_of(reading, id, version).await?,
    })
}

async fn texts_of(
    reading: &mut SqliteConnection,
    id: u64,
    version: u64,
) -> Result<WarningTexts, StoreError> {
    let rows = sqlx::query(sql::TEXTS).bind(big(id)?).bind(big(version)?);
    let mut texts = WarningTexts::default();
    for row in &rows.fetch_all(reading).await? {
        let columns = Columns::new("warning_texts", row);
        let language = columns.text("language")?;
        let place = LANGUAGES.iter().position(|one| *one == language);
        let place = place.ok_or_else(|| columns.unknown("language", language))?;
        let (title, body) = (columns.text("title")?, columns.text("body")?);
        texts[place] = WarningText { title, body };
    }
    Ok(texts)
}

fn told_of(row: &SqliteRow) -> Result<WarningTold, StoreError> {
    let columns = Columns::new("warning_acts", row);
    Ok(WarningTold {
        id: columns.number("id")?,
        warning: columns.number("warning_id")?,
        version: columns.number("version")?,
        act: columns.word("act")?,
        at: columns.time("at_ms")?,
    })
}
