//! Tokens: create, list, revoke. A secret is shown once and kept nowhere.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use belfry_casebook::Casebook;
use belfry_casebook::access::{Admin, Role};
use belfry_journal::UnixMillis;
use belfry_web::{Authorized, Clock, Json, Path, Problem, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const DAYS_MAX: u32 = 3_660;

/// A token to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenBody {
    /// `reader`, `reporter`, `analyst`, `approver`, `operator` or `admin`.
    role: String,
    /// A name to know it by: 1 to 64 letters, digits, `.`, `_`, `-`.
    name: String,
    /// Days until it expires, 1 to 3,660; never unless this or `expires_at` is given.
    days: Option<u32>,
    /// When it expires, within 3,660 days.
    expires_at: Option<Timestamp>,
}

/// A new token.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NewTokenView {
    /// Its name.
    name: String,
    /// What its bearer sends; shown this once.
    token: String,
}

/// A token without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokenView {
    /// Its name.
    name: String,
    /// What its bearer may do.
    role: &'static str,
    /// When it was made.
    created_at: Timestamp,
    /// When it expires by itself.
    expires_at: Option<Timestamp>,
    /// When it was last used, to within some minutes; null where it never was.
    last_used_at: Option<Timestamp>,
}

/// All tokens.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokenList {
    /// By name.
    items: Vec<TokenView>,
}

/// Makes a token.
#[utoipa::path(
    post,
    path = "/api/v1/tokens",
    tag = "tokens",
    request_body = TokenBody,
    responses((status = 201, body = NewTokenView), Problem)
)]
pub(crate) async fn create(
    Authorized(admin): Authorized<Admin>,
    State(casebook): State<Casebook>,
    State(clock): State<Clock>,
    Json(body): Json<TokenBody>,
) -> Result<(StatusCode, Json<NewTokenView>), Problem> {
    let unknown = || invalid(format!("{:?} is no role", body.role));
    let role = Role::from_name(&body.role).ok_or_else(unknown)?;
    let now = clock.now();
    let expires_at = body.expires_at(now)?;
    let token = casebook.create_token(&admin, &body.name, role, expires_at, now).await?;
    Ok((StatusCode::CREATED, Json(NewTokenView { name: token.name, token: token.secret })))
}

impl TokenBody {
    /// When the token is to expire, of two ways to say it.
    fn expires_at(&self, now: UnixMillis) -> Result<Option<UnixMillis>, Problem> {
        let in_days = |days: u32| now.plus(Duration::from_secs(u64::from(days) * 86_400));
        match (self.days, self.expires_at) {
            (None, None) => Ok(None),
            (Some(_), Some(_)) => Err(invalid("give days or expires_at, not both".into())),
            (Some(days), None) if (1..=DAYS_MAX).contains(&days) => Ok(Some(in_days(days))),
            (Some(days), None) => Err(invalid(format!("days is {days}: give 1 to {DAYS_MAX}"))),
            (None, Some(at)) if at.0 > now && at.0 <= in_days(DAYS_MAX) => Ok(Some(at.0)),
            (None, Some(_)) => {
                Err(invalid(format!("expires_at must lie ahead, within {DAYS_MAX} days")))
            }
        }
    }
}

fn invalid(detail: String) -> Problem {
    Problem::unprocessable("token", "the token can't be made", detail)
}

/// Lists the tokens that were not revoked.
#[utoipa::path(
    get,
    path = "/api/v1/tokens",
    tag = "tokens",
    responses((status = 200, body = TokenList), Problem)
)]
pub(crate) async fn list(
    Authorized(admin): Authorized<Admin>,
    State(casebook): State<Casebook>,
) -> Result<Json<TokenList>, Problem> {
    let tokens = casebook.list_tokens(&admin).await?;
    let items = tokens
        .into_iter()
        .map(|token| TokenView {
            name: token.name,
            role: token.role.name(),
            created_at: token.created_at.into(),
            expires_at: token.expires_at.map(Timestamp::from),
            last_used_at: token.last_used_at.map(Timestamp::from),
        })
        .collect();
    Ok(Json(TokenList { items }))
}

/// Ends a token at once.
#[utoipa::path(
    delete,
    path = "/api/v1/tokens/{name}",
    tag = "tokens",
    params(("name" = String, Path, description = "The token's name")),
    responses((status = 204, description = "It is revoked"), Problem)
)]
pub(crate) async fn revoke(
    Authorized(admin): Authorized<Admin>,
    State(casebook): State<Casebook>,
    State(clock): State<Clock>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    casebook.revoke_token(&admin, &name, clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
