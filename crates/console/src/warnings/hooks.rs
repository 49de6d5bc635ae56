//! Who is told of warnings: `GET`, `POST /api/v1/warnings/hooks`, `DELETE
//! /api/v1/warnings/hooks/{name}`. The sender holds the rules of where a post may go; an address
//! that it would never post to is refused here already.

use axum::extract::State;
use axum::http::StatusCode;
use belfry_casebook::Casebook;
use belfry_casebook::access::Admin;
use belfry_casebook::warning::Hook;
use belfry_web::{Authorized, Clock, Json, Path, Problem, Timestamp};
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;

use crate::state::Site;

/// Someone who is told of warnings.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HookView {
    /// Its name.
    name: String,
    /// Where posts go.
    url: String,
    /// When it was added.
    created_at: Timestamp,
    /// Failed tries of what it is to be told now.
    tries: u32,
    /// Things that it was not told, after 12 tries each.
    given_up: u64,
    /// What was answered last, in words.
    last_answer: Option<String>,
    /// When.
    last_at: Option<Timestamp>,
}

impl From<&Hook> for HookView {
    fn from(hook: &Hook) -> Self {
        let (answer, at) = hook.last.clone().unzip();
        Self {
            name: hook.name.clone(),
            url: hook.url.clone(),
            created_at: hook.created_at.into(),
            tries: hook.tries,
            given_up: hook.given_up,
            last_answer: answer,
            last_at: at.map(Timestamp::from),
        }
    }
}

/// All hooks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HooksView {
    /// By name.
    items: Vec<HookView>,
}

/// Who is told of warnings.
#[utoipa::path(
    get,
    path = "/api/v1/warnings/hooks",
    tag = "warnings",
    responses((status = 200, body = HooksView), Problem)
)]
pub(crate) async fn list(
    _admin: Authorized<Admin>,
    State(casebook): State<Casebook>,
) -> Result<Json<HooksView>, Problem> {
    let hooks = casebook.hooks().await?;
    Ok(Json(HooksView { items: hooks.iter().map(HookView::from).collect() }))
}

/// Someone to tell.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HookBody {
    /// A name: small letters, digits and hyphens.
    name: String,
    /// Where to post: https, to a public address.
    url: String,
}

/// A hook's secret, shown only once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HookSecret {
    /// Its name.
    name: String,
    /// `whsec_` and base64: what libraries for Standard Webhooks take.
    secret: String,
}

/// Adds someone who is told what happens to warnings from now on.
#[utoipa::path(
    post,
    path = "/api/v1/warnings/hooks",
    tag = "warnings",
    request_body = HookBody,
    responses((status = 201, body = HookSecret), Problem)
)]
pub(crate) async fn add(
    Authorized(admin): Authorized<Admin>,
    State(casebook): State<Casebook>,
    State(site): State<Site>,
    State(clock): State<Clock>,
    Json(body): Json<HookBody>,
) -> Result<(StatusCode, Json<HookSecret>), Problem> {
    let secret = put(&casebook, &site, &admin, clock, (&body.name, &body.url)).await?;
    Ok((StatusCode::CREATED, Json(HookSecret { name: body.name, secret })))
}

/// Keeps a hook; answers its secret as libraries take it.
pub(crate) async fn put(
    casebook: &Casebook,
    site: &Site,
    by: &Admin,
    clock: Clock,
    (name, url): (&str, &str),
) -> Result<String, Problem> {
    let url = address(url.trim(), site.private_hooks).map_err(|why| {
        Problem::unprocessable("hook", "nothing is posted to this address", why.to_owned())
    })?;
    let secret = casebook.add_hook(by, name.trim(), &url, clock.now()).await?;
    Ok(format!("whsec_{}", BASE64.encode(&secret)))
}

/// The address, if it is one that posts may go to at all.
fn address(text: &str, private: bool) -> Result<String, &'static str> {
    let url = Url::parse(text).map_err(|_| "It is no address: give https://HOST/PATH.")?;
    let named = url.host().is_some_and(|host| private || matches!(host, url::Host::Domain(_)));
    if url.scheme() != "https" && !(private && url.scheme() == "http") {
        return Err("Only https is posted to.");
    }
    if !named || !url.username().is_empty() || url.password().is_some() || url.fragment().is_some()
    {
        return Err("Give the name of a host, without user, password or fragment.");
    }
    Ok(url.into())
}

/// Takes a hook away.
#[utoipa::path(
    delete,
    path = "/api/v1/warnings/hooks/{name}",
    tag = "warnings",
    params(("name" = String, Path, description = "The hook's name")),
    responses((status = 204), Problem)
)]
pub(crate) async fn remove(
    Authorized(admin): Authorized<Admin>,
    State(casebook): State<Casebook>,
    State(clock): State<Clock>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    casebook.drop_hook(&admin, &name, clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posts_go_to_named_hosts_by_https_alone() {
        assert!(address("https://police.example/hook?x=1", false).is_ok());
        for bad in [
            "http://police.example/",
            "https://192.0.2.1/",
            "https://[::1]/",
            "https://user@police.example/",
            "https://user:pass@police.example/",
            "https://police.example/#x",
            "ftp://police.example/",
            "file:///etc/passwd",
            "police",
            "",
        ] {
            assert!(address(bad, false).is_err(), "{bad}");
        }
        assert!(address("http://127.0.0.1:9/x", true).is_ok());
        assert!(address("gopher://127.0.0.1/", true).is_err());
    }
}
