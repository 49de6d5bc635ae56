//! Making a passkey with a one-time link. The link's secret stands behind `#`: only the
//! page's script sees it and sends it in a body.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use belfry_casebook::Casebook;
use belfry_casebook::access::{Invited, NewPasskey};
use belfry_journal::UnixMillis;
use belfry_web::{Clock, Json, Problem};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use crate::language::Reader;
use crate::pages::frame::{Frame, Refusal, show};
use crate::pages::sign_in::{begun, problem};
use crate::passkey::{ALGORITHMS, PasskeyError, check_made, unpack};
use crate::state::Site;

#[derive(Template)]
#[template(path = "set_up.html")]
struct SetUpPage {
    f: Frame,
}

pub(super) async fn page(reader: Reader, State(site): State<Site>) -> Result<Response, Refusal> {
    show(&SetUpPage { f: Frame::new(reader.language, &site) })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LinkView {
    secret: String,
}

/// What the browser hands to the authenticator.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OptionsView {
    challenge: String,
    rp_id: String,
    handle: String,
    name: String,
    role: &'static str,
    algorithms: [i32; 3],
}

pub(super) async fn challenge(
    State(site): State<Site>,
    State(clock): State<Clock>,
    State(casebook): State<Casebook>,
    Json(link): Json<LinkView>,
) -> Result<Json<OptionsView>, Problem> {
    let now = clock.now();
    let invited = invited(&casebook, &link.secret, now).await?;
    Ok(Json(OptionsView {
        challenge: BASE64URL_NOPAD.encode(&site.challenges.ask(now)),
        rp_id: site.party.id,
        handle: BASE64URL_NOPAD.encode(&invited.handle),
        role: invited.role.name(),
        name: invited.name,
        algorithms: ALGORITHMS,
    }))
}

/// What it gave back.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct MadeView {
    secret: String,
    client_data: String,
    attestation: String,
}

pub(super) async fn finish(
    State(site): State<Site>,
    State(clock): State<Clock>,
    State(casebook): State<Casebook>,
    Json(sent): Json<MadeView>,
) -> Result<Response, Problem> {
    let now = clock.now();
    let client_data = unpack(&sent.client_data).map_err(problem)?;
    let attestation = unpack(&sent.attestation).map_err(problem)?;
    let (challenge, made) = check_made(&site.party, &client_data, &attestation).map_err(problem)?;
    if !site.challenges.take(&challenge, now) {
        return Err(problem(PasskeyError("it came too late, or twice")));
    }
    invited(&casebook, &sent.secret, now).await?;
    let passkey = NewPasskey {
        credential: &made.credential,
        cose_key: &made.cose_key,
        sign_count: made.sign_count,
    };
    let session = casebook.enrol(&sent.secret, passkey, now).await?;
    Ok(begun(&session.secret, &site))
}

async fn invited(casebook: &Casebook, secret: &str, now: UnixMillis) -> Result<Invited, Problem> {
    let ended = || problem(PasskeyError("the link was used already, or has ended"));
    casebook.invited(secret, now).await?.ok_or_else(ended)
}
