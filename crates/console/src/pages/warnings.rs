//! Warnings as people write them: the list with its hooks, and one warning with its four texts.
//! Whoever wrote a version does not publish it; the form says so before anything is pressed.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use belfry_casebook::access::{Action, Admin, Analyst, Approver, Reader, allows};
use belfry_casebook::warning::{
    Hook, WARNINGS_MAX, Warning, WarningFile, WarningState, WarningText, WarningTexts,
    WarningVersion,
};
use belfry_casebook::{Casebook, StoreError};
use belfry_desk::Desk;
use belfry_web::{Clock, is_fresh};
use serde::Deserialize;

use crate::language::Language;
use crate::pages::act::{Act, FreshAct};
use crate::pages::citizen::{Block, blocks};
use crate::pages::frame::{Frame, Refusal, show};
use crate::pages::person::Person;
use crate::shown;
use crate::state::Site;
use crate::texts::{Duty, Moment, Warnings};
use crate::warnings::feeds::place;
use crate::warnings::{Defanger, draft, file, hooks, keep};

#[derive(Debug, Deserialize)]
pub(super) struct SaidQuery {
    said: Option<String>,
}

#[derive(Template)]
#[template(path = "warnings.html")]
struct WarningsPage {
    f: Frame,
    w: &'static Warnings,
    rows: Vec<Row>,
    hooks: Vec<HookRow>,
    /// Of the hook that was just added.
    secret: Option<String>,
    said: Option<&'static str>,
    judges: bool,
    administers: bool,
    csrf: String,
}

/// A warning in the list.
struct Row {
    id: u64,
    title: String,
    state: WarningState,
    state_text: &'static str,
    waits: bool,
    changed: Moment,
}

impl Row {
    fn state_is_public(&self) -> bool {
        self.state == WarningState::Published
    }
}

/// A hook in the list.
struct HookRow {
    name: String,
    url: String,
    tries: u32,
    given_up: u64,
    last: Option<(String, Moment)>,
}

impl HookRow {
    fn new(hook: &Hook, language: Language) -> Self {
        let last = hook.last.as_ref();
        Self {
            name: hook.name.clone(),
            url: shown::url(&hook.url),
            tries: hook.tries,
            given_up: hook.given_up,
            last: last.map(|(answer, at)| (shown::line(answer), Moment::of(*at, language))),
        }
    }
}

fn state_text(state: WarningState, w: &'static Warnings) -> &'static str {
    match state {
        WarningState::Draft => w.state_draft,
        WarningState::Published => w.published,
        WarningState::Withdrawn => w.withdrawn,
        WarningState::Dropped => w.state_dropped,
    }
}

async fn row(casebook: &Casebook, warning: &Warning, f: &Frame) -> Result<Row, StoreError> {
    let w = Warnings::of(f.language);
    let file = file(casebook, warning.id).await?;
    let title = file.versions.first().map(|one| one.texts[place(f.language)].title.clone());
    Ok(Row {
        id: warning.id,
        title: title.unwrap_or_default(),
        state: warning.state(),
        state_text: state_text(warning.state(), w),
        waits: warning.waits(),
        changed: Moment::of(warning.changed_at, f.language),
    })
}

async fn list_page(
    person: Person,
    casebook: &Casebook,
    said: Option<&'static str>,
    secret: Option<String>,
) -> Result<Response, Refusal> {
    person.authorize::<Reader>()?;
    let (role, csrf, f) = (person.principal.role, person.session.csrf(), person.frame);
    let mut rows = Vec::new();
    for warning in casebook.warnings(None, WARNINGS_MAX).await? {
        rows.push(row(casebook, &warning, &f).await?);
    }
    let administers = allows(role, Action::Administer);
    let hooks = if administers { casebook.hooks().await? } else { Vec::new() };
    show(&WarningsPage {
        w: Warnings::of(f.language),
        rows,
        hooks: hooks.iter().map(|hook| HookRow::new(hook, f.language)).collect(),
        secret,
        said,
        judges: allows(role, Action::Judge),
        administers,
        csrf,
        f,
    })
}

/// All warnings, and for an administrator who is told of them.
pub(super) async fn list(
    person: Person,
    State(casebook): State<Casebook>,
    Query(query): Query<SaidQuery>,
) -> Result<Response, Refusal> {
    let w = Warnings::of(person.frame.language);
    let said = query.said.as_deref().and_then(|said| said_text(said, w));
    list_page(person, &casebook, said, None).await
}

fn said_text(said: &str, w: &'static Warnings) -> Option<&'static str> {
    match said {
        "draft" => Some(w.said_draft),
        "saved" => Some(w.said_saved),
        "published" => Some(w.said_published),
        "withdrawn" => Some(w.said_withdrawn),
        "dropped" => Some(w.hook_dropped),
        _ => None,
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct DraftForm {
    campaign: Option<u64>,
}

/// A first draft, opened to be mended.
pub(super) async fn begin(
    State(desk): State<Desk>,
    State(site): State<Site>,
    act: Act<Analyst, DraftForm>,
) -> Result<Redirect, Refusal> {
    let drafted = draft(&desk, &site, act.form.campaign).await?;
    let id = keep(&desk, &site, &act.by, drafted).await?;
    Ok(Redirect::to(&format!("/console/warnings/{id}?said=draft")))
}

#[derive(Debug, Deserialize)]
pub(super) struct HookForm {
    name: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    remove: String,
}

/// Adds or takes away someone who is told.
pub(super) async fn change_hooks(
    State(casebook): State<Casebook>,
    State(site): State<Site>,
    State(clock): State<Clock>,
    act: Act<Admin, HookForm>,
) -> Result<Response, Refusal> {
    let form = &act.form;
    if !form.remove.is_empty() {
        casebook.drop_hook(&act.by, &form.name, clock.now()).await?;
        return Ok(Redirect::to("/console/warnings?said=dropped").into_response());
    }
    let secret = hooks::put(&casebook, &site, &act.by, clock, (&form.name, &form.url)).await?;
    list_page(act.person, &casebook, None, Some(secret)).await
}

/// One language of the form.
struct Field {
    tag: &'static str,
    name: &'static str,
    title: String,
    body: String,
    blocks: Vec<Block>,
}

fn fields(texts: &WarningTexts) -> Vec<Field> {
    let field = |(language, text): (Language, &WarningText)| Field {
        tag: language.tag(),
        name: language.name(),
        title: text.title.clone(),
        body: text.body.clone(),
        blocks: blocks(&text.body),
    };
    Language::ALL.into_iter().zip(texts).map(field).collect()
}

/// A version in the history.
struct VersionRow {
    version: u64,
    author: String,
    written: Moment,
    approved: Option<(String, Moment)>,
}

impl VersionRow {
    fn new(version: &WarningVersion, language: Language) -> Self {
        let approved = version.approved.as_ref();
        Self {
            version: version.version,
            author: shown::line(&version.author),
            written: Moment::of(version.written_at, language),
            approved: approved.map(|(by, at)| (shown::line(by), Moment::of(*at, language))),
        }
    }
}

#[derive(Template)]
#[template(path = "warning.html")]
struct WarningPage {
    f: Frame,
    w: &'static Warnings,
    d: &'static Duty,
    row: Row,
    version: u64,
    campaign: Option<u64>,
    fields: Vec<Field>,
    /// What the public reads, where it is another version.
    public: Vec<Field>,
    versions: Vec<VersionRow>,
    withdrawn: Option<(Moment, String, String)>,
    approver: bool,
    fresh: bool,
    /// Why this person can't approve it, whatever their role.
    hindrance: Option<&'static str>,
    said: Option<&'static str>,
    judges: bool,
    csrf: String,
}

/// One warning: its texts, who wrote and approved what, and the forms that a person may use.
pub(super) async fn one(
    person: Person,
    State(casebook): State<Casebook>,
    State(clock): State<Clock>,
    Path(id): Path<u64>,
    Query(query): Query<SaidQuery>,
) -> Result<Response, Refusal> {
    person.authorize::<Reader>()?;
    let fresh = is_fresh(&person.principal, clock.now());
    let (me, csrf, f) = (person.principal, person.session.csrf(), person.frame);
    let WarningFile { warning, versions, .. } = &file(&casebook, id).await?;
    let missing = || StoreError::Missing { what: "version", id: warning.version.to_string() };
    let latest = versions.first().ok_or_else(missing)?;
    let w = Warnings::of(f.language);
    let by_person = latest.author.starts_with("person:");
    let hindrance = (latest.author == me.name).then_some(w.own);
    let older = warning.published_version.filter(|version| *version != warning.version);
    let public = versions.iter().find(|one| Some(one.version) == older);
    let withdrawn = warning.withdrawn.as_ref().map(|(at, by, why)| {
        (Moment::of(*at, f.language), shown::line(by), shown::text(why, 2_000))
    });
    show(&WarningPage {
        w,
        d: Duty::of(f.language),
        row: row(&casebook, warning, &f).await?,
        version: warning.version,
        campaign: warning.campaign,
        fields: fields(&latest.texts),
        public: public.map(|one| fields(&one.texts)).unwrap_or_default(),
        versions: versions.iter().map(|one| VersionRow::new(one, f.language)).collect(),
        withdrawn,
        approver: allows(me.role, Action::Approve),
        fresh,
        hindrance: hindrance.or((!by_person).then_some(w.no_person)),
        said: query.said.as_deref().and_then(|said| said_text(said, w)),
        judges: allows(me.role, Action::Judge),
        csrf,
        f,
    })
}

#[derive(Debug, Deserialize)]
pub(super) struct ChangeForm {
    #[serde(default)]
    act: String,
    version: Option<u64>,
    #[serde(default)]
    why: String,
    #[serde(default)]
    title_nl: String,
    #[serde(default)]
    body_nl: String,
    #[serde(default)]
    title_fr: String,
    #[serde(default)]
    body_fr: String,
    #[serde(default)]
    title_de: String,
    #[serde(default)]
    body_de: String,
    #[serde(default)]
    title_en: String,
    #[serde(default)]
    body_en: String,
}

impl ChangeForm {
    fn texts(&self) -> WarningTexts {
        [
            (&self.title_nl, &self.body_nl),
            (&self.title_fr, &self.body_fr),
            (&self.title_de, &self.body_de),
            (&self.title_en, &self.body_en),
        ]
        .map(|(title, body)| WarningText { title: title.clone(), body: body.clone() })
    }
}

/// A new version, or the end of it.
pub(super) async fn change(
    State(desk): State<Desk>,
    State(site): State<Site>,
    Path(id): Path<u64>,
    act: Act<Analyst, ChangeForm>,
) -> Result<Redirect, Refusal> {
    let (form, casebook) = (&act.form, desk.casebook());
    let said = if form.act == "withdraw" {
        casebook.withdraw_warning(&act.by, id, &form.why, desk.time()).await?;
        "withdrawn"
    } else {
        let texts = Defanger::new(&desk, &site).texts(&form.texts());
        let seen = (id, form.version.unwrap_or_default());
        casebook.edit_warning(&act.by, seen, &texts, desk.time()).await?;
        "saved"
    };
    Ok(Redirect::to(&format!("/console/warnings/{id}?said={said}")))
}

#[derive(Debug, Deserialize)]
pub(super) struct ApproveForm {
    version: u64,
}

/// The second person's word.
pub(super) async fn approve(
    State(desk): State<Desk>,
    Path(id): Path<u64>,
    FreshAct(act): FreshAct<Approver, ApproveForm>,
) -> Result<Redirect, Refusal> {
    let seen = (id, act.form.version);
    desk.casebook().approve_warning(&act.by, seen, desk.time()).await?;
    Ok(Redirect::to(&format!("/console/warnings/{id}?said=published")))
}
