//! Who sent a request, as a type: a handler that judges takes `Authorized<Analyst>`
//! and can't be reached by anyone else. A token, the hub's own socket and a person's
//! session all count for that; [`SignedIn`] and [`Fresh`] are people only.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use belfry_casebook::Casebook;
use belfry_casebook::access::{Action, Authority, Principal, Proof, Role, allows};

use crate::session::{Session, is_fresh};
use crate::{Clock, Problem, RateLimits};

/// The authenticated and authorized bearer.
#[derive(Clone, Debug)]
pub struct Authorized<A>(pub A);

/// The same, and a person who is signed in by a passkey: never a token.
#[derive(Clone, Debug)]
pub struct SignedIn<A>(pub A);

/// The same, and whose passkey was touched within the last minutes: for the second of
/// two people, `Fresh<Approver>`.
#[derive(Clone, Debug)]
pub struct Fresh<A>(pub A);

/// A bearer that is one of two: `A` where its role allows that, else `B`.
#[derive(Clone, Debug)]
pub enum AuthorizedAny<A, B> {
    /// It may act as an `A`, perhaps as a `B` too.
    First(A),
    /// It may act as a `B` only.
    Second(B),
}

/// Put into a request's extensions by the hub's own 0600 socket (and by nothing
/// else): the local user's name. It stands in place of a token, as an admin.
#[derive(Clone, Debug)]
pub struct LocalUser(pub String);

impl<A, S> FromRequestParts<S> for Authorized<A>
where
    A: Authority,
    S: Send + Sync,
    Casebook: FromRef<S>,
    Clock: FromRef<S>,
{
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let principal = principal(parts, state).await?;
        granted(principal).map(Self)
    }
}

impl<A, B, S> FromRequestParts<S> for AuthorizedAny<A, B>
where
    A: Authority,
    B: Authority,
    S: Send + Sync,
    Casebook: FromRef<S>,
    Clock: FromRef<S>,
{
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let principal = principal(parts, state).await?;
        let refusal = forbidden(&principal, &[A::ACTION, B::ACTION]);
        if let Some(first) = principal.clone().authorize() {
            return Ok(Self::First(first));
        }
        principal.authorize().map(Self::Second).ok_or(refusal)
    }
}

impl<A, S> FromRequestParts<S> for SignedIn<A>
where
    A: Authority,
    S: Send + Sync,
    Casebook: FromRef<S>,
    Clock: FromRef<S>,
{
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let principal = principal(parts, state).await?;
        if !matches!(principal.proof, Proof::Passkey { .. }) {
            return Err(person_needed());
        }
        granted(principal).map(Self)
    }
}

impl<A, S> FromRequestParts<S> for Fresh<A>
where
    A: Authority,
    S: Send + Sync,
    Casebook: FromRef<S>,
    Clock: FromRef<S>,
{
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let principal = principal(parts, state).await?;
        let Proof::Passkey { .. } = principal.proof else { return Err(person_needed()) };
        if !is_fresh(&principal, Clock::from_ref(state).now()) {
            return Err(Problem::new(
                StatusCode::FORBIDDEN,
                "stale-sign-in",
                "this needs a fresh sign-in",
            )
            .detail("Touch your passkey again at /console/sign-in, then repeat it."));
        }
        granted(principal).map(Self)
    }
}

/// What the principal may do, if that is `A`.
fn granted<A: Authority>(principal: Principal) -> Result<A, Problem> {
    let refusal = forbidden(&principal, &[A::ACTION]);
    principal.authorize().ok_or(refusal)
}

fn person_needed() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "person-needed", "only a person may do this")
        .detail("A token never counts as a person: sign in at /console/sign-in.")
}

/// Who sent the request: by the hub's own socket, by a person's session, or by a token.
async fn principal<S>(parts: &Parts, state: &S) -> Result<Principal, Problem>
where
    Casebook: FromRef<S>,
    Clock: FromRef<S>,
{
    if let Some(LocalUser(user)) = parts.extensions.get() {
        let name = format!("local:{user}");
        return Ok(Principal { name, role: Role::Admin, proof: Proof::LocalUser });
    }
    let by_session =
        Session::of(&parts.headers).filter(|_| !parts.headers.contains_key(AUTHORIZATION));
    if let Some(session) = by_session {
        session.check_forgery(&parts.method, &parts.headers)?;
        let now = Clock::from_ref(state).now();
        let found = Casebook::from_ref(state).session(session.secret(), now).await?;
        return found.ok_or_else(|| unauthorized("The session has ended. Sign in again."));
    }
    let token = bearer(&parts.headers).ok_or_else(|| {
        unauthorized(
            "Send one header Authorization: Bearer TOKEN; `belfry token create` makes one.",
        )
    })?;
    let now = Clock::from_ref(state).now();
    let principal = Casebook::from_ref(state)
        .authenticate(token, now)
        .await?
        .ok_or_else(|| unauthorized("The token is unknown, revoked or expired."))?;
    match parts.extensions.get::<RateLimits>() {
        Some(limits) => limits.admit_bearer(&principal.name).map(|()| principal),
        None => Ok(principal),
    }
}

/// The token of the one Authorization header; two headers are none, since
/// who stands before us may have read the other one.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

fn unauthorized(detail: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", "a valid API token is needed")
        .detail(detail)
}

/// Names the roles that may do one of `actions`.
fn forbidden(principal: &Principal, actions: &[Action]) -> Problem {
    const ROLES: [Role; 6] =
        [Role::Reader, Role::Reporter, Role::Analyst, Role::Approver, Role::Operator, Role::Admin];
    let able: Vec<&str> = ROLES
        .into_iter()
        .filter(|role| actions.iter().any(|action| allows(*role, *action)))
        .map(Role::name)
        .collect();
    let title = format!("the role {} does not allow this", principal.role.name());
    Problem::new(StatusCode::FORBIDDEN, "forbidden", title)
        .detail(format!("It needs one of the roles {}.", able.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[&str], expected: Option<&str>) {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, value.parse().unwrap());
        }
        assert_eq!(bearer(&headers), expected, "{values:?}");
    }

    #[test]
    fn one_bearer_token_is_read() {
        check(&["Bearer belfry_abc"], Some("belfry_abc"));
        check(&["bearer  belfry_abc "], Some("belfry_abc"));
        check(&[], None);
        check(&["Bearer"], None);
        check(&["Bearer "], None);
        check(&["Basic belfry_abc"], None);
        check(&["belfry_abc"], None);
        check(&["Bearer a", "Bearer b"], None);
    }

    #[test]
    fn a_refusal_names_the_roles_that_may() {
        let principal =
            Principal { name: "token:x".into(), role: Role::Operator, proof: Proof::Token };
        let detail = forbidden(&principal, &[Action::Judge]).detail.unwrap();
        assert_eq!(detail, "It needs one of the roles analyst, approver, admin.");
        let detail = forbidden(&principal, &[Action::Follow, Action::Read]).detail.unwrap();
        assert!(detail.contains("reader") && detail.contains("operator"), "{detail}");
    }
}
