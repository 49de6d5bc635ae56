//! Inspections of a case's page: asked for, listed, read, and their pictures.
//!
//! What a page says is a stranger's text: it is given as JSON and a picture, never as a page.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use belfry_casebook::access::Analyst;
use belfry_casebook::inspection::{Device, Inspection, Progress};
use belfry_casebook::{Casebook, StoreError};
use belfry_desk::{AskError, Desk};
use belfry_web::{Authorized, Json, Path, Problem, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A page is to be opened.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskBody {
    /// As whom: `desktop` unless given, or `phone`, which many pages insist on.
    #[serde(default)]
    profile: ProfileName,
}

/// As whom a page is opened.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ProfileName {
    /// A desktop computer.
    #[default]
    Desktop,
    /// A phone.
    Phone,
}

impl From<ProfileName> for Device {
    fn from(name: ProfileName) -> Self {
        match name {
            ProfileName::Desktop => Self::Desktop,
            ProfileName::Phone => Self::Phone,
        }
    }
}

/// An inspection.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InspectionView {
    /// Its number.
    id: u64,
    /// The case.
    case: u64,
    /// `desktop` or `phone`.
    profile: &'static str,
    /// Who asked for it; `belfry` where nobody did.
    by: String,
    /// When.
    asked_at: Timestamp,
    /// `waiting`, `done` or `failed`.
    status: &'static str,
    /// How a page that was opened ended: `page`, `nothing`, `error`, `refused`, `download`,
    /// `loop` or `exceeded`. None of them clears a case.
    seen: Option<String>,
    /// Why it could not be tried.
    why: Option<String>,
    /// When it ended.
    ended_at: Option<Timestamp>,
}

impl From<Inspection> for InspectionView {
    fn from(inspection: Inspection) -> Self {
        let (status, seen, why, ended_at) = match inspection.progress {
            Progress::Waiting => ("waiting", None, None, None),
            Progress::Done { seen, at } => ("done", Some(seen), None, Some(at)),
            Progress::Failed { why, at } => ("failed", None, Some(why), Some(at)),
        };
        Self {
            id: inspection.id,
            case: inspection.case,
            profile: inspection.device.name(),
            by: inspection.by,
            asked_at: inspection.asked_at.into(),
            status,
            seen,
            why,
            ended_at: ended_at.map(Timestamp::from),
        }
    }
}

/// The inspections of a case.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InspectionsView {
    /// The latest first.
    items: Vec<InspectionView>,
}

/// An inspection with what was seen.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InspectionFileView {
    #[serde(flatten)]
    inspection: InspectionView,
    /// What was seen; null where it waits or failed.
    page: Option<PageView>,
    /// Whether there is a picture, at `/api/v1/inspections/{id}/picture`.
    picture: bool,
}

/// What was seen of a page: all of it a stranger's words.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct PageView {
    /// What was opened.
    pub(crate) requested: String,
    /// How it ended, in words.
    pub(crate) why: String,
    /// Where the browser stood at the end.
    pub(crate) landed: String,
    /// The ways there, in order.
    pub(crate) hops: Vec<HopView>,
    /// The title.
    pub(crate) title: String,
    /// The visible text.
    pub(crate) text: String,
    /// The forms.
    pub(crate) forms: Vec<FormView>,
    /// The certificate at the end.
    pub(crate) certificate: Option<CertificateView>,
    /// Dialogs that were closed.
    pub(crate) dialogs: u32,
    /// Every host that was asked for.
    pub(crate) addresses: Vec<AddressView>,
}

/// One way on.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct HopView {
    /// To where.
    pub(crate) url: String,
    /// `asked`, `redirect` or `page` (a script, a meta refresh, a form).
    pub(crate) kind: String,
    /// The status of the answer there.
    pub(crate) status: Option<u16>,
}

/// One form.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct FormView {
    /// Where it posts.
    pub(crate) action: String,
    /// `get`, `post` or `dialog`.
    pub(crate) method: String,
    /// It asks for a password.
    pub(crate) password: bool,
    /// It posts to another host than the page's.
    pub(crate) elsewhere: bool,
    /// Its fields.
    pub(crate) fields: Vec<FieldView>,
}

/// One field.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct FieldView {
    /// Its type.
    pub(crate) kind: String,
    /// Its name or id.
    pub(crate) name: String,
    /// What it says beside it.
    pub(crate) label: String,
}

/// A certificate.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct CertificateView {
    /// Whose.
    pub(crate) subject: String,
    /// By whom.
    pub(crate) issuer: String,
    /// For which names.
    pub(crate) names: Vec<String>,
    /// Seconds since 1970 from which it holds.
    pub(crate) valid_from_seconds: i64,
    /// Seconds since 1970 until which it holds.
    pub(crate) valid_until_seconds: i64,
}

/// A host that a page asked for.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct AddressView {
    /// Name and port.
    pub(crate) host: String,
    /// The address that was connected to.
    pub(crate) address: Option<String>,
    /// Why it was not reached.
    pub(crate) refused: Option<String>,
}

/// Asks for the page of a case to be opened. It waits for its turn: read it again later.
#[utoipa::path(
    post,
    path = "/api/v1/cases/{id}/inspections",
    tag = "inspections",
    params(("id" = u64, Path, description = "The case's number")),
    request_body = AskBody,
    responses((status = 202, body = InspectionView), Problem)
)]
pub(crate) async fn ask(
    Authorized(analyst): Authorized<Analyst>,
    State(desk): State<Desk>,
    Path(case): Path<u64>,
    Json(body): Json<AskBody>,
) -> Result<(StatusCode, Json<InspectionView>), Problem> {
    let asked = desk.inspect(&analyst, case, body.profile.into()).await;
    let id = asked.map_err(unasked)?;
    Ok((StatusCode::ACCEPTED, Json(one(desk.casebook(), id).await?.into())))
}

/// Why no page is opened.
pub(crate) fn unasked(error: AskError) -> Problem {
    match error {
        AskError::Store(error) => error.into(),
        AskError::NoBrowser => {
            let title = "no page can be opened here";
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "no-browser", title)
                .detail(error.to_string())
        }
        AskError::NoPage(_) => {
            Problem::unprocessable("no-page", "there is no page to open", error.to_string())
        }
    }
}

async fn one(casebook: &Casebook, id: u64) -> Result<Inspection, Problem> {
    let missing = || StoreError::Missing { what: "inspection", id: id.to_string() };
    Ok(casebook.inspection(id).await?.ok_or_else(missing)?)
}

/// The inspections of a case, the latest first.
#[utoipa::path(
    get,
    path = "/api/v1/cases/{id}/inspections",
    tag = "inspections",
    params(("id" = u64, Path, description = "The case's number")),
    responses((status = 200, body = InspectionsView), Problem)
)]
pub(crate) async fn list(
    _analyst: Authorized<Analyst>,
    State(casebook): State<Casebook>,
    Path(case): Path<u64>,
) -> Result<Json<InspectionsView>, Problem> {
    let found = casebook.inspections(case).await?;
    Ok(Json(InspectionsView { items: found.into_iter().map(InspectionView::from).collect() }))
}

/// One inspection with what was seen.
#[utoipa::path(
    get,
    path = "/api/v1/inspections/{id}",
    tag = "inspections",
    params(("id" = u64, Path, description = "The inspection's number")),
    responses((status = 200, body = InspectionFileView), Problem)
)]
pub(crate) async fn show(
    _analyst: Authorized<Analyst>,
    State(casebook): State<Casebook>,
    Path(id): Path<u64>,
) -> Result<Json<InspectionFileView>, Problem> {
    let inspection = one(&casebook, id).await?.into();
    let seen = casebook.seen_page(id).await?;
    let picture = seen.as_ref().is_some_and(|seen| !seen.picture.is_empty());
    // Written by this program; another version's are shown as far as they can be read.
    let page = seen.map(|seen| serde_json::from_str(&seen.json).unwrap_or_default());
    Ok(Json(InspectionFileView { inspection, page, picture }))
}

/// The picture of an inspection.
#[utoipa::path(
    get,
    path = "/api/v1/inspections/{id}/picture",
    tag = "inspections",
    params(("id" = u64, Path, description = "The inspection's number")),
    responses((status = 200, content_type = "image/png", body = Vec<u8>), Problem)
)]
pub(crate) async fn picture(
    _analyst: Authorized<Analyst>,
    State(casebook): State<Casebook>,
    Path(id): Path<u64>,
) -> Result<Response, Problem> {
    one(&casebook, id).await?;
    let seen = casebook.seen_page(id).await?.filter(|seen| !seen.picture.is_empty());
    let missing = || StoreError::Missing { what: "picture of inspection", id: id.to_string() };
    let picture = seen.ok_or_else(missing)?.picture;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/png")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
    ];
    Ok((headers, picture).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_browser_writes_is_read_whole_and_what_is_unknown_is_left() {
        let json = r#"{"requested":"https://a.example/","profile":"phone","seen":"page",
            "why":"a page","landed":"https://b.example/","dialogs":2,
            "hops":[{"url":"https://a.example/","kind":"asked","status":302}],
            "title":"t","text":"x","forms":[{"action":"https://c.example/","method":"post",
            "fields":[{"kind":"password","name":"pin","label":"PIN"}],"password":true,
            "elsewhere":true}],"certificate":null,"addresses":[{"host":"a.example:443",
            "address":"192.0.2.1","refused":null}],"traffic_bytes":1,"took_ms":2,"later":1}"#;
        let page: PageView = serde_json::from_str(json).unwrap();
        assert_eq!((page.hops[0].status, page.dialogs), (Some(302), 2));
        assert_eq!(page.forms[0].fields[0].label, "PIN");
        assert_eq!(page.addresses[0].address.as_deref(), Some("192.0.2.1"));
        assert_eq!(serde_json::from_str::<PageView>("{}").unwrap(), PageView::default());
    }
}
