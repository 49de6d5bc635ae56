//! Signing in by a passkey, again for what needs a fresh touch, and out.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use belfry_casebook::Casebook;
use belfry_web::{Clock, Json, Problem, Session};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use crate::language::Reader;
use crate::pages::frame::{Frame, Refusal, show};
use crate::pages::person::{Person, safe_next};
use crate::passkey::{Assertion, PasskeyError, check_assertion, unpack};
use crate::state::Site;

#[derive(Debug, Deserialize)]
pub(super) struct SignInQuery {
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    f: Frame,
    next: String,
}

pub(super) async fn page(
    reader: Reader,
    State(site): State<Site>,
    Query(query): Query<SignInQuery>,
) -> Result<Response, Refusal> {
    let next = safe_next(query.next.as_deref()).to_owned();
    show(&SignInPage { f: Frame::new(reader.language, &site), next })
}

/// What the browser hands to the authenticator.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChallengeView {
    challenge: String,
    rp_id: String,
}

pub(super) async fn challenge(
    State(site): State<Site>,
    State(clock): State<Clock>,
) -> Json<ChallengeView> {
    let challenge = BASE64URL_NOPAD.encode(&site.challenges.ask(clock.now()));
    Json(ChallengeView { challenge, rp_id: site.party.id })
}

/// What it gave back.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SignedView {
    credential: String,
    client_data: String,
    authenticator_data: String,
    signature: String,
}

pub(super) async fn finish(
    State(site): State<Site>,
    State(clock): State<Clock>,
    State(casebook): State<Casebook>,
    headers: HeaderMap,
    Json(signed): Json<SignedView>,
) -> Result<Response, Problem> {
    let now = clock.now();
    let parts = [&signed.client_data, &signed.authenticator_data, &signed.signature];
    let parts = parts.map(|part| unpack(part));
    let [client_data, authenticator_data, signature] = parts;
    let (client_data, authenticator_data, signature) = (
        client_data.map_err(problem)?,
        authenticator_data.map_err(problem)?,
        signature.map_err(problem)?,
    );
    let credential = unpack(&signed.credential).map_err(problem)?;
    let unknown = || problem(PasskeyError("it is not known here"));
    let passkey = casebook.passkey(&credential).await?.ok_or_else(unknown)?;
    let assertion = Assertion {
        client_data: &client_data,
        authenticator_data: &authenticator_data,
        signature: &signature,
    };
    let (challenge, count) =
        check_assertion(&site.party, assertion, &passkey.cose_key, passkey.sign_count)
            .map_err(problem)?;
    if !site.challenges.take(&challenge, now) {
        return Err(problem(PasskeyError("it came too late, or twice")));
    }
    let before = Session::of(&headers);
    let instead = before.as_ref().map(Session::secret);
    let session = casebook.sign_in(&credential, count, instead, now).await?;
    Ok(begun(&session.secret, &site))
}

/// The answer that begins a session.
pub(super) fn begun(secret: &str, site: &Site) -> Response {
    let cookie = Session::cookie(secret, site.party.is_secure());
    (StatusCode::NO_CONTENT, [(SET_COOKIE, cookie)]).into_response()
}

/// A passkey that is not taken counts as a wrong token does: the limits on guessing hold.
pub(super) fn problem(error: PasskeyError) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "passkey", error.to_string())
}

#[derive(Debug, Deserialize)]
pub(super) struct OutForm {
    csrf: String,
}

/// Signing out needs no role: whoever is in may leave.
pub(super) async fn out(
    person: Person,
    State(casebook): State<Casebook>,
    State(clock): State<Clock>,
    axum::Form(form): axum::Form<OutForm>,
) -> Result<Response, Refusal> {
    if person.session.holds(&form.csrf) {
        casebook.sign_out(person.session.secret(), clock.now()).await?;
    }
    Ok(([(SET_COOKIE, Session::gone())], Redirect::to("/console/sign-in")).into_response())
}
