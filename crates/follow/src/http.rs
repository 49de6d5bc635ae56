//! `HttpSource`: the hub over HTTP, by server-sent events. One connection stays
//! open and is resumed where it broke; everything that comes over it is bounded
//! and checked, for the hub's answers are untrusted bytes too.

#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod handover;
mod stream;
mod wire;

use std::time::Duration;

use belfry_journal::{EffectiveSet, JournalId, Serial, snapshot};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Certificate, Client, ClientBuilder, Response, StatusCode, Url};
use tokio::sync::Mutex;

use self::stream::EntryStream;
use self::wire::{EffectsJson, PageJson};
use crate::{Batch, EffectsReport, Source, SourceError};

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);
/// How long the hub may be silent, within a stream or an answer.
const SILENCE: Duration = Duration::from_secs(45);
/// How long a short question may take in all.
const WHOLE_ANSWER: Duration = Duration::from_secs(30);
/// A snapshot larger than this is refused.
const LARGEST_SNAPSHOT: usize = 1 << 30;
/// A page of the journal larger than this is refused.
const LARGEST_PAGE: usize = 1 << 20;
/// Effects in one upload; more go in several, so that none keeps the hub from
/// writing an order for long.
const EFFECTS_A_POST: usize = 1_000;

/// A hub at a URL, with this follower's token.
#[derive(Debug)]
pub struct HttpSource {
    client: Client,
    base: Url,
    /// The open stream, while nobody waits on it.
    stream: Mutex<Option<EntryStream>>,
}

impl HttpSource {
    /// A hub at `base` (`http://127.0.0.1:8080`), with `token`. Proxies of the
    /// environment are not used and redirects not followed: the token goes to
    /// `base` and nowhere else.
    ///
    /// # Errors
    /// [`SourceError::Malformed`] for a base that is no URL.
    pub fn new(base: &str, token: String) -> Result<Self, SourceError> {
        Self::build(base, token, Client::builder())
    }

    /// As [`HttpSource::new`], trusting only the certificates of `roots` (PEM) to vouch for the hub.
    ///
    /// # Errors
    /// [`SourceError::Malformed`], for certificates that can't be read too.
    pub fn trusting(base: &str, token: String, roots: &[u8]) -> Result<Self, SourceError> {
        let roots = Certificate::from_pem_bundle(roots)
            .map_err(|error| SourceError::Malformed(format!("the hub's CA: {}", chain(&error))))?;
        Self::build(base, token, Client::builder().tls_certs_only(roots))
    }

    #[expect(clippy::needless_pass_by_value, reason = "the caller gives its token away")]
    fn build(base: &str, token: String, client: ClientBuilder) -> Result<Self, SourceError> {
        let malformed = |why: String| SourceError::Malformed(why);
        let base = Url::parse(base)
            .map_err(|error| malformed(format!("{base:?} is no URL of a hub: {error}")))?;
        if !matches!(base.scheme(), "http" | "https") || base.query().is_some() {
            return Err(malformed(format!("{base} is no URL of a hub: http(s)://HOST:PORT is")));
        }
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.trim()))
            .map_err(|_| malformed("the token holds characters that no token has".into()))?;
        bearer.set_sensitive(true);
        let client = client
            .default_headers(HeaderMap::from_iter([(AUTHORIZATION, bearer)]))
            .user_agent(concat!("belfry/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .build()
            .map_err(|error| malformed(format!("no HTTP client: {}", chain(&error))))?;
        Ok(Self { client, base, stream: Mutex::new(None) })
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        url
    }

    /// Opens the stream after `after`; `None` where the hub says we are ahead of it.
    async fn open(&self, after: Serial) -> Result<Option<EntryStream>, SourceError> {
        let answer = self
            .client
            .get(self.url("/api/v1/orders/stream"))
            .header(ACCEPT, "text/event-stream")
            .header(HeaderName::from_static("last-event-id"), after.0)
            .send()
            .await
            .map_err(unreachable)?;
        if answer.status() == StatusCode::CONFLICT {
            return Ok(None);
        }
        let answer = accept(answer, "text/event-stream").await?;
        Ok(Some(EntryStream::new(answer, after)))
    }

    /// Which journal the hub has and how far it is, without entries.
    async fn head(&self) -> Result<Batch, SourceError> {
        let mut url = self.url("/api/v1/orders");
        url.set_query(Some("after=0&limit=1"));
        let answer =
            self.client.get(url).timeout(WHOLE_ANSWER).send().await.map_err(unreachable)?;
        let answer = accept(answer, "application/json").await?;
        let page: PageJson = wire::json(&body(answer, LARGEST_PAGE).await?)?;
        Ok(Batch { journal: page.journal()?, head: page.head(), entries: Vec::new() })
    }
}

impl Source for HttpSource {
    async fn next(&self, after: Serial) -> Result<Batch, SourceError> {
        let mut kept = self.stream.lock().await;
        // Taken out: if this future is dropped, or the stream fails, it is closed with it.
        if let Some(mut stream) = kept.take().filter(|stream| stream.position() == after) {
            match stream.next().await {
                // Asked for anew, unless this is the answer to that.
                Err(SourceError::Gap(why)) if stream.has_begun() => {
                    tracing::warn!(why, "the stream is opened anew");
                }
                batch => return batch.inspect(|_| keep(&mut kept, stream)),
            }
        }
        let Some(mut stream) = self.open(after).await? else { return self.head().await };
        let batch = stream.next().await?;
        keep(&mut kept, stream);
        Ok(batch)
    }

    async fn snapshot(&self) -> Result<(JournalId, EffectiveSet), SourceError> {
        let url = self.url("/api/v1/journal/snapshot");
        let answer = self.client.get(url).send().await.map_err(unreachable)?;
        let answer = accept(answer, "application/octet-stream").await?;
        let bytes = body(answer, LARGEST_SNAPSHOT).await?;
        tokio::task::spawn_blocking(move || snapshot::decode(&bytes))
            .await
            .map_err(|error| SourceError::Malformed(format!("the snapshot: {error}")))?
            .map_err(|error| SourceError::Malformed(format!("the snapshot: {error}")))
    }

    async fn report(&self, report: &EffectsReport) -> Result<(), SourceError> {
        // A report without totals still says how far this follower is.
        let pieces = report.effects.len().div_ceil(EFFECTS_A_POST).max(1);
        let mut chunks = report.effects.chunks(EFFECTS_A_POST);
        for _ in 0..pieces {
            let effects = chunks.next().unwrap_or_default();
            let body = wire::to_json(&EffectsJson::new(report, effects)?)?;
            let answer = self
                .client
                .post(self.url("/api/v1/effects"))
                .header(CONTENT_TYPE, "application/json")
                .timeout(WHOLE_ANSWER)
                .body(body)
                .send()
                .await
                .map_err(unreachable)?;
            accept(answer, "application/json").await?;
        }
        Ok(())
    }
}

/// Keeps a stream open, where it can go on.
fn keep(kept: &mut Option<EntryStream>, stream: EntryStream) {
    *kept = Some(stream).filter(|stream| !stream.is_broken());
}

/// The answer, if it is a 200 of that content type.
async fn accept(answer: Response, content_type: &str) -> Result<Response, SourceError> {
    let status = answer.status();
    match status {
        StatusCode::OK | StatusCode::CREATED => {}
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            return Err(SourceError::Refused(format!(
                "{status}{}; check the token and its role (operator)",
                wire::problem_title(answer).await
            )));
        }
        _ if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            let title = wire::problem_title(answer).await;
            return Err(SourceError::Unreachable(format!("{status}{title}")));
        }
        _ => {
            let title = wire::problem_title(answer).await;
            return Err(SourceError::Malformed(format!("{status}{title}")));
        }
    }
    let given = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = given.unwrap_or("").split(';').next().unwrap_or("").trim();
    if essence.eq_ignore_ascii_case(content_type) {
        Ok(answer)
    } else {
        Err(SourceError::Malformed(format!("{essence:?} came where {content_type} is expected")))
    }
}

/// The whole body, up to `most` bytes; grows with what comes, not with what is announced.
async fn body(mut answer: Response, most: usize) -> Result<Vec<u8>, SourceError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
        if bytes.len() + chunk.len() > most {
            return Err(SourceError::Malformed(format!("an answer is larger than {most} bytes")));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn unreachable(error: reqwest::Error) -> SourceError {
    SourceError::Unreachable(chain(&error.without_url()))
}

/// An error with its causes: the outermost of an HTTP client says little.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests;
