//! The one HTTP surface of the hub: the routes of intake, console and feed, and
//! the OpenAPI document made of them.

use axum::Router;
use axum::routing::get;
use belfry_console::{ConsoleState, Site};
use belfry_desk::Desk;
use belfry_feed::FeedState;
use belfry_feed::transfer::Transfers;
use belfry_intake::{IntakeMetrics, IntakeState};
use belfry_web::{Clock, Problem, method_not_allowed, not_found};
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;

use crate::clock::now;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Belfry",
        description = "Reports in, cases judged, blocks out. Errors are problem+json (RFC 9457); \
                       unknown fields and parameters are refused."
    ),
    components(schemas(Problem)),
    security(("token" = [])),
    modifiers(&Token)
)]
struct Document;

struct Token;

impl utoipa::Modify for Token {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

/// All routes over `desk`; streams end at `stop`.
pub(crate) fn api(
    desk: &Desk,
    metrics: IntakeMetrics,
    site: Site,
    transfers: Option<Transfers>,
    stop: &CancellationToken,
) -> Router {
    let clock = Clock(now);
    let casebook = desk.casebook().clone();
    let feed = FeedState::new(casebook.clone(), clock, stop.clone()).with_transfers(transfers);
    // The routes of the feed alone: a router that held the pages would hold itself.
    site.serve_by(belfry_feed::routes(feed.clone()).into());
    let console = ConsoleState { desk: desk.clone(), clock, site };
    let (router, document) = OpenApiRouter::with_openapi(Document::openapi())
        .merge(belfry_intake::routes(IntakeState { casebook, clock, metrics }))
        .merge(belfry_console::routes(console.clone()))
        .merge(belfry_feed::routes(feed))
        .split_for_parts();
    router
        .route("/api/v1/openapi.json", get(async move || axum::Json(document)))
        .merge(belfry_console::pages(console))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(CatchPanicLayer::new())
}
