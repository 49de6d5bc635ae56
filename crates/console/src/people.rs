//! People over the API: invite, list, remove. A link is shown once and kept nowhere.

use axum::extract::State;
use axum::http::StatusCode;
use belfry_casebook::Casebook;
use belfry_casebook::access::{Admin, Role};
use belfry_web::{Authorized, Clock, Json, Path, Problem, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::state::Site;

/// Who is to be invited.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InviteBody {
    /// 1 to 64 letters, digits, `.`, `_`, `-`.
    name: String,
    /// `reader`, `reporter`, `analyst`, `approver`, `operator` or `admin`.
    role: String,
}

/// A link for one person, once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvitationView {
    /// Who.
    name: String,
    /// As what.
    role: &'static str,
    /// To be opened by that person on their own device; shown this once.
    link: String,
    /// Until when it holds.
    expires_at: Timestamp,
}

/// A person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonView {
    /// The name.
    name: String,
    /// The role.
    role: &'static str,
    /// When they were first invited.
    created_at: Timestamp,
    /// Passkeys they have.
    passkeys: u64,
    /// When they last signed in.
    last_used_at: Option<Timestamp>,
    /// Sessions that hold.
    sessions: u64,
    /// Whether a link of theirs still holds.
    invited: bool,
}

/// All people.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonList {
    /// By name.
    items: Vec<PersonView>,
}

/// Invites a person, or one who is there to make another passkey; the role is the new one at once.
#[utoipa::path(
    post,
    path = "/api/v1/people",
    tag = "people",
    request_body = InviteBody,
    responses((status = 201, body = InvitationView), Problem)
)]
pub(crate) async fn invite(
    Authorized(admin): Authorized<Admin>,
    State(casebook): State<Casebook>,
    State(clock): State<Clock>,
    State(site): State<Site>,
    Json(body): Json<InviteBody>,
) -> Result<(StatusCode, Json<InvitationView>), Problem> {
    let unknown = || {
        let detail = format!("{:?} is no role", body.role);
        Problem::unprocessable("person", "the person can't be invited", detail)
    };
    let role = Role::from_name(&body.role).ok_or_else(unknown)?;
    let link = casebook.invite(&admin, &body.name, role, clock.now()).await?;
    let view = InvitationView {
        link: site.set_up_link(&link.secret),
        name: link.name,
        role: role.name(),
        expires_at: link.expires_at.into(),
    };
    Ok((StatusCode::CREATED, Json(view)))
}

/// Lists everyone who may sign in.
#[utoipa::path(
    get,
    path = "/api/v1/people",
    tag = "people",
    responses((status = 200, body = PersonList), Problem)
)]
pub(crate) async fn list(
    Authorized(admin): Authorized<Admin>,
    State(casebook): State<Casebook>,
    State(clock): State<Clock>,
) -> Result<Json<PersonList>, Problem> {
    let people = casebook.people(&admin, clock.now()).await?;
    let items = people
        .into_iter()
        .map(|person| PersonView {
            name: person.name,
            role: person.role.name(),
            created_at: person.created_at.into(),
            passkeys: person.passkeys,
            last_used_at: person.last_used_at.map(Timestamp::from),
            sessions: person.sessions,
            invited: person.invited,
        })
        .collect();
    Ok(Json(PersonList { items }))
}

/// Takes a person's passkeys and sessions away, at once.
#[utoipa::path(
    delete,
    path = "/api/v1/people/{name}",
    tag = "people",
    params(("name" = String, Path, description = "The person's name")),
    responses((status = 204, description = "They are signed out and can't sign in"), Problem)
)]
pub(crate) async fn remove(
    Authorized(admin): Authorized<Admin>,
    State(casebook): State<Casebook>,
    State(clock): State<Clock>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    casebook.remove_person(&admin, &name, clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
