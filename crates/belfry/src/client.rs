//! The CLI's way to the hub: its own socket where it runs, else the same API
//! over the data folder, opened for the one request.

use std::path::Path;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use belfry_intake::IntakeMetrics;
use belfry_web::LocalUser;
use rustix::process::getuid;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::net::UnixStream;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::config::Config;
use crate::hub::{HubError, api, open_desk, socket_path, user_name};

/// Octets of an answer: the largest report and then some.
const ANSWER_BYTES_MAX: usize = 64 << 20;
/// The host in requests over the socket; no name is looked up.
const HOST: &str = "http://hub.localhost";

/// Why a request had no usable answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    /// The hub's own words.
    #[error("{0}")]
    Refused(String),
    /// The hub runs and does not answer.
    #[error("the hub's socket {path} does not answer: {source}")]
    Socket { path: String, source: reqwest::Error },
    /// No hub runs, and the data folder can't be opened.
    #[error(transparent)]
    Open(#[from] HubError),
    /// An answer that is none.
    #[error("the answer can't be read: {0}")]
    Answer(String),
}

/// The hub of a data folder, running or not.
#[derive(Debug)]
pub(crate) enum Client {
    /// It runs.
    Socket { client: reqwest::Client, path: String },
    /// It does not: its API over the folder, in this process.
    Here(Router),
}

impl Client {
    /// Finds the hub of the configuration's data folder.
    pub(crate) async fn connect(config: &Config) -> Result<Self, ClientError> {
        let path = socket_path(&config.data);
        if UnixStream::connect(&path).await.is_ok() {
            return Self::over_socket(&path);
        }
        let desk = open_desk(config).await?;
        let site = config.site(config.listen.http.port()).map_err(HubError::from)?;
        let metrics = IntakeMetrics::default();
        let router = api(&desk, metrics, site, None, &CancellationToken::new());
        let user = LocalUser(user_name(getuid().as_raw()));
        Ok(Self::Here(router.layer(axum::Extension(user))))
    }

    fn over_socket(path: &Path) -> Result<Self, ClientError> {
        let shown = path.display().to_string();
        let client = reqwest::Client::builder()
            .unix_socket(path)
            .build()
            .map_err(|source| ClientError::Socket { path: shown.clone(), source })?;
        Ok(Self::Socket { client, path: shown })
    }

    /// `GET path`, as JSON.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        json(&self.call(Method::GET, path, None).await?)
    }

    /// `POST path` with a JSON body, its answer as JSON.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &Value,
    ) -> Result<T, ClientError> {
        json(&self.call(Method::POST, path, Some(body)).await?)
    }

    /// One request; an error answer becomes [`ClientError::Refused`].
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Vec<u8>, ClientError> {
        let (status, bytes) = match self {
            Client::Socket { client, path: socket } => {
                let failed = |source| ClientError::Socket { path: socket.clone(), source };
                let mut request = client.request(method, format!("{HOST}{path}"));
                if let Some(body) = body {
                    request = request.json(body);
                }
                let answer = request.send().await.map_err(failed)?;
                (answer.status(), answer.bytes().await.map_err(failed)?.to_vec())
            }
            Client::Here(router) => in_process(router.clone(), method, path, body).await?,
        };
        if status.is_success() { Ok(bytes) } else { Err(refused(status, &bytes)) }
    }
}

async fn in_process(
    router: Router,
    method: Method,
    path: &str,
    body: Option<&Value>,
) -> Result<(StatusCode, Vec<u8>), ClientError> {
    let request = Request::builder().method(method).uri(path);
    let request = match body {
        None => request.body(Body::empty()),
        Some(body) => request
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string())),
    };
    let request = request.map_err(|error| ClientError::Answer(error.to_string()))?;
    let answer = match router.oneshot(request).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    };
    let status = answer.status();
    let bytes = to_bytes(answer.into_body(), ANSWER_BYTES_MAX).await;
    let bytes = bytes.map_err(|error| ClientError::Answer(error.to_string()))?;
    Ok((status, bytes.to_vec()))
}

fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ClientError> {
    serde_json::from_slice(bytes).map_err(|error| ClientError::Answer(error.to_string()))
}

/// The problem document in one line.
fn refused(status: StatusCode, bytes: &[u8]) -> ClientError {
    let Ok(problem) = serde_json::from_slice::<Value>(bytes) else {
        return ClientError::Refused(format!("the hub answered {status}"));
    };
    let text = |key: &str| problem[key].as_str().map(ToOwned::to_owned);
    let mut line = text("title").unwrap_or_else(|| status.to_string());
    if let Some(detail) = text("detail") {
        line = format!("{line}: {detail}");
    }
    if let Some(rule) = text("rule") {
        line = format!("{line} [rule {rule}]");
    }
    ClientError::Refused(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_becomes_one_line() {
        let document = br#"{"title":"the guard refuses this block","detail":"be is a suffix",
                            "rule":"public-suffix"}"#;
        let line = refused(StatusCode::UNPROCESSABLE_ENTITY, document).to_string();
        let expected = "the guard refuses this block: be is a suffix [rule public-suffix]";
        assert_eq!(line, expected);
        let line = refused(StatusCode::BAD_GATEWAY, b"<html>").to_string();
        assert_eq!(line, "the hub answered 502 Bad Gateway");
    }
}
