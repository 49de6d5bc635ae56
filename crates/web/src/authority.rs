//! The bearer of a request as a type: a handler that judges takes
//! `Authorized<Analyst>` and can't be reached by anyone else.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use belfry_casebook::Casebook;
use belfry_casebook::access::Authority;

use crate::{Clock, Problem};

/// The authenticated and authorized bearer.
#[derive(Clone, Debug)]
pub struct Authorized<A>(pub A);

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
        let _ = (parts, state);
        todo!()
    }
}
