//! Requests to the warning page: any host, any path, any method.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header::{
    ACCEPT, ACCEPT_LANGUAGE, CACHE_CONTROL, CONNECTION, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, HOST, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use belfry_indicator::Domain;

use crate::warning::page::{self, Page};
use crate::warning::{Blocks, Language, WarningSettings};

type Shared = (Arc<WarningSettings>, Arc<dyn Blocks>);

/// Everything is the warning.
pub(crate) fn router(settings: WarningSettings, blocks: Arc<dyn Blocks>) -> Router {
    Router::new().fallback(warn).with_state((Arc::new(settings), blocks))
}

/// The request's body is not an argument: it is never read, and the connection is
/// closed after a request that has one.
async fn warn(
    State((settings, blocks)): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let language = language(&uri, &headers, settings.language);
    let host = host(&uri, &headers);
    let facts = host.as_ref().and_then(|host| blocks.blocked(host));
    let sent_something = !matches!(method, Method::GET | Method::HEAD);
    let mut response = if wants_page(&headers) {
        if let (Some(facts), true) = (facts, method != Method::HEAD) {
            blocks.count_view(facts.serial);
        }
        Page { settings: &settings, language, host: host.as_ref(), facts, sent_something }.render()
    } else {
        page::plain(language, facts.is_some())
    };
    // 403: whatever asks for a part of the blocked site must not take this for it.
    // A browser shows the page all the same. Nothing blocked under the name: 404.
    let blocked = if facts.is_some() { StatusCode::FORBIDDEN } else { StatusCode::NOT_FOUND };
    *response.status_mut() = blocked;
    secure(response.headers_mut(), language);
    if sent_something {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response.into_response()
}

/// The switch first, then the browser, then the operator's choice.
fn language(uri: &Uri, headers: &HeaderMap, otherwise: Language) -> Language {
    let switched = uri
        .query()
        .into_iter()
        .flat_map(|query| query.split('&'))
        .find_map(|pair| pair.strip_prefix("lang="))
        .and_then(Language::from_tag);
    let accepted = || {
        let accept = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
        Language::preferred(accept)
    };
    switched.or_else(accepted).unwrap_or(otherwise)
}

/// The name asked for, if it is one: the header is whatever a stranger wrote.
fn host(uri: &Uri, headers: &HeaderMap) -> Option<Domain> {
    let header = headers.get(HOST).and_then(|host| host.to_str().ok());
    let text = uri.host().or(header)?;
    let name = text.rsplit_once(':').map_or(text, |(name, _)| name);
    Domain::parse(name).ok()
}

/// Whether a person will look at the answer: a page, not an image or a call of a script.
fn wants_page(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let destination = text(HeaderName::from_static("sec-fetch-dest"));
    let navigates = destination.is_none_or(|to| matches!(to, "document" | "iframe" | "frame"));
    navigates && text(ACCEPT).is_some_and(|accept| accept.contains("text/html"))
}

fn secure(headers: &mut HeaderMap, language: Language) {
    let fixed = [
        (CONTENT_SECURITY_POLICY, page::CONTENT_SECURITY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
        (VARY, "Host, Accept, Accept-Language, Sec-Fetch-Dest"),
        (CONTENT_LANGUAGE, language.code()),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    debug_assert!(headers.contains_key(CONTENT_TYPE));
}

#[cfg(test)]
mod tests;
