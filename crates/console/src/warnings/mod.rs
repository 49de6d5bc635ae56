//! Public warnings over the API: `GET`, `POST /api/v1/warnings`, `GET`, `PUT
//! /api/v1/warnings/{id}`, `…/approve`, `…/withdraw`, and the hooks that are told of them.
//!
//! `draft` writes a first text from a campaign, `defang` takes the life out of every
//! address in it, `feeds` is Atom and JSON Feed, `post` what a hook is sent. No
//! text is kept that `defang` has not seen.

mod defang;
mod draft;
pub(crate) mod feeds;
pub(crate) mod hooks;
mod post;

use axum::extract::State;
use axum::http::StatusCode;
use belfry_casebook::access::{Analyst, Approver, Reader};
use belfry_casebook::warning::{
    Warning, WarningDraft, WarningFile, WarningText, WarningTexts, WarningTold, WarningVersion,
};
use belfry_casebook::{Casebook, StoreError};
use belfry_desk::Desk;
use belfry_web::{Authorized, Fresh, Json, PageLimit, Path, Problem, Query, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::state::Site;

pub(crate) use self::defang::Defanger;
pub(crate) use self::draft::draft;
pub use self::post::{Post, posts};

const PAGE: PageLimit = PageLimit { default: 50, most: 200 };

/// What a warning says in one language.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TextBody {
    /// One line, at most 150 characters.
    title: String,
    /// Plain text, at most 4,000 characters; an empty line parts paragraphs.
    body: String,
}

/// What a warning says in each language.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TextsBody {
    /// In Dutch.
    nl: TextBody,
    /// In French.
    fr: TextBody,
    /// In German.
    de: TextBody,
    /// In English.
    en: TextBody,
}

impl TextsBody {
    fn texts(self) -> WarningTexts {
        [self.nl, self.fr, self.de, self.en]
            .map(|TextBody { title, body }| WarningText { title, body })
    }
}

impl From<&WarningTexts> for TextsBody {
    fn from(texts: &WarningTexts) -> Self {
        let [nl, fr, de, en] =
            texts.clone().map(|WarningText { title, body }| TextBody { title, body });
        Self { nl, fr, de, en }
    }
}

/// A warning.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WarningView {
    /// Its number.
    id: u64,
    /// The campaign that it was drafted from.
    campaign: Option<u64>,
    /// The brand that is abused, by its key.
    brand: Option<String>,
    /// `draft`, `published`, `withdrawn`, or `dropped`: given up before anyone read it.
    state: &'static str,
    /// Whether its latest version waits for another person.
    waits: bool,
    /// The latest version that was written; send it back to edit or approve what was seen.
    version: u64,
    /// The version that the public reads, or last read.
    published_version: Option<u64>,
    /// When it was drafted.
    created_at: Timestamp,
    /// When anything last happened to it.
    changed_at: Timestamp,
    /// When it was first published.
    first_published_at: Option<Timestamp>,
    /// When it was withdrawn or given up.
    withdrawn_at: Option<Timestamp>,
}

impl From<&Warning> for WarningView {
    fn from(warning: &Warning) -> Self {
        Self {
            id: warning.id,
            campaign: warning.campaign,
            brand: warning.brand.clone(),
            state: warning.state().name(),
            waits: warning.waits(),
            version: warning.version,
            published_version: warning.published_version,
            created_at: warning.created_at.into(),
            changed_at: warning.changed_at.into(),
            first_published_at: warning.first_published_at.map(Timestamp::from),
            withdrawn_at: warning.withdrawn.as_ref().map(|(at, ..)| (*at).into()),
        }
    }
}

/// One version of a warning.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionView {
    /// Its number, from 1.
    version: u64,
    /// Who wrote it.
    author: String,
    /// When.
    written_at: Timestamp,
    /// Who approved it.
    approved_by: Option<String>,
    /// When.
    approved_at: Option<Timestamp>,
    /// What it says.
    texts: TextsBody,
}

impl From<&WarningVersion> for VersionView {
    fn from(version: &WarningVersion) -> Self {
        let (by, at) = version.approved.clone().unzip();
        Self {
            version: version.version,
            author: version.author.clone(),
            written_at: version.written_at.into(),
            approved_by: by,
            approved_at: at.map(Timestamp::from),
            texts: TextsBody::from(&version.texts),
        }
    }
}

/// One thing that the public was told.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ToldView {
    /// `published`, `updated` or `withdrawn`.
    act: &'static str,
    /// In which version.
    version: u64,
    /// When.
    at: Timestamp,
}

impl From<&WarningTold> for ToldView {
    fn from(told: &WarningTold) -> Self {
        Self { act: told.act.name(), version: told.version, at: told.at.into() }
    }
}

/// A warning with its history.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WarningFileView {
    #[serde(flatten)]
    warning: WarningView,
    /// Its versions, the latest first.
    versions: Vec<VersionView>,
    /// What the public was told, the first first.
    told: Vec<ToldView>,
}

impl From<&WarningFile> for WarningFileView {
    fn from(file: &WarningFile) -> Self {
        Self {
            warning: WarningView::from(&file.warning),
            versions: file.versions.iter().map(VersionView::from).collect(),
            told: file.told.iter().map(ToldView::from).collect(),
        }
    }
}

/// Which warnings to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WarningQuery {
    /// The `next` of the page before.
    cursor: Option<u64>,
    /// At most this many: 1 to 200, 50 unless given.
    limit: Option<u32>,
}

/// A page of warnings.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WarningPage {
    /// The latest first.
    items: Vec<WarningView>,
    /// The cursor of the next page; null at the end.
    next: Option<u64>,
}

/// Warnings, drafts among them, the latest first.
#[utoipa::path(
    get,
    path = "/api/v1/warnings",
    tag = "warnings",
    params(WarningQuery),
    responses((status = 200, body = WarningPage), Problem)
)]
pub(crate) async fn list(
    _reader: Authorized<Reader>,
    State(casebook): State<Casebook>,
    Query(query): Query<WarningQuery>,
) -> Result<Json<WarningPage>, Problem> {
    let limit = PAGE.of(query.limit)?;
    let mut found = casebook.warnings(query.cursor, limit + 1).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|last| last.id);
    Ok(Json(WarningPage { items: found.iter().map(WarningView::from).collect(), next }))
}

/// What to draft.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DraftBody {
    /// The campaign that it is about.
    campaign: Option<u64>,
    /// What it says; by default our own first draft.
    texts: Option<TextsBody>,
}

/// Drafts a warning: nobody reads it until another person approves it.
#[utoipa::path(
    post,
    path = "/api/v1/warnings",
    tag = "warnings",
    request_body = DraftBody,
    responses((status = 201, body = WarningFileView), Problem)
)]
pub(crate) async fn create(
    Authorized(analyst): Authorized<Analyst>,
    State(desk): State<Desk>,
    State(site): State<Site>,
    Json(body): Json<DraftBody>,
) -> Result<(StatusCode, Json<WarningFileView>), Problem> {
    let mut drafted = draft(&desk, &site, body.campaign).await?;
    if let Some(texts) = body.texts {
        drafted.texts = texts.texts();
    }
    let id = keep(&desk, &site, &analyst, drafted).await?;
    Ok((StatusCode::CREATED, Json(WarningFileView::from(&file(desk.casebook(), id).await?))))
}

/// Keeps a draft, defanged.
pub(crate) async fn keep(
    desk: &Desk,
    site: &Site,
    by: &Analyst,
    drafted: WarningDraft,
) -> Result<u64, StoreError> {
    let texts = Defanger::new(desk, site).texts(&drafted.texts);
    desk.casebook().draft_warning(by, &WarningDraft { texts, ..drafted }, desk.time()).await
}

/// A warning that must be there.
pub(crate) async fn file(casebook: &Casebook, id: u64) -> Result<WarningFile, StoreError> {
    let missing = || StoreError::Missing { what: "warning", id: id.to_string() };
    casebook.warning(id).await?.ok_or_else(missing)
}

/// A warning with its history.
#[utoipa::path(
    get,
    path = "/api/v1/warnings/{id}",
    tag = "warnings",
    params(("id" = u64, Path, description = "The warning's number")),
    responses((status = 200, body = WarningFileView), Problem)
)]
pub(crate) async fn show(
    _reader: Authorized<Reader>,
    State(casebook): State<Casebook>,
    Path(id): Path<u64>,
) -> Result<Json<WarningFileView>, Problem> {
    Ok(Json(WarningFileView::from(&file(&casebook, id).await?)))
}

/// A new version.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditBody {
    /// The version that was seen: refused if it is another by now.
    version: u64,
    /// What it says from now on.
    texts: TextsBody,
}

/// Writes a new version: the public reads the old one until another person approves it.
#[utoipa::path(
    put,
    path = "/api/v1/warnings/{id}",
    tag = "warnings",
    params(("id" = u64, Path, description = "The warning's number")),
    request_body = EditBody,
    responses((status = 200, body = WarningFileView), Problem)
)]
pub(crate) async fn edit(
    Authorized(analyst): Authorized<Analyst>,
    State(desk): State<Desk>,
    State(site): State<Site>,
    Path(id): Path<u64>,
    Json(body): Json<EditBody>,
) -> Result<Json<WarningFileView>, Problem> {
    let texts = Defanger::new(&desk, &site).texts(&body.texts.texts());
    desk.casebook().edit_warning(&analyst, (id, body.version), &texts, desk.time()).await?;
    Ok(Json(WarningFileView::from(&file(desk.casebook(), id).await?)))
}

/// Which version.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApproveBody {
    /// The version that was read: refused if it is another by now.
    version: u64,
}

/// Publishes a version, as another signed-in person than its author, by a fresh sign-in.
#[utoipa::path(
    post,
    path = "/api/v1/warnings/{id}/approve",
    tag = "warnings",
    params(("id" = u64, Path, description = "The warning's number")),
    request_body = ApproveBody,
    responses((status = 200, body = WarningFileView), Problem)
)]
pub(crate) async fn approve(
    Fresh(approver): Fresh<Approver>,
    State(desk): State<Desk>,
    Path(id): Path<u64>,
    Json(body): Json<ApproveBody>,
) -> Result<Json<WarningFileView>, Problem> {
    desk.casebook().approve_warning(&approver, (id, body.version), desk.time()).await?;
    Ok(Json(WarningFileView::from(&file(desk.casebook(), id).await?)))
}

/// Why it no longer holds.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WithdrawBody {
    /// Why, 1 to 2,000 characters; never published.
    reason: String,
}

/// Tells the public that a warning no longer holds, or gives a draft up.
#[utoipa::path(
    post,
    path = "/api/v1/warnings/{id}/withdraw",
    tag = "warnings",
    params(("id" = u64, Path, description = "The warning's number")),
    request_body = WithdrawBody,
    responses((status = 200, body = WarningFileView), Problem)
)]
pub(crate) async fn withdraw(
    Authorized(analyst): Authorized<Analyst>,
    State(desk): State<Desk>,
    Path(id): Path<u64>,
    Json(body): Json<WithdrawBody>,
) -> Result<Json<WarningFileView>, Problem> {
    desk.casebook().withdraw_warning(&analyst, id, &body.reason, desk.time()).await?;
    Ok(Json(WarningFileView::from(&file(desk.casebook(), id).await?)))
}
