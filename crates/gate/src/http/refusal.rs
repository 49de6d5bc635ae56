//! Connections that are not served: told so in HTTP where the port speaks it in clear,
//! and counted. Telling is bounded too; who comes past that is only closed.

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use super::linger::Linger;

/// Refusals that are told at the same time.
const TOLD_AT_ONCE: usize = 64;
/// How long telling one may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why a connection is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Its address holds as many as one may.
    Address,
    /// All places are taken by who keeps asking.
    All,
}

impl Refusal {
    fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::All => "all",
        }
    }

    /// The answer, whole.
    fn answer(self) -> String {
        let (status, title) = match self {
            Self::Address => ("429 Too Many Requests", "too many connections from this address"),
            Self::All => ("503 Service Unavailable", "every connection that there may be is taken"),
        };
        let number = &status[..3];
        let body = format!(
            "{{\"type\":\"urn:belfry:problem:connections\",\"title\":\"{title}\",\"status\":{number}}}"
        );
        format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/problem+json\r\nRetry-After: 5\r\n\
             Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }
}

/// What a port counts; clones share their values.
#[derive(Clone, Debug, Default)]
pub struct HttpMetrics {
    pub(super) held: Gauge,
    refused: Family<[(&'static str, &'static str); 1], Counter>,
}

impl HttpMetrics {
    /// Puts them into a registry, named after the port: `api`, `warning`.
    pub fn register(&self, registry: &mut Registry, port: &str) {
        registry.register(
            format!("http_{port}_connections"),
            "Connections that are open",
            self.held.clone(),
        );
        registry.register(
            format!("http_{port}_connections_refused"),
            "Connections refused: too many of one address, or in all",
            self.refused.clone(),
        );
    }
}

/// Tells those who are refused.
#[derive(Clone, Debug)]
pub(super) struct Refuser {
    /// Whether HTTP is spoken in clear.
    clear: bool,
    places: Arc<Semaphore>,
    metrics: HttpMetrics,
}

impl Refuser {
    pub(super) fn new(clear: bool, metrics: HttpMetrics) -> Self {
        Self { clear, places: Arc::new(Semaphore::new(TOLD_AT_ONCE)), metrics }
    }

    /// Refuses `stream`; what is to be done about it takes a while, and may be dropped.
    pub(super) fn refuse(
        &self,
        stream: TcpStream,
        why: Refusal,
    ) -> Option<impl Future<Output = ()> + Send + 'static> {
        self.metrics.refused.get_or_create(&[("why", why.name())]).inc();
        if !self.clear {
            return None;
        }
        let place = Arc::clone(&self.places).try_acquire_owned().ok()?;
        Some(async move {
            let mut stream = Linger::new(stream);
            // However it ends: they were told, or are gone.
            let _ = tokio::time::timeout(PATIENCE, async {
                stream.write_all(why.answer().as_bytes()).await?;
                stream.shutdown().await
            })
            .await;
            drop(place);
        })
    }

    #[cfg(test)]
    pub(super) fn count(&self, why: Refusal) -> u64 {
        self.metrics.refused.get_or_create(&[("why", why.name())]).get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_http_with_a_problem_in_json() {
        for why in [Refusal::Address, Refusal::All] {
            let answer = why.answer();
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            let problem: serde_json::Value = serde_json::from_str(body).unwrap();
            assert!(head.starts_with(&format!("HTTP/1.1 {} ", problem["status"])), "{head}");
            assert!(head.contains(&format!("Content-Length: {}", body.len())), "{head}");
            assert!(head.contains("Retry-After: "), "{head}");
        }
    }
}
