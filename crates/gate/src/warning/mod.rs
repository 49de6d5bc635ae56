//! The page that stands where a blocked website was: what was blocked, why,
//! since when, by whom, and what to do now, in four languages.
//!
//! It answers any host, path and method, always with an error status: what the
//! blocked site's own scripts, images and API calls would have got must not be
//! taken for content. It never reads a body, sets no cookie, needs no script,
//! and keeps nothing of a visit but a count for the order.
//!
//! `request` reads what is asked, `language` chooses the words of `texts`,
//! `page` writes the HTML.

mod language;
mod page;
mod request;
mod settings;
#[cfg(test)]
mod tests;
mod texts;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use belfry_indicator::Domain;
use belfry_journal::{Category, PublicReason, Serial, UnixMillis};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use crate::warning::language::Language;
pub use crate::warning::settings::WarningSettings;

use crate::http;
use crate::warning::request::Asked;

/// What the page asks of the gate.
pub trait Blocks: Send + Sync + 'static {
    /// The order that blocks `name` now, if one does.
    fn blocked(&self, name: &Domain) -> Option<WarningFacts>;
    /// The page was shown once for this order.
    fn count_view(&self, serial: Serial);
}

/// What the page says of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WarningFacts {
    /// The order's number.
    pub serial: Serial,
    /// What kind of danger.
    pub category: Category,
    /// Why, from the public list.
    pub reason: PublicReason,
    /// Since when.
    pub issued_at: UnixMillis,
    /// Until when at the latest.
    pub valid_until: UnixMillis,
}

/// Serves the page on `listener` until `stop`.
pub async fn serve(
    listener: TcpListener,
    settings: WarningSettings,
    blocks: Arc<dyn Blocks>,
    metrics: http::HttpMetrics,
    stop: CancellationToken,
) {
    let limits = settings.limits();
    http::serve(listener, router(settings, blocks), limits, metrics, stop).await;
}

#[derive(Clone)]
struct Shared {
    settings: Arc<WarningSettings>,
    blocks: Arc<dyn Blocks>,
}

fn router(settings: WarningSettings, blocks: Arc<dyn Blocks>) -> Router {
    Router::new().fallback(answer).with_state(Shared { settings: Arc::new(settings), blocks })
}

/// The body goes unread with the request; what still comes of it is thrown away as the
/// connection ends ([`crate::http`]).
async fn answer(State(shared): State<Shared>, request: Request) -> Response {
    let (head, _unread) = request.into_parts();
    let asked = Asked::read(&head, shared.settings.language);
    let facts = asked.host.as_ref().and_then(|host| shared.blocks.blocked(host));
    let mut response = match show(&shared, &asked, facts.as_ref()) {
        Some(page) => {
            // A HEAD shows nobody anything.
            if let Some(facts) = facts.filter(|_| head.method != Method::HEAD) {
                shared.blocks.count_view(facts.serial);
            }
            page
        }
        None => plain(&asked, facts.is_some()),
    };
    protect(&mut response, &asked);
    response
}

fn show(shared: &Shared, asked: &Asked, facts: Option<&WarningFacts>) -> Option<Response> {
    let html = match asked.by_person.then(|| page::html(asked, facts, &shared.settings))? {
        Ok(html) => html,
        Err(error) => {
            tracing::error!(%error, "the warning page can't be written: its one line is shown");
            return None;
        }
    };
    let kind = [(CONTENT_TYPE, "text/html; charset=utf-8")];
    Some((status(facts.is_some()), kind, html).into_response())
}

fn plain(asked: &Asked, blocked: bool) -> Response {
    let kind = [(CONTENT_TYPE, "text/plain; charset=utf-8")];
    (status(blocked), kind, page::plain(asked.language, blocked)).into_response()
}

/// Forbidden while blocked; else there is nothing here.
fn status(blocked: bool) -> StatusCode {
    if blocked { StatusCode::FORBIDDEN } else { StatusCode::NOT_FOUND }
}

fn protect(response: &mut Response, asked: &Asked) {
    const FIXED: [(HeaderName, &str); 4] = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
        (X_FRAME_OPTIONS, "DENY"),
    ];
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let policy = HeaderValue::from_str(&page::POLICY).expect("base64 and our own words");
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(asked.language.tag()));
    if asked.sends {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
}
