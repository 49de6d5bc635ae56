//! Logs to standard error, metrics and health on a port of their own.
//!
//! Log lines never carry evidence, a reporter's address or a token.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use tracing_subscriber::EnvFilter;

use crate::cli::LogFormat;

/// Starts the log.
///
/// # Errors
/// The filter can't be read.
pub(crate) fn start_log(format: LogFormat, filter: &str) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter).map_err(|error| format!("--log {filter}: {error}"))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}

/// The one registry of a process, each name with the prefix `belfry_`.
pub(crate) fn registry() -> Registry {
    Registry::with_prefix("belfry")
}

/// What `/readyz` asks: each part says what keeps it from being ready, if anything.
pub(crate) trait Readiness: Send + Sync + 'static {
    /// The parts that are not ready, in words; empty when all are.
    fn waiting_for(&self) -> impl Future<Output = Vec<String>> + Send;
    /// What someone must look at although the process does its work.
    fn alarms(&self) -> Vec<String>;
}

/// `/metrics`, `/healthz` and `/readyz`.
pub(crate) fn routes<R: Readiness>(registry: Registry, readiness: Arc<R>) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .with_state(Arc::new(registry))
        .route("/healthz", get(async || "ok\n"))
        .merge(Router::new().route("/readyz", get(readyz::<R>)).with_state(readiness))
}

async fn metrics(State(registry): State<Arc<Registry>>) -> Response {
    let mut text = String::new();
    match encode(&mut text, &registry) {
        Ok(()) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(header::CONTENT_TYPE, kind)], text).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "the metrics could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn readyz<R: Readiness>(State(readiness): State<Arc<R>>) -> Response {
    let waiting = readiness.waiting_for().await;
    if waiting.is_empty() {
        // Taken out of service it would help nobody: ready, and the alarm said.
        let alarms: String =
            readiness.alarms().iter().map(|alarm| format!("alarm: {alarm}\n")).collect();
        return format!("ready\n{alarms}").into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, format!("{}\n", waiting.join("\n"))).into_response()
}
