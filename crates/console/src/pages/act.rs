//! A form that changes something: who sent it is signed in, may do it, and it carries
//! their session's token. No handler of such a form takes anything else.

use axum::Form;
use axum::body::{Body, Bytes};
use axum::extract::{FromRef, FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::header::REFERER;
use axum::response::{IntoResponse, Redirect, Response};
use belfry_casebook::access::Authority;
use belfry_web::{Clock, Problem, is_fresh};
use serde::de::DeserializeOwned;
use url::Url;

use crate::pages::frame::Refusal;
use crate::pages::person::{Person, safe_next, sign_in_path};
use crate::state::ConsoleState;

/// Octets of a form.
const FORM_MAX: usize = 64 << 10;

/// A form's sender, as one who may do `A`, and its fields.
#[derive(Debug)]
pub(super) struct Act<A, T> {
    pub(super) by: A,
    pub(super) person: Person,
    pub(super) form: T,
}

impl<A: Authority + Send, T: DeserializeOwned> FromRequest<ConsoleState> for Act<A, T> {
    type Rejection = Response;
    async fn from_request(request: Request, state: &ConsoleState) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let person = Person::from_request_parts(&mut parts, state).await?;
        let bytes = axum::body::to_bytes(body, FORM_MAX).await.map_err(|_| {
            let title = "the form is too long";
            refuse(StatusCode::PAYLOAD_TOO_LARGE, "too-large", title)
        })?;
        if !person.session.holds(&token(&bytes)) {
            let title = "this form is not of your session: open the page again";
            return Err(refuse(StatusCode::FORBIDDEN, "forged", title));
        }
        let by = person.authorize().map_err(IntoResponse::into_response)?;
        let request = Request::from_parts(parts, Body::from(bytes));
        let form = Form::from_request(request, state).await;
        let Form(form) = form.map_err(|rejection| {
            refuse(StatusCode::UNPROCESSABLE_ENTITY, "form", &rejection.body_text())
        })?;
        Ok(Self { by, person, form })
    }
}

/// The same, and whose passkey was touched within the last minutes: another is led to the
/// sign-in, and back to the page that the form was on.
#[derive(Debug)]
pub(super) struct FreshAct<A, T>(pub(super) Act<A, T>);

impl<A: Authority + Send, T: DeserializeOwned> FromRequest<ConsoleState> for FreshAct<A, T> {
    type Rejection = Response;
    async fn from_request(request: Request, state: &ConsoleState) -> Result<Self, Response> {
        let from = request.headers().get(REFERER).and_then(|from| from.to_str().ok());
        let from = from.and_then(|from| Url::parse(from).ok());
        let act = Act::from_request(request, state).await?;
        if is_fresh(&act.person.principal, Clock::from_ref(state).now()) {
            return Ok(Self(act));
        }
        let next = safe_next(from.as_ref().map(Url::path));
        Err(Redirect::to(&sign_in_path(next)).into_response())
    }
}

fn token(form: &Bytes) -> String {
    let mut fields = url::form_urlencoded::parse(form);
    fields.find(|(name, _)| name == "csrf").map(|(_, value)| value.into_owned()).unwrap_or_default()
}

fn refuse(status: StatusCode, code: &'static str, title: &str) -> Response {
    Refusal(Problem::new(status, code, title)).into_response()
}
